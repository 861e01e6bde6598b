/// Which commands are complete before which, by nothing but queue order and semaphores.
///
/// Every command's clock says, per engine, how many of its commands are complete when it begins,
/// whatever the engines' speeds.
struct HappensBefore {
    typealias Buffer = ReferenceExpansion.Buffer

    private var clocks: [[[Int]]] = Array(repeating: [], count: 4)
    private var engineClock = [[Int]](repeating: [0, 0, 0, 0], count: 4)
    private var processorClock = [0, 0, 0, 0]
    private var lastWrite: [Buffer: [Int]] = [:]
    private var lastUse: [Buffer: [Int]] = [:]
    /// The furthest that a wait's value lies behind the newest command of the engine it waits for.
    private(set) var largestLag = 0

    /// The control processor waits for a semaphore.
    mutating func wait(_ semaphore: Int, _ value: UInt16) {
        var clock = processorClock
        merge(&clock, semaphore, value)
        processorClock = clock
    }

    /// A command that only waits.
    mutating func nop(_ engine: Int, _ words: [UInt32]) { wait(engine, words) }

    /// A command; the buffers and engines whose earlier commands it conflicts with unordered.
    mutating func command(
        _ engine: Int, _ words: [UInt32], reads: Set<Buffer>, writes: Set<Buffer>
    ) -> [String] {
        wait(engine, words)
        let clock = engineClock[engine]
        var missing: [String] = []
        for other in 0..<4 where other != engine {
            for buffer in reads
            where lastWrite[buffer, default: [0, 0, 0, 0]][other] > clock[other] {
                missing.append("writer \(other) of slot \(buffer.slot) buffer \(buffer.index)")
            }
            for buffer in writes where lastUse[buffer, default: [0, 0, 0, 0]][other] > clock[other]
            {
                missing.append("user \(other) of slot \(buffer.slot) buffer \(buffer.index)")
            }
        }
        let number = clocks[engine].count + 1
        clocks[engine].append(clock)
        engineClock[engine][engine] = number
        for buffer in writes { lastWrite[buffer, default: [0, 0, 0, 0]][engine] = number }
        for buffer in reads.union(writes) {
            lastUse[buffer, default: [0, 0, 0, 0]][engine] = number
        }
        return missing
    }

    private mutating func wait(_ engine: Int, _ words: [UInt32]) {
        var clock = engineClock[engine]
        for index in 0..<4 { clock[index] = max(clock[index], processorClock[index]) }
        merge(&clock, Int(words[0] >> 8 & 31), UInt16(truncatingIfNeeded: words[1]))
        merge(&clock, Int(words[0] >> 13 & 31), UInt16(truncatingIfNeeded: words[1] >> 16))
        engineClock[engine] = clock
    }

    /// All that was complete before the command that the wait names, and that command, is complete.
    private mutating func merge(_ clock: inout [Int], _ semaphore: Int, _ value: UInt16) {
        guard semaphore != 0 else { return }
        let engine = semaphore - 1
        let newest = clocks[engine].count
        let lag = Int(Int16(bitPattern: UInt16(truncatingIfNeeded: newest) &- value))
        largestLag = max(largestLag, lag)
        let number = newest - lag
        precondition(number <= newest, "a wait for a command that is not issued")
        clock[engine] = max(clock[engine], number)
        if number > 0 {
            let known = clocks[engine][number - 1]
            for index in 0..<4 { clock[index] = max(clock[index], known[index]) }
        }
    }
}
