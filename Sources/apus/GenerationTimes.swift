import ApusLLM
import FoundationEssentials
import Glibc

/// When what happened while a prompt was answered.
struct GenerationTimes {
    private let start = Date()
    private var promptTokens = 0
    private var ready = Date()
    private var first: Date?
    private var last: Date?
    private var ended = Date()
    private var generated = 0

    /// The model is loaded and the prompt is known.
    mutating func loaded(prompt: Int) {
        ready = Date()
        promptTokens = prompt
    }

    /// A token was chosen.
    mutating func note() {
        last = Date()
        if first == nil { first = last }
        generated += 1
    }

    /// Nothing follows.
    mutating func end() { ended = Date() }

    private struct Fields: Encodable {
        var text: String
        var tokens: [Int]
        var promptTokens, generatedTokens: Int
        var loadSeconds, firstTokenSeconds, prefillSeconds, decodeSeconds: Double
        var prefillTokensPerSecond, decodeTokensPerSecond: Double
        var peakBytes, weightBytes, cacheBytes: Int
        /// Of the whole run: what the chip did, and what the host did in its place.
        var launches, hostSteps, commands, multiplyAdds: Int
        var bytesLoaded, bytesStored, controlInstructions: Int
    }

    /// The times and counts as JSON.
    func json(text: String, tokens: [Int], model: LanguageModel) -> String {
        let prefill = (first ?? ended).timeIntervalSince(ready)
        let decode = (last ?? ended).timeIntervalSince(first ?? ended)
        let report = model.report
        let fields = Fields(
            text: text, tokens: tokens, promptTokens: promptTokens, generatedTokens: generated,
            loadSeconds: ready.timeIntervalSince(start),
            firstTokenSeconds: (first ?? ended).timeIntervalSince(start),
            prefillSeconds: prefill, decodeSeconds: decode,
            prefillTokensPerSecond: prefill > 0 ? Double(promptTokens) / prefill : 0,
            decodeTokensPerSecond: decode > 0 ? Double(generated - 1) / decode : 0,
            peakBytes: PeakMemory.bytes, weightBytes: model.weightBytes,
            cacheBytes: model.cacheBytes, launches: report.launches, hostSteps: report.hostSteps,
            commands: report.commands, multiplyAdds: report.multiplyAdds,
            bytesLoaded: report.bytesLoaded, bytesStored: report.bytesStored,
            controlInstructions: report.controlInstructions)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let data = try? encoder.encode(fields) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

/// The largest amount of memory that this process has had.
enum PeakMemory {
    static var bytes: Int {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        return usage.ru_maxrss * 1024
    }
}
