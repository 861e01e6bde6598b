/// A refusal of what the user gave: one line on standard error and exit status 2.
struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) {
        description = sentence
    }

    func printToStandardError() {
        Output.note("apus: \(description)\n")
    }
}
