import ApusISA
import ApusKernels
import ApusNumerics

/// The router of a mixture of experts, in FP32 by six passes: which experts are chosen should not
/// hang on the rounding of the scores, and the matrix is small.
struct RouterLaunch {
    /// FP32 rows.
    var input: RowBuffer
    /// FP32 weights in the arena, [inputs][outputs].
    var weight: Int
    var outputs: Int
    /// FP32 rows.
    var result: RowBuffer

    func program(rows: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        let inputs = input.columns
        var sketch = TileSketch(grid: [rows])
        // Chunks of inputs whose weights take a quarter of the scratchpad.
        var chunks = 1
        while inputs / chunks * outputs * 4 > memory.scratchpad / 4 || inputs % chunks != 0 {
            guard chunks < inputs else { break }
            chunks += 1
        }
        let length = inputs / chunks
        sketch.chunks = chunks
        let x = sketch.slot(bytes: length * 4)
        let w = sketch.slot(bytes: length * outputs * 4)
        let sums = sketch.sums(bytes: outputs * 4)
        let descriptor = MatrixDescriptor(
            m0: 1, m1: 1, n0: Int32(outputs), n1: 1, k0: Int32(length), k1: 1, k2: 1,
            aStrides: .init(m0: Int32(length * 4), m1: 0, k0: 4, k1: 0, k2: 0),
            bStrides: .init(n0: 4, n1: 0, k0: Int32(outputs * 4), k1: 0, k2: 0),
            accumulatorRowStride: Int32(outputs * 4), scales: .none)
        sketch.each += [
            input.tensor().load(into: x, box: [length, 1], at: [.chunk(length), .tile(0)]),
            GlobalTensor(dense: [outputs, inputs], .fp32, at: weight).load(
                into: w, box: [outputs, length], at: [.zero, .chunk(length)]),
            .matrix(
                MatrixStep(
                    a: Place(x), b: Place(w), accumulators: Place(sums), descriptor: descriptor,
                    aFormat: .fp32, bFormat: .fp32, passes: .six)),
        ]
        sketch.after.append(
            result.tensor().store(from: sums, box: [outputs, 1], at: [.zero, .tile(0)]))
        return try sketch.program("router", in: memory)
    }
}
