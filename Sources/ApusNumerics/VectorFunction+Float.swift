/// The meaning of the functions on binary32, the oracle of CApusNumerics.
extension VectorFunction {
    /// The result on FP32 operands, of which those beyond the function's ``shape`` are ignored;
    /// every NaN is 0x7FC00000. `nil` if the function has no meaning on FP32 or is not element by
    /// element.
    public func evaluate(_ a: Float, _ b: Float, _ c: Float) -> Float? {
        let result: Float? =
            switch shape {
            case .unary: unary(a)
            case .binary: binary(a, b)
            case .ternary: ternary(a, b, c)
            case .reduction, .scan: nil
            }
        return result.map(Lane.canonical)
    }

    private func unary(_ x: Float) -> Float? {
        switch self {
        case .copy: x
        case .neg: -x
        case .abs: x.magnitude
        case .sign: x > 0 ? 1 : x < 0 ? -1 : x.isNaN ? x : 0
        case .floor: x.rounded(.down)
        case .ceil: x.rounded(.up)
        case .roundeven: Lane.roundEven(x)
        case .trunc: x.rounded(.towardZero)
        case .sqrt: x.squareRoot()
        case .rsqrt: 1 / x.squareRoot()
        case .recip: 1 / x
        case .isnan: x.isNaN ? 1 : 0
        case .isinf: x.isInfinite ? 1 : 0
        case .lognot: x == 0 ? 1 : 0
        default: transcendental(x)
        }
    }

    private func transcendental(_ x: Float) -> Float? {
        switch self {
        case .exp: Exponential.exp(x)
        case .exp2: Exponential.exp2(x)
        case .log: Exponential.log(x)
        case .log2: Exponential.log2(x)
        case .sin: Circular.sin(x)
        case .cos: Circular.cos(x)
        case .tan: Circular.tan(x)
        case .asin: Circular.asin(x)
        case .acos: Circular.acos(x)
        case .atan: Circular.atan(x)
        case .sinh: Exponential.sinh(x)
        case .cosh: Exponential.cosh(x)
        case .tanh: Exponential.tanh(x)
        case .asinh: Exponential.asinh(x)
        case .acosh: Exponential.acosh(x)
        case .atanh: Exponential.atanh(x)
        case .sigmoid: Exponential.sigmoid(x)
        case .erf: Exponential.erf(x)
        default: nil
        }
    }

    private func binary(_ a: Float, _ b: Float) -> Float? {
        switch self {
        case .add: a + b
        case .sub: a - b
        case .mul: a * b
        case .div: a / b
        case .rem: Lane.remainder(a, b)
        case .mod: Lane.modulo(a, b)
        case .min: Lane.minimum(a, b)
        case .max: Lane.maximum(a, b)
        case .pow: Power.pow(a, b)
        case .eq: a == b ? 1 : 0
        case .ne: a != b ? 1 : 0
        case .lt: a < b ? 1 : 0
        case .le: a <= b ? 1 : 0
        case .gt: a > b ? 1 : 0
        case .ge: a >= b ? 1 : 0
        default: nil
        }
    }

    private func ternary(_ a: Float, _ b: Float, _ c: Float) -> Float? {
        switch self {
        case .fma: Lane.fma(a, b, c)
        case .select: a != 0 ? b : c
        case .clamp: Lane.minimum(Lane.maximum(a, b), c)
        default: nil
        }
    }
}
