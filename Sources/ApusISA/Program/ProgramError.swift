/// Why a program, or the bytes of a program file, are refused.
public enum ProgramError: Error, Equatable, Sendable {
    /// Where in a program a number or name stands.
    public enum Place: Equatable, Sendable {
        case image
        case region(Int)
        case input(String)
        case output(String)
        case launch(Int)
        case hostStep(Int)
    }

    /// The bytes do not begin as a program file does.
    case notAProgram
    /// A later version of the format.
    case unknownVersion(UInt32)
    /// The file says that it has `stated` bytes.
    case wrongLength(stated: UInt64, actual: Int)
    /// The bytes are not those that were written.
    case wrongChecksum
    /// A list or a run of bytes reaches beyond the end of the file.
    case truncated(atByte: Int)
    /// Bytes that are not UTF-8 where a name stands.
    case badName(atByte: Int)
    /// A code without a meaning.
    case unknownCode(UInt32, atByte: Int)
    /// More bytes after the program.
    case trailingBytes(atByte: Int)
    /// Bytes outside the arena.
    case outsideArena(Place, offset: Int, bytes: Int, arenaBytes: Int)
    /// A size that its shape and format do not have.
    case wrongSize(Place, bytes: Int, expected: Int)
    /// A negative or overflowing shape.
    case badShape(Place)
    /// A launch names a kernel that the image lacks.
    case unknownKernel(Place, name: String)
    /// A relocation outside the arguments, or not a multiple of 4.
    case badRelocation(Place, offset: Int)
}

extension ProgramError.Place: CustomStringConvertible {
    public var description: String {
        switch self {
        case .image: "the kernel image"
        case .region(let index): "region \(index)"
        case .input(let name): "input \"\(name)\""
        case .output(let name): "output \"\(name)\""
        case .launch(let index): "launch at step \(index)"
        case .hostStep(let index): "host step at step \(index)"
        }
    }
}

extension ProgramError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAProgram: "not an Apus program"
        case .unknownVersion(let version): "program format version \(version) is not known"
        case .wrongLength(let stated, let actual):
            "the file says it has \(stated) bytes, but it has \(actual)"
        case .wrongChecksum: "the checksum does not match; the file is damaged"
        case .truncated(let byte): "truncated at byte \(byte)"
        case .badName(let byte): "the name at byte \(byte) is not UTF-8"
        case .unknownCode(let code, let byte): "unknown code \(code) at byte \(byte)"
        case .trailingBytes(let byte): "more bytes after the program, at \(byte)"
        case .outsideArena(let place, let offset, let bytes, let arenaBytes):
            "\(place): \(bytes) bytes at \(offset) lie outside the arena of \(arenaBytes)"
        case .wrongSize(let place, let bytes, let expected):
            "\(place): has \(bytes) bytes, its shape takes \(expected)"
        case .badShape(let place): "\(place): its shape is negative or too large"
        case .unknownKernel(let place, let name): "\(place): no kernel is called \"\(name)\""
        case .badRelocation(let place, let offset):
            "\(place): the relocation at \(offset) is outside its arguments"
        }
    }
}
