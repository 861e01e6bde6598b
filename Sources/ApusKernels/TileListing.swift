import ApusISA

/// The commands of an encoded tile program, as `apus disassemble` lists them.
///
/// Any bytes may be given: a block that is not an encoded tile program has no listing.
public struct TileListing: Sendable {
    /// When the kernel issues a command.
    public enum Phase: String, Sendable, CaseIterable {
        case beforeChunks = "before the chunks"
        case eachChunk = "each chunk"
        case afterChunks = "after the chunks"
    }

    /// A command as it is before the kernel sets addresses, coordinates and waits.
    public struct Entry: Sendable {
        public let phase: Phase
        public let template: CommandWord
        /// The words of the command's descriptor; empty if it has none.
        public let descriptor: [UInt32]
    }

    /// Tile counts, innermost dimension last, and chunks for each tile.
    public let grid: [UInt32]
    public let chunks: UInt32
    public let entries: [Entry]

    /// The listing of a launch's argument block; nil if it is not an encoded tile program.
    public init?(arguments: [UInt8]) {
        let block = ArgumentWords(bytes: arguments)
        guard let rank = block.header(HeaderWord.rank), rank <= 5,
            let chunks = block.header(HeaderWord.chunks),
            let dimensions = block.header(HeaderWord.dimensions),
            let before = block.header(HeaderWord.beforeChunks),
            let each = block.header(HeaderWord.eachChunk),
            let after = block.header(HeaderWord.afterChunks),
            let end = block.header(HeaderWord.commandsEnd),
            before <= each, each <= after, after <= end
        else { return nil }
        var grid: [UInt32] = []
        for index in 0..<Int(rank) {
            let word = index * DimensionWord.count + DimensionWord.extent
            guard let extent = block.word(dimensions, word) else { return nil }
            grid.insert(extent, at: 0)
        }
        var entries: [Entry] = []
        var record = before
        while record < end {
            guard let entry = block.entry(record, each: each, after: after),
                let next = block.word(record, RecordWord.end), next > record
            else { return nil }
            entries.append(entry)
            record = next
        }
        self.grid = grid
        self.chunks = chunks
        self.entries = entries
    }
}

/// An argument block, read word by word at the control processor's addresses.
private struct ArgumentWords {
    let bytes: [UInt8]

    func header(_ index: Int) -> UInt32? { word(ArgumentBlock.address, index) }

    func word(_ address: UInt32, _ index: Int) -> UInt32? {
        let offset = Int(address) - Int(ArgumentBlock.address) + 4 * index
        guard offset >= 0, offset % 4 == 0, offset + 4 <= bytes.count else { return nil }
        return (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * $1) }
    }

    func entry(_ record: UInt32, each: UInt32, after: UInt32) -> TileListing.Entry? {
        guard let flags = word(record, RecordWord.flags) else { return nil }
        var template = CommandWord(words: .zero)
        for index in 0..<CommandWord.wordCount {
            guard let word = word(record, RecordWord.template + index) else { return nil }
            template[index] = word
        }
        if flags & CommandFlag.packsCoordinates != 0 {
            // w7 holds c4 · 65536 + c3 with a signed c3.
            let low = template[7] & 0xFFFF
            let borrowed = low >= 0x8000 ? template[7] &+ 0x10000 : template[7]
            template[7] = borrowed & 0xFFFF_0000 | low
        }
        return TileListing.Entry(
            phase: record < each ? .beforeChunks : record < after ? .eachChunk : .afterChunks,
            template: template, descriptor: descriptor(of: template))
    }

    private func descriptor(of template: CommandWord) -> [UInt32] {
        let place: (offset: UInt32, count: Int)? =
            switch template.opcode {
            case Opcode.load, Opcode.store: (template[2], TransferDescriptor.wordCount)
            case Opcode.matmul: (template[2], MatrixDescriptor.wordCount)
            case Opcode.vector: (template[6], VectorDescriptor.wordCount)
            default: nil
            }
        guard let place, place.offset < 1 << 24 else { return [] }
        let words = (0..<place.count).map { word(ArgumentBlock.address + place.offset, $0) }
        return words.contains(nil) ? [] : words.compactMap { $0 }
    }
}
