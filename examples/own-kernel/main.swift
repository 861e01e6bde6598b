// Runs a kernel of one's own on the emulated chip: y = alpha · x. README.md goes through it.
import ApusChip
import ApusISA
import ApusMachine

/// The arguments of Kernels/scale.c, then its three descriptors.
func arguments(x: UInt64, y: UInt64, count: Int, tile: Int, alpha: Float) -> [UInt8] {
    func line(_ base: UInt64) -> [UInt32] {
        TransferDescriptor(
            base: base, globalFormat: .fp32, localFormat: .fp32, gatherDimension: nil,
            reduction: .none, fill: 0, tensorExtents: Rank5([count], fill: 1),
            boxExtents: Rank5([tile], fill: 1), globalStrides: Rank5([4], fill: 0),
            localStrides: Rank5([4], fill: 0), indexTable: 0
        ).encode()
    }
    let row = VectorDescriptor.Strides(column: 4, row: 0, plane: 0)
    let shape = VectorDescriptor(
        columns: Int32(tile), rows: 1, planes: 1, d: row, a: row, b: .zero, c: .zero)
    let load = 32
    let store = load + TransferDescriptor.wordCount * 4
    let vector = store + TransferDescriptor.wordCount * 4
    let head: [UInt32] = [
        UInt32((count + tile - 1) / tile), UInt32(tile), alpha.bitPattern,
        UInt32(load), UInt32(store), UInt32(vector), 0, 0,
    ]
    let words = head + line(x) + line(y) + shape.encode()
    return words.withUnsafeBytes { Array($0) }
}

let count = 1000
let base: UInt64 = 0x1_0000_0000
for mode in [EmulationMode.fast, .checked(seed: 1), .checked(seed: 2)] {
    let machine = try Machine(chip: .edge14, threads: 2, mode: mode)
    try machine.load(.embedded)
    guard let memory = GlobalMemory(address: base, count: count * 8) else {
        fatalError("no memory")
    }
    let floats = memory.bytes.bindMemory(to: Float.self)
    for index in 0..<count { floats[index] = Float(index) }
    let block = arguments(x: base, y: base + UInt64(count * 4), count: count, tile: 64, alpha: 0.5)
    let entry = try machine.entry(of: "scale")
    try block.withUnsafeBytes {
        try machine.launch(entry: entry, arguments: $0, memory: memory)
    }
    let wrong = (0..<count).filter { floats[count + $0] != Float($0) / 2 }
    let counters = machine.takeCounters()
    print(
        "\(mode): \(wrong.count) wrong of \(count); \(counters.instructions) instructions,",
        "\(counters[.load]) loads, \(counters[.vector]) vector commands, \(counters[.store]) stores"
    )
}
