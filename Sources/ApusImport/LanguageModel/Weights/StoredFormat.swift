import ApusNumerics

/// How a file stores the elements of a weight.
///
/// The names are those of the formats' authors. Block formats hold blocks of `blockLength`
/// elements of a row in `blockBytes` bytes; the others are blocks of one element.
public enum StoredFormat: String, CaseIterable, Sendable {
    case fp32 = "F32"
    case fp16 = "F16"
    case bf16 = "BF16"
    case q4_0 = "Q4_0"
    case q4_1 = "Q4_1"
    case q5_0 = "Q5_0"
    case q5_1 = "Q5_1"
    case q8_0 = "Q8_0"
    case q4_K = "Q4_K"
    case q5_K = "Q5_K"
    case q6_K = "Q6_K"
    case mxfp4 = "MXFP4"
    case e4m3 = "F8_E4M3"
    case int8 = "I8"
    case uint8 = "U8"

    /// Elements of a block, all of one row.
    public var blockLength: Int {
        switch self {
        case .fp32, .fp16, .bf16, .e4m3, .int8, .uint8: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .mxfp4: 32
        case .q4_K, .q5_K, .q6_K: 256
        }
    }

    /// Bytes of a block.
    public var blockBytes: Int {
        switch self {
        case .fp32: 4
        case .fp16, .bf16: 2
        case .e4m3, .int8, .uint8: 1
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q4_K: 144
        case .q5_K: 176
        case .q6_K: 210
        case .mxfp4: 17
        }
    }

    /// The code in GGUF tensor infos; nil for the formats that only safetensors has.
    public var ggufCode: UInt32? {
        switch self {
        case .fp32: 0
        case .fp16: 1
        case .q4_0: 2
        case .q4_1: 3
        case .q5_0: 6
        case .q5_1: 7
        case .q8_0: 8
        case .q4_K: 12
        case .q5_K: 13
        case .q6_K: 14
        case .bf16: 30
        case .mxfp4: 39
        case .e4m3, .int8, .uint8: nil
        }
    }

    /// The format with this code in GGUF tensor infos.
    init?(ggufCode code: UInt32) {
        guard let format = Self.allCases.first(where: { $0.ggufCode == code }) else { return nil }
        self = format
    }

    /// The bytes that `count` elements of a row take; `count` is a multiple of the block length.
    public func byteCount(_ count: Int) -> Int { count / blockLength * blockBytes }

    static let ggufNames = allCases.filter { $0.ggufCode != nil }.map(\.rawValue)
        .joined(separator: ", ")
}

extension StoredFormat {
    /// What the chip multiplies with when the weight is streamed in its stored format.
    public var streamed: StreamedFormat {
        switch self {
        case .fp32, .bf16: StreamedFormat(.bf16)
        case .fp16: StreamedFormat(.fp16)
        case .q4_0: StreamedFormat(.int4, group: 32, scale: .fp16)
        case .q4_1: StreamedFormat(.uint4, group: 32, scale: .fp16, hasMinimum: true)
        case .q5_0: StreamedFormat(.int8, group: 32, scale: .fp16)
        case .q5_1: StreamedFormat(.uint8, group: 32, scale: .fp16, hasMinimum: true)
        case .q8_0: StreamedFormat(.int8, group: 32, scale: .fp16)
        case .q4_K: StreamedFormat(.uint4, group: 32, scale: .fp32, hasMinimum: true)
        case .q5_K: StreamedFormat(.uint8, group: 32, scale: .fp32, hasMinimum: true)
        case .q6_K: StreamedFormat(.int8, group: 16, scale: .fp32)
        case .mxfp4: StreamedFormat(.e2m1, group: 32, scale: .fp32)
        case .e4m3: StreamedFormat(.e4m3)
        case .int8: StreamedFormat(.int8)
        case .uint8: StreamedFormat(.uint8)
        }
    }
}

/// What the chip reads when it streams a weight: codes, and for each group along K a scale and
/// perhaps a minimum.
public struct StreamedFormat: Equatable, Sendable {
    /// The format of the codes; BF16 and FP16 are values and have no groups.
    public let code: ElementFormat
    /// Elements along K that share a scale; 0 without scales.
    public let groupLength: Int
    /// The format of scales and minimums: FP16 where the file's are FP16 exactly, else FP32.
    public let scale: ElementFormat
    /// Whether each group has a minimum, which the scaled codes are added to.
    public let hasMinimum: Bool

    /// Values without scales.
    public init(_ code: ElementFormat) {
        self.init(code, group: 0, scale: .fp32)
    }

    /// Codes with groups.
    public init(
        _ code: ElementFormat, group: Int, scale: ElementFormat, hasMinimum: Bool = false
    ) {
        self.code = code
        groupLength = group
        self.scale = scale
        self.hasMinimum = hasMinimum
    }

    /// Whether codes are multiplied by scales at the array's edge.
    public var isGrouped: Bool { groupLength > 0 }
}
