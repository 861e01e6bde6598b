import ApusISA
import ApusNumerics

/// A slot that a command reads or writes.
struct SlotUse: Equatable {
    var place: Place
    var writes: Bool
    var role: Role

    /// Which operand of the command it is.
    enum Role: Equatable {
        case local, table, a, b, c, d, accumulators, aScales, bScales, bMinimums
    }

    init(_ place: Place, _ role: Role, writes: Bool = false) {
        self.place = place
        self.writes = writes
        self.role = role
    }
}

extension TileCommand {
    /// The engine that runs the command.
    var engine: Engine {
        switch self {
        case .load: .load
        case .store: .store
        case .matrix: .matrix
        case .vector: .vector
        }
    }

    /// The places that the command reads or writes.
    var uses: [SlotUse] {
        switch self {
        case .load(let move):
            return [SlotUse(move.place, .local, writes: true)] + move.tableUse
        case .store(let move):
            return [SlotUse(move.place, .local)] + move.tableUse
        case .matrix(let step):
            var uses = [
                SlotUse(step.a, .a), SlotUse(step.b, .b),
                SlotUse(step.accumulators, .accumulators, writes: true),
            ]
            if let place = step.aScales { uses.append(SlotUse(place, .aScales)) }
            if let place = step.bScales { uses.append(SlotUse(place, .bScales)) }
            if let place = step.bMinimums { uses.append(SlotUse(place, .bMinimums)) }
            return uses
        case .vector(let step):
            var uses = [SlotUse(step.d, .d, writes: true)]
            if case .place(let place) = step.a { uses.append(SlotUse(place, .a)) }
            if case .place(let place) = step.b { uses.append(SlotUse(place, .b)) }
            if case .place(let place) = step.c {
                uses.append(SlotUse(place, .c, writes: step.operation.form == .topk))
            }
            return uses
        }
    }

    /// The slots that the command writes.
    var writtenSlots: Set<Int> { Set(uses.filter(\.writes).map(\.place.slot)) }

    /// Whether what the command writes in a tile depends on what is there: a sum over chunks.
    var sumsOverChunks: Bool {
        if case .matrix(let step) = self { return step.accumulation == .afterFirstChunk }
        return false
    }

    /// The command's values that change from tile to tile, each with the template word that holds
    /// it.
    var coordinates: [(word: Int, value: Affine)] {
        switch self {
        case .load(let move), .store(let move):
            return move.coordinates.prefix(4).enumerated().map { (4 + $0.offset, $0.element) }
                + move.coordinates.dropFirst(4).map { (7, $0.times(1 << 16)) }
        case .matrix:
            return []
        case .vector(let step):
            var values: [(word: Int, value: Affine)] = []
            if case .affine(let value) = step.b { values.append((4, value)) }
            if case .affine(let value) = step.c { values.append((5, value)) }
            return values
        }
    }
}

extension Move {
    fileprivate var tableUse: [SlotUse] { table.map { [SlotUse($0, .table)] } ?? [] }
}

extension Affine {
    /// The function, `factor` times as large.
    func times(_ factor: Int) -> Affine {
        Affine(base * factor, perGrid: perGrid.map { $0 * factor }, perChunk: perChunk * factor)
    }

    /// What a grid dimension adds per step.
    func stride(_ dimension: Int) -> Int { dimension < perGrid.count ? perGrid[dimension] : 0 }

    /// The smallest and largest value over a grid and its chunks.
    func range(grid: [Int], chunks: Int) -> ClosedRange<Int> {
        var low = base
        var high = base
        let spans = grid.indices.map { stride($0) * (grid[$0] - 1) } + [perChunk * (chunks - 1)]
        for span in spans {
            low += min(span, 0)
            high += max(span, 0)
        }
        return low...high
    }

    /// What is added when `dimension` steps, and all inner dimensions and the chunk return to 0.
    func delta(_ dimension: Int, grid: [Int], chunks: Int) -> Int {
        var sum = stride(dimension) - perChunk * (chunks - 1)
        for inner in grid.indices.dropFirst(dimension + 1) {
            sum -= stride(inner) * (grid[inner] - 1)
        }
        return sum
    }
}
