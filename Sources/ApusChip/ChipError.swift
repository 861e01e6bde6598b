/// Why a chip, or the text of a chip file, is refused.
public enum ChipError: Error, Equatable, Sendable {
    /// The file is not JSON.
    case json(JSONError)
    /// The file's value is not an object.
    case notAnObject
    /// No parameter has this name; `nearest` is one that nearly has.
    case unknownField(String, nearest: String?)
    /// A parameter has no value.
    case missingField(String)
    /// A value of another kind than `expected`.
    case wrongKind(field: String, expected: String)
    /// A value beyond its bounds.
    case outOfBounds(field: String, value: Int, bounds: ClosedRange<Int>, unit: String)
    /// A value that is not a multiple of `step`.
    case notMultiple(field: String, value: Int, step: Int, unit: String)
    /// A value that is not a power of two.
    case notPowerOfTwo(field: String, value: Int)
    /// Smaller than other parameters need it to be.
    case tooSmall(field: String, value: Int, needed: Int, because: Need)
    /// A word that is not one of those known.
    case unknownWord(field: String, word: String, known: [String])
    /// A name that has other characters than lower-case letters, digits and hyphens.
    case badName(String)

    /// What a parameter must be large enough for.
    public enum Need: Equatable, Sendable {
        /// One tile of matrixRows × matrixColumns 64-bit accumulators.
        case accumulatorTile
        /// Two operands' tiles, double buffered.
        case operandTiles
    }
}

extension ChipError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .json(let error): return error.description
        case .notAnObject: return "a chip file is one JSON object"
        case .unknownField(let name, let nearest):
            return "unknown field \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
        case .missingField(let name): return "the field \"\(name)\" is missing"
        case .wrongKind(let field, let expected): return "\(field): expected \(expected)"
        case .outOfBounds(let field, let value, let bounds, let unit):
            return "\(field): \(value) \(unit) is outside "
                + "\(bounds.lowerBound)...\(bounds.upperBound)"
        case .notMultiple(let field, let value, let step, let unit):
            return "\(field): \(value) \(unit) is not a multiple of \(step)"
        case .notPowerOfTwo(let field, let value):
            return "\(field): \(value) is not a power of two"
        case .tooSmall(let field, let value, let needed, let need):
            return "\(field): \(value) is less than \(needed), which \(need.description) takes"
        case .unknownWord(let field, let word, let known):
            return "\(field): \"\(word)\" is none of \(known.joined(separator: ", "))"
        case .badName(let name):
            return "name: \"\(name)\" has other characters than a-z, 0-9 and '-'"
        }
    }
}

extension ChipError.Need: CustomStringConvertible {
    public var description: String {
        switch self {
        case .accumulatorTile: "a tile of matrixRows x matrixColumns accumulators"
        case .operandTiles: "a buffer of 32-bit operands for one step of the array, twice"
        }
    }
}
