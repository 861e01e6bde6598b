import ApusImport

/// The golden vectors of stored weights, and a generator whose seed a failing test prints.
enum WeightVectors {
    static let folder: String = {
        let parts = #filePath.split(separator: "/").dropLast()
        return "/" + parts.joined(separator: "/") + "/Vectors/"
    }()

    /// SplitMix64.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
    }

    /// Random bytes of a tensor whose binary16 scales are finite.
    static func bytes(
        _ format: StoredFormat, count: Int, _ generator: inout Generator
    ) -> [UInt8] {
        var bytes = (0..<format.byteCount(count)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
        let halves: [Int] =
            switch format {
            case .q4_0, .q5_0, .q8_0: [0]
            case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
            case .q6_K: [208]
            case .fp16, .bf16: [0]
            default: []
            }
        for block in 0..<count / format.blockLength {
            let start = block * format.blockBytes
            // Clears the exponent's uppermost bit, so that the half is finite.
            for half in halves { bytes[start + half + 1] &= 0xBF }
            if format == .mxfp4 { bytes[start] = UInt8.random(in: 0...200, using: &generator) }
            if format == .fp32 { bytes[start + 3] &= 0xBF }
        }
        return bytes
    }

    /// A tensor in a GGUF file in memory.
    static func tensor(
        _ format: StoredFormat, shape: [Int], _ generator: inout Generator
    ) throws -> StoredTensor {
        var writer = GGUFWriter()
        writer.addTensor("weight", format: format, shape: shape)
        let data = bytes(format, count: shape.reduce(1, *), &generator)
        let file = MappedFile(
            name: "memory.gguf",
            bytes: writer.header + data
                + [UInt8](repeating: 0, count: GGUFWriter.padding(after: data.count)))
        return try GGUFFile(file: file).tensors[0]
    }
}
