import ApusChip
import ApusImport
import ArgumentParser
import Foundation

/// Encodes and decodes lines of JSON, for comparing with other implementations.
struct Tokenize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Encode and decode lines of JSON with a model's tokenizer.",
        discussion: """
            Each line of the input is {"text": …} or {"ids": […]}; each line of the output has the
            ids and the text that they decode to.
            """)

    @Argument(help: "A tokenizer.json or a GGUF file.") var file: String
    @Flag(help: "Add what every text begins and ends with.") var addSpecial = false
    @Flag(help: "Take the spelling of a special token in a text for the token.")
    var parseSpecial = false
    @Flag(help: "Leave special tokens out of decoded text.") var skipSpecial = false
    @Flag(help: "Decode id by id, as a chat does.") var streaming = false
    @Flag(help: "Print how long loading took, and read no lines.") var time = false

    func run() throws {
        let start = ContinuousClock.now
        let tokenizer = try load()
        if time {
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            print("chat.tokenizer_load_seconds: \(String(format: "%.3f", seconds))")
            return
        }
        while let line = readLine() {
            let value = try JSONValue(reading: Array(line.utf8))
            print(answer(value, tokenizer))
        }
    }

    private func load() throws -> Tokenizer {
        guard file.hasSuffix(".gguf") else {
            let bytes = try MappedFile(path: file).span.array
            return try Tokenizer(json: bytes, configuration: nil)
        }
        return try Tokenizer(.gguf(GGUFFile(path: file).metadata))
    }

    private func answer(_ request: JSONValue, _ tokenizer: Tokenizer) -> String {
        var ids: [Int32] = []
        if case .string(let text)? = request["text"] {
            ids = tokenizer.encode(
                text, addSpecialTokens: addSpecial, parseSpecialTokens: parseSpecial)
        } else if case .array(let given)? = request["ids"] {
            for case .integer(let id) in given { ids.append(Int32(truncatingIfNeeded: id)) }
        }
        var text = ""
        if streaming {
            var decoder = tokenizer.streamingDecoder(skipSpecialTokens: skipSpecial)
            for id in ids { text += decoder.append(id) }
            text += decoder.finish()
        } else {
            text = tokenizer.decode(ids, skipSpecialTokens: skipSpecial)
        }
        let list = ids.map(String.init).joined(separator: ",")
        return "{\"ids\":[\(list)],\"text\":\(JSONValue.string(text).text)}"
    }
}
