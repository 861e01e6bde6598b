import ApusNumerics

/// Takes a program file apart; every read is checked against the bytes that are left.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private mutating func take(_ count: Int) throws(ProgramError) -> Int {
        if count > bytes.count - position { throw .truncated(atByte: position) }
        let start = position
        position += count
        return start
    }

    mutating func uint32() throws(ProgramError) -> UInt32 {
        let start = try take(4)
        return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
    }

    mutating func uint64() throws(ProgramError) -> UInt64 {
        let start = try take(8)
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
    }

    /// A number that is not negative as Int.
    mutating func number() throws(ProgramError) -> Int {
        let start = position
        guard let value = Int(exactly: try uint64()) else { throw .truncated(atByte: start) }
        return value
    }

    /// The count of a list whose items take at least `itemBytes` each.
    mutating func count(itemBytes: Int) throws(ProgramError) -> Int {
        let start = position
        let count = try number()
        if count > (bytes.count - position) / itemBytes { throw .truncated(atByte: start) }
        return count
    }

    mutating func run() throws(ProgramError) -> [UInt8] {
        let count = try count(itemBytes: 1)
        let start = try take(count)
        let padding = -position & 7
        let paddingStart = try take(padding)
        for index in paddingStart..<paddingStart + padding where bytes[index] != 0 {
            throw .unknownCode(UInt32(bytes[index]), atByte: index)
        }
        return Array(bytes[start..<start + count])
    }

    mutating func name() throws(ProgramError) -> String {
        let start = position
        guard let name = String(validating: try run(), as: UTF8.self) else {
            throw .badName(atByte: start)
        }
        return name
    }

    mutating func list<Item>(
        itemBytes: Int, _ item: (inout ByteReader) throws(ProgramError) -> Item
    ) throws(ProgramError) -> [Item] {
        let count = try count(itemBytes: itemBytes)
        var items: [Item] = []
        items.reserveCapacity(count)
        for _ in 0..<count { items.append(try item(&self)) }
        return items
    }

    mutating func program() throws(ProgramError) -> Program {
        let elf = try run()
        var entries: [String: UInt32] = [:]
        for _ in 0..<(try count(itemBytes: 16)) {
            let start = position
            let name = try name()
            let address = try uint64()
            guard let address = UInt32(exactly: address), entries[name] == nil else {
                throw .unknownCode(UInt32(truncatingIfNeeded: address), atByte: start)
            }
            entries[name] = address
        }
        return Program(
            image: KernelImage(elf: elf, entries: entries),
            arenaBytes: try number(),
            initialised: try list(itemBytes: 16) { reader throws(ProgramError) in
                Region(offset: try reader.number(), bytes: try reader.run())
            },
            inputs: try ports(),
            outputs: try ports(),
            steps: try list(itemBytes: 8) { reader throws(ProgramError) in try reader.step() })
    }

    mutating func ports() throws(ProgramError) -> [Port] {
        try list(itemBytes: 48) { reader throws(ProgramError) in
            let name = try reader.name()
            let start = reader.position
            let code = try reader.uint64()
            guard let narrow = UInt8(exactly: code), let format = ElementFormat(rawValue: narrow)
            else { throw .unknownCode(UInt32(truncatingIfNeeded: code), atByte: start) }
            return Port(
                name: name, elementType: format, tensorType: try reader.name(),
                shape: try reader.list(itemBytes: 8) { reader throws(ProgramError) in
                    try reader.number()
                },
                offset: try reader.number(), bytes: try reader.number())
        }
    }

    mutating func step() throws(ProgramError) -> Program.Step {
        let start = position
        switch try uint64() {
        case 0:
            return .launch(
                Launch(
                    kernel: try name(), arguments: try run(),
                    relocations: try list(itemBytes: 8) { reader throws(ProgramError) in
                        try reader.number()
                    },
                    label: try name()))
        case 1:
            return .host(
                HostStep(
                    index: try number(), inputs: try ports(), outputs: try ports(),
                    label: try name()))
        case let code:
            throw .unknownCode(UInt32(truncatingIfNeeded: code), atByte: start)
        }
    }
}
