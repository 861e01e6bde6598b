#if canImport(Glibc)
    import Glibc
#endif

extension Interpreter {
    static func evaluate(_ function: Unary, _ operand: Tensor, _ type: TensorType) -> Tensor {
        let result: (Double) -> Double
        switch function {
        case .isNaN:
            return map(operand, type) { (x: Double) in x.isNaN ? Int64(1) : 0 }
        case .isInfinite:
            return map(operand, type) { (x: Double) in x.isInfinite ? Int64(1) : 0 }
        case .not:
            let isBool = operand.elementType == .bool
            return map(operand, type) { (x: Int64) in isBool ? 1 - x : ~x }
        default:
            if operand.elementType.isFloat {
                result = function.onDouble
                return map(operand, type, result)
            }
            return map(operand, type, function.onInteger(operand.elementType))
        }
    }

    static func evaluate(
        _ function: Binary, _ operands: [Tensor], _ type: TensorType
    ) -> Tensor {
        if type.elementType.isFloat { return map(operands, type, function.onDouble) }
        return map(operands, type, function.onInteger(type.elementType))
    }

    static func evaluate(
        _ comparison: Comparison, _ operands: [Tensor], _ type: TensorType
    ) -> Tensor {
        let elementType = operands[0].elementType
        if elementType.isFloat {
            let holds: (Double, Double) -> Bool = comparison.function()
            return map(operands, type) { (a: Double, b: Double) in holds(a, b) ? Int64(1) : 0 }
        }
        if elementType == .uint64 {
            let holds: (UInt64, UInt64) -> Bool = comparison.function()
            return map(operands, type) { (a: Int64, b: Int64) in
                holds(UInt64(bitPattern: a), UInt64(bitPattern: b)) ? Int64(1) : 0
            }
        }
        let holds: (Int64, Int64) -> Bool = comparison.function()
        return map(operands, type) { (a: Int64, b: Int64) in holds(a, b) ? Int64(1) : 0 }
    }

    static func clamp(_ operands: [Tensor], _ type: TensorType) -> Tensor {
        let raised = evaluate(
            Binary.maximum, [operands[0], operands[1]],
            TensorType(
                type.elementType, operands[0].shape.broadcast(with: operands[1].shape) ?? type.shape
            )
        )
        return evaluate(Binary.minimum, [raised, operands[2]], type)
    }

    static func select(_ operands: [Tensor], _ type: TensorType) -> Tensor {
        switch type.elementType.byteCount {
        case 1: return select(UInt8.self, operands, type)
        case 2: return select(UInt16.self, operands, type)
        case 4: return select(UInt32.self, operands, type)
        default: return select(UInt64.self, operands, type)
        }
    }

    private static func select<Bits: FixedWidthInteger & BitwiseCopyable>(
        _: Bits.Type, _ operands: [Tensor], _ type: TensorType
    ) -> Tensor {
        let walk = Walk(broadcasting: operands.map(\.type), to: type)
        let strides = walk.lineStrides
        return Tensor(uninitialised: type) { result in
            operands[0].withBytes { condition in
                operands[1].withBytes { whenTrue in
                    operands[2].withBytes { whenFalse in
                        walk.forEachLine { offsets in
                            for index in 0..<walk.lineCount {
                                let test = condition[offsets[1] + index * strides[1]] != 0
                                let bits =
                                    test
                                    ? whenTrue.loadUnaligned(
                                        fromByteOffset: offsets[2] + index * strides[2],
                                        as: Bits.self)
                                    : whenFalse.loadUnaligned(
                                        fromByteOffset: offsets[3] + index * strides[3],
                                        as: Bits.self)
                                result.storeBytes(
                                    of: bits,
                                    toByteOffset: offsets[0] + index * MemoryLayout<Bits>.size,
                                    as: Bits.self)
                            }
                        }
                    }
                }
            }
        }
    }
}

// MARK: - Element by element through lanes

/// Elements that are widened at a time.
private let chunkCount = 512

extension Interpreter {
    /// Applies a function to each element.
    static func map<In: Lane, Out: Lane>(
        _ operand: Tensor, _ type: TensorType, _ function: (In) -> Out
    ) -> Tensor {
        let width = operand.elementType.byteCount
        return Tensor(uninitialised: type) { result in
            guard let destination = result.baseAddress, type.shape.elementCount > 0 else { return }
            operand.withBytes { bytes in
                guard let source = bytes.baseAddress else { return }
                withLanes(In.self, Out.self) { a, _, out in
                    for start in stride(from: 0, to: operand.elementCount, by: chunkCount) {
                        let count = min(chunkCount, operand.elementCount - start)
                        In.load(
                            operand.elementType, from: source + start * width, stride: width,
                            count: count, to: a)
                        for index in 0..<count { out[index] = function(a[index]) }
                        Out.store(
                            type.elementType, from: out, count: count,
                            to: destination + start * type.elementType.byteCount)
                    }
                }
            }
        }
    }

    /// Applies a function to each pair of elements, broadcasting.
    static func map<In: Lane, Out: Lane>(
        _ operands: [Tensor], _ type: TensorType, _ function: (In, In) -> Out
    ) -> Tensor {
        let walk = Walk(broadcasting: operands.map(\.type), to: type)
        let (left, right) = (operands[0], operands[1])
        return Tensor(uninitialised: type) { result in
            guard let destination = result.baseAddress, type.shape.elementCount > 0 else { return }
            left.withBytes { leftBytes in
                right.withBytes { rightBytes in
                    guard let leftBase = leftBytes.baseAddress,
                        let rightBase = rightBytes.baseAddress
                    else { return }
                    withLanes(In.self, Out.self) { a, b, out in
                        walk.forEachLine { offsets in
                            for start in stride(from: 0, to: walk.lineCount, by: chunkCount) {
                                let count = min(chunkCount, walk.lineCount - start)
                                In.load(
                                    left.elementType,
                                    from: leftBase + offsets[1] + start * walk.lineStrides[1],
                                    stride: walk.lineStrides[1], count: count, to: a)
                                In.load(
                                    right.elementType,
                                    from: rightBase + offsets[2] + start * walk.lineStrides[2],
                                    stride: walk.lineStrides[2], count: count, to: b)
                                for index in 0..<count { out[index] = function(a[index], b[index]) }
                                Out.store(
                                    type.elementType, from: out, count: count,
                                    to: destination + offsets[0]
                                        + start * type.elementType.byteCount)
                            }
                        }
                    }
                }
            }
        }
    }

    private static func withLanes<In: Lane, Out: Lane>(
        _: In.Type, _: Out.Type,
        _ body: (
            UnsafeMutablePointer<In>, UnsafeMutablePointer<In>, UnsafeMutablePointer<Out>
        ) -> Void
    ) {
        let a = UnsafeMutablePointer<In>.allocate(capacity: chunkCount)
        let b = UnsafeMutablePointer<In>.allocate(capacity: chunkCount)
        let out = UnsafeMutablePointer<Out>.allocate(capacity: chunkCount)
        defer {
            a.deallocate()
            b.deallocate()
            out.deallocate()
        }
        body(a, b, out)
    }
}
