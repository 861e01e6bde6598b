import ApusISA
import CApusMachine

/// The control processor's accesses in checked launches: they do the same, and the observer hears.
extension Core {
    /// An access function whose context is the core object.
    static let observedAccess: AccessFunction = { context, address, bytes, isStore, value in
        guard let context, let value else { return AccessAnswer.fault.rawValue }
        let core = Unmanaged<Core>.fromOpaque(context).takeUnretainedValue()
        let scratchpadBytes = core.state.pointee.scratchpad_bytes
        let offset = address &- AddressMap.scratchpadBase
        if offset < scratchpadBytes, bytes <= scratchpadBytes - offset {
            core.accessScratchpad(offset, bytes, isStore, value)
            return AccessAnswer.done.rawValue
        }
        let answer = apus_core_access(core.state, address, bytes, isStore, value)
        if answer != AccessAnswer.stall.rawValue, answer != AccessAnswer.fault.rawValue {
            core.report(address &- AddressMap.registerBase, isStore, value.pointee)
        }
        return answer
    }

    private func accessScratchpad(
        _ offset: UInt32, _ bytes: UInt32, _ isStore: Bool, _ value: UnsafeMutablePointer<UInt32>
    ) {
        let place = UnsafeMutableRawPointer(state.pointee.scratchpad + Int(offset))
        if isStore {
            withUnsafeBytes(of: value.pointee.littleEndian) {
                place.copyMemory(
                    from: $0.baseAddress ?? UnsafeRawPointer(place), byteCount: Int(bytes))
            }
        } else {
            var word: UInt32 = 0
            withUnsafeMutableBytes(of: &word) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: place, count: Int(bytes)))
            }
            value.pointee = UInt32(littleEndian: word)
        }
        observer?.processorAccessed(
            core: index, address: offset, bytes: bytes, isStore: isStore)
    }

    private func report(_ offset: UInt32, _ isStore: Bool, _ value: UInt32) {
        typealias Register = AddressMap.Register
        guard let observer else { return }
        if isStore, offset < 4 * Register.queueStride {
            guard offset % Register.queueStride == Register.queueStride - 4,
                let engine = Engine(rawValue: UInt8(offset / Register.queueStride))
            else { return }
            observer.commandEnqueued(core: index, engine: engine, command: port(engine))
        } else if isStore, offset == Register.wait {
            observer.processorWaited(
                core: index, semaphore: Int(value >> 16), value: UInt16(value & 0xFFFF))
        } else if isStore, offset == Register.post {
            observer.processorPosted(
                core: index, semaphore: Int(value >> 16), count: UInt16(value & 0xFFFF))
        } else if isStore, offset == Register.remotePost {
            observer.processorPostedRemotely(
                core: index, target: Int(value >> 24), semaphore: Int(value >> 16 & 31),
                count: UInt16(value & 0xFFFF))
        } else if !isStore, offset >= Register.semaphores {
            let semaphore = Int(offset - Register.semaphores) / 4
            observer.processorWaited(core: index, semaphore: semaphore, value: nil)
        }
    }

    /// The eight words of a queue port.
    private func port(_ engine: Engine) -> CommandWord {
        let queues = state.pointee.queues
        let port =
            switch engine {
            case .load: queues.0.port
            case .store: queues.1.port
            case .matrix: queues.2.port
            case .vector: queues.3.port
            }
        return CommandWord(
            words: SIMD8(port.0, port.1, port.2, port.3, port.4, port.5, port.6, port.7))
    }
}
