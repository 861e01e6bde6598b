import ApusNumerics

extension Chip {
    /// All presets, smallest first.
    public static let presets = [nano, nano2x2, edge14, cloud14, cloud7]

    /// Chips of more cores than this are timed rather than emulated, so their programs are cut for
    /// the chip's cycles; those of others for the emulator's time
    /// (docs/decisions/tiles-for-cycles.md).
    public static let emulatedCoresMax = 16

    /// The preset of that name.
    public static func preset(named name: String) -> Chip? { presets.first { $0.name == name } }

    private static let allMatrixFormats: [ElementFormat] = [
        .fp32, .bf16, .fp16, .e4m3, .e5m2, .int8, .uint8, .int4, .uint4, .e2m1,
    ]

    /// HBM2e: 16 GiB and 410 GB/s a stack, 8 channels.
    private static let hbm2eSources = [
        "memoryChannels": "HBM2 has 8 channels a stack (Ramulator 2, hbm2.py)",
        "memoryMegabytesPerSecond":
            "HBM2e at 3.2 Gb/s a pin is 410 GB/s a stack (1024 pins)",
        "memoryBytes": "HBM2e as A100 80GB and Zhenwu 810E carry it: 16 GiB a stack",
        "memoryLatencyNanoseconds":
            "chosen: tRCD 14 + CL 14 ns (Ramulator 2, hbm2.py), some 100 ns of mesh and controller",
    ]

    /// For RTL simulation and cosimulation: one small core.
    public static let nano = Chip(
        name: "nano", nodeNanometres: 0, clockMegahertz: 1000, meshColumns: 1, meshRows: 1,
        matrixRows: 8, matrixColumns: 8, vectorLanes: 8, scratchpadBytes: 64 << 10,
        scratchpadBanks: 8, accumulatorBytes: 16 << 10, programBytes: 64 << 10,
        argumentBytes: 16 << 10, widths: .gates, queueDepth: 4, memoryKind: .ideal,
        memoryChannels: 1,
        memoryMegabytesPerSecond: 16_000, memoryBytes: 4 << 30, memoryLatencyNanoseconds: 100,
        powerTargetWatts: 0, matrixFormats: allMatrixFormats, sources: [:])

    /// Four small cores on a mesh, for the RTL of several cores.
    public static let nano2x2: Chip = {
        var chip = nano
        chip.name = "nano2x2"
        (chip.meshColumns, chip.meshRows) = (2, 2)
        return chip
    }()

    /// A developer's default, and embedded use.
    public static let edge14 = Chip(
        name: "edge14", nodeNanometres: 14, clockMegahertz: 800, meshColumns: 2, meshRows: 2,
        matrixRows: 32, matrixColumns: 32, vectorLanes: 32, scratchpadBytes: 1 << 20,
        scratchpadBanks: 16, accumulatorBytes: 256 << 10, programBytes: 64 << 10,
        argumentBytes: 32 << 10, widths: .wide(columns: 32, lanes: 32, linkBytes: 64),
        queueDepth: 8, memoryKind: .lpddr5x, memoryChannels: 8,
        memoryMegabytesPerSecond: 136_533, memoryBytes: 16 << 30, memoryLatencyNanoseconds: 120,
        powerTargetWatts: 15, matrixFormats: allMatrixFormats,
        sources: [
            "memoryMegabytesPerSecond": "8 channels of 16 bits at 8533 Mb/s a pin (LPDDR5X-8533)",
            "memoryLatencyNanoseconds":
                "chosen: RCD 15 + CL 17 cycles of 1.25 ns (Ramulator 2, lpddr5.py) plus some 80 ns",
        ])

    /// Links of the parts that the cloud presets stand beside, both directions of which are told.
    private static let cloud14Links = [
        "linkMegabytesPerSecond": "392 GB/s in both directions together, as HCCS of Ascend 910B",
        "linkLatencyNanoseconds":
            "chosen: two serializers with error correction of some 200 ns, and some 100 ns of mesh",
    ]
    private static let cloud7Links = [
        "linkCount": "7 links, as Zhenwu 810E, so that eight chips are joined each with each",
        "linkMegabytesPerSecond": "700 GB/s in both directions together, as ICN of Zhenwu 810E",
        "linkLatencyNanoseconds":
            "chosen: two serializers with error correction of some 200 ns, and some 100 ns of mesh",
    ]

    /// The domestic-foundry part, within a reticle: 64 cores with the arrays, scratchpads and
    /// accumulators of edge14 and twice its lanes (docs/decisions/cloud-presets.md).
    public static let cloud14 = Chip(
        name: "cloud14", nodeNanometres: 14, clockMegahertz: 800, meshColumns: 8, meshRows: 8,
        matrixRows: 32, matrixColumns: 32, vectorLanes: 64, scratchpadBytes: 1 << 20,
        scratchpadBanks: 32, accumulatorBytes: 256 << 10, programBytes: 64 << 10,
        argumentBytes: 32 << 10, widths: .wide(columns: 32, lanes: 64, linkBytes: 256),
        queueDepth: 16, memoryKind: .hbm2e, memoryChannels: 48,
        memoryMegabytesPerSecond: 2_457_600, memoryBytes: 96 << 30, memoryLatencyNanoseconds: 130,
        linkCount: 7, linkMegabytesPerSecond: 196_000, linkLatencyNanoseconds: 500,
        powerTargetWatts: 300, matrixFormats: allMatrixFormats,
        sources: hbm2eSources.merging(cloud14Links) { $1 })

    /// The part that stands beside H100. To be chosen anew by the cost model.
    public static let cloud7 = Chip(
        name: "cloud7", nodeNanometres: 7, clockMegahertz: 1000, meshColumns: 8, meshRows: 8,
        matrixRows: 64, matrixColumns: 64, vectorLanes: 128, scratchpadBytes: 2 << 20,
        scratchpadBanks: 64, accumulatorBytes: 1 << 20, programBytes: 64 << 10,
        argumentBytes: 32 << 10, widths: .wide(columns: 64, lanes: 128, linkBytes: 256),
        queueDepth: 16, memoryKind: .hbm2e, memoryChannels: 48,
        memoryMegabytesPerSecond: 2_457_600, memoryBytes: 96 << 30, memoryLatencyNanoseconds: 130,
        linkCount: 7, linkMegabytesPerSecond: 350_000, linkLatencyNanoseconds: 500,
        powerTargetWatts: 500, matrixFormats: allMatrixFormats,
        sources: hbm2eSources.merging(cloud7Links) { $1 })
}
