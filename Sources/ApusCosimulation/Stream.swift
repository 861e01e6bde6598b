import ApusISA

/// Register stores and descriptors, as an argument block of ``StreamKernel``.
package struct Stream {
    private(set) package var stores: [(register: UInt32, value: UInt32)] = []
    private var descriptors: [UInt32] = []
    /// Bytes kept for the stores; descriptors follow.
    let storeBytes: Int

    package init(storesMax: Int = 400) { storeBytes = 16 + (8 * storesMax + 15) / 16 * 16 }

    /// Stores a value to a register.
    package mutating func store(_ value: UInt32, to register: UInt32) {
        stores.append((register, value))
    }

    /// Enqueues the words of a command.
    package mutating func enqueue(_ word: CommandWord, on engine: Engine) {
        for index in 0..<CommandWord.wordCount {
            store(word[index], to: UInt32(engine.rawValue) * 0x20 + 4 * UInt32(index))
        }
    }

    /// Enqueues a command on its engine (a nop on `engine`).
    package mutating func enqueue(
        _ operation: Command.Operation, sync: SyncFields = .none, on engine: Engine = .load
    ) {
        let command = Command(sync: sync, operation: operation)
        enqueue(command.encode(), on: command.engine ?? engine)
    }

    /// Appends descriptor words; returns their offset in argument memory.
    package mutating func append(_ words: [UInt32]) -> UInt32 {
        while descriptors.count % 4 != 0 { descriptors.append(0) }
        let offset = storeBytes + 4 * descriptors.count
        descriptors += words
        return UInt32(offset)
    }

    /// Takes over another stream's descriptors, at the same offsets.
    ///
    /// - Precondition: both have the same room for stores.
    package mutating func copyDescriptors(of other: Stream) {
        precondition(storeBytes == other.storeBytes, "descriptors keep their offsets")
        descriptors = other.descriptors
    }

    /// Bytes of the argument block.
    package var byteCount: Int { storeBytes + 4 * descriptors.count }

    /// Stores so far.
    package var storeCount: Int { stores.count }

    /// The argument block.
    package var arguments: [UInt8] {
        precondition(16 + 8 * stores.count <= storeBytes, "the stream has room for its stores")
        var words: [UInt32] = [UInt32(stores.count), 0, 0, 0]
        for (register, value) in stores { words += [register, value] }
        words += [UInt32](repeating: 0, count: (storeBytes - 4 * words.count) / 4)
        words += descriptors
        return words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }
}
