#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file's bytes, mapped read-only into memory for as long as the object lives.
///
/// Nothing is read until it is touched, so opening a model of any size takes microseconds.
/// The file must not be shortened while it is mapped; the system would end the process.
public final class MappedFile: Sendable {
    /// The path as given, for messages.
    public let path: String
    /// Bytes in the file.
    public let count: Int
    private let storage: Storage

    private enum Storage: @unchecked Sendable {
        case mapped(UnsafeRawPointer)
        case owned(UnsafeMutableRawPointer)
        case empty
    }

    /// Maps the file at `path`.
    ///
    /// - Throws: ``ImportError/cannotOpen(path:reason:)`` if it does not exist, cannot be read or
    ///   is not a regular file.
    public init(path: String) throws(ImportError) {
        self.path = path
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else {
            throw ImportError.cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw ImportError.cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ImportError.cannotOpen(path: path, reason: "not a regular file")
        }
        count = Int(status.st_size)
        guard count > 0 else {
            storage = .empty
            return
        }
        let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else {
            throw ImportError.cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        storage = .mapped(UnsafeRawPointer(address))
    }

    /// Holds a copy of bytes that are in memory already; `name` stands in for the path in messages.
    public init(name: String, bytes: [UInt8]) {
        path = name
        count = bytes.count
        guard count > 0 else {
            storage = .empty
            return
        }
        let copy = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
        bytes.withUnsafeBytes {
            copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count)
        }
        storage = .owned(copy)
    }

    deinit {
        switch storage {
        case .mapped(let address): munmap(UnsafeMutableRawPointer(mutating: address), count)
        case .owned(let address): address.deallocate()
        case .empty: break
        }
    }

    /// All bytes of the file; valid while this object lives.
    public var bytes: UnsafeRawBufferPointer {
        switch storage {
        case .mapped(let address): UnsafeRawBufferPointer(start: address, count: count)
        case .owned(let address): UnsafeRawBufferPointer(start: address, count: count)
        case .empty: UnsafeRawBufferPointer(start: nil, count: 0)
        }
    }

    /// Tells the system that whole pages within the range will not be needed again soon; they are
    /// read from the file again if they are.
    public func release(_ range: Range<Int>) {
        guard case .mapped(let address) = storage else { return }
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside its file")
        let page = Int(getpagesize())
        let first = (range.lowerBound + page - 1) / page * page
        // The last page of the file belongs to nobody else.
        let last = range.upperBound == count ? count : range.upperBound / page * page
        guard first < last else { return }
        madvise(UnsafeMutableRawPointer(mutating: address + first), last - first, MADV_DONTNEED)
    }

    /// The whole file as a span.
    public var span: FileSpan { FileSpan(file: self, offset: 0, count: count) }
}

/// A range of a mapped file; keeps the file mapped.
public struct FileSpan: Sendable {
    /// The file the range lies in.
    public let file: MappedFile
    /// Bytes from the start of the file.
    public let offset: Int
    /// Bytes in the range.
    public let count: Int

    /// A range that the caller has checked to lie within the file.
    init(file: MappedFile, offset: Int, count: Int) {
        precondition(
            offset >= 0 && count >= 0 && offset <= file.count - count, "span outside its file")
        self.file = file
        self.offset = offset
        self.count = count
    }

    /// Calls `body` with the bytes, which stay valid for the call.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withExtendedLifetime(file) {
            body(UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + count]))
        }
    }

    /// The bytes as text; malformed UTF-8 is repaired with U+FFFD.
    public var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }

    /// A copy of the bytes.
    public var array: [UInt8] { withBytes { [UInt8]($0) } }
}
