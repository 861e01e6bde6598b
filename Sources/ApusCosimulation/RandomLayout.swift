/// Strides of a dense tensor, now and then permuted, padded, reversed or broadcast.
struct RandomLayout {
    var strides: [Int]
    /// The smallest and largest offsets, in the strides' unit.
    var low = 0
    var high = 0

    init(extents: [Int], elementSize: Int, canRepeat: Bool, _ generator: inout SeededGenerator) {
        strides = [Int](repeating: 0, count: extents.count)
        var order = Array(extents.indices)
        if generator.happens(oneIn: 3) { order.shuffle(using: &generator) }
        var reach = elementSize
        for dimension in order {
            let padding = generator.happens(oneIn: 4) ? generator.pick([1, 2, 3]) * elementSize : 0
            let sign = generator.happens(oneIn: 8) ? -1 : 1
            strides[dimension] = (reach + padding) * sign
            if canRepeat, generator.happens(oneIn: 6) {
                strides[dimension] = 0
                continue
            }
            reach = (reach + padding) * max(1, extents[dimension])
        }
        for (extent, stride) in zip(extents, strides) where extent > 0 {
            low = min(low, low + (extent - 1) * stride)
            high = max(high, high + (extent - 1) * stride)
        }
    }
}
