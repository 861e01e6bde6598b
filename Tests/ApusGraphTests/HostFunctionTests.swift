import ApusGraph
import Testing

@Suite("HostFunctions")
struct HostFunctionTests {
    private func run(
        _ name: String, _ operands: [Tensor],
        _ attributes: [String: HostOperation.Attribute] = [:]
    ) throws -> [Tensor] {
        let operation = HostOperation(name: name, attributes: attributes, resultTypes: [])
        return try HostFunctions.run(operation, operands)
    }

    @Test("nonZero gives the coordinates, axis by axis")
    func nonZero() throws {
        let x = Tensor([1, 0, 0, 2, 3, 0] as [Float], shape: [2, 3])
        #expect(try run("nonZero", [x]) == [Tensor([0, 1, 1, 0, 0, 1] as [Int64], shape: [2, 3])])
        let nothing = Tensor([] as [Float], shape: [0])
        #expect(try run("nonZero", [nothing]) == [Tensor([] as [Int64], shape: [1, 0])])
        #expect(
            try run("nonZero", [Tensor(scalar: true)]) == [Tensor([] as [Int64], shape: [0, 1])])
    }

    @Test("unique finds values, first places, inverse and counts")
    func unique() throws {
        let x = Tensor([2, 1, 1, 3, 4, 3] as [Float], shape: [6])
        #expect(
            try run("unique", [x], ["sorted": .integer(0)]) == [
                Tensor([2, 1, 3, 4] as [Float], shape: [4]),
                Tensor([0, 1, 3, 4] as [Int64], shape: [4]),
                Tensor([0, 1, 1, 2, 3, 2] as [Int64], shape: [6]),
                Tensor([1, 2, 2, 1] as [Int64], shape: [4]),
            ])
        let rows = Tensor([1, 0, 0, 1, 0, 0, 2, 3, 4] as [Int32], shape: [3, 3])
        #expect(
            try run("unique", [rows], ["axis": .integer(0)]) == [
                Tensor([1, 0, 0, 2, 3, 4] as [Int32], shape: [2, 3]),
                Tensor([0, 2] as [Int64], shape: [2]),
                Tensor([0, 0, 1] as [Int64], shape: [3]),
                Tensor([2, 1] as [Int64], shape: [2]),
            ])
    }

    @Test("nonMaxSuppression keeps the best box of those that overlap")
    func nonMaxSuppression() throws {
        let boxes = Tensor(
            [0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 5, 1, 6] as [Float], shape: [1, 3, 4])
        let scores = Tensor([0.8, 0.9, 0.7] as [Float], shape: [1, 1, 3])
        let kept = try run(
            "nonMaxSuppression", [boxes, scores],
            ["countMax": .integer(3), "overlapMax": .float(0.5)])
        #expect(kept == [Tensor([0, 0, 1, 0, 0, 2] as [Int64], shape: [2, 3])])
        let few = try run(
            "nonMaxSuppression", [boxes, scores],
            ["countMax": .integer(3), "overlapMax": .float(0.5), "scoreMin": .float(0.75)])
        #expect(few == [Tensor([0, 0, 1] as [Int64], shape: [1, 3])])
    }

    @Test("unknown names and recorded types that do not fit are refused")
    func refusals() {
        #expect(throws: GraphError.unknownHostOperation("sing")) { try run("sing", []) }
        #expect(throws: GraphError.operandCount(operation: "nonZero", expected: 1, found: 0)) {
            try run("nonZero", [])
        }
        let x = Tensor([1, 0] as [Float], shape: [2])
        let operation = HostOperation(
            name: "nonZero", resultTypes: [TensorType(.int64, [1, 2])])
        #expect(throws: GraphError.self) { try Interpreter.evaluate(.host(operation), [x]) }
    }
}
