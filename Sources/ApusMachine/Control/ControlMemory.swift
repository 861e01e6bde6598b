/// What a control processor may do with a region of memory.
public struct MemoryPermissions: OptionSet, Equatable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let read = MemoryPermissions(rawValue: 1)
    public static let write = MemoryPermissions(rawValue: 2)
    public static let execute = MemoryPermissions(rawValue: 4)
}

/// Memory that a control processor reaches directly, without asking anyone.
///
/// The bytes belong to whoever made the region and must outlive the processor.
public struct MemoryRegion {
    /// The address of the first byte, a multiple of four.
    public var base: UInt32
    /// The size, a multiple of four that is not zero.
    public var bytes: UInt32
    /// Where the bytes are in the host's memory.
    public var host: UnsafeMutablePointer<UInt8>
    public var permissions: MemoryPermissions

    public init(
        base: UInt32, bytes: UInt32, host: UnsafeMutablePointer<UInt8>,
        permissions: MemoryPermissions
    ) {
        self.base = base
        self.bytes = bytes
        self.host = host
        self.permissions = permissions
    }
}

/// What the outside answers to a load or a store of a control processor.
public enum AccessAnswer: Int32, Equatable, Sendable {
    /// Performed; the instruction retires.
    case done = 0
    /// Not now: the run ends, and the next run tries the instruction again.
    case stall = 1
    /// Nothing is there: the instruction takes an access fault.
    case fault = 2
    /// Performed; the instruction retires and the run ends.
    case stop = 3
}

/// Performs a load or store outside of all regions, and hears of stores to watched words.
///
/// The arguments are the context, the address (aligned), the size in bytes (1, 2 or 4), whether it
/// is a store, and where the value is or goes, zero-extended. The answer is a raw `AccessAnswer`.
public typealias AccessFunction =
    @convention(c) (
        UnsafeMutableRawPointer?, UInt32, UInt32, Bool, UnsafeMutablePointer<UInt32>?
    ) -> Int32

/// Why a control processor came back.
public enum ProcessorExit: Equatable, Sendable {
    /// The given number of steps was made.
    case budget
    /// A load or store answered `stall`; it will be tried again.
    case stalled
    /// A load or store answered `stop`.
    case stopped
    /// An exception, where these end the run: `mcause` and `mtval`; `pc` is the instruction's.
    case exception(cause: UInt32, value: UInt32)
    /// The first instruction of the trap handler cannot be fetched; `mepc` is the trap's place.
    case locked(cause: UInt32, value: UInt32)
}

/// How a control processor is made. There are no defaults that hide a decision: see the two below.
public struct ProcessorOptions: Equatable, Sendable {
    /// The value of `mhartid`.
    public var hart: UInt32
    /// Whether `msip`, `mtimecmp` and `mtime` are at `0x0200_0000`, `+0x4000` and `+0xBFF8`.
    public var hasTimer: Bool
    /// Whether misaligned loads and stores of memory trap; they work otherwise.
    public var trapsMisaligned: Bool
    /// Whether an exception ends the run instead of entering the handler.
    public var stopsOnException: Bool

    public init(hart: UInt32, hasTimer: Bool, trapsMisaligned: Bool, stopsOnException: Bool) {
        self.hart = hart
        self.hasTimer = hasTimer
        self.trapsMisaligned = trapsMisaligned
        self.stopsOnException = stopsOnException
    }

    /// A core's processor: an exception is a fault of the kernel and is reported.
    public static func core(_ index: UInt32) -> ProcessorOptions {
        ProcessorOptions(
            hart: index, hasTimer: false, trapsMisaligned: true, stopsOnException: true)
    }

    /// The processor of a program without an operating system.
    public static let bare = ProcessorOptions(
        hart: 0, hasTimer: true, trapsMisaligned: false, stopsOnException: false)
}
