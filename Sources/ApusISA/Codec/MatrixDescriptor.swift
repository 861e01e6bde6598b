import ApusNumerics

/// The shape of a `matmul`: `acc[m, n] += Σₖ a[m, k] · b[k, n]`, with
/// `m = m1·M0 + m0`, `n = n1·N0 + n0`, `k = (k2·K1 + k1)·K0 + k0`.
///
/// Two levels of m and n and three of k let one command read a convolution's windows in place.
public struct MatrixDescriptor: Hashable, Sendable {
    /// Strides of A, in bytes (elements for 4-bit formats), signed.
    public struct AStrides: Hashable, Sendable {
        public var m0, m1, k0, k1, k2: Int32

        public init(m0: Int32, m1: Int32, k0: Int32, k1: Int32, k2: Int32) {
            self.m0 = m0
            self.m1 = m1
            self.k0 = k0
            self.k1 = k1
            self.k2 = k2
        }
    }

    /// Strides of B, in bytes (elements for 4-bit formats), signed.
    public struct BStrides: Hashable, Sendable {
        public var n0, n1, k0, k1, k2: Int32

        public init(n0: Int32, n1: Int32, k0: Int32, k1: Int32, k2: Int32) {
            self.n0 = n0
            self.n1 = n1
            self.k0 = k0
            self.k1 = k1
            self.k2 = k2
        }
    }

    /// Scales along k; all zero for ``MatmulScaling/none``.
    public struct Scales: Hashable, Sendable {
        /// Local addresses of A's and B's scales and of B's minimums (0: no minimums).
        public var a, b, bMinimums: UInt32
        /// Elements along k that share a scale.
        public var groupLength: Int32
        /// Bytes from one row's (A) or column's (B) scales to the next.
        public var aRowStride, bRowStride: Int32
        public var format: ElementFormat

        /// No scales.
        public static let none = Scales(
            a: 0, b: 0, bMinimums: 0, groupLength: 0, aRowStride: 0, bRowStride: 0, format: .fp32)

        public init(
            a: UInt32, b: UInt32, bMinimums: UInt32, groupLength: Int32, aRowStride: Int32,
            bRowStride: Int32, format: ElementFormat
        ) {
            self.a = a
            self.b = b
            self.bMinimums = bMinimums
            self.groupLength = groupLength
            self.aRowStride = aRowStride
            self.bRowStride = bRowStride
            self.format = format
        }
    }

    /// Extents.
    public var m0, m1, n0, n1, k0, k1, k2: Int32
    public var aStrides: AStrides
    public var bStrides: BStrides
    /// Bytes from one row of accumulators to the next.
    public var accumulatorRowStride: Int32
    public var scales: Scales

    /// The words of an encoded descriptor.
    public static let wordCount = 32

    public init(
        m0: Int32, m1: Int32, n0: Int32, n1: Int32, k0: Int32, k1: Int32, k2: Int32,
        aStrides: AStrides, bStrides: BStrides, accumulatorRowStride: Int32, scales: Scales
    ) {
        self.m0 = m0
        self.m1 = m1
        self.n0 = n0
        self.n1 = n1
        self.k0 = k0
        self.k1 = k1
        self.k2 = k2
        self.aStrides = aStrides
        self.bStrides = bStrides
        self.accumulatorRowStride = accumulatorRowStride
        self.scales = scales
    }

    /// The descriptor's 32 words.
    public func encode() -> [UInt32] {
        let signed = [
            m0, m1, n0, n1, k0, k1, k2,
            aStrides.m0, aStrides.m1, aStrides.k0, aStrides.k1, aStrides.k2,
            bStrides.n0, bStrides.n1, bStrides.k0, bStrides.k1, bStrides.k2,
            accumulatorRowStride,
        ]
        let scaleWords = [
            scales.a, scales.b, scales.bMinimums, UInt32(bitPattern: scales.groupLength),
            UInt32(bitPattern: scales.aRowStride), UInt32(bitPattern: scales.bRowStride),
            UInt32(scales.format.rawValue),
        ]
        let words = signed.map { UInt32(bitPattern: $0) } + scaleWords
        return words + [UInt32](repeating: 0, count: MatrixDescriptor.wordCount - words.count)
    }
}

extension MatrixDescriptor {
    /// The descriptor in 32 words; allocates nothing.
    public init(reading words: UnsafePointer<UInt32>) throws(DecodeError) {
        typealias Fields = DescriptorFields.Matrix
        try DescriptorFields.checkZero(words, Fields.scaleFormat + 1..<MatrixDescriptor.wordCount)
        m0 = try DescriptorFields.extent(words, Fields.m0)
        m1 = try DescriptorFields.extent(words, Fields.m1)
        n0 = try DescriptorFields.extent(words, Fields.n0)
        n1 = try DescriptorFields.extent(words, Fields.n1)
        k0 = try DescriptorFields.extent(words, Fields.k0)
        k1 = try DescriptorFields.extent(words, Fields.k1)
        k2 = try DescriptorFields.extent(words, Fields.k2)
        let a = DescriptorFields.strides5(words, Fields.aStrides)
        aStrides = AStrides(m0: a[0], m1: a[1], k0: a[2], k1: a[3], k2: a[4])
        let b = DescriptorFields.strides5(words, Fields.bStrides)
        bStrides = BStrides(n0: b[0], n1: b[1], k0: b[2], k1: b[3], k2: b[4])
        accumulatorRowStride = DescriptorFields.stride(words, Fields.rowStride)
        scales = Scales(
            a: words[Fields.aScales], b: words[Fields.bScales],
            bMinimums: words[Fields.bMinimums],
            groupLength: try DescriptorFields.extent(words, Fields.groupLength),
            aRowStride: DescriptorFields.stride(words, Fields.aScaleRowStride),
            bRowStride: DescriptorFields.stride(words, Fields.bScaleRowStride),
            format: try DescriptorFields.format(words[Fields.scaleFormat], .scale))
    }

    /// The descriptor in `words`.
    public init(words: [UInt32]) throws(DecodeError) {
        try DescriptorFields.checkCount(words, MatrixDescriptor.wordCount)
        self = try DescriptorFields.withWords(words) { pointer throws(DecodeError) in
            try MatrixDescriptor(reading: pointer)
        }
    }
}
