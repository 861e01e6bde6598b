import ApusChip
import ApusImport
import ArgumentParser

/// Renders chats from lines of JSON, for comparing with other implementations.
struct RenderChat: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render-chat",
        abstract: "Render chats from lines of JSON with the templates in them.",
        discussion: """
            Each line of the input is {"template": …, "messages": […], "tools": […],
            "variables": {…}, "add_generation_prompt": …}; each line of the output has the text or
            the error.
            """)

    @Option(help: "The time that strftime_now tells, in seconds since 1970.") var seconds: Int?

    func run() throws {
        while let line = readLine() {
            let value = try JSONValue(reading: Array(line.utf8))
            do {
                print("{\"text\":\(JSONValue.string(try text(value)).text)}")
            } catch let error as TemplateError {
                print("{\"error\":\(JSONValue.string(error.description).text)}")
            }
        }
    }

    private func text(_ request: JSONValue) throws -> String {
        guard case .string(let source)? = request["template"],
            case .array(let given)? = request["messages"]
        else { throw ValidationError("a line needs template and messages") }
        var messages: [ChatMessage] = []
        for case .object(let fields) in given {
            guard case .string(let role)? = JSONValue.object(fields)["role"] else {
                throw ValidationError("a message needs a role")
            }
            let others = fields.filter { $0.name != "role" }
            messages.append(ChatMessage(role: role, content: "", fields: others))
        }
        var tools: [JSONValue] = []
        if case .array(let items)? = request["tools"] { tools = items }
        var variables: [String: JSONValue] = [:]
        if case .object(let fields)? = request["variables"] {
            for field in fields { variables[field.name] = field.value }
        }
        return try ChatTemplate(source).render(
            messages: messages,
            addGenerationPrompt: request["add_generation_prompt"] == .bool(true), tools: tools,
            variables: variables, clock: seconds.map { TemplateClock(seconds: $0) } ?? .now)
    }
}
