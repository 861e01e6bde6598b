import ApusISA
import ApusNumerics
import CApusMachine

/// A `matmul`, one accumulator after the other, k ascending.
struct OracleMatrix {
    private let command: MatmulCommand
    private let memory: CoreMemory
    private let descriptor: MatrixDescriptor
    private let shape: MatmulShape
    private let format: ElementFormat

    init(_ command: MatmulCommand, _ memory: CoreMemory) throws(TrapCause) {
        self.command = command
        self.memory = memory
        descriptor = try memory.decode(command.descriptor, MatrixDescriptor.wordCount) {
            words throws(DecodeError) in try MatrixDescriptor(words: words)
        }
        guard let format = MatmulMeaning.accumulatorFormat(command) else {
            throw .unsupportedFormat
        }
        let formats = memory.core.pointee.matrix_formats
        for operand in [command.aFormat, command.bFormat] where formats >> operand.rawValue & 1 == 0
        {
            throw .unsupportedFormat
        }
        self.format = format
        let d = descriptor
        for extents in [[d.m0, d.m1], [d.n0, d.n1], [d.k0, d.k1, d.k2]] {
            _ = try CoreMemory.elements(extents.map { Int($0) })
        }
        shape = MatmulShape(descriptor)
    }

    func run() throws(TrapCause) {
        try checkScales()
        if shape.m == 0 || shape.n == 0 { return }
        let hasDepth = shape.k > 0
        let a = hasDepth ? try read(shape.a(command), command.aFormat) : []
        let b = hasDepth ? try read(shape.b(command), command.bFormat) : []
        for box in shape.scales(command) where hasDepth { try check(box) }
        let accumulators = try accumulatorRegion()
        memory.core.pointee.counters.multiply_adds += UInt64(shape.m * shape.n * shape.k)

        let size = format.bitWidth / 4
        let product = MatmulProduct(shape: shape, command: command, format: format, a: a, b: b)
        let scales = hasDepth ? readScales() : .none
        for m in 0..<shape.m {
            for n in 0..<shape.n {
                let row = m * Int(descriptor.accumulatorRowStride) * 2
                let place = 2 * Int(command.accumulator) + row + n * size
                let old = command.accumulate ? memory.read(accumulators, place, format) : 0
                if !hasDepth && command.accumulate { continue }
                memory.write(accumulators, place, format, product.sum(m, n, old, scales))
            }
        }
    }

    // Checks -------------------------------------------------------------------------------------

    private func checkScales() throws(TrapCause) {
        let scales = descriptor.scales
        if command.scaling == .none {
            if scales != .none { throw .reservedBits }
            return
        }
        if scales.groupLength == 0 { throw .badShape }
        let format = scales.format
        if format.bitWidth == 4 || format == .bits64 || format == .fixed54 {
            throw .unsupportedFormat
        }
    }

    /// - Throws: ``TrapCause/localBounds`` if an operand leaves the scratchpad.
    private func check(_ box: StridedBox) throws(TrapCause) {
        if box.base >= 2 * Int(AddressMap.localAccumulators) { throw .localBounds }
        _ = try memory.region(of: box)
    }

    private func accumulatorRegion() throws(TrapCause) -> CoreMemory.Region {
        let size = format.bitWidth / 8
        let row = Int(descriptor.accumulatorRowStride)
        if Int(command.accumulator) % size != 0 || row % size != 0 { throw .misalignedAddress }
        if shape.m > 1 && row < shape.n * size { throw .badShape }
        if command.accumulator < AddressMap.localAccumulators { throw .localBounds }
        return try memory.region(of: shape.accumulators(command))
    }

    // Operands -----------------------------------------------------------------------------------

    /// The elements of a box, its first dimension fastest.
    private func read(_ box: StridedBox, _ format: ElementFormat) throws(TrapCause) -> [Double] {
        try check(box)
        let region = try memory.region(of: box)
        var places = [box.base]
        for dimension in box.dimensions.reversed() {
            places = places.flatMap { place in
                (0..<dimension.count).map { place + $0 * dimension.stride }
            }
        }
        return places.map { format.decode(memory.read(region, $0, format)) }
    }

    private func readScales() -> MatmulProduct.Scales {
        guard command.scaling != .none else { return .none }
        let scales = descriptor.scales
        let size = scales.format.bitWidth / 8
        func value(_ address: UInt32, _ offset: Int) -> Float {
            let place = 2 * (Int(address) + offset)
            let region = memory.localRegion(holding: place >> 1)
            return Float(scales.format.decode(memory.read(region, place, scales.format)))
        }
        return MatmulProduct.Scales(
            groupLength: Int(scales.groupLength),
            a: { m, group in value(scales.a, m * Int(scales.aRowStride) + group * size) },
            b: { n, group in value(scales.b, group * Int(scales.bRowStride) + n * size) },
            minimum: scales.bMinimums == 0
                ? nil
                : { n, group in
                    value(scales.bMinimums, group * Int(scales.bRowStride) + n * size)
                })
    }
}
