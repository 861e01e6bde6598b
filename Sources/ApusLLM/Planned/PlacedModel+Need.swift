import ApusImport

/// What a workload's step must do, whatever the chips and however the launches are cut.
public struct StepNeed: Sendable, Equatable {
    /// Multiply-adds of BF16 rows and weights, and of attention: each row with the keys that it
    /// sees.
    public var multiplyAdds: Int
    /// Bytes of the weights that the rows use, each once, and of the keys and values that they see.
    public var bytes: Int
}

extension PlacedModel {
    /// What a step of one group of chips must do, all chips of the group and all groups together.
    ///
    /// Experts: as many distinct ones as the rows choose, at most all. Embeddings are rows alone
    /// and not counted.
    public static func need(
        _ shapes: ModelShapes, _ workload: Workload, _ placement: Placement, _ step: PlannedStep
    ) throws(PlacementError) -> StepNeed {
        do throws(ImportError) {
            return try StepNeed(shapes, workload, placement, step)
        } catch {
            throw .model(.files(error))
        }
    }
}

extension StepNeed {
    fileprivate init(
        _ shapes: ModelShapes, _ workload: Workload, _ placement: Placement, _ step: PlannedStep
    ) throws(ImportError) {
        let configuration = shapes.configuration
        let rows = step.rows * placement.expert
        var sum = StepNeed(multiplyAdds: 0, bytes: 0)
        func add(_ role: TensorRole, rows: Int, copies: Int = 1) throws(ImportError) {
            let weight = try shapes.weight(role)
            sum.multiplyAdds += rows * weight.rows * weight.columns
            sum.bytes += copies * weight.bytes
        }
        // Groups of chips have copies of everything but the experts.
        let groups = placement.expert
        for index in configuration.layers.indices {
            for role in Self.always(configuration, index) {
                try add(.layer(index, role), rows: rows, copies: groups)
            }
            guard case .experts(let mixture) = configuration.layers[index].feedForward else {
                continue
            }
            let distinct = min(mixture.count, rows * mixture.usedCount)
            for role in [LayerTensor.expertGate(0), .expertUp(0), .expertDown(0)] {
                try add(.layer(index, role), rows: rows * mixture.usedCount, copies: distinct)
            }
        }
        try add(.output, rows: step.selected * groups, copies: step.selected > 0 ? groups : 0)
        let attention = configuration.attention
        let pair = attention.keySize + attention.valueSize
        let element = workload.cacheFormat == .bf16 ? 2 : 1
        for sequence in step.sequences {
            let last = sequence.context + sequence.rows
            // Row i sees context + i + 1 keys.
            let seen = sequence.rows * sequence.context + sequence.rows * (sequence.rows + 1) / 2
            let layers = configuration.layerCount * groups
            sum.multiplyAdds += layers * attention.headCount * seen * pair
            sum.bytes += layers * attention.keyValueHeadCount * last * pair * element
        }
        self = sum
    }

    /// The matrices of a layer that every row passes through, the router aside.
    private static func always(
        _ configuration: LanguageModelConfiguration, _ layer: Int
    ) -> [LayerTensor] {
        var roles: [LayerTensor] = [.attentionOutput]
        if let latent = configuration.attention.latent {
            roles += latent.queryRank == nil ? [.query] : [.queryA, .queryB]
            roles += [.keyValueA, .keyValueB]
        } else {
            roles += [.query, .key, .value]
        }
        switch configuration.layers[layer].feedForward {
        case .dense: roles += [.gate, .up, .down]
        case .experts(let mixture):
            if mixture.sharedSize > 0 { roles += [.sharedGate, .sharedUp, .sharedDown] }
        }
        return roles
    }
}
