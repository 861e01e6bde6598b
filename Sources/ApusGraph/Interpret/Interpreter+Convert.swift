extension Interpreter {
    static func convert(_ operand: Tensor, _ conversion: Conversion) -> Tensor {
        let (from, to) = (operand.elementType, conversion.elementType)
        let type = TensorType(to, operand.shape)
        if from == to { return operand }
        switch (from.isFloat, to.isFloat) {
        case (false, false):
            return map(operand, type) { (x: Int64) in x }
        case (true, false):
            if to == .bool { return map(operand, type) { (x: Double) in x != 0 ? Int64(1) : 0 } }
            let (least, greatest) = to.integerBounds
            if to == .uint64 {
                return map(operand, type) { (x: Double) in
                    Int64(bitPattern: saturating(x, 0, UInt64.max))
                }
            }
            return map(operand, type) { (x: Double) in saturating(x, least, greatest) }
        case (false, true):
            if to == .float64 {
                return map(operand, type) { (x: Int64) in
                    from == .uint64 ? Double(UInt64(bitPattern: x)) : Double(x)
                }
            }
            return convertElements(operand, type, conversion) { (x: Int64) in
                from == .uint64
                    ? roundedToOdd(UInt64(bitPattern: x), sign: .plus)
                    : roundedToOdd(x.magnitude, sign: x < 0 ? .minus : .plus)
            }
        case (true, true):
            return convertElements(operand, type, conversion) { (x: Double) in x }
        }
    }

    /// Converts to a floating-point type by the rules of `conversion`.
    private static func convertElements<In: Lane>(
        _ operand: Tensor, _ type: TensorType, _ conversion: Conversion,
        _ widen: (In) -> Double
    ) -> Tensor {
        let chunkCount = 512
        let source = UnsafeMutablePointer<In>.allocate(capacity: chunkCount)
        let wide = UnsafeMutablePointer<Double>.allocate(capacity: chunkCount)
        defer {
            source.deallocate()
            wide.deallocate()
        }
        let (width, resultWidth) = (operand.elementType.byteCount, type.elementType.byteCount)
        return Tensor(uninitialised: type) { result in
            guard let destination = result.baseAddress, operand.elementCount > 0 else { return }
            operand.withBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                for start in stride(from: 0, to: operand.elementCount, by: chunkCount) {
                    let count = min(chunkCount, operand.elementCount - start)
                    In.load(
                        operand.elementType, from: base + start * width, stride: width,
                        count: count, to: source)
                    for index in 0..<count { wide[index] = widen(source[index]) }
                    Double.store(
                        type.elementType, conversion, from: wide, count: count,
                        to: destination + start * resultWidth)
                }
            }
        }
    }

    private static func saturating<Integer: FixedWidthInteger>(
        _ value: Double, _ least: Integer, _ greatest: Integer
    ) -> Integer {
        if value.isNaN { return 0 }
        let truncated = value.rounded(.towardZero)
        // Bounds are powers of two or one less, so the comparison with their roundings is exact.
        if truncated <= Double(least) { return least }
        return truncated >= Double(greatest) ? greatest : Integer(truncated)
    }

    /// The binary64 number that any format of at most 51 bits rounds to the same as the integer:
    /// truncated, with the last bit set if that lost something.
    private static func roundedToOdd(_ magnitude: UInt64, sign: FloatingPointSign) -> Double {
        let excess = max(0, 11 - magnitude.leadingZeroBitCount)
        let kept = magnitude >> excess
        let isExact = kept << excess == magnitude
        let value = Double((isExact ? kept : kept | 1) << excess)
        return sign == .plus ? value : -value
    }
}

extension ElementType {
    /// The least and greatest value of an integer type, as far as `Int64` reaches.
    var integerBounds: (least: Int64, greatest: Int64) {
        if isSignedInteger {
            return (Int64.min >> (64 - bitCount), Int64.max >> (64 - bitCount))
        }
        return bitCount == 64 ? (0, .max) : (0, 1 << bitCount - 1)
    }
}
