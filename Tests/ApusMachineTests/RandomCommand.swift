import ApusISA
import ApusMachine
import ApusNumerics

/// Numbers drawn from a seed, as ``SplitMix64`` of the machine draws them.
struct TestGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Whether something with one chance in `count` happens.
    mutating func happens(oneIn count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }

    /// Bytes with more zeros, ones and NaNs of the wide formats than chance would give.
    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        let special: [UInt64] = [
            0, 0x7FC0_0000_7F80_0000, 0x3F80_0000_BF80_0000, 0x8000_0000_0000_0001,
            0x7FFF_7C01_FFFF_8000, 0x4049_0FDB_C2F7_0000,
        ]
        while bytes.count < count {
            let word = happens(oneIn: 6) ? pick(special) : next()
            withUnsafeBytes(of: word) { bytes += $0 }
        }
        return Array(bytes.prefix(count))
    }
}

/// Strides of a dense tensor, now and then permuted, padded, reversed or broadcast.
struct RandomLayout {
    var strides: [Int]
    /// The smallest and largest offsets, in the strides' unit.
    var low = 0
    var high = 0

    init(extents: [Int], elementSize: Int, canRepeat: Bool, _ generator: inout TestGenerator) {
        strides = [Int](repeating: 0, count: extents.count)
        var order = Array(extents.indices)
        if generator.happens(oneIn: 3) { order.shuffle(using: &generator) }
        var reach = elementSize
        for dimension in order {
            let padding = generator.happens(oneIn: 4) ? generator.pick([1, 2, 3]) * elementSize : 0
            let sign = generator.happens(oneIn: 8) ? -1 : 1
            strides[dimension] = (reach + padding) * sign
            if canRepeat, generator.happens(oneIn: 6) {
                strides[dimension] = 0
                continue
            }
            reach = (reach + padding) * max(1, extents[dimension])
        }
        for (extent, stride) in zip(extents, strides) where extent > 0 {
            low = min(low, low + (extent - 1) * stride)
            high = max(high, high + (extent - 1) * stride)
        }
    }
}

/// Draws commands that are mostly legal on `nano`, with their descriptors.
struct RandomCommand {
    var operation: Command.Operation
    var descriptor: [UInt32]

    /// What the descriptor's offset will be.
    static let offset: UInt32 = 0x1000
    static let scratchpadBytes = 64 << 10
    static let accumulatorBytes = 16 << 10
    static let globalBytes = 1 << 16

    /// A local address for elements between two offsets in bytes; now and then outside of memory.
    static func address(
        _ low: Int, _ high: Int, _ generator: inout TestGenerator, accumulators: Bool = false
    ) -> UInt32 {
        let bytes = accumulators ? accumulatorBytes : scratchpadBytes
        let room = max(0, bytes - (high - low))
        var address = -low + Int.random(in: 0...room, using: &generator)
        if generator.happens(oneIn: 30) { address = generator.pick([0, bytes - 3, bytes + 4]) }
        let base = accumulators ? Int(AddressMap.localAccumulators) : 0
        return UInt32(truncatingIfNeeded: base + address)
    }

    /// The element's size in the unit of strides, and bytes for each unit (0.5: half bytes).
    static func unit(_ format: ElementFormat) -> Int {
        format.bitWidth == 4 ? 1 : format.bitWidth / 8
    }

    /// Bytes that offsets in the unit of strides come to, rounded outward.
    static func byteSpan(_ layout: RandomLayout, _ format: ElementFormat) -> (low: Int, high: Int) {
        format.bitWidth == 4
            ? (layout.low >> 1, (layout.high >> 1) + 1)
            : (layout.low, layout.high + format.bitWidth / 8)
    }
}

extension RandomCommand {
    /// A Load or a Store.
    static func transfer(isStore: Bool, _ generator: inout TestGenerator) -> RandomCommand {
        let formats = ElementFormat.allCases
        let global = generator.pick(formats)
        let local = generator.happens(oneIn: 2) ? global : generator.pick(formats)
        let extents = (0..<5).map { Int.random(in: 1...[9, 7, 4, 3, 2][$0], using: &generator) }
        let box = extents.map { extent in
            generator.happens(oneIn: 40) ? 0 : Int.random(in: 1...extent + 2, using: &generator)
        }
        let far = RandomLayout(
            extents: extents, elementSize: unit(global), canRepeat: !isStore, &generator)
        let near = RandomLayout(
            extents: box, elementSize: unit(local), canRepeat: isStore, &generator)
        let farBytes = byteSpan(far, global)
        let nearBytes = byteSpan(near, local)
        var base = UInt64(Int.random(in: 0...4096, using: &generator) - farBytes.low)
        if generator.happens(oneIn: 30) { base = UInt64(globalBytes) - 8 }
        let table = UInt32(Int.random(in: 0...256, using: &generator))
        let coordinates = zip(extents, box).map { extent, _ in
            generator.happens(oneIn: 2) ? 0 : Int.random(in: -2...extent, using: &generator)
        }
        let descriptor = TransferDescriptor(
            base: TestBench.address + base, globalFormat: global, localFormat: local,
            gatherDimension: generator.happens(oneIn: 4)
                ? Int.random(in: 0..<5, using: &generator) : nil,
            reduction: isStore && generator.happens(oneIn: 3)
                ? generator.pick([.add, .max, .min]) : .none,
            fill: UInt32(truncatingIfNeeded: generator.next()),
            tensorExtents: Rank5(extents, fill: 1),
            boxExtents: Rank5(box, fill: 1), globalStrides: Rank5(far.strides, fill: 0),
            localStrides: Rank5(near.strides, fill: 0), indexTable: table)
        let command = TransferCommand(
            descriptor: offset,
            local: 2048
                + address(
                    nearBytes.low, nearBytes.high + 2048, &generator,
                    accumulators: generator.happens(oneIn: 5)),
            coordinates: Rank5(coordinates, fill: 0))
        return RandomCommand(
            operation: isStore ? .store(command) : .load(command), descriptor: descriptor.encode())
    }

    /// A Load or a Store of rows of 4-bit elements, most of them of whole bytes.
    static func nibbleRows(isStore: Bool, _ generator: inout TestGenerator) -> RandomCommand {
        let format = generator.pick([ElementFormat.int4, .uint4, .e2m1])
        let extents = [2 * Int.random(in: 1...20, using: &generator), 6, 3, 1, 1]
        let box = [
            2 * Int.random(in: 1...extents[0] / 2 + 2, using: &generator)
                - (generator.happens(oneIn: 6) ? 1 : 0),
            Int.random(in: 1...6, using: &generator), Int.random(in: 1...4, using: &generator),
            1, 1,
        ]
        func strides(_ extents: [Int]) -> [Int] {
            let row = extents[0] + Int.random(in: 0...2, using: &generator) * (2 - extents[0] % 2)
            return [1, row, row * extents[1], 0, 0]
        }
        let (far, near) = (strides(extents), strides(box))
        let coordinates = zip(extents, box).map { extent, _ in
            generator.happens(oneIn: 2) ? 0 : 2 * Int.random(in: -1...extent / 2, using: &generator)
        }
        let gathered = generator.happens(oneIn: 3) ? Int.random(in: 0..<3, using: &generator) : nil
        let descriptor = TransferDescriptor(
            base: TestBench.address + UInt64(Int.random(in: 0...4096, using: &generator)),
            globalFormat: format, localFormat: format, gatherDimension: gathered, reduction: .none,
            fill: UInt32(truncatingIfNeeded: generator.next()),
            tensorExtents: Rank5(extents, fill: 1), boxExtents: Rank5(box, fill: 1),
            globalStrides: Rank5(far, fill: 0), localStrides: Rank5(near, fill: 0),
            indexTable: UInt32(Int.random(in: 64...256, using: &generator)))
        let command = TransferCommand(
            descriptor: offset,
            local: 2048 + UInt32(Int.random(in: 0...4096, using: &generator)),
            coordinates: Rank5(coordinates, fill: 0))
        return RandomCommand(
            operation: isStore ? .store(command) : .load(command), descriptor: descriptor.encode())
    }
}
