import ApusNumerics

/// How a Store combines what it writes with what memory holds.
public enum StoreReduction: UInt8, CaseIterable, Sendable, Hashable {
    case none = 0
    case add = 1
    case max = 2
    case min = 3
}

/// The shape of a Load or Store: a box of a strided tensor of up to five dimensions.
///
/// For every index i of the box, the element at `base + Σ (coordinate_d + i_d) · globalStride_d`
/// moves from or to `local + Σ i_d · localStride_d`; docs/isa/load.md has the rest.
public struct TransferDescriptor: Hashable, Sendable {
    /// Global address of the tensor's element at coordinates 0; in a program's arguments an offset
    /// into its arena.
    public var base: UInt64
    public var globalFormat: ElementFormat
    public var localFormat: ElementFormat
    /// The dimension whose coordinates are looked up in the index table, 0 to 4; nil for none.
    public var gatherDimension: Int?
    /// Store only.
    public var reduction: StoreReduction
    /// What a Load writes for elements outside the tensor: bits in the local format.
    public var fill: UInt32
    public var tensorExtents: Rank5
    public var boxExtents: Rank5
    /// Bytes, signed; elements for 4-bit formats.
    public var globalStrides: Rank5
    /// Bytes, signed; elements for 4-bit formats.
    public var localStrides: Rank5
    /// Local address of the table of int32 indices.
    public var indexTable: UInt32

    /// The words of an encoded descriptor.
    public static let wordCount = 32

    public init(
        base: UInt64, globalFormat: ElementFormat, localFormat: ElementFormat,
        gatherDimension: Int?, reduction: StoreReduction, fill: UInt32, tensorExtents: Rank5,
        boxExtents: Rank5, globalStrides: Rank5, localStrides: Rank5, indexTable: UInt32
    ) {
        self.base = base
        self.globalFormat = globalFormat
        self.localFormat = localFormat
        self.gatherDimension = gatherDimension
        self.reduction = reduction
        self.fill = fill
        self.tensorExtents = tensorExtents
        self.boxExtents = boxExtents
        self.globalStrides = globalStrides
        self.localStrides = localStrides
        self.indexTable = indexTable
    }

    /// The descriptor's 32 words.
    ///
    /// - Precondition: the gather dimension is below 5.
    public func encode() -> [UInt32] {
        typealias Fields = DescriptorFields.Transfer
        var words = [UInt32](repeating: 0, count: TransferDescriptor.wordCount)
        words[Fields.base] = UInt32(truncatingIfNeeded: base)
        words[Fields.base + 1] = UInt32(truncatingIfNeeded: base >> 32)
        words[Fields.modes] =
            Fields.globalFormat.place(UInt32(globalFormat.rawValue))
            | Fields.localFormat.place(UInt32(localFormat.rawValue))
            | Fields.gatherDimension.place(gatherDimension.map { UInt32($0 + 1) } ?? 0)
            | Fields.reduction.place(UInt32(reduction.rawValue))
        words[Fields.fill] = fill
        for dimension in 0..<Rank5.count {
            words[Fields.tensorExtents + dimension] = UInt32(bitPattern: tensorExtents[dimension])
            words[Fields.boxExtents + dimension] = UInt32(bitPattern: boxExtents[dimension])
            words[Fields.globalStrides + dimension] = UInt32(bitPattern: globalStrides[dimension])
            words[Fields.localStrides + dimension] = UInt32(bitPattern: localStrides[dimension])
        }
        words[Fields.indexTable] = indexTable
        return words
    }
}

extension TransferDescriptor {
    /// The descriptor in 32 words; allocates nothing.
    public init(reading words: UnsafePointer<UInt32>) throws(DecodeError) {
        typealias Fields = DescriptorFields.Transfer
        try DescriptorFields.checkZero(words, Fields.indexTable + 1..<TransferDescriptor.wordCount)
        let modes = words[Fields.modes]
        if modes & ~Fields.modesMask != 0 {
            throw .reservedBits(word: UInt8(Fields.modes), mask: modes & ~Fields.modesMask)
        }
        base = UInt64(words[Fields.base]) | UInt64(words[Fields.base + 1]) << 32
        globalFormat = try DescriptorFields.format(
            Fields.globalFormat.extract(from: modes), .global)
        localFormat = try DescriptorFields.format(Fields.localFormat.extract(from: modes), .local)
        let gather = Fields.gatherDimension.extract(from: modes)
        if gather > Rank5.count {
            throw .unknownMode(word: UInt8(Fields.modes), code: UInt8(gather))
        }
        gatherDimension = gather == 0 ? nil : Int(gather) - 1
        let reductionCode = UInt8(Fields.reduction.extract(from: modes))
        guard let reduction = StoreReduction(rawValue: reductionCode) else {
            throw .unknownMode(word: UInt8(Fields.modes), code: reductionCode)
        }
        self.reduction = reduction
        fill = words[Fields.fill]
        tensorExtents = try DescriptorFields.extents5(words, Fields.tensorExtents)
        boxExtents = try DescriptorFields.extents5(words, Fields.boxExtents)
        globalStrides = DescriptorFields.strides5(words, Fields.globalStrides)
        localStrides = DescriptorFields.strides5(words, Fields.localStrides)
        indexTable = words[Fields.indexTable]
    }

    /// The descriptor in `words`.
    public init(words: [UInt32]) throws(DecodeError) {
        try DescriptorFields.checkCount(words, TransferDescriptor.wordCount)
        self = try DescriptorFields.withWords(words) { pointer throws(DecodeError) in
            try TransferDescriptor(reading: pointer)
        }
    }
}
