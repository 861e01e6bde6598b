import ApusISA
import ApusKernels
import ApusNumerics

/// The first token of the highest score, for choices without chance.
///
/// A chunk is a piece of the vocabulary, so rows of any length fit any chip.
struct GreedyLaunch {
    var tables: SamplingTables

    func program(choices: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        let width = min(SamplingTables.piece, tables.vocabulary)
        let chunks = (tables.vocabulary + width - 1) / width
        var sketch = TileSketch(grid: [choices])
        sketch.chunks = chunks
        let choice = Affine.tile(0)
        let piece = sketch.slot(bytes: width * 4)
        let shape = LocalShape(width)
        func one(_ format: ElementFormat = .fp32) -> LocalTile {
            LocalTile(sketch.slot(bytes: 4), format, column: 0)
        }
        let (best, bestToken, top) = (one(), one(.int32), one())
        let (place, isBetter) = (one(.int32), one(.int32))
        let (base, isBetterFloat) = (one(.int32), one())
        let whole = LocalShape(1)
        let scores = LocalTile(piece)
        // Columns beyond the vocabulary lie below any score.
        let rows = tables.weights.tensor()
        var transfer = rows.transfer(box: [width, 1], as: .fp32, localStrides: nil, gather: nil)
        transfer.fill = (-Float.infinity).bitPattern
        sketch.before += [
            .fill(whole, best, -.infinity),
            .count(whole, bestToken, from: .zero),
        ]
        sketch.each += [
            .load(
                Move(Place(piece), transfer: transfer, coordinates: [.chunk(width), choice])),
            .vector(.rmax, shape, top, scores),
            .vector(.rargmax, shape, place, scores),
            .count(whole, base, from: .chunk(width)),
            .vector(.add, whole, place, place, .tile(base)),
            .vector(.gt, whole, isBetter, top, .tile(best)),
            .vector(.gt, whole, isBetterFloat, top, .tile(best)),
            .vector(.select, whole, best, isBetterFloat, .tile(top), .tile(best)),
            .vector(.select, whole, bestToken, isBetter, .tile(place), .tile(bestToken)),
        ]
        sketch.after.append(
            GlobalTensor(dense: [tables.tokens.rows], .int32, at: tables.tokens.offset)
                .store(from: bestToken.slot, box: [1], at: [choice]))
        return try sketch.program("greedy choice", in: memory)
    }
}

/// Uniform numbers of the choices, each by a key of its own.
struct UniformLaunch {
    var tables: SamplingTables

    /// The program draws `choices` numbers in one tile; its Vector commands' immediates b and c are
    /// keys that whoever launches it fills in.
    func program(choices: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        var sketch = TileSketch(grid: [1])
        let slot = sketch.slot(bytes: choices * 4)
        for choice in 0..<choices {
            let place = LocalTile(slot, .fp32, column: 1, offset: choice)
            sketch.after.append(
                .vector(.random, LocalShape(1), place, nil, .float(0), .float(0)))
        }
        sketch.after.append(
            GlobalTensor(dense: [tables.uniform.rows], .fp32, at: tables.uniform.offset)
                .store(from: slot, box: [choices], at: [.zero]))
        return try sketch.program("uniform numbers", in: memory)
    }
}
