/// Why bytes are not a program for the control processor.
public enum ELFError: Error, Equatable, Sendable {
    /// The file does not begin as an ELF file does.
    case notELF
    /// It is not a 32-bit, little-endian executable for RISC-V; `field` is the byte offset of the
    /// header field that says so.
    case unsupported(field: Int, value: UInt32)
    /// A structure lies outside of the file.
    case truncated(structure: Structure, offset: UInt64, bytes: UInt64, fileBytes: Int)
    /// A segment has more bytes in the file than in memory, or wraps around the address space.
    case impossibleSegment(index: Int)
    /// A string or section number in the symbol table leads nowhere.
    case impossibleSymbolTable(section: Int)

    public enum Structure: String, Equatable, Sendable {
        case header, programHeaders, sectionHeaders, segment, symbols, strings
    }
}

extension ELFError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notELF: "not an ELF file"
        case .unsupported(let field, let value):
            "not a 32-bit little-endian RISC-V executable: header byte \(field) is \(value)"
        case .truncated(let structure, let offset, let bytes, let fileBytes):
            "\(structure.rawValue) at \(offset) of \(bytes) bytes: the file has \(fileBytes)"
        case .impossibleSegment(let index): "segment \(index) does not fit its memory size"
        case .impossibleSymbolTable(let section): "section \(section) is no symbol table"
        }
    }
}

/// An executable for the control processor: ELF, 32 bits, little endian.
///
/// Every number of the file is checked before it is used, so any bytes may be given.
public struct ELFFile: Sendable {
    /// A part of the file that is loaded into memory.
    public struct Segment: Equatable, Sendable {
        /// The physical address of the first byte.
        public var address: UInt32
        /// Where its bytes are in the file; the rest of the memory is zero.
        public var file: Range<Int>
        public var memoryBytes: UInt32
        public var permissions: MemoryPermissions
    }

    public let entry: UInt32
    /// The loaded segments that are not empty, in the file's order.
    public let segments: [Segment]
    /// Addresses of named symbols.
    public let symbols: [String: UInt32]
    public let bytes: [UInt8]

    /// - Throws: ``ELFError`` if the bytes are not such a file or contradict themselves.
    public init(_ bytes: [UInt8]) throws(ELFError) {
        let reader = ELFReader(bytes: bytes)
        try reader.checkHeader()
        self.bytes = bytes
        entry = reader.word(24)
        segments = try reader.segments()
        symbols = try reader.symbols()
    }

    /// The lowest address that a writable segment covers, if there is one.
    public var lowestWritableAddress: UInt32? {
        segments.filter { $0.permissions.contains(.write) }.map(\.address).min()
    }

    /// Copies the segments to memory that begins at `base`; false if one does not fit.
    ///
    /// Bytes of segments that the file does not have become zero; all others stay as they are.
    public func load(into memory: UnsafeMutableRawBufferPointer, base: UInt32) -> Bool {
        for segment in segments {
            let isInside =
                segment.address >= base
                && UInt64(segment.address - base) + UInt64(segment.memoryBytes) <= memory.count
            guard isInside else { return false }
        }
        for segment in segments {
            let start = Int(segment.address - base)
            let target = UnsafeMutableRawBufferPointer(
                rebasing: memory[start..<start + Int(segment.memoryBytes)])
            target.initializeMemory(as: UInt8.self, repeating: 0)
            target.copyBytes(from: bytes[segment.file])
        }
        return true
    }
}

/// Reads fields at offsets that `check` has allowed.
private struct ELFReader {
    let bytes: [UInt8]

    func half(_ offset: Int) -> UInt32 {
        UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8
    }

    func word(_ offset: Int) -> UInt32 {
        half(offset) | half(offset + 2) << 16
    }

    private func range(
        _ structure: ELFError.Structure, _ offset: UInt32, _ count: UInt64
    ) throws(ELFError) -> Range<Int> {
        guard UInt64(offset) + count <= UInt64(bytes.count) else {
            throw .truncated(
                structure: structure, offset: UInt64(offset), bytes: count, fileBytes: bytes.count)
        }
        return Int(offset)..<Int(offset) + Int(count)
    }

    func checkHeader() throws(ELFError) {
        guard bytes.count >= 4, bytes[0..<4] == [0x7F, 0x45, 0x4C, 0x46] else { throw .notELF }
        _ = try range(.header, 0, 52)
        // Class 32, little endian; executable; RISC-V. Sizes of the table entries follow.
        let expected: [(field: Int, value: UInt32)] = [(4, 1), (5, 1)]
        for (field, value) in expected where UInt32(bytes[field]) != value {
            throw .unsupported(field: field, value: UInt32(bytes[field]))
        }
        guard half(16) == 2 else { throw .unsupported(field: 16, value: half(16)) }
        guard half(18) == 243 else { throw .unsupported(field: 18, value: half(18)) }
        guard half(42) == 32 || half(44) == 0 else {
            throw .unsupported(field: 42, value: half(42))
        }
        guard half(46) == 40 || half(48) == 0 else {
            throw .unsupported(field: 46, value: half(46))
        }
    }

    func segments() throws(ELFError) -> [ELFFile.Segment] {
        let table = try range(.programHeaders, word(28), UInt64(half(44)) * 32)
        var segments: [ELFFile.Segment] = []
        for (index, header) in stride(from: table.lowerBound, to: table.upperBound, by: 32)
            .enumerated()
        {
            let isLoaded = word(header) == 1
            let address = word(header + 12)
            let memoryBytes = word(header + 20)
            guard isLoaded, memoryBytes != 0 else { continue }
            let fileBytes = word(header + 16)
            let file = try range(.segment, word(header + 4), UInt64(fileBytes))
            guard fileBytes <= memoryBytes, UInt64(address) + UInt64(memoryBytes) <= 1 << 32 else {
                throw .impossibleSegment(index: index)
            }
            let flags = word(header + 24)
            var permissions: MemoryPermissions = []
            if flags & 4 != 0 { permissions.insert(.read) }
            if flags & 2 != 0 { permissions.insert(.write) }
            if flags & 1 != 0 { permissions.insert(.execute) }
            segments.append(
                .init(
                    address: address, file: file, memoryBytes: memoryBytes, permissions: permissions
                ))
        }
        return segments
    }

    /// The names of the first symbol table: an executable has one.
    func symbols() throws(ELFError) -> [String: UInt32] {
        let table = try range(.sectionHeaders, word(32), UInt64(half(48)) * 40)
        let headers = Array(stride(from: table.lowerBound, to: table.upperBound, by: 40))
        guard let section = headers.firstIndex(where: { word($0 + 4) == 2 }) else { return [:] }
        let header = headers[section]
        let link = Int(word(header + 24))
        guard link < headers.count, word(headers[link] + 4) == 3 else {
            throw .impossibleSymbolTable(section: section)
        }
        let entries = try range(.symbols, word(header + 16), UInt64(word(header + 20)) / 16 * 16)
        let strings = try range(
            .strings, word(headers[link] + 16), UInt64(word(headers[link] + 20)))
        var symbols: [String: UInt32] = [:]
        for entry in stride(from: entries.lowerBound, to: entries.upperBound, by: 16) {
            let nameOffset = Int(word(entry))
            guard nameOffset < strings.count else {
                throw .impossibleSymbolTable(section: section)
            }
            // Undefined symbols have section 0; the empty name is no name, and a name longer than
            // any of ours is left out, so that a hostile table cannot cost more than its size.
            let rest = bytes[strings][(strings.lowerBound + nameOffset)...].prefix(257)
            let name = rest.prefix { $0 != 0 }
            guard half(entry + 14) != 0, (1...256).contains(name.count) else { continue }
            symbols[String(decoding: name, as: UTF8.self)] = word(entry + 4)
        }
        return symbols
    }
}
