import ApusGraph

/// Finds 64-bit and unsigned 32-bit integers whose values fit in INT32, so that the chip may
/// compute on their low words.
enum NarrowIntegers {
    static func find(in graph: Graph) -> Set<ValueID> {
        var ranges: [ValueID: ClosedRange<Int>] = [:]
        for (value, tensor) in graph.constants { ranges[value] = range(of: tensor) }
        for node in graph.nodes {
            for output in node.outputs where graph.type(of: output).elementType.isInteger {
                ranges[output] = range(of: node, output, graph, ranges)
            }
        }
        let limits = Int(Int32.min)...Int(Int32.max)
        let known = ranges.filter {
            limits.contains($0.value.lowerBound) && limits.contains($0.value.upperBound)
        }
        return Set(known.keys).union(indices(in: graph))
    }

    /// Values from which positions are computed.
    ///
    /// A position is below 2³¹, for no axis is longer, and so are the indices it is made of; sums
    /// and products modulo 2³² are then right. Indices beyond 32 bits are not supported.
    private static func indices(in graph: Graph) -> Set<ValueID> {
        var found: Set<ValueID> = []
        for node in graph.nodes.reversed() {
            if case .gather = node.operation { found.insert(node.inputs[1]) }
            guard node.outputs.contains(where: found.contains) else { continue }
            switch node.operation {
            case .binary(.add), .binary(.multiply), .binary(.subtract), .select, .clamp,
                .reduce(.sum, _, _), .reshape, .transpose, .broadcast, .slice, .concatenate, .pad,
                .compare:
                found.formUnion(node.inputs)
            default: break
            }
        }
        // Conditions of selections are computed from indices, too.
        for node in graph.nodes {
            if case .compare = node.operation, node.inputs.contains(where: found.contains) {
                found.formUnion(node.inputs)
            }
        }
        return found
    }

    private static func range(of tensor: Tensor) -> ClosedRange<Int>? {
        let values: [Int]
        switch tensor.elementType {
        case .int64: values = tensor.array(of: Int64.self).map { Int($0) }
        case .uint32: values = tensor.array(of: UInt32.self).map { Int($0) }
        case .uint64:
            let words = tensor.array(of: UInt64.self)
            guard words.allSatisfy({ $0 < 1 << 62 }) else { return nil }
            values = words.map { Int($0) }
        default: return typeRange(tensor.elementType)
        }
        guard let low = values.min(), let high = values.max() else { return nil }
        return low...high
    }

    private static func typeRange(_ type: ElementType) -> ClosedRange<Int>? {
        switch type {
        case .bool: 0...1
        case .int8: -128...127
        case .uint8: 0...255
        case .int16: -32_768...32_767
        case .uint16: 0...65_535
        case .int32: Int(Int32.min)...Int(Int32.max)
        default: nil
        }
    }

    private static func range(
        of node: Node, _ output: ValueID, _ graph: Graph, _ ranges: [ValueID: ClosedRange<Int>]
    ) -> ClosedRange<Int>? {
        let type = graph.type(of: output).elementType
        guard type.byteCount >= 4, type != .int32 else { return typeRange(type) }
        func input(_ index: Int) -> ClosedRange<Int>? {
            ranges[node.inputs[index]] ?? typeRange(graph.type(of: node.inputs[index]).elementType)
        }
        switch node.operation {
        case .argument, .sort:
            // Positions; a sort's values are as its operand's.
            if case .sort = node.operation, output == node.outputs[0] { return input(0) }
            return 0...Int(Int32.max)
        case .convert: return input(0)
        case .reshape, .transpose, .broadcast, .slice, .gather, .clamp: return input(0)
        case .concatenate, .pad:
            var union: ClosedRange<Int>?
            for index in node.inputs.indices {
                guard let next = input(index) else { return nil }
                union =
                    union.map {
                        min($0.lowerBound, next.lowerBound)...max($0.upperBound, next.upperBound)
                    } ?? next
            }
            return union
        case .select:
            guard let a = input(1), let b = input(2) else { return nil }
            return min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
        case .binary(let binary):
            guard let a = input(0), let b = input(1) else { return nil }
            return range(binary, a, b)
        default: return nil
        }
    }

    private static func range(
        _ binary: Binary, _ a: ClosedRange<Int>, _ b: ClosedRange<Int>
    ) -> ClosedRange<Int>? {
        // Bounds of INT32 keep the products below from overflowing.
        let limit = 1 << 31
        guard [a, b].allSatisfy({ $0.lowerBound >= -limit && $0.upperBound <= limit }) else {
            return nil
        }
        switch binary {
        case .add: return a.lowerBound + b.lowerBound...a.upperBound + b.upperBound
        case .subtract: return a.lowerBound - b.upperBound...a.upperBound - b.lowerBound
        case .multiply:
            let corners = [
                a.lowerBound * b.lowerBound, a.lowerBound * b.upperBound,
                a.upperBound * b.lowerBound, a.upperBound * b.upperBound,
            ]
            guard let low = corners.min(), let high = corners.max() else { return nil }
            return low...high
        case .minimum:
            return min(a.lowerBound, b.lowerBound)...min(a.upperBound, b.upperBound)
        case .maximum:
            return max(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
        default: return nil
        }
    }
}
