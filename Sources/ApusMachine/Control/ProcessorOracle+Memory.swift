extension ProcessorOracle {
    func region(at address: UInt32) -> MemoryRegion? {
        regions.first { address &- $0.base < $0.bytes }
    }

    func fetch() throws(Event) -> UInt32 {
        guard let region = region(at: pc), region.permissions.contains(.execute),
            !watched.contains(pc)
        else { throw .exception(.fetchFault, value: pc) }
        return bytes(of: region, at: pc, count: 4)
    }

    func load(_ address: UInt32, bytes count: UInt32) throws(Event) -> UInt32 {
        let region = region(at: address)
        if address % count != 0 && (region == nil || options.trapsMisaligned) {
            throw .exception(.loadMisaligned, value: address)
        }
        guard let region else {
            var value: UInt32 = 0
            guard try performOutside(address, count, isStore: false, &value) else {
                throw .exception(.loadFault, value: address)
            }
            return value
        }
        guard region.permissions.contains(.read), address - region.base <= region.bytes - count
        else { throw .exception(.loadFault, value: address) }
        return bytes(of: region, at: address, count: count)
    }

    func store(_ value: UInt32, _ address: UInt32, bytes count: UInt32) throws(Event) {
        let region = region(at: address)
        if address % count != 0 && (region == nil || options.trapsMisaligned) {
            throw .exception(.storeMisaligned, value: address)
        }
        var value = count == 4 ? value : value & (1 << (8 * count) - 1)
        guard let region else {
            guard try performOutside(address, count, isStore: true, &value) else {
                throw .exception(.storeFault, value: address)
            }
            return
        }
        guard region.permissions.contains(.write), address - region.base <= region.bytes - count
        else { throw .exception(.storeFault, value: address) }
        for i in 0..<count {
            region.host[Int(address - region.base + i)] = UInt8(
                truncatingIfNeeded: value >> (8 * i))
        }
        let words = [address & ~3, (address + (count - 1)) & ~3]
        if let access, words.contains(where: watched.contains),
            access(context, address, count, true, &value) == AccessAnswer.stop.rawValue
        {
            isStopped = true
        }
    }

    private func bytes(of region: MemoryRegion, at address: UInt32, count: UInt32) -> UInt32 {
        (0..<count).reduce(0) {
            $0 | UInt32(region.host[Int(address - region.base + $1)]) << (8 * $1)
        }
    }

    /// Asks the timer or the callback; false if nothing is there.
    private func performOutside(
        _ address: UInt32, _ count: UInt32, isStore: Bool, _ value: inout UInt32
    ) throws(Event) -> Bool {
        if options.hasTimer && address >> 16 == 0x0200 {
            return count == 4 && performTimer(address & 0xFFFF, isStore: isStore, &value)
        }
        guard let access else { return false }
        switch AccessAnswer(rawValue: access(context, address, count, isStore, &value)) {
        case .done: return true
        case .stop:
            isStopped = true
            return true
        case .stall: throw .stall
        case .fault, nil: return false
        }
    }

    private func performTimer(_ offset: UInt32, isStore: Bool, _ value: inout UInt32) -> Bool {
        let isHigh = offset & 4 != 0
        switch offset {
        case 0:
            if isStore { control.isSoftwarePending = value & 1 == 1 }
            value = control.isSoftwarePending ? 1 : 0
        case 0x4000, 0x4004:
            if isStore { control.mtimecmp.replaceHalf(isHigh: isHigh, with: value) }
            value = control.mtimecmp.half(isHigh: isHigh)
        case 0xBFF8, 0xBFFC:
            var time = time
            value = isStore ? value : time.half(isHigh: isHigh)
            if isStore {
                time.replaceHalf(isHigh: isHigh, with: value)
                // What is written is what the next instruction reads.
                control.timeOffset = time &- (steps &+ 1)
            }
        default: return false
        }
        return true
    }
}

extension UInt64 {
    func half(isHigh: Bool) -> UInt32 {
        UInt32(truncatingIfNeeded: isHigh ? self >> 32 : self)
    }

    mutating func replaceHalf(isHigh: Bool, with value: UInt32) {
        self =
            isHigh
            ? self & 0xFFFF_FFFF | UInt64(value) << 32
            : self & ~0xFFFF_FFFF | UInt64(value)
    }
}
