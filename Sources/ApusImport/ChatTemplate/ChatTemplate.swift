import ApusChip

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The template by which a model's makers turn a chat into the text that the model reads.
///
///     let template = try ChatTemplate("{% for m in messages %}{{ m.content }}{% endfor %}")
///     try template.render(
///         messages: [ChatMessage(role: "user", content: "Hi")], addGenerationPrompt: false)
///
/// Published models carry such a template in the Jinja language. What is supported of it, and
/// what the template may use up, is on docs/language-models/tokenizers.md.
public struct ChatTemplate: Sendable {
    /// The template's text.
    public let source: String
    private let body: [TemplateStatement]
    private let macros: [TemplateMacroSyntax]

    /// Reads a template.
    ///
    /// - Throws: ``TemplateError`` with the line of what is wrong or not supported.
    public init(_ source: String) throws(TemplateError) {
        self.source = source
        (body, macros) = try TemplateParser.parse(source)
    }

    /// The text of a chat.
    ///
    /// - Parameters:
    ///   - messages: from the first to the last.
    ///   - addGenerationPrompt: whether to end with what an answer begins with.
    ///   - tools: descriptions of functions that the model may call, as JSON.
    ///   - variables: further names that the template sees, such as `bos_token` or
    ///     `enable_thinking`.
    ///   - clock: the time that `strftime_now` tells.
    ///   - limits: what rendering may use up.
    /// - Throws: ``TemplateError``, also where the template itself refuses the messages.
    public func render(
        messages: [ChatMessage], addGenerationPrompt: Bool, tools: [JSONValue] = [],
        variables: [String: JSONValue] = [:], clock: TemplateClock = .now,
        limits: TemplateLimits = .chat
    ) throws(TemplateError) -> String {
        var values = variables.mapValues { TemplateValue($0) }
        values["messages"] = .list(messages.map { TemplateValue($0.json) })
        values["tools"] =
            tools.isEmpty ? TemplateValue.none : .list(tools.map { TemplateValue($0) })
        values["documents"] = values["documents"] ?? TemplateValue.none
        values["add_generation_prompt"] = .bool(addGenerationPrompt)
        var interpreter = TemplateInterpreter(
            limits: limits, macros: macros, clock: clock, variables: values)
        for name in values.keys.sorted() {
            if let value = values[name] { _ = try interpreter.checked(value) }
        }
        _ = try interpreter.run(body)
        return interpreter.output
    }
}

/// One message of a chat.
public struct ChatMessage: Sendable, Equatable {
    /// Who speaks: `system`, `user`, `assistant` or `tool`.
    public var role: String
    /// What is said.
    public var content: String
    /// Further fields that templates may use, such as `tool_calls`.
    public var fields: [JSONValue.Field]

    /// A message of text.
    public init(role: String, content: String, fields: [JSONValue.Field] = []) {
        self.role = role
        self.content = content
        self.fields = fields
    }

    /// The message as templates see it; a field named `content` replaces the text.
    var json: JSONValue {
        var all = [JSONValue.Field("role", .string(role))]
        if !fields.contains(where: { $0.name == "content" }) {
            all.append(JSONValue.Field("content", .string(content)))
        }
        return .object(all + fields)
    }
}

/// The time that templates ask for.
public struct TemplateClock: Sendable {
    /// Seconds since 1970 in UTC.
    public let seconds: Int

    /// A fixed time.
    public init(seconds: Int) { self.seconds = seconds }

    /// This moment.
    public static var now: TemplateClock { TemplateClock(seconds: time(nil)) }

    /// The local time as `strftime` writes it; nil if it is not a time or too long.
    func text(_ format: String) -> String? {
        if format.isEmpty { return "" }
        guard format.utf8.count <= 256, !format.utf8.contains(0) else { return nil }
        var moment = time_t(seconds)
        var parts = tm()
        guard localtime_r(&moment, &parts) != nil else { return nil }
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = strftime(&buffer, buffer.count, format, &parts)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
