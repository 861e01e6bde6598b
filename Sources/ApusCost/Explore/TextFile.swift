import Glibc

/// Text files, by system calls.
public enum TextFile {
    /// The bytes of a file; nil when there is none.
    ///
    /// - Throws: ``CostError/file(path:errno:)``.
    public static func read(_ path: String) throws(CostError) -> [UInt8]? {
        let file = open(path, O_RDONLY)
        if file < 0 {
            if errno == ENOENT { return nil }
            throw .file(path: path, errno: errno)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0 { throw .file(path: path, errno: errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Writes a file anew.
    ///
    /// - Throws: ``CostError/file(path:errno:)``.
    public static func write(_ text: String, to path: String) throws(CostError) {
        try put(text, path, O_WRONLY | O_CREAT | O_TRUNC)
    }

    /// Adds text at a file's end in one write, so that writers do not mix.
    ///
    /// - Throws: ``CostError/file(path:errno:)``.
    public static func append(_ text: String, to path: String) throws(CostError) {
        try put(text, path, O_WRONLY | O_CREAT | O_APPEND)
    }

    private static func put(_ text: String, _ path: String, _ flags: Int32) throws(CostError) {
        let file = open(path, flags, 0o644)
        if file < 0 { throw .file(path: path, errno: errno) }
        defer { close(file) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 { throw .file(path: path, errno: errno) }
            rest = rest.dropFirst(count)
        }
    }
}
