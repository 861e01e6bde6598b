import ApusISA
import ApusNumerics

extension RandomCommand {
    /// A Vector command of the opcode; formats are drawn unless they are given.
    package static func vector(
        _ opcode: VectorOpcode, aFormat: ElementFormat? = nil, dFormat: ElementFormat? = nil,
        _ generator: inout SeededGenerator
    ) -> RandomCommand {
        let tiles = RandomTiles(opcode.form, aFormat: aFormat, dFormat: dFormat, &generator)
        let (form, k) = (opcode.form, tiles.k)
        let hasB = form == .binary || form == .ternary
        let hasC = form == .ternary
        let hasImmediates = form == .iota || form == .random
        let bImmediate =
            form == .scan || form == .topk || hasImmediates
            || (hasB && generator.happens(oneIn: 3))
        let cImmediate = hasImmediates || (hasC && generator.happens(oneIn: 3))
        let value = generator.pick([
            0x3F80_0000, 0x4049_0FDB, 3, UInt32(truncatingIfNeeded: generator.next()),
        ])
        let bWord =
            switch form {
            case .topk: UInt32(k)
            case .scan: value & 3
            default: bImmediate ? value : tiles.b.address
            }
        let hasCFormat = form == .topk || (hasC && !cImmediate)
        return RandomCommand(
            operation: .vector(
                VectorCommand(
                    opcode: opcode, d: tiles.d.address, a: tiles.a.address, b: bWord,
                    c: cImmediate ? value ^ 5 : tiles.c.address, descriptor: offset,
                    dFormat: tiles.d.format, aFormat: tiles.a.format,
                    bFormat: hasB && !bImmediate ? tiles.b.format : .fp32,
                    cFormat: hasCFormat ? tiles.c.format : .fp32, bImmediate: bImmediate,
                    cImmediate: cImmediate, rounding: UInt8.random(in: 0...5, using: &generator))),
            descriptor: tiles.descriptor.encode())
    }
}

/// The operands of a random Vector command.
private struct RandomTiles {
    struct Tile {
        var address: UInt32 = 0
        var format = ElementFormat.fp32
        var strides = VectorDescriptor.Strides.zero
    }

    /// The count of a top-k.
    let k: Int
    let extents: [Int]
    var d = Tile()
    var a = Tile()
    var b = Tile()
    var c = Tile()

    private static let formats: [ElementFormat] = [
        .fp32, .fp32, .bf16, .fp16, .e4m3, .e5m2, .int32, .int32, .int16, .int8, .uint8, .int4,
        .uint4, .e2m1, .uint16, .fixed54, .e8m0,
    ]

    init(
        _ form: VectorOpcode.Form, aFormat wantedA: ElementFormat?, dFormat wantedD: ElementFormat?,
        _ generator: inout SeededGenerator
    ) {
        let isLong = generator.happens(oneIn: 100)
        let columns = isLong ? 2100 : Int.random(in: 1...40, using: &generator)
        let rows = isLong ? 2 : Int.random(in: 1...6, using: &generator)
        let planes = isLong ? 1 : Int.random(in: 1...3, using: &generator)
        var drawn = [columns, rows, planes]
        // Commands without elements do nothing, but a reduction of no columns.
        if generator.happens(oneIn: 30) { drawn[Int.random(in: 0..<3, using: &generator)] = 0 }
        extents = drawn
        k = min(extents[0], Int.random(in: 0...12, using: &generator))
        let results = form == .reduction ? 1 : form == .topk ? k : extents[0]
        let hasA = form != .iota && form != .random

        let drawnA = form == .random ? .fp32 : generator.pick(RandomTiles.formats)
        let aFormat = wantedA ?? drawnA
        var dFormat = generator.pick(RandomTiles.formats)
        if dFormat == .fixed54 { dFormat = .fp32 }
        if generator.happens(oneIn: 2), aFormat != .fixed54 { dFormat = aFormat }
        dFormat = wantedD ?? dFormat
        d = tile(dFormat, results, canRepeat: false, &generator)
        a = hasA ? tile(aFormat, extents[0], canRepeat: true, &generator) : Tile(format: aFormat)
        if form == .binary || form == .ternary {
            b = tile(generator.pick(RandomTiles.formats), extents[0], canRepeat: true, &generator)
        }
        if form == .ternary {
            c = tile(generator.pick(RandomTiles.formats), extents[0], canRepeat: true, &generator)
        }
        if form == .topk { c = tile(.int32, k, canRepeat: false, &generator) }
        if hasA, aFormat.bitWidth == dFormat.bitWidth, generator.happens(oneIn: 4) {
            d.address = a.address
            d.strides = a.strides
        }
    }

    var descriptor: VectorDescriptor {
        VectorDescriptor(
            columns: Int32(extents[0]), rows: Int32(extents[1]), planes: Int32(extents[2]),
            d: d.strides, a: a.strides, b: b.strides, c: c.strides)
    }

    private func tile(
        _ format: ElementFormat, _ columns: Int, canRepeat: Bool,
        _ generator: inout SeededGenerator
    ) -> Tile {
        let layout = RandomLayout(
            extents: [columns, extents[1], extents[2]], elementSize: RandomCommand.unit(format),
            canRepeat: canRepeat, &generator)
        let bytes = RandomCommand.byteSpan(layout, format)
        let strides = layout.strides.map { Int32($0) }
        return Tile(
            address: RandomCommand.address(
                bytes.low, bytes.high, &generator,
                accumulators: generator.happens(oneIn: generator.accumulatorOdds)),
            format: format,
            strides: .init(column: strides[0], row: strides[1], plane: strides[2]))
    }
}
