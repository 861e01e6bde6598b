import ApusISA

/// A random program before it is scheduled: what is to be done, in an order in which it may be done
/// one after the other. A failing program is shrunk in this form.
package struct ProgramDraft: Sendable {
    /// One thing that the kernel does.
    package enum Step: Sendable {
        /// Enqueues a command on an engine's queue; its descriptor's offset is filled in later.
        case command(CommandWord, Engine, descriptor: [UInt32])
        /// Stores a word to the scratchpad.
        case store(UInt32, at: UInt32)
        /// Prints a character.
        case console(UInt8)
        /// Stores to a register that there is not.
        case fault
        /// A command whose wait never passes.
        case neverReady(Engine)
    }

    /// How commands are kept from meeting.
    package enum Order: String, Sendable, CaseIterable {
        /// Each waits for the one before it.
        case chain
        /// Each waits for those whose bytes it shares; the others run beside it.
        case concurrent
    }

    package var steps: [Step]
    package var order: Order
    /// Whether a command that traps is wanted; else those that would are left out.
    package var mayTrap: Bool
    /// The semaphores' value when the first command is enqueued; near 2¹⁶ they wrap.
    package var firstValue: UInt16
    /// Draws what the schedule leaves open.
    package var seed: UInt64

    package init(steps: [Step], order: Order, mayTrap: Bool, firstValue: UInt16, seed: UInt64) {
        self.steps = steps
        self.order = order
        self.mayTrap = mayTrap
        self.firstValue = firstValue
        self.seed = seed
    }
}

extension ProgramDraft {
    /// The word that holds the descriptor's offset; nil if the opcode has none.
    static func descriptorWord(_ opcode: UInt8) -> Int? {
        switch opcode {
        case Opcode.nop: nil
        case Opcode.load, Opcode.store, Opcode.matmul: 2
        default: VectorOpcode(rawValue: opcode) == nil ? nil : 6
        }
    }

    /// The same words with other waits and another post.
    static func synchronised(_ word: CommandWord, _ sync: SyncFields) -> CommandWord {
        let fields = Command(sync: sync, operation: .nop).encode()
        let mask: UInt32 = 0x07FF_FF00
        var result = word
        result[0] = (word[0] & ~mask) | (fields[0] & mask)
        result[1] = fields[1]
        return result
    }
}
