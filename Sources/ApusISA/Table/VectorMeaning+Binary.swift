extension VectorOpcode {
    private typealias Row = VectorMeaning

    var binaryMeaning: VectorMeaning {
        switch self {
        case .add: Row("d = a + b", "Adds.", VectorMeaning.rounded)
        case .sub: Row("d = a − b", "Subtracts.", VectorMeaning.rounded)
        case .mul: Row("d = a · b", "Multiplies.", VectorMeaning.rounded)
        case .div:
            Row(
                "d = a / b", "Divides; integers truncate.",
                "FP32: one rounding, ties to even. INT32, as RISC-V: a / 0 = −1, −2³¹ / −1 = −2³¹."
            )
        case .rem:
            Row(
                "d = a − trunc(a / b) · b", "Takes the remainder with the sign of a.",
                "Exact, as C's fmod. INT32: a rem 0 = a, as RISC-V.")
        case .mod:
            Row(
                "d = a − ⌊a / b⌋ · b", "Takes the remainder with the sign of b.",
                "The exact truncated remainder, and one rounded addition of b if the signs differ.")
        case .min:
            Row(
                "d = min(a, b)", "Takes the smaller.",
                "A NaN propagates, unlike IEEE-754 minNum; −0 is less than +0.")
        case .max:
            Row(
                "d = max(a, b)", "Takes the larger.",
                "A NaN propagates, unlike IEEE-754 maxNum; −0 is less than +0.")
        case .pow: Row("d = aᵇ", "Raises a to the power b.", VectorMeaning.sequence)
        case .and: Row("d = a & b", "Ands the bits.", VectorMeaning.bits)
        case .or: Row("d = a | b", "Ors the bits.", VectorMeaning.bits)
        case .xor: Row("d = a ^ b", "Exclusive-ors the bits.", VectorMeaning.bits)
        case .shl: Row("d = a << b", "Shifts left, zeros entering.", VectorMeaning.bits)
        case .shr: Row("d = a >> b", "Shifts right, zeros entering.", VectorMeaning.bits)
        case .sar: Row("d = a >> b", "Shifts right, the sign entering.", VectorMeaning.bits)
        case .eq: Row("d = (a = b)", "Tells whether a equals b.", VectorMeaning.comparison)
        case .ne: Row("d = (a ≠ b)", "Tells whether a differs from b.", VectorMeaning.comparison)
        case .lt: Row("d = (a < b)", "Tells whether a is less.", VectorMeaning.comparison)
        case .le: Row("d = (a ≤ b)", "Tells whether a is not more.", VectorMeaning.comparison)
        case .gt: Row("d = (a > b)", "Tells whether a is more.", VectorMeaning.comparison)
        case .ge: Row("d = (a ≥ b)", "Tells whether a is not less.", VectorMeaning.comparison)
        default: preconditionFailure("\(self) has no row among the binary commands")
        }
    }
}
