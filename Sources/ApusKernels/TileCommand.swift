import ApusISA
import ApusNumerics

/// When a Load is issued.
public enum Repetition: Sendable, Equatable {
    /// When its coordinates, or those of another Load into the same slot, differ from the last
    /// time; always if a Matrix or Vector command writes in the slot, too.
    case whenChanged
    /// In every tile (every chunk, if it stands in `eachChunk`).
    case always
    /// At the first tile of each serial run (see ``TileProgram/serialDimensions``): for a state
    /// that Vector commands then carry from tile to tile.
    case perSerialRun
}

/// A transfer between global memory and a slot: the body of a Load or a Store.
public struct Move: Sendable, Equatable {
    /// The local end.
    public var place: Place
    /// The rest: `base` is a byte offset into the program's arena; `indexTable` is taken from
    /// ``table``.
    public var transfer: TransferDescriptor
    /// The five coordinates, innermost first; missing ones are zero. Coordinates 3 and 4 are INT16.
    public var coordinates: [Affine]
    /// Where the index table lies if the transfer gathers; its slot has one buffer.
    public var table: Place?
    /// When a Load is issued; Stores are issued always.
    public var repetition: Repetition

    /// Makes a transfer.
    public init(
        _ place: Place, transfer: TransferDescriptor, coordinates: [Affine], table: Place? = nil,
        repetition: Repetition = .whenChanged
    ) {
        self.place = place
        self.transfer = transfer
        self.coordinates = coordinates
        self.table = table
        self.repetition = repetition
    }
}

/// Whether a matmul adds to what its accumulators hold.
public enum Accumulation: Sendable, Equatable {
    /// Starts from +0.
    case never
    /// Adds.
    case always
    /// Starts from +0 in the first chunk of a tile and adds in the others.
    case afterFirstChunk
}

/// A Matrix command over slots.
public struct MatrixStep: Sendable, Equatable {
    /// The left operand.
    public var a: Place
    /// The right operand.
    public var b: Place
    /// Where the sums lie: a slot in the accumulators.
    public var accumulators: Place
    /// Extents and strides; the addresses of scales are taken from the three places below.
    public var descriptor: MatrixDescriptor
    /// The formats of the operands.
    public var aFormat, bFormat: ElementFormat
    /// Whether sums start from +0.
    public var accumulation: Accumulation
    /// How FP32 operands are multiplied.
    public var passes: MatmulPasses
    /// How scales enter.
    public var scaling: MatmulScaling
    /// Scales and minimums, if the scaling mode reads them; their slots have one buffer.
    public var aScales, bScales, bMinimums: Place?

    /// Makes a matmul; by default it sums over the chunks of a tile.
    public init(
        a: Place, b: Place, accumulators: Place, descriptor: MatrixDescriptor,
        aFormat: ElementFormat, bFormat: ElementFormat,
        accumulation: Accumulation = .afterFirstChunk, passes: MatmulPasses = .native,
        scaling: MatmulScaling = .none,
        aScales: Place? = nil, bScales: Place? = nil, bMinimums: Place? = nil
    ) {
        self.a = a
        self.b = b
        self.accumulators = accumulators
        self.descriptor = descriptor
        self.aFormat = aFormat
        self.bFormat = bFormat
        self.accumulation = accumulation
        self.passes = passes
        self.scaling = scaling
        self.aScales = aScales
        self.bScales = bScales
        self.bMinimums = bMinimums
    }
}

/// A Vector command over slots.
public struct VectorStep: Sendable, Equatable {
    /// What it computes.
    public var operation: VectorOpcode
    /// Where the result goes.
    public var d: Place
    /// The sources. `topk` writes its indices to `c`.
    public var a, b, c: Operand
    /// Extents and strides.
    public var descriptor: VectorDescriptor
    /// The formats of result and sources.
    public var dFormat, aFormat, bFormat, cFormat: ElementFormat
    /// The rounding code of the command word; 0 is ties to even.
    public var rounding: Int
    /// In `eachChunk` only: how many of a tile's last chunks have the command; nil if all do.
    public var lastChunks: Int?

    /// Makes a Vector command; formats that the operation does not use may be left out.
    public init(
        _ operation: VectorOpcode, d: Place, a: Operand = .none, b: Operand = .none,
        c: Operand = .none, descriptor: VectorDescriptor, dFormat: ElementFormat = .fp32,
        aFormat: ElementFormat = .fp32, bFormat: ElementFormat = .fp32,
        cFormat: ElementFormat = .fp32, rounding: Int = 0, lastChunks: Int? = nil
    ) {
        self.operation = operation
        self.d = d
        self.a = a
        self.b = b
        self.c = c
        self.descriptor = descriptor
        self.dFormat = dFormat
        self.aFormat = aFormat
        self.bFormat = bFormat
        self.cFormat = cFormat
        self.rounding = rounding
        self.lastChunks = lastChunks
    }
}

/// One command of a tile.
public enum TileCommand: Sendable, Equatable {
    /// Global memory to a slot.
    case load(Move)
    /// A slot to global memory.
    case store(Move)
    /// A matmul.
    case matrix(MatrixStep)
    /// Anything else that computes.
    case vector(VectorStep)
}
