extension VectorOpcode {
    private typealias Row = VectorMeaning

    var unaryMeaning: VectorMeaning {
        switch self {
        case .copy:
            Row(
                "d = a", "Copies, converting between formats.",
                "One rounding by the command's rule; between equal formats the bits are moved.")
        case .neg:
            Row("d = −a", "Negates.", "Flips the sign bit, of zeros too; INT32 wraps.")
        case .abs:
            Row("d = |a|", "Takes the magnitude.", "Clears the sign bit; INT32 wraps at −2³¹.")
        case .sign:
            Row("d = (a > 0) − (a < 0)", "Gives −1, 0 or 1.", "Zeros give +0; a NaN gives NaN.")
        case .floor: Row("d = ⌊a⌋", "Rounds down to an integral value.", VectorMeaning.exact)
        case .ceil: Row("d = ⌈a⌉", "Rounds up to an integral value.", VectorMeaning.exact)
        case .roundeven:
            Row(
                "d = round(a)", "Rounds to the nearest integral value, ties to even.",
                VectorMeaning.exact)
        case .trunc:
            Row("d = trunc(a)", "Rounds toward zero to an integral value.", VectorMeaning.exact)
        case .sqrt: Row("d = √a", "Takes the square root.", VectorMeaning.rounded)
        case .rsqrt:
            Row(
                "d = 1 / √a", "Takes the reciprocal of the square root.",
                "Two roundings: of the root, then of the quotient. " + VectorMeaning.floatOnly)
        case .recip:
            Row("d = 1 / a", "Takes the reciprocal.", "One rounding. " + VectorMeaning.floatOnly)
        case .bitnot: Row("d = ~a", "Inverts all bits.", VectorMeaning.bits)
        case .isnan:
            Row("d = (a ≠ a)", "Tells whether a is a NaN.", "1 or 0; always 0 on INT32.")
        case .isinf:
            Row("d = (|a| = ∞)", "Tells whether a is infinite.", "1 or 0; always 0 on INT32.")
        case .lognot:
            Row("d = (a = 0)", "Gives 1 for zero and 0 for all else.", "A NaN is not zero.")
        default: transcendentalMeaning
        }
    }

    private var transcendentalMeaning: VectorMeaning {
        let numerics = VectorMeaning.sequence
        return switch self {
        case .exp: Row("d = eᵃ", "Takes the exponential.", numerics)
        case .exp2: Row("d = 2ᵃ", "Takes the exponential to base 2.", numerics)
        case .log: Row("d = ln a", "Takes the natural logarithm.", numerics)
        case .log2: Row("d = log₂ a", "Takes the logarithm to base 2.", numerics)
        case .sin: Row("d = sin a", "Takes the sine; a in radians.", numerics)
        case .cos: Row("d = cos a", "Takes the cosine; a in radians.", numerics)
        case .tan: Row("d = tan a", "Takes the tangent; a in radians.", numerics)
        case .asin: Row("d = asin a", "Takes the inverse sine, in radians.", numerics)
        case .acos: Row("d = acos a", "Takes the inverse cosine, in radians.", numerics)
        case .atan: Row("d = atan a", "Takes the inverse tangent, in radians.", numerics)
        case .sinh: Row("d = sinh a", "Takes the hyperbolic sine.", numerics)
        case .cosh: Row("d = cosh a", "Takes the hyperbolic cosine.", numerics)
        case .tanh: Row("d = tanh a", "Takes the hyperbolic tangent.", numerics)
        case .asinh: Row("d = asinh a", "Takes the inverse hyperbolic sine.", numerics)
        case .acosh: Row("d = acosh a", "Takes the inverse hyperbolic cosine.", numerics)
        case .atanh: Row("d = atanh a", "Takes the inverse hyperbolic tangent.", numerics)
        case .sigmoid: Row("d = 1 / (1 + e⁻ᵃ)", "Takes the logistic function.", numerics)
        case .erf: Row("d = erf a", "Takes the error function.", numerics)
        default: preconditionFailure("\(self) has no row among the unary commands")
        }
    }
}
