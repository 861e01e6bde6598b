import ApusISA
import ApusNumerics

extension RandomCommand {
    /// A Load or a Store; formats and a Store's reduction are drawn unless they are given.
    package static func transfer(
        isStore: Bool, formats given: (global: ElementFormat, local: ElementFormat)? = nil,
        reduction: StoreReduction? = nil, _ generator: inout SeededGenerator
    ) -> RandomCommand {
        let formats = ElementFormat.allCases
        let drawn = generator.pick(formats)
        let global = given?.global ?? drawn
        let local = given?.local ?? (generator.happens(oneIn: 2) ? global : generator.pick(formats))
        let extents = (0..<5).map { Int.random(in: 1...[9, 5, 3, 2, 2][$0], using: &generator) }
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
        let tableBase = generator.happens(oneIn: 8) ? AddressMap.localAccumulators : 0
        let table = tableBase + UInt32(Int.random(in: 0...256, using: &generator))
        let coordinates = zip(extents, box).map { extent, _ in
            generator.happens(oneIn: 2) ? 0 : Int.random(in: -2...extent, using: &generator)
        }
        let descriptor = TransferDescriptor(
            base: arenaAddress + base, globalFormat: global, localFormat: local,
            gatherDimension: generator.happens(oneIn: 4)
                ? Int.random(in: 0..<5, using: &generator) : nil,
            reduction: reduction
                ?? (isStore && generator.happens(oneIn: 3)
                    ? generator.pick([.add, .max, .min]) : .none),
            fill: UInt32(truncatingIfNeeded: generator.next()),
            tensorExtents: Rank5(extents, fill: 1),
            boxExtents: Rank5(box, fill: 1), globalStrides: Rank5(far.strides, fill: 0),
            localStrides: Rank5(near.strides, fill: 0), indexTable: table)
        let command = TransferCommand(
            descriptor: offset,
            local: 2048
                + address(
                    nearBytes.low, nearBytes.high + 2048, &generator,
                    accumulators: generator.happens(oneIn: generator.accumulatorOdds)),
            coordinates: Rank5(coordinates, fill: 0))
        return RandomCommand(
            operation: isStore ? .store(command) : .load(command), descriptor: descriptor.encode())
    }

    /// A Load or a Store of rows of 4-bit elements, most of them of whole bytes.
    package static func nibbleRows(isStore: Bool, _ generator: inout SeededGenerator)
        -> RandomCommand
    {
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
            base: arenaAddress + UInt64(Int.random(in: 0...4096, using: &generator)),
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
