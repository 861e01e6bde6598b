import ApusGraph
import Foundation
import Testing

@Suite("docs/graph.md")
struct DocumentationTests {
    @Test("has a line for each primitive and pass, and names each function")
    func isComplete() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/graph.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
            .map { $0.dropFirst(3).prefix { $0 != "`" } }.map(String.init)
        let kinds = ApusGraph.Operation.Kind.allCases.map(\.rawValue)
        #expect(rows == kinds.filter(rows.contains) + Simplifier.passes.map(\.name))
        #expect(Set(kinds).isSubset(of: rows))
        let functions =
            Unary.allCases.map(\.rawValue) + Binary.allCases.map(\.rawValue)
            + Comparison.allCases.map(\.rawValue) + Reduction.allCases.map(\.rawValue)
            + ScatterReduction.allCases.map(\.rawValue) + HostFunctions.names
        for function in functions { #expect(page.contains("`\(function)`"), "\(function)") }
    }
}
