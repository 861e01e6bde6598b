/// Constants of the area model.
///
/// Logic is what synthesis of this project's RTL gave with the cells of ASAP7, a predictive 7 nm
/// kit; interfaces are published areas of other chips; SRAM is bit cells over what real chips use.
public enum Area {
    private static let synthesis = "docs/hardware/area.md, ASAP7 cells before placement"
    private static let interfaces =
        "Princeton LLMCompass cost_model.py (2e015fd2): from die photographs"

    static let matrixCell = Fact(
        "area.matrix_cell", 519, 546, 600, "µm²", .read,
        "\(synthesis): one cell 519; an array of 8 × 8 takes 546 a cell")
    static let bf16Product = Fact(
        "area.bf16_product", 103, 175, 250, "µm²", .read,
        "ASAP7 synthesis: four products truncated 103 each, FP32 fused multiply-add 250")
    static let int8Product = Fact(
        "area.int8_product", 62, 75, 88.5, "µm²", .read, "ASAP7 synthesis: in fours, alone")
    static let systolicRegisters = Fact(
        "area.systolic_registers", 1, 1.4, 2, "1", .assumed,
        "operand and weight registers of a systolic cell, over its multiply-add")
    static let vectorLane = Fact(
        "area.vector_lane", 1500, 2500, 4500, "µm²", .assumed,
        "\(synthesis): FP32 multiply-add 515 and two converters of 402; the rest estimated")
    static let controlProcessor = Fact(
        "area.control_processor", 2376, 2376, 3000, "µm²", .read, "\(synthesis): apus_rv32")
    static let transferEngines = Fact(
        "area.transfer_engines", 10_000, 20_000, 40_000, "µm²", .assumed,
        "Load and Store at 64 bytes a cycle with their converters; not synthesised at this width")
    static let router = Fact(
        "area.router", 20_000, 50_000, 100_000, "µm²", .assumed,
        "a mesh router of 64 bytes a cycle and its wires' repeaters; not synthesised at this width")
    static let utilisation = Fact(
        "area.utilisation", 0.6, 0.7, 0.8, "1", .assumed, "cells' share of placed logic, usual")
    static let kitToProcess = Fact(
        "area.kit_to_process", 0.8, 1.0, 1.3, "1", .assumed,
        "a real 7 nm library's area over ASAP7's; the kit is predictive")
    static let arrayEfficiency = Fact(
        "area.sram_efficiency", 0.22, 0.38, 0.65, "1", .relayed,
        "bit cells' share of SRAM area: CACTI 0.39 to 0.70 (LLMCompass); TPUv4i's CMEM 0.26")
    static let ecc = Fact(
        "area.ecc", 1.125, 1.125, 1.125, "1", .read,
        "docs/hardware/memory.md: eight check bits a word of 64")
    static let registerPorts = Fact(
        "area.register_file_ports", 1.5, 2.5, 4, "1", .assumed,
        "a register file's cell over a single-ported one")
    static let hbmPHY = Fact("area.hbm2e_phy", 9, 10.45, 12, "mm²", .read, interfaces)
    static let hbmController = Fact(
        "area.hbm2e_controller", 400, 552.7, 700, "MTr", .read, interfaces)
    static let lpddrPHY = Fact(
        "area.lpddr_phy", 1.2, 1.45, 2, "mm²", .assumed, "as DDR5, 32 bits: \(interfaces)")
    static let lpddrController = Fact(
        "area.lpddr_controller", 60, 90.4, 120, "MTr", .assumed, "as DDR5, 32 bits: \(interfaces)")
    static let pciePHY = Fact("area.pcie5_lane", 0.48, 0.64, 0.8, "mm²", .read, interfaces)
    static let pcieController = Fact(
        "area.pcie5_controller", 4, 5.37, 7, "MTr", .read, "a lane: \(interfaces)")
    static let linkPHY = Fact(
        "area.link", 0.965, 1.4, 1.888, "mm²", .read, "NVLink4 0.965, NVLink3 1.888: \(interfaces)")
    static let linkController = Fact(
        "area.link_controller", 74.6, 80, 86.6, "MTr", .read, interfaces)
    static let topLevel = Fact(
        "area.top_level", 0.12, 0.28, 0.60, "1", .assumed,
        "clock, test, fuses, pads and what stays empty, over the sum of blocks: published dies are "
            + "a third to twice larger than the sum of their named blocks")
    static let laneControl = Fact(
        "area.gpu_lane_control", 0.726, 0.996, 1.535, "MTr", .read,
        "a lane of a GPU: LLMCompass, which fitted it to A100 and MI210")
    static let coreCrossbar = Fact(
        "area.gpu_core_crossbar", 33.6, 44.3, 55, "MTr", .read,
        "a core's way to the second-level cache: LLMCompass, fitted to A100 and MI210")
    static let fp64Lane = Fact(
        "area.fp64_lane", 1500, 2100, 3000, "µm²", .assumed,
        "four times the FP32 multiply-add of \(synthesis)")
    static let reticle = Fact("limit.reticle", 858, 858, 858, "mm²", .relayed, "26 × 33 mm (ASML)")
    static let scalarCore = Fact(
        "area.scalar_core", 0.5, 0.7, 1.0, "MTr", .assumed,
        "a small in-order RISC-V core with MMU and FPU, without caches")
    static let linkLanes = Fact(
        "chosen.link_bandwidth", 50, 50, 50, "GB/s", .chosen,
        "both directions of one link, as NVLink3's and 4's")

    /// All constants of the area model.
    static let all: [Fact] = [
        matrixCell, bf16Product, int8Product, systolicRegisters, vectorLane, controlProcessor,
        transferEngines, router, utilisation, kitToProcess, arrayEfficiency, ecc, registerPorts,
        hbmPHY, hbmController, lpddrPHY, lpddrController, pciePHY, pcieController, linkPHY,
        linkController, topLevel, laneControl, coreCrossbar, fp64Lane, reticle, scalarCore,
        linkLanes,
    ]
}
