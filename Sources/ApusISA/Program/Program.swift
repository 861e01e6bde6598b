import ApusNumerics

/// A kernel image as the control processors run it.
public struct KernelImage: Hashable, Sendable {
    /// A 32-bit RISC-V ELF executable.
    public var elf: [UInt8]
    /// Entry points by kernel name: addresses in program memory.
    public var entries: [String: UInt32]

    public init(elf: [UInt8], entries: [String: UInt32]) {
        self.elf = elf
        self.entries = entries
    }
}

/// Bytes at an offset of the arena.
public struct Region: Hashable, Sendable {
    public var offset: Int
    public var bytes: [UInt8]

    public init(offset: Int, bytes: [UInt8]) {
        self.offset = offset
        self.bytes = bytes
    }
}

/// A tensor in the arena that the host writes or reads: dense, row-major.
public struct Port: Hashable, Sendable {
    public var name: String
    /// The format of the elements in the arena.
    public var elementType: ElementFormat
    /// The element type that the model states, as the graph names it ("int64", "bool"), where the
    /// arena's format alone does not say it.
    public var tensorType: String
    public var shape: [Int]
    public var offset: Int
    /// Bytes in the arena.
    public var bytes: Int

    public init(
        name: String, elementType: ElementFormat, tensorType: String, shape: [Int], offset: Int,
        bytes: Int
    ) {
        self.name = name
        self.elementType = elementType
        self.tensorType = tensorType
        self.shape = shape
        self.offset = offset
        self.bytes = bytes
    }
}

/// One run of a kernel on all cores.
public struct Launch: Hashable, Sendable {
    /// A name in ``KernelImage/entries``.
    public var kernel: String
    /// The argument block, copied to each core's argument memory.
    public var arguments: [UInt8]
    /// Byte offsets in ``arguments`` of 64-bit offsets to which the arena's address is added.
    public var relocations: [Int]
    /// What the launch computes, for reports.
    public var label: String

    public init(kernel: String, arguments: [UInt8], relocations: [Int], label: String) {
        self.kernel = kernel
        self.arguments = arguments
        self.relocations = relocations
        self.label = label
    }
}

/// Work that the host performs between launches, by the caller's closure.
public struct HostStep: Hashable, Sendable {
    /// Numbers the host steps of a program, from 0.
    public var index: Int
    public var inputs: [Port]
    public var outputs: [Port]
    public var label: String

    public init(index: Int, inputs: [Port], outputs: [Port], label: String) {
        self.index = index
        self.inputs = inputs
        self.outputs = outputs
        self.label = label
    }
}

/// A compiled model: an arena of global memory and the steps that compute in it.
public struct Program: Hashable, Sendable {
    /// One step; each sees all that the steps before it wrote.
    public enum Step: Hashable, Sendable {
        case launch(Launch)
        case host(HostStep)
    }

    public var image: KernelImage
    /// All of global memory that the program uses, in bytes.
    public var arenaBytes: Int
    /// Weights and constants.
    public var initialised: [Region]
    public var inputs: [Port]
    public var outputs: [Port]
    public var steps: [Step]

    public init(
        image: KernelImage, arenaBytes: Int, initialised: [Region], inputs: [Port],
        outputs: [Port], steps: [Step]
    ) {
        self.image = image
        self.arenaBytes = arenaBytes
        self.initialised = initialised
        self.inputs = inputs
        self.outputs = outputs
        self.steps = steps
    }
}
