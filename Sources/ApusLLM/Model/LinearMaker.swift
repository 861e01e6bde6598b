import ApusImport
import ApusNumerics

/// Reserves the linear layers of one layer.
struct LinearMaker {
    var index: Int
    var shapes: ModelShapes
    var memory: CoreMemory

    /// A linear layer of one weight.
    func one(
        _ role: LayerTensor, bias: LayerTensor? = nil, in arena: inout ArenaLayout
    ) throws(LanguageModelError) -> LayerPlan.Linear {
        try make([role], biases: bias.map { [$0] } ?? [], column: 0, in: &arena)
    }

    /// Linear layers whose results lie beside each other: one if all formats agree.
    func joined(
        _ roles: [LayerTensor], biases: [LayerTensor], in arena: inout ArenaLayout
    ) throws(LanguageModelError) -> [LayerPlan.Linear] {
        let formats = try roles.map { role throws(LanguageModelError) in
            try shapes.weight(of: .layer(index, role)).streamed
        }
        if formats.allSatisfy({ $0 == formats[0] }) {
            return [try make(roles, biases: biases, column: 0, in: &arena)]
        }
        var column = 0
        var linears: [LayerPlan.Linear] = []
        for (place, role) in roles.enumerated() {
            let bias = biases.isEmpty ? [] : [biases[place]]
            linears.append(try make([role], biases: bias, column: column, in: &arena))
            column += linears[place].matrix.outputs
        }
        return linears
    }

    /// Linear layers of the same shape of which the launch needs both results: their tiles take
    /// turns if their formats agree.
    func pair(
        _ roles: [LayerTensor], in arena: inout ArenaLayout
    ) throws(LanguageModelError) -> [LayerPlan.Linear] {
        let tensors = try roles.map { role throws(LanguageModelError) in
            try shapes.weight(of: .layer(index, role))
        }
        guard tensors.allSatisfy({ $0.streamed == tensors[0].streamed }) else {
            return try roles.map { role throws(LanguageModelError) in try one(role, in: &arena) }
        }
        let matrix = PackedMatrix(
            inputs: tensors[0].columns, outputs: tensors[0].rows,
            width: PackedMatrix.width(outputs: tensors[0].rows, memory: memory),
            turns: tensors.count, format: tensors[0].streamed, in: &arena)
        return [LayerPlan.Linear(roles: roles, matrix: matrix)]
    }

    private func make(
        _ roles: [LayerTensor], biases: [LayerTensor], column: Int, in arena: inout ArenaLayout
    ) throws(LanguageModelError) -> LayerPlan.Linear {
        let tensors = try roles.map { role throws(LanguageModelError) in
            try shapes.weight(of: .layer(index, role))
        }
        let outputs = tensors.reduce(0) { $0 + $1.rows }
        let matrix = PackedMatrix(
            inputs: tensors[0].columns, outputs: outputs,
            width: PackedMatrix.width(outputs: outputs, memory: memory),
            format: tensors[0].streamed, in: &arena)
        return LayerPlan.Linear(
            roles: roles, matrix: matrix,
            bias: biases.isEmpty ? nil : arena.reserve(outputs * 4), biasRoles: biases,
            column: column)
    }

    /// The same matrix of several experts, as a stack.
    func stack(
        _ roles: [LayerTensor], in arena: inout ArenaLayout
    ) throws(LanguageModelError) -> PackedMatrix {
        let tensors = try roles.map { role throws(LanguageModelError) in
            try shapes.weight(of: .layer(index, role))
        }
        guard tensors.allSatisfy({ $0.streamed == tensors[0].streamed }) else {
            throw .unsupported("experts in different formats")
        }
        return PackedMatrix(
            inputs: tensors[0].columns, outputs: tensors[0].rows,
            width: PackedMatrix.width(outputs: tensors[0].rows, memory: memory),
            stack: tensors.count, format: tensors[0].streamed, in: &arena)
    }
}
