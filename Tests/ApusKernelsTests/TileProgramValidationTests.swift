import ApusChip
import ApusISA
import ApusKernels
import Testing

@Suite("What no core could run is refused, with the fact")
struct TileProgramValidationTests {
    /// A program that is valid on nano: load, multiply, add, store.
    private static let valid = TileProgram(
        grid: [4, 3], chunks: 2,
        slots: [
            Slot(address: 0, bytes: 64, buffers: 2), Slot(address: 128, bytes: 64, buffers: 2),
            Slot(address: 256, bytes: 64, buffers: 2),
            Slot(memory: .accumulators, address: 0, bytes: 64, buffers: 2),
            Slot(address: 512, bytes: 64),
        ],
        eachChunk: [
            .load(move(0)), .load(move(1)),
            .matrix(
                MatrixStep(
                    a: Place(0), b: Place(1), accumulators: Place(3),
                    descriptor: matrixDescriptor(m: 4, n: 4, k: 4), aFormat: .fp32,
                    bFormat: .fp32, passes: .six)),
        ],
        afterChunks: [
            .vector(
                VectorStep(.neg, d: Place(2), a: .slot(3), descriptor: unaryRow(16))),
            .store(move(2)),
        ])

    private static func move(_ slot: Int, _ coordinates: [Affine] = []) -> Move {
        Move(Place(slot), transfer: lineTransfer(base: 0, elements: 16), coordinates: coordinates)
    }

    private static func unaryRow(_ columns: Int32) -> VectorDescriptor {
        var descriptor = rowDescriptor(columns)
        descriptor.b = .zero
        return descriptor
    }

    private func error(_ change: (inout TileProgram) -> Void) -> TileProgramError? {
        var program = Self.valid
        change(&program)
        do {
            try program.validate(
                scratchpadBytes: Chip.nano.scratchpadBytes,
                accumulatorBytes: Chip.nano.accumulatorBytes,
                argumentBytes: Chip.nano.argumentBytes)
            return nil
        } catch {
            return error
        }
    }

    @Test("the program that the others are made from is valid")
    func valid() {
        #expect(error { _ in } == nil)
    }

    @Test("a grid has one to five dimensions of at least one tile, and 2²⁴ tiles at most")
    func grid() {
        for grid in [[], [0], [2, -1], [1, 1, 1, 1, 1, 1], [1 << 12, 1 << 13], [Int.max]] {
            #expect(error { $0.grid = grid } == .grid(grid))
        }
        #expect(error { $0.serialDimensions = 3 } == .serialDimensions(3))
        #expect(error { $0.chunks = 0 } == .chunks(0))
    }

    @Test("slots lie in their memory, whole and apart")
    func slots() {
        #expect(error { $0.slots[4].bytes = 0 } == .slot(4))
        #expect(error { $0.slots[4].address = 514 } == .slot(4))
        #expect(error { $0.slots[4].buffers = 9 } == .slot(4))
        #expect(
            error { $0.slots[4].address = 65536 - 32 }
                == .slotPastEnd(slot: 4, end: 65536 + 32, bytes: 65536))
        #expect(error { $0.slots[4].address = 320 } == .slotsOverlap(2, 4))
        #expect(
            error { $0.slots[3].address = 16384 - 64 }
                == .slotPastEnd(slot: 3, end: 16384 + 64, bytes: 16384))
    }

    @Test("commands stay in their slots and in the memories that their engines reach")
    func places() {
        let wide = lineTransfer(base: 0, elements: 17)
        #expect(
            error { $0.eachChunk[0] = .load(Move(Place(0), transfer: wide, coordinates: [])) }
                == .outsideSlot(command: 0, slot: 0, low: 0, high: 68, bytes: 64))
        #expect(
            error {
                $0.eachChunk[0] = .load(
                    Move(
                        Place(0, offset: -4), transfer: lineTransfer(base: 0, elements: 1),
                        coordinates: []))
            } == .outsideSlot(command: 0, slot: 0, low: -4, high: 0, bytes: 64))
        #expect(error { $0.eachChunk[0] = .load(Self.move(7)) } == .unknownSlot(7, command: 0))
        #expect(
            error {
                $0.slots[3].memory = .scratchpad; $0.slots[3].address = 1024
            }
                == .wrongMemory(slot: 3, command: 2))
        #expect(
            error {
                $0.afterChunks[0] = .vector(
                    VectorStep(.neg, d: Place(3), a: .slot(2), descriptor: Self.unaryRow(16)))
            } == .wrongMemory(slot: 3, command: 3))
    }

    @Test("coordinates fit their fields, and depend on the chunk only inside of it")
    func coordinates() {
        let far = Affine(perGrid: [0, 20000])
        let short: [Affine] = [.zero, .zero, .zero, far]
        #expect(
            error { $0.eachChunk[0] = .load(Self.move(0, short)) }
                == .coordinateRange(command: 0, coordinate: 3))
        #expect(error { $0.eachChunk[0] = .load(Self.move(0, [far])) } == nil)
        #expect(
            error { $0.eachChunk[0] = .load(Self.move(0, Array(repeating: .zero, count: 6))) }
                == .coordinateRange(command: 0, coordinate: 5))
        #expect(
            error { $0.afterChunks[1] = .store(Self.move(2, [Affine(perChunk: 1)])) }
                == .dependsOnChunk(command: 4))
    }

    @Test("Loads into one slot belong together")
    func loads() {
        #expect(
            error { $0.beforeChunks = [.load(Self.move(0))] } == .loadsInSeveralLists(slot: 0))
        var always = Self.move(0)
        always.repetition = .always
        #expect(
            error { $0.eachChunk.insert(.load(always), at: 0) } == .loadsRepeatDifferently(slot: 0))
    }

    @Test("tables, operands and in-place first writers are checked")
    func operands() {
        var gather = Self.move(0)
        gather.transfer.gatherDimension = 0
        #expect(error { $0.eachChunk[0] = .load(gather) } == .table(command: 0))
        gather.table = Place(1)
        #expect(
            error { $0.eachChunk[0] = .load(gather) } == .tableNeedsOneBuffer(slot: 1, command: 0))
        #expect(
            error {
                $0.afterChunks[0] = .vector(
                    VectorStep(.add, d: Place(2), a: .slot(3), descriptor: Self.unaryRow(16)))
            } == .operands(command: 3))
        #expect(
            error {
                $0.afterChunks[0] = .vector(
                    VectorStep(.neg, d: Place(2), a: .slot(2), descriptor: Self.unaryRow(16)))
            } == .firstWriterReads(slot: 2, command: 3))
    }

    @Test("an argument block that does not fit the chip is refused with both sizes")
    func argumentBytes() throws {
        let bytes = Self.valid.encode().arguments.count
        #expect(
            throws: TileProgramError.argumentsTooLarge(bytes: bytes, limit: bytes - 4)
        ) {
            try Self.valid.validate(
                scratchpadBytes: 65536, accumulatorBytes: 16384, argumentBytes: bytes - 4)
        }
    }

    @Test("every transfer's base is relocated, once per distinct descriptor")
    func relocations() {
        var program = Self.valid
        let encoded = program.encode()
        // The three transfers have the same descriptor.
        #expect(encoded.relocations.count == 1)
        program.afterChunks[1] = .store(
            Move(
                Place(2), transfer: lineTransfer(base: 0x1234_5678_9ABC, elements: 16),
                coordinates: []))
        let other = program.encode()
        #expect(other.relocations.count == 2)
        let bases = other.relocations.map { offset in
            (0..<8).reduce(UInt64(0)) { $0 | UInt64(other.arguments[offset + $1]) << ($1 * 8) }
        }
        #expect(Set(bases) == [0, 0x1234_5678_9ABC])
    }

    @Test("the embedded image is an executable whose entries are kernels")
    func image() throws {
        let image = KernelImage.apus
        #expect(image.elf.starts(with: [0x7F, 0x45, 0x4C, 0x46, 1, 1]))
        #expect(image.elf.count < 16384)
        let entry = try #require(image.entries["apus_tile"])
        #expect(entry.isMultiple(of: 4) && entry < AddressMap.programBytes)
        #expect(image.entries.count == 1)
    }
}
