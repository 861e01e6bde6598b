// The kernel `apus_tile`: runs a tile program (Sources/ApusKernels/ArgumentLayout.swift).
//
// Each core walks a contiguous share of the tile grid. Commands are issued in program order and
// wait for exactly the commands whose effects they need, by their numbers; so engines overlap as
// far as the slots' buffers allow, and nothing but the issue order has to be right for the result
// to be. All is inlined into one loop: what is saved and restored per call would be a tenth of it.
import ApusDevice

typealias Words = UnsafeMutablePointer<UInt32>

/// The words at an address of the control processor.
@inline(__always)
func words(_ address: UInt32) -> Words {
    Words(bitPattern: UInt(address)).unsafelyUnwrapped
}

/// What changes while a core walks its tiles and is not in the argument block.
struct TileKernel {
    let header: Words
    /// Slots whose Loads must be issued again, one bit each.
    var stale: UInt32
    /// Commands until the next drain.
    var budget: Int32

    @inline(__always)
    init() {
        header = words(ArgumentBlock.address)
        stale = 0xFFFF_FFFF
        budget = Int32(ArgumentBlock.commandsBetweenDrains)
    }

    /// Runs this core's share of the grid.
    @inline(__always)
    mutating func run() {
        let core = apus_core_index()
        let cores = apus_core_count()
        let tiles = header[HeaderWord.parallelTiles]
        // Most launches of small models have fewer tiles than cores: no division then.
        var share: UInt32 = 0
        var longer = tiles
        if tiles >= cores && cores != 0 {
            share = tiles / cores
            longer = tiles % cores
        }
        let isLonger = core < longer
        let count = isLonger ? share &+ 1 : share
        if count == 0 { return }
        let serial = header[HeaderWord.serialTiles]
        let first = (share &* core &+ (isLonger ? core : longer)) &* serial
        if first != 0 { seek(first) }
        var left = count &* serial
        while true {
            runTile()
            left &-= 1
            if left == 0 { break }
            nextTile()
        }
    }

    /// Sets the coordinates to those of a tile, from those of the first.
    @inline(never)
    func seek(_ tile: UInt32) {
        var rest = tile
        var dimension = words(header[HeaderWord.dimensions])
        while rest != 0 {
            let extent = dimension[DimensionWord.extent]
            let index = rest < extent ? rest : rest % extent
            rest = rest < extent ? 0 : rest / extent
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
    @inline(__always)
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

    /// How many chunks the current tile has.
    @inline(__always)
    func chunksOfTile() -> UInt32 {
        let table = header[HeaderWord.chunkTable]
        if table == 0 { return header[HeaderWord.chunks] }
        return words(table)[Int(words(header[HeaderWord.chunkIndex])[0])]
    }

    /// Takes back `chunk` chunk steps: where tiles differ in chunks, the grid's steps do not.
    @inline(never)
    func rewind(_ chunk: UInt32) {
        var step = words(header[HeaderWord.chunkSteps])
        let end = words(header[HeaderWord.chunkStepsEnd])
        while step != end {
            let target = words(step[StepWord.target])
            target[0] = target[0] &- step[StepWord.delta] &* chunk
            step += StepWord.count
        }
    }

    /// Issues the commands of a tile: the three lists, the second once for each chunk.
    @inline(__always)
    mutating func runTile() {
        let each = header[HeaderWord.eachChunk]
        let after = header[HeaderWord.afterChunks]
        var command = header[HeaderWord.beforeChunks]
        var boundary = each
        var chunk: UInt32 = 0
        var chunksLeft = each == after ? 0 : chunksOfTile()
        pay(header[HeaderWord.commandsPerTile])
        while true {
            while command != boundary {
                let record = words(command)
                let flags = record[RecordWord.flags]
                command = record[RecordWord.end]
                if flags & CommandFlag.isConditional != 0 {
                    let lastChunks = flags >> CommandFlag.lastChunksShift
                    if lastChunks != 0 {
                        if chunksLeft > lastChunks { continue }
                    } else {
                        if record[RecordWord.staleTest] & stale == 0 { continue }
                        stale &= ~record[RecordWord.staleClear]
                    }
                }
                issue(record, flags, chunk)
            }
            if boundary == each && chunksLeft != 0 && chunk == 0 {
                boundary = after
            } else if boundary == after && chunksLeft > 1 {
                chunksLeft &-= 1
                chunk &+= 1
                command = each
                apply(header[HeaderWord.chunkSteps], header[HeaderWord.chunkStepsEnd])
                stale |= header[HeaderWord.chunkStale]
            } else {
                if chunk != 0 && header[HeaderWord.chunkTable] != 0 { rewind(chunk) }
                if boundary == header[HeaderWord.commandsEnd] { return }
                boundary = header[HeaderWord.commandsEnd]
                command = after
                chunk = 0
                continue
            }
            pay(header[HeaderWord.commandsPerChunk])
        }
    }
}

extension TileKernel {
    /// Issues one command: turns buffers, fills in addresses and waits, and leaves its marks.
    @inline(__always)
    func issue(_ record: Words, _ flags: UInt32, _ chunk: UInt32) {
        let template = record + RecordWord.template
        var word0 = template[0]
        var cursor = record + RecordWord.count
        let turnsEnd = words(record[RecordWord.turnsEnd])
        if flags & CommandFlag.sumsOverChunks != 0 && chunk != 0 {
            word0 |= APUS_MATMUL_ACCUMULATE_MASK
            cursor = turnsEnd
        }
        while cursor != turnsEnd {
            let slot = words(cursor[0])
            slot[0] = words(slot[0])[BufferWord.next]
            cursor += 1
        }
        let operandsEnd = words(record[RecordWord.operandsEnd])
        while cursor != operandsEnd {
            let buffer = words(words(cursor[0])[0])
            words(cursor[1])[0] = buffer[BufferWord.address] &+ cursor[2]
            cursor += 3
        }
        let port = record[RecordWord.port]
        let waits = waits(word0, cursor, words(record[RecordWord.needsEnd]), port)
        var word7 = template[7]
        if flags & CommandFlag.packsCoordinates != 0 {
            // A negative low half has borrowed one from the high half: give it back.
            word7 = word7 &+ (word7 & 0x8000) << 1
        }
        apus_enqueue_port(port, waits.word0, waits.word1, template, word7)
        mark(record)
    }

    /// Gives the command its number, and leaves it where later commands look.
    @inline(__always)
    func mark(_ record: Words) {
        let issued = words(record[RecordWord.issued])
        let number = issued[0] &+ 1
        issued[0] = number
        var cursor = words(record[RecordWord.needsEnd])
        let marksEnd = words(record[RecordWord.marksEnd])
        while cursor != marksEnd {
            words(cursor[0])[0] = number
            cursor += 1
        }
        let end = words(record[RecordWord.end])
        while cursor != end {
            words(words(cursor[0])[0] &+ cursor[1])[0] = number
            cursor += 2
        }
    }

    /// The command's first two words with waits for all that it needs and has not waited for.
    @inline(__always)
    func waits(_ word0: UInt32, _ first: Words, _ end: Words, _ port: UInt32) -> Waits {
        var waits = Waits(word0: word0, word1: 0)
        var group = first
        while group != end {
            let groupEnd = words(group[NeedWord.end])
            let waited = words(group[NeedWord.waited])
            let before = waited[0]
            var number = before
            var entry = group + NeedWord.count
            repeat {
                let mark = words(words(entry[0])[0] &+ entry[1])[0]
                if Int32(bitPattern: mark &- number) > 0 { number = mark }
                entry += 2
            } while entry != groupEnd
            if number != before {
                waited[0] = number
                let drained = words(group[NeedWord.drained])[0]
                if Int32(bitPattern: drained &- number) > 0 { number = drained }
                waits.add(group[NeedWord.semaphore], number, port)
            }
            group = groupEnd
        }
        return waits
    }

    /// Takes `commands` from the budget; when it is spent, waits once for all that was issued.
    @inline(__always)
    mutating func pay(_ commands: UInt32) {
        budget &-= Int32(bitPattern: commands)
        if budget < 0 {
            budget = Int32(ArgumentBlock.commandsBetweenDrains)
            drain()
        }
    }

    @inline(never)
    func drain() {
        var engine = header + HeaderWord.count
        for index in 0..<UInt32(ArgumentBlock.engines) {
            let issued = engine[EngineWord.issued]
            apus_wait(index &+ 1, issued)
            engine[EngineWord.drained] = issued
            engine += EngineWord.count
        }
    }
}

/// The first two words of a command, to which waits are added.
struct Waits {
    var word0: UInt32
    var word1: UInt32

    /// Adds a wait. A command has room for two; a `nop` before it carries what is more.
    @inline(__always)
    mutating func add(_ semaphore: UInt32, _ value: UInt32, _ port: UInt32) {
        if word0 & APUS_SYNC_WAIT_A_MASK == 0 {
            word0 |= semaphore &<< UInt32(APUS_SYNC_WAIT_A_SHIFT)
            word1 = value & APUS_SYNC_WAIT_A_VALUE_MASK
        } else if word0 & APUS_SYNC_WAIT_B_MASK == 0 {
            word0 |= semaphore &<< UInt32(APUS_SYNC_WAIT_B_SHIFT)
            word1 |= value &<< UInt32(APUS_SYNC_WAIT_B_VALUE_SHIFT)
        } else {
            let waits = APUS_SYNC_WAIT_A_MASK | APUS_SYNC_WAIT_B_MASK
            apus_enqueue_waits(port, word0 & waits, word1)
            word0 = word0 & ~waits | semaphore &<< UInt32(APUS_SYNC_WAIT_A_SHIFT)
            word1 = value & APUS_SYNC_WAIT_A_VALUE_MASK
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
