import ApusChip
import ApusISA
import ApusRuntime
import Testing

@Suite("Devices")
struct DeviceTests {
    private static let modes: [EmulationMode] = [.fast, .oracle, .checked(seed: 7)]

    @Test("an emulated chip is a device, in every mode", arguments: modes)
    func emulated(mode: EmulationMode) throws {
        for chip in [Chip.nano, .edge14] {
            let device = try EmulatedDevice(chip: chip, threads: 2, mode: mode)
            try DeviceConformance.check(device, computes: true)
        }
    }

    @Test("the device that does nothing is a device")
    func null() throws {
        let device = NullDevice(chip: .edge14)
        try DeviceConformance.check(device, computes: false)
        let sample = SampleProgram(count: 64)
        let loaded = try device.load(sample.program)
        let out = try DeviceConformance.run(
            sample, loaded, [Float](repeating: 1, count: 64), on: device)
        #expect(out.report.launches == 2 && out.report.hostSteps == 1)
        #expect(out.values == [Float](repeating: 0, count: 64))
    }

    @Test("the bits and the report do not depend on threads, mode or seed")
    func determinism() throws {
        let sample = SampleProgram(count: 5000)
        let x = (0..<5000).map { Float($0).squareRoot() }
        var modes: [(EmulationMode, Int)] = [(.fast, 1), (.fast, 2), (.fast, 4), (.oracle, 2)]
        modes += (0..<20).map { (.checked(seed: $0), 1) }
        var first: (values: [Float], report: RunReport)?
        for (mode, threads) in modes {
            let device = try EmulatedDevice(chip: .edge14, threads: threads, mode: mode)
            let loaded = try device.load(sample.program)
            var out = try DeviceConformance.run(sample, loaded, x, on: device)
            // How often a control processor looks at a register depends on the order of events.
            if case .checked = mode { out.report.controlInstructions = 0 }
            if first == nil { first = out }
            #expect(out.values == first?.values, "\(mode), \(threads) threads")
            if case .checked = mode { continue }
            #expect(out.report == first?.report, "\(mode), \(threads) threads")
        }
    }

    @Test("a failed launch is told with its label, and the device runs on")
    func failure() throws {
        let device = try EmulatedDevice(chip: .nano, threads: 1, mode: .fast)
        let sample = SampleProgram(count: 64)
        var program = sample.program
        guard case .launch(var launch) = program.steps[0] else { return }
        launch.relocations = []
        program.steps[0] = .launch(launch)
        let spoilt = try device.load(program)
        let error = #expect(throws: RuntimeError.self) {
            try device.run(spoilt, hostStep: DeviceConformance.doubling)
        }
        guard case .machine(.commandTrap(_, let engine, let cause, _), let label) = error else {
            Issue.record("not a trap: \(String(describing: error))")
            return
        }
        #expect(engine == .load && cause == .globalBounds && label == "add")
        try DeviceConformance.checkResults(device)
    }

    @Test("a submitted run goes on by itself and is waited for")
    func submission() throws {
        let device = try EmulatedDevice(chip: .edge14, threads: 2, mode: .fast)
        let samples = [10, 700, 3000].map { SampleProgram(count: $0) }
        let loaded = try samples.map { try device.load($0.program) }
        var submissions: [Submission] = []
        for (sample, loaded) in zip(samples, loaded) {
            let x = [Float](repeating: 3, count: sample.count)
            try x.withUnsafeBytes { try loaded.write($0, to: sample.program.inputs[0]) }
            submissions.append(device.submit(loaded, hostStep: DeviceConformance.doubling))
        }
        for (index, submission) in submissions.enumerated() {
            #expect(try submission.wait().launches == 2)
            #expect(submission.isDone)
            let sample = samples[index]
            let out = DeviceConformance.floats(
                try loaded[index].read(sample.program.outputs[0]))
            #expect(out == sample.expected([Float](repeating: 3, count: sample.count)))
        }
        let failing = device.submit(loaded[0]) { step, _ throws(RuntimeError) in
            throw .hostStep(label: step.label, reason: "tired")
        }
        #expect(throws: RuntimeError.hostStep(label: "double", reason: "tired")) {
            try failing.wait()
        }
    }
}
