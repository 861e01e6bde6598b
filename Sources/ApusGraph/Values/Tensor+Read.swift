extension Tensor {
    /// The elements as integers, or nil unless the type is an integer type or `bool`.
    ///
    /// `uint64` elements above `Int.max` wrap.
    public var integers: [Int]? {
        switch elementType {
        case .bool, .uint2, .uint4, .uint8: return read(UInt8.self) { Int($0) }
        case .int2, .int4, .int8: return read(Int8.self) { Int($0) }
        case .int16: return read(Int16.self) { Int($0) }
        case .int32: return read(Int32.self) { Int($0) }
        case .int64: return read(Int64.self) { Int($0) }
        case .uint16: return read(UInt16.self) { Int($0) }
        case .uint32: return read(UInt32.self) { Int($0) }
        case .uint64: return read(UInt64.self) { Int(truncatingIfNeeded: $0) }
        default: return nil
        }
    }

    /// The elements as binary64 numbers, exactly, or nil for types of fewer than 16 bits that are
    /// not integers.
    ///
    /// 64-bit integers round to the nearest binary64 number.
    public var doubles: [Double]? {
        switch elementType {
        case .float16: return read(Float16.self) { Double($0) }
        case .bfloat16: return read(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
        case .float32: return read(Float.self) { Double($0) }
        case .float64: return read(Double.self) { $0 }
        case .uint64: return read(UInt64.self) { Double($0) }
        default: return integers.map { $0.map(Double.init) }
        }
    }

    private func read<Element: BitwiseCopyable, Result>(
        _: Element.Type, _ convert: (Element) -> Result
    ) -> [Result] {
        withElements(as: Element.self) { $0.map(convert) }
    }
}
