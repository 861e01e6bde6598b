/// How the axes of an iteration space are merged into as few as the views over it allow.
///
/// Views given to and returned by this type have one axis for each axis of the space; an axis of
/// extent one or stride zero does not vary.
struct DomainLayout: Hashable, Sendable {
    /// For each merged axis the original axes, outermost first.
    var axes: [[Int]]
    var extents: [Int]

    /// Merges neighbours of `order` wherever every view runs through memory as along one axis.
    ///
    /// - Parameter classes: for each original axis a number; axes of different classes stay apart.
    init(extents: [Int], order: [Int], classes: [Int], views: [View]) {
        var axes: [[Int]] = []
        for axis in order
        where extents[axis] != 1 || views.contains(where: { $0.axes[axis].isPadded }) {
            if let outer = axes.last?.last, classes[outer] == classes[axis],
                views.allSatisfy({ Self.continues($0, outer, axis, extents[axis]) })
            {
                axes[axes.count - 1].append(axis)
            } else {
                axes.append([axis])
            }
        }
        self.axes = axes
        self.extents = axes.map { $0.reduce(1) { $0 * extents[$1] } }
    }

    private static func continues(_ view: View, _ outer: Int, _ inner: Int, _ extent: Int) -> Bool {
        let outerAxis = view.axes[outer]
        let innerAxis = view.axes[inner]
        guard !outerAxis.isPadded, !innerAxis.isPadded else { return false }
        let outerStride = outerAxis.extent == 1 ? 0 : outerAxis.stride
        let innerStride = innerAxis.extent == 1 ? 0 : innerAxis.stride
        return outerStride == innerStride * extent
    }

    /// The view with merged axes.
    func project(_ view: View) -> View {
        var result = view
        result.axes = axes.enumerated().map { index, members in
            if members.count == 1 { return view.axes[members[0]] }
            let stride = view.axes[members[members.count - 1]]
            let varies = stride.extent != 1 && stride.stride != 0
            return ViewAxis(
                extent: varies ? extents[index] : 1, stride: varies ? stride.stride : 0)
        }
        return result
    }

    /// The merged axes whose original axes are all in `set`.
    func merged(_ set: Set<Int>) -> [Int] {
        axes.indices.filter { axes[$0].allSatisfy(set.contains) }
    }
}

extension View {
    /// A view of a value whose axes lie on a domain as `map` says, with an axis for each of the
    /// domain.
    func aligned(map: [Int?], domainRank: Int) -> View {
        var result = self
        result.axes = [ViewAxis](repeating: ViewAxis(extent: 1, stride: 0), count: domainRank)
        for (axis, target) in map.enumerated() {
            guard let target else { continue }
            result.axes[target] = axes[axis]
        }
        return result
    }

    /// The view with one axis cut in two, the outer of `outer` elements.
    func splitting(axis: Int, outer: Int) -> View? {
        let old = axes[axis]
        guard outer != 1 else {
            var result = self
            result.axes.insert(ViewAxis(extent: 1, stride: 0), at: axis)
            return result
        }
        if old.extent == 1 && !old.isPadded {
            var result = self
            result.axes.insert(old, at: axis)
            return result
        }
        guard !old.isPadded else { return nil }
        let inner = old.extent / outer
        var result = self
        result.axes[axis] = ViewAxis(extent: inner, stride: old.stride)
        result.axes.insert(ViewAxis(extent: outer, stride: old.stride * inner), at: axis)
        return result
    }
}
