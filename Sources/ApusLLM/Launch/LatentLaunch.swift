import ApusISA
import ApusKernels
import ApusNumerics

/// Lays the keys and values of latent attention beside the queries, as the rotary embedding wants
/// them: each head's plain part and the part to be turned, which all heads share, then the values.
struct LatentLaunch {
    /// FP32 rows, head by head plain keys and values.
    var expanded: RowBuffer
    /// FP32 rows of the latent vector, behind which the shared part of the key stands.
    var latent: RowBuffer
    var rank: Int
    var heads: Int
    var plainSize, rotarySize, valueSize: Int
    /// FP32 rows: queries, keys, values.
    var projections: RowBuffer
    var firstKey: Int

    func program(rows: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        let keySize = plainSize + rotarySize
        let pair = plainSize + valueSize
        var sketch = TileSketch(grid: [rows])
        let row = Affine.tile(0)
        let both = sketch.slot(bytes: heads * pair * 4, buffers: 2)
        let shared = sketch.slot(bytes: rotarySize * 4, buffers: 2)
        sketch.before += [
            expanded.tensor().load(into: both, box: [heads * pair, 1], at: [.zero, row]),
            latent.tensor(first: rank, count: rotarySize).load(
                into: shared, box: [rotarySize, 1], at: [.zero, row]),
        ]
        let keys = projections.heads(first: firstKey, heads, size: keySize)
        let values = projections.heads(
            first: firstKey + heads * keySize, heads, size: valueSize)
        let at: [Affine] = [.zero, .zero, row]
        sketch.after += [
            keys.store(
                from: both, box: [plainSize, heads, 1], at: at, localStrides: [1, pair, 0]),
            keys.store(
                from: shared, box: [rotarySize, heads, 1],
                at: [Affine(plainSize), .zero, row], localStrides: [1, 0, 0]),
            values.store(
                from: both, offset: plainSize * 4, box: [valueSize, heads, 1], at: at,
                localStrides: [1, pair, 0]),
        ]
        return try sketch.program("latent keys and values", in: memory)
    }
}
