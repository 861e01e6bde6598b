import ApusGraph
import ApusImport
import ApusLLM
import ApusSession
import ArgumentParser
import FoundationEssentials
import Glibc

/// `apus perplexity`: how well a model predicts a text.
struct PerplexityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "Tell how well a language model predicts a text.",
        discussion: """
            apus perplexity model.gguf --text file.txt
            apus perplexity model.gguf --tokens ids.json --logits logits.npy

            The perplexity is exp of the mean negative logarithm of the probability that the model
            gives each token after the first. A text longer than --context is cut into parts of so
            many tokens, each on its own.
            """)

    @OptionGroup var options: LanguageModelOptions

    @Option(name: .long, help: "A file of text.")
    var text: String?

    @Option(name: .long, help: "A file with a JSON list of token numbers.")
    var tokens: String?

    @Option(
        name: .long, help: "Write the logits of all tokens to a NumPy file [tokens, vocabulary].")
    var logits: String?

    @Flag(name: .long, help: "Print the result as JSON.")
    var json = false

    func run() throws {
        guard (text == nil) != (tokens == nil) else {
            throw Refusal("perplexity needs either --text FILE or --tokens FILE")
        }
        let files = try options.files()
        do throws(LanguageModelError) {
            let ids = try read(files)
            let model = try options.load(
                files, contextMax: min(ids.count, options.contextMax(files)),
                selectedMax: options.batchTokens)
            try score(ids, model)
        } catch {
            throw Refusal("\(options.model): \(error)")
        }
    }

    private func read(_ files: LanguageModelFiles) throws(LanguageModelError) -> [Int] {
        if let tokens { return try TokenList.read(tokens) }
        guard let text, let data = FileManager.default.contents(atPath: text) else {
            throw .parameter("text", range: "a file that can be read; \(text ?? "") cannot")
        }
        return try TextModel(files).tokens(of: String(decoding: data, as: UTF8.self))
    }

    private func score(_ ids: [Int], _ model: LanguageModel) throws(LanguageModelError) {
        var all: [Float] = []
        var sum = 0.0
        var scored = 0
        let length = model.limits.contextMax
        for first in stride(from: 0, to: ids.count, by: length) {
            let part = Array(ids[first..<min(first + length, ids.count)])
            try model.score(part) { index, row in
                if logits != nil { all += row }
                guard index + 1 < part.count else { return }
                sum -= logProbability(of: part[index + 1], row)
                scored += 1
            }
        }
        if let logits {
            let tensor = Tensor(all, shape: [ids.count, model.configuration.vocabularySize])
            do throws(HostFileError) {
                try HostFile.write(NumPyFile.write(tensor), to: logits)
            } catch {
                throw .parameter("file of logits", range: "one that can be written: \(error)")
            }
        }
        let perplexity = exp(sum / Double(max(scored, 1)))
        print(
            json
                ? "{\"tokens\": \(ids.count), \"perplexity\": \(perplexity)}"
                : "perplexity \(perplexity.text(decimals: 4)) over \(ids.count) tokens")
    }

    private func logProbability(of token: Int, _ row: [Float]) -> Double {
        let largest = Double(row.max() ?? 0)
        let total = row.reduce(0.0) { $0 + exp(Double($1) - largest) }
        return Double(row[token]) - largest - log(total)
    }
}
