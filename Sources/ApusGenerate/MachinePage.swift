import ApusISA

/// The page about addresses, registers, semaphores and traps.
enum MachinePage {
    /// An address or offset with its name and meaning.
    struct Place {
        let name: String
        let value: UInt32
        let access: String
        let meaning: String
    }

    static let bases = [
        Place(
            name: "program", value: AddressMap.programBase, access: "rw",
            meaning: "Program memory: kernel image, data and stack."),
        Place(
            name: "arguments", value: AddressMap.argumentBase, access: "rw",
            meaning: "Argument memory: the launch's argument block, a copy for each core."),
        Place(
            name: "scratchpad", value: AddressMap.scratchpadBase, access: "rw",
            meaning: "The scratchpad."),
        Place(
            name: "registers", value: AddressMap.registerBase, access: "rw",
            meaning: "Engine and core registers."),
    ]

    static let registers = [
        Place(
            name: "queue", value: AddressMap.Register.queue, access: "w",
            meaning: """
                Queue ports of Load, Store, Matrix and Vector, 0x20 bytes apart: eight words; \
                storing the last enqueues the command, and stalls while the queue is full.
                """),
        Place(
            name: "coreIndex", value: AddressMap.Register.coreIndex, access: "r",
            meaning: "This core's index, from 0."),
        Place(
            name: "coreCount", value: AddressMap.Register.coreCount, access: "r",
            meaning: "Cores that run the launch."),
        Place(
            name: "scratchpadBytes", value: AddressMap.Register.scratchpadBytes, access: "r",
            meaning: "Size of the scratchpad."),
        Place(
            name: "accumulatorBytes", value: AddressMap.Register.accumulatorBytes, access: "r",
            meaning: "Size of the accumulators."),
        Place(
            name: "argumentBytes", value: AddressMap.Register.argumentBytes, access: "r",
            meaning: "Size of argument memory."),
        Place(
            name: "wait", value: AddressMap.Register.wait, access: "w",
            meaning: "`semaphore << 16 | value`: the store stalls until the wait passes."),
        Place(
            name: "post", value: AddressMap.Register.post, access: "w",
            meaning: "`semaphore << 16 | count`: adds to a semaphore."),
        Place(
            name: "done", value: AddressMap.Register.done, access: "w",
            meaning: "Ends this core's part of the launch, once its queues are empty; 0 is success."
        ),
        Place(
            name: "console", value: AddressMap.Register.console, access: "w",
            meaning: "Prints one character."),
        Place(
            name: "remotePost", value: AddressMap.Register.remotePost, access: "w",
            meaning:
                "`core << 24 | semaphore << 16 | count`: adds to a semaphore of another core."),
        Place(
            name: "barrier", value: AddressMap.Register.barrier, access: "w",
            meaning: "The store stalls until all cores have stored here."),
        Place(
            name: "semaphores", value: AddressMap.Register.semaphores, access: "r",
            meaning: "Semaphore i at + 4 i."),
    ]

    static func text() -> String {
        """
        # Addresses, registers, semaphores, traps

        ## The control processor's address map

        | address | name | what |
        |---|---|---|
        \(bases.map { row($0, digits: 8) }.joined(separator: "\n"))

        Local addresses in commands: the scratchpad begins at
        `0x\(Hexadecimal.text(AddressMap.localScratchpad, digits: 8))`, the accumulators at
        `0x\(Hexadecimal.text(AddressMap.localAccumulators, digits: 8))`.

        ## Registers

        | offset | name | access | what |
        |---|---|---|---|
        \(registers.map(registerRow).joined(separator: "\n"))

        ## Semaphores

        A core has \(AddressMap.semaphoreCount), 16-bit counters, all zero when a launch begins.
        A wait for value v passes when `int16(semaphore − v) ≥ 0`, so counters may wrap.
        Semaphore 0 is "none": waits on it pass, posts to it vanish.

        ## Trap causes

        A trap is precise: the queue halts before the command changes anything.

        | code | name | meaning |
        |---|---|---|
        \(TrapCause.allCases.map { "| \($0.rawValue) | \($0) | \($0.meaning) |" }
            .joined(separator: "\n"))

        """
    }

    private static func row(_ place: Place, digits: Int) -> String {
        "| `0x\(Hexadecimal.text(place.value, digits: digits))` | \(place.name) "
            + "| \(place.meaning) |"
    }

    private static func registerRow(_ place: Place) -> String {
        "| `+0x\(Hexadecimal.text(place.value, digits: 3))` | \(place.name) | \(place.access) "
            + "| \(place.meaning) |"
    }
}
