import ApusISA
import ApusSession
import ArgumentParser

/// `apus compile`: a model in, a program file out.
struct CompileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compile",
        abstract: "Compile an ONNX model for given input shapes and write the program.",
        discussion: """
            apus compile model.onnx --random x=1x3x224x224 --program model.apus
            apus disassemble model.apus
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: .long, help: "The program file to write.")
    var program: String

    func run() throws {
        let session = try model.open()
        let inputs = try model.inputs(of: session)
        let compiled = try refusing { () throws(SessionError) in try session.compile(inputs) }
        let bytes = compiled.program.fileBytes()
        do throws(HostFileError) {
            try HostFile.write(bytes, to: program)
        } catch {
            throw Refusal("\(program): \(error)")
        }
        let launches = compiled.program.steps.count { step in
            if case .launch = step { true } else { false }
        }
        print(
            "\(program): \(bytes.count) bytes, \(launches) launches, "
                + "\(compiled.program.steps.count - launches) host steps")
    }
}
