import ApusISA
import ApusNumerics

/// Draws programs, half of their commands from what was not done yet.
package struct ProgramGenerator {
    package var generator: SeededGenerator
    /// Transfers reach the scratchpad by its global address once in so many.
    private var windowOdds = 12

    package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// A program of up to a dozen steps; some of its commands may trap.
    package mutating func draft(missing: [CoverageItem]) -> ProgramDraft {
        var steps: [ProgramDraft.Step] = []
        let count = Int.random(in: 1...10, using: &generator)
        let spoils = generator.happens(oneIn: 3)
        generator.roomMax = generator.pick([.max, .max, 4096, 1024])
        let spoilt = Int.random(in: 0..<count, using: &generator)
        for index in 0..<count {
            steps.append(step(missing: missing, isSpoilt: spoils && index == spoilt))
        }
        if generator.happens(oneIn: 40) { steps.append(.neverReady(engine())) }
        if generator.happens(oneIn: 30) {
            // More than a queue holds, behind something that takes its time.
            let engine = engine()
            for _ in 0..<6 { steps.append(.command(nop, engine, descriptor: [])) }
        }
        if generator.happens(oneIn: 30) { steps.append(.fault) }
        return ProgramDraft(
            steps: steps, order: generator.happens(oneIn: 4) ? .chain : .concurrent,
            mayTrap: spoils,
            firstValue: generator.pick([0, 0, 0, 0x7FFD, 0xFFFC]), seed: generator.next())
    }

    private var nop: CommandWord { Command(sync: .none, operation: .nop).encode() }

    private mutating func engine() -> Engine { generator.pick(Engine.allCases) }

    private mutating func step(missing: [CoverageItem], isSpoilt: Bool) -> ProgramDraft.Step {
        if !isSpoilt {
            switch Int.random(in: 0..<30, using: &generator) {
            case 0:
                return .console(UInt8.random(in: 32...126, using: &generator))
            case 1, 2: return store()
            case 3: return .command(nop, engine(), descriptor: [])
            default: break
            }
        }
        let wanted = generator.happens(oneIn: 2) && !missing.isEmpty ? generator.pick(missing) : nil
        aim(at: wanted)
        if case .hazard(let hazard) = wanted, hazard.first == nil || hazard.second == nil,
            generator.happens(oneIn: 2)
        {
            return store()
        }
        var (command, fault) = command(for: wanted)
        if command.descriptor.count > 20, isTransfer(command),
            generator.happens(oneIn: windowOdds)
        {
            // The scratchpad by its global address.
            command.descriptor[0] = scratchpadAddress()
            command.descriptor[1] = 1 << 8
        }
        let encoded = Command(sync: .none, operation: command.operation)
        var target = CommandSpoiler.Target(
            word: encoded.encode(), engine: encoded.engine ?? .load,
            descriptor: command.descriptor)
        if isSpoilt || fault != nil { spoil(&target, fault) }
        return .command(target.word, target.engine, descriptor: target.descriptor)
    }

    private mutating func store() -> ProgramDraft.Step {
        .store(UInt32(truncatingIfNeeded: generator.next()), at: scratchpadAddress() & ~3)
    }

    /// Where commands of the program are likely to meet: transfers keep clear of index tables.
    private mutating func scratchpadAddress() -> UInt32 {
        let first: UInt32 = generator.pick([0, 2048])
        let room = UInt32(min(generator.roomMax, 0x8000))
        return first + UInt32.random(in: 0..<room, using: &generator)
    }

    /// Draws addresses where the engines of a wanted hazard can meet.
    private mutating func aim(at wanted: CoverageItem?) {
        windowOdds = 12
        generator.accumulatorOdds = 6
        guard case .hazard(let hazard) = wanted else { return }
        generator.roomMax = 1024
        if hazard.first == .matrix || hazard.second == .matrix { generator.accumulatorOdds = 2 }
        windowOdds = 2
    }

    private func isTransfer(_ command: RandomCommand) -> Bool {
        switch command.operation {
        case .load, .store: true
        case .nop, .matmul, .vector: false
        }
    }

    private mutating func spoil(_ target: inout CommandSpoiler.Target, _ wanted: TrapCause?) {
        let sound = target
        for _ in 0..<4 {
            target = sound
            let faults = CommandSpoiler.faults(of: target.engine).filter {
                wanted == nil || $0.cause == wanted
            }
            if wanted == nil && generator.happens(oneIn: 2) || faults.isEmpty {
                CommandSpoiler.disturb(&target, &generator)
            } else {
                generator.pick(faults).spoil(&target)
            }
            if !CommandSpoiler.isLong(target) { return }
        }
        target = sound
    }

    /// A command that does what is wanted, or any; and the trap that is wanted of it.
    private mutating func command(
        for wanted: CoverageItem?
    ) -> (RandomCommand, fault: TrapCause?) {
        switch wanted {
        case .load(let global, let local):
            return (
                .transfer(isStore: false, formats: (global, local), &generator), nil
            )
        case .store(let global, let local):
            return (
                .transfer(
                    isStore: true, formats: (global, local), reduction: StoreReduction.none,
                    &generator), nil
            )
        case .reduction(let reduction, let global):
            return (
                .transfer(
                    isStore: true, formats: (global, global), reduction: reduction, &generator),
                nil
            )
        case .matmul(let kind): return (.matmul(kind: kind, &generator), nil)
        case .vector(let opcode, let format):
            return (.vector(opcode, aFormat: format, &generator), nil)
        case .vectorInto(let opcode, let format):
            let a: ElementFormat = generator.pick([.fp32, .int32])
            return (.vector(opcode, aFormat: a, dFormat: format, &generator), nil)
        case .trap(let engine, .wrongQueue):
            // Commands of the others go to its queue now and then.
            let others = Engine.allCases.filter { $0 != engine }
            return (command(of: generator.pick(others)), .wrongQueue)
        case .trap(let engine, let cause): return (command(of: engine), cause)
        case .hazard(let hazard):
            let engines = [hazard.first, hazard.second].compactMap { $0 }
            return (command(of: generator.pick(engines)), nil)
        case .rounding, .nop, .situation, nil:
            return (command(of: generator.pick([.load, .store, .matrix, .vector, .vector])), nil)
        }
    }

    private mutating func command(of engine: Engine) -> RandomCommand {
        switch engine {
        case .load: .transfer(isStore: false, &generator)
        case .store: .transfer(isStore: true, &generator)
        case .matrix: .matmul(&generator)
        case .vector: .vector(generator.pick(VectorOpcode.allCases), &generator)
        }
    }
}
