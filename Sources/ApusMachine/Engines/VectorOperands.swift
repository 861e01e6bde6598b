import ApusISA
import ApusNumerics

/// The tiles of a Vector command: which there are, and where their elements lie.
struct VectorOperands {
    let command: VectorCommand
    let descriptor: VectorDescriptor

    init(_ command: VectorCommand, _ descriptor: VectorDescriptor) {
        self.command = command
        self.descriptor = descriptor
    }

    /// Columns of the destination.
    var resultColumns: Int {
        switch command.opcode.form {
        case .reduction: 1
        case .topk: Int(command.b)
        case .unary, .binary, .ternary, .scan, .iota, .random: Int(descriptor.columns)
        }
    }

    var d: StridedBox { box(command.d, command.dFormat, descriptor.d, resultColumns) }

    /// Top-k's indices.
    var indices: StridedBox { box(command.c, command.cFormat, descriptor.c, resultColumns) }

    var a: StridedBox { box(command.a, command.aFormat, descriptor.a, Int(descriptor.columns)) }
    var b: StridedBox { box(command.b, command.bFormat, descriptor.b, Int(descriptor.columns)) }
    var c: StridedBox { box(command.c, command.cFormat, descriptor.c, Int(descriptor.columns)) }

    /// What the command reads: tiles, not immediates.
    var sources: [StridedBox] {
        switch command.opcode.form {
        case .unary, .reduction, .scan, .topk: [a]
        case .binary: [a] + (command.bImmediate ? [] : [b])
        case .ternary:
            [a] + (command.bImmediate ? [] : [b]) + (command.cImmediate ? [] : [c])
        case .iota, .random: []
        }
    }

    /// What the command writes.
    var destinations: [StridedBox] {
        command.opcode.form == .topk ? [d, indices] : [d]
    }

    private func box(
        _ address: UInt32, _ format: ElementFormat, _ strides: VectorDescriptor.Strides,
        _ columns: Int
    ) -> StridedBox {
        StridedBox(
            address: Int(address), format: format,
            extents: [columns, Int(descriptor.rows), Int(descriptor.planes)],
            strides: [Int(strides.column), Int(strides.row), Int(strides.plane)])
    }
}
