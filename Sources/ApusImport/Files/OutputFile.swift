#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that appears under its name only when it is whole.
///
/// Bytes go to a neighbour with a temporary name; ``commit()`` renames it. A file that is dropped
/// before that leaves nothing behind.
public final class OutputFile {
    /// The name it will have.
    public let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    private var isCommitted = false
    private var buffer: [UInt8] = []

    private static let bufferBytes = 1 << 20

    /// Creates the temporary file beside `path`.
    ///
    /// - Throws: ``ImportError/cannotWrite(path:reason:)``.
    public init(path: String) throws(ImportError) {
        self.path = path
        temporaryPath = "\(path).\(getpid()).part"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw .cannotWrite(path: path, reason: reason)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !isCommitted { unlink(temporaryPath) }
    }

    private func failure() -> ImportError {
        .cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }

    /// Appends bytes.
    public func write(_ bytes: [UInt8]) throws(ImportError) {
        buffer += bytes
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Appends bytes in memory.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(ImportError) {
        try flush()
        try put(bytes)
    }

    private func flush() throws(ImportError) {
        let pending = buffer
        buffer.removeAll(keepingCapacity: true)
        let result = pending.withUnsafeBytes { bytes in
            Result { () throws(ImportError) in try put(bytes) }
        }
        try result.get()
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(ImportError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            #if canImport(Darwin)
                let count = Darwin.write(descriptor, base + done, bytes.count - done)
            #elseif canImport(Musl)
                let count = Musl.write(descriptor, base + done, bytes.count - done)
            #else
                let count = Glibc.write(descriptor, base + done, bytes.count - done)
            #endif
            if count < 0 {
                if errno == EINTR { continue }
                throw failure()
            }
            done += count
        }
    }

    /// Finishes the file and gives it its name, in the place of one that had it.
    ///
    /// - Parameter check: Is given the temporary name; if it throws, nothing appears.
    public func commit(
        after check: (String) throws(ImportError) -> Void = { _ in }
    ) throws(ImportError) {
        try flush()
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0 else { throw failure() }
        try check(temporaryPath)
        guard rename(temporaryPath, path) == 0 else { throw failure() }
        isCommitted = true
    }
}
