import ApusGraph

// Shapes, and operators that only change them.
extension OperatorTable {
    static let shapes: [OperatorRow] = [
        OperatorRow("Shape", shapeOf), OperatorRow("Size", size),
        OperatorRow("Reshape", outputs: reshape),
        OperatorRow("Flatten", flatten), OperatorRow("Squeeze", squeeze),
        OperatorRow("Unsqueeze", outputs: unsqueeze), OperatorRow("Expand", expand),
    ]

    private static func inputShape(_ node: NodeContext) throws(ImportError) -> Shape {
        if case .strings(let strings)? = node.inputs.first { return strings.shape }
        return node.shape(try node.input(0))
    }

    private static func shapeOf(_ node: NodeContext) throws(ImportError) -> ValueID {
        let extents = try inputShape(node).dimensions
        func place(_ index: Int) -> Int {
            min(max(index < 0 ? index + extents.count : index, 0), extents.count)
        }
        let start = place(node.int("start", default: 0))
        let end = place(node.int("end", default: extents.count))
        let chosen = start < end ? extents[start..<end].map(Int64.init) : []
        return node.constant(Tensor(chosen, shape: [chosen.count]))
    }

    private static func size(_ node: NodeContext) throws(ImportError) -> ValueID {
        node.constant(Tensor(scalar: Int64(try inputShape(node).elementCount)))
    }

    private static func reshape(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        let source = try inputShape(node)
        guard let target = try node.integers(input: 1, since: 5, attribute: "shape") else {
            throw node.failure(.missingInput(1))
        }
        var extents = target
        for (axis, extent) in target.enumerated() where extent == 0 && !node.flag("allowzero") {
            try node.require(
                axis < source.rank, "shape", "\(target)", "no 0 beyond the input's rank")
            extents[axis] = source[axis]
        }
        let open = extents.indices.filter { extents[$0] == -1 }
        try node.require(open.count <= 1, "shape", "\(target)", "with at most one -1")
        if let axis = open.first {
            extents[axis] = 1
            let rest = try node.checkedShape(extents).elementCount
            try node.require(
                rest > 0 && source.elementCount % rest == 0, "shape", "\(target)",
                "a divisor of \(source.elementCount) elements")
            extents[axis] = source.elementCount / rest
        }
        if case .strings(let strings)? = node.inputs.first {
            let shape = try node.checkedShape(extents)
            try node.require(
                shape.elementCount == source.elementCount, "shape", "\(target)",
                "of \(source.elementCount) elements")
            return [.strings(StringTensor(shape: shape, elements: strings.elements))]
        }
        return [.tensor(try node.reshape(try node.input(0), extents))]
    }

    private static func flatten(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let extents = node.shape(x).dimensions
        let axis = node.int("axis", default: 1)
        try node.require(
            (-extents.count...extents.count).contains(axis), "axis", "\(axis)",
            "in \(-extents.count)...\(extents.count)")
        let split = axis < 0 ? axis + extents.count : axis
        return try node.reshape(
            x, [extents[..<split].reduce(1, *), extents[split...].reduce(1, *)])
    }

    private static func squeeze(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let extents = node.shape(x).dimensions
        var axes = extents.indices.filter { extents[$0] == 1 }
        if let given = try node.integers(input: 1, since: 13, attribute: "axes") {
            axes = try node.axes(given, rank: extents.count)
        }
        for axis in axes {
            try node.require(
                extents[axis] == 1, "extent of axis \(axis)", "\(extents[axis])", "1 to be squeezed"
            )
        }
        return try node.reshape(
            x, extents.indices.filter { !axes.contains($0) }.map { extents[$0] })
    }

    private static func unsqueeze(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        guard let given = try node.integers(input: 1, since: 13, attribute: "axes") else {
            throw node.failure(.missingInput(1))
        }
        let source = try inputShape(node)
        let axes = try node.axes(given, rank: source.rank + given.count)
        var rest = source.dimensions.makeIterator()
        var extents: [Int] = []
        for axis in 0..<source.rank + axes.count {
            extents.append(axes.contains(axis) ? 1 : rest.next() ?? 1)
        }
        if case .strings(let strings)? = node.inputs.first {
            return [
                .strings(
                    StringTensor(shape: try node.checkedShape(extents), elements: strings.elements))
            ]
        }
        return [.tensor(try node.reshape(try node.input(0), extents))]
    }

    private static func expand(_ node: NodeContext) throws(ImportError) -> ValueID {
        let x = try node.input(0)
        let target = try node.checkedShape(try node.shortList(try node.input(1)))
        guard let shape = node.shape(x).broadcast(with: target) else {
            throw node.failure(
                .graph(.shapesDisagree(operation: "Expand", [node.shape(x), target])))
        }
        return try node.broadcast(x, shape.dimensions)
    }
}
