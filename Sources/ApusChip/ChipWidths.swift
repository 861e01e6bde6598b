/// How wide a core's paths are, and what they do at the same time. Results do not depend on it,
/// cycles do (docs/time.md).
///
/// ``gates`` is what the RTL does today. What is wider or overlaps is a design that has not been
/// built, with the same formulas and other parameters.
public struct ChipWidths: Sendable, Hashable {
    /// Commands of an engine that are begun before the first of them ends: the next one is fetched
    /// and checked while one runs, and a transfer asks for its first bytes while those of the one
    /// before are on their way.
    public var commandsUnderWay: Int
    /// Ports of 64 bits that Load and Store have each: elements they move in a cycle.
    public var transferPorts: Int
    /// 1 if elements that follow one another on both sides fill the ports, 0 if each takes one.
    public var transferPacksRuns: Int
    /// What a Load or a Store may have on its way to and from global memory: elements, or the
    /// ports' words side by side where runs are packed.
    public var transferEntries: Int
    /// Ports of 64 bits that the Matrix engine has.
    public var matrixPorts: Int
    /// 1 if a port reads a word each cycle, 0 if it waits for each answer.
    public var matrixFetchPipelined: Int
    /// 1 if a tile's accumulators move while the next tile is multiplied.
    public var matrixRowsOverlap: Int
    /// Ports of 64 bits that the Vector engine has.
    public var vectorPorts: Int
    /// 1 if strips are fetched, computed and stored at the same time, and a strip takes as many
    /// rows as the lanes have room for.
    public var vectorOverlaps: Int
    /// Bytes of data that a link of the mesh carries in a cycle.
    public var meshLinkBytes: Int

    public init(
        commandsUnderWay: Int, transferPorts: Int, transferPacksRuns: Int, transferEntries: Int,
        matrixPorts: Int, matrixFetchPipelined: Int, matrixRowsOverlap: Int, vectorPorts: Int,
        vectorOverlaps: Int, meshLinkBytes: Int
    ) {
        self.commandsUnderWay = commandsUnderWay
        self.transferPorts = transferPorts
        self.transferPacksRuns = transferPacksRuns
        self.transferEntries = transferEntries
        self.matrixPorts = matrixPorts
        self.matrixFetchPipelined = matrixFetchPipelined
        self.matrixRowsOverlap = matrixRowsOverlap
        self.vectorPorts = vectorPorts
        self.vectorOverlaps = vectorOverlaps
        self.meshLinkBytes = meshLinkBytes
    }

    /// The RTL: `rtl/core/apus_core_pkg.sv`, `rtl/transfer/apus_transfer_fetch.sv` (Depth),
    /// `rtl/mesh/apus_mesh_pkg.sv`.
    public static let gates = ChipWidths(
        commandsUnderWay: 1, transferPorts: 1, transferPacksRuns: 0, transferEntries: 16,
        matrixPorts: 8, matrixFetchPipelined: 0, matrixRowsOverlap: 0, vectorPorts: 4,
        vectorOverlaps: 0, meshLinkBytes: 8)

    /// A core whose array has `columns` columns and whose Vector engine has `lanes` lanes, not yet
    /// built: as many ports as BF16 operands of a full array and lanes of 32 bits ask for.
    static func wide(columns: Int, lanes: Int, linkBytes: Int) -> ChipWidths {
        ChipWidths(
            commandsUnderWay: 2, transferPorts: 8, transferPacksRuns: 1, transferEntries: 1024,
            matrixPorts: columns / 2, matrixFetchPipelined: 1, matrixRowsOverlap: 1,
            vectorPorts: lanes / 2, vectorOverlaps: 1, meshLinkBytes: linkBytes)
    }
}
