import ApusImport
import ApusMachine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Packs a model's weights and tables into the arena.
struct WeightLoader {
    let files: LanguageModelFiles
    let plan: TransformerPlan
    let memory: GlobalMemory

    /// - Parameter progress: told the share of layers that are packed, from 0 to 1.
    func load(_ progress: (Double) -> Void) throws(LanguageModelError) {
        plan.embedding.pack([try files.weight(.tokenEmbedding)], into: memory)
        if !plan.configuration.isTied {
            plan.output.pack([try files.weight(.output)], into: memory)
        }
        try norm(.outputNorm, at: plan.outputNorm)
        for rotary in plan.rotaries { turns(rotary.embedding, rotary.turns) }
        for (index, layer) in plan.layers.enumerated() {
            try load(layer, index)
            progress(Double(index + 1) / Double(plan.layers.count))
        }
        giveBack()
    }

    /// Gives back the pages of the files, those of their descriptions included.
    private func giveBack() {
        for (_, tensor) in files.tensors {
            tensor.span.file.release(0..<tensor.span.file.count)
        }
    }

    private func load(_ layer: LayerPlan, _ index: Int) throws(LanguageModelError) {
        let norms: [(LayerTensor, Int?)] = [
            (.attentionNorm, layer.attentionNorm), (.feedForwardNorm, layer.feedForwardNorm),
            (.attentionPostNorm, layer.attentionPostNorm),
            (.feedForwardPostNorm, layer.feedForwardPostNorm),
            (.queryNorm, layer.queryNorm), (.keyNorm, layer.keyNorm),
            (.queryANorm, layer.latent?.queryANorm),
            (.keyValueANorm, layer.latent?.keyValueANorm),
        ]
        for case (let role, let offset?) in norms { try norm(.layer(index, role), at: offset) }
        var linears = layer.projections + [layer.attentionOutput]
        if let latent = layer.latent { linears += latent.linears }
        switch layer.feedForward {
        case .dense(let dense): linears += dense.linears
        case .experts(let experts):
            linears += experts.shared?.linears ?? []
            try load(experts, index)
        }
        for linear in linears {
            var parts: [StoredTensor] = []
            for role in linear.roles { parts.append(try files.weight(.layer(index, role))) }
            linear.matrix.pack(parts, into: memory)
            guard let bias = linear.bias else { continue }
            var values: [Float] = []
            for role in linear.biasRoles {
                values += try files.weight(.layer(index, role)).dequantised()
            }
            write(values, at: bias)
        }
    }

    private func load(_ experts: LayerPlan.Experts, _ index: Int) throws(LanguageModelError) {
        for expert in 0..<experts.mixture.count {
            let matrices: [(PackedMatrix, LayerTensor)] = [
                (experts.gate, .expertGate(expert)), (experts.up, .expertUp(expert)),
                (experts.down, .expertDown(expert)),
            ]
            for (matrix, role) in matrices {
                let part = try files.weight(.layer(index, role))
                matrix.pack([part], member: expert, into: memory)
            }
        }
        let router = try files.weight(.layer(index, .router))
        let values = router.dequantised()
        let (rows, columns) = (router.rows, router.columns)
        write(
            (0..<rows * columns).map { values[$0 % rows * columns + $0 / rows] },
            at: experts.router)
        if let bias = experts.bias {
            write(try files.weight(.layer(index, .routerBias)).dequantised(), at: bias)
        }
    }

    /// A norm's weights, with the offset that its family adds.
    private func norm(_ role: TensorRole, at offset: Int) throws(LanguageModelError) {
        let added = plan.configuration.normWeightOffset
        write(try files.weight(role).dequantised().map { $0 + added }, at: offset)
    }

    /// Cosines and sines of all positions, from angles in binary64.
    private func turns(_ rotary: RotaryEmbedding, _ table: RowBuffer) {
        let frequencies = rotary.frequencies.map { Double($0) }
        let magnitude = Double(rotary.magnitude)
        for position in 0..<table.rows {
            let angles = frequencies.map { Double(position) * $0 }
            let values =
                angles.map { Float(cos($0) * magnitude) }
                + angles.map { Float(sin($0) * magnitude) }
            write(values, at: table.offset + position * table.rowBytes)
        }
    }

    private func write(_ values: [Float], at offset: Int) {
        values.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(
                rebasing: memory.bytes[offset..<offset + source.count]
            ).copyMemory(from: source)
        }
    }
}
