import ApusMachine

/// A small hart with memory of its own: code, data, read-only data, and a device behind a callback.
final class TestHart {
    enum Implementation: String, CaseIterable, Sendable {
        case fast, oracle

        var type: any Processor.Type {
            self == .fast ? ControlProcessor.self : ProcessorOracle.self
        }
    }

    static let codeBase: UInt32 = 0x8000_0000
    static let dataBase: UInt32 = 0x1000_0000
    static let constantBase: UInt32 = 0x1000_1000
    static let deviceBase: UInt32 = 0x2000_0000

    let code: UnsafeMutableBufferPointer<UInt8>
    let data: UnsafeMutableBufferPointer<UInt8>
    let constants: UnsafeMutableBufferPointer<UInt8>
    let device: UnsafeMutablePointer<TestDevice>
    let core: any Processor

    init(
        _ implementation: Implementation, options: ProcessorOptions, words: [UInt32],
        seed: UInt64? = nil
    ) {
        let codeBytes = 4096
        code = .allocate(capacity: codeBytes)
        data = .allocate(capacity: 256)
        constants = .allocate(capacity: 64)
        device = .allocate(capacity: 1)
        device.initialize(to: TestDevice(random: seed.map { SplitMix(state: $0) }))
        code.initialize(repeating: 0)
        data.initialize(repeating: 0x5A)
        constants.initialize(repeating: 0xC3)
        for (i, word) in words.enumerated() {
            for byte in 0..<4 { code[4 * i + byte] = UInt8(truncatingIfNeeded: word >> (8 * byte)) }
        }
        func region(
            _ base: UInt32, _ buffer: UnsafeMutableBufferPointer<UInt8>,
            _ permissions: MemoryPermissions
        )
            -> MemoryRegion?
        {
            buffer.baseAddress.map {
                MemoryRegion(
                    base: base, bytes: UInt32(buffer.count), host: $0, permissions: permissions)
            }
        }
        let regions = [
            region(Self.codeBase, code, [.read, .write, .execute]),
            region(Self.dataBase, data, [.read, .write]),
            region(Self.constantBase, constants, [.read]),
        ].compactMap { $0 }
        core = implementation.type.init(options: options, regions: regions, context: device) {
            context, address, bytes, isStore, value in
            guard let context, let value else { return AccessAnswer.fault.rawValue }
            return context.assumingMemoryBound(to: TestDevice.self).pointee
                .perform(address, bytes, isStore: isStore, &value.pointee).rawValue
        }
        core.reset(pc: Self.codeBase)
    }

    deinit {
        code.deallocate()
        data.deallocate()
        constants.deallocate()
        device.deinitialize(count: 1)
        device.deallocate()
    }

    /// Everything that two harts must agree on after the same steps.
    var snapshot: [UInt32] {
        let registers = (0..<32).map { core[register: $0] }
        let control = TestHart.controlRegisters.map { core.controlRegister($0) ?? 0xDEAD_0000 | $0 }
        return registers + control + [core.pc, UInt32(truncatingIfNeeded: core.steps)]
    }

    static let controlRegisters: [UInt32] =
        [
            0x300, 0x301, 0x304, 0x305, 0x310, 0x320, 0x340, 0x341, 0x342, 0x343, 0x344, 0x3A0,
            0x3B0, 0x3BF,
        ]
        + [
            0xB00, 0xB02, 0xB80, 0xB82, 0xC00, 0xC01, 0xC02, 0xC80, 0xC81, 0xC82, 0xF14, 0x7A0,
            0xB03, 0x306,
        ]
}

/// A device that answers at random, the same for the same seed and sequence, or as it is told.
struct TestDevice {
    var random: SplitMix?
    /// Answers of a device without a seed, in turn; `done` when there are no more.
    var answers: [AccessAnswer] = []
    var log: [UInt32] = []

    mutating func perform(_ address: UInt32, _ bytes: UInt32, isStore: Bool, _ value: inout UInt32)
        -> AccessAnswer
    {
        guard address &- 0x2000_0000 < 0x100 else { return .fault }
        log += [address, bytes, isStore ? value : 0]
        guard let roll = random?.next() else {
            if !isStore { value = 0x1234_5678 & (UInt32.max >> (32 - 8 * bytes)) }
            return answers.isEmpty ? .done : answers.removeFirst()
        }
        if !isStore {
            value = UInt32(truncatingIfNeeded: roll >> 32) & (UInt32.max >> (32 - 8 * bytes))
        }
        switch roll & 7 {
        case 0: return .stall
        case 1: return .stop
        case 2: return .fault
        default: return .done
        }
    }
}

/// A generator of random numbers whose sequence is that of its seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
