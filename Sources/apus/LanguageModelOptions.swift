import ApusChip
import ApusImport
import ApusLLM
import ApusRuntime
import ApusSession
import ArgumentParser
import FoundationEssentials
import Glibc

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

    @Option(name: .long, help: "How keys and values are kept: bf16, e4m3 or int8.")
    var cache = "bf16"

    /// The model's files.
    func files() throws -> LanguageModelFiles {
        guard batchTokens >= 1, batchTokens <= 1024 else {
            throw Refusal("--batch-tokens must lie between 1 and 1024")
        }
        guard context >= 0 else { throw Refusal("--context must not be negative") }
        do throws(ImportError) {
            return try LanguageModelFiles(path: model)
        } catch {
            throw Refusal("\(error)")
        }
    }

    /// Tokens of the longest sequence.
    func contextMax(_ files: LanguageModelFiles) -> Int {
        context > 0 ? context : min(files.configuration.contextLength, 8192)
    }

    /// The model in the memory of an emulated chip, progress on standard error.
    func load(
        _ files: LanguageModelFiles, contextMax given: Int? = nil, selectedMax: Int = 1
    ) throws(LanguageModelError) -> LanguageModel {
        let wanted = given ?? contextMax(files)
        guard wanted <= files.configuration.contextLength else {
            throw .contextTooLong(tokens: wanted, limit: files.configuration.contextLength)
        }
        let tokens = (wanted + 15) / 16 * 16
        return try LanguageModel(
            files, on: try device(),
            limits: LanguageModelLimits(
                rowsMax: batchTokens, contextMax: tokens, cacheTokens: tokens,
                selectedMax: selectedMax, cacheFormat: try cacheFormat()),
            progress: LoadProgress().show)
    }

    private func cacheFormat() throws(LanguageModelError) -> CacheFormat {
        guard let format = CacheFormat(rawValue: cache) else {
            throw .parameter("cache format", range: "bf16, e4m3 or int8")
        }
        return format
    }

    private func device() throws(LanguageModelError) -> any Device {
        var options = SessionOptions(chip: .edge14)
        do throws(OptionError) {
            try options.set("chip", to: chip)
            try options.set("threads", to: threads)
        } catch {
            throw .parameter("chip or number of threads", range: "usable: \(error)")
        }
        do throws(RuntimeError) {
            return try EmulatedDevice(chip: options.chip, threads: options.threads, mode: .fast)
        } catch {
            throw .device(error)
        }
    }
}

/// A line on standard error that tells how far loading is, once it takes more than a second.
final class LoadProgress {
    private let start = Date()
    private var isShown = false

    func show(_ share: Double) {
        guard isatty(2) != 0, isShown || Date().timeIntervalSince(start) > 1 else { return }
        isShown = true
        let text = share < 1 ? "\rloading \(Int(share * 100)) %" : "\r             \r"
        Output.note(text)
    }
}
