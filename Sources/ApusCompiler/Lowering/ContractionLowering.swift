import ApusGraph
import ApusISA
import ApusKernels
import ApusNumerics

/// A sum of products over a domain: `y[batch, m, n] = Σₖ a[batch, m, k] · b[batch, k, n]`.
struct Contraction: Sendable {
    /// What a domain axis is to the product.
    enum Role: Int, Sendable {
        case batch, m, n
    }

    /// One for each axis of the domain.
    var roles: [Role]
    /// Extents of the axes summed over, outermost first.
    var summed: [Int]
    /// The operands, with an axis for each of the domain, then for each summed one.
    var a: View
    var b: View
    var formats: OperandFormats
}

/// In which formats the operands of a product lie in the scratchpad.
struct OperandFormats: Hashable, Sendable {
    var a: ElementFormat
    var b: ElementFormat
    var passes: MatmulPasses

    /// FP32 operands are rounded to BF16 or multiplied in six passes; others stay what they are.
    init(_ a: ElementType, _ b: ElementType, precision: Precision) {
        if a == b, a != .float32 || precision == .highest {
            self.a = a.arenaFormat
            self.b = b.arenaFormat
            passes = a == .float32 ? .six : .native
        } else if a.isFloat {
            self.a = precision == .highest ? .fp32 : .bf16
            self.b = self.a
            passes = precision == .highest ? .six : .native
        } else {
            self.a = a.arenaFormat
            self.b = b.arenaFormat
            passes = .native
        }
    }

    /// The accumulators' format.
    var sum: ElementFormat { a.isFloatingPoint ? .fp32 : .int32 }

    /// What fills A beyond the summed axes: −0, since `acc + −0 · 0` is `acc` to the bit.
    var neutralA: UInt32 {
        switch a {
        case .fp32: 0x8000_0000
        case .bf16, .fp16: 0x8000
        default: 0
        }
    }
}

/// Lowers matrix products with what follows them element by element.
enum ContractionLowering {
    static func lower(
        _ dot: Dot, _ group: Group, state: inout LoweringState
    ) throws(TilingError) -> TileProgram {
        let node = state.graph.nodes[group.nodes[0]]
        let types = node.inputs.map { state.graph.type(of: $0) }
        let leftRest = (0..<types[0].rank).filter {
            !dot.leftBatch.contains($0) && !dot.leftContracting.contains($0)
        }
        let rightRest = (0..<types[1].rank).filter {
            !dot.rightBatch.contains($0) && !dot.rightContracting.contains($0)
        }
        let batch = dot.leftBatch.count
        let rank = batch + leftRest.count + rightRest.count
        let summed = dot.leftContracting.map { types[0].shape[$0] }
        let left = try state.readView(node.inputs[0])
        let right = try state.readView(node.inputs[1])
        let a = left.placed(
            dot.leftBatch.enumerated().map { ($1, $0) }
                + leftRest.enumerated().map { ($1, batch + $0) }
                + dot.leftContracting.enumerated().map { ($1, rank + $0) },
            rank: rank + summed.count)
        let b = right.placed(
            dot.rightBatch.enumerated().map { ($1, $0) }
                + rightRest.enumerated().map { ($1, batch + leftRest.count + $0) }
                + dot.rightContracting.enumerated().map { ($1, rank + $0) },
            rank: rank + summed.count)
        let roles =
            [Contraction.Role](repeating: .batch, count: batch)
            + leftRest.map { _ in .m } + rightRest.map { _ in .n }
        let contraction = Contraction(
            roles: roles, summed: summed, a: a, b: b,
            formats: state.operandFormats(node))
        return try lower(contraction, group, group.domain, state: &state) { $0 }
    }

    /// Lowers a contraction over `extents`; `split` lays views of the group's domain on them.
    static func lower(
        _ contraction: Contraction, _ group: Group, _ extents: [Int], state: inout LoweringState,
        split: (View) throws(TilingError) -> View
    ) throws(TilingError) -> TileProgram {
        let rank = extents.count
        let summedAxes = rank..<rank + contraction.summed.count
        let original = try state.body(of: group)
        var views: [View] = []
        for view in original.views { views.append(try split(view)) }
        // A constant operand lies summed axes first, then its own: rows of it load as one run.
        let order = { (own: Contraction.Role) in
            (0..<rank).filter { contraction.roles[$0] != own } + Array(summedAxes)
                + (0..<rank).filter { contraction.roles[$0] == own }
        }
        let a = state.packedIfConstant(
            contraction.a, format: contraction.formats.a, order: order(.m))
        let b = state.packedIfConstant(
            contraction.b, format: contraction.formats.b, order: order(.n))
        let padded = views.map {
            $0.appending(contraction.summed.map { _ in ViewAxis(extent: 1, stride: 0) })
        }
        let layout = DomainLayout(
            extents: extents + contraction.summed, order: Array(0..<summedAxes.upperBound),
            classes: contraction.roles.map(\.rawValue) + contraction.summed.map { _ in 3 },
            views: [a, b] + padded)
        let tileable = TiledContraction(
            layout: layout, roles: contraction.roles, rank: rank, a: layout.project(a),
            b: layout.project(b), formats: contraction.formats)
        let body = try original.mapping { view throws(TilingError) in
            tileable.project(
                try split(view).appending(
                    contraction.summed.map { _ in ViewAxis(extent: 1, stride: 0) }))
        }
        let node = state.graph.nodes[group.nodes[0]]
        let program = try tileable.search(
            body: body, result: node.outputs[0],
            resultType: state.graph.type(of: node.outputs[0]).elementType, state: state)
        state.markComputed(original)
        return program
    }

}

extension View {
    /// A view with `rank` axes, of which each target holds the given axis of this view.
    func placed(_ pairs: [(axis: Int, target: Int)], rank: Int) -> View {
        var result = self
        result.axes = [ViewAxis](repeating: ViewAxis(extent: 1, stride: 0), count: rank)
        for (axis, target) in pairs { result.axes[target] = axes[axis] }
        return result
    }

    func appending(_ more: [ViewAxis]) -> View {
        var result = self
        result.axes += more
        return result
    }
}

extension GroupBody {
    /// The body with every view replaced.
    func mapping(_ transform: (View) throws(TilingError) -> View) throws(TilingError) -> GroupBody {
        var result = self
        for (use, view) in uses { result.uses[use] = try transform(view) }
        for index in outputs.indices {
            result.outputs[index].view = try transform(outputs[index].view)
        }
        return result
    }
}
