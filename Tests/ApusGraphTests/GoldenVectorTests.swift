import ApusGraph
import Foundation
import Testing

/// The vectors that Vectors/produce.py computes with NumPy.
@Suite("golden vectors of the interpreter")
struct GoldenVectorTests {
    @Test("every primitive gives NumPy's bits")
    func primitives() throws {
        let cases = try loadCases()
        var kinds: Set<ApusGraph.Operation.Kind> = []
        var names: Set<String> = []
        for (index, golden) in cases.enumerated() {
            kinds.insert(golden.operation.kind)
            names.insert(golden.operation.name)
            let results = try Interpreter.evaluate(golden.operation, golden.inputs)
            try #require(results.count == golden.outputs.count)
            for (result, expected) in zip(results, golden.outputs) {
                let difference = firstDifference(result, expected)
                #expect(
                    difference == nil, "case \(index), \(golden.operation): \(difference ?? "")")
            }
        }
        #expect(kinds == Set(ApusGraph.Operation.Kind.allCases).subtracting([.host]))
        let functions = Unary.allCases.map(\.rawValue) + Binary.allCases.map(\.rawValue)
        #expect(names.isSuperset(of: functions))
        #expect(names.isSuperset(of: Comparison.allCases.map(\.rawValue)))
        #expect(names.isSuperset(of: Reduction.allCases.map { "reduce." + $0.rawValue }))
    }

    private struct Golden {
        var operation: ApusGraph.Operation
        var inputs: [Tensor]
        var outputs: [Tensor]
    }

    private func loadCases() throws -> [Golden] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appendingPathComponent("Vectors/vectors.json"))
        let list = try #require(JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        return try list.map { entry in
            let operation = try #require(entry["op"] as? [Any])
            return Golden(
                operation: try Attributes(values: operation).operation(),
                inputs: try tensors(entry["in"]), outputs: try tensors(entry["out"]))
        }
    }

    private func tensors(_ value: Any?) throws -> [Tensor] {
        try #require(value as? [[Any]]).map { entry in
            let name = try #require(entry[0] as? String)
            let type = try #require(ElementType(description: name))
            let shape = try Shape(checked: try #require(entry[1] as? [Int]))
            let text = try #require(entry[2] as? String)
            let bytes = try #require(Data(base64Encoded: text))
            return try Tensor(TensorType(type, shape), bytes: Array(bytes))
        }
    }
}

/// The first element whose bits differ, NaN being equal to NaN; nil if there is none.
func firstDifference(_ result: Tensor, _ expected: Tensor) -> String? {
    guard result.type == expected.type else { return "\(result.type), expected \(expected.type)" }
    let width = result.elementType.byteCount
    let (left, right) = (result.bytes, expected.bytes)
    let numbers = (result.doubles, expected.doubles)
    for index in 0..<result.elementCount {
        let range = index * width..<(index + 1) * width
        if left[range] == right[range] { continue }
        if let (a, b) = numbers.0.flatMap({ a in numbers.1.map { (a[index], $0[index]) } }),
            a.isNaN, b.isNaN
        {
            continue
        }
        return "element \(index) is \(left[range]) \(numbers.0?[index] ?? 0), "
            + "expected \(right[range]) \(numbers.1?[index] ?? 0)"
    }
    return nil
}
