import ApusChip
import ApusGraph
import ApusKernels
import ApusNumerics

/// A piece of the arena.
struct Buffer: Sendable {
    enum Kind: Sendable {
        /// Written by the caller.
        case input
        /// Bytes known at compile time.
        case constant(Tensor)
        /// Bytes that packing made: a weight in the chip's layout.
        case packed([UInt8])
        case temporary
    }

    var kind: Kind
    var bytes: Int
    /// Read by the caller after the last step.
    var isOutput = false
}

/// A step whose addresses are virtual.
enum PlannedStep: Sendable {
    case launch(TileProgram, label: String, nodes: [Int])
    case host(node: Int, inputs: [View], outputs: [View])
}

/// What lowering knows and makes: where values lie, and the steps so far.
struct LoweringState {
    let graph: Graph
    let partition: Partition
    let roles: [NodeRole]
    let options: CompileOptions
    let memory: LocalMemory
    let chip: Chip
    /// FP32 values that every consumer rounds to BF16, which are stored so.
    let rounded: Set<ValueID>
    /// Values that are the graph's inputs, moved or changed element by element.
    let raw: Set<ValueID>
    /// Values that their producer writes into a part of a concatenation.
    let placements: [ValueID: ConcatenationPlacement]

    let outputValues: Set<ValueID>
    /// For each value the nodes that use it.
    let users: [[Int]]

    private(set) var buffers: [Buffer] = []
    private(set) var steps: [PlannedStep] = []
    /// Where the graph's outputs lie, in order.
    private(set) var outputViews: [View] = []
    /// Nodes that had to run on the host although their role is another, and why.
    private(set) var refusals: [Int: String] = [:]
    /// Where values are or will be stored.
    private var storage: [ValueID: View] = [:]
    /// Where values can be read by the next step.
    private var readable: [ValueID: View] = [:]
    private var packedWeights: [PackedWeight: View] = [:]

    init(
        graph: Graph, partition: Partition, roles: [NodeRole], options: CompileOptions,
        memory: LocalMemory, chip: Chip
    ) {
        self.graph = graph
        self.partition = partition
        self.roles = roles
        self.options = options
        self.memory = memory
        self.chip = chip
        outputValues = Set(graph.outputs.map(\.value))
        users = graph.usingNodes()
        raw = RawValues.find(in: graph)
        rounded = RoundedValues.find(in: graph, roles: roles, raw: raw, options: options)
        placements = ConcatenationPlacement.choose(
            graph: graph, partition: partition, rounded: rounded)
        for input in graph.inputs where readable[input.value] == nil {
            let type = graph.type(of: input.value)
            readable[input.value] = View(
                buffer: makeBuffer(.input, bytes: type.byteCount), type: type)
        }
    }

    mutating func makeBuffer(_ kind: Buffer.Kind, bytes: Int) -> BufferID {
        buffers.append(Buffer(kind: kind, bytes: max(bytes, 1)))
        return BufferID(index: buffers.count - 1)
    }

    var costModel: CostModel { CostModel(chip: chip) }

    /// How the operands of a product lie in the scratchpad.
    func operandFormats(_ node: Node) -> OperandFormats {
        OperandFormats(node, in: graph, raw: raw, precision: options.precision)
    }

    mutating func append(_ step: PlannedStep) { steps.append(step) }

    mutating func refuse(_ node: Int, _ reason: String) { refusals[node] = reason }

    /// Says where the next output of the graph lies.
    mutating func markOutput(_ view: View) {
        buffers[view.buffer.index].isOutput = true
        outputViews.append(view)
    }
}

extension LoweringState {
    /// Where a value that a step computes goes.
    mutating func storageView(_ value: ValueID) -> View {
        if let known = storage[value] { return known }
        if let placement = placements[value],
            let view = storageView(placement.whole).sliced(
                axis: placement.axis, start: placement.start,
                count: graph.type(of: value).shape[placement.axis], stride: 1)
        {
            storage[value] = view
            return view
        }
        let type = graph.type(of: value)
        let format = rounded.contains(value) ? ElementFormat.bf16 : type.elementType.arenaFormat
        let buffer = makeBuffer(
            .temporary, bytes: format.byteCount(type.shape.elementCount))
        let view = View(buffer: buffer, format: format, shape: type.shape.dimensions)
        storage[value] = view
        return view
    }

    /// Where an input of the graph lies.
    func view(of value: ValueID) -> View {
        guard let view = readable[value] else { preconditionFailure("\(value) lies nowhere") }
        return view
    }

    /// Where a host step writes a value: row-major, as on the host.
    mutating func hostStorage(_ value: ValueID) -> View {
        let type = graph.type(of: value)
        let view = View(buffer: makeBuffer(.temporary, bytes: type.byteCount), type: type)
        storage[value] = view
        return view
    }

    /// Says that a step that writes the value has been added.
    mutating func markComputed(_ value: ValueID) { readable[value] = storageView(value) }

    /// Where a value can be read, adding copies if no view can say what its node does.
    mutating func readView(_ value: ValueID) throws(TilingError) -> View {
        if let known = readable[value] { return known }
        let view: View
        if let constant = graph.constant(value) {
            view = View(
                buffer: makeBuffer(.constant(constant), bytes: constant.byteCount),
                type: constant.type)
        } else if let index = definingNode(value) {
            view = try movedView(graph.nodes[index], index)
        } else {
            throw .unsupported("value \(value) that nothing computes")
        }
        readable[value] = view
        return view
    }

    private func definingNode(_ value: ValueID) -> Int? { definitions[value.index] }

    private var definitions: [Int?] { partition.definitions }

    private mutating func movedView(_ node: Node, _ index: Int) throws(TilingError) -> View {
        if case .concatenate(let axis) = node.operation {
            return try concatenated(node, index, axis: axis)
        }
        let source = try readView(node.inputs[0])
        let shape = graph.type(of: node.outputs[0]).shape.dimensions
        if let view = moved(source, node, shape: shape) { return view }
        let copy = try contiguous(source, format: source.format, label: node.name, node: index)
        guard let view = moved(copy, node, shape: shape) else {
            throw .unsupported(node.operation.name)
        }
        return view
    }

    private func moved(_ source: View, _ node: Node, shape: [Int]) -> View? {
        switch node.operation {
        case .reshape: return source.reshaped(to: shape)
        case .transpose(let permutation): return source.transposed(permutation)
        case .broadcast: return source.broadcast(to: shape)
        case .bitcast(let type):
            var view = source
            view.format = type.arenaFormat
            return view.isPadded ? nil : view
        case .slice(let slice):
            var view = source
            for axis in slice.starts.indices {
                guard
                    let next = view.sliced(
                        axis: axis, start: slice.starts[axis], count: slice.counts[axis],
                        stride: slice.strides[axis])
                else { return nil }
                view = next
            }
            return view
        case .pad(let padding):
            guard let fill = fill(node.inputs[1], as: source.format) else { return nil }
            var view = source
            for axis in padding.low.indices {
                guard
                    let next = view.padded(
                        axis: axis, low: padding.low[axis], high: padding.high[axis], value: fill)
                else { return nil }
                view = next
            }
            return view
        default: return nil
        }
    }

    private func fill(_ value: ValueID, as format: ElementFormat) -> View.Fill? {
        guard let constant = graph.constant(value) else { return nil }
        let bytes = constant.bytes
        if bytes.allSatisfy({ $0 == 0 }) { return .zero }
        guard bytes.count <= 4 else { return nil }
        var bits: UInt64 = 0
        for (index, byte) in bytes.enumerated() { bits |= UInt64(byte) << UInt64(8 * index) }
        let converted = ElementFormat.convert(
            bits, from: constant.elementType.arenaFormat, to: format, rounding: .nearestEven)
        return .bits(UInt32(truncatingIfNeeded: converted))
    }

    /// Copies what its producers did not write in place.
    private mutating func concatenated(
        _ node: Node, _ index: Int, axis: Int
    ) throws(TilingError) -> View {
        let whole = storageView(node.outputs[0])
        var start = 0
        for input in node.inputs {
            let count = graph.type(of: input).shape[axis]
            defer { start += count }
            if count == 0 { continue }
            if let placement = placements[input], placement.whole == node.outputs[0],
                placement.start == start
            {
                _ = try readView(input)
                continue
            }
            let source = try readView(input)
            guard let target = whole.sliced(axis: axis, start: start, count: count, stride: 1)
            else {
                throw .unsupported("concatenation into a padded view")
            }
            try copy(source, to: target, label: node.name, node: index)
        }
        return whole
    }

    /// The view itself if elements follow each other in this format, else a copy that does.
    mutating func contiguous(
        _ view: View, format: ElementFormat, label: String, node: Int
    ) throws(TilingError) -> View {
        if view.format == format, view.isContiguous(elementBytes: format.bitWidth / 8) {
            return view
        }
        let buffer = makeBuffer(.temporary, bytes: format.byteCount(view.elementCount))
        let target = View(buffer: buffer, format: format, shape: view.shape)
        try copy(view, to: target, label: label, node: node)
        return target
    }

    /// Adds launches that copy one view to another of the same shape: one, or where the views have
    /// more axes than a transfer, one for each index along the shortest axis.
    mutating func copy(
        _ source: View, to target: View, label: String, node: Int
    ) throws(TilingError) {
        guard source.elementCount > 0 else { return }
        do throws(TilingError) {
            let program = try StreamLowering.copy(source, to: target, state: self)
            append(.launch(program, label: "copy \(label)", nodes: [node]))
            return
        } catch {
            guard case .dimensions = error else { throw error }
        }
        let wide = source.axes.indices.filter { source.axes[$0].extent > 1 }
        guard let axis = wide.min(by: { source.axes[$0].extent < source.axes[$1].extent }) else {
            throw .unsupported("a copy of one element")
        }
        for index in 0..<source.axes[axis].extent {
            guard let from = source.sliced(axis: axis, start: index, count: 1, stride: 1),
                let to = target.sliced(axis: axis, start: index, count: 1, stride: 1)
            else { throw .unsupported("a slice of a padded view") }
            try copy(from, to: to, label: label, node: node)
        }
    }

    /// A constant in another layout or format, made once.
    mutating func packed(_ key: PackedWeight, make: () -> (bytes: [UInt8], shape: [Int])) -> View {
        if let known = packedWeights[key] { return known }
        let (bytes, shape) = make()
        let view = View(
            buffer: makeBuffer(.packed(bytes), bytes: bytes.count), format: key.format, shape: shape
        )
        packedWeights[key] = view
        return view
    }
}

/// A weight in one layout and format.
struct PackedWeight: Hashable, Sendable {
    var buffer: BufferID
    var format: ElementFormat
    var axes: [ViewAxis]
    var offset: Int
}
