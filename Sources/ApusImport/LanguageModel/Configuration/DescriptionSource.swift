import ApusChip

/// Named values that describe a model: GGUF metadata or a JSON object.
///
/// An absent value is nil; one of another kind throws.
protocol DescriptionSource {
    /// The file's path, for messages.
    var path: String { get }
    func integer(_ name: String) throws(ImportError) -> Int?
    func number(_ name: String) throws(ImportError) -> Double?
    func bool(_ name: String) throws(ImportError) -> Bool?
    func text(_ name: String) throws(ImportError) -> String?
}

extension DescriptionSource {
    /// A count or size that must be there.
    func size(
        _ name: String, in range: ClosedRange<Int> = 1...1 << 24
    ) throws(ImportError) -> Int {
        guard let value = try optionalSize(name, in: range) else {
            throw .description(path, .missing(name))
        }
        return value
    }

    /// A count or size that may be absent.
    func optionalSize(
        _ name: String, in range: ClosedRange<Int> = 1...1 << 24
    ) throws(ImportError) -> Int? {
        guard let value = try integer(name) else { return nil }
        guard range.contains(value) else {
            throw .description(
                path,
                .value(
                    name, found: "\(value)",
                    allowed: "from \(range.lowerBound) to \(range.upperBound)"))
        }
        return value
    }

    /// A positive finite number that may be absent.
    func positive(_ name: String) throws(ImportError) -> Float? {
        guard let value = try number(name) else { return nil }
        let float = Float(value)
        guard float > 0, float.isFinite else {
            throw .description(
                path, .value(name, found: "\(value)", allowed: "a positive number"))
        }
        return float
    }

    /// The error of a value that is none of those allowed.
    func refused(_ name: String, _ found: String, allowed: String) -> ImportError {
        .description(path, .value(name, found: found, allowed: allowed))
    }
}

/// GGUF metadata whose keys begin with the architecture's name.
struct GGUFDescription: DescriptionSource {
    let metadata: GGUFMetadata
    let architecture: String

    var path: String { metadata.file.path }
    private func key(_ name: String) -> String { "\(architecture).\(name)" }

    func has(_ name: String) -> Bool { metadata.has(key(name)) }

    /// An integer, or an array's one value if all layers have the same.
    func integer(_ name: String) throws(ImportError) -> Int? {
        guard metadata.isArray(key(name)) else { return try metadata.integer(key(name)) }
        let values = try metadata.integers(key(name)) ?? []
        guard let first = values.first, values.allSatisfy({ $0 == first }) else {
            throw refused(key(name), "a different number for each layer", allowed: "one number")
        }
        return first
    }

    func number(_ name: String) throws(ImportError) -> Double? { try metadata.number(key(name)) }
    func bool(_ name: String) throws(ImportError) -> Bool? { try metadata.bool(key(name)) }
    func text(_ name: String) throws(ImportError) -> String? { try metadata.text(key(name)) }
}

/// A JSON object of a file; `null` counts as absent.
struct JSONDescription: DescriptionSource {
    let path: String
    let value: JSONValue
    /// The names of the objects around it, for messages.
    var prefix = ""

    private func kind(_ name: String, _ expected: String) -> ImportError {
        .description(path, .kind(prefix + name, expected: expected))
    }

    func has(_ name: String) -> Bool { field(name) != nil }

    func field(_ name: String) -> JSONValue? {
        guard let found = value[name], found != .null else { return nil }
        return found
    }

    func integer(_ name: String) throws(ImportError) -> Int? {
        switch field(name) {
        case nil: return nil
        case .integer(let value): return value
        case .number(let value):
            guard let exact = Int(exactly: value) else { throw kind(name, "an integer") }
            return exact
        default: throw kind(name, "an integer")
        }
    }

    func number(_ name: String) throws(ImportError) -> Double? {
        switch field(name) {
        case nil: return nil
        case .integer(let value): return Double(value)
        case .number(let value): return value
        default: throw kind(name, "a number")
        }
    }

    func bool(_ name: String) throws(ImportError) -> Bool? {
        switch field(name) {
        case nil: return nil
        case .bool(let value): return value
        default: throw kind(name, "true or false")
        }
    }

    func text(_ name: String) throws(ImportError) -> String? {
        switch field(name) {
        case nil: return nil
        case .string(let value): return value
        default: throw kind(name, "a string")
        }
    }

    /// The array of a field.
    func array(_ name: String) throws(ImportError) -> [JSONValue]? {
        switch field(name) {
        case nil: return nil
        case .array(let items): return items
        default: throw kind(name, "an array")
        }
    }

    /// An object within.
    func object(_ name: String) throws(ImportError) -> JSONDescription? {
        guard let found = field(name) else { return nil }
        guard case .object = found else { throw kind(name, "an object") }
        return JSONDescription(path: path, value: found, prefix: prefix + name + ".")
    }
}
