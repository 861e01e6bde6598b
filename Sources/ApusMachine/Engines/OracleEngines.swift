import ApusISA
import ApusNumerics
import CApusMachine

/// The engines as docs/Architecture.md describes them: element by element, by the plain functions
/// of ApusNumerics. They share nothing with the fast engines but the core's memories.
enum OracleEngines {
    /// A function for `apus_core.execute`; its context is unused.
    static let execute: apus_execute_function = { _, core, queue, words in
        guard let core, let words, let engine = Engine(rawValue: UInt8(queue)) else {
            return apus_trap_cause(rawValue: 0)
        }
        let word = CommandWord(words: UnsafeRawPointer(words).loadUnaligned(as: SIMD8<UInt32>.self))
        do throws(TrapCause) {
            try execute(word, on: engine, of: CoreMemory(core))
            return apus_trap_cause(rawValue: 0)
        } catch {
            return apus_trap_cause(rawValue: UInt32(error.rawValue))
        }
    }

    private static func execute(
        _ word: CommandWord, on engine: Engine, of memory: CoreMemory
    ) throws(TrapCause) {
        if let owner = try owner(of: word.opcode), owner != engine { throw .wrongQueue }
        let command: Command
        do throws(DecodeError) {
            command = try Command(decoding: word)
        } catch {
            throw error.cause
        }
        switch command.operation {
        case .nop: break
        case .load(let load): try OracleTransfer(load, isStore: false, memory).run()
        case .store(let store): try OracleTransfer(store, isStore: true, memory).run()
        case .matmul(let matmul): try OracleMatrix(matmul, memory).run()
        case .vector(let vector): try OracleVector(vector, memory).run()
        }
    }

    /// The engine whose queue takes the opcode; nil if any does.
    private static func owner(of opcode: UInt8) throws(TrapCause) -> Engine? {
        switch opcode {
        case Opcode.nop: return nil
        case Opcode.load: return .load
        case Opcode.store: return .store
        case Opcode.matmul: return .matrix
        default:
            if VectorOpcode(rawValue: opcode) == nil { throw .unknownOpcode }
            return .vector
        }
    }
}

extension CoreMemory {
    /// More elements than this in one command trap.
    static let elementsMax = 1 << 31

    /// Reads a descriptor with its decoder.
    func decode<Descriptor>(
        _ offset: UInt32, _ count: Int, _ decoder: ([UInt32]) throws(DecodeError) -> Descriptor
    ) throws(TrapCause) -> Descriptor {
        guard let words = descriptor(offset, count) else { throw .badDescriptor }
        do throws(DecodeError) {
            return try decoder(words)
        } catch {
            throw error.cause
        }
    }

    /// The product of extents.
    ///
    /// - Throws: ``TrapCause/badShape`` beyond ``elementsMax``, unless an extent is zero.
    static func elements(_ extents: [Int]) throws(TrapCause) -> Int {
        if extents.contains(0) { return 0 }
        var product = 1
        for extent in extents {
            let (next, overflows) = product.multipliedReportingOverflow(by: extent)
            if overflows || next > elementsMax { throw .badShape }
            product = next
        }
        return product
    }
}
