/// Adds the product of two row-major matrices into a third, in lanes: k ascending for each element.
///
///     result[m, n] += Σₖ left[m, k] · right[k, n]
func multiplyMatrices<Wide: Lane>(
    rows: Int, columns: Int, inner: Int, left: UnsafePointer<Wide>, leftStride: Int,
    right: UnsafePointer<Wide>, rightStride: Int, result: UnsafeMutablePointer<Wide>,
    resultStride: Int
) {
    // A block of columns of the right operand stays in cache while all rows pass over it.
    let blockColumns = 256
    for start in stride(from: 0, to: columns, by: blockColumns) {
        let count = min(blockColumns, columns - start)
        for row in 0..<rows {
            let sums = result + row * resultStride + start
            let factors = left + row * leftStride
            var k = 0
            while k + 4 <= inner {
                let (a, b, c, d) = (factors[k], factors[k + 1], factors[k + 2], factors[k + 3])
                let line0 = right + k * rightStride + start
                let line1 = line0 + rightStride
                let line2 = line1 + rightStride
                let line3 = line2 + rightStride
                for column in 0..<count {
                    var sum = Wide.add(sums[column], Wide.multiply(a, line0[column]))
                    sum = Wide.add(sum, Wide.multiply(b, line1[column]))
                    sum = Wide.add(sum, Wide.multiply(c, line2[column]))
                    sums[column] = Wide.add(sum, Wide.multiply(d, line3[column]))
                }
                k += 4
            }
            while k < inner {
                let (factor, line) = (factors[k], right + k * rightStride + start)
                for column in 0..<count {
                    sums[column] = Wide.add(sums[column], Wide.multiply(factor, line[column]))
                }
                k += 1
            }
        }
    }
}

/// Lane memory that is freed at the end of a scope.
struct LaneBuffer<Wide: Lane>: ~Copyable {
    let start: UnsafeMutablePointer<Wide>
    let count: Int

    /// Memory of `count` zeros.
    init(zeros count: Int) {
        start = .allocate(capacity: max(count, 1))
        start.initialize(repeating: .zero, count: max(count, 1))
        self.count = count
    }

    /// All elements of a tensor, widened.
    init(_ tensor: Tensor) {
        self.init(zeros: tensor.elementCount)
        let (width, start, count) = (tensor.elementType.byteCount, start, count)
        tensor.withBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            Wide.load(tensor.elementType, from: source, stride: width, count: count, to: start)
        }
    }

    deinit { start.deallocate() }

    /// A tensor of the numbers, rounded or wrapped.
    func tensor(_ type: TensorType) -> Tensor {
        let start = start
        return Tensor(uninitialised: type) { bytes in
            guard let destination = bytes.baseAddress else { return }
            Wide.store(
                type.elementType, from: start, count: type.shape.elementCount, to: destination)
        }
    }
}
