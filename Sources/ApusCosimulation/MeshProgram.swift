import ApusISA
import ApusMachine
import ApusNumerics

/// A random program of several cores that move data to and from one another.
///
/// It has phases. In each, every core moves pieces that it knows of, from global memory or any
/// scratchpad to its own, or from its own to global memory or any scratchpad; nothing is written
/// twice. Phases end with the barrier, after which everybody knows all pieces, or with posts around
/// the ring of cores, after which each knows what the one before it knew and wrote.
package struct MeshProgram {
    package private(set) var stream = Stream(storesMax: 600)
    private var generator: SeededGenerator
    private let coreCount: Int

    /// Bytes that were written, or that were there from the start.
    private struct Piece: Hashable {
        /// Nil in global memory.
        var core: Int?
        /// From the memory's first byte.
        var offset: Int
        var bytes: Int
    }

    /// What a core knows, and how far its semaphores have come.
    private struct CoreState {
        var known: Set<Int> = []
        var written: Set<Int> = []
        var loads: UInt16 = 0
        var stores: UInt16 = 0
        /// The first command of the next phase waits for the ring, and not the processor.
        var waitsInCommand = false
    }

    private var pieces: [Piece] = []
    private var cores: [CoreState]
    private var ringPosts: UInt16 = 0

    private static let loadSemaphore: UInt8 = 1
    private static let storeSemaphore: UInt8 = 2
    private static let ringSemaphore: UInt8 = 3
    /// Of a scratchpad, each phase has so many bytes, the lower half for the core's own Loads.
    private static let slotBytes = 8192
    private static let initialBytes = 8192

    package init(seed: UInt64, coreCount: Int) {
        generator = SeededGenerator(seed: seed)
        self.coreCount = coreCount
        cores = [CoreState](repeating: CoreState(), count: coreCount)
        for core in 0..<coreCount {
            pieces.append(Piece(core: core, offset: 0, bytes: MeshProgram.initialBytes))
        }
        pieces.append(Piece(core: nil, offset: 0, bytes: MeshProgram.initialBytes))
        for core in 0..<coreCount { cores[core].known = Set(pieces.indices) }
        let phases = Int.random(in: 1...3, using: &generator)
        for phase in 1...phases {
            for core in 0..<coreCount { move(phase, core) }
            endPhase()
        }
    }

    // MARK: A phase

    private mutating func move(_ phase: Int, _ core: Int) {
        // Where the next piece goes: the core's own part, others' parts for it, global memory.
        var own = phase * MeshProgram.slotBytes
        let share = MeshProgram.slotBytes / 2 / coreCount
        var inboxes = (0..<coreCount).map { _ in
            phase * MeshProgram.slotBytes + MeshProgram.slotBytes / 2 + core * share
        }
        var output =
            MeshProgram.initialBytes + ((phase - 1) * coreCount + core) * MeshProgram.slotBytes / 4
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let count = Int.random(in: 1...24, using: &generator)
            let (from, to) = formats()
            if generator.happens(oneIn: 2) {
                guard let source = source(of: count * from.bitWidth / 8, knownBy: core) else {
                    continue
                }
                let piece = take(&own, core, count * to.bitWidth / 8)
                load(source, piece, count, from, to, by: core)
            } else {
                let mine = source(of: count * from.bitWidth / 8, knownBy: core, on: core)
                guard let source = mine else { continue }
                let bytes = count * to.bitWidth / 8
                let target = Int.random(in: 0...coreCount, using: &generator)
                let piece =
                    target == coreCount
                    ? take(&output, nil, bytes) : take(&inboxes[target], target, bytes)
                store(source, piece, count, from, to, by: core)
            }
        }
    }

    private mutating func formats() -> (from: ElementFormat, to: ElementFormat) {
        if generator.happens(oneIn: 6) { return (.bits64, .bits64) }
        let formats: [ElementFormat] = [
            .fp32, .bf16, .fp16, .e4m3, .e5m2, .int32, .int16, .int8, .uint8,
        ]
        return (generator.pick(formats), generator.pick(formats))
    }

    /// Bytes of a piece that the core knows, anywhere or on one core.
    private mutating func source(of bytes: Int, knownBy core: Int, on place: Int? = nil) -> Piece? {
        let fitting = cores[core].known.union(cores[core].written).sorted().map { pieces[$0] }
            .filter { $0.bytes >= bytes && (place == nil || $0.core == place) }
        guard !fitting.isEmpty else { return nil }
        var piece = generator.pick(fitting)
        piece.offset += Int.random(in: 0...piece.bytes - bytes, using: &generator)
        piece.bytes = bytes
        return piece
    }

    private mutating func take(_ next: inout Int, _ core: Int?, _ bytes: Int) -> Piece {
        let offset = next + Int.random(in: 0...9, using: &generator)
        next = offset + bytes
        return Piece(core: core, offset: offset, bytes: bytes)
    }

    // MARK: Commands

    private func globalAddress(_ piece: Piece) -> UInt64 {
        guard let core = piece.core else {
            return RandomCommand.arenaAddress + UInt64(piece.offset)
        }
        return 1 << 40 | UInt64(core) << 32 | UInt64(piece.offset)
    }

    private mutating func load(
        _ source: Piece, _ target: Piece, _ count: Int, _ from: ElementFormat, _ to: ElementFormat,
        by core: Int
    ) {
        let descriptor = row(globalAddress(source), global: from, local: to, count)
        let command = TransferCommand(
            descriptor: descriptor, local: UInt32(target.offset), coordinates: .zero)
        let sync = nextSync(of: core, post: MeshProgram.loadSemaphore)
        stream.enqueue(.load(command), sync: sync, ofCore: core)
        cores[core].loads += 1
        note(target, by: core)
    }

    private mutating func store(
        _ source: Piece, _ target: Piece, _ count: Int, _ from: ElementFormat, _ to: ElementFormat,
        by core: Int
    ) {
        let descriptor = row(globalAddress(target), global: to, local: from, count)
        let command = TransferCommand(
            descriptor: descriptor, local: UInt32(source.offset), coordinates: .zero)
        let sync = nextSync(of: core, post: MeshProgram.storeSemaphore)
        stream.enqueue(.store(command), sync: sync, ofCore: core)
        cores[core].stores += 1
        note(target, by: core)
    }

    private mutating func note(_ piece: Piece, by core: Int) {
        cores[core].written.insert(pieces.count)
        pieces.append(piece)
    }

    private mutating func row(
        _ base: UInt64, global: ElementFormat, local: ElementFormat, _ count: Int
    ) -> UInt32 {
        stream.append(
            TransferDescriptor(
                base: base, globalFormat: global, localFormat: local, gatherDimension: nil,
                reduction: .none, fill: 0, tensorExtents: Rank5([count], fill: 1),
                boxExtents: Rank5([count], fill: 1),
                globalStrides: Rank5([global.bitWidth / 8], fill: 0),
                localStrides: Rank5([local.bitWidth / 8], fill: 0), indexTable: 0
            ).encode())
    }

    /// After all earlier commands of the core; the first of a phase perhaps after the ring instead,
    /// because the processor has waited for the others.
    private mutating func nextSync(of core: Int, post: UInt8) -> SyncFields {
        var sync = SyncFields(
            waitA: MeshProgram.loadSemaphore, waitAValue: cores[core].loads,
            waitB: MeshProgram.storeSemaphore, waitBValue: cores[core].stores, post: post,
            postCount: 1)
        if cores[core].waitsInCommand {
            cores[core].waitsInCommand = false
            (sync.waitA, sync.waitAValue) = (MeshProgram.ringSemaphore, ringPosts)
        }
        return sync
    }

    // MARK: Meeting

    private mutating func endPhase() {
        for core in 0..<coreCount {
            wait(for: MeshProgram.loadSemaphore, cores[core].loads, on: core)
            wait(for: MeshProgram.storeSemaphore, cores[core].stores, on: core)
            // A wait of a command that never came.
            if cores[core].waitsInCommand {
                wait(for: MeshProgram.ringSemaphore, ringPosts, on: core)
                cores[core].waitsInCommand = false
            }
        }
        if generator.happens(oneIn: 2) { meetAtBarrier() } else { postAroundRing() }
    }

    private mutating func wait(for semaphore: UInt8, _ value: UInt16, on core: Int) {
        stream.store(
            UInt32(semaphore) << 16 | UInt32(value), to: AddressMap.Register.wait, ofCore: core)
    }

    private mutating func meetAtBarrier() {
        stream.store(0, to: AddressMap.Register.barrier)
        let all = Set(pieces.indices)
        for core in 0..<coreCount {
            cores[core].known = all
            cores[core].written = []
        }
    }

    private mutating func postAroundRing() {
        ringPosts += 1
        let before = cores
        for core in 0..<coreCount {
            let next = (core + 1) % coreCount
            stream.store(
                UInt32(next) << 24 | UInt32(MeshProgram.ringSemaphore) << 16 | 1,
                to: AddressMap.Register.remotePost, ofCore: core)
            cores[next].known.formUnion(before[core].known)
            cores[next].known.formUnion(before[core].written)
        }
        for core in 0..<coreCount {
            cores[core].waitsInCommand = generator.happens(oneIn: 2)
            if !cores[core].waitsInCommand {
                wait(for: MeshProgram.ringSemaphore, ringPosts, on: core)
            }
        }
    }
}
