/// Memory that tensors share: owned, or borrowed from an owner that is kept alive.
final class TensorStorage: @unchecked Sendable {
    // Written only while the one reference to it is being initialised or is uniquely held.
    let start: UnsafeMutableRawPointer
    let byteCount: Int
    let owner: AnyObject?

    /// Fresh memory of `byteCount` bytes, 64-byte aligned and not initialised.
    init(uninitialised byteCount: Int) {
        start = .allocate(byteCount: max(byteCount, 1), alignment: 64)
        self.byteCount = byteCount
        owner = nil
    }

    /// Memory of somebody else, who keeps it unchanged for as long as `owner` lives.
    init(borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        // An empty buffer may have no address; nothing is ever read through this one.
        start = UnsafeMutableRawPointer(
            mutating: bytes.baseAddress
                ?? UnsafeRawPointer(Unmanaged.passUnretained(owner).toOpaque()))
        byteCount = bytes.count
        self.owner = owner
    }

    deinit {
        if owner == nil { start.deallocate() }
    }

    var isBorrowed: Bool { owner != nil }
}
