import ApusISA
import ApusKernels

/// A random tile program over 64-byte slots; it means nothing, but every order in it does.
func randomTileProgram(_ random: inout SplitMix) -> TileProgram {
    let rank = Int.random(in: 1...4, using: &random)
    let grid = (0..<rank).map { _ in Int.random(in: 1...4, using: &random) }
    let chunks = Bool.random(using: &random) ? 1 : Int.random(in: 1...4, using: &random)
    let scratch = Int.random(in: 2...5, using: &random)
    let accumulators = Int.random(in: 1...2, using: &random)
    var slots: [Slot] = []
    for index in 0..<scratch + accumulators {
        let isScratch = index < scratch
        let local = isScratch ? index : index - scratch
        slots.append(
            Slot(
                memory: isScratch ? .scratchpad : .accumulators, address: local * 1024, bytes: 128,
                buffers: Int.random(in: 1...3, using: &random)))
    }
    var lists: [[TileCommand]] = [[], [], []]
    for list in 0..<3 {
        let hasChunk = list == 1
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            lists[list].append(
                randomCommand(&random, rank, scratch, accumulators, hasChunk: hasChunk))
            if hasChunk, case .vector(var step) = lists[list][lists[list].count - 1],
                Int.random(in: 0..<3, using: &random) == 0
            {
                step.lastChunks = Int.random(in: 1...3, using: &random)
                lists[list][lists[list].count - 1] = .vector(step)
            }
        }
    }
    return TileProgram(
        grid: grid, serialDimensions: Int.random(in: 0...rank, using: &random), chunks: chunks,
        slots: slots, beforeChunks: lists[0], eachChunk: lists[1], afterChunks: lists[2])
}

private func randomCommand(
    _ random: inout SplitMix, _ rank: Int, _ scratch: Int, _ accumulators: Int, hasChunk: Bool
) -> TileCommand {
    func place() -> Place {
        Place(
            Int.random(in: 0..<scratch, using: &random),
            offset: Bool.random(using: &random) ? 0 : 64)
    }
    func move(_ place: Place) -> Move {
        let coordinates = (0..<5).map { dimension in
            if Bool.random(using: &random) { return Affine.zero }
            let perGrid = (0..<rank).map { _ in
                Bool.random(using: &random) ? 0 : Int.random(in: -3...3, using: &random)
            }
            return Affine(
                Int.random(in: -9...9, using: &random), perGrid: perGrid,
                perChunk: hasChunk ? Int.random(in: -1...2, using: &random) : 0)
        }
        // Loads into a slot must agree, so the slot says it.
        let repetitions: [Repetition] = [.whenChanged, .whenChanged, .always, .perSerialRun]
        return Move(
            place, transfer: lineTransfer(base: 0, elements: 16), coordinates: coordinates,
            repetition: repetitions[place.slot % 4])
    }
    let sum = Place(scratch + Int.random(in: 0..<accumulators, using: &random))
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1: return .load(move(place()))
    case 2: return .store(move(Bool.random(using: &random) ? place() : sum))
    case 3:
        let kinds: [Accumulation] = [.never, .always, .afterFirstChunk]
        return .matrix(
            MatrixStep(
                a: place(), b: place(), accumulators: sum,
                descriptor: matrixDescriptor(m: 4, n: 4, k: 4), aFormat: .fp32, bFormat: .fp32,
                accumulation: kinds.randomElement(using: &random) ?? .never))
    default:
        return .vector(
            VectorStep(
                .add, d: place(), a: .place(Bool.random(using: &random) ? place() : sum),
                b: .place(place()), descriptor: rowDescriptor(16)))
    }
}

/// A transfer of a line of FP32 elements.
func lineTransfer(base: UInt64, elements: Int) -> TransferDescriptor {
    TransferDescriptor(
        base: base, globalFormat: .fp32, localFormat: .fp32, gatherDimension: nil,
        reduction: .none, fill: 0, tensorExtents: Rank5([elements], fill: 1),
        boxExtents: Rank5([elements], fill: 1), globalStrides: Rank5([4], fill: 0),
        localStrides: Rank5([4], fill: 0), indexTable: 0)
}

/// Dense FP32 A [m, k], B [k, n] and sums [m, n].
func matrixDescriptor(m: Int32, n: Int32, k: Int32) -> MatrixDescriptor {
    MatrixDescriptor(
        m0: m, m1: 1, n0: n, n1: 1, k0: k, k1: 1, k2: 1,
        aStrides: .init(m0: k * 4, m1: 0, k0: 4, k1: 0, k2: 0),
        bStrides: .init(n0: 4, n1: 0, k0: n * 4, k1: 0, k2: 0), accumulatorRowStride: n * 4,
        scales: .none)
}

/// One row of FP32 columns.
func rowDescriptor(_ columns: Int32) -> VectorDescriptor {
    let row = VectorDescriptor.Strides(column: 4, row: 0, plane: 0)
    return VectorDescriptor(columns: columns, rows: 1, planes: 1, d: row, a: row, b: row, c: .zero)
}
