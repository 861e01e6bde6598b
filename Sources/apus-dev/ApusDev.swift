import ArgumentParser

/// The developer's commands.
@main
struct ApusDev: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus-dev",
        abstract: "Keeps what is generated in step with its tables.",
        subcommands: [
            Generate.self, Verify.self, Claims.self, BenchControl.self, Conformance.self,
            FunctionErrors.self, OperatorPage.self, Tokenize.self, RenderChat.self,
            SampleLogits.self, ChatMixes.self, LayOutWeights.self,
            Cosimulate.self, CosimulateMesh.self, RTLFaults.self, RTLKernels.self,
            TimeAgainstRTL.self, ClockBenchmark.self, TimeCompare.self, KnownAreas.self,
        ])
}
