import ApusImport
import ApusISA
import ApusKernels
import ApusNumerics

/// Turns queries and keys by their positions, and appends keys and values to the cache.
///
/// Queries leave as BF16 rows. A pair (a, b) becomes (a·cos − b·sin, b·cos + a·sin), each product
/// and sum rounded to FP32.
struct RotaryLaunch {
    /// FP32 rows of query heads, key heads, value heads, beside each other.
    var projections: RowBuffer
    var queryHeads: Int
    var cache: CacheRegion
    /// Turned elements of each head, from `first` on.
    var rotarySize: Int
    var first: Int
    var layout: RotaryEmbedding.Layout
    /// FP32 rows by position in the arena: cosines of all pairs, then sines.
    var turns: RowBuffer
    /// INT32 positions, and places in the cache (-1 for none), of the step's rows.
    var positions: RowBuffer
    var places: RowBuffer
    /// FP32 weights of the norms of each head's query and key, if there are such norms.
    var queryNorm: Int?
    var keyNorm: Int?
    var epsilon: Float
    /// BF16 rows of queries.
    var queries: RowBuffer

    private var keySize: Int { cache.keySize }
    private var headColumns: Int { (queryHeads + cache.heads) * keySize }

    func program(rows: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        // Several tiles a core, so that one comes while another is computed.
        var height = min(max(rows / memory.cores / 4, 1), 8)
        while height > 1, !sketch(rows: rows, height: height).fits(memory) { height /= 2 }
        return try sketch(rows: rows, height: height).program("rotary", in: memory)
    }

    private func sketch(rows: Int, height: Int) -> TileSketch {
        var sketch = TileSketch(grid: [(rows + height - 1) / height])
        let row = Affine.tile(0, height)
        let heads = sketch.slot(
            bytes: height * headColumns * 4, buffers: rows > height ? 2 : 1)
        let turned = sketch.slot(bytes: height * headColumns * 2, buffers: 2)
        sketch.before.append(
            projections.tensor(count: headColumns)
                .load(into: heads, box: [headColumns, height], at: [.zero, row]))
        norm(&sketch, heads, count: queryHeads, first: 0, weight: queryNorm, height)
        norm(
            &sketch, heads, count: cache.heads, first: queryHeads * keySize, weight: keyNorm,
            height)
        turn(&sketch, heads: heads, into: turned, rows: rows, height)
        append(&sketch, turned, rows: rows, height)
        return sketch
    }

    /// Norms each head in place.
    private func norm(
        _ sketch: inout TileSketch, _ heads: Int, count: Int, first: Int, weight: Int?,
        _ height: Int
    ) {
        guard let weight else { return }
        let squares = sketch.slot(bytes: height * count * keySize * 4)
        let norm = sketch.slot(bytes: height * count * 4)
        let gain = sketch.slot(bytes: keySize * 4)
        sketch.before.append(
            GlobalTensor(dense: [keySize], .fp32, at: weight)
                .load(into: gain, box: [keySize], at: [.zero]))
        let shape = LocalShape(keySize, count, height)
        let x = LocalTile(
            heads, .fp32, column: 1, row: keySize, plane: headColumns, offset: first)
        let square = LocalTile(squares, row: keySize, plane: count * keySize)
        let scale = LocalTile(norm, column: 0, row: 1, plane: count)
        let one = LocalShape(1, count, height)
        sketch.after += [
            .vector(.mul, shape, square, x, .tile(x)),
            .vector(.rsum, shape, scale, square),
            .vector(.fma, one, scale, scale, .float(1 / Float(keySize)), .float(epsilon)),
            .vector(.rsqrt, one, scale, scale),
            .vector(.mul, shape, x, x, .tile(scale)),
            .vector(.mul, shape, x, x, .tile(LocalTile(gain))),
        ]
    }

    private func turn(
        _ sketch: inout TileSketch, heads: Int, into turned: Int, rows: Int, _ height: Int
    ) {
        let pairs = rotarySize / 2
        let table = sketch.slot(bytes: height * 4)
        let angles = sketch.slot(bytes: height * rotarySize * 4)
        sketch.before += [
            GlobalTensor(dense: [rows], .int32, at: positions.offset)
                .loadIndices(into: table, height, at: [.tile(0, height)]),
            turns.tensor().load(
                into: angles, box: [rotarySize, height], at: [.zero, .zero], gather: 1,
                table: table),
        ]
        let count = queryHeads + cache.heads
        let halves = sketch.slot(bytes: height * count * pairs * 4)
        let other = sketch.slot(bytes: height * count * pairs * 4)
        let shape = LocalShape(pairs, count, height)
        let (step, second) = layout == .halves ? (1, pairs) : (2, 1)
        func part(_ slot: Int, _ format: ElementFormat, _ offset: Int) -> LocalTile {
            LocalTile(
                slot, format, column: step, row: keySize, plane: headColumns,
                offset: first + offset)
        }
        let (a, b) = (part(heads, .fp32, 0), part(heads, .fp32, second))
        let cosine = LocalOperand.tile(LocalTile(angles, column: 1, plane: rotarySize))
        let sine = LocalOperand.tile(
            LocalTile(angles, .fp32, column: 1, plane: rotarySize, offset: pairs))
        let t = LocalTile(halves, row: pairs, plane: count * pairs)
        let u = LocalTile(other, row: pairs, plane: count * pairs)
        sketch.after += [
            .vector(.mul, shape, t, a, cosine), .vector(.mul, shape, u, b, sine),
            .vector(.sub, shape, part(turned, .bf16, 0), t, .tile(u)),
            .vector(.mul, shape, t, b, cosine), .vector(.mul, shape, u, a, sine),
            .vector(.add, shape, part(turned, .bf16, second), t, .tile(u)),
        ]
        for range in [0..<first, first + rotarySize..<keySize] where !range.isEmpty {
            func rest(_ slot: Int, _ format: ElementFormat) -> LocalTile {
                LocalTile(
                    slot, format, column: 1, row: keySize, plane: headColumns,
                    offset: range.lowerBound)
            }
            sketch.after.append(
                .vector(
                    .copy, LocalShape(range.count, count, height), rest(turned, .bf16),
                    rest(heads, .fp32)))
        }
    }

    /// Stores queries to their rows, keys and values to the cache.
    private func append(_ sketch: inout TileSketch, _ turned: Int, rows: Int, _ height: Int) {
        let row = Affine.tile(0, height)
        let table = sketch.slot(bytes: height * 4)
        let values = sketch.slot(bytes: height * cache.heads * cache.valueSize * 2, buffers: 2)
        let localKeys = [1, keySize, headColumns]
        let localValues = [1, cache.valueSize, cache.heads * cache.valueSize]
        sketch.before += [
            GlobalTensor(dense: [rows], .int32, at: places.offset)
                .loadIndices(into: table, height, at: [row]),
            projections.tensor(first: headColumns, count: cache.heads * cache.valueSize).load(
                into: values, box: [cache.heads * cache.valueSize, height], at: [.zero, row],
                as: .bf16),
        ]
        sketch.after.append(
            queries.heads(queryHeads, size: keySize).store(
                from: turned, box: [keySize, queryHeads, height], at: [.zero, .zero, row],
                localStrides: localKeys))
        keep(
            &sketch, turned, first: queryHeads * keySize, strides: localKeys, height,
            in: cache.keyTokens, scales: cache.keyScales, table: table)
        keep(
            &sketch, values, first: 0, strides: localValues, height, in: cache.valueTokens,
            scales: cache.valueScales, table: table)
    }

    /// Stores BF16 heads to the cache, scaled to integers if the format has scales.
    private func keep(
        _ sketch: inout TileSketch, _ slot: Int, first: Int, strides: [Int], _ height: Int,
        in tokens: GlobalTensor, scales: Int, table: Int
    ) {
        let (size, heads) = (tokens.extents[0], cache.heads)
        let box = [size, heads, height]
        let at: [Affine] = [.zero, .zero, .zero]
        guard cache.hasScales else {
            sketch.after.append(
                tokens.store(
                    from: slot, offset: first * 2, box: box, at: at, as: .bf16,
                    localStrides: strides, gather: 2, table: table))
            return
        }
        let source = LocalTile(
            slot, .bf16, column: 1, row: strides[1], plane: strides[2], offset: first)
        let plane = heads * size
        let values = LocalTile(sketch.slot(bytes: height * plane * 4), row: size, plane: plane)
        let scale = LocalTile(
            sketch.slot(bytes: height * heads * 4), column: 0, row: 1, plane: heads)
        let factor = LocalTile(
            sketch.slot(bytes: height * heads * 4), column: 0, row: 1, plane: heads)
        let shape = LocalShape(size, heads, height)
        let one = LocalShape(1, heads, height)
        // A head of zeros has the smallest scale, and codes of zero.
        sketch.after += [
            .vector(.abs, shape, values, source),
            .vector(.rmax, shape, scale, values),
            .vector(.mul, one, scale, scale, .float(1 / 127)),
            .vector(.max, one, scale, scale, .float(.leastNormalMagnitude)),
            .vector(.recip, one, factor, scale),
            .vector(.mul, shape, values, source, .tile(factor)),
            tokens.store(
                from: values.slot, box: box, at: at, as: .fp32, gather: 2, table: table),
            cache.scaleTokens(at: scales).store(
                from: scale.slot, box: [heads, height], at: [.zero, .zero], gather: 1,
                table: table),
        ]
    }
}
