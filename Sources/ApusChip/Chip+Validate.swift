extension Chip {
    /// Checks that the chip is possible.
    ///
    /// - Throws: ``ChipError`` for the first parameter, in ``ChipParameter/all``'s order, that is
    ///   beyond its bounds or too small for the others.
    public func validate() throws(ChipError) {
        let letters = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        if name.isEmpty || !letters { throw .badName(name) }
        for parameter in ChipParameter.all {
            let value = self[keyPath: parameter.path]
            if !parameter.bounds.contains(value) {
                throw .outOfBounds(
                    field: parameter.name, value: value, bounds: parameter.bounds,
                    unit: parameter.unit)
            }
            if value % parameter.step != 0 {
                throw .notMultiple(
                    field: parameter.name, value: value, step: parameter.step, unit: parameter.unit)
            }
        }
        if scratchpadBanks & (scratchpadBanks - 1) != 0 {
            throw .notPowerOfTwo(field: "scratchpadBanks", value: scratchpadBanks)
        }
        let tileBytes = matrixRows * matrixColumns * 8
        if accumulatorBytes < tileBytes {
            throw .tooSmall(
                field: "accumulatorBytes", value: accumulatorBytes, needed: tileBytes,
                because: .accumulatorTile)
        }
        // Two operands of 16 steps along k, 4 bytes each, double buffered.
        let operandBytes = (matrixRows + matrixColumns) * 16 * 4 * 2
        if scratchpadBytes < operandBytes {
            throw .tooSmall(
                field: "scratchpadBytes", value: scratchpadBytes, needed: operandBytes,
                because: .operandTiles)
        }
        if matrixFormats.isEmpty { throw .missingField("matrixFormats") }
    }
}
