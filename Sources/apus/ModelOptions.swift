import ApusChip
import ApusGraph
import ApusSession
import ArgumentParser

/// Runs `body`, turning a session's error into a refusal.
func refusing<Result>(_ body: () throws(SessionError) -> Result) throws -> Result {
    do throws(SessionError) {
        return try body()
    } catch {
        throw Refusal("\(error)")
    }
}

/// Which model, on which chip, with which inputs: what `run` and `inspect` share.
struct ModelOptions: ParsableArguments {
    @Argument(help: "An ONNX model.")
    var path: String

    @Option(name: .long, help: "An input from a NumPy file, as NAME=FILE.npy; repeatable.")
    var input: [String] = []

    @Option(
        name: .long,
        help: "An input of seeded random numbers, as NAME=1x3x224x224 (NAME= for a scalar).")
    var random: [String] = []

    @Option(name: .long, help: "A preset (see `apus chip list`) or a chip file.")
    var chip = "edge14"

    @Option(name: .long, help: "bf16: round operands of matrix products; highest: keep FP32.")
    var precision = "bf16"

    @Option(name: .long, help: "Host threads; 0 takes all processors.")
    var threads = "0"

    @Option(name: .long, help: "fast, oracle (slow, plain), or checked:SEED (a random schedule).")
    var mode = "fast"

    @Option(name: .long, help: "emulated, or rtl: the chip's RTL, which `make rtl` builds.")
    var device = "emulated"

    /// Opens the model.
    func open(checked: Bool = false) throws -> Session {
        var options = SessionOptions(chip: .edge14)
        let wanted = checked && mode == "fast" ? "checked:1" : mode
        do throws(OptionError) {
            try options.set("chip", to: chip)
            try options.set("precision", to: precision)
            try options.set("threads", to: threads)
            try options.set("mode", to: wanted)
            try options.set("device", to: device)
        } catch {
            throw Refusal("\(error)")
        }
        return try refusing { () throws(SessionError) in
            try Session(path: path, options: options)
        }
    }

    /// The tensors that the options name.
    func inputs(of session: Session) throws -> [NamedTensor] {
        var tensors: [NamedTensor] = []
        for text in input {
            let (name, file) = try Self.pair(text, option: "input")
            do {
                let bytes = try HostFile.read(file, limit: 1 << 32)
                var tensor = try NumPyFile.read(bytes)
                let port = session.model.inputs.first { $0.name == name }
                if let wanted = port?.elementType, wanted.byteCount == tensor.elementType.byteCount,
                    tensor.elementType.isUnsignedInteger, !wanted.isInteger
                {
                    // NumPy has no such type: its bits come as unsigned integers.
                    tensor = tensor.reinterpreted(as: wanted)
                }
                tensors.append(NamedTensor(name: name, tensor: tensor))
            } catch {
                throw Refusal("--input \(name): \(file): \(error)")
            }
        }
        for text in random {
            let (name, extents) = try Self.pair(text, option: "random")
            tensors.append(
                NamedTensor(name: name, tensor: try Self.randomTensor(name, extents, of: session)))
        }
        return tensors
    }

    /// Splits `NAME=VALUE`; a name may itself contain `=` but a value may not.
    static func pair(_ text: String, option: String) throws -> (name: String, value: String) {
        guard let sign = text.lastIndex(of: "="), sign > text.startIndex else {
            throw Refusal("--\(option) \(text): write NAME=VALUE")
        }
        return (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }

    static func randomTensor(
        _ name: String, _ extents: String, of session: Session
    ) throws -> Tensor {
        let parts =
            extents.isEmpty ? [] : extents.split(separator: "x", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count, let shape = try? Shape(checked: numbers),
            shape.elementCount <= 1 << 28
        else { throw Refusal("--random \(name)=\(extents): write extents such as 1x3x224x224") }
        guard let port = session.model.inputs.first(where: { $0.name == name }) else {
            let names = session.model.inputs.map(\.name).joined(separator: ", ")
            throw Refusal("--random \(name): the model's inputs are \(names)")
        }
        return RandomInput.tensor(TensorType(port.elementType, shape))
    }
}
