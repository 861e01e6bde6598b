#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder that is removed, with the files in it, when the object goes.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/apus-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure.cannotCreate }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    enum Failure: Error { case cannotCreate, cannotWrite(String) }

    /// Writes a file into the folder.
    func write(_ name: String, _ bytes: [UInt8]) throws {
        guard let file = fopen("\(path)/\(name)", "w") else { throw Failure.cannotWrite(name) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw Failure.cannotWrite(name)
        }
    }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    /// Names of the files in the folder, in order.
    var names: [String] { Self.names(path) }

    /// Removes a folder and the files in it.
    static func remove(_ path: String) throws {
        for name in names(path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    private static func names(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}
