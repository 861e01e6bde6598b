import ApusChip
import ApusImport

/// Finds what would fit where a placement does not.
struct MemorySearch {
    let shapes: ModelShapes
    let chip: Chip
    let workload: Workload
    let placement: Placement

    /// What is too much, and the first of these that fits: more chips that share every matrix, the
    /// smaller formats of weights.
    func shortage(needed: Int, available: Int) -> PlacementError.Shortage {
        let parts = bytes(shapes, placement)
        return PlacementError.Shortage(
            weightBytes: parts.weights, cacheBytes: parts.cache,
            neededBytes: max(needed, parts.arena), availableBytes: available, chip: chip.name,
            remedy: remedy)
    }

    private var remedy: String? {
        for count in shapes.tensorParallelism
        where count > placement.tensor && chip.linkCount > 0 {
            var wider = placement
            wider.tensor = count
            if bytes(shapes, wider).arena <= chip.memoryBytes {
                return "--tensor-parallel \(count)"
            }
        }
        for format in [WeightFormat.int8, .int4] {
            if bytes(shapes.with(format), placement).arena <= chip.memoryBytes {
                return "--weights \(format.rawValue)"
            }
        }
        return nil
    }

    /// Of the fullest stage; zeros where nothing can be planned.
    private func bytes(
        _ shapes: ModelShapes, _ placement: Placement
    ) -> (weights: Int, cache: Int, arena: Int) {
        var endless = chip
        endless.memoryBytes = .max
        let planned = try? PlacedModel.plan(shapes, on: endless, workload, placement, nil)
        let fullest = planned?.max { $0.arenaBytes < $1.arenaBytes }
        guard let fullest else { return (0, 0, .max) }
        return (fullest.weightBytes, fullest.cacheBytes, fullest.arenaBytes)
    }
}
