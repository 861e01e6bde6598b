import ApusGraph

// Quantisation, and products of quantised operands in exact integers.
extension OperatorTable {
    static let quantization: [OperatorRow] = [
        OperatorRow("QuantizeLinear", quantizeLinear),
        OperatorRow("DequantizeLinear", dequantizeLinear),
        OperatorRow("DynamicQuantizeLinear", outputs: dynamicQuantize),
        OperatorRow("MatMulInteger") { (node: NodeContext) throws(ImportError) in
            try integerProduct(
                node, try node.input(0), try node.input(1), try node.optionalInput(2),
                try node.optionalInput(3))
        },
        OperatorRow("QLinearMatMul", quantizedMatMul),
        OperatorRow("ConvInteger") { (node: NodeContext) throws(ImportError) in
            try integerConvolution(
                node, try node.input(0), try node.input(1), try node.optionalInput(2),
                try node.optionalInput(3))
        },
        OperatorRow("QLinearConv", quantizedConvolution),
    ]

    /// A scale or zero point laid so that it broadcasts against x: one for all, one for each place
    /// along an axis, or one for each block along it.
    private static func spread(
        _ node: NodeContext, _ parameter: ValueID, like x: ValueID
    ) throws(ImportError) -> ValueID {
        if node.shape(parameter).elementCount == 1, node.rank(parameter) <= 1 {
            return try node.reshape(parameter, [])
        }
        let extents = node.shape(x).dimensions
        let axis = try node.axis(node.int("axis", default: 1), rank: extents.count)
        let block = node.int("block_size", default: 0)
        if block == 0 || node.rank(parameter) == 1 {
            return try node.along(axis, rank: extents.count, parameter)
        }
        try node.require(
            block > 0 && node.rank(parameter) == extents.count, "block_size", "\(block)",
            "positive, with scales of rank \(extents.count)")
        var wide = node.shape(parameter).dimensions
        wide.insert(min(block, max(extents[axis], 1)), at: axis + 1)
        var flat = node.shape(parameter).dimensions
        flat[axis] *= wide[axis + 1]
        let repeated = try node.reshape(
            try node.broadcast(try node.unsqueeze(parameter, axis + 1), wide), flat)
        try node.require(flat[axis] >= extents[axis], "number of blocks", "\(flat[axis])", "enough")
        return try node.slice(repeated, axis: axis, 0..<extents[axis])
    }

    /// The least and greatest value of an integer type, for types that FP32 can hold the ends of.
    private static func range(_ type: ElementType) -> (low: Double, high: Double) {
        let bits = Double(type.bitCount)
        func power(_ exponent: Double) -> Double {
            Double(sign: .plus, exponent: Int(exponent), significand: 1)
        }
        return type.isSignedInteger ? (-power(bits - 1), power(bits - 1) - 1) : (0, power(bits) - 1)
    }

    private static func quantizeLinear(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let scale = try spread(node, try node.input(1), like: x)
        let zeroPoint = try node.optionalInput(2)
        var type = ElementType.uint8
        if let zeroPoint {
            type = node.elementType(zeroPoint)
        } else if let declared = DataType.elementType(node.int("output_dtype", default: 0)) {
            type = declared
        }
        let precise = DataType.elementType(node.int("precision", default: 0))
        let working = precise ?? (node.elementType(x).isFloat ? node.elementType(scale) : .float32)
        let ratio = try node.divide(
            try node.convert(x, working == .float64 ? .float64 : .float32),
            try node.convert(scale, working == .float64 ? .float64 : .float32))
        var offset: ValueID?
        if let zeroPoint { offset = try spread(node, zeroPoint, like: x) }
        return try quantized(
            node, ratio, offset, type, saturates: node.flag("saturate", default: true))
    }

    /// round(ratio) + zeroPoint, clamped to the type; small floats are rounded by conversion.
    private static func quantized(
        _ node: NodeContext, _ ratio: ValueID, _ zeroPoint: ValueID?, _ type: ElementType,
        saturates: Bool = true
    ) throws(ImportError) -> ValueID {
        if type.isFloat {
            return try node.emit(.convert(Conversion(to: type, saturates: saturates)), ratio)
        }
        var sum = try node.unary(.roundEven, ratio)
        if let zeroPoint { sum = try node.add(sum, try node.convert(zeroPoint, like: sum)) }
        let (low, high) = range(type)
        let clamped = try node.emit(
            .clamp, sum, try node.scalar(low, like: sum), try node.scalar(high, like: sum))
        // Through a type that conversion from floats is defined for.
        return try node.convert(
            type.bitCount < 8 ? try node.convert(clamped, .int32) : clamped, type)
    }

    private static func dequantizeLinear(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let scaleInput = try node.input(1)
        let scale = try spread(node, scaleInput, like: x)
        let type =
            DataType.elementType(node.int("output_dtype", default: 0))
            ?? node.elementType(scaleInput)
        let working = type == .float64 ? ElementType.float64 : .float32
        var value = try node.convert(x, working)
        if let zeroPoint = try node.optionalInput(2), node.elementType(x).isInteger {
            value = try node.subtract(
                value, try node.convert(try spread(node, zeroPoint, like: x), working))
        }
        return try node.convert(try node.multiply(value, try node.convert(scale, working)), type)
    }

    private static func dynamicQuantize(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let x = try node.input(0)
        let axes = Array(0..<node.rank(x))
        let high = try node.maximum(try node.reduce(.maximum, x, axes: axes, keep: false), 0)
        let low = try node.minimum(try node.reduce(.minimum, x, axes: axes, keep: false), 0)
        let scale = try node.divide(try node.subtract(high, low), 255)
        let origin = try node.unary(.negate, try node.divide(low, scale))
        let zeroPoint = try quantized(node, origin, nil, .uint8)
        let y = try quantized(node, try node.divide(x, scale), zeroPoint, .uint8)
        return [.tensor(y), .tensor(scale), .tensor(zeroPoint)]
    }

    /// Whether a zero point is known to be zero.
    private static func isZero(_ node: NodeContext, _ value: ValueID?) -> Bool {
        guard let value else { return true }
        return node.trace.builder.graph.constant(value)?.integers?.allSatisfy { $0 == 0 } ?? false
    }

    /// Σ (a − za)(b − zb) as an 8-bit product and corrections of it, exact in 32 bits.
    private static func integerProduct(
        _ node: NodeContext, _ a: ValueID, _ b: ValueID, _ aZero: ValueID?, _ bZero: ValueID?
    ) throws(ImportError) -> ValueID {
        if node.rank(a) < 2 || node.rank(b) < 2 {
            let left = try shifted(node, a, try rowParameter(node, aZero, rank: 1))
            let right = try shifted(node, b, try columnParameter(node, bZero))
            return try node.matrixProduct(left, right, .int32)
        }
        var sum = try node.matrixProduct(a, b, .int32)
        let count = node.shape(a)[node.rank(a) - 1]
        let za = isZero(node, aZero) ? nil : try rowParameter(node, aZero, rank: node.rank(a))
        let zb = isZero(node, bZero) ? nil : try columnParameter(node, bZero)
        if let za {
            let columns = try node.reduce(
                .sum, try node.convert(b, .int32), axes: [node.rank(b) - 2])
            sum = try node.subtract(sum, try node.multiply(za, columns))
        }
        if let zb {
            let rows = try node.reduce(.sum, try node.convert(a, .int32), axes: [node.rank(a) - 1])
            sum = try node.subtract(sum, try node.multiply(rows, zb))
        }
        if let za, let zb {
            sum = try node.add(sum, try node.multiply(try node.multiply(za, zb), Double(count)))
        }
        return sum
    }

    private static func shifted(
        _ node: NodeContext, _ x: ValueID, _ zero: ValueID?
    ) throws(ImportError) -> ValueID {
        let wide = try node.convert(x, .int32)
        guard let zero else { return wide }
        return try node.subtract(wide, zero)
    }

    /// A zero point of the left operand: one for all or one for each row.
    private static func rowParameter(
        _ node: NodeContext, _ zero: ValueID?, rank: Int
    ) throws(ImportError) -> ValueID? {
        guard let zero else { return nil }
        let wide = try node.convert(zero, .int32)
        if node.shape(zero).elementCount == 1 { return try node.reshape(wide, []) }
        return node.rank(zero) == 1 ? try node.unsqueeze(wide, 1) : wide
    }

    /// A zero point of the right operand: one for all or one for each column.
    private static func columnParameter(
        _ node: NodeContext, _ zero: ValueID?
    ) throws(ImportError) -> ValueID? {
        guard let zero else { return nil }
        let wide = try node.convert(zero, .int32)
        return node.shape(zero).elementCount == 1 ? try node.reshape(wide, []) : wide
    }

    private static func quantizedMatMul(_ node: NodeContext) throws(ImportError) -> ValueID {
        let sum = try integerProduct(
            node, try node.input(0), try node.input(3), try node.input(2), try node.input(5))
        func scale(_ index: Int, isRow: Bool) throws(ImportError) -> ValueID {
            let value = try node.convert(try node.input(index), .float32)
            if node.shape(value).elementCount == 1 { return try node.reshape(value, []) }
            return isRow && node.rank(value) == 1 ? try node.unsqueeze(value, 1) : value
        }
        let factor = try node.divide(
            try node.multiply(try scale(1, isRow: true), try scale(4, isRow: false)),
            try scale(6, isRow: true))
        let zero = try node.input(7)
        let ratio = try node.multiply(try node.convert(sum, .float32), factor)
        let flatZero = node.shape(zero).elementCount == 1 ? try node.reshape(zero, []) : zero
        return try quantized(node, ratio, flatZero, node.elementType(zero))
    }

    /// Convolution of (x − zx) with (w − zw), exact in 32 bits.
    private static func integerConvolution(
        _ node: NodeContext, _ x: ValueID, _ weight: ValueID, _ xZero: ValueID?,
        _ weightZero: ValueID?
    ) throws(ImportError) -> ValueID {
        if isZero(node, xZero), isZero(node, weightZero) {
            return try node.convolve(x, weight, .int32)
        }
        let left = try shifted(
            node, x,
            try xZero.map { (zero) throws(ImportError) in
                try node.reshape(try node.convert(zero, .int32), [])
            })
        var right = try node.convert(weight, .int32)
        if let weightZero {
            let zero = try node.convert(weightZero, .int32)
            right = try node.subtract(
                right,
                node.shape(zero).elementCount == 1
                    ? try node.reshape(zero, []) : try node.along(0, rank: node.rank(weight), zero))
        }
        return try node.convolve(left, right, .int32)
    }

    private static func quantizedConvolution(_ node: NodeContext) throws(ImportError) -> ValueID {
        var sum = try integerConvolution(
            node, try node.input(0), try node.input(3), try node.input(2), try node.input(5))
        if let bias = try node.optionalInput(8) { sum = try node.addPerChannel(sum, bias) }
        let rank = node.rank(sum)
        func scale(_ index: Int) throws(ImportError) -> ValueID {
            let value = try node.input(index)
            return node.shape(value).elementCount == 1
                ? try node.reshape(value, []) : try node.along(1, rank: rank, value)
        }
        let factor = try node.divide(try node.multiply(try scale(1), try scale(4)), try scale(6))
        let zero = try node.input(7)
        let ratio = try node.multiply(try node.convert(sum, .float32), factor)
        return try quantized(node, ratio, try node.reshape(zero, []), node.elementType(zero))
    }
}
