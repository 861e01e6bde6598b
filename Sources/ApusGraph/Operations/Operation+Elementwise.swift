extension Operation {
    /// The result type of an elementwise operation.
    func elementwiseType(_ operands: [TensorType]) throws(GraphError) -> TensorType {
        let first = operands[0]
        switch self {
        case .unary(let function):
            return TensorType(try unaryElement(function, first.elementType), first.shape)
        case .binary(let function):
            try requireSame(first.elementType, operands[1].elementType)
            try requireElement(function.isDefined(on: first.elementType), first.elementType)
            return TensorType(first.elementType, try broadcastShape(operands))
        case .compare(let comparison):
            try requireSame(first.elementType, operands[1].elementType)
            let isEquality = comparison == .equal || comparison == .notEqual
            let type = first.elementType
            try requireElement(type.isNumber || (isEquality && type == .bool), type)
            return TensorType(.bool, try broadcastShape(operands))
        case .select:
            try requireElement(first.elementType == .bool, first.elementType)
            try requireSame(operands[1].elementType, operands[2].elementType)
            return TensorType(operands[1].elementType, try broadcastShape(operands))
        case .clamp:
            try requireElement(first.elementType.isNumber, first.elementType)
            try requireSame(first.elementType, operands[1].elementType)
            try requireSame(first.elementType, operands[2].elementType)
            return TensorType(first.elementType, try broadcastShape(operands))
        case .convert(let conversion):
            return TensorType(conversion.elementType, first.shape)
        case .bitcast(let type):
            try requireElement(type.bitCount == first.elementType.bitCount, type)
            return TensorType(type, first.shape)
        default:
            preconditionFailure("\(name) is not elementwise")
        }
    }

    private func unaryElement(
        _ function: Unary, _ type: ElementType
    ) throws(GraphError) -> ElementType {
        switch function {
        case .negate, .absolute, .sign:
            try requireElement(type.isNumber, type)
            return type
        case .not:
            try requireElement(type == .bool || (type.isInteger && type.isNumber), type)
            return type
        case .isNaN, .isInfinite:
            try requireElement(type.isArithmeticFloat, type)
            return .bool
        default:
            try requireElement(type.isArithmeticFloat, type)
            return type
        }
    }

    private func broadcastShape(_ operands: [TensorType]) throws(GraphError) -> Shape {
        var shape = operands[0].shape
        for operand in operands.dropFirst() {
            guard let wider = shape.broadcast(with: operand.shape) else {
                throw .shapesDisagree(operation: name, operands.map(\.shape))
            }
            shape = wider
        }
        return shape
    }
}

extension Binary {
    /// Whether the function is defined on operands of this type.
    public func isDefined(on type: ElementType) -> Bool {
        switch self {
        case .add, .subtract, .multiply, .divide, .remainder, .modulo, .power:
            return type.isNumber
        case .minimum, .maximum: return type.isNumber || type == .bool
        case .and, .or, .xor: return type == .bool || (type.isInteger && type.isNumber)
        case .shiftLeft, .shiftRight: return type.isInteger && type.isNumber
        }
    }
}
