import ApusChip

extension Activity {
    /// A second of everything at once: 8-bit products in full tiles at the array's sustained rate
    /// and memory at its own. More than any model does; what a board must be built for.
    public static func peakSecond(_ chip: Chip) -> Activity {
        var counts = Activity()
        let cells = Double(chip.coreCount * chip.matrixRows * chip.matrixColumns)
        let clock = Double(chip.clockMegahertz) * 1e6
        counts.macs8 = 4 * cells * clock * Analytic.matrix.value.expected
        let bandwidth = Double(chip.memoryMegabytesPerSecond) * 1e6
        counts.memoryBytes = bandwidth * Analytic.memory.value.expected
        let (rows, columns) = (Double(chip.matrixRows), Double(chip.matrixColumns))
        counts.scratchpadBytes = counts.macs8 * (1 / rows + 1 / columns) + 2 * counts.memoryBytes
        counts.meshByteHops = counts.memoryBytes * Double(chip.meshColumns + chip.meshRows) / 4
        // A tenth of the vector lanes' steps: epilogues beside long products.
        counts.vectorLaneSteps = 0.1 * Double(chip.coreCount * chip.vectorLanes) * clock
        // Control processors wait for most of the time: one instruction in a hundred cycles.
        counts.instructions = 0.01 * Double(chip.coreCount) * clock
        counts.seconds = 1
        return counts
    }
}
