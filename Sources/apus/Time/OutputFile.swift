import Glibc

/// A text file that is written piece by piece.
final class OutputFile {
    private let path: String
    private let file: UnsafeMutablePointer<FILE>
    private var failed = false

    /// - Throws: ``Refusal`` if it cannot be created.
    init(path: String) throws {
        self.path = path
        guard let file = fopen(path, "wb") else {
            throw Refusal("\(path): the file cannot be written")
        }
        self.file = file
    }

    func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            if fwrite(bytes.baseAddress, 1, bytes.count, file) != bytes.count { failed = true }
        }
    }

    /// - Throws: ``Refusal`` if something could not be written.
    func close() throws {
        if fclose(file) != 0 { failed = true }
        if failed { throw Refusal("\(path): the file cannot be written whole") }
    }
}
