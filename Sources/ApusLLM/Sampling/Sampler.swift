import ApusISA
import ApusKernels
import ApusMachine
import ApusNumerics

/// Chooses tokens on the chip: makes the launches that follow a step's logits.
///
/// Choices without chance, and those with, have tables of their own, so that a batch may hold both.
struct Sampler {
    private let memory: CoreMemory
    private let greedy, chance: SamplingTables
    private let seen: RowBuffer
    private let seenPlaces: RowBuffer
    private var known: [Key: [Launch]] = [:]
    private var uniforms: [Int: (launch: Launch, commands: [Int])] = [:]

    private enum Kind: Hashable { case scores, penalised, greedy, weights, topK, topP, draw, seen }

    private struct Key: Hashable {
        var kind: Kind
        var isGreedy: Bool
        var count: Int
    }

    /// - Parameter rowsMax: rows of a step, whose tokens become seen ones.
    init(
        vocabulary: Int, logits: RowBuffer, choicesMax: Int, sequencesMax: Int, rowsMax: Int,
        memory: CoreMemory, in arena: inout ArenaLayout
    ) {
        self.memory = memory
        seen = arena.rows(sequencesMax, vocabulary, .uint8)
        seenPlaces = arena.rows(rowsMax, 1, .int32)
        greedy = SamplingTables(
            vocabulary: vocabulary, logits: logits, seen: seen, choicesMax: choicesMax, in: &arena)
        chance = SamplingTables(
            vocabulary: vocabulary, logits: logits, seen: seen, choicesMax: choicesMax, in: &arena)
    }

    /// Forgets which tokens a sequence has had, but for `tokens`.
    func forget(sequence: Int, noting tokens: ArraySlice<Int>, in memory: GlobalMemory) {
        let start = seen.offset + sequence * seen.rowBytes
        for index in start..<start + seen.rowBytes { memory.bytes[index] = 0 }
        for token in tokens { memory.bytes[start + token] = 1 }
    }

    /// The launch that notes tokens as seen.
    ///
    /// - Parameter tokens: a token of each row and its sequence's row; nil for none.
    mutating func note(
        _ tokens: [(sequence: Int, token: Int)?], in global: GlobalMemory
    ) throws(LanguageModelError) -> [Launch] {
        if tokens.allSatisfy({ $0 == nil }) { return [] }
        let count = StepLaunches.size(tokens.count, atMost: seenPlaces.rows)
        let places = tokens.map { $0.map { Int32($0.sequence * seen.columns + $0.token) } ?? -1 }
        global.write(
            places + Array(repeating: -1, count: count - places.count), at: seenPlaces.offset)
        return try launches(.seen, greedy, true, count)
    }

    /// Writes the choices' parameters, and gives the launches that make them.
    mutating func launches(
        for choices: [TokenChoice], in global: GlobalMemory
    ) throws(LanguageModelError) -> [Launch] {
        let certain = choices.filter { $0.parameters.isGreedy }
        let others = choices.filter { !$0.parameters.isGreedy }
        var list: [Launch] = []
        if !certain.isEmpty {
            let count = write(certain, greedy, global)
            list += try scores(certain, greedy, true, count)
            list += try launches(.greedy, greedy, true, count)
        }
        if !others.isEmpty {
            let count = write(others, chance, global)
            list += try scores(others, chance, false, count)
            list += try launches(.weights, chance, false, count)
            if others.contains(where: { $0.parameters.topK > 0 }) {
                list += try launches(.topK, chance, false, count)
            }
            if others.contains(where: { $0.parameters.topP < 1 }) {
                list += try launches(.topP, chance, false, count)
            }
            list.append(try uniform(others, count))
            list += try launches(.draw, chance, false, count)
        }
        return list
    }

    /// The launches that choose the most likely token of `count` rows.
    mutating func greedyLaunches(count: Int) throws(LanguageModelError) -> [Launch] {
        let size = StepLaunches.size(count, atMost: greedy.rows.rows)
        return try launches(.scores, greedy, true, size)
            + launches(.greedy, greedy, true, size)
    }

    /// The chosen tokens, in the order of the choices.
    func tokens(of choices: [TokenChoice], in global: GlobalMemory) -> [Int] {
        var (certain, others) = (0, 0)
        return choices.map { choice in
            let isGreedy = choice.parameters.isGreedy
            let place = isGreedy ? certain : others
            if isGreedy { certain += 1 } else { others += 1 }
            let offset = (isGreedy ? greedy : chance).tokens.offset + 4 * place
            return Int(
                Int32(
                    littleEndian: global.bytes.loadUnaligned(
                        fromByteOffset: offset, as: Int32.self)))
        }
    }

    private mutating func scores(
        _ choices: [TokenChoice], _ tables: SamplingTables, _ isGreedy: Bool, _ count: Int
    ) throws(LanguageModelError) -> [Launch] {
        let penalises = choices.contains { $0.parameters.repetitionPenalty != 1 }
        return try launches(penalises ? .penalised : .scores, tables, isGreedy, count)
    }

    private mutating func launches(
        _ kind: Kind, _ tables: SamplingTables, _ isGreedy: Bool, _ count: Int
    ) throws(LanguageModelError) -> [Launch] {
        let key = Key(kind: kind, isGreedy: isGreedy, count: count)
        if let launches = known[key] { return launches }
        let program =
            switch kind {
            case .scores, .penalised:
                try ScoreLaunch(tables: tables, penalises: kind == .penalised)
                    .program(choices: count, in: memory)
            case .greedy: try GreedyLaunch(tables: tables).program(choices: count, in: memory)
            case .weights: try WeightLaunch(tables: tables).program(choices: count, in: memory)
            case .topK:
                try FilterLaunch(tables: tables, rule: .topK).program(choices: count, in: memory)
            case .topP:
                try FilterLaunch(tables: tables, rule: .topP).program(choices: count, in: memory)
            case .draw: try DrawLaunch(tables: tables).program(choices: count, in: memory)
            case .seen:
                try SeenLaunch(seen: seen, places: seenPlaces).program(rows: count, in: memory)
            }
        let launches = [Launch(program, label: "\(kind)")]
        known[key] = launches
        return launches
    }

    /// The launch of uniform numbers, with the choices' keys in its commands.
    private mutating func uniform(
        _ choices: [TokenChoice], _ count: Int
    ) throws(LanguageModelError) -> Launch {
        if uniforms[count] == nil {
            let encoded = try UniformLaunch(tables: chance)
                .program(choices: count, in: memory).encode()
            uniforms[count] = (Launch(encoded, label: "uniform numbers"), encoded.commands)
        }
        guard let (made, commands) = uniforms[count] else {
            preconditionFailure("the launch was made")
        }
        var launch = made
        launch.arguments.withUnsafeMutableBytes { bytes in
            for (choice, command) in zip(choices, commands) {
                let key = choice.parameters.key(token: choice.position)
                // Immediates b and c are words 4 and 5 of a Vector command.
                for (word, half) in [(4, key.0), (5, key.1)] {
                    bytes.storeBytes(
                        of: half.littleEndian, toByteOffset: command + 4 * word, as: UInt32.self)
                }
            }
        }
        return launch
    }

    /// Writes parameters; the size of the launches.
    private func write(
        _ choices: [TokenChoice], _ tables: SamplingTables, _ global: GlobalMemory
    ) -> Int {
        let count = StepLaunches.size(choices.count, atMost: tables.rows.rows)
        func integers(_ list: RowBuffer, unused: Int32, _ value: (TokenChoice) -> Int32) {
            let values = choices.map(value)
            global.write(
                values + Array(repeating: unused, count: count - values.count), at: list.offset)
        }
        func floats(_ list: RowBuffer, unused: Float, _ value: (SamplingParameters) -> Float) {
            integers(list, unused: Int32(bitPattern: unused.bitPattern)) {
                Int32(bitPattern: value($0.parameters).bitPattern)
            }
        }
        integers(tables.rows, unused: -1) { Int32($0.row) }
        integers(tables.seenRows, unused: -1) { Int32($0.sequence) }
        // Nothing satisfies a top-p above 1, so all weights stay.
        integers(tables.topK, unused: 1) {
            let limit = tables.vocabulary
            return Int32($0.parameters.topK > 0 ? min($0.parameters.topK, limit) : limit)
        }
        floats(tables.topP, unused: 2) { $0.topP < 1 ? $0.topP : 2 }
        floats(tables.temperature, unused: 1) { $0.isGreedy ? 1 : $0.temperature }
        floats(tables.penalty, unused: 1) { $0.repetitionPenalty }
        floats(tables.minP, unused: 0) { $0.minP }
        return count
    }
}
