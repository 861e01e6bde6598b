/// Renders a template's statements within its limits.
struct TemplateInterpreter {
    /// How a run of statements ended.
    enum Outcome { case normal, brokeLoop, continuedLoop }

    let limits: TemplateLimits
    let macros: [TemplateMacroSyntax]
    let clock: TemplateClock
    /// Variables by name, the innermost scope last.
    var scopes: [[String: TemplateValue]]
    /// The fields of each `namespace()`.
    var namespaces: [TemplateDictionary] = []
    /// Where each macro was defined: the scopes that it sees.
    var macroScopes: [Int: Int] = [:]
    var output = ""
    var steps = 0
    /// Macros that wait for each other, and levels of statements and expressions.
    var depth = 0
    var levels = 0
    var line = 1

    init(
        limits: TemplateLimits, macros: [TemplateMacroSyntax], clock: TemplateClock,
        variables: [String: TemplateValue]
    ) {
        self.limits = limits
        self.macros = macros
        self.clock = clock
        scopes = [variables, [:]]
    }

    func error(_ problem: TemplateError.Problem) -> TemplateError {
        TemplateError(problem, line: line)
    }

    /// Counts work; every value, statement and element visited is some.
    mutating func step(_ count: Int = 1) throws(TemplateError) {
        steps += count
        if steps > limits.stepsMax { throw error(.tooManySteps(limit: limits.stepsMax)) }
    }

    /// Goes a level deeper; each costs stack, whatever it is of. The caller counts back.
    mutating func enter() throws(TemplateError) {
        levels += 1
        if levels > limits.depthMax * 8 { throw error(.tooDeep(limit: limits.depthMax * 8)) }
    }

    mutating func run(_ statements: [TemplateStatement]) throws(TemplateError) -> Outcome {
        defer { levels -= 1 }
        try enter()
        for statement in statements {
            try step()
            let outcome = try run(statement)
            if outcome != .normal { return outcome }
        }
        return .normal
    }

    private mutating func run(_ statement: TemplateStatement) throws(TemplateError) -> Outcome {
        switch statement {
        case .text(let text): try write(text)
        case .output(let expression):
            let value = try evaluate(expression)
            line = expression.line
            try write(try text(of: value))
        case .choice(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition).isTrue {
                return try run(branch.body)
            }
            return try run(otherwise)
        case .loop(let loop): try run(loop)
        case .set(let names, let expression):
            try assign(names, try evaluate(expression))
        case .setField(let name, let field, let expression):
            let value = try evaluate(expression)
            line = expression.line
            guard case .namespace(let index)? = variable(name) else {
                throw error(.kinds(operation: "set \(name).\(field)", found: "another value"))
            }
            namespaces[index][field] = value
        case .setBlock(let name, let body, let line):
            let text = try captured { interpreter throws(TemplateError) in
                interpreter.scopes.append([:])
                defer { interpreter.scopes.removeLast() }
                _ = try interpreter.run(body)
            }
            self.line = line
            try assign([name], .string(text))
        case .macro(let index):
            macroScopes[index] = scopes.count
            try assign([macros[index].name], .macro(index))
        case .scope(let values, let body):
            var scope: [String: TemplateValue] = [:]
            for item in values { scope[item.name] = try evaluate(item.value) }
            scopes.append(scope)
            defer { scopes.removeLast() }
            return try run(body)
        case .breakLoop: return .brokeLoop
        case .continueLoop: return .continuedLoop
        }
        return .normal
    }

    private mutating func run(_ loop: TemplateLoopSyntax) throws(TemplateError) {
        var items = try elements(of: try evaluate(loop.items), operation: "for")
        if let condition = loop.condition {
            var kept: [TemplateValue] = []
            for item in items {
                try step()
                scopes.append([:])
                defer { scopes.removeLast() }
                try assign(loop.targets, item)
                if try evaluate(condition).isTrue { kept.append(item) }
            }
            items = kept
        }
        for (index, item) in items.enumerated() {
            try step()
            let state = TemplateLoop(
                index: index, count: items.count, previous: index > 0 ? items[index - 1] : nil,
                next: index + 1 < items.count ? items[index + 1] : nil)
            scopes.append(["loop": .loop(state)])
            defer { scopes.removeLast() }
            try assign(loop.targets, item)
            if try run(loop.body) == .brokeLoop { return }
        }
        if items.isEmpty { _ = try run(loop.otherwise) }
    }

    /// Sets variables of the innermost scope, one or as many as the value has elements.
    mutating func assign(_ names: [String], _ value: TemplateValue) throws(TemplateError) {
        let last = scopes.count - 1
        if names.count == 1 {
            scopes[last][names[0]] = value
            return
        }
        let items = try elements(of: value, operation: "unpack")
        guard items.count == names.count else {
            throw error(.kinds(operation: "unpack", found: "\(items.count) values"))
        }
        for (name, item) in zip(names, items) { scopes[last][name] = item }
    }

    func variable(_ name: String) -> TemplateValue? {
        for scope in scopes.reversed() {
            if let value = scope[name] { return value }
        }
        return nil
    }

    mutating func write(_ text: String) throws(TemplateError) {
        try charge(text)
        output += text
        try checkSize(output)
    }

    func checkSize(_ text: String) throws(TemplateError) {
        if text.utf8.count > limits.bytesMax { throw error(.tooLarge(limit: limits.bytesMax)) }
    }

    /// Counts the making or reading of a text.
    mutating func charge(_ text: String) throws(TemplateError) {
        try step(text.utf8.count / 64)
    }

    /// Counts looking for `part` in a text, which takes the product of their lengths at worst.
    mutating func chargeSearch(_ text: String, _ part: String) throws(TemplateError) {
        let (product, overflow) = (text.utf8.count / 64).multipliedReportingOverflow(
            by: 1 + part.utf8.count / 16)
        try step(overflow ? limits.stepsMax : product)
    }

    func text(of value: TemplateValue) throws(TemplateError) -> String {
        try TemplateText.output(value, limits: limits, line: line)
    }

    /// What `body` writes, which does not go to the output.
    mutating func captured(
        _ body: (inout TemplateInterpreter) throws(TemplateError) -> Void
    ) throws(TemplateError) -> String {
        let outer = output
        output = ""
        defer { output = outer }
        try body(&self)
        return output
    }

    /// The elements of a list, the keys of a mapping, the characters of a text.
    mutating func elements(
        of value: TemplateValue, operation: String
    ) throws(TemplateError) -> [TemplateValue] {
        let items: [TemplateValue]
        switch value {
        case .list(let list), .tuple(let list): items = list
        case .dictionary(let dictionary): items = dictionary.fields.map { .string($0.name) }
        case .string(let text):
            try step(text.unicodeScalars.count)
            return text.unicodeScalars.map { .string(String($0)) }
        case .undefined: items = []
        default: throw error(.kinds(operation: operation, found: value.kind))
        }
        try step(items.count)
        return items
    }

    /// Calls a macro with its arguments.
    mutating func call(
        macro index: Int, _ positional: [TemplateValue],
        _ named: [(name: String, value: TemplateValue)]
    ) throws(TemplateError) -> TemplateValue {
        let macro = macros[index]
        let callLine = line
        depth += 1
        defer { depth -= 1 }
        if depth > limits.depthMax { throw error(.tooDeep(limit: limits.depthMax)) }
        guard positional.count <= macro.parameters.count else {
            throw error(.arguments(of: macro.name))
        }
        let outer = scopes
        scopes = Array(scopes.prefix(macroScopes[index] ?? 2))
        scopes.append([:])
        defer { scopes = outer }
        let last = scopes.count - 1
        for argument in named where !macro.parameters.contains(where: { $0.name == argument.name })
        {
            throw error(.arguments(of: macro.name))
        }
        for (place, parameter) in macro.parameters.enumerated() {
            let value: TemplateValue
            if place < positional.count {
                value = positional[place]
            } else if let given = named.first(where: { $0.name == parameter.name }) {
                value = given.value
            } else if let standard = parameter.standard {
                value = try evaluate(standard)
            } else {
                value = .undefined(parameter.name)
            }
            scopes[last][parameter.name] = value
        }
        let text = try captured { interpreter throws(TemplateError) in
            _ = try interpreter.run(macro.body)
        }
        line = callLine
        return .string(text)
    }
}

/// What `loop` knows inside a loop.
struct TemplateLoop: Sendable {
    let index: Int
    let count: Int
    let previous: TemplateValue?
    let next: TemplateValue?

    /// A field of `loop`; nil for a name that it does not have.
    func field(_ name: String) -> TemplateValue? {
        switch name {
        case "index": .integer(index + 1)
        case "index0": .integer(index)
        case "revindex": .integer(count - index)
        case "revindex0": .integer(count - index - 1)
        case "first": .bool(index == 0)
        case "last": .bool(index == count - 1)
        case "length": .integer(count)
        case "previtem": previous ?? .undefined("previtem")
        case "nextitem": next ?? .undefined("nextitem")
        case "cycle": .method("cycle", .integer(index))
        default: nil
        }
    }
}
