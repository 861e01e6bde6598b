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

    /// Emits the Loads and the matmul, and returns the sums.
    private func multiply(
        _ choice: Choice, in builder: inout TileBuilder
    ) throws(TilingError) -> TileValue {
        let m = own(.m).reduce(1) { $0 * choice.tile[$1] }
        let n = own(.n).reduce(1) { $0 * choice.tile[$1] }
        let k = choice.chunk * summed.dropFirst().reduce(1, *)
        let sums = builder.makeValue(
            format: formats.sum, varies: roles.map { $0 != .batch }, memory: .accumulators)
        let left = try load(
            a, .m, count: m, k: k, format: formats.a, fill: formats.neutralA, choice, &builder)
        let right = try load(b, .n, count: n, k: k, format: formats.b, fill: 0, choice, &builder)
        let descriptor = MatrixDescriptor(
            m0: Int32(m), m1: 1, n0: Int32(n), n1: 1, k0: Int32(k), k1: 1, k2: 1,
            aStrides: .init(m0: left.own, m1: 0, k0: left.k, k1: 0, k2: 0),
            bStrides: .init(n0: right.own, n1: 0, k0: right.k, k1: 0, k2: 0),
            accumulatorRowStride: Int32(n * formats.sum.bitWidth / 8), scales: .none)
        builder.append(
            .matrix(
                MatrixStep(
                    a: Place(left.piece), b: Place(right.piece),
                    accumulators: Place(sums.piece), descriptor: descriptor,
                    aFormat: formats.a, bFormat: formats.b, passes: formats.passes)),
            phase: .eachChunk)
        return sums
    }

    private func own(_ role: Contraction.Role) -> [Int] {
        extents.indices.filter { roles[$0] == role }
    }

    /// Loads one operand's part, its own axes or the summed ones innermost as they lie in memory.
    private func load(
        _ view: View, _ role: Contraction.Role, count: Int, k: Int, format: ElementFormat,
        fill: UInt32, _ choice: Choice, _ builder: inout TileBuilder
    ) throws(TilingError) -> (piece: Int, own: Int32, k: Int32) {
        let rank = extents.count
        let width = format.bitWidth / 8
        let ownAxes = own(role)
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
                    globalStride: source.stride, bound: source.bound, box: choice.tile[axis],
                    localStride: stride, coordinate: builder.coordinate(of: axis, low: source.low)))
            stride *= choice.tile[axis]
        }
        var kMoves: [MoveAxis] = []
        stride = kStride
        for (index, extent) in summed.enumerated().reversed() {
            let source = view.axes[rank + index]
            let size = index == 0 ? choice.chunk : extent
            kMoves.append(
                MoveAxis(
                    globalStride: source.stride, bound: source.bound, box: size,
                    localStride: stride,
                    coordinate: Affine(
                        -source.low, perChunk: index == 0 && builder.chunks > 1 ? size : 0)))
            stride *= size
        }
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
            fill: isPadded ? view.fillBits(in: format) : fill)
        return (piece, Int32(ownStride), Int32(kStride))
    }
}
