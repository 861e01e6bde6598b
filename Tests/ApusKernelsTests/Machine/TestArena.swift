import ApusISA
import ApusKernels
import ApusNumerics

/// Global memory of a test, filled piece by piece.
struct TestArena {
    private(set) var bytes: [UInt8] = []

    /// Adds values; the byte offset of the first.
    mutating func add<Element: BitwiseCopyable>(_ values: [Element]) -> Int {
        let offset = reserve(0)
        values.withUnsafeBytes { bytes += $0 }
        return offset
    }

    /// Adds bytes that hold a pattern no test expects; the offset of the first.
    mutating func reserve(_ count: Int) -> Int {
        bytes += Array(repeating: 0, count: -bytes.count & 63)
        let offset = bytes.count
        bytes += Array(repeating: 0xA5, count: count)
        return offset
    }
}

/// Reads `count` values at an offset.
func values<Element: BitwiseCopyable>(
    of type: Element.Type, in bytes: [UInt8], at offset: Int, count: Int
) -> [Element] {
    bytes.withUnsafeBytes { memory in
        (0..<count).map {
            memory.loadUnaligned(fromByteOffset: offset + $0 * MemoryLayout<Element>.size, as: type)
        }
    }
}

/// Small numbers with many bits: halves of integers, which bfloat16 holds exactly.
func randomValues(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix(seed: seed)
    return (0..<count).map { _ in Float(Int.random(in: -127...127, using: &random)) / 64 }
}

/// The strides in bytes of a dense tensor whose extents are given innermost first.
func denseStrides(_ extents: [Int], _ format: ElementFormat) -> [Int] {
    var stride = format.bitWidth / 8
    return extents.map { extent in
        defer { stride *= extent }
        return stride
    }
}

/// A transfer between a dense tensor and a dense box; extents are innermost first.
func transfer(
    _ base: Int, _ format: ElementFormat = .fp32, local: ElementFormat? = nil, tensor: [Int],
    box: [Int], globalStrides: [Int]? = nil, localStrides: [Int]? = nil, fill: UInt32 = 0,
    gather: Int? = nil
) -> TransferDescriptor {
    TransferDescriptor(
        base: UInt64(base), globalFormat: format, localFormat: local ?? format,
        gatherDimension: gather, reduction: .none, fill: fill,
        tensorExtents: Rank5(tensor, fill: 1), boxExtents: Rank5(box, fill: 1),
        globalStrides: Rank5(globalStrides ?? denseStrides(tensor, format), fill: 0),
        localStrides: Rank5(localStrides ?? denseStrides(box, local ?? format), fill: 0),
        indexTable: 0)
}

/// Strides of a Vector operand in FP32 elements.
func strides(_ column: Int, _ row: Int = 0, _ plane: Int = 0) -> VectorDescriptor.Strides {
    VectorDescriptor.Strides(
        column: Int32(column * 4), row: Int32(row * 4), plane: Int32(plane * 4))
}

/// A Vector shape with all operands' strides.
func shape(
    _ columns: Int, _ rows: Int = 1, _ planes: Int = 1, d: VectorDescriptor.Strides,
    a: VectorDescriptor.Strides = .zero, b: VectorDescriptor.Strides = .zero,
    c: VectorDescriptor.Strides = .zero
) -> VectorDescriptor {
    VectorDescriptor(
        columns: Int32(columns), rows: Int32(rows), planes: Int32(planes), d: d, a: a, b: b, c: c)
}

extension Affine {
    /// A coordinate that grows by `step` with one grid dimension.
    static func tile(_ dimension: Int, _ step: Int, from base: Int = 0) -> Affine {
        Affine(base, perGrid: Array(repeating: 0, count: dimension) + [step])
    }
}
