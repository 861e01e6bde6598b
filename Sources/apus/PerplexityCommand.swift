import ApusGraph
import ApusLLM
import ApusSession
import ArgumentParser
import Foundation

/// `apus perplexity`: how well a model predicts a text.
struct PerplexityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "Tell how well a language model predicts a text.",
        discussion: """
            apus perplexity model.gguf --tokens ids.json --logits logits.npy

            The perplexity is exp of the mean negative logarithm of the probability that the model
            gives each token after the first.
            """)

    @OptionGroup var options: LanguageModelOptions

    @Option(name: .long, help: "Token numbers as a JSON list.")
    var tokens: String?

    @Option(
        name: .long, help: "Write the logits of all tokens to a NumPy file [tokens, vocabulary].")
    var logits: String?

    @Flag(name: .long, help: "Print the result as JSON.")
    var json = false

    func run() throws {
        guard let tokens else { throw Refusal("perplexity needs --tokens FILE") }
        let ids = try TokenList.read(tokens)
        let loaded = try options.load(contextMax: ids.count, selectedMax: options.batchTokens)
        let vocabulary = loaded.model.configuration.vocabularySize
        var all: [Float] = []
        var sum = 0.0
        do throws(LanguageModelError) {
            try loaded.model.score(ids) { index, row in
                if logits != nil { all += row }
                if index + 1 < ids.count { sum -= logProbability(of: ids[index + 1], row) }
            }
        } catch {
            throw Refusal("\(options.model): \(error)")
        }
        if let logits {
            let tensor = Tensor(all, shape: [ids.count, vocabulary])
            try HostFile.write(NumPyFile.write(tensor), to: logits)
        }
        let perplexity = exp(sum / Double(max(ids.count - 1, 1)))
        print(
            json
                ? "{\"tokens\": \(ids.count), \"perplexity\": \(perplexity)}"
                : "perplexity \(String(format: "%.4f", perplexity)) over \(ids.count) tokens")
    }

    private func logProbability(of token: Int, _ row: [Float]) -> Double {
        let largest = Double(row.max() ?? 0)
        let total = row.reduce(0.0) { $0 + exp(Double($1) - largest) }
        return Double(row[token]) - largest - log(total)
    }
}
