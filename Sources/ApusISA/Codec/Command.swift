import ApusNumerics

/// The waits before a command and the post after it, which every command carries.
///
/// Semaphore 0 is "none": a wait on it passes and a post to it vanishes.
public struct SyncFields: Hashable, Sendable {
    /// The semaphore to wait for first, 0 to 31, and the value it must have reached.
    public var waitA: UInt8
    public var waitAValue: UInt16
    /// The second semaphore to wait for, and its value.
    public var waitB: UInt8
    public var waitBValue: UInt16
    /// The semaphore to post on completion, 0 to 31, and what is added, 0 to 15.
    public var post: UInt8
    public var postCount: UInt8

    /// No wait and no post.
    public static let none = SyncFields(
        waitA: 0, waitAValue: 0, waitB: 0, waitBValue: 0, post: 0, postCount: 0)

    public init(
        waitA: UInt8, waitAValue: UInt16, waitB: UInt8, waitBValue: UInt16, post: UInt8,
        postCount: UInt8
    ) {
        self.waitA = waitA
        self.waitAValue = waitAValue
        self.waitB = waitB
        self.waitBValue = waitBValue
        self.post = post
        self.postCount = postCount
    }
}

/// What a Load or a Store says beside its descriptor.
public struct TransferCommand: Hashable, Sendable {
    /// Byte offset of the ``TransferDescriptor`` in argument memory, a multiple of 16.
    public var descriptor: UInt32
    /// Local address of the box.
    public var local: UInt32
    /// The box's first global coordinates; dimensions 3 and 4 have 16 bits.
    public var coordinates: Rank5

    public init(descriptor: UInt32, local: UInt32, coordinates: Rank5) {
        self.descriptor = descriptor
        self.local = local
        self.coordinates = coordinates
    }
}

/// A command, decoded: what it does, and its waits and post.
public struct Command: Hashable, Sendable {
    /// What a command does.
    public enum Operation: Hashable, Sendable {
        case nop
        case load(TransferCommand)
        case store(TransferCommand)
        case matmul(MatmulCommand)
        case vector(VectorCommand)
    }

    public var sync: SyncFields
    public var operation: Operation

    public init(sync: SyncFields, operation: Operation) {
        self.sync = sync
        self.operation = operation
    }

    /// The opcode of the operation.
    public var opcode: UInt8 {
        switch operation {
        case .nop: Opcode.nop
        case .load: Opcode.load
        case .store: Opcode.store
        case .matmul: Opcode.matmul
        case .vector(let vector): vector.opcode.rawValue
        }
    }

    /// The only engine whose queue takes the command; nil if any takes it.
    public var engine: Engine? {
        switch operation {
        case .nop: nil
        case .load: .load
        case .store: .store
        case .matmul: .matrix
        case .vector: .vector
        }
    }
}
