import ApusChip
import ApusCompiler
import ApusRuntime

/// What a run did, and where each node of the graph ran.
public struct SessionReport: Sendable {
    public var chip: String
    /// Nodes of the compiled graph and those computed at import from input values.
    public var nodes: Int
    public var nodesOnChip: Int
    /// Nodes that the host's reference interpreter ran, with the reason for each.
    public var hostNodes: [(name: String, operation: String, reason: String)]
    /// Inputs whose values went into the program.
    public var specialisedInputs: [String]
    /// Whether this run compiled the program first.
    public var compiled: Bool
    /// What the checker found, a sentence each; empty unless the mode is `checked`.
    public var findings: [String]
    /// What the machine counted.
    public var run: RunReport

    init(
        chip: String, prepared: PreparedProgram, run: RunReport, compiled: Bool,
        findings: [String]
    ) {
        self.chip = chip
        let placements = prepared.placements
        nodes = placements.count + prepared.evaluatedNodes.count
        hostNodes = placements.compactMap { placement in
            guard case .host(let reason) = placement.place else { return nil }
            return (placement.name, placement.operation, reason)
        }
        hostNodes += prepared.evaluatedNodes.map {
            ($0, "", "computed at import, because shapes or branches depend on it")
        }
        nodesOnChip = nodes - hostNodes.count
        specialisedInputs = prepared.values.keys.sorted()
        self.compiled = compiled
        self.findings = findings
        self.run = run
    }

    /// The report as a JSON object.
    public var json: JSONValue {
        let onHost: [JSONValue] = hostNodes.map { node in
            .object([
                .init("name", .string(node.name)), .init("operation", .string(node.operation)),
                .init("reason", .string(node.reason)),
            ])
        }
        return .object([
            .init("chip", .string(chip)),
            .init("nodes", .integer(nodes)),
            .init("nodesOnChip", .integer(nodesOnChip)),
            .init("onHost", .array(onHost)),
            .init("specialisedInputs", .array(specialisedInputs.map { .string($0) })),
            .init("compiled", .bool(compiled)),
            .init("findings", .array(findings.map { .string($0) })),
            .init("launches", .integer(run.launches)),
            .init("commands", .integer(run.commands)),
            .init("bytesLoaded", .integer(run.bytesLoaded)),
            .init("bytesStored", .integer(run.bytesStored)),
            .init("multiplyAdds", .integer(run.multiplyAdds)),
            .init("vectorElements", .integer(run.vectorElements)),
            .init("controlInstructions", .integer(run.controlInstructions)),
            .init("cycles", .integer(run.cycles)),
        ])
    }
}
