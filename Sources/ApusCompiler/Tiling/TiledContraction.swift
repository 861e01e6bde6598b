import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

/// A contraction whose axes are merged, ready to be tiled.
struct TiledContraction: Sendable {
    /// Extents of the merged axes of the domain.
    var extents: [Int]
    var roles: [Contraction.Role]
    /// Extents of the merged summed axes, outermost first; at least one.
    var summed: [Int]
    /// Views with an axis for each of the domain, then of the summed ones.
    var a: View
    var b: View
    var formats: OperandFormats
    private var layout: DomainLayout

    /// One way of tiling.
    struct Choice: Hashable, Sendable {
        /// Tile extents along the domain's axes.
        var tile: [Int]
        /// Elements of the outermost summed axis in a chunk.
        var chunk: Int
        /// Whether neighbouring tiles share B rather than A.
        var mIsInner: Bool
    }

    init(
        layout: DomainLayout, roles: [Contraction.Role], rank: Int, a: View, b: View,
        formats: OperandFormats
    ) {
        let domain = layout.axes.indices.filter { layout.axes[$0][0] < rank }
        let inner = layout.axes.indices.filter { layout.axes[$0][0] >= rank }
        extents = domain.map { layout.extents[$0] }
        self.roles = domain.map { roles[layout.axes[$0][0]] }
        summed = inner.map { layout.extents[$0] }
        self.a = a
        self.b = b
        self.formats = formats
        self.layout = layout
        if summed.isEmpty {
            summed = [1]
            self.a.axes.append(ViewAxis(extent: 1, stride: 0))
            self.b.axes.append(ViewAxis(extent: 1, stride: 0))
        }
    }

    /// A view of the domain (and summed axes, along which it does not vary) on the merged domain.
    func project(_ view: View) -> View {
        var result = layout.project(view)
        result.axes = Array(result.axes.prefix(extents.count))
        return result
    }

    /// Tries tilings and takes the cheapest that fits.
    func search(
        body: GroupBody, result: ValueID, resultType: ElementType, state: LoweringState
    ) throws(TilingError) -> TileProgram {
        return try state.cheapest(choices, by: .cycles) { choice throws(TilingError) in
            var builder = try makeBuilder(choice)
            let tile = try multiply(choice, in: &builder)
            var emitter = BodyEmitter(body: body, builder: builder, folded: [])
            try emitter.defineSum(result, tile, type: resultType)
            try emitter.emit()
            return emitter.builder
        }
    }

    /// The search space: shares of m, n and the outermost summed axis, in both orders.
    var choices: [Choice] {
        let targets = [512, 256, 128, 64, 32, 16, 8]
        var result: [Choice] = []
        let ms = tiles(.m, targets: targets)
        let ns = tiles(.n, targets: [4096, 2048, 1024, 784, 392, 196] + targets)
        let ks = tileSizes(
            extent: summed[0], targets: [summed[0], 1024, 512, 384, 320, 256, 128, 64, 32, 8, 1],
            multiple: summed[0] > 1024 ? 64 : 1)
        for m in ms {
            for n in ns {
                let tile = extents.indices.map { axis in
                    roles[axis] == .m ? m[axis] : roles[axis] == .n ? n[axis] : 1
                }
                for chunk in ks {
                    for mIsInner in [false, true] {
                        result.append(Choice(tile: tile, chunk: chunk, mIsInner: mIsInner))
                    }
                }
            }
        }
        return result
    }

    /// Tiles of the axes of one role: the innermost filled first.
    private func tiles(_ role: Contraction.Role, targets: [Int]) -> [[Int]] {
        let axes = extents.indices.filter { roles[$0] == role }
        var result: [[Int]] = []
        for target in targets {
            var tile = extents.map { _ in 1 }
            var room = target
            for axis in axes.reversed() {
                let count = (extents[axis] + room - 1) / room
                var size = (extents[axis] + count - 1) / count
                // Whole groups of accumulators: 16 columns wide.
                if count > 1, size > 16 { size = min((size + 15) / 16 * 16, extents[axis]) }
                tile[axis] = size
                room /= size
                if count > 1 || room <= 1 { break }
            }
            if !result.contains(tile) { result.append(tile) }
        }
        return result
    }

    private func makeBuilder(_ choice: Choice) throws(TilingError) -> TileBuilder {
        // Batches outermost; then the axis whose operand should stay, then the other.
        let rank = { (role: Contraction.Role) -> Int in
            switch role {
            case .batch: 0
            case .m: choice.mIsInner ? 2 : 1
            case .n: choice.mIsInner ? 1 : 2
            }
        }
        let order = extents.indices.sorted { (rank(roles[$0]), $0) < (rank(roles[$1]), $1) }
        var domain = extents.indices.map { DomainAxis(extent: extents[$0], tile: choice.tile[$0]) }
        var grid: [Int] = []
        for axis in order where domain[axis].tileCount > 1 {
            domain[axis].grid = grid.count
            grid.append(domain[axis].tileCount)
        }
        guard grid.count <= 5 else { throw .dimensions(grid.count) }
        var builder = TileBuilder(domain: domain, grid: grid)
        builder.chunks = (summed[0] + choice.chunk - 1) / choice.chunk
        return builder
    }

    /// Emits the Loads and the matmuls, and returns the sums.
    private func multiply(
        _ choice: Choice, in builder: inout TileBuilder
    ) throws(TilingError) -> TileValue {
        let n = own(.n).reduce(1) { $0 * choice.tile[$1] }
        let sums = builder.makeValue(
            format: formats.sum, varies: roles.map { $0 != .batch }, memory: .accumulators)
        let (rows, columns) = (parts(.m, choice), parts(.n, choice))
        var left: [LoadedPart] = []
        var right: [LoadedPart] = []
        // The first halves first, so that their product begins while the others come.
        for index in 0..<max(rows.count, columns.count) {
            if index < rows.count { left.append(try load(a, .m, rows[index], choice, &builder)) }
            if index < columns.count {
                right.append(try load(b, .n, columns[index], choice, &builder))
            }
        }
        for (j, column) in right.enumerated() {
            for (i, row) in left.enumerated() {
                let first = (i * row.count * n + j * column.count) * formats.sum.bitWidth / 8
                builder.append(
                    matmul(choice, row, column, n, Place(sums.piece, offset: first)),
                    phase: .eachChunk)
            }
        }
        return sums
    }

    private func matmul(
        _ choice: Choice, _ left: LoadedPart, _ right: LoadedPart, _ n: Int, _ sums: Place
    ) -> TileCommand {
        let k = choice.chunk * summed.dropFirst().reduce(1, *)
        let descriptor = MatrixDescriptor(
            m0: Int32(left.count), m1: 1, n0: Int32(right.count), n1: 1, k0: Int32(k), k1: 1,
            k2: 1, aStrides: .init(m0: left.own, m1: 0, k0: left.k, k1: 0, k2: 0),
            bStrides: .init(n0: right.own, n1: 0, k0: right.k, k1: 0, k2: 0),
            accumulatorRowStride: Int32(n * formats.sum.bitWidth / 8), scales: .none)
        return .matrix(
            MatrixStep(
                a: Place(left.piece), b: Place(right.piece), accumulators: sums,
                descriptor: descriptor, aFormat: formats.a, bFormat: formats.b,
                passes: formats.passes))
    }

    /// A part of a tile's rows or columns: where it begins along an axis, and its extent there; no
    /// axis where there are no rows or columns.
    private struct Part {
        var axis: Int?
        var first: Int
        var extent: Int
    }

    /// A part in the scratchpad: how many rows or columns, and their and k's strides in bytes.
    private struct LoadedPart {
        var piece: Int
        var count: Int
        var own: Int32
        var k: Int32
    }

    /// Rows or columns of a tile from which on it comes in halves.
    private static let halvedMin = 256

    /// The halves of a tile's rows or columns, along the outermost of their axes that has several;
    /// the whole if it is small.
    private func parts(_ role: Contraction.Role, _ choice: Choice) -> [Part] {
        let axes = own(role)
        guard let axis = axes.first(where: { choice.tile[$0] > 1 }) ?? axes.first else {
            return [Part(axis: nil, first: 0, extent: 1)]
        }
        let extent = choice.tile[axis]
        let count = axes.reduce(1) { $0 * choice.tile[$1] }
        if count < Self.halvedMin || !extent.isMultiple(of: 2) {
            return [Part(axis: axis, first: 0, extent: extent)]
        }
        return [0, extent / 2].map { Part(axis: axis, first: $0, extent: extent / 2) }
    }

    private func own(_ role: Contraction.Role) -> [Int] {
        extents.indices.filter { roles[$0] == role }
    }

    /// Loads one operand's part, its own axes or the summed ones innermost as they lie in memory.
    private func load(
        _ view: View, _ role: Contraction.Role, _ part: Part, _ choice: Choice,
        _ builder: inout TileBuilder
    ) throws(TilingError) -> LoadedPart {
        let rank = extents.count
        let format = role == .m ? formats.a : formats.b
        let width = format.bitWidth / 8
        let ownAxes = own(role)
        let extent = { (axis: Int) in axis == part.axis ? part.extent : choice.tile[axis] }
        let count = ownAxes.reduce(1) { $0 * extent($1) }
        let k = choice.chunk * summed.dropFirst().reduce(1, *)
        let smallest = { (axes: [Int]) in
            axes.filter { view.axes[$0].extent > 1 }.map { abs(view.axes[$0].stride) }.min() ?? .max
        }
        let kIsInner = smallest(Array(rank..<view.axes.count)) < smallest(ownAxes)
        let ownStride = kIsInner ? k * width : width
        let kStride = kIsInner ? width : count * width
        var axes: [MoveAxis] = []
        var ownMoves: [MoveAxis] = []
        var stride = ownStride
        for axis in ownAxes.reversed() {
            let source = view.axes[axis]
            ownMoves.append(
                MoveAxis(
                    globalStride: source.stride, bound: source.bound, box: extent(axis),
                    localStride: stride,
                    coordinate: builder.coordinate(
                        of: axis, low: source.low - (axis == part.axis ? part.first : 0))))
            stride *= extent(axis)
        }
        let kMoves = summedMoves(view, choice, stride: kStride, builder)
        for axis in extents.indices where roles[axis] == .batch && view.axes[axis].extent > 1 {
            let source = view.axes[axis]
            axes.append(
                MoveAxis(
                    globalStride: source.stride, bound: source.bound, box: 1, localStride: 0,
                    coordinate: builder.coordinate(of: axis, low: source.low)))
        }
        let inner = kIsInner ? kMoves : ownMoves
        let outer = kIsInner ? ownMoves : kMoves
        axes += outer.reversed() + inner.reversed()
        let piece = builder.makePiece(bytes: count * k * width)
        let isPadded = view.isPadded
        try builder.load(
            piece: piece, axes: axes, view: view, localFormat: format, phase: .eachChunk,
            fill: isPadded ? view.fillBits(in: format) : role == .m ? formats.neutralA : 0)
        return LoadedPart(
            piece: piece, count: count, own: Int32(ownStride), k: Int32(kStride))
    }

    /// The summed axes of an operand's part, innermost first.
    private func summedMoves(
        _ view: View, _ choice: Choice, stride: Int, _ builder: TileBuilder
    ) -> [MoveAxis] {
        var stride = stride
        return summed.enumerated().reversed().map { index, extent in
            let source = view.axes[extents.count + index]
            let size = index == 0 ? choice.chunk : extent
            defer { stride *= size }
            return MoveAxis(
                globalStride: source.stride, bound: source.bound, box: size, localStride: stride,
                coordinate: Affine(
                    -source.low, perChunk: index == 0 && builder.chunks > 1 ? size : 0))
        }
    }
}
