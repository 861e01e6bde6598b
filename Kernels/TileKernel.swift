// The kernel `apus_tile`: runs a tile program (Sources/ApusKernels/ArgumentLayout.swift).
//
// Each core walks a contiguous share of the tile grid. Commands are issued in program order and
// wait
// for exactly the commands whose effects they need, by their numbers; so engines overlap as far as
// the slots' buffers allow, and nothing but the issue order has to be right for the result to be.
import ApusDevice

typealias Words = UnsafeMutablePointer<UInt32>

/// The words at an address of the control processor.
@inline(__always)
func words(_ address: UInt32) -> Words {
    Words(bitPattern: UInt(address)).unsafelyUnwrapped
}

/// The word `bytes` after an address.
@inline(__always)
func word(_ address: UInt32, plus bytes: UInt32) -> Words { words(address &+ bytes) }

/// What changes while a core walks its tiles and is not in the argument block.
struct TileKernel {
    let header: Words
    let engines: Words
    /// Slots whose Loads must be issued again, one bit each.
    var stale: UInt32
    /// Commands until the next drain.
    var budget: Int32

    init() {
        header = words(ArgumentBlock.address)
        engines = header + HeaderWord.count
        stale = 0xFFFF_FFFF
        budget = Int32(ArgumentBlock.commandsBetweenDrains)
    }

    /// Runs this core's share of the grid.
    mutating func run() {
        let core = apus_core_index()
        let cores = apus_core_count()
        let tiles = header[HeaderWord.parallelTiles]
        let share = tiles / cores
        let longer = tiles % cores
        let count = core < longer ? share &+ 1 : share
        if count == 0 { return }
        let serial = header[HeaderWord.serialTiles]
        seek((share &* core &+ (core < longer ? core : longer)) &* serial)
        var left = count &* serial
        while true {
            runTile()
            left &-= 1
            if left == 0 { break }
            nextTile()
        }
    }

    /// Sets the coordinates to those of a tile, from those of the first.
    func seek(_ tile: UInt32) {
        var rest = tile
        var dimension = words(header[HeaderWord.dimensions])
        for _ in 0..<header[HeaderWord.rank] {
            let extent = dimension[DimensionWord.extent]
            let index = rest % extent
            rest /= extent
            dimension[DimensionWord.index] = index
            var step = words(dimension[DimensionWord.steps])
            let end = words(dimension[DimensionWord.stepsEnd])
            while step != end {
                let target = words(step[StepWord.target])
                target[0] = target[0] &+ index &* step[StepWord.stride]
                step += StepWord.count
            }
            dimension += DimensionWord.count
        }
    }

    /// Moves on to the next tile, whose chunk is 0.
    mutating func nextTile() {
        var dimension = words(header[HeaderWord.dimensions])
        while true {
            let index = dimension[DimensionWord.index] &+ 1
            if index != dimension[DimensionWord.extent] {
                dimension[DimensionWord.index] = index
                break
            }
            dimension[DimensionWord.index] = 0
            dimension += DimensionWord.count
        }
        apply(dimension[DimensionWord.steps], dimension[DimensionWord.stepsEnd])
        stale |= dimension[DimensionWord.stale]
    }

    /// Adds the steps' deltas to their coordinates.
    @inline(__always)
    func apply(_ first: UInt32, _ end: UInt32) {
        var step = first
        while step != end {
            let target = words(words(step)[StepWord.target])
            target[0] = target[0] &+ words(step)[StepWord.delta]
            step &+= UInt32(StepWord.count &* 4)
        }
    }

    /// Issues the commands of a tile.
    mutating func runTile() {
        let each = header[HeaderWord.eachChunk]
        let after = header[HeaderWord.afterChunks]
        pay(header[HeaderWord.commandsPerTile])
        issue(from: header[HeaderWord.beforeChunks], to: each, chunk: 0)
        if each != after {
            let chunks = header[HeaderWord.chunks]
            var chunk: UInt32 = 0
            while true {
                pay(header[HeaderWord.commandsPerChunk])
                issue(from: each, to: after, chunk: chunk)
                chunk &+= 1
                if chunk == chunks { break }
                apply(header[HeaderWord.chunkSteps], header[HeaderWord.chunkStepsEnd])
                stale |= header[HeaderWord.chunkStale]
            }
        }
        issue(from: after, to: header[HeaderWord.commandsEnd], chunk: 0)
    }

    /// Issues the commands of a list.
    @inline(never)
    mutating func issue(from first: UInt32, to end: UInt32, chunk: UInt32) {
        var command = first
        while command != end {
            let record = words(command)
            let test = record[RecordWord.staleTest]
            if test == 0 || test & stale != 0 {
                stale &= ~record[RecordWord.staleClear]
                issue(record, chunk)
            }
            command = record[RecordWord.marksEnd]
        }
    }
}

/// The first two words of a command, to which waits are added.
struct Waits {
    var word0: UInt32
    var word1: UInt32

    /// Adds a wait. A command has room for two; a `nop` before it carries what is more.
    @inline(__always)
    mutating func add(_ semaphore: UInt32, _ value: UInt32, _ engine: UInt32) {
        if word0 & APUS_SYNC_WAIT_A_MASK == 0 {
            word0 |= semaphore &<< UInt32(APUS_SYNC_WAIT_A_SHIFT)
            word1 = value & APUS_SYNC_WAIT_A_VALUE_MASK
        } else if word0 & APUS_SYNC_WAIT_B_MASK == 0 {
            word0 |= semaphore &<< UInt32(APUS_SYNC_WAIT_B_SHIFT)
            word1 |= value &<< UInt32(APUS_SYNC_WAIT_B_VALUE_SHIFT)
        } else {
            let waits = APUS_SYNC_WAIT_A_MASK | APUS_SYNC_WAIT_B_MASK
            apus_enqueue_waits(engine, word0 & waits, word1)
            word0 = word0 & ~waits | semaphore &<< UInt32(APUS_SYNC_WAIT_A_SHIFT)
            word1 = value & APUS_SYNC_WAIT_A_VALUE_MASK
        }
    }
}

extension TileKernel {
    /// Issues one command: turns buffers, fills in addresses and waits, and leaves its marks.
    @inline(__always)
    func issue(_ record: Words, _ chunk: UInt32) {
        let flags = record[RecordWord.flags]
        let template = record + RecordWord.template
        var word0 = template[0]
        var cursor = record + RecordWord.count
        let turnsEnd = words(record[RecordWord.turnsEnd])
        if flags & CommandFlag.sumsOverChunks != 0 && chunk != 0 {
            word0 |= APUS_MATMUL_ACCUMULATE_MASK
        } else {
            while cursor != turnsEnd {
                let slot = words(cursor[0])
                slot[0] = words(slot[0])[BufferWord.next]
                cursor += 1
            }
        }
        let engine = flags & CommandFlag.engineMask
        let state = engines + Int(truncatingIfNeeded: engine) &* EngineWord.count
        cursor = setAddresses(turnsEnd, words(record[RecordWord.operandsEnd]))
        enqueue(record, cursor, engine, state, word0)

        let number = state[EngineWord.issued] &+ 1
        state[EngineWord.issued] = number
        cursor = words(record[RecordWord.needsEnd + ArgumentBlock.engines - 1])
        let marksEnd = words(record[RecordWord.marksEnd])
        while cursor != marksEnd {
            word(words(cursor[0])[0], plus: cursor[1])[0] = number
            cursor += 2
        }
    }

    /// Writes the addresses of current buffers into the template.
    @inline(__always)
    func setAddresses(_ first: Words, _ end: Words) -> Words {
        var operand = first
        while operand != end {
            let buffer = words(words(operand[0])[0])
            words(operand[1])[0] = buffer[BufferWord.address] &+ operand[2]
            operand += 3
        }
        return end
    }

    /// Enqueues the command in the template, with waits for all that it needs.
    @inline(__always)
    func enqueue(
        _ record: Words, _ needs: Words, _ engine: UInt32, _ state: Words, _ command: UInt32
    ) {
        var waits = Waits(word0: command, word1: 0)
        var need = needs
        let needsEnds = record + RecordWord.needsEnd
        var other = engines
        for index in 0..<ArgumentBlock.engines {
            let end = words(needsEnds[index])
            if need != end {
                let waited = state[EngineWord.waited + index]
                var number = waited
                repeat {
                    let mark = word(words(need[0])[0], plus: need[1])[0]
                    if Int32(bitPattern: mark &- number) > 0 { number = mark }
                    need += 2
                } while need != end
                if number != waited {
                    state[EngineWord.waited + index] = number
                    let drained = other[EngineWord.drained]
                    if Int32(bitPattern: drained &- number) > 0 { number = drained }
                    waits.add(UInt32(truncatingIfNeeded: index &+ 1), number, engine)
                }
            }
            other += EngineWord.count
        }
        let template = record + RecordWord.template
        var word7 = template[7]
        if record[RecordWord.flags] & CommandFlag.packsCoordinates != 0 {
            // A negative low half has borrowed one from the high half: give it back.
            word7 = word7 &+ (word7 & 0x8000) << 1
        }
        apus_enqueue(engine, waits.word0, waits.word1, template, word7)
    }

    /// Takes `commands` from the budget; when it is spent, waits once for all that was issued.
    @inline(__always)
    mutating func pay(_ commands: UInt32) {
        budget &-= Int32(bitPattern: commands)
        if budget < 0 { drain() }
    }

    @inline(never)
    mutating func drain() {
        budget = Int32(ArgumentBlock.commandsBetweenDrains)
        var engine = engines
        for index in 0..<UInt32(ArgumentBlock.engines) {
            let issued = engine[EngineWord.issued]
            apus_wait(index &+ 1, issued)
            engine[EngineWord.drained] = issued
            engine += EngineWord.count
        }
    }
}

/// The entry point, called by start.S.
@c(apus_tile_main)
func tileMain() {
    var kernel = TileKernel()
    kernel.run()
    apus_done(0)
}
