import ApusChip
import ApusISA
import ApusRuntime
import Testing

/// What every device must do, whatever it is made of.
enum DeviceConformance {
    /// Runs the whole suite on a device; `computes` is whether its chip does anything.
    static func check(_ device: any Device, computes: Bool) throws {
        try checkPorts(device)
        try checkRefusals(device)
        try checkMemory(device)
        try checkFailures(device)
        if computes { try checkResults(device) }
    }

    /// Ports keep what is written to them, and take no other count of bytes.
    static func checkPorts(_ device: any Device) throws {
        let sample = SampleProgram(count: 100)
        let loaded = try device.load(sample.program)
        let x = sample.program.inputs[0]
        let values = (0..<100).map { Float($0) }
        try values.withUnsafeBytes { try loaded.write($0, to: x) }
        #expect(try loaded.read(x) == values.withUnsafeBytes { [UInt8]($0) })
        let error = RuntimeError.portBytes(port: "x", expected: 400, actual: 396)
        #expect(throws: error) {
            try values.dropLast().withUnsafeBytes { try loaded.write($0, to: x) }
        }
        // Initial bytes are there; the program no longer holds them.
        let y = Port(
            name: "y", elementType: .fp32, tensorType: "float32", shape: [100], offset: 400,
            bytes: 400)
        #expect(try loaded.read(y) == sample.y.withUnsafeBytes { [UInt8]($0) })
        #expect(loaded.program.initialised.isEmpty)
        // Each loaded program has memory of its own.
        let second = try device.load(sample.program)
        #expect(try second.read(x) == [UInt8](repeating: 0, count: 400))
    }

    /// Programs that contradict themselves are refused when they are loaded.
    static func checkRefusals(_ device: any Device) throws {
        let sound = SampleProgram(count: 64).program
        func refuses(_ fault: ProgramFault, _ spoil: (inout Program) -> Void) {
            var program = sound
            spoil(&program)
            #expect(throws: RuntimeError.program(fault)) { try device.load(program) }
        }
        refuses(.arena(bytes: -1)) { $0.arenaBytes = -1 }
        refuses(.region(offset: 1023, bytes: 2)) {
            $0.initialised = [Region(offset: 1023, bytes: [1, 2])]
        }
        refuses(.region(offset: .max, bytes: 2)) {
            $0.initialised = [Region(offset: .max, bytes: [1, 2])]
        }
        refuses(.port("x", offset: 1000, bytes: 256)) { $0.inputs[0].offset = 1000 }
        guard case .launch(let launch) = sound.steps[0] else { return }
        func launchFault(_ fault: ProgramFault, _ spoil: (inout Launch) -> Void) {
            var spoilt = launch
            spoil(&spoilt)
            refuses(fault) { $0.steps[0] = .launch(spoilt) }
        }
        launchFault(.kernel("nobody")) { $0.kernel = "nobody" }
        let last = launch.arguments.count - 7
        launchFault(.relocation(launch: "add", offset: last)) { $0.relocations = [last] }
        let capacity = device.chip.argumentBytes
        launchFault(.arguments(launch: "add", bytes: capacity + 1, capacity: capacity)) {
            $0.arguments = [UInt8](repeating: 0, count: capacity + 1)
        }
    }

    /// The chip's memory is shared by what is loaded, and given back.
    static func checkMemory(_ device: any Device) throws {
        var program = SampleProgram(count: 64).program
        let capacity = device.chip.memoryBytes
        program.arenaBytes = capacity + 1
        let tooLarge = RuntimeError.memory(needed: capacity + 1, free: capacity)
        #expect(throws: tooLarge) { try device.load(program) }
        program.arenaBytes = capacity - 4096
        do {
            let loaded = try device.load(program)
            program.arenaBytes = 8192
            #expect(throws: RuntimeError.memory(needed: 8192, free: 4096)) {
                try device.load(program)
            }
            withExtendedLifetime(loaded) {}
        }
        _ = try device.load(program)
    }

    /// A host step's error ends the run and is the caller's.
    static func checkFailures(_ device: any Device) throws {
        let loaded = try device.load(SampleProgram(count: 64).program)
        let error = RuntimeError.hostStep(label: "double", reason: "tired")
        #expect(throws: error) {
            try device.run(loaded) { step, _ throws(RuntimeError) in
                throw .hostStep(label: step.label, reason: "tired")
            }
        }
    }

    /// Launches and host steps compute, in their order, on all sizes around a tile's.
    static func checkResults(_ device: any Device) throws {
        for count in [1, 63, 64, 65, 1000] {
            let sample = SampleProgram(count: count)
            let loaded = try device.load(sample.program)
            for round in 0..<2 {
                let x = (0..<count).map { Float($0 * (round + 3)) * 0.5 }
                let out = try run(sample, loaded, x, on: device)
                #expect(out.values == sample.expected(x))
                #expect(out.report.launches == 2 && out.report.hostSteps == 1)
                #expect(out.report.bytesStored == 8 * count)
                let tiles = (count + 63) / 64
                #expect(out.report.commandsByMnemonic["add"] == tiles)
                #expect(out.report.commandsByMnemonic["load"] == 4 * tiles)
            }
        }
    }

    /// Writes `x`, runs, reads the output.
    static func run(
        _ sample: SampleProgram, _ loaded: LoadedProgram, _ x: [Float], on device: any Device
    ) throws -> (values: [Float], report: RunReport) {
        try x.withUnsafeBytes { try loaded.write($0, to: sample.program.inputs[0]) }
        let report = try device.run(loaded, hostStep: doubling)
        return (floats(try loaded.read(sample.program.outputs[0])), report)
    }

    /// Performs the sample's host step.
    @Sendable
    static func doubling(_ step: HostStep, _ memory: LoadedProgram) throws(RuntimeError) {
        let values = floats(try memory.read(step.inputs[0])).map { $0 * 2 }
        let bytes = values.withUnsafeBytes { [UInt8]($0) }
        try bytes.withUnsafeBufferPointer { bytes throws(RuntimeError) in
            try memory.write(UnsafeRawBufferPointer(bytes), to: step.outputs[0])
        }
    }

    static func floats(_ bytes: [UInt8]) -> [Float] {
        bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
            }
        }
    }
}
