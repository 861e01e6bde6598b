/// Tokens by id and ids by token: all bytes in one array, with a hash table of ids.
///
/// A vocabulary of 150,000 tokens takes a few milliseconds to build, which a dictionary of
/// strings does not.
package struct TokenTable: Sendable {
    private var arena: [UInt8] = []
    /// Token `id` lies at `offsets[id]..<offsets[id + 1]`.
    private var offsets: [UInt32] = [0]
    /// Ids by hash; -1 is free.
    private var slots: [Int32]
    private let mask: Int
    /// The longest token's bytes.
    private(set) var bytesMax = 0

    /// A table that will hold about `capacity` tokens.
    package init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: -1, count: size)
        mask = size - 1
        offsets.reserveCapacity(capacity + 1)
        arena.reserveCapacity(capacity * 8)
    }

    /// Ids that are in use or skipped.
    var count: Int { offsets.count - 1 }

    /// Adds the token with the next id. It is not found by its bytes if `isFindable` is false,
    /// or if an earlier token has the same.
    package mutating func append(_ bytes: some Collection<UInt8>, isFindable: Bool = true) {
        let id = Int32(count)
        let start = arena.count
        arena.append(contentsOf: bytes)
        offsets.append(UInt32(arena.count))
        bytesMax = max(bytesMax, arena.count - start)
        guard isFindable else { return }
        let place = arena.withUnsafeBufferPointer { all in
            slot(of: UnsafeBufferPointer(rebasing: all[start..<all.count]), in: all)
        }
        if slots[place] < 0 { slots[place] = id }
    }

    /// The bytes of a token; empty for a skipped id.
    func bytes(of id: Int) -> ArraySlice<UInt8> {
        arena[Int(offsets[id])..<Int(offsets[id + 1])]
    }

    /// The id of the token with these bytes.
    @inline(__always)
    func id(of bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
        if bytes.count > bytesMax { return nil }
        let id = arena.withUnsafeBufferPointer { slots[slot(of: bytes, in: $0)] }
        return id < 0 ? nil : id
    }

    func id(of bytes: some Collection<UInt8>) -> Int32? {
        let copy = ContiguousArray(bytes)
        return copy.withUnsafeBufferPointer { id(of: $0) }
    }

    /// The slot that holds the token with these bytes, or the free one where it belongs.
    private func slot(
        of bytes: UnsafeBufferPointer<UInt8>, in all: UnsafeBufferPointer<UInt8>
    ) -> Int {
        var slot = Int(truncatingIfNeeded: hash(of: bytes)) & mask
        while slots[slot] >= 0 {
            let id = Int(slots[slot])
            let start = Int(offsets[id])
            let count = Int(offsets[id + 1]) - start
            if count == bytes.count {
                let known = UnsafeBufferPointer(rebasing: all[start..<start + count])
                if known.elementsEqual(bytes) { return slot }
            }
            slot = (slot + 1) & mask
        }
        return slot
    }
}

/// FNV-1a over 64 bits, with the high half folded in (its low bits mix poorly).
@inline(__always)
func hash(of bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash ^ hash >> 32
}

/// What two neighbouring tokens merge into, and how early.
package struct PairTable: Sendable {
    package struct Merge: Sendable, Equatable {
        /// Lower ranks merge first.
        var rank: Int32
        var id: Int32

        package init(rank: Int32, id: Int32) {
            self.rank = rank
            self.id = id
        }
    }

    /// Left id in the high half, right id in the low; all ones is free.
    private var keys: [UInt64]
    private var merges: [Merge]
    private let mask: Int
    private(set) var count = 0

    private static let free = UInt64.max

    package init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        keys = Array(repeating: PairTable.free, count: size)
        merges = Array(repeating: Merge(rank: 0, id: 0), count: size)
        mask = size - 1
    }

    /// Sets what a pair merges into; a later rank replaces an earlier one, as it does in the
    /// dictionaries of other implementations. At most `capacity` pairs may be set.
    package mutating func set(_ left: Int32, _ right: Int32, _ merge: Merge) {
        let key = PairTable.key(left, right)
        let slot = slot(of: key)
        if keys[slot] == PairTable.free {
            precondition(count * 2 <= mask, "more pairs than the table was made for")
            keys[slot] = key
            count += 1
        }
        merges[slot] = merge
    }

    @inline(__always)
    func merge(of left: Int32, _ right: Int32) -> Merge? {
        let slot = slot(of: PairTable.key(left, right))
        return keys[slot] == PairTable.free ? nil : merges[slot]
    }

    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
        while keys[slot] != key && keys[slot] != PairTable.free { slot = (slot + 1) & mask }
        return slot
    }
}
