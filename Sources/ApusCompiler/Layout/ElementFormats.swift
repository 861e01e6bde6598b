import ApusGraph
import ApusNumerics

extension ElementType {
    /// How elements of a tensor lie in the arena; always as many bytes as on the host.
    var arenaFormat: ElementFormat {
        switch self {
        case .bool, .uint8, .uint2, .uint4, .float4e2m1, .float8e4m3fnuz, .float8e5m2fnuz:
            return .uint8
        case .int8, .int2, .int4: return .int8
        case .int16: return .int16
        case .uint16: return .uint16
        case .int32, .uint32: return .int32
        case .int64, .uint64, .float64: return .bits64
        case .float8e4m3fn: return .e4m3
        case .float8e5m2: return .e5m2
        case .float8e8m0: return .e8m0
        case .float16: return .fp16
        case .bfloat16: return .bf16
        case .float32: return .fp32
        }
    }

    /// The format in which the Vector engine reads and writes elements of this type, or nil.
    ///
    /// 64-bit integers are computed as their low 32 bits, which is right for values known to be
    /// small.
    var computeFormat: ElementFormat? {
        switch self {
        case .float64, .float8e4m3fnuz, .float8e5m2fnuz, .float4e2m1, .int2, .uint2, .int4, .uint4:
            return nil
        case .int64, .uint64, .uint32: return .int32
        default: return arenaFormat
        }
    }

    /// The lowest value, or −∞: the identity of a maximum, as bits of the arena's format.
    var lowestBits: UInt32? {
        switch self {
        case .float32: return Float(-Float.infinity).bitPattern
        case .bfloat16: return 0xFF80
        case .float16: return 0xFC00
        case .int8: return 0x80
        case .int16: return 0x8000
        case .int32: return 0x8000_0000
        case .uint8, .uint16, .bool: return 0
        default: return nil
        }
    }
}

extension View {
    /// A view of a tensor whose elements lie as on the host.
    init(buffer: BufferID, type: TensorType) {
        self.init(
            buffer: buffer, format: type.elementType.arenaFormat, shape: type.shape.dimensions)
    }

    /// The low words of 64-bit elements.
    var lowWords: View {
        guard format == .bits64 else { return self }
        var view = self
        view.format = .int32
        return view
    }

    /// The high words of 64-bit elements.
    var highWords: View {
        var view = lowWords
        view.offset += 4
        return view
    }
}

extension Tensor {
    /// If all elements are equal: the bits with which a Vector command holds that number as an
    /// immediate, FP32 or INT32 by the element type.
    var splatImmediate: UInt32? {
        guard let format = elementType.computeFormat, elementCount > 0 else { return nil }
        let width = elementType.byteCount
        return withBytes { bytes -> UInt32? in
            for index in width..<max(bytes.count, width) where bytes[index] != bytes[index - width]
            {
                return nil
            }
            var bits: UInt64 = 0
            for index in 0..<width { bits |= UInt64(bytes[index]) << UInt64(8 * index) }
            if width == 8 { return UInt32(truncatingIfNeeded: bits) }
            let target: ElementFormat = format.isFloatingPoint ? .fp32 : .int32
            return UInt32(
                truncatingIfNeeded: ElementFormat.convert(
                    bits, from: format, to: target, rounding: .nearestEven))
        }
    }
}
