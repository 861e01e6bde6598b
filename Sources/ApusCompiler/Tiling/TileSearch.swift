import ApusKernels

extension LoweringState {
    /// Emits a tile program for each of `choices` and takes the cheapest that fits the chip.
    ///
    /// - Throws: why the last choice failed, if none fits.
    func cheapest<Choice>(
        _ choices: [Choice], emit: (Choice) throws(TilingError) -> TileBuilder
    ) throws(TilingError) -> TileProgram {
        var best: (cost: Double, program: TileProgram)?
        var failure = TilingError.unsupported("no tile fits")
        let model = costModel
        for choice in choices {
            do throws(TilingError) {
                let builder = try emit(choice)
                let cost = model.estimate(builder)
                if let best, best.cost <= cost { continue }
                best = (cost, try builder.fitting(memory))
            } catch {
                failure = error
            }
        }
        guard let best else { throw failure }
        return best.program
    }
}
