/// Serves many requests at once: they join and leave a running batch, one step after the other.
///
///     let id = try engine.submit(request)
///     while !engine.isIdle { for event in try engine.step() { … } }
///
/// Each step computes one token of every running sequence, and with the rows that are left the
/// prompts of those that have just joined, in chunks. A request's tokens do not depend on what else
/// is in the batch. Pages for all of a request's tokens are set aside when it joins, so nothing
/// that runs ever has to stop.
///
/// It is a class because the batch has an identity. Use it from one thread at a time.
public final class Engine {
    private let model: LanguageModel
    private var pool: PagePool
    private var waiting: [Sequence] = []
    private var running: [Sequence] = []
    private var freeSlots: [Int]
    /// Pages set aside for running sequences and not taken yet.
    private var promised = 0
    private var nextNumber = 0
    /// Row of the logits of each request that got a token in the last step.
    private var lastRows: [RequestID: Int] = [:]
    /// Whether pages of earlier sequences are taken over.
    public var sharesPrefixes = true
    /// Tokens of prompts that were taken over and not computed.
    public private(set) var sharedTokens = 0
    /// The most rows of prompts in a step; for tests of chunking.
    public var promptRowsMax: Int

    /// A request and how far it is.
    private struct Sequence {
        var id: RequestID
        var request: GenerationRequest
        /// The prompt, then what was chosen.
        var tokens: [Int]
        /// Tokens whose keys and values are in the cache.
        var computed = 0
        var pages: [Int32] = []
        var slot = 0
        /// Pages that are set aside for it.
        var promised = 0

        var pagesMax: Int {
            (request.prompt.count + request.maxTokens - 1) / CacheRegion.pageTokens + 1
        }
        /// Whether only its last token is to be computed.
        var isDecoding: Bool { computed == tokens.count - 1 && tokens.count > request.prompt.count }
    }

    public init(_ model: LanguageModel) {
        self.model = model
        pool = PagePool(count: model.pageCount)
        freeSlots = (0..<model.limits.sequencesMax).reversed()
        promptRowsMax = model.limits.rowsMax
    }

    /// Whether there is nothing to do.
    public var isIdle: Bool { waiting.isEmpty && running.isEmpty }
    /// Requests that wait to join.
    public var waitingCount: Int { waiting.count }
    /// Requests in the batch.
    public var runningCount: Int { running.count }

    /// Puts a request into the queue.
    ///
    /// - Throws: ``LanguageModelError`` if it can never be served; what runs is left alone.
    public func submit(_ request: GenerationRequest) throws(LanguageModelError) -> RequestID {
        var request = request
        let limit = model.limits.contextMax
        guard !request.prompt.isEmpty else { throw .emptyPrompt }
        guard request.prompt.count < limit else {
            throw .contextTooLong(tokens: request.prompt.count, limit: limit)
        }
        let vocabulary = model.configuration.vocabularySize
        for token in request.prompt where !(0..<vocabulary).contains(token) {
            throw .unknownToken(token, vocabulary: vocabulary)
        }
        if let fault = request.sampling.fault { throw .parameter(fault.name, range: fault.range) }
        guard request.maxTokens > 0 else {
            throw .parameter("maximum of tokens", range: "1 or more")
        }
        request.maxTokens = min(request.maxTokens, limit - request.prompt.count)
        let sequence = Sequence(
            id: RequestID(number: nextNumber), request: request, tokens: request.prompt)
        guard sequence.pagesMax <= model.pageCount else {
            throw .doesNotFit(.pages, needed: sequence.pagesMax, available: model.pageCount)
        }
        nextNumber += 1
        waiting.append(sequence)
        return sequence.id
    }

    /// The logits from which the request's token of the last step was chosen; none if it got none.
    public func logits(of id: RequestID) -> [Float] {
        lastRows[id].map { model.logits($0) } ?? []
    }

    /// Takes a request out; nothing happens if it has ended.
    public func cancel(_ id: RequestID) {
        waiting.removeAll { $0.id == id }
        if let index = running.firstIndex(where: { $0.id == id }) { leave(index) }
    }

    /// Computes a step.
    ///
    /// - Throws: what the device throws; then all requests are lost.
    public func step() throws(LanguageModelError) -> [EngineEvent] {
        admit()
        guard !running.isEmpty else { return [] }
        var input = StepInput(rows: [], runs: [], selected: [])
        var counts = [Int](repeating: 0, count: running.count)
        var choosers: [Int] = []
        // Sequences in the midst of their answer first: their readers wait.
        for index in running.indices where running[index].isDecoding {
            counts[index] = add(index, rows: 1, to: &input, &choosers)
        }
        var promptRows = min(promptRowsMax, model.limits.rowsMax - input.rows.count)
        for index in running.indices where !running[index].isDecoding && promptRows > 0 {
            counts[index] = add(index, rows: promptRows, to: &input, &choosers)
            promptRows -= counts[index]
        }
        let chosen = try model.run(input)
        lastRows = [:]
        for (row, index) in choosers.enumerated() { lastRows[running[index].id] = row }
        for index in running.indices { advance(index, by: counts[index]) }
        return finish(choosers, chosen)
    }

    /// Adds the next rows of a sequence, at most `limit`; how many.
    private func add(
        _ index: Int, rows limit: Int, to input: inout StepInput, _ choosers: inout [Int]
    ) -> Int {
        let first = running[index].computed
        let count = min(limit, running[index].tokens.count - first)
        takePages(index, tokens: first + count)
        let sequence = running[index]
        let penalises = sequence.request.sampling.repetitionPenalty != 1
        let start = input.rows.count
        for position in first..<first + count {
            let page = Int(sequence.pages[position / CacheRegion.pageTokens])
            let token = sequence.tokens[position]
            input.rows.append(
                StepInput.Row(
                    token: token, position: position,
                    place: page * CacheRegion.pageTokens + position % CacheRegion.pageTokens))
            input.seen.append(penalises ? (sequence.slot, token) : nil)
        }
        input.runs.append(
            StepInput.Run(rows: start..<start + count, pages: sequence.pages))
        if first + count == sequence.tokens.count {
            input.choices.append(
                TokenChoice(
                    row: input.selected.count, parameters: sequence.request.sampling,
                    position: sequence.tokens.count, sequence: sequence.slot))
            input.selected.append(start + count - 1)
            choosers.append(index)
        }
        return count
    }

    /// Takes pages until the sequence has room for `tokens`.
    private func takePages(_ index: Int, tokens: Int) {
        while running[index].pages.count * CacheRegion.pageTokens < tokens {
            guard let page = pool.take() else {
                preconditionFailure("a running sequence's pages are set aside")
            }
            running[index].pages.append(page)
            running[index].promised -= 1
            promised -= 1
        }
    }

    /// Notes rows as computed, and pages as full.
    private func advance(_ index: Int, by count: Int) {
        let before = running[index].computed / CacheRegion.pageTokens
        running[index].computed += count
        for page in before..<running[index].computed / CacheRegion.pageTokens {
            pool.know(running[index].pages, page, tokens: running[index].tokens)
        }
    }

    /// Adds what was chosen, and ends what is complete.
    private func finish(_ choosers: [Int], _ chosen: [Int]) -> [EngineEvent] {
        var events: [EngineEvent] = []
        var ended: [Int] = []
        for (index, token) in zip(choosers, chosen) {
            let id = running[index].id
            let request = running[index].request
            if request.stopTokens.contains(token) {
                events.append(.finished(id, .stop))
                ended.append(index)
                continue
            }
            running[index].tokens.append(token)
            events.append(.token(id, token))
            if running[index].tokens.count == request.prompt.count + request.maxTokens {
                events.append(.finished(id, .length))
                ended.append(index)
            }
        }
        for index in ended.sorted(by: >) { leave(index) }
        return events
    }

    /// Lets waiting requests join, in order, while there are rows, pages and slots.
    private func admit() {
        while let next = waiting.first, let slot = freeSlots.last,
            running.count < model.limits.selectedMax
        {
            var sequence = next
            // The last token is always computed: its logits are wanted.
            let known =
                sharesPrefixes
                ? pool.takeKnown(
                    sequence.tokens,
                    atMost: (sequence.tokens.count - 1) / CacheRegion.pageTokens) : []
            let needed = sequence.pagesMax - known.count
            guard needed <= pool.available - promised else {
                for page in known { pool.release(page) }
                return
            }
            freeSlots.removeLast()
            waiting.removeFirst()
            sequence.pages = known
            sequence.computed = known.count * CacheRegion.pageTokens
            sharedTokens += sequence.computed
            sequence.slot = slot
            sequence.promised = needed
            promised += needed
            if sequence.request.sampling.repetitionPenalty != 1 {
                model.forget(sequence: slot, noting: sequence.tokens[..<sequence.computed])
            }
            running.append(sequence)
        }
    }

    /// Takes a sequence out of the batch.
    private func leave(_ index: Int) {
        let sequence = running.remove(at: index)
        for page in sequence.pages { pool.release(page) }
        promised -= sequence.promised
        freeSlots.append(sequence.slot)
    }
}
