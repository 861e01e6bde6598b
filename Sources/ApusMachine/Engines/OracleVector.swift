import ApusISA
import ApusNumerics
import CApusMachine

/// A Vector command, element by element and row by row.
struct OracleVector {
    private let command: VectorCommand
    private let memory: CoreMemory
    private let descriptor: VectorDescriptor
    private let operands: VectorOperands
    private let arithmetic: OracleArithmetic
    private let rounding: RoundingRule

    private var form: VectorOpcode.Form { command.opcode.form }
    private var columns: Int { Int(descriptor.columns) }

    init(_ command: VectorCommand, _ memory: CoreMemory) throws(TrapCause) {
        self.command = command
        self.memory = memory
        guard let rounding = RoundingRule(rawValue: command.rounding) else { throw .unknownCode }
        self.rounding = rounding
        descriptor = try memory.decode(command.descriptor, VectorDescriptor.wordCount) {
            words throws(DecodeError) in try VectorDescriptor(words: words)
        }
        operands = VectorOperands(command, descriptor)
        arithmetic = OracleArithmetic(
            isFloating: command.opcode.form == .random || command.aFormat.isFloatingPoint)
        try checkFormats()
    }

    /// The function of the opcode, where the form has one.
    private var function: VectorFunction? {
        VectorFunction.allCases.first { "\($0)" == "\(command.opcode)" }
    }

    private func checkFormats() throws(TrapCause) {
        if command.dFormat == .bits64 || command.dFormat == .fixed54 { throw .unsupportedFormat }
        var sources: [ElementFormat] = form == .random ? [] : [command.aFormat]
        if form == .binary || form == .ternary, !command.bImmediate {
            sources.append(command.bFormat)
        }
        if form == .ternary, !command.cImmediate { sources.append(command.cFormat) }
        if sources.contains(.bits64) { throw .unsupportedFormat }
        if form == .topk, command.cFormat != .int32 { throw .unsupportedFormat }
        switch form {
        case .unary, .binary, .ternary:
            guard let function, arithmetic.evaluate(function, 0, 0, 0) != nil else {
                throw .unsupportedFormat
            }
        case .reduction, .scan, .topk, .iota, .random: break
        }
    }

    func run() throws(TrapCause) {
        let extents = [columns, Int(descriptor.rows), Int(descriptor.planes)]
        let elements = try CoreMemory.elements(extents)
        if form == .topk, Int(command.b) > columns { throw .badShape }
        let isEmptyReduction = form == .reduction && columns == 0
        if operands.d.isEmpty || (elements == 0 && !isEmptyReduction) { return }
        for box in operands.sources + operands.destinations where !box.isEmpty {
            _ = try memory.region(of: box)
        }
        try checkOverlap()
        memory.core.pointee.counters.vector_elements += UInt64(elements)
        for plane in 0..<Int(descriptor.planes) {
            for row in 0..<Int(descriptor.rows) { runRow(row, plane) }
        }
    }

    // Rows ---------------------------------------------------------------------------------------

    /// Reads the whole row before anything of it is written.
    private func runRow(_ row: Int, _ plane: Int) {
        switch form {
        case .unary, .binary, .ternary: computeRow(row, plane)
        case .reduction:
            guard let function else { return }
            let isIndex = function == .rargmax || function == .rargmin
            let result = arithmetic.reduce(
                function, source(operands.a, command.aFormat, row, plane))
            write([result], isIndex ? .int32 : arithmetic.format, row, plane)
        case .scan:
            guard let function else { return }
            let results = arithmetic.scan(
                function, source(operands.a, command.aFormat, row, plane),
                exclusive: command.b & 1 != 0, reverse: command.b & 2 != 0)
            write(results, arithmetic.format, row, plane)
        case .topk:
            let best = arithmetic.topK(
                source(operands.a, command.aFormat, row, plane), count: Int(command.b))
            write(best.map(\.value), arithmetic.format, row, plane)
            let indices = best.map { UInt64(UInt32(bitPattern: $0.index)) }
            put(indices, to: operands.indices, .int32, row, plane)
        case .iota: write((0..<columns).map(iota), arithmetic.format, row, plane)
        case .random:
            let first = UInt64(plane * Int(descriptor.rows) + row) * UInt64(columns)
            let values = (0..<columns).map { column in
                Philox.uniform(
                    key0: command.b, key1: command.c, counter: first + UInt64(column)
                ).bitPattern
            }
            write(values, .fp32, row, plane)
        }
    }

    private func computeRow(_ row: Int, _ plane: Int) {
        guard let function else { return }
        let a = source(operands.a, command.aFormat, row, plane)
        var b = [UInt32](repeating: command.b, count: columns)
        var c = [UInt32](repeating: command.c, count: columns)
        if form != .unary, !command.bImmediate {
            b = source(operands.b, command.bFormat, row, plane)
        }
        if form == .ternary, !command.cImmediate {
            c = source(operands.c, command.cFormat, row, plane)
        }
        let results = (0..<columns).map { arithmetic.evaluate(function, a[$0], b[$0], c[$0]) ?? 0 }
        write(results, arithmetic.format, row, plane)
    }

    private func iota(_ column: Int) -> UInt32 {
        if arithmetic.isFloating {
            return Iota.value(
                first: Float(bitPattern: command.b), step: Float(bitPattern: command.c),
                index: column
            ).bitPattern
        }
        let step = Int32(bitPattern: command.c) &* Int32(truncatingIfNeeded: column)
        return UInt32(bitPattern: Int32(bitPattern: command.b) &+ step)
    }

    // Elements -----------------------------------------------------------------------------------

    private func place(_ box: StridedBox, _ column: Int, _ row: Int, _ plane: Int) -> Int {
        box.base + column * box.dimensions[0].stride + row * box.dimensions[1].stride
            + plane * box.dimensions[2].stride
    }

    private func source(
        _ box: StridedBox, _ format: ElementFormat, _ row: Int, _ plane: Int
    ) -> [UInt32] {
        guard let region = try? memory.region(of: box) else { return [] }
        return (0..<columns).map { column in
            arithmetic.bits(memory.read(region, place(box, column, row, plane), format), of: format)
        }
    }

    /// Converts results to d's format and writes them.
    private func write(
        _ results: [UInt32], _ format: ElementFormat, _ row: Int, _ plane: Int
    ) {
        let bits = results.map { result in
            format == command.dFormat
                ? UInt64(result)
                : ElementFormat.convert(
                    UInt64(result), from: format, to: command.dFormat, rounding: rounding)
        }
        put(bits, to: operands.d, command.dFormat, row, plane)
    }

    private func put(
        _ bits: [UInt64], to box: StridedBox, _ format: ElementFormat, _ row: Int, _ plane: Int
    ) {
        guard let region = try? memory.region(of: box) else { return }
        for (column, bits) in bits.enumerated() {
            memory.write(region, place(box, column, row, plane), format, bits)
        }
    }
}

extension OracleVector {
    /// - Throws: ``TrapCause/overlap`` where a destination meets a source, another destination or
    ///   itself, unless it is the source.
    private func checkOverlap() throws(TrapCause) {
        for destination in operands.destinations where !destination.isDistinct { throw .overlap }
        for source in operands.sources where !source.isEmpty {
            // A top-k may read its row once for each result, so it does not run in place; a
            // reduction does where its result is read by no other row.
            let canBeInPlace = form == .reduction ? source.isDistinct : form != .topk
            let isInPlace = canBeInPlace && operands.d.isIdentical(to: source)
            if !isInPlace, operands.d.meets(source) { throw .overlap }
            if form == .topk, operands.indices.meets(source) { throw .overlap }
        }
        if form == .topk, operands.d.meets(operands.indices) { throw .overlap }
    }
}
