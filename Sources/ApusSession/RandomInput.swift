import ApusGraph

/// Inputs of random numbers, the same in every run.
public enum RandomInput {
    /// A tensor of numbers: uniform in [−1, 1) for 32- and 64-bit floats, in 0…1 for `bool`, in
    /// 0…99 for integers, and of small magnitude for narrower floats.
    public static func tensor(_ type: TensorType, seed: UInt64 = 1) -> Tensor {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next() -> UInt64 {
            // xorshift64* (Vigna, https://doi.org/10.1145/2845077).
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            return state &* 0x2545_F491_4F6C_DD1D
        }
        let count = type.shape.elementCount
        return Tensor(uninitialised: type) { bytes in
            for index in 0..<count {
                let bits = next() >> 40
                let width = type.elementType.byteCount
                switch type.elementType {
                case .float32:
                    let value = Float(bits) * 0x1p-23 - 1
                    bytes.storeBytes(of: value, toByteOffset: 4 * index, as: Float.self)
                case .float64:
                    let value = Double(bits) * 0x1p-23 - 1
                    bytes.storeBytes(of: value, toByteOffset: 8 * index, as: Double.self)
                case .bool: bytes[index] = UInt8(bits & 1)
                case .float16, .bfloat16:
                    // A positive number below 1 in either format: sign and top exponent bit clear.
                    let value = UInt16(bits & 0x3BFF)
                    bytes.storeBytes(of: value, toByteOffset: 2 * index, as: UInt16.self)
                default:
                    let limit: UInt64 = type.elementType.bitCount < 8 ? 2 : 100
                    let value = bits % limit
                    for byte in 0..<width {
                        bytes[index * width + byte] = byte == 0 ? UInt8(value) : 0
                    }
                }
            }
        }
    }
}
