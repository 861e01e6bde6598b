import ApusChip
import ApusGraph
import ApusReport
import ApusSession

/// How far an output is from what the reference interpreter gives.
struct OutputDifference {
    let name: String
    /// The largest absolute difference of elements; infinite where one is not a number.
    let largest: Double

    init(actual: NamedTensor, expected: NamedTensor) {
        name = actual.name
        guard actual.tensor.type == expected.tensor.type else {
            largest = .infinity
            return
        }
        guard actual.tensor != expected.tensor, actual.tensor.elementType == .float32 else {
            largest = actual.tensor == expected.tensor ? 0 : .infinity
            return
        }
        let pairs = zip(actual.tensor.array(of: Float.self), expected.tensor.array(of: Float.self))
        var worst = 0.0
        for (a, b) in pairs where a.bitPattern != b.bitPattern && !(a.isNaN && b.isNaN) {
            let difference = abs(Double(a) - Double(b))
            worst = max(worst, difference.isNaN ? .infinity : difference)
        }
        largest = worst
    }
}

/// What `apus run` prints.
struct RunPage {
    let outputs: [NamedTensor]
    let report: SessionReport
    let differences: [OutputDifference]
    /// What the checker found; nil if it did not look.
    let findings: [String]?
    /// Of the clocked machine; nil if nobody asked.
    let time: ModelTime?

    /// For a person.
    var text: String {
        var lines = outputs.map { "\($0.name): \($0.tensor.type) \(Self.summary($0.tensor))" }
        for difference in differences {
            lines.append(
                "\(difference.name): differs from the interpreter by \(difference.largest)")
        }
        lines += findings ?? []
        let run = report.run
        lines.append("")
        if let findings { lines.append("checker   \(findings.count) findings") }
        lines.append(
            "chip      \(report.chip), "
                + (run.cycles == 0 ? "emulated (values only)" : "RTL: \(run.cycles) cycles"))
        lines.append("on chip   \(report.nodesOnChip) of \(report.nodes) nodes")
        for node in report.hostNodes {
            lines.append("on host   \(node.name) (\(node.operation)): \(node.reason)")
        }
        lines.append("launches  \(run.launches)")
        lines.append("commands  \(run.commands)")
        lines.append("loaded    \(run.bytesLoaded) bytes")
        lines.append("stored    \(run.bytesStored) bytes")
        lines.append("matrix    \(run.multiplyAdds) multiply-adds")
        lines.append("vector    \(run.vectorElements) elements")
        lines.append("control   \(run.controlInstructions) instructions")
        if let time { lines += ["", time.text] }
        return lines.joined(separator: "\n")
    }

    /// For a program.
    var json: JSONValue {
        let results: [JSONValue] = outputs.map { output in
            .object([
                .init("name", .string(output.name)),
                .init("type", .string(output.tensor.elementType.description)),
                .init("shape", .array(output.tensor.shape.map { .integer($0) })),
            ])
        }
        let checks: [JSONValue] = differences.map { difference in
            .object([
                .init("name", .string(difference.name)),
                .init("largestDifference", .number(difference.largest)),
            ])
        }
        return .object([
            .init("outputs", .array(results)), .init("differences", .array(checks)),
            .init("findings", findings.map { .array($0.map { .string($0) }) } ?? .null),
            .init("report", report.json), .init("time", time?.json(nil) ?? .null),
        ])
    }

    /// The first elements of a tensor.
    private static func summary(_ tensor: Tensor) -> String {
        let shown = 6
        let values: [String]
        switch tensor.elementType {
        case .float32: values = tensor.array(of: Float.self).prefix(shown).map(\.description)
        case .int64: values = tensor.array(of: Int64.self).prefix(shown).map(\.description)
        case .int32: values = tensor.array(of: Int32.self).prefix(shown).map(\.description)
        default: return "\(tensor.byteCount) bytes"
        }
        let dots = tensor.elementCount > shown ? ", …" : ""
        return "[\(values.joined(separator: ", "))\(dots)]"
    }
}
