import ApusKernels

extension LoweringState {
    /// Emits a tile program for each of `choices` and takes the cheapest that fits the chip.
    ///
    /// - Parameter measure: what the cheapest is cheapest in.
    /// - Throws: why the last choice failed, if none fits.
    func cheapest<Choice>(
        _ choices: [Choice], by measure: CostModel.Measure = .work,
        emit: (Choice) throws(TilingError) -> TileBuilder
    ) throws(TilingError) -> TileProgram {
        var best: (cost: Double, program: TileProgram)?
        var failure = TilingError.unsupported("no tile fits")
        var model = costModel
        model.measure = measure
        for choice in choices {
            do throws(TilingError) {
                let builder = try emit(choice)
                let cost = model.estimate(builder)
                if let best, best.cost <= cost { continue }
                let program = try builder.fitting(memory)
                // What does not overlap counts in full.
                let fitted = model.estimate(builder, as: program)
                if let best, best.cost <= fitted { continue }
                best = (fitted, program)
            } catch {
                failure = error
            }
        }
        guard let best else { throw failure }
        return best.program
    }
}
