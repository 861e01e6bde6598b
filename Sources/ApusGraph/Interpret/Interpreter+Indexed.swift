extension Interpreter {
    static func gather(
        _ operands: [Tensor], _ axis: Int, _ type: TensorType
    ) throws(GraphError) -> Tensor {
        let (data, extent) = (operands[0], operands[0].shape[axis])
        let indices = try positions(operands[1], extent: extent, of: "gather")
        let outerCount = data.shape.prefix(axis).reduce(1, *)
        let innerBytes = data.shape.dropFirst(axis + 1).reduce(data.elementType.byteCount, *)
        return Tensor(uninitialised: type) { result in
            data.withBytes { bytes in
                guard let source = bytes.baseAddress, var destination = result.baseAddress,
                    type.shape.elementCount > 0
                else { return }
                for outer in 0..<outerCount {
                    for index in indices {
                        destination.copyMemory(
                            from: source + (outer * extent + index) * innerBytes,
                            byteCount: innerBytes)
                        destination += innerBytes
                    }
                }
            }
        }
    }

    static func gatherND(
        _ operands: [Tensor], _ batchDimensions: Int, _ type: TensorType
    ) throws(GraphError) -> Tensor {
        let data = operands[0]
        let blocks = try blockOffsets(
            data, operands[1], batchDimensions: batchDimensions, of: "gatherND")
        return Tensor(uninitialised: type) { result in
            data.withBytes { bytes in
                guard let source = bytes.baseAddress, var destination = result.baseAddress,
                    type.shape.elementCount > 0
                else { return }
                for offset in blocks.offsets {
                    destination.copyMemory(from: source + offset, byteCount: blocks.byteCount)
                    destination += blocks.byteCount
                }
            }
        }
    }

    static func gatherElements(
        _ operands: [Tensor], _ axis: Int, _ type: TensorType
    ) throws(GraphError) -> Tensor {
        let data = operands[0]
        let offsets = try elementOffsets(data, operands[1], axis, of: "gatherElements")
        let width = data.elementType.byteCount
        return Tensor(uninitialised: type) { result in
            data.withBytes { bytes in
                guard let source = bytes.baseAddress, let destination = result.baseAddress
                else { return }
                for (position, offset) in offsets.enumerated() {
                    (destination + position * width)
                        .copyMemory(from: source + offset, byteCount: width)
                }
            }
        }
    }

    static func scatterElements(
        _ operands: [Tensor], _ axis: Int, _ reduction: ScatterReduction
    ) throws(GraphError) -> Tensor {
        let data = operands[0]
        let offsets = try elementOffsets(data, operands[1], axis, of: "scatterElements")
        return scatter(
            data, operands[2], offsets, blockBytes: data.elementType.byteCount, reduction)
    }

    static func scatterND(
        _ operands: [Tensor], _ reduction: ScatterReduction
    ) throws(GraphError) -> Tensor {
        let blocks = try blockOffsets(operands[0], operands[1], batchDimensions: 0, of: "scatterND")
        return scatter(
            operands[0], operands[2], blocks.offsets, blockBytes: blocks.byteCount, reduction)
    }

    /// Puts one block of `updates` after the other at byte offsets of `data`, in order.
    private static func scatter(
        _ data: Tensor, _ updates: Tensor, _ offsets: [Int], blockBytes: Int,
        _ reduction: ScatterReduction
    ) -> Tensor {
        var result = data
        let type = data.elementType
        let count = blockBytes / type.byteCount
        let function = reduction.function
        result.withMutableBytes { destination in
            updates.withBytes { source in
                guard let to = destination.baseAddress, let from = source.baseAddress else {
                    return
                }
                for (block, offset) in offsets.enumerated() {
                    let update = from + block * blockBytes
                    guard let function else {
                        (to + offset).copyMemory(from: update, byteCount: blockBytes)
                        continue
                    }
                    if type.isFloat {
                        combine(function.onDouble, type, to + offset, update, count)
                    } else {
                        combine(function.onInteger(type), type, to + offset, update, count)
                    }
                }
            }
        }
        return result
    }

    private static func combine<Wide: Lane>(
        _ function: (Wide, Wide) -> Wide, _ type: ElementType,
        _ destination: UnsafeMutableRawPointer, _ update: UnsafeRawPointer, _ count: Int
    ) {
        withUnsafeTemporaryAllocation(of: Wide.self, capacity: 2) { lanes in
            guard let old = lanes.baseAddress else { return }
            for index in 0..<count {
                let offset = index * type.byteCount
                Wide.load(type, from: destination + offset, stride: 0, count: 1, to: old)
                Wide.load(type, from: update + offset, stride: 0, count: 1, to: old + 1)
                old[0] = function(old[0], old[1])
                Wide.store(type, from: old, count: 1, to: destination + offset)
            }
        }
    }
}

// MARK: - Indices

extension Interpreter {
    /// Indices as places of an axis, negative ones counted from its end.
    private static func positions(
        _ indices: Tensor, extent: Int, of operation: String
    ) throws(GraphError) -> [Int] {
        var result = indices.integers ?? []
        for (place, index) in result.enumerated() {
            guard -extent <= index, index < extent else {
                throw .indexOutOfRange(operation: operation, index: index, count: extent)
            }
            if index < 0 { result[place] = index + extent }
        }
        return result
    }

    /// Byte offsets in `data` of the elements that an array of indices along `axis` names.
    private static func elementOffsets(
        _ data: Tensor, _ indices: Tensor, _ axis: Int, of operation: String
    ) throws(GraphError) -> [Int] {
        let along = try positions(indices, extent: data.shape[axis], of: operation)
        var strides = data.type.byteStrides
        let axisStride = strides[axis]
        strides[axis] = 0
        let walk = Walk(extents: indices.shape.dimensions, strides: [strides])
        var offsets: [Int] = []
        offsets.reserveCapacity(along.count)
        walk.forEachLine { starts in
            for index in 0..<walk.lineCount {
                offsets.append(
                    starts[0] + index * walk.lineStrides[0] + along[offsets.count] * axisStride)
            }
        }
        return offsets
    }

    /// Byte offsets and size of the blocks of `data` that coordinates name.
    private static func blockOffsets(
        _ data: Tensor, _ indices: Tensor, batchDimensions: Int, of operation: String
    ) throws(GraphError) -> (offsets: [Int], byteCount: Int) {
        let coordinates = indices.integers ?? []
        let depth = indices.shape.last ?? 0
        let strides = data.type.byteStrides
        let blockBytes = data.shape.dropFirst(batchDimensions + depth)
            .reduce(data.elementType.byteCount, *)
        let batchCount = data.shape.prefix(batchDimensions).reduce(1, *)
        let batchBytes = data.shape.dropFirst(batchDimensions)
            .reduce(data.elementType.byteCount, *)
        let blockCount = indices.shape.dropLast().reduce(1, *)
        let blocksPerBatch = batchCount == 0 ? 0 : blockCount / batchCount
        var offsets: [Int] = []
        offsets.reserveCapacity(blockCount)
        for block in 0..<blockCount {
            var offset = blocksPerBatch == 0 ? 0 : block / blocksPerBatch * batchBytes
            for place in 0..<depth {
                let extent = data.shape[batchDimensions + place]
                let index = coordinates[block * depth + place]
                guard -extent <= index, index < extent else {
                    throw .indexOutOfRange(operation: operation, index: index, count: extent)
                }
                offset += (index < 0 ? index + extent : index) * strides[batchDimensions + place]
            }
            offsets.append(offset)
        }
        return (offsets, blockBytes)
    }
}

extension ScatterReduction {
    /// The function that combines, or nil for replacement.
    var function: Binary? {
        switch self {
        case .replace: return nil
        case .add: return .add
        case .multiply: return .multiply
        case .maximum: return .maximum
        case .minimum: return .minimum
        }
    }
}
