extension VectorOpcode {
    private typealias Row = VectorMeaning

    private static let tree = """
        Sixteen partial results: partial j folds columns j, j + 16, j + 32, … ascending; then \
        partials combine j with j + 8, j + 4, j + 2, j + 1. The number of lanes does not matter, \
        and a framework's order of summation differs.
        """

    var otherMeaning: VectorMeaning {
        switch self {
        case .fma: Row("d = a · b + c", "Multiplies and adds.", VectorMeaning.rounded)
        case .select:
            Row(
                "d = a ≠ 0 ? b : c", "Chooses between b and c.",
                "A NaN in a chooses b. a's format also says how b and c are read.")
        case .clamp:
            Row(
                "d = min(max(a, b), c)", "Limits a to b below and c above.",
                "A NaN propagates. If b exceeds c, the result is c.")
        case .rsum: Row("d[0] = Σ a[i]", "Adds the columns of each row.", Self.tree)
        case .rprod: Row("d[0] = Π a[i]", "Multiplies the columns of each row.", Self.tree)
        case .rmax:
            Row(
                "d[0] = max a[i]", "Takes the largest of each row.",
                "A NaN propagates. " + Self.tree)
        case .rmin:
            Row(
                "d[0] = min a[i]", "Takes the smallest of each row.",
                "A NaN propagates. " + Self.tree)
        case .rargmax:
            Row(
                "d[0] = argmax a[i]", "Gives the first column of the largest of each row.",
                "An INT32 index. A NaN is larger than all numbers.")
        case .rargmin:
            Row(
                "d[0] = argmin a[i]", "Gives the first column of the smallest of each row.",
                "An INT32 index. A NaN is smaller than all numbers.")
        case .cumsum:
            Row(
                "d[i] = Σⱼ≤ᵢ a[j]", "Adds along the columns of each row.",
                "One rounded addition for each column, in the order of the columns.")
        case .cumprod:
            Row(
                "d[i] = Πⱼ≤ᵢ a[j]", "Multiplies along the columns of each row.",
                "One rounded multiplication for each column, in the order of the columns.")
        case .topk:
            Row(
                "d, c = the b largest of a", "Gives each row's largest values and their columns.",
                "Descending; first column first among equals; NaNs before numbers; −0 equals +0."
            )
        case .iota:
            Row(
                "d[i] = b + c · i", "Counts along the columns.",
                "One fused multiply-add in binary32, or INT32 wrapping, as a's format says.")
        case .random:
            Row(
                "d[i] = uniform [0, 1)", "Draws random numbers, the same for the same key.",
                """
                The upper 24 bits, times 2⁻²⁴, of word 0 of Philox4x32-10 with key (b, c) and \
                counter row · columns + column.
                """)
        default: preconditionFailure("\(self) has no row among these commands")
        }
    }
}
