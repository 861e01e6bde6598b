/// Why a question about cost cannot be answered as asked.
public enum CostError: Error, Equatable, Sendable {
    /// No process has this name.
    case unknownNode(String, known: [String])
    /// No model has this name.
    case unknownModel(String, known: [String])
    /// No part has this name.
    case unknownPart(String, known: [String])
    /// A quantity that must be positive is not.
    case notPositive(quantity: String, value: Double, unit: String)
    /// A number was expected.
    case notANumber(quantity: String, text: String)
    /// A die larger than what a scanner exposes at once.
    case beyondReticle(area: Double, limit: Double)
    /// No part in the comparison meets the service level.
    case noPartMeets(milliseconds: Double, bestPart: String, bestMilliseconds: Double)
    /// A word that is not one of those known.
    case unknownWord(option: String, word: String, known: [String])
    /// The exploration's file is not one, or of other limits.
    case badProgress(path: String, reason: ProgressFault)
    /// A file cannot be read or written.
    case file(path: String, errno: Int32)
    /// No design meets the limits.
    case nothingFits(area: Double, power: Double, node: String)

    /// What is wrong with a file of an exploration.
    public enum ProgressFault: Equatable, Sendable {
        case notAnExploration
        case otherQuestion
        case brokenLine(Int)
    }
}

extension CostError: CustomStringConvertible {
    /// One sentence: what is wrong and what would work.
    public var description: String {
        switch self {
        case .unknownNode(let name, let known):
            "no process '\(name)'; there are \(list(known))"
        case .unknownModel(let name, let known):
            "no model '\(name)'; there are \(list(known))"
        case .unknownPart(let name, let known):
            "no part '\(name)'; there are \(list(known))"
        case .notPositive(let quantity, let value, let unit):
            "\(quantity) is \(format(value)) \(unit); it must be more than 0"
        case .notANumber(let quantity, let text):
            "\(quantity) '\(text)' is not a number"
        case .beyondReticle(let area, let limit):
            "a die of \(format(area)) mm² is beyond the \(format(limit)) mm² of a reticle; "
                + "fewer cores or less SRAM would fit"
        case .noPartMeets(let asked, let part, let best):
            "no part gives a token in \(format(asked)) ms; "
                + "the nearest is \(part) with \(format(best)) ms"
        case .unknownWord(let option, let word, let known):
            "\(option) has no '\(word)'; there are \(list(known))"
        case .badProgress(let path, let fault):
            "\(path): \(sentence(fault))"
        case .file(let path, let code):
            "\(path): cannot be read or written (error \(code)); another path would work"
        case .nothingFits(let area, let power, let node):
            "no design of \(node) fits \(format(area)) mm² and \(format(power)) W; "
                + "raise --area or --power"
        }
    }

    private func sentence(_ fault: ProgressFault) -> String {
        switch fault {
        case .notAnExploration: "is not the progress of an exploration; name another file"
        case .otherQuestion: "belongs to other limits or another model; name another file"
        case .brokenLine(let line): "line \(line) is broken; delete that line and resume"
        }
    }

    private func list(_ known: [String]) -> String { known.joined(separator: ", ") }

    private func format(_ value: Double) -> String { Figure.short(value) }
}
