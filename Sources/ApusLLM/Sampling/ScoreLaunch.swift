import ApusISA
import ApusKernels
import ApusNumerics

/// Scores of each choice: logits, repetitions penalised, over the temperature.
///
/// A logit of a token that the sequence has had is divided by the penalty if positive, else
/// multiplied by it.
struct ScoreLaunch {
    var tables: SamplingTables
    var penalises: Bool

    func program(choices: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        var width = min(SamplingTables.piece, tables.vocabulary)
        while width > 64, !sketch(choices, width).fits(memory) { width /= 2 }
        return try sketch(choices, width).program("scores", in: memory)
    }

    private func sketch(_ choices: Int, _ width: Int) -> TileSketch {
        var sketch = TileSketch(grid: [choices, (tables.vocabulary + width - 1) / width])
        let choice = Affine.tile(0)
        let column = Affine.tile(1, width)
        let table = sketch.slot(bytes: 4)
        let temperature = sketch.slot(bytes: 4)
        let scores = sketch.slot(bytes: width * 4, buffers: 2)
        let shape = LocalShape(width)
        let x = LocalTile(scores)
        func each(_ slot: Int) -> LocalOperand { .tile(LocalTile(slot, column: 0)) }
        sketch.before += [
            GlobalTensor(dense: [tables.rows.rows], .int32, at: tables.rows.offset)
                .loadIndices(into: table, 1, at: [choice]),
            tables.temperature.loadList(into: temperature, at: choice),
            tables.logits.tensor().load(
                into: scores, box: [width, 1], at: [column, .zero], gather: 1, table: table),
        ]
        if penalises { penalise(&sketch, shape, x, choice, column) }
        sketch.after += [
            .vector(.div, shape, x, x, each(temperature)),
            tables.weights.tensor().store(from: scores, box: [width, 1], at: [column, choice]),
        ]
        return sketch
    }

    private func penalise(
        _ sketch: inout TileSketch, _ shape: LocalShape, _ x: LocalTile, _ choice: Affine,
        _ column: Affine
    ) {
        let width = shape.columns
        let table = sketch.slot(bytes: 4)
        let penalty = sketch.slot(bytes: 4)
        let seen = sketch.slot(bytes: width * 4)
        let divided = LocalTile(sketch.slot(bytes: width * 4))
        let multiplied = LocalTile(sketch.slot(bytes: width * 4))
        let positive = LocalTile(sketch.slot(bytes: width * 4))
        let by = LocalOperand.tile(LocalTile(penalty, column: 0))
        sketch.before += [
            GlobalTensor(dense: [tables.seenRows.rows], .int32, at: tables.seenRows.offset)
                .loadIndices(into: table, 1, at: [choice]),
            tables.penalty.loadList(into: penalty, at: choice),
            tables.seen.tensor().load(
                into: seen, box: [width, 1], at: [column, .zero], as: .fp32, gather: 1,
                table: table),
        ]
        sketch.after += [
            .vector(.gt, shape, positive, x, .float(0)),
            .vector(.div, shape, divided, x, by),
            .vector(.mul, shape, multiplied, x, by),
            .vector(.select, shape, multiplied, positive, .tile(divided), .tile(multiplied)),
            .vector(.select, shape, x, LocalTile(seen), .tile(multiplied), .tile(x)),
        ]
    }
}
