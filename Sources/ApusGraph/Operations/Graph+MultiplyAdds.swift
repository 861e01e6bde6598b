extension Graph {
    /// Multiply-adds of the graph's matrix products and convolutions, padding included: what
    /// arrays must do, however they do it.
    public var multiplyAdds: Int {
        nodes.reduce(0) { sum, node in
            let operands = node.inputs.map { type(of: $0).shape }
            let results = type(of: node.outputs[0]).shape.elementCount
            switch node.operation {
            case .dot(let dot):
                return sum + results * dot.leftContracting.reduce(1) { $0 * operands[0][$1] }
            case .convolution:
                // Each result takes a product of every weight of its output channel.
                let channels = operands[1][0]
                return sum + results * (operands[1].elementCount / max(channels, 1))
            default: return sum
            }
        }
    }

    /// Bytes of the constants that matrix products and convolutions read, at two bytes an element.
    public var weightBytes: Int {
        var seen: Set<ValueID> = []
        var bytes = 0
        for node in nodes {
            switch node.operation {
            case .dot, .convolution: break
            default: continue
            }
            for value in node.inputs where constant(value) != nil && seen.insert(value).inserted {
                bytes += type(of: value).shape.elementCount * 2
            }
        }
        return bytes
    }
}
