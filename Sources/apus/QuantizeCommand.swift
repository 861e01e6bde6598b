import ApusImport
import ArgumentParser
import Glibc

/// `apus quantize`: a language model in, the same with narrower weights out.
struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Write a language model again with its weights in a narrower format.",
        discussion: """
            apus quantize model.gguf --to int8 --out small.gguf
            apus quantize folder --to fp8 --out folder-fp8

            int8, int4 and mxfp4 give a GGUF file; fp8 gives a folder, as Hugging Face's libraries \
            read it. Values are rounded to nearest; nothing appears under the name before it is \
            whole.
            """)

    @Argument(help: "A GGUF file, or a folder with config.json and safetensors.")
    var model: String

    @Option(name: .long, help: "int8, int4, fp8 or mxfp4.")
    var to: Target

    @Option(name: .long, help: "The file, or for fp8 the folder, to write.")
    var out: String

    enum Target: String, ExpressibleByArgument, CaseIterable {
        case int8, int4, fp8, mxfp4

        var quantizer: Quantizer.Target {
            switch self {
            case .int8: .int8
            case .int4: .int4
            case .fp8: .fp8
            case .mxfp4: .mxfp4
            }
        }
    }

    func run() throws {
        do throws(ImportError) {
            let files = try LanguageModelFiles(path: model)
            let bar = ProgressLine(label: "quantising")
            try Quantizer(model: files, target: to.quantizer).write(to: out) { done, total in
                bar.show(done, of: total)
            }
            bar.finish()
            let written = try LanguageModelFiles(path: out)
            print("\(out): \(written.weightBytes) bytes, \(files.weightBytes) before")
        } catch {
            throw Refusal("\(error)")
        }
    }
}

/// A line on a terminal's standard error that says how far something is; nothing elsewhere.
struct ProgressLine {
    let label: String
    private let isTerminal = isatty(STDERR_FILENO) == 1

    init(label: String) { self.label = label }

    /// Shows how many of `total` steps are done.
    func show(_ done: Int, of total: Int) {
        guard isTerminal else { return }
        Output.note("\r\(label): \(100 * done / max(total, 1)) %")
    }

    /// Clears the line.
    func finish() {
        guard isTerminal else { return }
        Output.note("\r" + String(repeating: " ", count: label.count + 8) + "\r")
    }
}
