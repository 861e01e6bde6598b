/// A chip whose areas are published, put through this project's area model.
///
/// What the model says without having been fitted to them; misses stay in the table.
public struct KnownChip: Sendable {
    public var name: String
    public var node: ProcessNode
    public var checks: [Check]

    /// A published area beside the model's.
    public struct Check: Sendable, Hashable {
        public var what: String
        /// mm².
        public var published: Double
        public var modelled: Estimate
        public var source: String

        /// Whether the published area lies within the model's range.
        public var isWithin: Bool { modelled.contains(published) }
    }

    /// All of them.
    public static let all: [KnownChip] = [tpuV4i, a100, mi210, gemmini]

    private static let tpuSource = "Jouppi and others, ISCA 2021: below 400 mm²; figure 6's shares"
    private static let llmCompass =
        "LLMCompass (ISCA 2024), figure 6's measurements of die photographs"

    /// Four arrays of 128 × 128, 128 MB and 16 MB of SRAM, one HBM2 stack pair, two links.
    static let tpuV4i: KnownChip = {
        let model = AreaModel(node: .n7)
        let products = Area.bf16Product.value * Area.systolicRegisters.value * Double(4 * 128 * 128)
        let arrays = model.logic(cells: products)
        let cmem = model.sram(bytes: 128 * 1_048_576, hasECC: true)
        let vmem = model.sram(bytes: 16 * 1_048_576, hasECC: true)
        // 128 lanes × 8 of a vector unit for each array.
        let vector = model.logic(cells: Area.vectorLane.value * Double(4 * 1024))
        let memory = model.interface(Area.hbmPHY, Area.hbmController, count: 2)
        let links = model.interface(Area.linkPHY, Area.linkController, count: 4)
        let host = model.interface(Area.pciePHY, Area.pcieController, count: 16)
        let blocks = [arrays, cmem, vmem, vector, memory, links, host].enumerated().map {
            AreaBlock(name: "\($0.offset)", area: $0.element)
        }
        return KnownChip(
            name: "TPUv4i", node: .n7,
            checks: [
                Check(
                    what: "matrix arrays", published: 0.11 * 400, modelled: arrays,
                    source: tpuSource),
                Check(
                    what: "common memory, 128 MB", published: 0.28 * 400, modelled: cmem,
                    source: tpuSource),
                Check(
                    what: "die", published: 400,
                    modelled: model.withTopLevel(blocks).map(\.area).total(), source: tpuSource),
            ])
    }()

    static let a100 = gpu(
        "A100", cores: 128, lanes: 32 * 4, fp32: 64, fp64: 32, products: 1024,
        registerBytes: 262_144, localBytes: 196_608, cacheBytes: 48 * 1_048_576, stacks: 6,
        links: 12, publishedCores: 476.25, publishedDie: 826)

    static let mi210 = gpu(
        "MI210", cores: 112, lanes: 16 * 4, fp32: 64, fp64: 64, products: 1024,
        registerBytes: 524_288, localBytes: 131_072, cacheBytes: 8 * 1_048_576, stacks: 4,
        links: 16, publishedCores: 446.22, publishedDie: 724)

    private static func gpu(
        _ name: String, cores: Double, lanes: Double, fp32: Double, fp64: Double,
        products: Double, registerBytes: Double, localBytes: Double, cacheBytes: Double,
        stacks: Double, links: Double, publishedCores: Double, publishedDie: Double
    ) -> KnownChip {
        let model = AreaModel(node: .n7)
        let arithmetic = model.logic(
            cells: Area.bf16Product.value * products + Estimate(515 * fp32)
                + Area.fp64Lane.value * fp64)
        let control = model.logic(megatransistors: Area.laneControl.value * lanes)
        let registers = model.sram(bytes: registerBytes, hasECC: false) * Area.registerPorts.value
        let local = model.sram(bytes: localBytes, hasECC: false)
        let way = model.logic(megatransistors: Area.coreCrossbar.value)
        let core = arithmetic + control + registers + local
        let blocks = [
            AreaBlock(name: "cores", area: core * cores),
            AreaBlock(name: "crossbar", area: way * cores),
            AreaBlock(name: "cache", area: model.sram(bytes: cacheBytes, hasECC: true)),
            AreaBlock(
                name: "memory interface",
                area: model.interface(Area.hbmPHY, Area.hbmController, count: stacks)),
            AreaBlock(
                name: "links",
                area: model.interface(Area.linkPHY, Area.linkController, count: links)),
            AreaBlock(
                name: "host", area: model.interface(Area.pciePHY, Area.pcieController, count: 16)),
        ]
        return KnownChip(
            name: name, node: .n7,
            checks: [
                Check(
                    what: "cores", published: publishedCores, modelled: core * cores,
                    source: "\(llmCompass), largest entry"),
                Check(
                    what: "die", published: publishedDie,
                    modelled: model.withTopLevel(blocks).map(\.area).total(), source: llmCompass),
            ])
    }

    /// The open accelerator of the Gemmini paper: 16 × 16 INT8, in 22 nm, taken between 28 and 16.
    static let gemmini: KnownChip = {
        let source = "Gemmini (Genc and others, DAC 2021), table of areas, Intel 22 nm"
        // No fact for 22 nm: 28 nm is the high bound, 16 nm the low one.
        let (older, newer) = (AreaModel(node: .n28), AreaModel(node: .n16))
        func between(_ area: (AreaModel) -> Estimate) -> Estimate {
            let (a, b) = (area(newer), area(older))
            return Estimate(
                low: a.low, expected: (a.expected * b.expected).squareRoot(), high: b.high)
        }
        let cells = Area.int8Product.value * Area.systolicRegisters.value * 256
        let array = between { $0.logic(cells: cells) }
        let scratchpad = between { $0.sram(bytes: 262_144, hasECC: false) }
        let accumulator = between { $0.sram(bytes: 65_536, hasECC: false) }
        let processor = between {
            $0.logic(megatransistors: Area.scalarCore.value) + $0.sram(bytes: 32_768, hasECC: false)
        }
        let total = array + scratchpad + accumulator + processor
        return KnownChip(
            name: "Gemmini", node: .n28,
            checks: [
                Check(what: "array, 16 × 16", published: 0.116, modelled: array, source: source),
                Check(
                    what: "scratchpad, 256 KB", published: 0.544, modelled: scratchpad,
                    source: source),
                Check(
                    what: "accumulators, 64 KB", published: 0.146, modelled: accumulator,
                    source: source),
                Check(what: "control core", published: 0.171, modelled: processor, source: source),
                Check(what: "whole", published: 1.029, modelled: total, source: source),
            ])
    }()
}
