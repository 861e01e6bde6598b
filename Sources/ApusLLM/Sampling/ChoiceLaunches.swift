import ApusISA
import ApusKernels
import ApusNumerics

/// The first token of the highest score, for choices without chance.
///
/// A chunk is a piece of the vocabulary, so rows of any length fit any chip. A piece lies as lines,
/// whose maxima the Vector engine finds side by side.
struct GreedyLaunch {
    var tables: SamplingTables

    /// Columns of a line.
    private static let line = 256

    func program(choices: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        let lines = (min(SamplingTables.piece, tables.vocabulary) + Self.line - 1) / Self.line
        let width = lines * Self.line
        var sketch = TileSketch(grid: [choices])
        sketch.chunks = (tables.vocabulary + width - 1) / width
        let piece = sketch.slot(bytes: width * 4, buffers: 2)
        let one = LocalShape(1)
        let best = sketch.scalar()
        let bestToken = sketch.scalar(.int32)
        // Columns beyond the vocabulary lie below any score.
        let rows = tables.weights.tensor()
        let transfer = rows.transfer(
            box: [width, 1], as: .fp32, localStrides: nil, gather: nil,
            fill: (-Float.infinity).bitPattern)
        sketch.before += [
            .fill(one, best, -.infinity),
            .count(one, bestToken, from: .zero),
        ]
        sketch.each.append(
            .load(
                Move(
                    Place(piece), transfer: transfer, coordinates: [.chunk(width), .tile(0)])))
        let (top, token) = choose(&sketch, piece, lines: lines)
        let (isBetter, isBetterFloat) = (sketch.scalar(.int32), sketch.scalar())
        sketch.each += [
            .vector(.gt, one, isBetter, top, .tile(best)),
            .vector(.gt, one, isBetterFloat, top, .tile(best)),
            .vector(.select, one, best, isBetterFloat, .tile(top), .tile(best)),
            .vector(.select, one, bestToken, isBetter, .tile(token), .tile(bestToken)),
        ]
        sketch.after.append(
            GlobalTensor(dense: [tables.tokens.rows], .int32, at: tables.tokens.offset)
                .store(from: bestToken.slot, box: [1], at: [.tile(0)]))
        return try sketch.program("greedy choice", in: memory)
    }

    /// The highest score of a piece, and its first token.
    private func choose(
        _ sketch: inout TileSketch, _ piece: Int, lines: Int
    ) -> (top: LocalTile, token: LocalTile) {
        func list(_ format: ElementFormat) -> (each: LocalTile, row: LocalTile) {
            let slot = sketch.slot(bytes: lines * 4)
            return (LocalTile(slot, format, column: 0, row: 1), LocalTile(slot, format))
        }
        let (tops, tokens) = (list(.fp32), list(.int32))
        let (numbers, firsts) = (list(.int32), list(.int32))
        let top = sketch.scalar()
        let (bestLine, token) = (sketch.scalar(.int32), sketch.scalar(.int32))
        let (whole, line) = (LocalShape(Self.line, lines), LocalShape(lines))
        let scores = LocalTile(piece, row: Self.line)
        let one = LocalShape(1)
        sketch.each += [
            .vector(.rmax, whole, tops.each, scores),
            .vector(.rargmax, whole, tokens.each, scores),
            .vector(.rmax, line, top, tops.row),
            .vector(.rargmax, line, bestLine, tops.row),
            // The token that the best line names, and zeros of all others, add up to it.
            .count(line, numbers.row, from: .zero),
            .vector(.eq, line, firsts.row, numbers.row, .tile(bestLine)),
            .vector(.mul, line, numbers.row, numbers.row, .integer(Int32(Self.line))),
            .vector(.add, line, tokens.row, tokens.row, .tile(numbers.row)),
            .vector(.mul, line, tokens.row, tokens.row, .tile(firsts.row)),
            .vector(.rsum, line, token, tokens.row),
            .count(one, bestLine, from: .chunk(Self.line * lines)),
            .vector(.add, one, token, token, .tile(bestLine)),
        ]
        return (top, token)
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
