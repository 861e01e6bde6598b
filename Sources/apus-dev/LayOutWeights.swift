import ApusImport
import ArgumentParser

/// `apus-dev lay-out-weights`: how long a model's weights take from the file to the chip's layout.
struct LayOutWeights: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lay-out-weights",
        abstract: "Time the opening of a language model and the layout of its weights.",
        discussion: """
            apus-dev lay-out-weights build/models/smollm2-135m-instruct.q4_1.gguf

            Every matrix is written in the chip's layout, on one thread, into memory that is used \
            again. Prints the best of some runs.
            """)

    @Argument(help: "A GGUF file, or a Hugging Face folder.")
    var model: String

    @Option(name: .long, help: "Runs, of which the best counts.")
    var runs = 5

    func run() throws {
        let clock = ContinuousClock()
        var opening = Duration.seconds(1 << 20)
        var layout = opening
        var bytes = 0
        for _ in 0..<max(runs, 1) {
            var files: LanguageModelFiles?
            opening = min(
                opening, try clock.measure { files = try LanguageModelFiles(path: model) })
            guard let files else { return }
            let matrices = files.tensors.map(\.tensor).filter { $0.shape.count == 2 }
            bytes = matrices.reduce(0) { $0 + $1.span.count }
            let room = matrices.map(Self.byteCount).max() ?? 0
            let memory = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 64)
            memory.initializeMemory(as: UInt8.self, repeating: 0, count: room)
            defer { memory.deallocate() }
            layout = min(
                layout, clock.measure { for matrix in matrices { Self.write(matrix, memory) } })
        }
        let seconds = layout / .seconds(1)
        print("\(Int(opening / .milliseconds(1))) ms to open, \(bytes) bytes of matrices")
        print("chat.layout_mb_per_second: \(Int(Double(bytes) / seconds / 1e6))")
    }

    /// Bytes of codes, scales and minimums, each from a multiple of 64 on.
    private static func byteCount(_ matrix: StoredTensor) -> Int {
        places(matrix).end
    }

    private static func places(
        _ matrix: StoredTensor
    ) -> (scales: Int, minimums: Int, end: Int) {
        let streamed = matrix.streamed
        func round(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
        let stride = (matrix.rows + 1) / 2 * 2
        let scales = round(matrix.columns * stride * streamed.code.bitWidth / 8)
        let size = round(matrix.groupCount * matrix.rows * streamed.scale.bitWidth / 8)
        return (scales, scales + size, scales + 2 * size)
    }

    private static func write(_ matrix: StoredTensor, _ memory: UnsafeMutableRawPointer) {
        let streamed = matrix.streamed
        let places = places(matrix)
        matrix.stream(
            rows: 0..<matrix.rows,
            into: StreamedDestination(
                codes: memory, codeStride: (matrix.rows + 1) / 2 * 2,
                scales: streamed.isGrouped ? memory + places.scales : nil,
                minimums: streamed.hasMinimum ? memory + places.minimums : nil,
                scaleStride: matrix.rows))
    }
}
