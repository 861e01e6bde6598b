import ApusISA
import ApusMachine

/// A draft with waits and posts, as an argument block of ``StreamKernel``.
///
/// A command waits for those before it whose bytes it shares, so that every legal interleaving
/// leaves the same memory; which bytes those are is asked of a machine that carries the draft out
/// one command after the other.
package struct ProgramSchedule {
    /// One command, or store of the processor, before another that shares its bytes.
    package struct Hazard: Hashable, Sendable {
        package enum Kind: String, Sendable, CaseIterable {
            case readAfterWrite, writeAfterRead, writeAfterWrite
        }

        package var kind: Kind
        /// Queue of the first and of the second; nil for the control processor.
        package var first, second: Engine?
    }

    /// What is known of a step that went before.
    private struct Done {
        var engine: Engine?
        /// The count its queue's semaphore has when it is complete.
        var value: UInt16
        var reads: [ByteSpan]
        var writes: [ByteSpan]
    }

    private(set) package var stream = Stream(storesMax: ProgramSchedule.storesMax)
    private(set) package var hazards: Set<Hazard> = []
    /// The commands that were not refused when the draft was carried out in order.
    private(set) var carriedOut: [(word: CommandWord, engine: Engine, descriptor: [UInt32])] = []
    /// The steps whose commands were.
    private(set) var trappingSteps: [Int] = []
    /// The most commands of one queue that follow one another.
    private(set) var longestRun = 0

    static let storesMax = 900
    private let draft: ProgramDraft
    private let machine: Machine
    private let memory: GlobalMemory
    /// Where the descriptors of the draft's steps lie in argument memory.
    private var descriptorOffsets: [UInt32] = []
    private var done: [Done] = []
    /// The value that each queue's semaphore will have when all that is enqueued is done.
    private var values: [UInt16]
    private var generator: SeededGenerator
    private var chainValue: UInt16
    private var lastEngine: Engine?
    private var run = 0

    private static let chain: UInt8 = 5
    private static let never: UInt8 = 20
    private static func semaphore(_ engine: Engine) -> UInt8 { engine.rawValue + 1 }

    /// Schedules the draft. `machine` and `memory` are in the state in which the program begins;
    /// they are left in that in which it ends when nothing traps.
    package init(_ draft: ProgramDraft, on machine: Machine, _ memory: GlobalMemory) {
        self.draft = draft
        self.machine = machine
        self.memory = memory
        values = [UInt16](repeating: draft.firstValue, count: Engine.allCases.count)
        chainValue = draft.firstValue
        generator = SeededGenerator(seed: draft.seed)
        if draft.firstValue != 0 {
            for engine in Engine.allCases { post(ProgramSchedule.semaphore(engine)) }
            post(ProgramSchedule.chain)
        }
        // All of them before any command is looked at: one with a spoilt offset reads another's.
        for step in draft.steps { descriptorOffsets.append(appendDescriptor(of: step)) }
        for index in draft.steps.indices { add(index) }
    }

    private mutating func appendDescriptor(of step: ProgramDraft.Step) -> UInt32 {
        guard case .command(_, _, let descriptor) = step, !descriptor.isEmpty else { return 0 }
        return stream.append(descriptor)
    }

    private mutating func post(_ semaphore: UInt8) {
        stream.store(
            UInt32(semaphore) << 16 | UInt32(draft.firstValue), to: AddressMap.Register.post)
    }

    private mutating func add(_ index: Int) {
        switch draft.steps[index] {
        case .command(let word, let engine, let descriptor):
            let offset = descriptorOffsets[index]
            if add(word, engine, descriptor, at: offset) == true { trappingSteps.append(index) }
        case .store(let value, let address): store(value, at: address)
        case .console(let character):
            stream.store(UInt32(character), to: AddressMap.Register.console)
        case .fault: stream.store(0, to: AddressMap.Register.semaphores)
        case .neverReady(let engine):
            let sync = SyncFields(
                waitA: ProgramSchedule.never, waitAValue: 1, waitB: 0, waitBValue: 0, post: 0,
                postCount: 0)
            stream.enqueue(.nop, sync: sync, on: engine)
        }
    }

    /// Bytes of the scratchpad that commands read.
    var scratchpadReads: [Range<Int>] {
        done.flatMap(\.reads).filter {
            !$0.isGlobal && $0.bytes.upperBound <= RandomCommand.scratchpadBytes
        }.map(\.bytes)
    }

    // Commands -----------------------------------------------------------------------------------

    /// Whether the command traps; nil if it is left out.
    private mutating func add(
        _ given: CommandWord, _ engine: Engine, _ descriptor: [UInt32], at offset: UInt32
    ) -> Bool? {
        var word = given
        if !descriptor.isEmpty, let place = ProgramDraft.descriptorWord(word.opcode) {
            // Keeps what a spoilt offset differs by.
            word[place] = word[place] &+ offset &- RandomCommand.offset
            // The stores, which would be the descriptor, are not all known yet.
            if Int(word[place]) < stream.storeBytes { return nil }
        }
        let block = stream.arguments
        let footprint = block.withUnsafeBytes {
            machine.footprint(of: word, core: 0, arguments: $0)
        }
        let reads = ByteSpan.spans(footprint.accesses.filter { !$0.isWrite })
        let writes = ByteSpan.spans(footprint.accesses.filter(\.isWrite))
        // A transfer from the scratchpad to where it lies has no order of elements.
        let window = footprint.accesses.contains(where: \.isWindow)
        if window && ByteSpan.meet(reads, writes) { return nil }
        let needed = dependencies(of: engine, reads: reads, writes: writes)
        let isRefused = perform(ProgramDraft.synchronised(word, .none), engine) != nil

        let amount = UInt8.random(in: 1...3, using: &generator)
        let queue = Int(engine.rawValue)
        var waits = needed.map { (ProgramSchedule.semaphore($0.engine), $0.value) }
        var post = (ProgramSchedule.semaphore(engine), amount)
        if draft.order == .chain {
            waits = done.isEmpty ? [] : [(ProgramSchedule.chain, chainValue)]
            post = (ProgramSchedule.chain, amount)
            chainValue &+= UInt16(amount)
        } else {
            values[queue] &+= UInt16(amount)
        }
        // Two waits go into the word, the others into a nop before it.
        while waits.count > 2 {
            let two = Array(waits.suffix(2))
            waits.removeLast(2)
            stream.enqueue(.nop, sync: ProgramSchedule.sync(two, (0, 0)), on: engine)
        }
        let complete = ProgramDraft.synchronised(word, ProgramSchedule.sync(waits, post))
        stream.enqueue(complete, on: engine)
        done.append(Done(engine: engine, value: values[queue], reads: reads, writes: writes))
        if !isRefused { carriedOut.append((word, engine, descriptor)) }
        run = lastEngine == engine ? run + 1 : 1
        longestRun = max(longestRun, run)
        lastEngine = engine
        return isRefused
    }

    private static func sync(_ waits: [(UInt8, UInt16)], _ post: (UInt8, UInt8)) -> SyncFields {
        let a = waits.first ?? (0, 0)
        let b = waits.count > 1 ? waits[1] : (0, 0)
        return SyncFields(
            waitA: a.0, waitAValue: a.1, waitB: b.0, waitBValue: b.1, post: post.0,
            postCount: post.1)
    }

    /// The queues, other than the command's own, that must have come so far, in random order.
    private mutating func dependencies(
        of engine: Engine?, reads: [ByteSpan], writes: [ByteSpan]
    ) -> [(engine: Engine, value: UInt16)] {
        var latest: [Engine: UInt16] = [:]
        for earlier in done {
            var kinds: [Hazard.Kind] = []
            if ByteSpan.meet(earlier.writes, reads) { kinds.append(.readAfterWrite) }
            if ByteSpan.meet(earlier.reads, writes) { kinds.append(.writeAfterRead) }
            if ByteSpan.meet(earlier.writes, writes) { kinds.append(.writeAfterWrite) }
            for kind in kinds {
                hazards.insert(Hazard(kind: kind, first: earlier.engine, second: engine))
            }
            if !kinds.isEmpty, let first = earlier.engine, first != engine {
                latest[first] = earlier.value
            }
        }
        let found = Engine.allCases.compactMap { engine in latest[engine].map { (engine, $0) } }
        return found.shuffled(using: &generator)
    }

    /// Carries a command out on the machine; why it was refused, if it was.
    private func perform(_ word: CommandWord, _ engine: Engine) -> TrapCause? {
        var single = Stream(storesMax: ProgramSchedule.storesMax)
        single.copyDescriptors(of: stream)
        single.enqueue(word, on: engine)
        do throws(MachineError) {
            try machine.launch(StreamKernel.self, single, memory)
            return nil
        } catch {
            guard case .commandTrap(_, _, let cause, _) = error else {
                preconditionFailure("a single command ends or traps, not: \(error)")
            }
            return cause
        }
    }

    // The control processor ----------------------------------------------------------------------

    private mutating func store(_ value: UInt32, at address: UInt32) {
        let span = ByteSpan(isGlobal: false, bytes: Int(address)..<Int(address) + 4)
        for needed in dependencies(of: nil, reads: [], writes: [span]) {
            let (semaphore, count) =
                draft.order == .chain
                ? (ProgramSchedule.chain, chainValue)
                : (ProgramSchedule.semaphore(needed.engine), needed.value)
            stream.store(UInt32(semaphore) << 16 | UInt32(count), to: AddressMap.Register.wait)
        }
        // The kernel adds the registers' base to what it is given.
        stream.store(
            value, to: AddressMap.scratchpadBase &+ address &- AddressMap.registerBase)
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        machine.setLocalBytes(core: 0, address: address, bytes)
        done.append(Done(engine: nil, value: 0, reads: [], writes: [span]))
    }
}

/// Bytes from the first to the last that an access touches; those between count too.
struct ByteSpan: Hashable {
    var isGlobal: Bool
    var bytes: Range<Int>

    /// Spans of accesses; a window onto the core's scratchpad counts as the scratchpad.
    static func spans(_ accesses: [CommandFootprint.Access]) -> [ByteSpan] {
        accesses.map { access in
            // Without bounds it is a command that is refused, which may wait for everything.
            let bytes = access.box.byteBounds ?? 0..<Int.max
            if access.isWindow {
                let window = CommandFootprint.Access.window
                return ByteSpan(
                    isGlobal: false,
                    bytes: bytes.lowerBound - window..<bytes.upperBound - window)
            }
            return ByteSpan(isGlobal: access.space == .global, bytes: bytes)
        }
    }

    static func meet(_ first: [ByteSpan], _ second: [ByteSpan]) -> Bool {
        first.contains { a in
            second.contains { a.isGlobal == $0.isGlobal && a.bytes.overlaps($0.bytes) }
        }
    }
}

extension CommandFootprint.Access {
    /// The global address of core 0's scratchpad.
    static let window = 1 << 40

    /// Whether it reaches the core's own scratchpad by its global address.
    var isWindow: Bool { space == .global && box.base >> 1 >= CommandFootprint.Access.window }
}

extension Machine {
    /// Runs a stream on all cores.
    package func launch(
        _ kernel: StreamKernel.Type, _ stream: Stream, _ memory: GlobalMemory
    ) throws(MachineError) {
        try load(kernel.image)
        let entry = try entry(of: "stream")
        let arguments = stream.arguments
        try arguments.withUnsafeBufferPointer { bytes throws(MachineError) in
            try launch(entry: entry, arguments: UnsafeRawBufferPointer(bytes), memory: memory)
        }
    }
}
