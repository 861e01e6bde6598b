import ApusGraph

/// A value while a model is traced: a tensor of the graph, or a list that exists only at import.
indirect enum TraceValue: Sendable {
    /// A value of the graph.
    case tensor(ValueID)
    /// A sequence; its length is known.
    case sequence([TraceValue])
    /// Text, which no graph computes with; known element by element.
    case strings(StringTensor)
    /// An input or output that is left out, or an optional without an element.
    case absent
}

/// A tensor of byte strings that is known at import.
struct StringTensor: Hashable, Sendable {
    var shape: Shape
    var elements: [String]
}
