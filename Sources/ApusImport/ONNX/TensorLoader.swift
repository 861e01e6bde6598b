import ApusGraph

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes tensors of stored ones. Elements of eight bits and more that are stored raw stay in the
/// mapped file; packed and typed fields are unpacked.
final class TensorLoader {
    private let file: MappedFile
    private let limits: ImportLimits
    private var externalFiles: [String: MappedFile] = [:]

    init(file: MappedFile, limits: ImportLimits) {
        self.file = file
        self.limits = limits
    }

    /// The tensor that `message` describes.
    func tensor(_ message: TensorMessage) throws(ImportError) -> Tensor {
        guard !message.isSegmented else { throw failure(message, .segmented) }
        guard let elementType = DataType.elementType(message.dataType) else {
            throw failure(message, .dataType(message.dataType))
        }
        let type = TensorType(elementType, try shape(message.shape, elementType, message))
        if message.isExternal {
            return try raw(message, type, try external(message, byteCount: storedBytes(type)))
        }
        if let bytes = message.raw { return try raw(message, type, bytes) }
        return try typed(message, type)
    }

    /// The dense tensor that a sparse one stands for.
    func tensor(_ message: SparseTensorMessage) throws(ImportError) -> Tensor {
        guard let valuesMessage = message.values, let indicesMessage = message.indices else {
            throw .tensor(file: file.path, tensor: "", .sparse)
        }
        let values = try tensor(valuesMessage)
        let indices = try tensor(indicesMessage)
        let shape = try shape(message.shape, values.elementType, valuesMessage)
        let rank = shape.rank
        let count = values.elementCount
        guard indices.elementType == .int64, values.shape.rank == 1,
            indices.shape == [count] || indices.shape == [count, rank]
        else { throw failure(valuesMessage, .sparse) }
        let places = indices.array(of: Int64.self)
        let strides = shape.strides
        let width = values.elementType.byteCount
        let source = values.bytes
        var isInside = true
        let dense = Tensor(uninitialised: TensorType(values.elementType, shape)) { bytes in
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
            for item in 0..<count {
                var place = 0
                if indices.shape.rank == 1 {
                    place = Int(places[item])
                    isInside = isInside && place >= 0 && place < shape.elementCount
                } else {
                    for axis in 0..<rank {
                        let index = Int(places[item * rank + axis])
                        isInside = isInside && index >= 0 && index < shape[axis]
                        if isInside { place += index * strides[axis] }
                    }
                }
                guard isInside else { return }
                for byte in 0..<width { bytes[place * width + byte] = source[item * width + byte] }
            }
        }
        guard isInside else { throw failure(valuesMessage, .sparse) }
        return dense
    }

    func failure(_ message: TensorMessage, _ problem: TensorProblem) -> ImportError {
        .tensor(file: file.path, tensor: message.name, problem)
    }

    func shape(
        _ extents: [Int], _ elementType: ElementType, _ message: TensorMessage
    ) throws(ImportError) -> Shape {
        guard extents.count <= limits.rankMax, let shape = try? Shape(checked: extents),
            shape.elementCount <= limits.tensorBytesMax / elementType.byteCount
        else { throw failure(message, .shape(Array(extents.prefix(8)))) }
        return shape
    }

    /// Bytes that the elements take when stored raw.
    private func storedBytes(_ type: TensorType) -> Int {
        let bits = type.elementType == .bool ? 8 : type.elementType.bitCount
        return (type.shape.elementCount * bits + 7) / 8
    }

    private func raw(
        _ message: TensorMessage, _ type: TensorType, _ span: FileSpan
    ) throws(ImportError) -> Tensor {
        let expected = storedBytes(type)
        guard span.count == expected else {
            throw failure(message, .size(expected: expected, found: span.count))
        }
        if type.elementType.bitCount < 8, type.elementType != .bool {
            return unpacked(type) { place in span.file.bytes[span.offset + place] }
        }
        if type.elementType == .bool, span.withBytes({ $0.contains { $0 > 1 } }) {
            return Tensor(uninitialised: type) { bytes in
                for (index, byte) in span.array.enumerated() { bytes[index] = byte == 0 ? 0 : 1 }
            }
        }
        let bytes = UnsafeRawBufferPointer(
            rebasing: span.file.bytes[span.offset..<span.offset + span.count])
        do throws(GraphError) {
            return try Tensor(type, borrowing: bytes, owner: span.file)
        } catch {
            throw failure(message, .size(expected: expected, found: span.count))
        }
    }

    /// Spreads elements of 2 or 4 bits, the first in the low bits, to one a byte.
    private func unpacked(_ type: TensorType, _ byteAt: (Int) -> UInt8) -> Tensor {
        let bits = type.elementType.bitCount
        let perByte = 8 / bits
        let mask = UInt8((1 << bits) - 1)
        let sign = type.elementType.isSignedInteger ? UInt8(1 << (bits - 1)) : 0
        return Tensor(uninitialised: type) { bytes in
            for index in 0..<type.shape.elementCount {
                let field = byteAt(index / perByte) >> UInt8(bits * (index % perByte)) & mask
                bytes[index] = (field ^ sign) &- sign
            }
        }
    }
}

// Typed data fields.
extension TensorLoader {
    private func typed(
        _ message: TensorMessage, _ type: TensorType
    ) throws(ImportError) -> Tensor {
        var integers: [Int] = []
        var floats: [Float] = []
        var doubles: [Double] = []
        var reader = WireReader(message.message)
        let wanted = dataField(type.elementType)
        while let field = try reader.next() {
            guard field.number == wanted else { continue }
            switch wanted {
            case 4: try field.appendFloats(to: &floats)
            case 10: try field.appendDoubles(to: &doubles)
            default: try field.appendIntegers(to: &integers)
            }
        }
        let bits = type.elementType.bitCount
        let count = type.shape.elementCount
        let isPacked = bits < 8 && type.elementType != .bool
        let expected = isPacked ? storedBytes(type) : count
        let found = max(integers.count, floats.count, doubles.count)
        guard found == expected else {
            throw failure(message, .size(expected: expected, found: found))
        }
        switch type.elementType {
        case .float32: return Tensor(floats, shape: type.shape)
        case .float64: return Tensor(doubles, shape: type.shape)
        default: break
        }
        if isPacked { return unpacked(type) { UInt8(truncatingIfNeeded: integers[$0]) } }
        let isBool = type.elementType == .bool
        return Tensor(uninitialised: type) { bytes in
            for index in 0..<count {
                let value = isBool ? (integers[index] == 0 ? 0 : 1) : integers[index]
                switch type.elementType.byteCount {
                case 1: bytes[index] = UInt8(truncatingIfNeeded: value)
                case 2:
                    bytes.storeBytes(
                        of: UInt16(truncatingIfNeeded: value), toByteOffset: 2 * index,
                        as: UInt16.self)
                case 4:
                    bytes.storeBytes(
                        of: UInt32(truncatingIfNeeded: value), toByteOffset: 4 * index,
                        as: UInt32.self)
                default:
                    bytes.storeBytes(
                        of: UInt64(truncatingIfNeeded: value), toByteOffset: 8 * index,
                        as: UInt64.self)
                }
            }
        }
    }

    /// The number of the TensorProto field that holds elements of a type.
    private func dataField(_ type: ElementType) -> Int {
        switch type {
        case .float32: 4
        case .float64: 10
        case .int64: 7
        case .uint32, .uint64: 11
        default: 5
        }
    }

    /// The strings of a string tensor.
    func strings(_ message: TensorMessage) throws(ImportError) -> [[UInt8]] {
        var reader = WireReader(message.message)
        var strings: [[UInt8]] = []
        while let field = try reader.next() {
            if field.number == 6 { strings.append(try field.bytes().array) }
        }
        return strings
    }
}

// External data.
extension TensorLoader {
    private func external(
        _ message: TensorMessage, byteCount: Int
    ) throws(ImportError) -> FileSpan {
        let location = message.external["location"] ?? ""
        let source = try externalFile(location, message)
        let offsetText = message.external["offset"] ?? "0"
        let offset = Int(offsetText) ?? -1
        let lengthText = message.external["length"] ?? "\(byteCount)"
        let length = Int(lengthText) ?? -1
        guard offset >= 0, length >= 0, offset <= source.count, length <= source.count - offset
        else {
            throw failure(
                message,
                .externalRange(
                    location, offset: offsetText, length: lengthText, fileBytes: source.count))
        }
        return FileSpan(file: source, offset: offset, count: length)
    }

    private func externalFile(
        _ location: String, _ message: TensorMessage
    ) throws(ImportError) -> MappedFile {
        if let known = externalFiles[location] { return known }
        let parts = location.split(separator: "/", omittingEmptySubsequences: false)
        guard !location.isEmpty, !location.hasPrefix("/"), !parts.contains(".."),
            !location.utf8.contains(0)
        else { throw failure(message, .externalPath(location)) }
        let slash = file.path.lastIndex(of: "/")
        let folder = slash.map { String(file.path[...$0]) } ?? "./"
        guard let root = resolved(folder), let target = resolved(folder + location) else {
            throw failure(message, .externalFile(location, reason: "no such file beside the model"))
        }
        // A symbolic link may lead out of the folder, too.
        guard target.hasPrefix(root == "/" ? root : root + "/") else {
            throw failure(message, .externalPath(location))
        }
        do throws(ImportError) {
            let opened = try MappedFile(path: target)
            externalFiles[location] = opened
            return opened
        } catch .cannotOpen(_, let reason) {
            throw failure(message, .externalFile(location, reason: reason))
        } catch {
            throw error
        }
    }

    private func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}

extension TensorLoader {
    /// A tensor of text.
    func stringTensor(_ message: TensorMessage) throws(ImportError) -> StringTensor {
        let shape = try shape(message.shape, .int64, message)
        let elements = try strings(message)
        guard elements.count == shape.elementCount else {
            throw failure(message, .size(expected: shape.elementCount, found: elements.count))
        }
        return StringTensor(
            shape: shape, elements: elements.map { String(decoding: $0, as: UTF8.self) })
    }
}
