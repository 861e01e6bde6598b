extension SimplificationPass {
    /// Writes operations that a chip seldom has by those that it does.
    ///
    /// - `gatherND` and `gatherElements` become a `gather` of rows by computed positions.
    /// - `pad` between elements becomes reshapes, a `pad` at the ends and a slice.
    /// - Powers of integers by a small constant, and squares, become products.
    public static let decompose = SimplificationPass("decompose") {
        (node, rewriter) throws(GraphError) -> [ValueID]? in
        switch node.operation {
        case .gatherND(let batch): return try rewriter.gatherRows(node, batchDimensions: batch)
        case .gatherElements(let axis): return try rewriter.gatherPlaces(node, axis)
        case .pad(let padding):
            guard let axis = padding.interior.firstIndex(where: { $0 > 0 }) else { return nil }
            return try rewriter.padBetween(node, padding, axis)
        case .binary(.power): return try rewriter.repeatedProduct(node)
        default: return nil
        }
    }

    /// Elements that one fold takes in; longer ones are cut at places that depend on their length
    /// only. Sums of `float32` then round once for each piece.
    public static let foldLengthMax = 4096

    /// Cuts folds of more than ``foldLengthMax`` elements into two stages.
    public static let splitLongFolds = SimplificationPass("splitLongFolds") {
        (node, rewriter) throws(GraphError) -> [ValueID]? in
        guard case .reduce(let reduction, let axes, let keepDimensions) = node.operation else {
            return nil
        }
        let type = rewriter.type(of: node.inputs[0])
        let lengths = axes.map { type.shape[$0] }
        guard lengths.reduce(1, *) > foldLengthMax, type.shape.elementCount > 0 else { return nil }
        let result = rewriter.resultTypes(of: node)[0].shape
        // One long axis, last: the reduced axes merge into it after a transposition.
        let kept = (0..<type.rank).filter { !axes.contains($0) }
        let last = try rewriter.emit(
            .transpose(kept + axes.sorted()), [node.inputs[0]], name: node.name)
        let length = lengths.reduce(1, *)
        let rows = kept.map { type.shape[$0] }
        let whole = length / foldLengthMax * foldLengthMax
        let line = try rewriter.emit(.reshape(Shape(rows + [length])), [last], name: node.name)
        let pieces = try rewriter.linePart(line, from: 0, count: whole, name: node.name)
        let cut = try rewriter.emit(
            .reshape(Shape(rows + [whole / foldLengthMax, foldLengthMax])), [pieces],
            name: node.name)
        var partial = try rewriter.emit(
            .reduce(reduction, axes: [rows.count + 1], keepDimensions: false), [cut],
            name: node.name)
        if whole < length {
            let rest = try rewriter.linePart(
                line, from: whole, count: length - whole, name: node.name)
            let folded = try rewriter.emit(
                .reduce(reduction, axes: [rows.count], keepDimensions: true), [rest],
                name: node.name)
            partial = try rewriter.emit(
                .concatenate(axis: rows.count), [partial, folded], name: node.name)
        }
        let second: Reduction = reduction == .sumOfSquares ? .sum : reduction
        let total = try rewriter.emit(
            .reduce(second, axes: [rows.count], keepDimensions: false), [partial], name: node.name)
        guard keepDimensions else { return [total] }
        return [try rewriter.emit(.reshape(result), [total], name: node.name)]
    }
}

extension Rewriter {
    /// Elements `from ..< from + count` of the last axis.
    fileprivate mutating func linePart(
        _ line: ValueID, from: Int, count: Int, name: String
    ) throws(GraphError) -> ValueID {
        let shape = shape(of: line)
        let starts = [Int](repeating: 0, count: shape.rank - 1) + [from]
        let slice = Slice(
            starts: starts, counts: shape.dropLast() + [count],
            strides: starts.map { _ in 1 })
        return try emit(.slice(slice), [line], name: name)
    }

    /// Coordinates of blocks as row numbers of a flattened array.
    fileprivate mutating func gatherRows(
        _ node: Node, batchDimensions: Int
    ) throws(GraphError) -> [ValueID]? {
        let (data, indices) = (shape(of: node.inputs[0]), shape(of: node.inputs[1]))
        guard let depth = indices.last, depth > 0, indices.elementCount > 0,
            data.elementCount > 0, data.elementCount < 1 << 31
        else { return nil }
        let addressed = data[batchDimensions..<batchDimensions + depth]
        let indexType = type(of: node.inputs[1]).elementType
        let positive = try nonNegative(
            node.inputs[1], extents: Array(addressed), type: indexType, name: node.name)
        var strides = [Int](repeating: 1, count: depth)
        for place in (0..<depth - 1).reversed() {
            strides[place] = strides[place + 1] * addressed[batchDimensions + place + 1]
        }
        let scaled = try emit(
            .binary(.multiply), [positive, integers(strides, indexType)], name: node.name)
        var rows = try emit(
            .reduce(.sum, axes: [indices.rank - 1], keepDimensions: false), [scaled],
            name: node.name)
        if batchDimensions > 0 {
            let batch = Shape(Array(data.prefix(batchDimensions)))
            let count = addressed.reduce(1, *)
            let starts = (0..<batch.elementCount).map { $0 * count }
            let ones = [Int](repeating: 1, count: indices.rank - 1 - batchDimensions)
            let offsets = integers(starts, indexType, shape: Shape(batch.dimensions + ones))
            rows = try emit(.binary(.add), [rows, offsets], name: node.name)
        }
        let tail = Array(data.dropFirst(batchDimensions + depth))
        let rowCount = data.prefix(batchDimensions + depth).reduce(1, *)
        let flat = try emit(
            .reshape(Shape([rowCount] + tail)), [node.inputs[0]], name: node.name)
        return [try emit(.gather(axis: 0), [flat, rows], name: node.name)]
    }

    fileprivate mutating func gatherPlaces(
        _ node: Node, _ axis: Int
    ) throws(GraphError) -> [ValueID]? {
        let (data, indices) = (shape(of: node.inputs[0]), shape(of: node.inputs[1]))
        guard indices.elementCount > 0, data.elementCount < 1 << 31 else { return nil }
        let indexType = type(of: node.inputs[1]).elementType
        var places = try nonNegative(
            node.inputs[1], extents: [data[axis]], type: indexType, name: node.name)
        let strides = data.strides
        places = try emit(
            .binary(.multiply), [places, integers([strides[axis]], indexType, shape: .scalar)],
            name: node.name)
        // Where a place lies in the other axes is known now.
        let others = (0..<data.rank).filter { $0 != axis && indices[$0] > 1 }
        if !others.isEmpty {
            var extents = [Int](repeating: 1, count: data.rank)
            for other in others { extents[other] = indices[other] }
            let shape = Shape(extents)
            let offsets = (0..<shape.elementCount).map { place in
                zip(zip(shape.dimensions, shape.strides), strides)
                    .reduce(0) { $0 + place / $1.0.1 % $1.0.0 * $1.1 }
            }
            places = try emit(
                .binary(.add), [places, integers(offsets, indexType, shape: shape)],
                name: node.name)
        }
        let flat = try emit(.reshape([data.elementCount]), [node.inputs[0]], name: node.name)
        return [try emit(.gather(axis: 0), [flat, places], name: node.name)]
    }

    /// Indices with those below zero counted from the end, made so by nodes unless constant.
    private mutating func nonNegative(
        _ indices: ValueID, extents: [Int], type: ElementType, name: String
    ) throws(GraphError) -> ValueID {
        if let known = tensor(indices)?.integers, known.allSatisfy({ $0 >= 0 }) { return indices }
        let zero = integers([0], type, shape: .scalar)
        let isNegative = try emit(.compare(.less), [indices, zero], name: name)
        let shape: Shape = extents.count == 1 ? .scalar : [extents.count]
        let wrapped = try emit(
            .binary(.add), [indices, integers(extents, type, shape: shape)], name: name)
        return try emit(.select, [isNegative, wrapped, indices], name: name)
    }

    private mutating func integers(
        _ values: [Int], _ type: ElementType, shape: Shape? = nil
    ) -> ValueID {
        let tensor = Tensor(values.map { Int64($0) }, shape: shape ?? [values.count])
        return constant(Interpreter.convert(tensor, Conversion(to: type)))
    }

    /// `[…, n, …]` as `[…, n, 1, …]`, padded to `[…, n, 1 + interior, …]`, read as one axis again.
    fileprivate mutating func padBetween(
        _ node: Node, _ padding: Padding, _ axis: Int
    ) throws(GraphError) -> [ValueID]? {
        let shape = shape(of: node.inputs[0])
        let (extent, step) = (shape[axis], padding.interior[axis] + 1)
        var rest = padding
        rest.interior[axis] = 0
        guard extent > 1 else {
            return [try emit(.pad(rest), node.inputs, name: node.name)]
        }
        var extents = shape.dimensions
        extents.insert(1, at: axis + 1)
        let column = try emit(.reshape(Shape(extents)), [node.inputs[0]], name: node.name)
        var high = [Int](repeating: 0, count: extents.count)
        high[axis + 1] = step - 1
        let apart = try emit(
            .pad(Padding(low: high.map { _ in 0 }, high: high)), [column, node.inputs[1]],
            name: node.name)
        var merged = shape.dimensions
        merged[axis] = extent * step
        let line = try emit(.reshape(Shape(merged)), [apart], name: node.name)
        // The last element brings fill of its own, which the end's padding makes up for.
        rest.high[axis] -= step - 1
        return [try emit(.pad(rest), [line, node.inputs[1]], name: node.name)]
    }

    fileprivate mutating func repeatedProduct(_ node: Node) throws(GraphError) -> [ValueID]? {
        let base = node.inputs[0]
        let elementType = type(of: base).elementType
        guard elementType != .float64, let exponents = tensor(node.inputs[1])?.doubles,
            let exponent = exponents.first, exponents.allSatisfy({ $0 == exponent }),
            (2...8).contains(exponent), exponent.rounded() == exponent,
            elementType.isInteger || exponent == 2,
            resultTypes(of: node).first?.shape == shape(of: base)
        else { return nil }
        var result = base
        for _ in 1..<Int(exponent) {
            result = try emit(.binary(.multiply), [result, base], name: node.name)
        }
        return [result]
    }
}
