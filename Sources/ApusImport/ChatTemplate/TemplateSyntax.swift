/// An expression with the line that it stands on.
struct TemplateExpression: Sendable {
    let kind: Kind
    let line: Int
    /// Levels of expressions inside it; bounds how deep evaluation recurses.
    let height: Int

    indirect enum Kind: Sendable {
        case literal(TemplateValue)
        case name(String)
        case list([TemplateExpression])
        case tuple([TemplateExpression])
        case dictionary([(key: TemplateExpression, value: TemplateExpression)])
        case attribute(TemplateExpression, String)
        case item(TemplateExpression, TemplateExpression)
        case slice(TemplateExpression, [TemplateExpression?])
        case call(TemplateExpression, TemplateArguments)
        case filter(TemplateExpression, String, TemplateArguments)
        case test(TemplateExpression, String, TemplateArguments, isNegated: Bool)
        case unary(String, TemplateExpression)
        case binary(String, TemplateExpression, TemplateExpression)
        case comparison(TemplateExpression, [(operation: String, right: TemplateExpression)])
        case concatenation([TemplateExpression])
        case conditional(TemplateExpression, if: TemplateExpression, else: TemplateExpression?)
    }
}

/// Arguments by position and by name.
struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
}

/// What stands between expressions.
indirect enum TemplateStatement: Sendable {
    case text(String)
    case output(TemplateExpression)
    case choice(
        [(condition: TemplateExpression, body: [TemplateStatement])], else: [TemplateStatement])
    case loop(TemplateLoopSyntax)
    case set([String], TemplateExpression)
    case setField(String, field: String, TemplateExpression)
    case setBlock(String, [TemplateStatement], line: Int)
    case macro(Int)
    case scope([(name: String, value: TemplateExpression)], [TemplateStatement])
    case breakLoop
    case continueLoop
}

struct TemplateLoopSyntax: Sendable {
    let targets: [String]
    let items: TemplateExpression
    let condition: TemplateExpression?
    let body: [TemplateStatement]
    let otherwise: [TemplateStatement]
}

struct TemplateMacroSyntax: Sendable {
    let name: String
    let parameters: [(name: String, standard: TemplateExpression?)]
    let body: [TemplateStatement]
}

/// A template's text cut into tokens.
enum TemplateToken: Equatable, Sendable {
    case text(String)
    case expressionStart
    case expressionEnd
    case statementStart
    case statementEnd
    case name(String)
    case string(String)
    case integer(Int)
    case number(Double)
    case symbol(String)

    /// The token as messages show it.
    var shown: String {
        switch self {
        case .text(let text): String(text.prefix(20))
        case .expressionStart: "{{"
        case .expressionEnd: "}}"
        case .statementStart: "{%"
        case .statementEnd: "%}"
        case .name(let name): name
        case .string(let text): "'\(text.prefix(40))'"
        case .integer(let value): String(value)
        case .number(let value): value.description
        case .symbol(let symbol): symbol
        }
    }
}
