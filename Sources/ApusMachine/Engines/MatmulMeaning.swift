import ApusISA
import ApusNumerics

/// Which `matmul` commands have a meaning.
enum MatmulMeaning {
    private static let floats: Set<ElementFormat> = [.fp32, .bf16, .fp16, .e4m3, .e5m2, .e2m1]
    private static let integers: Set<ElementFormat> = [.int8, .uint8, .int4, .uint4]

    /// The format of the accumulators; nil if the formats do not go together.
    static func accumulatorFormat(_ command: MatmulCommand) -> ElementFormat? {
        let (a, b) = (command.aFormat, command.bFormat)
        let isNative = command.passes == .native
        let areIntegers = integers.contains(a) && integers.contains(b)
        switch command.scaling {
        case .none:
            if areIntegers { return isNative ? .int32 : nil }
            guard floats.contains(a), floats.contains(b) else { return nil }
            if !isNative { return .fp32 }
            if a == .fp32 || b == .fp32 { return nil }
            return a == .e4m3 && b == .e4m3 ? .fixed54 : .fp32
        case .dequantiseB:
            let isNarrow = integers.contains(b) || [.e4m3, .e5m2, .e2m1].contains(b)
            return isNative && floats.contains(a) && a != .fp32 && isNarrow ? .fp32 : nil
        case .blocks:
            let small: Set<ElementFormat> = [.e4m3, .e2m1]
            let areSmall = small.contains(a) && small.contains(b)
            return isNative && (areIntegers || areSmall) ? .fp32 : nil
        }
    }
}
