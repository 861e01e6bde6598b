import ApusISA
import ApusKernels
import ApusNumerics

/// `out = 2 · (x + y) − x` of FP32 vectors: a launch, a host step that doubles, a launch. `y` is an
/// initialised region.
struct SampleProgram {
    let count: Int
    let y: [Float]
    let program: Program

    init(count: Int) {
        self.count = count
        let bytes = 4 * count
        let y = (0..<count).map { Float($0 % 31) - 7.25 }
        func port(_ name: String, _ index: Int) -> Port {
            Port(
                name: name, elementType: .fp32, tensorType: "float32", shape: [count],
                offset: index * bytes, bytes: bytes)
        }
        let (x, sum, out) = (port("x", 0), port("sum", 2), port("out", 3))
        let steps: [Program.Step] = [
            .launch(SampleProgram.launch(.add, 0, bytes, to: 2 * bytes, count: count)),
            .host(HostStep(index: 0, inputs: [sum], outputs: [sum], label: "double")),
            .launch(SampleProgram.launch(.sub, 2 * bytes, 0, to: 3 * bytes, count: count)),
        ]
        self.y = y
        program = Program(
            image: KernelImage.apus, arenaBytes: 4 * bytes,
            initialised: [Region(offset: bytes, bytes: y.withUnsafeBytes { Array($0) })],
            inputs: [x], outputs: [out], steps: steps)
    }

    /// What the program gives for `x`.
    func expected(_ x: [Float]) -> [Float] { zip(x, y).map { 2 * ($0 + $1) - $0 } }

    private static let tile = 64

    /// `c = a ∘ b` in tiles, all at offsets of the arena.
    private static func launch(
        _ opcode: VectorOpcode, _ a: Int, _ b: Int, to c: Int, count: Int
    ) -> Launch {
        func transfer(_ base: Int) -> TransferDescriptor {
            TransferDescriptor(
                base: UInt64(base), globalFormat: .fp32, localFormat: .fp32, gatherDimension: nil,
                reduction: .none, fill: 0, tensorExtents: Rank5([count], fill: 1),
                boxExtents: Rank5([tile], fill: 1), globalStrides: Rank5([4], fill: 0),
                localStrides: Rank5([4], fill: 0), indexTable: 0)
        }
        let column = VectorDescriptor.Strides(column: 4, row: 0, plane: 0)
        let coordinates = [Affine(perGrid: [tile])]
        let slots = (0..<3).map { Slot(address: $0 * 1024, bytes: 4 * tile, buffers: 2) }
        let program = TileProgram(
            grid: [(count + tile - 1) / tile], slots: slots,
            afterChunks: [
                .load(Move(Place(0), transfer: transfer(a), coordinates: coordinates)),
                .load(Move(Place(1), transfer: transfer(b), coordinates: coordinates)),
                .vector(
                    VectorStep(
                        opcode, d: Place(2), a: .slot(0), b: .slot(1),
                        descriptor: VectorDescriptor(
                            columns: Int32(tile), rows: 1, planes: 1, d: column, a: column,
                            b: column, c: .zero))),
                .store(Move(Place(2), transfer: transfer(c), coordinates: coordinates)),
            ])
        let encoded = program.encode()
        return Launch(
            kernel: "apus_tile", arguments: encoded.arguments, relocations: encoded.relocations,
            label: "\(opcode)")
    }
}
