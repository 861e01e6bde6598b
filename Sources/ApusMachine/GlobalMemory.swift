#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A stretch of the chip's global memory, held by the host.
///
/// It is a class because it owns memory. Pages that nobody touched cost the host nothing.
///
/// Threads: cores of one launch write different bytes; the host waits for the launch. So no lock is
/// needed, and the class is `Sendable` on that promise.
public final class GlobalMemory: @unchecked Sendable {
    /// The global address of the first byte.
    public let address: UInt64
    /// The bytes, zero at first.
    public let bytes: UnsafeMutableRawBufferPointer

    /// Reserves `count` bytes at global `address`; nil if the host has not enough memory.
    public init?(address: UInt64, count: Int) {
        let rounded = max(count, 1)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | GlobalMemory.noReserve
        guard let start = mmap(nil, rounded, PROT_READ | PROT_WRITE, flags, -1, 0),
            start != MAP_FAILED
        else { return nil }
        self.address = address
        bytes = UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(start, max(bytes.count, 1)) }
    }

    #if os(Linux)
        private static let noReserve = MAP_NORESERVE
    #else
        private static let noReserve: Int32 = 0
    #endif
}
