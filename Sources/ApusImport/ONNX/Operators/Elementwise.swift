import ApusGraph

// Arithmetic and functions of single elements.
extension OperatorTable {
    static let elementwise: [OperatorRow] =
        unaryRows + binaryRows + [
            OperatorRow("Pow", pow), OperatorRow("Mod", modulo), OperatorRow("BitShift", bitShift),
            OperatorRow("Sum") { (node: NodeContext) throws(ImportError) in try variadic(node, .add)
            },
            OperatorRow("Max") { (node: NodeContext) throws(ImportError) in
                try variadic(node, .maximum)
            },
            OperatorRow("Min") { (node: NodeContext) throws(ImportError) in
                try variadic(node, .minimum)
            },
            OperatorRow("Mean", mean), OperatorRow("Clip", clip), OperatorRow("IsInf", isInfinite),
            OperatorRow("Cast", outputs: cast), OperatorRow("CastLike", outputs: castLike),
            OperatorRow("BitCast", bitCast),
            OperatorRow("Identity", outputs: identity), OperatorRow("Dropout", outputs: dropout),
        ]

    private static let unaryRows = [
        ("Abs", Unary.absolute), ("Neg", .negate), ("Sign", .sign), ("Floor", .floor),
        ("Ceil", .ceil), ("Round", .roundEven), ("Sqrt", .sqrt), ("Reciprocal", .reciprocal),
        ("Exp", .exp), ("Log", .log), ("Sin", .sin), ("Cos", .cos), ("Tan", .tan), ("Asin", .asin),
        ("Acos", .acos), ("Atan", .atan), ("Sinh", .sinh), ("Cosh", .cosh), ("Tanh", .tanh),
        ("Asinh", .asinh), ("Acosh", .acosh), ("Atanh", .atanh), ("Sigmoid", .sigmoid),
        ("Erf", .erf), ("IsNaN", .isNaN), ("Not", .not), ("BitwiseNot", .not),
    ].map { name, function in
        OperatorRow(name) { (node: NodeContext) throws(ImportError) in
            try absoluteOfUnsigned(node, function, try node.input(0))
        }
    }

    private static let binaryRows = [
        ("Add", Binary.add), ("Sub", .subtract), ("Mul", .multiply), ("Div", .divide),
        ("And", .and), ("Or", .or), ("Xor", .xor), ("BitwiseAnd", .and), ("BitwiseOr", .or),
        ("BitwiseXor", .xor),
    ].map { name, function in
        OperatorRow(name) { (node: NodeContext) throws(ImportError) in
            try node.binary(function, try node.input(0), try broadcastOperand(node))
        }
    }

    /// Functions that change nothing on unsigned integers and that primitives leave out for them.
    private static func absoluteOfUnsigned(
        _ node: NodeContext, _ function: Unary, _ x: ValueID
    ) throws(ImportError) -> ValueID {
        if function == .absolute, node.elementType(x).isUnsignedInteger { return x }
        return try node.unary(function, x)
    }

    /// The second operand; before operator set 7 an attribute laid it along axes of the first.
    static func broadcastOperand(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (a, b) = (try node.input(0), try node.input(1))
        guard node.version < 7, node.flag("broadcast"), node.shape(b).rank < node.shape(a).rank,
            let declared = node.int("axis")
        else { return b }
        let axis = try node.axis(declared, rank: node.rank(a))
        let trailing = node.rank(a) - axis - node.rank(b)
        try node.require(trailing >= 0, "axis", "\(axis)", "at most the difference of ranks")
        return try node.reshape(
            b, node.shape(b).dimensions + Array(repeating: 1, count: trailing))
    }

    private static func pow(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (base, exponent) = (try node.input(0), try broadcastOperand(node))
        let (from, to) = (node.elementType(base), node.elementType(exponent))
        if from == to { return try node.binary(.power, base, exponent) }
        if from.isFloat || to.isInteger {
            return try node.binary(.power, base, try node.convert(exponent, from))
        }
        let power = try node.binary(.power, try node.convert(base, to), exponent)
        return try node.convert(power, from)
    }

    private static func modulo(_ node: NodeContext) throws(ImportError) -> ValueID {
        try node.binary(
            node.flag("fmod") ? .remainder : .modulo, try node.input(0), try node.input(1))
    }

    private static func bitShift(_ node: NodeContext) throws(ImportError) -> ValueID {
        let direction = node.string("direction", default: "")
        try node.require(
            ["LEFT", "RIGHT"].contains(direction), "direction", direction, "LEFT or RIGHT")
        return try node.binary(
            direction == "LEFT" ? .shiftLeft : .shiftRight, try node.input(0), try node.input(1))
    }

    private static func variadic(
        _ node: NodeContext, _ function: Binary
    ) throws(ImportError) -> ValueID {
        let values = try node.allInputs()
        var result = values[0]
        for value in values.dropFirst() { result = try node.binary(function, result, value) }
        return result
    }

    private static func mean(_ node: NodeContext) throws(ImportError) -> ValueID {
        try node.divide(try variadic(node, .add), Double(node.inputs.count))
    }

    private static func clip(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        var low: ValueID?
        var high: ValueID?
        if node.version < 11 {
            if let bound = node.attributes["min"]?.float {
                low = try node.scalar(Double(bound), like: x)
            }
            if let bound = node.attributes["max"]?.float {
                high = try node.scalar(Double(bound), like: x)
            }
        } else {
            low = try node.optionalInput(1)
            high = try node.optionalInput(2)
            for bound in [low, high] {
                guard let bound else { continue }
                try node.require(
                    node.shape(bound).elementCount == 1, "shape of a bound",
                    "\(node.shape(bound))", "a scalar")
            }
            low = try low.map { (value) throws(ImportError) in try node.reshape(value, []) }
            high = try high.map { (value) throws(ImportError) in try node.reshape(value, []) }
        }
        if let low, let high { return try node.emit(.clamp, x, low, high) }
        if let low { return try node.maximum(x, low) }
        if let high { return try node.minimum(x, high) }
        return x
    }

    private static func isInfinite(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let positive = node.flag("detect_positive", default: true)
        let negative = node.flag("detect_negative", default: true)
        let zero = try node.scalar(0, like: x)
        let infinite = try node.unary(.isInfinite, x)
        if positive && negative { return infinite }
        let side = positive ? Comparison.greater : negative ? .less : .notEqual
        let chosen = try node.compare(side, x, positive || negative ? zero : x)
        return try node.binary(.and, infinite, chosen)
    }

    private static func bitCast(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let type = try targetType(node)
        // A bool is a byte of 0 or 1.
        if node.elementType(x) == .bool || type == .bool { return try node.convert(x, type) }
        return try node.emit(.bitcast(type), x)
    }

    private static func targetType(_ node: NodeContext) throws(ImportError) -> ElementType {
        let code = node.int("to", default: 0)
        guard let type = DataType.elementType(code) else {
            throw node.illegal("attribute to", "\(code)", "a data type of numbers")
        }
        return type
    }

    private static func cast(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        if node.int("to") == DataType.string { return [.strings(try text(node))] }
        return [.tensor(try convert(node, to: try targetType(node)))]
    }

    private static func castLike(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        if node.inputs.count > 1, case .strings = node.inputs[1] {
            return [.strings(try text(node))]
        }
        return [.tensor(try convert(node, to: node.elementType(try node.input(1))))]
    }

    private static func convert(
        _ node: NodeContext, to type: ElementType
    ) throws(ImportError) -> ValueID {
        if case .strings(let strings)? = node.inputs.first {
            return try parsed(node, strings, type)
        }
        let modes: [String: Conversion.Rounding] = [
            "up": .up, "down": .down, "nearest": .nearestEven,
        ]
        let mode = node.string("round_mode", default: "up")
        guard let rounding = modes[mode] else {
            throw node.illegal("round_mode", mode, "up, down or nearest")
        }
        let conversion = Conversion(
            to: type, saturates: node.flag("saturate", default: true),
            rounding: type == .float8e8m0 ? rounding : .nearestEven)
        let x = try node.input(0)
        // Integers of less than a byte take the low bits of the truncated number.
        if node.elementType(x).isFloat, type.isInteger, type.bitCount < 8 {
            return try node.convert(try node.convert(x, .int32), type)
        }
        return try node.emit(.convert(conversion), x)
    }

    private static func identity(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        [node.inputs.first ?? .absent]
    }

    private static func dropout(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let x = try node.input(0)
        if let training = try node.optionalInput(2), try node.integer(training) != 0 {
            var ratio = 0.5
            if let input = try node.optionalInput(1) {
                ratio = try node.doubles(input).first ?? 0.5
            }
            if ratio != 0 { return try dropped(node, x, ratio) }
        }
        let kept = try node.broadcast(try node.scalar(1, .bool), node.shape(x).dimensions)
        if node.version < 10 { return [.tensor(x), .tensor(try node.convert(kept, like: x))] }
        return [.tensor(x), .tensor(kept)]
    }

    private static func dropped(
        _ node: NodeContext, _ x: ValueID, _ ratio: Double
    ) throws(ImportError) -> [TraceValue] {
        let uniform = try node.uniform(node.shape(x), seed: node.seed)
        let kept = try node.compare(
            .greaterOrEqual, uniform, try node.scalar(ratio, like: uniform))
        let scaled = try node.multiply(x, ratio < 1 ? 1 / (1 - ratio) : 0)
        return [
            .tensor(try node.select(kept, scaled, try node.scalar(0, like: x))), .tensor(kept),
        ]
    }
}
