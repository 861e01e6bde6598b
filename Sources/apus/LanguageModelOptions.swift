import ApusChip
import ApusImport
import ApusLLM
import ApusRuntime
import ApusSession
import ArgumentParser
import Foundation

/// The options of all commands that run a language model.
struct LanguageModelOptions: ParsableArguments {
    @Argument(help: "A GGUF file, or a Hugging Face folder.")
    var model: String

    @Option(name: .long, help: "A preset or a chip file.")
    var chip = "edge14"

    @Option(name: .long, help: "Host threads; 0 takes all processors.")
    var threads = "0"

    @Option(name: .long, help: "Tokens of the longest conversation; 0 for the model's own context.")
    var context = 0

    @Option(name: .long, help: "Tokens that one step computes at most.")
    var batchTokens = 128

    /// The model in the memory of an emulated chip, progress on standard error.
    func load(contextMax given: Int? = nil, selectedMax: Int = 8) throws -> LoadedModel {
        var options = SessionOptions(chip: .edge14)
        do throws(OptionError) {
            try options.set("chip", to: chip)
            try options.set("threads", to: threads)
        } catch {
            throw Refusal("\(error)")
        }
        guard batchTokens >= 1, batchTokens <= 1024 else {
            throw Refusal("--batch-tokens must lie between 1 and 1024")
        }
        guard context >= 0 else { throw Refusal("--context must not be negative") }
        let files: LanguageModelFiles
        do throws(ImportError) {
            files = try LanguageModelFiles(path: model)
        } catch {
            throw Refusal("\(error)")
        }
        let wanted = given ?? (context > 0 ? context : min(files.configuration.contextLength, 8192))
        guard wanted <= files.configuration.contextLength else {
            throw Refusal(
                "\(model): a context of \(wanted) tokens; the model was made for "
                    + "\(files.configuration.contextLength)")
        }
        let tokens = (wanted + 15) / 16 * 16
        do throws(LanguageModelError) {
            let model = try LanguageModel(
                files, on: try device(options),
                limits: LanguageModelLimits(
                    rowsMax: batchTokens, contextMax: tokens, cacheTokens: tokens,
                    selectedMax: selectedMax),
                progress: LoadProgress().show)
            return LoadedModel(files: files, model: model)
        } catch {
            throw Refusal("\(self.model): \(error)")
        }
    }

    private func device(_ options: SessionOptions) throws(LanguageModelError) -> any Device {
        do throws(RuntimeError) {
            return try EmulatedDevice(chip: options.chip, threads: options.threads, mode: .fast)
        } catch {
            throw .device(error)
        }
    }
}

/// A model with its files.
struct LoadedModel {
    var files: LanguageModelFiles
    var model: LanguageModel
}

/// A line on standard error that tells how far loading is, once it takes more than a second.
final class LoadProgress {
    private let start = Date()
    private var isShown = false

    func show(_ share: Double) {
        guard isatty(2) != 0, isShown || Date().timeIntervalSince(start) > 1 else { return }
        isShown = true
        let text = share < 1 ? "\rloading \(Int(share * 100)) %" : "\r             \r"
        FileHandle.standardError.write(Data(text.utf8))
    }
}
