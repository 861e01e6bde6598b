#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder that appears under its name only when all its files are whole.
public final class OutputFolder {
    /// The name it will have.
    public let path: String
    private let temporaryPath: String
    private var names: [String] = []
    private var isCommitted = false

    /// Creates the temporary folder beside `path`, where nothing may be yet.
    ///
    /// - Throws: ``ImportError/cannotWrite(path:reason:)``.
    public init(path: String) throws(ImportError) {
        var trimmed = path[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
        self.path = String(trimmed)
        temporaryPath = "\(trimmed).\(getpid()).part"
        guard access(self.path, F_OK) != 0 else {
            throw .cannotWrite(path: path, reason: "it exists")
        }
        guard mkdir(temporaryPath, 0o755) == 0 else {
            throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
    }

    deinit {
        guard !isCommitted else { return }
        for name in names { unlink("\(temporaryPath)/\(name)") }
        rmdir(temporaryPath)
    }

    /// A file of the folder, to be committed before the folder is.
    public func file(_ name: String) throws(ImportError) -> OutputFile {
        names.append(name)
        return try OutputFile(path: "\(temporaryPath)/\(name)")
    }

    /// Writes a whole file.
    public func write(_ name: String, _ bytes: [UInt8]) throws(ImportError) {
        let file = try file(name)
        try file.write(bytes)
        try file.commit()
    }

    /// Gives the folder its name.
    ///
    /// - Parameter check: Is given the temporary name; if it throws, nothing appears.
    public func commit(
        after check: (String) throws(ImportError) -> Void
    ) throws(ImportError) {
        try check(temporaryPath)
        guard rename(temporaryPath, path) == 0 else {
            throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
        isCommitted = true
    }
}
