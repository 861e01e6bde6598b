import ApusGraph

/// TensorProto.DataType and the element types that stand for it.
enum DataType {
    static let string = 8

    /// The element type of a TensorProto.DataType, or nil for strings, complex and unknown ones.
    static func elementType(_ code: Int) -> ElementType? {
        switch code {
        case 1: .float32
        case 2: .uint8
        case 3: .int8
        case 4: .uint16
        case 5: .int16
        case 6: .int32
        case 7: .int64
        case 9: .bool
        case 10: .float16
        case 11: .float64
        case 12: .uint32
        case 13: .uint64
        case 16: .bfloat16
        case 17: .float8e4m3fn
        case 18: .float8e4m3fnuz
        case 19: .float8e5m2
        case 20: .float8e5m2fnuz
        case 21: .uint4
        case 22: .int4
        case 23: .float4e2m1
        case 24: .float8e8m0
        case 25: .uint2
        case 26: .int2
        default: nil
        }
    }
}
