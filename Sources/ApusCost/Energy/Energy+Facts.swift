/// Constants of the energy model, at 7 nm; other processes scale them by
/// ``ProcessNode/energyScale``.
///
/// Published figures from 45 nm to 7 nm imply a factor of two to fifteen. Low figures come from
/// scaling laws, high ones from the table of TPUv4i's authors; none is picked silently.
/// Multiply-adds are calibrated: what the cell's netlist takes is expected, and published figures
/// are the low end.
public enum Energy {
    private static let horowitz = "Horowitz, ISSCC 2014, 45 nm 0.9 V"
    private static let stillmaker = "scaled by 0.0665 (Stillmaker and Baas 2017)"
    private static let tpu = "Jouppi and others, ISCA 2021, table 2 (7 nm column from memory)"

    /// Of gates alone: nothing was placed, and each net changes at most once a cycle.
    private static let gates =
        "rtl/synth/energy/cell_energy.sh: the cell's netlist with ASAP7 (predictive) at 0.7 V, "
        + "random operands, without its clock"

    static let mac8 = Fact(
        "energy.mac8", 0.02, 0.17, 0.28, "pJ", .read,
        "expected: E4M3, \(gates); high: INT8, 0.21, and 30 % for glitches (assumed); "
            + "low: \(horowitz), int8 multiply 0.2 and add 0.03 with int32 add 0.1, \(stillmaker)")
    static let mac16 = Fact(
        "energy.mac16", 0.13, 0.57, 0.84, "pJ", .read,
        "expected: BF16, \(gates); high: FP16, 0.64, and 30 % for glitches (assumed); "
            + "low: \(horowitz), fp16 multiply 1.1 and fp32 add 0.9, \(stillmaker). "
            + "\(tpu): bf16 multiply 0.21 and fp32 add 0.38, as the gates")
    static let cellOverhead = Fact(
        "energy.cell_overhead", 1.2, 1.5, 2.0, "1", .assumed,
        "operand registers and wires of an array over its multiply-adds")
    static let scratchpadByte = Fact(
        "energy.scratchpad_byte", 0.18, 0.9, 1.75, "pJ/byte", .assumed,
        "low: 8 KB banks, \(horowitz) scaled; expected: 256 KB banks, public node tables; "
            + "high: \(tpu), 14 pJ for 8 bytes of 1 MB")
    static let accumulatorByte = Fact(
        "energy.accumulator_byte", 0.07, 0.18, 0.9, "pJ/byte", .assumed,
        "registers to small banks; as scratchpad, an eighth to the same")
    static let vectorStep = Fact(
        "energy.vector_step", 0.3, 0.8, 1.7, "pJ", .assumed,
        "an FP32 multiply-add of one lane; low: \(horowitz) 4.6 pJ, \(stillmaker); high: \(tpu)")
    static let instruction = Fact(
        "energy.instruction", 1, 3, 6, "pJ", .assumed,
        "a small in-order RV32 with its memories; GPU's 30 pJ at 45 nm is the far bound")
    static let wire = Fact(
        "energy.wire", 0.48, 0.64, 0.80, "pJ/byte/mm", .remembered,
        "0.06 to 0.10 pJ a bit and mm (Dally); 0.11 for a full swing at half activity")
    static let clockTree = Fact(
        "energy.clock_tree", 0.18, 0.29, 0.45, "1", .read,
        "clock over the logic's own energy; low and expected: flip-flops of the cell in INT8 and "
            + "BF16 (rtl/synth/energy/cell_energy.sh); high: the tree's wires and buffers, assumed")
    static let logicLeakage = Fact(
        "energy.logic_leakage", 0.01, 0.04, 0.15, "W/mm²", .assumed, "public prior at 85 °C")
    static let sramLeakage = Fact(
        "energy.sram_leakage", 0.2, 1.0, 5.0, "mW/Mibit", .assumed, "public prior at 0.75 V, 85 °C")
    static let link = Fact(
        "energy.link", 3, 4, 5, "pJ/bit", .assumed, "56G PAM4 SerDes of the class of NVLink3")
    static let hostIdle = Fact(
        "energy.host_interface", 1, 3, 5, "W", .assumed, "PCIe 5 × 16, mostly idle when decoding")
    static let regulator = Fact(
        "energy.regulator_efficiency", 0.85, 0.90, 0.93, "1", .assumed,
        "voltage regulators of a board, from 54 V")
    static let boardRest = Fact(
        "energy.board_rest", 8, 15, 25, "W", .assumed, "a board's other parts and fans' share")
    static let hostShare = Fact(
        "energy.host_share", 150, 200, 280, "W", .read,
        "processors, memory, switches and fans for each of eight: a server of eight H200 idles at "
            + "2406 W at the wall (MLPerf v4.1 log), some 75 W of it each accelerator")
    static let supply = Fact(
        "energy.supply_efficiency", 0.92, 0.94, 0.96, "1", .assumed,
        "power supplies of 80+ Titanium")
    static let gpuIdle = Fact(
        "energy.gpu_idle", 0.10, 0.15, 0.20, "1", .assumed,
        "share of a GPU's limit that it takes without work but with clocks up")
    static let gpuMemory = Fact(
        "energy.gpu_memory", 0.55, 0.65, 0.75, "1", .read,
        "share of the limit for saturated memory: readings of H200 products of few rows, "
            + "560 to 620 W of 700 (benchmarks/cost/power.py's table)")
    static let gpuCompute = Fact(
        "energy.gpu_compute", 0.80, 0.85, 0.90, "1", .read,
        "share of the limit for saturated matrix units: H200 products read 690 W of 700")

    /// All constants of the energy model.
    static let all: [Fact] = [
        mac8, mac16, cellOverhead, scratchpadByte, accumulatorByte, vectorStep, instruction, wire,
        clockTree, logicLeakage, sramLeakage, link, hostIdle, regulator, boardRest, hostShare,
        supply, gpuIdle, gpuMemory, gpuCompute,
    ]
}
