extension StridedBox {
    /// From the lowest to behind the highest byte of the elements; nil if that is beyond 64 bits.
    package var byteBounds: Range<Int>? {
        var low = base
        var high = base
        for dimension in dimensions where dimension.count > 1 {
            let (reach, isTooFar) = (dimension.count - 1).multipliedReportingOverflow(
                by: dimension.stride)
            if isTooFar { return nil }
            let (next, isOverflow) =
                reach < 0 ? low.addingReportingOverflow(reach) : high.addingReportingOverflow(reach)
            if isOverflow { return nil }
            if reach < 0 { low = next } else { high = next }
        }
        let (end, isOverflow) = high.addingReportingOverflow(elementNibbles + 1)
        return isOverflow ? nil : low >> 1..<end >> 1
    }
}
