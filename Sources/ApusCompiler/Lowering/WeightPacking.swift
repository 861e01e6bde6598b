import ApusGraph
import ApusNumerics

/// Rearranges constants at compile time into the layout and format that a launch loads.
enum WeightPacking {
    /// The elements that a view of a constant shows, dense in the order of the view's axes.
    ///
    /// - Precondition: the view is not padded and its elements take whole bytes.
    static func pack(_ tensor: Tensor, view: View, format: ElementFormat) -> [UInt8] {
        let axes = view.axes.filter { $0.extent != 1 }
        let count = view.elementCount
        let source = view.elementBytes
        let target = format.bitWidth / 8
        return [UInt8](unsafeUninitializedCapacity: count * target) { bytes, initialised in
            initialised = count * target
            guard let output = bytes.baseAddress else { return }
            tensor.withBytes { input in
                guard let start = input.baseAddress else { return }
                let inner = axes.last ?? ViewAxis(extent: 1, stride: 0)
                let outer = axes.dropLast()
                var index = [Int](repeating: 0, count: outer.count)
                var offset = view.offset
                var written = 0
                while written < count {
                    line(
                        from: start + offset, stride: inner.stride, count: inner.extent,
                        to: UnsafeMutableRawPointer(output) + written * target,
                        source: view.format, sourceBytes: source, target: format)
                    written += inner.extent
                    // The next line: the last outer axis first.
                    var axis = outer.count - 1
                    while axis >= 0 {
                        index[axis] += 1
                        offset += outer[axis].stride
                        if index[axis] < outer[axis].extent { break }
                        offset -= outer[axis].stride * outer[axis].extent
                        index[axis] = 0
                        axis -= 1
                    }
                    if axis < 0 { break }
                }
            }
        }
    }

    /// One line of elements, converted.
    private static func line(
        from start: UnsafeRawPointer, stride: Int, count: Int, to output: UnsafeMutableRawPointer,
        source: ElementFormat, sourceBytes: Int, target: ElementFormat
    ) {
        switch (source, target) {
        case (.fp32, .bf16):
            for index in 0..<count {
                let bits = (start + index * stride).loadUnaligned(as: UInt32.self)
                output.storeBytes(of: roundedToBF16(bits), toByteOffset: index * 2, as: UInt16.self)
            }
        case _ where source == target && stride == sourceBytes:
            output.copyMemory(from: start, byteCount: count * sourceBytes)
        case _ where source == target && sourceBytes == 4:
            for index in 0..<count {
                let bits = (start + index * stride).loadUnaligned(as: UInt32.self)
                output.storeBytes(of: bits, toByteOffset: index * 4, as: UInt32.self)
            }
        default:
            let targetBytes = target.bitWidth / 8
            for index in 0..<count {
                var bits: UInt64 = 0
                withUnsafeMutableBytes(of: &bits) {
                    $0.copyMemory(
                        from: UnsafeRawBufferPointer(
                            start: start + index * stride, count: sourceBytes))
                }
                bits = ElementFormat.convert(bits, from: source, to: target, rounding: .nearestEven)
                withUnsafeBytes(of: bits) {
                    (output + index * targetBytes).copyMemory(
                        from: $0.baseAddress ?? UnsafeRawPointer(output), byteCount: targetBytes)
                }
            }
        }
    }

    /// FP32 bits to BF16 bits, ties to even.
    static func roundedToBF16(_ bits: UInt32) -> UInt16 {
        if bits & 0x7FFF_FFFF > 0x7F80_0000 { return 0x7FC0 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }
}

extension LoweringState {
    /// A view that is dense in the order of its axes and in this format, if it shows a constant;
    /// the packing happens now. Other views are returned as they are.
    mutating func packedIfConstant(_ view: View, format: ElementFormat, order: [Int]) -> View {
        guard case .constant(let tensor) = buffers[view.buffer.index].kind, !view.isPadded,
            format != .bits64, view.format != .bits64
        else { return view }
        // Broadcast axes stay broadcast: they are not repeated in memory.
        let stored = order.filter { view.axes[$0].stride != 0 && view.axes[$0].extent != 1 }
        var dense = view
        dense.axes = stored.map { view.axes[$0] }
        let key = PackedWeight(
            buffer: view.buffer, format: format, axes: dense.axes, offset: view.offset)
        let packed = packed(key) {
            (WeightPacking.pack(tensor, view: dense, format: format), dense.shape)
        }
        var result = view
        result.buffer = packed.buffer
        result.format = format
        result.offset = 0
        for (axis, old) in zip(stored, packed.axes) {
            result.axes[axis] = ViewAxis(extent: view.axes[axis].extent, stride: old.stride)
        }
        return result
    }
}
