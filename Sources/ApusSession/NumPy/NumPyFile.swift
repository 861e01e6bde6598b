import ApusGraph

/// Arrays in NumPy's `.npy` format, versions 1 to 3, C order, little endian.
public enum NumPyFile {
    /// Reads an array from the bytes of a file.
    ///
    /// - Throws: ``NumPyError`` if the bytes are not such a file.
    public static func read(_ bytes: [UInt8]) throws(NumPyError) -> Tensor {
        let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
        guard bytes.count >= 10, Array(bytes[0..<6]) == magic else { throw .notNumPy }
        let isLong: Bool
        switch bytes[6] {
        case 1: isLong = false
        case 2, 3: isLong = true
        default: throw .version(bytes[6])
        }
        guard bytes.count >= (isLong ? 12 : 10) else { throw .truncated }
        var headerBytes = Int(bytes[8]) | Int(bytes[9]) << 8
        if isLong { headerBytes |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24 }
        let start = isLong ? 12 : 10
        guard headerBytes <= bytes.count - start else { throw .truncated }
        let header = try NumPyHeader(parsing: bytes[start..<start + headerBytes])
        let data = bytes[(start + headerBytes)...]
        let type = TensorType(header.elementType, header.shape)
        guard data.count == type.byteCount else {
            throw .dataSize(expected: type.byteCount, found: data.count)
        }
        return Tensor(uninitialised: type) { $0.copyBytes(from: data) }
    }

    /// The bytes of a file that holds `tensor`.
    ///
    /// Element types that NumPy lacks are written as unsigned integers of their width.
    public static func write(_ tensor: Tensor) -> [UInt8] {
        let extents = tensor.shape.dimensions.map { "\($0)," }.joined(separator: " ")
        let code = NumPyHeader.code(of: tensor.elementType)
        var header = "{'descr': '\(code)', 'fortran_order': False, 'shape': (\(extents)), }"
        // Magic, version, length and header end on a multiple of 64 bytes.
        let total = (10 + header.utf8.count + 1 + 63) / 64 * 64
        header += String(repeating: " ", count: total - 11 - header.utf8.count) + "\n"
        let count = header.utf8.count
        var bytes: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0]
        bytes += [UInt8(count & 255), UInt8(count >> 8)]
        bytes += Array(header.utf8)
        tensor.withBytes { bytes.append(contentsOf: $0) }
        return bytes
    }
}

/// Why bytes are not a NumPy array that Apus reads.
public enum NumPyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file does not begin with NumPy's magic string.
    case notNumPy
    /// A format version other than 1, 2 and 3.
    case version(UInt8)
    /// The file ends within its header.
    case truncated
    /// The header is not the dictionary that NumPy writes.
    case header
    /// An element type that Apus does not read, such as big endian or an object.
    case elementType(String)
    /// The array is in Fortran order.
    case fortranOrder
    /// A negative extent, or more elements than a tensor may have.
    case shape([Int])
    /// Another number of bytes than the shape needs.
    case dataSize(expected: Int, found: Int)

    /// The sentence for humans.
    public var description: String {
        switch self {
        case .notNumPy: return "not a NumPy .npy file"
        case .version(let version): return "NumPy format version \(version) is not 1, 2 or 3"
        case .truncated: return "the file ends within its header"
        case .header: return "the header is not a NumPy array header"
        case .elementType(let code):
            return "element type '\(code)' is not a little-endian number or bool"
        case .fortranOrder: return "Fortran order is not read; save numpy.ascontiguousarray(x)"
        case .shape(let extents): return "shape \(extents) has a negative extent or is too large"
        case .dataSize(let expected, let found):
            return "the shape needs \(expected) bytes of data, found \(found)"
        }
    }
}
