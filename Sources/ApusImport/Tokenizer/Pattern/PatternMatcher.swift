/// Finds a pattern in text of valid UTF-8.
///
/// It backtracks. A pattern that would take exponential time is caught by counting steps: past
/// the budget the matcher remembers which states have failed and visits none twice, so the time
/// is bounded by the product of the pattern's and the text's length.
struct PatternMatcher {
    /// Steps of one attempt before failed states are remembered.
    static let stepsBeforeMemory = 50_000
    /// An attempt that would have to remember more states (32 MB of them) counts as failed. A
    /// published pattern gets there in a word of megabytes.
    static let statesMax = 1 << 28

    private let instructions: [Pattern.Instruction]
    private let sets: [ScalarSet]
    private let text: UnsafeBufferPointer<UInt8>
    private let stepBudget: Int
    /// Places to go back to when a way fails.
    private var choices: [Choice] = []

    private struct Choice {
        var instruction: Int
        /// Where to go on.
        var position: Int
        /// How far back a run may still be shortened.
        var positionMin: Int
    }

    init(
        _ pattern: Pattern, in text: UnsafeBufferPointer<UInt8>,
        stepBudget: Int = PatternMatcher.stepsBeforeMemory
    ) {
        instructions = pattern.instructions
        sets = pattern.sets
        self.text = text
        self.stepBudget = stepBudget
    }

    /// The end of the match that starts at `start`; nil if there is none.
    mutating func match(at start: Int) -> Int? { run(from: 0, at: start) }

    private mutating func run(from first: Int, at start: Int) -> Int? {
        let floor = choices.count
        defer { choices.removeLast(choices.count - floor) }
        choices.append(Choice(instruction: first, position: start, positionMin: start))
        var steps = 0
        var failed = FailedStates()
        while choices.count > floor {
            let last = choices.count - 1
            var instruction = choices[last].instruction
            var position = choices[last].position
            if position > choices[last].positionMin {
                choices[last].position = previous(position)
            } else {
                choices.removeLast()
            }
            while true {
                steps += 1
                if steps > stepBudget {
                    if failed.isEmpty {
                        let states = instructions.count * (text.count - start + 1)
                        if states > PatternMatcher.statesMax { return nil }
                        failed = FailedStates(instructions.count, start...text.count)
                    }
                    if !failed.insert(instruction, position) { break }
                }
                if case .accept = instructions[instruction] { return position }
                guard step(&instruction, &position) else { break }
            }
        }
        return nil
    }

    /// Performs one instruction; false if this way fails.
    @inline(__always)
    private mutating func step(_ instruction: inout Int, _ position: inout Int) -> Bool {
        switch instructions[instruction] {
        case .one(let set):
            guard position < text.count else { return false }
            let (scalar, width) = text.scalar(at: position)
            guard sets[set].contains(scalar) else { return false }
            position += width
        case .run(let set, let min, let max, let isPossessive):
            guard let (end, least) = takeRun(of: set, min, max, from: position) else {
                return false
            }
            if end > least && !isPossessive {
                choices.append(
                    Choice(
                        instruction: instruction + 1, position: previous(end), positionMin: least))
            }
            position = end
        case .split(let preferred, let other):
            choices.append(
                Choice(instruction: other, position: position, positionMin: position))
            instruction = preferred
            return true
        case .jump(let target):
            instruction = target
            return true
        case .lookahead(let isNegated, let end):
            guard (run(from: instruction + 1, at: position) == nil) == isNegated else {
                return false
            }
            instruction = end
            return true
        case .atomic(let end):
            guard let taken = run(from: instruction + 1, at: position) else { return false }
            position = taken
            instruction = end
            return true
        case .lineStart:
            guard position == 0 || text[position - 1] == 0x0A else { return false }
        case .lineEnd:
            guard position == text.count || text[position] == 0x0A else { return false }
        case .textStart: guard position == 0 else { return false }
        case .textEnd: guard position == text.count else { return false }
        case .accept: return true
        }
        instruction += 1
        return true
    }

    /// Where the longest run ends and where the shortest would; nil if it is too short.
    @inline(__always)
    private func takeRun(
        of set: Int, _ min: Int, _ max: Int, from start: Int
    ) -> (end: Int, least: Int)? {
        var end = start
        var least = start
        var count = 0
        while count < max && end < text.count {
            let (scalar, width) = text.scalar(at: end)
            guard sets[set].contains(scalar) else { break }
            end += width
            count += 1
            if count == min { least = end }
        }
        return count < min ? nil : (end, least)
    }

    private func previous(_ position: Int) -> Int {
        var result = position - 1
        while result > 0 && text[result] & 0xC0 == 0x80 { result -= 1 }
        return result
    }
}

/// A bit for each pair of instruction and position.
private struct FailedStates {
    private var bits: [UInt64] = []
    private var lower = 0
    private var positions = 0

    init() {}

    init(_ instructions: Int, _ range: ClosedRange<Int>) {
        lower = range.lowerBound
        positions = range.count
        bits = Array(repeating: 0, count: (instructions * positions + 63) / 64)
    }

    var isEmpty: Bool { bits.isEmpty }

    /// Notes a state; false if it was noted before.
    mutating func insert(_ instruction: Int, _ position: Int) -> Bool {
        let index = instruction * positions + position - lower
        let mask: UInt64 = 1 << UInt64(index & 63)
        if bits[index >> 6] & mask != 0 { return false }
        bits[index >> 6] |= mask
        return true
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The scalar that starts at `index` of valid UTF-8, and its length in bytes.
    @inline(__always)
    func scalar(at index: Int) -> (scalar: Unicode.Scalar, width: Int) {
        let first = UInt32(self[index])
        if first < 0x80 { return (Unicode.Scalar(UInt8(first)), 1) }
        let width = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard first >= 0xC2, first < 0xF5, index + width <= count else { return ("\u{FFFD}", 1) }
        var value = first & (0x7F >> UInt32(width))
        for offset in 1..<width { value = value << 6 | UInt32(self[index + offset] & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", width)
    }
}

extension Pattern {
    /// The matches in `text`, in order and apart from each other.
    ///
    /// - Parameter body: called with each match's bytes.
    func forEachMatch(
        in text: UnsafeBufferPointer<UInt8>,
        stepBudget: Int = PatternMatcher.stepsBeforeMemory, _ body: (Range<Int>) -> Void
    ) {
        var matcher = PatternMatcher(self, in: text, stepBudget: stepBudget)
        var position = 0
        while position < text.count {
            if let end = matcher.match(at: position), end > position {
                body(position..<end)
                position = end
            } else {
                position += text.scalar(at: position).width
            }
        }
    }

    /// The matches in `text`, as bytes of its UTF-8.
    ///
    /// - Parameter stepBudget: steps of an attempt before failed states are remembered; 0 does so
    ///   from the start.
    package func matches(in text: String, stepBudget: Int) -> [Range<Int>] {
        var text = text
        return text.withUTF8 { bytes in
            var found: [Range<Int>] = []
            forEachMatch(in: bytes, stepBudget: stepBudget) { found.append($0) }
            return found
        }
    }
}
