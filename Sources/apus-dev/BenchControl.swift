import ApusMachine
import ArgumentParser

/// `apus-dev bench-control`: how many instructions per second the control processor interprets.
struct BenchControl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-control",
        abstract: "Time the control processor on sorting, checksums, products and a sieve.")

    @Option(name: .long, help: "How often to run it; the best time counts.")
    var repeats = 5

    func run() throws {
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 0x1_0000)
        defer { memory.deallocate() }
        let region = MemoryRegion(
            base: 0, bytes: 0x1_0000, host: memory, permissions: [.read, .write, .execute])
        var best = 0.0
        for _ in 0..<max(repeats, 1) {
            memory.initialize(repeating: 0, count: 0x1_0000)
            for (i, word) in ControlBenchmarkProgram.words.enumerated() {
                UnsafeMutableRawPointer(memory).storeBytes(
                    of: word, toByteOffset: 4 * i, as: UInt32.self)
            }
            let processor = ControlProcessor(
                options: .core(0), regions: [region], context: nil, access: nil)
            processor[register: 10] = 40
            let clock = ContinuousClock()
            let start = clock.now
            let exit = processor.run(steps: .max)
            let seconds = start.duration(to: clock.now) / .seconds(1)
            guard case .exception(cause: 3, _) = exit,
                processor[register: 10] == ControlBenchmarkProgram.expected
            else {
                print("the program went wrong: \(exit), result \(processor[register: 10])")
                throw ExitCode(1)
            }
            best = max(best, Double(processor.steps) / seconds / 1e6)
        }
        print("control processor: \(Int(best)) million instructions per second")
        print("onnx.control_mips: \(Int(best))")
    }
}
