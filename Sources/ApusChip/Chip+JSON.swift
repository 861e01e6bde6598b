import ApusNumerics

extension Chip {
    /// Reads a chip file and checks the chip.
    ///
    ///     {"name": "mine", "clockMegahertz": {"value": 800, "unit": "MHz", "source": "chosen"}, …}
    ///
    /// A number may stand alone; its source is then "chosen". All parameters must be given.
    ///
    /// - Throws: ``ChipError`` for the first fault.
    public init(json bytes: [UInt8]) throws(ChipError) {
        let value: JSONValue
        do { value = try JSONValue(reading: bytes) } catch { throw .json(error) }
        guard case .object(let fields) = value else { throw .notAnObject }
        let words = ["name", "memoryKind", "matrixFormats"]
        let known = words + ChipParameter.all.map(\.name)
        for field in fields where !known.contains(field.name) {
            throw .unknownField(field.name, nearest: NearestName.find(field.name, in: known))
        }
        self = Chip.nano
        sources = [:]
        name = try Chip.word(value, "name")
        let kind = try Chip.word(value, "memoryKind")
        guard let memoryKind = MemoryKind(rawValue: kind) else {
            throw .unknownWord(
                field: "memoryKind", word: kind, known: MemoryKind.allCases.map(\.rawValue))
        }
        self.memoryKind = memoryKind
        matrixFormats = try Chip.formats(value)
        for parameter in ChipParameter.all {
            guard let given = value[parameter.name] else { throw .missingField(parameter.name) }
            self[keyPath: parameter.path] = try number(given, parameter)
        }
        try validate()
    }

    /// The chip as a chip file.
    public var json: JSONValue {
        var fields = [JSONValue.Field("name", .string(name))]
        fields += ChipParameter.all.map { parameter in
            JSONValue.Field(
                parameter.name,
                .object([
                    JSONValue.Field("value", .integer(self[keyPath: parameter.path])),
                    JSONValue.Field("unit", .string(parameter.unit)),
                    JSONValue.Field("source", .string(sources[parameter.name] ?? "chosen")),
                ]))
        }
        fields.append(JSONValue.Field("memoryKind", .string(memoryKind.rawValue)))
        fields.append(
            JSONValue.Field("matrixFormats", .array(matrixFormats.map { .string("\($0)") })))
        return .object(fields)
    }

    private mutating func number(
        _ given: JSONValue, _ parameter: ChipParameter
    ) throws(ChipError) -> Int {
        if case .integer(let value) = given {
            return value
        }
        guard case .object(let fields) = given else {
            throw .wrongKind(field: parameter.name, expected: "a whole number of \(parameter.unit)")
        }
        for field in fields where !["value", "unit", "source"].contains(field.name) {
            throw .unknownField("\(parameter.name).\(field.name)", nearest: nil)
        }
        guard case .integer(let value) = given["value"] else {
            throw .wrongKind(
                field: "\(parameter.name).value", expected: "a whole number of \(parameter.unit)")
        }
        if let unit = given["unit"], unit != .string(parameter.unit) {
            throw .wrongKind(field: "\(parameter.name).unit", expected: "\"\(parameter.unit)\"")
        }
        if let source = given["source"] {
            guard case .string(let text) = source else {
                throw .wrongKind(field: "\(parameter.name).source", expected: "a string")
            }
            if text != "chosen" { sources[parameter.name] = text }
        }
        return value
    }

    private static func word(_ value: JSONValue, _ field: String) throws(ChipError) -> String {
        guard let given = value[field] else { throw .missingField(field) }
        guard case .string(let word) = given else {
            throw .wrongKind(field: field, expected: "a string")
        }
        return word
    }

    private static func formats(_ value: JSONValue) throws(ChipError) -> [ElementFormat] {
        let field = "matrixFormats"
        guard let given = value[field] else { throw .missingField(field) }
        guard case .array(let items) = given else {
            throw .wrongKind(field: field, expected: "a list of format names")
        }
        var formats: [ElementFormat] = []
        for item in items {
            guard case .string(let word) = item else {
                throw .wrongKind(field: field, expected: "a list of format names")
            }
            guard let format = ElementFormat.allCases.first(where: { "\($0)" == word }) else {
                throw .unknownWord(
                    field: field, word: word, known: ElementFormat.allCases.map { "\($0)" })
            }
            formats.append(format)
        }
        return formats
    }
}
