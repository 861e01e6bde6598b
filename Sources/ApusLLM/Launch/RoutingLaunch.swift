import ApusImport
import ApusISA
import ApusKernels
import ApusNumerics

/// Chooses each row's experts, and how much each of them counts.
///
/// Scores are a softmax or a sigmoid of the router's FP32 results. See ``ExpertMixture`` for the
/// rules of groups, bias and normalisation.
struct RoutingLaunch {
    var mixture: ExpertMixture
    /// FP32 results of the router.
    var logits: RowBuffer
    /// FP32 biases of the choice in the arena.
    var bias: Int?
    /// INT32 experts and FP32 weights of each row.
    var experts, weights: RowBuffer

    private var count: Int { mixture.count }
    private var used: Int { mixture.usedCount }

    func program(rows: Int, in memory: CoreMemory) throws(LanguageModelError) -> TileProgram {
        var height = min(max(rows / memory.cores, 1), 16)
        while height > 1, !sketch(rows, height).fits(memory) { height /= 2 }
        return try sketch(rows, height).program("routing", in: memory)
    }

    private func sketch(_ rows: Int, _ height: Int) -> TileSketch {
        var sketch = TileSketch(grid: [(rows + height - 1) / height])
        let row = Affine.tile(0, height)
        func values(_ columns: Int, _ format: ElementFormat = .fp32) -> LocalTile {
            LocalTile(sketch.slot(bytes: height * columns * 4), format, row: columns)
        }
        let shape = LocalShape(count, height)
        let scores = values(count)
        sketch.before.append(
            logits.tensor().load(into: scores.slot, box: [count, height], at: [.zero, row]))
        score(&sketch, scores, shape)
        let choice = values(count)
        if let bias {
            let slot = sketch.slot(bytes: count * 4)
            sketch.before.append(
                GlobalTensor(dense: [count], .fp32, at: bias)
                    .load(into: slot, box: [count], at: [.zero]))
            sketch.after.append(.vector(.add, shape, choice, scores, .tile(LocalTile(slot))))
        } else {
            sketch.after.append(.vector(.copy, shape, choice, scores))
        }
        if mixture.groupCount > 1 { keepGroups(&sketch, choice, height) }
        let best = values(used)
        let found = values(used, .int32)
        sketch.after.append(.top(used, shape, best, indices: found, of: choice))
        let kept = values(used)
        weigh(&sketch, kept, found, scores, height)
        sketch.after += [
            experts.tensor().store(from: found.slot, box: [used, height], at: [.zero, row]),
            weights.tensor().store(from: kept.slot, box: [used, height], at: [.zero, row]),
        ]
        return sketch
    }

    private func score(_ sketch: inout TileSketch, _ scores: LocalTile, _ shape: LocalShape) {
        guard mixture.scoring == .softmax else {
            sketch.after.append(.vector(.sigmoid, shape, scores, scores))
            return
        }
        let each = LocalTile(sketch.slot(bytes: shape.rows * 4), column: 0, row: 1)
        sketch.after += [
            .vector(.rmax, shape, each, scores),
            .vector(.sub, shape, scores, scores, .tile(each)),
            .vector(.exp, shape, scores, scores),
            .vector(.rsum, shape, each, scores),
            .vector(.div, shape, scores, scores, .tile(each)),
        ]
    }

    /// Sets the choice scores of all but the best groups to zero, as the models' authors do.
    private func keepGroups(_ sketch: inout TileSketch, _ choice: LocalTile, _ height: Int) {
        let groups = mixture.groupCount
        let size = count / groups
        func slot(_ columns: Int) -> Int { sketch.slot(bytes: height * columns * 4) }
        let members = LocalTile(choice.slot, row: size, plane: count)
        let shape = LocalShape(size, groups, height)
        let rank = slot(groups)
        let ranks = LocalTile(rank, column: 0, row: 1, plane: groups)
        switch mixture.groupRanking {
        case .best:
            sketch.after.append(.vector(.rmax, shape, ranks, members))
        case .sumOfTwoBest:
            let two = slot(groups * 2)
            let pairs = LocalTile(two, row: 2, plane: groups * 2)
            let places = LocalTile(slot(groups * 2), .int32, row: 2, plane: groups * 2)
            sketch.after += [
                .top(2, shape, pairs, indices: places, of: members),
                .vector(.rsum, LocalShape(2, groups, height), ranks, pairs),
            ]
        }
        let used = mixture.usedGroupCount
        let best = LocalTile(slot(used), row: used)
        let places = LocalTile(slot(used), .int32, row: used)
        let rows = LocalTile(rank, row: groups)
        let last = LocalTile(best.slot, .fp32, column: 0, row: used, offset: used - 1)
        let isKept = LocalTile(slot(groups), row: groups)
        let kept = LocalTile(isKept.slot, column: 0, row: 1, plane: groups)
        sketch.after += [
            .top(used, LocalShape(groups, height), best, indices: places, of: rows),
            .vector(.ge, LocalShape(groups, height), isKept, rows, .tile(last)),
            .vector(.mul, shape, members, members, .tile(kept)),
        ]
    }

    /// The scores of the chosen, normalised and scaled.
    private func weigh(
        _ sketch: inout TileSketch, _ kept: LocalTile, _ found: LocalTile, _ scores: LocalTile,
        _ height: Int
    ) {
        let shape = LocalShape(count, height)
        let positions = LocalTile(sketch.slot(bytes: count * 4), .int32)
        let isIt = LocalTile(sketch.slot(bytes: height * count * 4), row: count)
        sketch.after.append(.count(LocalShape(count), positions, from: .zero))
        for place in 0..<used {
            let expert = LocalTile(found.slot, .int32, column: 0, row: used, offset: place)
            sketch.after += [
                .vector(
                    .sub, shape, LocalTile(isIt.slot, .int32, row: count), positions,
                    .tile(expert)),
                .vector(.eq, shape, isIt, LocalTile(isIt.slot, .int32, row: count), .integer(0)),
                .vector(.mul, shape, isIt, isIt, .tile(scores)),
                .vector(
                    .rsum, shape, LocalTile(kept.slot, .fp32, column: 0, row: used, offset: place),
                    isIt),
            ]
        }
        let each = LocalShape(used, height)
        if mixture.isNormalised {
            let sum = LocalTile(sketch.slot(bytes: height * 4), column: 0, row: 1)
            sketch.after += [
                .vector(.rsum, each, sum, kept), .vector(.div, each, kept, kept, .tile(sum)),
            ]
        }
        if mixture.scale != 1 {
            sketch.after.append(.vector(.mul, each, kept, kept, .float(mixture.scale)))
        }
    }
}

extension TileCommand {
    /// The `count` largest of each row, descending, and where they stand.
    static func top(
        _ count: Int, _ shape: LocalShape, _ d: LocalTile, indices: LocalTile, of a: LocalTile
    ) -> TileCommand {
        let descriptor = VectorDescriptor(
            columns: Int32(shape.columns), rows: Int32(shape.rows), planes: Int32(shape.planes),
            d: d.strides, a: a.strides, b: .zero, c: indices.strides)
        return .vector(
            VectorStep(
                .topk, d: Place(d.slot, offset: d.offset), a: .slot(a.slot, offset: a.offset),
                b: .integer(Int32(count)), c: .slot(indices.slot, offset: indices.offset),
                descriptor: descriptor, dFormat: d.format, aFormat: a.format, cFormat: .int32))
    }
}
