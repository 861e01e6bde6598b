/// Where things lie for the control processor, and for the engines' local addresses.
public enum AddressMap {
    /// Kernel image, data and stack.
    public static let programBase: UInt32 = 0x0000_0000
    /// Bytes of program memory.
    public static let programBytes: UInt32 = 64 * 1024
    /// The launch's argument block; engines fetch descriptors here, by offset.
    public static let argumentBase: UInt32 = 0x0010_0000
    /// The scratchpad, as the control processor sees it.
    public static let scratchpadBase: UInt32 = 0x1000_0000
    /// Engine and core registers.
    public static let registerBase: UInt32 = 0x2000_0000

    /// The first scratchpad byte in a command's local address.
    public static let localScratchpad: UInt32 = 0x0000_0000
    /// The first accumulator byte in a command's local address.
    public static let localAccumulators: UInt32 = 0x4000_0000

    /// Semaphores of a core, "none" (0) included.
    public static let semaphoreCount = 32
    /// What a descriptor's offset in argument memory is a multiple of, bytes.
    public static let descriptorAlignment: UInt32 = 16

    /// Offsets from ``registerBase``.
    public enum Register {
        /// Queue ports: eight words each, ``queueStride`` bytes apart, in the order of ``Engine``.
        public static let queue: UInt32 = 0x00
        public static let queueStride: UInt32 = 0x20
        public static let coreIndex: UInt32 = 0x100
        public static let coreCount: UInt32 = 0x104
        public static let scratchpadBytes: UInt32 = 0x108
        public static let accumulatorBytes: UInt32 = 0x10C
        public static let argumentBytes: UInt32 = 0x110
        /// `semaphore << 16 | value`: the store stalls until the wait is satisfied.
        public static let wait: UInt32 = 0x120
        /// `semaphore << 16 | count`.
        public static let post: UInt32 = 0x124
        /// Ends this core's part of the launch with a status; 0 is success.
        public static let done: UInt32 = 0x128
        /// One character.
        public static let console: UInt32 = 0x12C
        /// `core << 24 | semaphore << 16 | count`: a post to a semaphore of another core.
        public static let remotePost: UInt32 = 0x130
        /// The store stalls until all cores of the launch have stored here; the value is ignored.
        public static let barrier: UInt32 = 0x134
        /// Semaphore i, four bytes apart.
        public static let semaphores: UInt32 = 0x200
    }
}
