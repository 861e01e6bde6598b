import ApusNumerics

/// The program file: a header of 32 bytes, then the program's parts in the order of ``Program``.
///
///     magic "APUSPROG", version u32, zero u32, length of the file u64, checksum of the rest u64
///
/// All numbers are little endian. Lists and byte runs begin with their count (u64); a byte run is
/// padded with zeros to a multiple of 8, so that weights are aligned in a memory map.
extension Program {
    static let magic = Array("APUSPROG".utf8)
    /// The version that is written, and the only one that is read.
    public static let fileVersion: UInt32 = 1
    static let headerBytes = 32

    /// The program as the bytes of a program file.
    public func fileBytes() -> [UInt8] {
        var writer = ByteWriter()
        writer.bytes.append(contentsOf: Program.magic)
        writer.write(Program.fileVersion)
        writer.write(UInt32(0))
        writer.write(UInt64(0))
        writer.write(UInt64(0))
        writer.write(run: image.elf)
        writer.write(count: image.entries.count)
        for (name, address) in image.entries.sorted(by: { $0.key < $1.key }) {
            writer.write(name)
            writer.write(UInt64(address))
        }
        writer.write(count: arenaBytes)
        writer.write(count: initialised.count)
        for region in initialised {
            writer.write(count: region.offset)
            writer.write(run: region.bytes)
        }
        writer.write(inputs)
        writer.write(outputs)
        writer.write(count: steps.count)
        for step in steps { writer.write(step) }
        Program.seal(&writer.bytes)
        return writer.bytes
    }

    /// Writes length and checksum into the header of a program file.
    ///
    /// - Precondition: at least a header of bytes.
    public static func seal(_ bytes: inout [UInt8]) {
        precondition(bytes.count >= headerBytes, "a program file has a header")
        let checksum = bytes.withUnsafeBytes { Checksum.of($0[headerBytes...]) }
        for index in 0..<8 {
            bytes[16 + index] = UInt8(truncatingIfNeeded: UInt64(bytes.count) >> (8 * index))
            bytes[24 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index))
        }
    }

    /// Reads a program file and checks the program. Nothing is allocated before its size has been
    /// compared with the bytes that are left.
    ///
    /// - Throws: ``ProgramError`` for the first fault.
    public init(file bytes: UnsafeRawBufferPointer) throws(ProgramError) {
        var reader = ByteReader(bytes: bytes)
        if bytes.count < Program.headerBytes || !bytes.starts(with: Program.magic) {
            throw .notAProgram
        }
        reader.position = 8
        let version = try reader.uint32()
        if version != Program.fileVersion { throw .unknownVersion(version) }
        let zero = try reader.uint32()
        if zero != 0 { throw .unknownCode(zero, atByte: 12) }
        let length = try reader.uint64()
        if length != UInt64(bytes.count) {
            throw .wrongLength(stated: length, actual: bytes.count)
        }
        let checksum = try reader.uint64()
        if checksum != Checksum.of(bytes[Program.headerBytes...]) { throw .wrongChecksum }
        self = try reader.program()
        if reader.position != bytes.count { throw .trailingBytes(atByte: reader.position) }
        try validate()
    }

    /// Reads a program file from an array.
    public init(file bytes: [UInt8]) throws(ProgramError) {
        let result = bytes.withUnsafeBytes { buffer -> Result<Program, ProgramError> in
            do throws(ProgramError) {
                return .success(try Program(file: buffer))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }
}

/// A 64-bit sum that tells damaged files from whole ones. It is no defence against forgery.
enum Checksum {
    static func of(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt64 {
        let buffer = UnsafeRawBufferPointer(rebasing: bytes)
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        var position = 0
        while position + 8 <= buffer.count {
            let word = buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            sum = (sum ^ UInt64(littleEndian: word)) &* 0x9E37_79B9_7F4A_7C15
            sum ^= sum >> 29
            position += 8
        }
        while position < buffer.count {
            sum = (sum ^ UInt64(buffer[position])) &* 0x0000_0100_0000_01B3
            position += 1
        }
        return sum
    }
}

/// Appends the parts of a program file.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func write(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(count: Int) { write(UInt64(count)) }

    mutating func write(run: [UInt8]) {
        write(count: run.count)
        bytes.append(contentsOf: run)
        bytes.append(contentsOf: repeatElement(0, count: -bytes.count & 7))
    }

    mutating func write(_ name: String) { write(run: Array(name.utf8)) }

    mutating func write(_ ports: [Port]) {
        write(count: ports.count)
        for port in ports {
            write(port.name)
            write(UInt64(port.elementType.rawValue))
            write(port.tensorType)
            write(count: port.shape.count)
            for extent in port.shape { write(count: extent) }
            write(count: port.offset)
            write(count: port.bytes)
        }
    }

    mutating func write(_ step: Program.Step) {
        switch step {
        case .launch(let launch):
            write(UInt64(0))
            write(launch.kernel)
            write(run: launch.arguments)
            write(count: launch.relocations.count)
            for offset in launch.relocations { write(count: offset) }
            write(launch.label)
        case .host(let host):
            write(UInt64(1))
            write(count: host.index)
            write(host.inputs)
            write(host.outputs)
            write(host.label)
        }
    }
}
