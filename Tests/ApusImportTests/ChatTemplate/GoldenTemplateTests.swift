import ApusChip
import ApusImport
import Testing

/// Templates in the style of every family, in benchmarks/chat/templates.
enum GoldenTemplate {
    static let names = [
        "chatml", "deepseek", "gemma", "language", "llama2", "llama3", "mistral", "qwen3",
    ]

    static func source(_ name: String) throws -> String {
        let root = Golden.folder + "../../../"
        return try MappedFile(path: root + "benchmarks/chat/templates/\(name).jinja").span.text
    }

    static func message(_ value: JSONValue) -> ChatMessage {
        guard case .object(let fields) = value else { return ChatMessage(role: "", content: "") }
        return ChatMessage(
            role: GoldenTokenizer.string(value["role"]), content: "",
            fields: fields.filter { $0.name != "role" })
    }
}

@Suite("Golden chat templates")
struct GoldenTemplateTests {
    /// 26 July 2024, noon in UTC: that day wherever the tests run, but for the date line.
    static let clock = TemplateClock(seconds: 1_721_995_200)

    @Test("a chat becomes the text that jinja2 makes of it", arguments: GoldenTemplate.names)
    func agrees(name: String) throws {
        let template = try ChatTemplate(try GoldenTemplate.source(name))
        let cases = GoldenTokenizer.list(try GoldenTokenizer.file("templates.json"))
            .filter { $0["name"] == .string(name) }
        #expect(cases.count == 12)
        for (index, item) in cases.enumerated() {
            var variables: [String: JSONValue] = [:]
            if case .object(let fields)? = item["variables"] {
                for field in fields { variables[field.name] = field.value }
            }
            let text = try? template.render(
                messages: GoldenTokenizer.list(item["messages"]).map(GoldenTemplate.message),
                addGenerationPrompt: item["add_generation_prompt"] == .bool(true),
                tools: GoldenTokenizer.list(item["tools"]), variables: variables,
                clock: Self.clock)
            var expected: String?
            if case .string(let wanted)? = item["expected"] { expected = wanted }
            #expect(
                text.map { Array($0.utf8) } == expected.map { Array($0.utf8) }, "\(name) \(index)")
        }
    }
}

@Suite("Chat templates")
struct ChatTemplateTests {
    static func render(_ source: String, limits: TemplateLimits = .chat) throws -> String {
        try ChatTemplate(source).render(
            messages: [ChatMessage(role: "user", content: "Hi")], addGenerationPrompt: true,
            clock: TemplateClock(seconds: 0), limits: limits)
    }

    @Test("a message's role and content are seen")
    func simple() throws {
        let text = try Self.render(
            "{% for m in messages %}<{{ m.role }}>{{ m['content'] }}{% endfor %}")
        #expect(text == "<user>Hi")
    }

    @Test(
        "what is wrong is said with its line",
        arguments: [
            ("a\n{{ x", TemplateError(.unexpectedEnd(in: "{{"), line: 2)),
            ("\n\n{% if x %}", TemplateError(.unexpectedEnd(in: "endif"), line: 3)),
            ("{% include 'x' %}", TemplateError(.unsupported("include"), line: 1)),
            ("{% nonsense %}", TemplateError(.unexpected("nonsense"), line: 1)),
            ("a\n{{ 'x' | sparkle }}", TemplateError(.unsupported("the filter sparkle"), line: 2)),
            ("{{ 1 is sparkling }}", TemplateError(.unsupported("the test sparkling"), line: 1)),
            ("{{ missing.field }}", TemplateError(.undefined("missing"), line: 1)),
            ("{{ missing() }}", TemplateError(.undefined("missing"), line: 1)),
            (
                "\n{{ 1 + 'a' }}",
                TemplateError(.kinds(operation: "+", found: "an integer and text"), line: 2)
            ),
            ("{{ 1 // 0 }}", TemplateError(.arithmetic("//"), line: 1)),
            ("{{ 9223372036854775807 + 1 }}", TemplateError(.arithmetic("+"), line: 1)),
            ("{{ (-9223372036854775807 - 1) // -1 }}", TemplateError(.arithmetic("//"), line: 1)),
            ("\n{{ raise_exception('no\nway') }}", TemplateError(.raised("no\nway"), line: 2)),
            ("{{ [].append(1) }}", TemplateError(.undefined("append"), line: 1)),
            ("{{ )", TemplateError(.unexpected(")"), line: 1)),
            (
                "{% set a.b = 1 %}",
                TemplateError(.kinds(operation: "set a.b", found: "another value"), line: 1)
            ),
        ])
    func errors(source: String, error: TemplateError) {
        #expect(throws: error) { try Self.render(source) }
    }

    @Test("an error is one line, whatever the template says")
    func oneLine() {
        let error = TemplateError(.raised("no\nway"), line: 2)
        #expect(error.description == "chat template, line 2: the template refuses: 'no?way'")
    }

    /// A template that replaces a value by something made of it, 999 times.
    static func grow(_ first: String, _ next: String) -> String {
        "{% set ns = namespace(x=\(first)) %}{% for i in range(999) %}"
            + "{% set ns.x = \(next) %}{% endfor %}{{ ns.x }}"
    }

    @Test(
        "a template that uses up too much is stopped",
        arguments: [
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            grow("'aaaaaaaa'", "ns.x + ns.x"),
            grow("[1, 2]", "ns.x + ns.x"),
            grow("[]", "[ns.x]"),
            grow("[]", "[ns.x, ns.x]"),
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{% macro m() %}" + String(repeating: "{% if true %}", count: 50) + "{{ "
                + String(repeating: "not ", count: 50) + "m() }}"
                + String(repeating: "{% endif %}", count: 50) + "{% endmacro %}{{ m() }}",
            grow("[]", "ns.x + ['a' * 1000000]"),
            "{% for i in range(99) %}{{ ('a' * 9000000).find('a' * 4000000 ~ 'b') }}{% endfor %}",
            "{{ 'x' * 999999999999 }}", "{{ range(999999999999) }}", "{{ 'a'.zfill(99999999999) }}",
            "{% for i in range(99999) %}{{ 'a' * 10000 }}{% endfor %}",
            "{{ ('a' * 1000000).replace('', 'b' * 1000000) }}",
            String(repeating: "{% if true %}", count: 200),
            "{{ " + String(repeating: "(", count: 999),
            "{{ 1" + String(repeating: " + 1", count: 999) + " }}",
            "{{ " + String(repeating: "not ", count: 999) + "1 }}",
            "{{ a" + String(repeating: ".b", count: 999) + " }}",
        ])
    func limits(source: String) {
        #expect(throws: TemplateError.self) { try Self.render(source) }
    }

    @Test("a sigma that ends a word is lowered to the one that ends words, as Python does")
    func sigma() throws {
        #expect(try Self.render("{{ 'ΟΔΟΣ ΣΑΣ. Σ' | lower }}") == "οδος σας. σ")
        #expect(try Self.render("{{ 'ΟΔΟΣ'.title() }} {{ 'ΣΣ'.capitalize() }}") == "Οδος Σς")
    }

    @Test("strftime_now tells the clock's time")
    func time() throws {
        let text = try ChatTemplate("{{ strftime_now('%Y') }}").render(
            messages: [], addGenerationPrompt: false, clock: GoldenTemplateTests.clock)
        #expect(text == "2024")
    }

    @Test("keys are compared by their scalars")
    func equality() throws {
        // U+00E9, and e with U+0301, which are canonically equivalent.
        let text = try Self.render(
            "{{ {'\u{E9}': 1}['e\u{301}'] is defined }}{{ '\u{E9}' == 'e\u{301}' }}")
        #expect(text == "FalseFalse")
    }
}
