import ApusISA
import ApusNumerics

/// Extents and operand boxes of a `matmul`.
struct MatmulShape {
    let descriptor: MatrixDescriptor
    let m, n, k: Int

    init(_ descriptor: MatrixDescriptor) {
        self.descriptor = descriptor
        m = Int(descriptor.m0) * Int(descriptor.m1)
        n = Int(descriptor.n0) * Int(descriptor.n1)
        k = Int(descriptor.k0) &* Int(descriptor.k1) &* Int(descriptor.k2)
    }

    func a(_ command: MatmulCommand) -> StridedBox {
        let d = descriptor
        let s = d.aStrides
        return StridedBox(
            address: Int(command.a), format: command.aFormat,
            extents: [d.m0, d.m1, d.k0, d.k1, d.k2].map { Int($0) },
            strides: [s.m0, s.m1, s.k0, s.k1, s.k2].map { Int($0) })
    }

    func b(_ command: MatmulCommand) -> StridedBox {
        let d = descriptor
        let s = d.bStrides
        return StridedBox(
            address: Int(command.b), format: command.bFormat,
            extents: [d.n0, d.n1, d.k0, d.k1, d.k2].map { Int($0) },
            strides: [s.n0, s.n1, s.k0, s.k1, s.k2].map { Int($0) })
    }

    func accumulators(_ command: MatmulCommand) -> StridedBox {
        let format = MatmulMeaning.accumulatorFormat(command) ?? .fp32
        return StridedBox(
            address: Int(command.accumulator), format: format, extents: [n, m],
            strides: [format.bitWidth / 8, Int(descriptor.accumulatorRowStride)])
    }

    /// The scales and minimums, if the command has them.
    func scales(_ command: MatmulCommand) -> [StridedBox] {
        let scales = descriptor.scales
        guard command.scaling != .none, scales.groupLength > 0 else { return [] }
        let groups = (k + Int(scales.groupLength) - 1) / Int(scales.groupLength)
        let size = scales.format.bitWidth / 8
        func box(_ address: UInt32, _ extents: [Int], _ strides: [Int]) -> StridedBox {
            StridedBox(
                address: Int(address), format: scales.format, extents: extents, strides: strides)
        }
        let bStrides = [Int(scales.bRowStride), size]
        var boxes = [box(scales.b, [groups, n], bStrides)]
        if command.scaling == .blocks {
            boxes.append(box(scales.a, [m, groups], [Int(scales.aRowStride), size]))
        }
        if scales.bMinimums != 0 { boxes.append(box(scales.bMinimums, [groups, n], bStrides)) }
        return boxes
    }
}
