import ApusChip
import ApusMachine

/// What `apus emulate` prints at the end.
struct EmulationPage {
    let result: BareResult
    let steps: UInt64
    let seconds: Double

    private var word: String {
        switch result {
        case .exited(code: 0): "pass"
        case .exited: "fail"
        case .unfinished: "unfinished"
        case .locked: "locked"
        }
    }

    private var detail: String {
        switch result {
        case .exited(code: 0): ""
        case .exited(let code): " with code \(code)"
        case .unfinished: ": tohost was not written"
        case .locked(let cause, let value, let pc):
            ": trap \(cause.hexadecimal) with value \(value.hexadecimal) at \(pc.hexadecimal),"
                + " and no handler"
        }
    }

    func sentence(program: String) -> String {
        let rate = seconds > 0 ? Int(Double(steps) / seconds / 1e6) : 0
        return "\(program): \(word)\(detail), \(steps) instructions, \(rate) million a second"
    }

    func json(program: String) -> JSONValue {
        var fields: [JSONValue.Field] = [
            .init("program", .string(program)),
            .init("result", .string(word)),
        ]
        if case .exited(let code) = result {
            fields.append(.init("code", .integer(Int(clamping: code))))
        }
        if case .locked(let cause, let value, let pc) = result {
            fields.append(.init("cause", .integer(Int(cause))))
            fields.append(.init("value", .integer(Int(value))))
            fields.append(.init("pc", .integer(Int(pc))))
        }
        fields.append(.init("instructions", .integer(Int(clamping: steps))))
        fields.append(.init("seconds", .number(seconds)))
        return .object(fields)
    }
}
