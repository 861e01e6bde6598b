/// Codes of whole blocks as bytes: the fast path of ``StoredBlock/code(_:)``.
extension StreamSource {
    private typealias Lanes = SIMD16<UInt8>

    @inline(__always)
    private func load(_ source: UnsafeRawPointer, _ offset: Int) -> SIMD16<UInt8> {
        source.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    }

    @inline(__always)
    private func store(
        _ lanes: SIMD16<UInt8>, _ target: UnsafeMutablePointer<UInt8>, _ offset: Int
    ) {
        UnsafeMutableRawPointer(target + offset).storeBytes(of: lanes, as: SIMD16<UInt8>.self)
    }

    /// Unpacks one block, or `width` elements of a format without blocks.
    ///
    /// Signed codes are two's complement; of 4-bit codes only the lower nibble counts.
    func unpack(_ block: UnsafeRawPointer, _ width: Int, to target: UnsafeMutablePointer<UInt8>) {
        switch format {
        case .q4_0: nibbles(block + 2, flip: 8, to: target)
        case .q4_1: nibbles(block + 4, flip: 0, to: target)
        case .mxfp4: signedZeros(block + 1, to: target)
        case .q5_0: fives(block + 6, bits: block + 2, offset: 16, to: target)
        case .q5_1: fives(block + 8, bits: block + 4, offset: 0, to: target)
        case .q8_0:
            store(load(block, 2), target, 0)
            store(load(block, 18), target, 16)
        case .q4_K:
            for run in 0..<4 { runs(block + 16 + 32 * run, to: target + 64 * run) }
        case .q5_K: fifths(block, to: target)
        case .q6_K: sixths(block, to: target)
        case .fp32, .fp16, .bf16, .e4m3, .int8, .uint8:
            UnsafeMutableRawPointer(target).copyMemory(from: block, byteCount: width)
        }
    }

    /// 32 nibbles, the lower ones first.
    @inline(__always)
    private func nibbles(
        _ source: UnsafeRawPointer, flip: UInt8, to target: UnsafeMutablePointer<UInt8>
    ) {
        let bytes = load(source, 0)
        let flips = SIMD16(repeating: flip)
        store((bytes & 15) ^ flips, target, 0)
        store((bytes &>> 4) ^ flips, target, 16)
    }

    /// 32 E2M1 codes; minus zero becomes zero, as ggml has it.
    @inline(__always)
    private func signedZeros(_ source: UnsafeRawPointer, to target: UnsafeMutablePointer<UInt8>) {
        let bytes = load(source, 0)
        for (half, codes) in [bytes & 15, bytes &>> 4].enumerated() {
            store(codes.replacing(with: 0, where: codes .== 8), target, 16 * half)
        }
    }

    /// 32 nibbles with a fifth bit each.
    @inline(__always)
    private func fives(
        _ source: UnsafeRawPointer, bits: UnsafeRawPointer, offset: UInt8,
        to target: UnsafeMutablePointer<UInt8>
    ) {
        let bytes = load(source, 0)
        let word = UInt32(littleEndian: bits.loadUnaligned(as: UInt32.self))
        let places = SIMD8<UInt8>(1, 2, 4, 8, 16, 32, 64, 128)
        for (half, codes) in [bytes & 15, bytes &>> 4].enumerated() {
            let low = SIMD8(repeating: UInt8(truncatingIfNeeded: word &>> UInt32(16 * half)))
            let high = SIMD8(repeating: UInt8(truncatingIfNeeded: word &>> UInt32(16 * half + 8)))
            let set = Lanes(lowHalf: low & places, highHalf: high & places)
            let fifth = Lanes(repeating: 0).replacing(with: 16, where: set .!= 0)
            store((codes | fifth) &- offset, target, 16 * half)
        }
    }

    /// 32 bytes: their lower nibbles, then their upper ones.
    @inline(__always)
    private func runs(_ source: UnsafeRawPointer, to target: UnsafeMutablePointer<UInt8>) {
        for half in 0..<2 {
            let bytes = load(source, 16 * half)
            store(bytes & 15, target, 16 * half)
            store(bytes &>> 4, target, 32 + 16 * half)
        }
    }

    /// Q5_K: as Q4_K, with bit r of 32 bytes as the fifth bit of the run of 32 number r.
    private func fifths(_ block: UnsafeRawPointer, to target: UnsafeMutablePointer<UInt8>) {
        for half in 0..<2 {
            let bits = load(block, 16 + 16 * half)
            for run in 0..<8 {
                let bytes = load(block, 48 + run / 2 * 32 + 16 * half)
                let low = run % 2 == 0 ? bytes & 15 : bytes &>> 4
                let fifth = (bits &>> UInt8(run) & 1) &<< 4
                store(low | fifth, target, 32 * run + 16 * half)
            }
        }
    }

    /// Q6_K: two runs of 128, of 64 bytes of nibbles and 32 bytes of bit pairs each.
    private func sixths(_ block: UnsafeRawPointer, to target: UnsafeMutablePointer<UInt8>) {
        for run in 0..<2 {
            for half in 0..<2 {
                let pairs = load(block, 128 + 32 * run + 16 * half)
                for quarter in 0..<4 {
                    let bytes = load(block, 64 * run + quarter % 2 * 32 + 16 * half)
                    let low = quarter < 2 ? bytes & 15 : bytes &>> 4
                    let high = (pairs &>> UInt8(2 * quarter) & 3) &<< 4
                    store((low | high) &- 32, target, 128 * run + 32 * quarter + 16 * half)
                }
            }
        }
    }
}
