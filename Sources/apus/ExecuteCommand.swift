import ApusGraph
import ApusISA
import ApusRuntime
import ApusSession
import ArgumentParser

/// `apus execute`: a program file run without the model and the compiler.
struct ExecuteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "execute",
        abstract: "Run a program file; nothing is compiled.",
        discussion: """
            apus execute model.apus --input x=x.npy --output y=y.npy

            A program with host steps needs its model beside it: use `apus run` for that.
            """)

    @Argument(help: "A program file, as `apus compile` writes it.")
    var program: String

    @Option(name: .long, help: "An input from a NumPy file, as NAME=FILE.npy; repeatable.")
    var input: [String] = []

    @Option(name: .long, help: "Write an output to a NumPy file, as NAME=FILE.npy; repeatable.")
    var output: [String] = []

    @Option(name: .long, help: "A preset or a chip file; the one it was compiled for.")
    var chip = "edge14"

    @Option(name: .long, help: "Host threads; 0 takes all processors.")
    var threads = "0"

    func run() throws {
        let program = try ProgramFile.read(program)
        let host = program.steps.compactMap { step in
            if case .host(let host) = step { host.label } else { nil }
        }
        if let first = host.first {
            throw Refusal("\(self.program): \(host.count) host steps, the first of them \(first)")
        }
        let files = try output.map { try ModelOptions.pair($0, option: "output") }
        var options = SessionOptions(chip: .edge14)
        do throws(OptionError) {
            try options.set("chip", to: chip)
            try options.set("threads", to: threads)
        } catch {
            throw Refusal("\(error)")
        }
        let inputs = try tensors(for: program)
        let loaded: LoadedProgram
        let report: RunReport
        do throws(RuntimeError) {
            let device = try EmulatedDevice(
                chip: options.chip, threads: options.threads, mode: .fast)
            loaded = try device.load(program)
            for (port, tensor) in inputs {
                try tensor.withBytes { bytes throws(RuntimeError) in
                    try loaded.write(bytes, to: port)
                }
            }
            report = try device.run(loaded) { _, _ in }
        } catch {
            throw Refusal("\(self.program): \(error)")
        }
        try write(files, of: loaded)
        print("\(report.launches) launches, \(report.commands) commands")
    }

    /// The given tensors by port; every input must be given, in the port's type and shape.
    private func tensors(for program: Program) throws -> [(Port, Tensor)] {
        var given: [String: Tensor] = [:]
        for text in input {
            let (name, file) = try ModelOptions.pair(text, option: "input")
            do {
                given[name] = try NumPyFile.read(try HostFile.read(file, limit: 1 << 32))
            } catch {
                throw Refusal("--input \(name): \(file): \(error)")
            }
        }
        for name in given.keys where !program.inputs.contains(where: { $0.name == name }) {
            let names = program.inputs.map(\.name).joined(separator: ", ")
            throw Refusal("--input \(name): the program's inputs are \(names)")
        }
        return try program.inputs.map { port in
            guard let tensor = given[port.name] else {
                throw Refusal("input \(port.name) of \(port.tensorType)\(port.shape) is missing")
            }
            let type = tensor.type
            if "\(type.elementType)" != port.tensorType || type.shape.dimensions != port.shape {
                let wanted = "\(port.tensorType)\(port.shape)"
                throw Refusal("--input \(port.name): \(type) given, \(wanted) wanted")
            }
            return (port, tensor)
        }
    }

    private func write(
        _ files: [(name: String, value: String)], of loaded: LoadedProgram
    ) throws {
        for (name, path) in files {
            guard let port = loaded.program.outputs.first(where: { $0.name == name }),
                let elementType = ElementType(description: port.tensorType)
            else {
                let names = loaded.program.outputs.map(\.name).joined(separator: ", ")
                throw Refusal("--output \(name): the program's outputs are \(names)")
            }
            let type = TensorType(elementType, Shape(port.shape))
            let tensor = try Tensor(uninitialised: type) { bytes throws(RuntimeError) in
                try loaded.read(port, into: bytes)
            }
            do throws(HostFileError) {
                try HostFile.write(NumPyFile.write(tensor), to: path)
            } catch {
                throw Refusal("\(path): \(error)")
            }
        }
    }
}

/// A program file, as commands read it.
enum ProgramFile {
    /// The program in the file of that path.
    ///
    /// - Throws: ``Refusal`` naming the file and the fault.
    static func read(_ path: String) throws -> Program {
        let bytes: [UInt8]
        do throws(HostFileError) {
            bytes = try HostFile.read(path, limit: 1 << 36)
        } catch {
            throw Refusal("\(path): \(error)")
        }
        do throws(ProgramError) {
            return try Program(file: bytes)
        } catch {
            throw Refusal("\(path): \(error)")
        }
    }
}
