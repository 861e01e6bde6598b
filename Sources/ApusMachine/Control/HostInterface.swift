/// The host's end of `tohost` and `fromhost`: exit, a console, and calls through a block of memory.
///
/// A number with the low bit set ends the program. Device 1, command 1 (in the top two bytes)
/// prints the low byte. Any other number is the address of a block of eight 64-bit words, a system
/// call with its arguments, of which `write` (64) to files 1 and 2 and `exit` (93) are answered.
struct HostInterface {
    let memory: UnsafeMutablePointer<UInt8>
    let base: UInt32
    let bytes: UInt32
    let console: ([UInt8]) -> Void
    var toHost: UInt32?
    var fromHost: UInt32?

    init(
        memory: UnsafeMutablePointer<UInt8>, base: UInt32, bytes: UInt32,
        console: @escaping ([UInt8]) -> Void
    ) {
        self.memory = memory
        self.base = base
        self.bytes = bytes
        self.console = console
    }

    /// Stops at stores that set a word of `tohost` to something; there are no devices.
    static let access: AccessFunction = { context, address, _, isStore, value in
        guard let context, isStore, let value else { return AccessAnswer.fault.rawValue }
        let host = context.assumingMemoryBound(to: HostInterface.self).pointee
        guard let toHost = host.toHost, address &+ 3 &- toHost < 11 else {
            return AccessAnswer.fault.rawValue
        }
        return (value.pointee == 0 ? AccessAnswer.done : .stop).rawValue
    }

    /// Performs what is asked at `tohost`; the exit code if the program ends.
    func answer() -> UInt64? {
        guard let toHost, let asked = double(at: toHost) else { return nil }
        let command = asked >> 48
        if command == 0x0101 {
            console([UInt8(truncatingIfNeeded: asked)])
            reply(0x0101 << 48)
            return nil
        }
        guard command == 0, asked != 0 else { return nil }
        if asked & 1 == 1 { return asked >> 1 }
        return call(block: UInt32(truncatingIfNeeded: asked))
    }

    private func call(block: UInt32) -> UInt64? {
        guard let number = double(at: block), let first = double(at: block &+ 8),
            let address = double(at: block &+ 16), let count = double(at: block &+ 24)
        else {
            reply(1)
            return nil
        }
        if number == 93 { return first }
        var result = UInt64(bitPattern: -38)
        if number == 64, first == 1 || first == 2, let text = range(address, count) {
            console(Array(UnsafeBufferPointer(rebasing: memoryBuffer[text])))
            result = count
        }
        setDouble(result, at: block)
        reply(1)
        return nil
    }

    private var memoryBuffer: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: memory, count: Int(bytes))
    }

    private func range(_ address: UInt64, _ count: UInt64) -> Range<Int>? {
        let (end, isOverflow) = address.addingReportingOverflow(count)
        guard !isOverflow, address >= base, end <= UInt64(base) + UInt64(bytes) else { return nil }
        return Int(address - UInt64(base))..<Int(end - UInt64(base))
    }

    private func double(at address: UInt32) -> UInt64? {
        range(UInt64(address), 8).map {
            UnsafeRawPointer(memory + $0.lowerBound).loadUnaligned(as: UInt64.self)
        }
    }

    private func setDouble(_ value: UInt64, at address: UInt32) {
        guard let place = range(UInt64(address), 8) else { return }
        UnsafeMutableRawPointer(memory + place.lowerBound).storeBytes(of: value, as: UInt64.self)
    }

    private func reply(_ value: UInt64) {
        if let toHost { setDouble(0, at: toHost) }
        if let fromHost { setDouble(value, at: fromHost) }
    }
}
