/// Nested loops over several arrays at once, with adjacent loops merged where all arrays allow it.
///
/// The innermost loop is left to the caller as a line: a count and a stride for each array.
struct Walk {
    private var extents: [Int]
    // By loop, then by array, bytes.
    private var strides: [[Int]]
    private let arrayCount: Int

    /// Elements of each line.
    let lineCount: Int
    /// For each array, bytes from one element of a line to the next.
    let lineStrides: [Int]

    /// - Parameters:
    ///   - extents: of the loops, outermost first.
    ///   - strides: for each array, bytes per step of each loop.
    init(extents: [Int], strides arrays: [[Int]]) {
        arrayCount = arrays.count
        var merged: [(extent: Int, strides: [Int])] = []
        for (loop, extent) in extents.enumerated() where extent != 1 {
            let strides = arrays.map { $0[loop] }
            if let outer = merged.last,
                zip(outer.strides, strides).allSatisfy({ $0 == $1 * extent })
            {
                merged[merged.count - 1] = (outer.extent * extent, strides)
            } else {
                merged.append((extent, strides))
            }
        }
        let line = merged.popLast() ?? (1, arrays.map { _ in 0 })
        lineCount = line.extent
        lineStrides = line.strides
        self.extents = merged.map(\.extent)
        strides = merged.map(\.strides)
    }

    /// Calls `body` with the byte offset of each array for each line, in order.
    func forEachLine(_ body: (UnsafeBufferPointer<Int>) -> Void) {
        guard lineCount > 0, extents.allSatisfy({ $0 > 0 }) else { return }
        var offsets = [Int](repeating: 0, count: arrayCount)
        var position = [Int](repeating: 0, count: extents.count)
        while true {
            offsets.withUnsafeBufferPointer(body)
            var loop = extents.count - 1
            while loop >= 0 {
                position[loop] += 1
                let wraps = position[loop] == extents[loop]
                for array in 0..<arrayCount {
                    let stride = strides[loop][array]
                    offsets[array] += wraps ? stride * (1 - extents[loop]) : stride
                }
                guard wraps else { break }
                position[loop] = 0
                loop -= 1
            }
            if loop < 0 { return }
        }
    }
}

extension Walk {
    /// A walk over `shape` that reads operands broadcast to it and writes a contiguous result.
    ///
    /// Array 0 is the result; the others are the operands.
    init(broadcasting operands: [TensorType], to result: TensorType) {
        let resultStrides = result.shape.strides.map { $0 * result.elementType.byteCount }
        let operandStrides = operands.map { $0.broadcastStrides(to: result.shape) }
        self.init(extents: result.shape.dimensions, strides: [resultStrides] + operandStrides)
    }
}

extension TensorType {
    /// Byte strides in the axes of `shape`, which this one broadcasts to.
    func broadcastStrides(to shape: Shape) -> [Int] {
        let own = self.shape.strides
        let missing = shape.rank - rank
        return (0..<shape.rank).map { axis in
            guard axis >= missing, self.shape[axis - missing] != 1 else { return 0 }
            return own[axis - missing] * elementType.byteCount
        }
    }

    /// Row-major byte strides.
    var byteStrides: [Int] { shape.strides.map { $0 * elementType.byteCount } }
}

/// Copies elements of `width` bytes (1, 2, 4 or 8) between strided arrays.
func copyElements(
    extents: [Int], width: Int, from source: UnsafeRawPointer, strides sourceStrides: [Int],
    to destination: UnsafeMutableRawPointer, strides destinationStrides: [Int]
) {
    let walk = Walk(extents: extents, strides: [sourceStrides, destinationStrides])
    let (from, to, count) = (walk.lineStrides[0], walk.lineStrides[1], walk.lineCount)
    walk.forEachLine { offsets in
        let (read, write) = (source + offsets[0], destination + offsets[1])
        if from == width, to == width {
            write.copyMemory(from: read, byteCount: count * width)
            return
        }
        switch width {
        case 1: copyLine(UInt8.self, count, read, from, write, to)
        case 2: copyLine(UInt16.self, count, read, from, write, to)
        case 4: copyLine(UInt32.self, count, read, from, write, to)
        default: copyLine(UInt64.self, count, read, from, write, to)
        }
    }
}

@inline(__always)
private func copyLine<Bits: FixedWidthInteger & BitwiseCopyable>(
    _: Bits.Type, _ count: Int, _ source: UnsafeRawPointer, _ sourceStride: Int,
    _ destination: UnsafeMutableRawPointer, _ destinationStride: Int
) {
    for index in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: index &* sourceStride, as: Bits.self)
        destination.storeBytes(of: bits, toByteOffset: index &* destinationStride, as: Bits.self)
    }
}
