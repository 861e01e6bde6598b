import ApusChip
import ApusImport
import ApusLLM
import ApusRuntime
import ArgumentParser

/// `apus-dev chat-mixes`: the bits of requests in random batches, against those of each alone.
struct ChatMixes: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat-mixes",
        abstract: "Check that a request's bits do not depend on its batch, chip or threads.")

    @Argument(help: "A GGUF file or a Hugging Face folder.")
    var model: String

    @Option(help: "Random mixes.")
    var mixes = 200

    @Option(help: "The first mix's seed.")
    var seed: UInt64 = 1

    @Option(help: "Presets that are taken in turn.")
    var chips = "edge14,nano"

    @Option(help: "Requests that mixes draw from.")
    var requests = 12

    @Option(help: "The name of the claim that is printed.")
    var name = "chat.same_bits"

    @Option(help: "Tokens of the longest prompt.")
    var promptMax = 60

    func run() throws {
        let files = try LanguageModelFiles(path: model)
        var random = SplitMix(state: seed)
        let pool = makeRequests(files.configuration.vocabularySize, &random)
        let devices = try chips.split(separator: ",").flatMap { name in
            guard let chip = Chip.preset(named: String(name)) else {
                throw ValidationError("there is no preset \(name)")
            }
            return try [1, 2].map { try engine(files, chip, threads: $0) }
        }
        var alone: [BatchOutcome] = []
        for request in pool {
            var mix = BatchMix(of: [request], countMax: 1, rowsMax: 64, using: &random)
            mix.sharesPrefixes = false
            mix.requests[0].step = 0
            mix.promptRowsMax = 64
            alone.append(try mix.run(on: devices[0])[0])
        }
        var equal = 0
        for number in 0..<mixes {
            var own = SplitMix(state: seed &+ UInt64(number) &* 7919)
            let mix = BatchMix(of: pool, countMax: 6, rowsMax: 64, using: &own)
            let found = try mix.run(on: devices[number % devices.count])
            let wanted = mix.requests.map { item in
                pool.firstIndex { $0.prompt == item.request.prompt }.map { alone[$0] }
            }
            if zip(found, wanted).allSatisfy({ $0 == $1 }) {
                equal += 1
            } else {
                print("mix \(number) of seed \(seed) differs")
            }
        }
        let shared = devices.reduce(0) { $0 + $1.sharedTokens }
        print(
            "\(mixes) mixes, \(devices.count) machines, \(shared) tokens taken from earlier pages")
        print("\(name): \(equal)")
    }

    /// Prompts, some of which begin alike, with sampling of all kinds.
    private func makeRequests(_ vocabulary: Int, _ random: inout SplitMix) -> [GenerationRequest] {
        let common = (0..<promptMax / 2).map { _ in Int.random(in: 0..<vocabulary, using: &random) }
        return (0..<requests).map { number in
            let own = (0..<Int.random(in: 1...promptMax / 2, using: &random)).map { _ in
                Int.random(in: 0..<vocabulary, using: &random)
            }
            var sampling = SamplingParameters(seed: UInt64(number))
            if number % 3 > 0 { sampling.temperature = 0.9 }
            if number % 4 == 1 { sampling.topK = 20 }
            if number % 4 == 2 { sampling.topP = 0.9 }
            if number % 5 == 3 { sampling.repetitionPenalty = 1.2 }
            if number % 5 == 4 { sampling.minP = 0.05 }
            return GenerationRequest(
                prompt: number % 2 == 0 ? common + own : own,
                maxTokens: Int.random(in: 1...12, using: &random), sampling: sampling)
        }
    }

    private func engine(
        _ files: LanguageModelFiles, _ chip: Chip, threads: Int
    ) throws -> Engine {
        let device = try EmulatedDevice(chip: chip, threads: threads, mode: .fast)
        return Engine(
            try LanguageModel(
                files, on: device,
                limits: LanguageModelLimits(
                    rowsMax: 64, contextMax: 128, cacheTokens: 1024, selectedMax: 8,
                    sequencesMax: 8)))
    }
}

/// A small generator with a printed seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
