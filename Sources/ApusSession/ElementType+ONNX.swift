import ApusGraph

extension ElementType {
    /// ONNX's TensorProto.DataType for this element type.
    public var onnxCode: Int32 {
        switch self {
        case .float32: return 1
        case .uint8: return 2
        case .int8: return 3
        case .uint16: return 4
        case .int16: return 5
        case .int32: return 6
        case .int64: return 7
        case .bool: return 9
        case .float16: return 10
        case .float64: return 11
        case .uint32: return 12
        case .uint64: return 13
        case .bfloat16: return 16
        case .float8e4m3fn: return 17
        case .float8e4m3fnuz: return 18
        case .float8e5m2: return 19
        case .float8e5m2fnuz: return 20
        case .uint4: return 21
        case .int4: return 22
        case .float4e2m1: return 23
        case .float8e8m0: return 24
        case .uint2: return 25
        case .int2: return 26
        }
    }

    /// The element type of a TensorProto.DataType, or nil.
    public init?(onnxCode: Int32) {
        guard let type = ElementType.allCases.first(where: { $0.onnxCode == onnxCode }) else {
            return nil
        }
        self = type
    }
}
