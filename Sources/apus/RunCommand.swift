import ApusChip
import ApusGraph
import ApusReport
import ApusSession
import ArgumentParser

/// `apus run`: a model and its inputs in, its outputs and what the chip did out.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run an ONNX model on the emulated chip.",
        discussion: """
            apus run model.onnx --input x=x.npy --output y=y.npy
            apus run model.onnx --random x=1x3x224x224 --chip nano --json
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .long, help: "Write an output to a NumPy file, as NAME=FILE.npy; repeatable.")
    var output: [String] = []

    @Flag(
        name: .long,
        help: "Watch for races and uninitialised reads, and compare with the reference interpreter."
    )
    var check = false

    @Flag(name: .long, help: "Also tell how many cycles the chip would take, from the clock.")
    var time = false

    @Flag(name: .long, help: "Print one JSON object instead of tables.")
    var json = false

    func run() throws {
        let files = try output.map { try ModelOptions.pair($0, option: "output") }
        let session = try model.open(checked: check)
        let inputs = try model.inputs(of: session)
        let names = session.model.outputs.map(\.name)
        for (name, _) in files where !names.contains(name) {
            throw Refusal(
                "--output \(name): the model's outputs are \(names.joined(separator: ", "))")
        }
        let outputs: [NamedTensor]
        do throws(SessionError) {
            outputs = try session.run(inputs)
        } catch {
            // What the checker saw says more than the error that ended the run.
            for finding in session.takeFindings() { Refusal("\(finding)").printToStandardError() }
            throw Refusal("\(error)")
        }
        for (name, path) in files {
            guard let result = outputs.first(where: { $0.name == name }) else { continue }
            do throws(HostFileError) {
                try HostFile.write(NumPyFile.write(result.tensor), to: path)
            } catch {
                throw Refusal("\(path): \(error)")
            }
        }
        let differences = check ? try compare(outputs, with: inputs, in: session) : []
        guard let report = session.report else { return }
        let page = RunPage(
            outputs: outputs, report: report, differences: differences,
            findings: check ? report.findings : nil, time: try timed(inputs, in: session))
        print(json ? page.json.text : page.text)
        if !report.findings.isEmpty { throw ExitCode(1) }
    }

    /// What the same program takes on the clocked machine; nil if nobody asked.
    private func timed(_ inputs: [NamedTensor], in session: Session) throws -> ModelTime? {
        guard time else { return nil }
        let compiled = try refusing { () throws(SessionError) in try session.compile(inputs) }
        return try ModelTimer(chip: session.options.chip).time(compiled, title: model.path)
    }

    /// The largest difference of each output from the reference interpreter's.
    private func compare(
        _ outputs: [NamedTensor], with inputs: [NamedTensor], in session: Session
    ) throws -> [OutputDifference] {
        let expected = try refusing { () throws(SessionError) in try session.interpret(inputs) }
        return zip(outputs, expected).map { OutputDifference(actual: $0, expected: $1) }
    }
}
