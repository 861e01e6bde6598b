import ApusImport
import ApusMachine
import ApusNumerics

extension PackedMatrix {
    /// Writes weights into the arena, the rows of `parts` one after the other as outputs.
    ///
    /// Mapped pages of the files are given back as they are read, so that a model is never in
    /// memory twice.
    ///
    /// Where matrices take turns, each of the parts is one of them.
    ///
    /// - Precondition: the parts have this matrix's inputs and format, and together its outputs.
    func pack(_ parts: [StoredTensor], member: Int = 0, into memory: GlobalMemory) {
        guard turns > 1 else { return pack(parts, member, turn: 0, memory) }
        precondition(parts.count == turns, "a part for each turn")
        for (turn, part) in parts.enumerated() { pack([part], member, turn: turn, memory) }
    }

    private func pack(
        _ parts: [StoredTensor], _ member: Int, turn: Int, _ memory: GlobalMemory
    ) {
        precondition(
            parts.allSatisfy { $0.columns == inputs && $0.streamed == format }
                && parts.reduce(0) { $0 + $1.rows } == outputs, "parts do not make the matrix")
        var first = 0
        for part in parts {
            for tile in first / width...(first + part.rows - 1) / width {
                let low = max(tile * width, first)
                let high = min((tile + 1) * width, first + part.rows)
                let place = member * tiles + tile * turns + turn
                part.stream(
                    rows: low - first..<high - first,
                    into: destination(place, column: low - tile * width, memory))
            }
            part.release()
            first += part.rows
        }
    }

    private func destination(
        _ tile: Int, column: Int, _ memory: GlobalMemory
    ) -> StreamedDestination {
        func place(_ offset: Int, _ format: ElementFormat, _ count: Int) -> UnsafeMutableRawPointer
        {
            let bytes = memory.bytes[(offset + format.byteCount(tile * count + column))...]
            guard let base = UnsafeMutableRawBufferPointer(rebasing: bytes).baseAddress else {
                preconditionFailure("the arena has no bytes")
            }
            return base
        }
        return StreamedDestination(
            codes: place(codes, format.code, tileCodes), codeStride: width,
            scales: format.isGrouped ? place(scales, format.scale, tileScales) : nil,
            minimums: format.hasMinimum ? place(minimums, format.scale, tileScales) : nil,
            scaleStride: width)
    }
}
