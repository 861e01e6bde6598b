#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why a file cannot be read or written.
public enum HostFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system refused; the code is `errno`.
    case system(code: Int32)
    /// A folder, a device or a pipe.
    case notAFile
    /// More bytes than the caller takes.
    case tooLarge(bytes: Int, limit: Int)

    /// The sentence for humans.
    public var description: String {
        switch self {
        case .system(let code): return strerror(code).map { String(cString: $0) } ?? "error \(code)"
        case .notAFile: return "not a regular file"
        case .tooLarge(let bytes, let limit): return "\(bytes) bytes; at most \(limit) are read"
        }
    }
}

/// Whole files, read and written at once.
public enum HostFile {
    /// The bytes of a regular file of at most `limit` bytes.
    public static func read(_ path: String, limit: Int) throws(HostFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        let size = Int(status.st_size)
        guard size <= limit else { throw .tooLarge(bytes: size, limit: limit) }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                #if canImport(Glibc)
                    let got = Glibc.read(
                        descriptor, buffer.baseAddress?.advanced(by: count), size - count)
                #elseif canImport(Musl)
                    let got = Musl.read(
                        descriptor, buffer.baseAddress?.advanced(by: count), size - count)
                #else
                    let got = Darwin.read(
                        descriptor, buffer.baseAddress?.advanced(by: count), size - count)
                #endif
                if got > 0 {
                    count += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw .system(code: failure) }
        return bytes
    }

    /// Writes a file so that it appears whole or not at all.
    public static func write(_ bytes: [UInt8], to path: String) throws(HostFileError) {
        let partial = path + ".partial"
        guard let file = fopen(partial, "wb") else { throw .system(code: errno) }
        let written = fwrite(bytes, 1, bytes.count, file)
        let isClosed = fclose(file) == 0
        guard written == bytes.count, isClosed, rename(partial, path) == 0 else {
            let code = errno
            unlink(partial)
            throw .system(code: code)
        }
    }
}
