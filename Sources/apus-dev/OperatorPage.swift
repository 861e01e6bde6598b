import ApusImport
import ArgumentParser

/// Prints the table of operators.
struct OperatorPage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "onnx-operators",
        abstract: "Print docs/onnx-operators.md, the operators that can be imported.")

    func run() { print(ONNXModel.operatorPage, terminator: "") }
}
