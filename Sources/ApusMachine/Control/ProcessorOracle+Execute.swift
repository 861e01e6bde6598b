extension ProcessorOracle {
    /// Performs one instruction and returns the address of the next.
    func execute(_ word: UInt32) throws(Event) -> UInt32 {
        let rd = Int(word >> 7 & 31)
        let funct3 = word >> 12 & 7
        let a = registers[Int(word >> 15 & 31)]
        let b = registers[Int(word >> 20 & 31)]
        let immediate = UInt32(bitPattern: Int32(bitPattern: word) >> 20)
        switch word & 0x7F {
        case 0x37: self[register: rd] = word & 0xFFFF_F000
        case 0x17: self[register: rd] = pc &+ (word & 0xFFFF_F000)
        case 0x6F: return try jump(to: pc &+ jumpOffset(word), link: rd)
        case 0x67 where funct3 == 0: return try jump(to: (a &+ immediate) & ~1, link: rd)
        case 0x63:
            guard try isTaken(word, a, b) else { break }
            return try jump(to: pc &+ branchOffset(word), link: 0)
        case 0x03: self[register: rd] = try loadValue(word, at: a &+ immediate)
        case 0x23 where funct3 <= 2:
            let offset = immediate & ~31 | (word >> 7 & 31)
            try store(b, a &+ offset, bytes: 1 << funct3)
        case 0x13: self[register: rd] = try immediateValue(word, a, immediate)
        case 0x33: self[register: rd] = try registerValue(word, a, b)
        case 0x0F where funct3 <= 1: break
        case 0x73 where funct3 == 0: return try executeSystem(word)
        case 0x73 where funct3 != 4:
            let source = funct3 & 4 == 0 ? a : word >> 15 & 31
            try executeControlRegister(word, operation: funct3 & 3, source: source)
        default: throw .exception(.illegalInstruction, value: word)
        }
        return pc &+ 4
    }

    private func jump(to target: UInt32, link rd: Int) throws(Event) -> UInt32 {
        guard target % 4 == 0 else { throw .exception(.fetchMisaligned, value: target) }
        self[register: rd] = pc &+ 4
        return target
    }

    private func jumpOffset(_ word: UInt32) -> UInt32 {
        let sign = UInt32(bitPattern: Int32(bitPattern: word) >> 31)
        return sign << 20 | (word >> 12 & 0xFF) << 12 | (word >> 20 & 1) << 11
            | (word >> 21 & 0x3FF) << 1
    }

    private func branchOffset(_ word: UInt32) -> UInt32 {
        let sign = UInt32(bitPattern: Int32(bitPattern: word) >> 31)
        return sign << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 0x3F) << 5 | (word >> 8 & 0xF)
            << 1
    }

    private func isTaken(_ word: UInt32, _ a: UInt32, _ b: UInt32) throws(Event) -> Bool {
        switch word >> 12 & 7 {
        case 0: return a == b
        case 1: return a != b
        case 4: return Int32(bitPattern: a) < Int32(bitPattern: b)
        case 5: return Int32(bitPattern: a) >= Int32(bitPattern: b)
        case 6: return a < b
        case 7: return a >= b
        default: throw .exception(.illegalInstruction, value: word)
        }
    }

    private func loadValue(_ word: UInt32, at address: UInt32) throws(Event) -> UInt32 {
        switch word >> 12 & 7 {
        case 0: return try load(address, bytes: 1).signExtended(from: 8)
        case 1: return try load(address, bytes: 2).signExtended(from: 16)
        case 2: return try load(address, bytes: 4)
        case 4: return try load(address, bytes: 1)
        case 5: return try load(address, bytes: 2)
        default: throw .exception(.illegalInstruction, value: word)
        }
    }

    private func immediateValue(
        _ word: UInt32, _ a: UInt32, _ immediate: UInt32
    ) throws(Event) -> UInt32 {
        let shift = immediate & 31
        switch (word >> 12 & 7, word >> 25) {
        case (0, _): return a &+ immediate
        case (1, 0): return a << shift
        case (2, _): return Int32(bitPattern: a) < Int32(bitPattern: immediate) ? 1 : 0
        case (3, _): return a < immediate ? 1 : 0
        case (4, _): return a ^ immediate
        case (5, 0): return a >> shift
        case (5, 0x20): return UInt32(bitPattern: Int32(bitPattern: a) >> shift)
        case (6, _): return a | immediate
        case (7, _): return a & immediate
        default: throw .exception(.illegalInstruction, value: word)
        }
    }

    private func registerValue(_ word: UInt32, _ a: UInt32, _ b: UInt32) throws(Event) -> UInt32 {
        let signedA = Int32(bitPattern: a)
        let signedB = Int32(bitPattern: b)
        switch (word >> 25, word >> 12 & 7) {
        case (0, 0): return a &+ b
        case (0x20, 0): return a &- b
        case (0, 1): return a << (b & 31)
        case (0, 2): return signedA < signedB ? 1 : 0
        case (0, 3): return a < b ? 1 : 0
        case (0, 4): return a ^ b
        case (0, 5): return a >> (b & 31)
        case (0x20, 5): return UInt32(bitPattern: signedA >> (b & 31))
        case (0, 6): return a | b
        case (0, 7): return a & b
        case (1, 0): return a &* b
        case (1, 1): return highHalf(Int64(signedA) * Int64(signedB))
        case (1, 2): return highHalf(Int64(signedA) * Int64(b))
        case (1, 3): return UInt32((UInt64(a) * UInt64(b)) >> 32)
        case (1, 4): return b == 0 ? .max : UInt32(bitPattern: signedA.quotient(by: signedB))
        case (1, 5): return b == 0 ? .max : a / b
        case (1, 6): return b == 0 ? a : UInt32(bitPattern: signedA.rest(by: signedB))
        case (1, 7): return b == 0 ? a : a % b
        default: throw .exception(.illegalInstruction, value: word)
        }
    }

    private func highHalf(_ product: Int64) -> UInt32 {
        UInt32(truncatingIfNeeded: product >> 32)
    }

    private func executeSystem(_ word: UInt32) throws(Event) -> UInt32 {
        switch word {
        case 0x0000_0073: throw .exception(.environmentCall, value: 0)
        case 0x0010_0073: throw .exception(.breakpoint, value: pc)
        case 0x3020_0073:
            control.isEnabled = control.wasEnabled
            control.wasEnabled = true
            return control.mepc
        case 0x1050_0073:
            // Nothing but the timer can end this sleep: sleep until it does.
            let isTimerEnabled = control.mie >> 7 & 1 == 1
            if !wakesNow && isTimerEnabled && control.mtimecmp != .max {
                control.timeOffset = control.mtimecmp &- (steps &+ 1)
            }
            return pc &+ 4
        default: throw .exception(.illegalInstruction, value: word)
        }
    }

    /// Whether an enabled interrupt is pending once this instruction has retired.
    private var wakesNow: Bool {
        let isTimerPending = steps &+ 1 &+ control.timeOffset >= control.mtimecmp
        return (pendingInterrupts | (isTimerPending ? 1 << 7 : 0)) & control.mie != 0
    }
}

extension UInt32 {
    fileprivate func signExtended(from bits: UInt32) -> UInt32 {
        UInt32(bitPattern: Int32(bitPattern: self << (32 - bits)) >> Int32(32 - bits))
    }
}

extension Int32 {
    /// The quotient, truncated; the one that does not fit wraps.
    fileprivate func quotient(by divisor: Int32) -> Int32 {
        dividedReportingOverflow(by: divisor).partialValue
    }

    /// The remainder with the sign of the dividend; 0 where the quotient does not fit.
    fileprivate func rest(by divisor: Int32) -> Int32 {
        remainderReportingOverflow(dividingBy: divisor).partialValue
    }
}
