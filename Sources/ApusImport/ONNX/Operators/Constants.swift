import ApusGraph

// Constants and ranges.
extension OperatorTable {
    static let constants: [OperatorRow] = [
        OperatorRow("Constant", outputs: constant), OperatorRow("ConstantOfShape", constantOfShape),
        OperatorRow("Range", range),
    ]

    private static func constant(_ node: NodeContext) throws(ImportError) -> [TraceValue] {
        if let tensor = node.attributes["value"]?.tensors.first {
            return [try node.trace.initializer(tensor)]
        }
        if let sparse = node.attributes["sparse_value"]?.sparseTensors.first {
            return [.tensor(node.constant(try node.trace.loader.tensor(sparse)))]
        }
        let tensor: Tensor
        if let value = node.attributes["value_float"] {
            tensor = Tensor(scalar: value.float)
        } else if let values = node.floats("value_floats") {
            tensor = Tensor(values, shape: [values.count])
        } else if let value = node.attributes["value_int"] {
            tensor = Tensor(scalar: Int64(value.int))
        } else if let values = node.ints("value_ints") {
            tensor = Tensor(values.map(Int64.init), shape: [values.count])
        } else if node.attributes["value_string"] != nil {
            let text = node.string("value_string", default: "")
            return [.strings(StringTensor(shape: .scalar, elements: [text]))]
        } else if let texts = node.strings(attribute: "value_strings") {
            return [.strings(StringTensor(shape: [texts.count], elements: texts))]
        } else {
            throw node.illegal(
                "attribute value", "missing", "a tensor, number, text or list of them")
        }
        return [.tensor(node.constant(tensor))]
    }

    private static func constantOfShape(_ node: NodeContext) throws(ImportError) -> ValueID {
        let extents = try node.shortList(try node.input(0))
        var fill = node.constant(Tensor(scalar: Float(0)))
        if let message = node.attributes["value"]?.tensors.first {
            fill = node.constant(try node.trace.loader.tensor(message))
            try node.require(
                node.shape(fill).elementCount == 1, "value", "\(node.shape(fill))", "one element")
            fill = try node.reshape(fill, [])
        }
        return try node.broadcast(fill, extents)
    }

    private static func range(_ node: NodeContext) throws(ImportError) -> ValueID {
        let (start, step) = (try node.input(0), try node.input(2))
        var bounds: [Double] = []
        for index in 0..<3 {
            let list = try node.doubles(try node.input(index))
            try node.require(list.count == 1, "element count", "\(list.count)", "1")
            bounds.append(list[0])
        }
        try node.require(
            bounds[2] != 0 && bounds.allSatisfy(\.isFinite), "delta", "\(bounds[2])", "not zero")
        let span = ((bounds[1] - bounds[0]) / bounds[2]).rounded(.up)
        let bound = Double(node.trace.limits.tensorBytesMax / 8)
        try node.require(span <= bound, "number of elements", "\(span)", "at most \(bound)")
        let count = Int(max(span, 0))
        let places = try node.convert(try node.iota(.int64, [count], axis: 0), like: start)
        return try node.add(
            try node.reshape(start, []), try node.multiply(places, try node.reshape(step, [])))
    }
}
