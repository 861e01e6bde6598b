#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Tensor {
    /// A tensor whose elements nobody knows: they read as zeros, and take no memory.
    ///
    /// It stands for a weight where only shapes count.
    ///
    /// - Throws: ``GraphError/byteCountMismatch(_:found:)`` if the host has no room for its
    ///   address.
    public init(shapeOnly type: TensorType) throws(GraphError) {
        guard let pages = ZeroPages(byteCount: type.byteCount) else {
            throw .byteCountMismatch(type, found: 0)
        }
        try self.init(type, borrowing: pages.bytes, owner: pages)
    }
}

/// Addresses behind which nothing but zeros lies.
private final class ZeroPages: Sendable {
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    init?(byteCount: Int) {
        let address = mmap(
            nil, max(byteCount, 1), PROT_READ, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0)
        guard let address, address != MAP_FAILED else { return nil }
        bytes = UnsafeRawBufferPointer(start: address, count: byteCount)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), max(bytes.count, 1))
    }
}
