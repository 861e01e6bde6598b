import ApusChip
import ApusImport
import Foundation
import Testing

import ApusLLM

@Suite("Logits against an independent implementation")
struct GoldenLogitsTests {
    /// Of every token, where the bar of docs/language-models/reference.md is 0.9998 on the mean;
    /// the tokens are too few to count those whose largest logit agrees.
    @Test(
        "the tiny Llama's logits are those of transformers in FP32",
        arguments: [Chip.edge14, .nano])
    func tinyLlama(_ chip: Chip) throws {
        let files = try LanguageModelFiles(path: SmallModel.goldens)
        let ids = try JSONDecoder().decode(
            [Int].self,
            from: Data(contentsOf: URL(fileURLWithPath: SmallModel.goldens + "/ids.json")))
        let raw = try Data(contentsOf: URL(fileURLWithPath: SmallModel.goldens + "/logits.npy"))
        let vocabulary = files.configuration.vocabularySize
        let header = raw.count - 4 * ids.count * vocabulary
        let wanted = raw.dropFirst(header).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        var lowest = 1.0
        try SmallModel.load(files, chip).model.score(ids) { index, row in
            let reference = wanted[index * vocabulary..<(index + 1) * vocabulary]
            var (dot, ours, theirs) = (0.0, 0.0, 0.0)
            for (a, b) in zip(row, reference) {
                dot += Double(a) * Double(b)
                ours += Double(a) * Double(a)
                theirs += Double(b) * Double(b)
            }
            lowest = min(lowest, dot / (ours * theirs).squareRoot())
        }
        #expect(lowest >= 0.9999)
    }
}
