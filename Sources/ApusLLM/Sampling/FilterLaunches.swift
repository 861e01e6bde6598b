import ApusISA
import ApusKernels
import ApusNumerics

/// A row of weights in the scratchpad, and what all launches over whole rows share.
private struct WeightRow {
    let tables: SamplingTables
    var sketch: TileSketch
    let weights: Int
    /// A piece of scratch values, and the sums of all pieces.
    let spare: Int
    let partials: Int

    init(_ tables: SamplingTables, choices: Int) {
        self.tables = tables
        sketch = TileSketch(grid: [choices])
        weights = sketch.slot(bytes: tables.vocabulary * 4)
        spare = sketch.slot(bytes: min(SamplingTables.piece, tables.vocabulary) * 4)
        partials = sketch.slot(bytes: tables.pieces.count * 4)
        sketch.before.append(
            tables.weights.tensor().load(
                into: weights, box: [tables.vocabulary, 1], at: [.zero, .tile(0)]))
    }

    var whole: LocalTile { LocalTile(weights) }

    func part(_ first: Int, _ format: ElementFormat = .fp32) -> LocalTile {
        LocalTile(weights, format, column: 1, offset: first)
    }

    /// One value of a slot of its own.
    mutating func scalar(_ format: ElementFormat = .fp32) -> LocalTile {
        LocalTile(sketch.slot(bytes: 4), format, column: 0)
    }

    /// A parameter of the choice.
    mutating func parameter(_ list: RowBuffer) -> LocalTile {
        let value = scalar(list.format)
        sketch.before.append(list.loadList(into: value.slot, at: .tile(0)))
        return value
    }

    /// Commands that sum, over the pieces, what `of` leaves in the spare piece.
    func sum(
        into total: LocalTile,
        _ of: (_ piece: LocalTile, _ spare: LocalTile, LocalShape) -> [TileCommand]
    ) -> [TileCommand] {
        var commands: [TileCommand] = []
        for (index, piece) in tables.pieces.enumerated() {
            let shape = LocalShape(piece.count)
            let partial = LocalTile(partials, .fp32, column: 0, offset: index)
            commands += of(part(piece.first), LocalTile(spare), shape)
            commands.append(.vector(.rsum, shape, partial, LocalTile(spare)))
        }
        commands.append(
            .vector(.rsum, LocalShape(tables.pieces.count), total, LocalTile(partials)))
        return commands
    }

    /// Stores the weights.
    mutating func store() {
        sketch.after.append(
            tables.weights.tensor().store(
                from: weights, box: [tables.vocabulary, 1], at: [.zero, .tile(0)]))
    }
}

/// Weights of a softmax: exp(score − largest score).
struct WeightLaunch {
    var tables: SamplingTables

    func program(choices: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        var row = WeightRow(tables, choices: choices)
        let largest = row.scalar()
        let shape = LocalShape(tables.vocabulary)
        row.sketch.after += [
            .vector(.rmax, shape, largest, row.whole),
            .vector(.sub, shape, row.whole, row.whole, .tile(largest)),
            .vector(.exp, shape, row.whole, row.whole),
        ]
        row.store()
        return try row.sketch.program("weights", in: memory)
    }
}

/// Leaves the largest weights, the others zero: as many as top-k says, or as few as hold the share
/// of the sum that top-p says. Equal weights stay or go together.
///
/// Weights lie between 0 and 1, and the bits of positive floats are ordered like the floats. So the
/// threshold is found bit by bit, from bit 29 down, one chunk each: a bit stays set if enough still
/// lies at or above the threshold.
struct FilterLaunch {
    enum Rule { case topK, topP }

    /// Bits of 1.0 and below.
    private static let bits = 30

    var tables: SamplingTables
    var rule: Rule

    func program(choices: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        var row = WeightRow(tables, choices: choices)
        row.sketch.chunks = Self.bits
        let one = LocalShape(1)
        let threshold = row.scalar(.int32)
        let bit = row.scalar(.int32)
        let candidate = row.scalar(.int32)
        let isEnough = row.scalar(.int32)
        let found = row.scalar()
        let wanted = wanted(&row)
        // Bits are integers to add to, and floats to compare with.
        let asFloat = LocalTile(candidate.slot, column: 0)
        row.sketch.before += [
            .count(one, threshold, from: .zero),
            .count(one, bit, from: Affine(1 << (Self.bits - 1))),
        ]
        row.sketch.each.append(.vector(.add, one, candidate, threshold, .tile(bit)))
        row.sketch.each += row.sum(into: found) { piece, spare, shape in
            let above = TileCommand.vector(.ge, shape, spare, piece, .tile(asFloat))
            return rule == .topK
                ? [above] : [above, .vector(.mul, shape, spare, spare, .tile(piece))]
        }
        row.sketch.each += [
            .vector(.ge, one, isEnough, found, .tile(wanted)),
            .vector(.select, one, threshold, isEnough, .tile(candidate), .tile(threshold)),
            .vector(.shr, one, bit, bit, .integer(1)),
        ]
        let limit = LocalTile(threshold.slot, column: 0)
        for piece in tables.pieces {
            let shape = LocalShape(piece.count)
            let weights = row.part(piece.first)
            row.sketch.after += [
                .vector(.ge, shape, LocalTile(row.spare), weights, .tile(limit)),
                .vector(.mul, shape, weights, weights, .tile(LocalTile(row.spare))),
            ]
        }
        row.store()
        return try row.sketch.program(rule == .topK ? "top-k" : "top-p", in: memory)
    }

    /// What must lie at or above the threshold: a number, or a share of the sum.
    private func wanted(_ row: inout WeightRow) -> LocalTile {
        let parameter = row.parameter(rule == .topK ? tables.topK : tables.topP)
        let wanted = row.scalar()
        let one = LocalShape(1)
        switch rule {
        case .topK:
            row.sketch.before.append(.vector(.copy, one, wanted, parameter))
        case .topP:
            row.sketch.before += row.sum(into: wanted) { piece, spare, shape in
                [.vector(.copy, shape, spare, piece)]
            }
            row.sketch.before.append(.vector(.mul, one, wanted, wanted, .tile(parameter)))
        }
        return wanted
    }
}

/// Draws a token of each choice: the first whose running sum of weights exceeds the uniform
/// number's share of their sum, weights below min-p left out.
struct DrawLaunch {
    var tables: SamplingTables

    func program(choices: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        var row = WeightRow(tables, choices: choices)
        let minP = row.parameter(tables.minP)
        let uniform = row.parameter(tables.uniform)
        let (goal, count) = (row.scalar(), row.scalar())
        let token = row.scalar(.int32)
        let one = LocalShape(1)
        for piece in tables.pieces {
            let shape = LocalShape(piece.count)
            let weights = row.part(piece.first)
            row.sketch.after += [
                .vector(.ge, shape, LocalTile(row.spare), weights, .tile(minP)),
                .vector(.mul, shape, weights, weights, .tile(LocalTile(row.spare))),
            ]
        }
        let last = LocalTile(
            row.weights, .fp32, column: 0, offset: tables.vocabulary - 1)
        row.sketch.after += [
            .vector(.cumsum, LocalShape(tables.vocabulary), row.whole, row.whole, .integer(0)),
            .vector(.mul, one, goal, last, .tile(uniform)),
        ]
        row.sketch.after += row.sum(into: count) { piece, spare, shape in
            [.vector(.le, shape, spare, piece, .tile(goal))]
        }
        row.sketch.after += [
            .vector(.copy, one, token, count),
            GlobalTensor(dense: [tables.tokens.rows], .int32, at: tables.tokens.offset)
                .store(from: token.slot, box: [1], at: [.tile(0)]),
        ]
        return try row.sketch.program("draw", in: memory)
    }
}

/// Notes the tokens of a step as seen, for repetition penalties.
struct SeenLaunch {
    var seen: RowBuffer
    /// INT32 places in the table of seen tokens, -1 for none.
    var places: RowBuffer

    func program(rows: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        var sketch = TileSketch(grid: [1])
        let table = sketch.slot(bytes: rows * 4)
        let ones = sketch.slot(bytes: rows * 4)
        sketch.before.append(
            GlobalTensor(dense: [rows], .int32, at: places.offset)
                .loadIndices(into: table, rows, at: [.zero]))
        let flat = GlobalTensor(
            dense: [seen.rows * seen.columns], .uint8, at: seen.offset)
        sketch.after += [
            .fill(LocalShape(rows), LocalTile(ones), 1),
            flat.store(
                from: ones, box: [rows], at: [.zero], as: .fp32, gather: 0, table: table),
        ]
        return try sketch.program("seen tokens", in: memory)
    }
}
