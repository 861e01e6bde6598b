import ApusGraph
import ApusISA

/// A program with what its caller needs to run it and to say what it does.
public struct CompiledProgram: Sendable {
    public var program: Program
    /// The node of each host step, by ``HostStep/index``.
    public var hostNodes: [Node]
    public var report: CompileReport

    public init(program: Program, hostNodes: [Node], report: CompileReport) {
        self.program = program
        self.hostNodes = hostNodes
        self.report = report
    }
}

/// Where the nodes of a graph run, and how memory is used.
public struct CompileReport: Sendable {
    /// Who computes a node.
    public enum Place: Hashable, Sendable {
        /// The chip, in the launch of this number among the program's steps.
        case chip(step: Int)
        /// Nobody: the node only changes how others read their operands.
        case folded
        /// The host, by the reference interpreter, for this reason.
        case host(reason: String)
    }

    /// Where one node runs.
    public struct Placement: Hashable, Sendable {
        public var name: String
        /// The primitive's name.
        public var operation: String
        public var place: Place

        public init(name: String, operation: String, place: Place) {
            self.name = name
            self.operation = operation
            self.place = place
        }
    }

    /// One piece of the arena.
    public struct MemoryRange: Hashable, Sendable {
        public var offset: Int
        public var bytes: Int
        /// Steps between which the bytes are needed, both included; constants: all.
        public var firstStep: Int
        public var lastStep: Int
        public var isConstant: Bool

        public init(offset: Int, bytes: Int, firstStep: Int, lastStep: Int, isConstant: Bool) {
            self.offset = offset
            self.bytes = bytes
            self.firstStep = firstStep
            self.lastStep = lastStep
            self.isConstant = isConstant
        }
    }

    /// In the order of the graph's nodes.
    public var placements: [Placement]
    public var memory: [MemoryRange]

    public init(placements: [Placement], memory: [MemoryRange]) {
        self.placements = placements
        self.memory = memory
    }

    /// Whether no node runs on the host.
    public var isWhollyOnChip: Bool {
        placements.allSatisfy {
            if case .host = $0.place { return false }
            return true
        }
    }
}
