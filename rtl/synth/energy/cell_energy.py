"""Energy of a cell of the matrix array, from the gates that switch when it multiplies.

    rtl/synth/energy/cell_energy.sh PDK [--steps 96]

The cell is synthesised as for docs/hardware/area.md; its netlist then runs many streams of random
operands at once. A net that changes costs what the library tells of the cell that drives it, at the
load of the pins it drives, and half of C·V² of that load; a flip-flop costs its clock's edges in
every cycle. Nothing is placed: wires have no capacitance, there are no glitches and no clock tree,
so this is the least that such a cell takes. The integer sums of the run are checked against
arithmetic: what is counted is a netlist that multiplies.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import liberty
import operands
import synth
from netlist import Netlist

BLOCK = "matrix_cell"
#: Streams at once; ps of the edges, between those of a loaded and of a free gate of the library;
#: cycles that clear both slots before counting begins.
STREAMS, SLEW_PS, CLEARING = 256, 20.0, 8
FLOAT, INTEGER, E4M3 = 0, 1, 2
ACCUMULATOR_BITS = 54


@dataclass(frozen=True)
class Work:
    """What a cell is given: its mode, products a cycle, and how operands A and B are drawn."""

    name: str
    mode: int
    products: int
    draw: Callable[[operands.Normal], tuple[int, int]]


@dataclass
class Energy:
    """fJ of one cell and cycle, by what takes them."""

    logic: float = 0.0
    registers: float = 0.0
    clock: float = 0.0
    operands: float = 0.0

    @property
    def total(self) -> float:
        return self.logic + self.registers + self.clock + self.operands


WORKS = (
    Work("BF16", FLOAT, 1, lambda n: (n.bf16(False), n.bf16(True))),
    Work("FP16", FLOAT, 1, lambda n: (n.fp16(False), n.fp16(True))),
    Work("E4M3", E4M3, 4, lambda n: (n.e4m3(), n.e4m3())),
    Work("INT8", INTEGER, 4, lambda n: (n.int8(), n.int8())),
)


def synthesised(pdk: Path, scratch: Path) -> tuple[str, str, float]:
    """The cell's netlist, all of the library's text, and the netlist's area in µm²."""
    block = next(b for b in synth.blocks() if b.name == BLOCK)
    combinational, sequential = synth.merge(pdk, scratch)
    lines, way = [], ""
    for line in synth.script(block, combinational, sequential, scratch).splitlines():
        lines.append(line)
        if line.startswith("log way"):
            way = line.split()[-1]
        elif way and line.startswith("opt_clean"):
            lines.append(f"write_blif -gates {scratch / f'way-{way}.blif'}")
    program = (
        "import sys\nfrom pyosys import libyosys as ys\nd = ys.Design()\n"
        "for line in sys.stdin.read().splitlines():\n    ys.run_pass(line, d)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="\n".join(lines) + "\n",
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{BLOCK}: Yosys failed\n{(done.stdout + done.stderr)[-2000:]}")
    texts = done.stdout.split("\nway ")[1:]
    ways = [synth.parse(text) for text in texts]
    fast = [i for i, found in enumerate(ways) if found.path_ps <= synth.PERIOD_PS]
    chosen = min(fast or range(len(ways)), key=lambda i: ways[i].area_um2)
    library = combinational.read_text() + sequential.read_text()
    return (scratch / f"way-{chosen}.blif").read_text(), library, ways[chosen].area_um2


def bits(name: str, words: list[int], width: int) -> dict[str, int]:
    """The nets of a port that has a word of its own in every stream."""
    columns = [0] * width
    for stream, word in enumerate(words):
        for bit in range(width):
            columns[bit] |= (word >> bit & 1) << stream
    return {f"{name}[{bit}]": column for bit, column in enumerate(columns)}


def inputs(mode: int, a: list[int], b: list[int], is_clearing: bool, mask: int) -> dict[str, int]:
    found = bits("a_i", a, operands.OPERAND_BITS) | bits("b_i", b, operands.OPERAND_BITS)
    found |= {f"mode_i[{bit}]": mask if mode >> bit & 1 else 0 for bit in range(2)}
    found |= {f"above_i[{bit}]": 0 for bit in range(ACCUMULATOR_BITS + 1)}
    return found | {"shift_next_i": mask if is_clearing else 0}


def neutral(mode: int) -> tuple[int, int]:
    """Operands that change nothing: A is -0 and B +0 for floats."""
    zero = operands.of_float(0.0, 8, False)
    return (zero | 1 << operands.SIGN_AT, zero) if mode == FLOAT else (0, 0)


def measure(cell: Netlist, volts: float, work: Work, steps: int, seed: int) -> Energy:
    """The mean of all streams over so many steps of a product of matrices."""
    drawn = operands.Normal(seed)
    clear_a, clear_b = neutral(work.mode)
    for _ in range(CLEARING):
        words = ([clear_a] * STREAMS, [clear_b] * STREAMS)
        cell.cycle(inputs(work.mode, *words, True, cell.mask))
    changes = [0] * len(cell.values)
    passive = [[0] * len(gate.cell.capacitance) for gate in cell.logic]
    for _ in range(steps):
        pairs = [work.draw(drawn) for _ in range(STREAMS)]
        before = cell.settled
        cell.cycle(inputs(work.mode, *map(list, zip(*pairs)), False, cell.mask))
        moved = [old ^ new for old, new in zip(before, cell.settled)]
        for place, change in enumerate(moved):
            changes[place] += change.bit_count()
        for counts, gate in zip(passive, cell.logic):
            still = ~moved[cell.place[gate.net]] & cell.mask
            for index, pin in enumerate(gate.cell.capacitance):
                counts[index] += (moved[cell.place_of(gate, pin)] & still).bit_count()
    return priced(cell, volts, changes, passive, steps * STREAMS)


def priced(
    cell: Netlist, volts: float, changes: list[int], passive: list[list[int]], cycles: int
) -> Energy:
    """The energy of the changes, for one cycle."""
    found = Energy()

    def charge(net: str) -> float:
        return cell.loads.get(net, 0.0) * volts * volts / 2

    for counts, gate in zip(passive, cell.logic):
        load = cell.loads.get(gate.net, 0.0)
        each = liberty.at_load(gate.cell.output_fj, load) + charge(gate.net)
        found.logic += changes[cell.place[gate.net]] * each
        for count, pin in zip(counts, gate.cell.capacitance):
            found.logic += count * gate.cell.passive_fj[pin]
    for gate in cell.registers:
        load = cell.loads.get(gate.net, 0.0)
        each = liberty.at_load(gate.cell.output_fj, load) + charge(gate.net)
        moved = changes[cell.place[gate.net]]
        found.registers += moved * each
        found.registers += changes[cell.place_of(gate, "D")] * gate.cell.passive_fj["D"]
        # A rise and a fall a cycle; the rise of a cycle that moves the output is in its energy.
        found.clock += (2 * cycles - moved) * gate.cell.passive_fj["CLK"]
        found.clock += cycles * gate.cell.capacitance["CLK"] * volts * volts
    for net in cell.inputs:
        if net != "clk_i":
            found.operands += changes[cell.place[net]] * charge(net)
    for name in ("logic", "registers", "clock", "operands"):
        setattr(found, name, getattr(found, name) / cycles)
    return found


def check_integers(cell: Netlist, steps: int, seed: int) -> None:
    """Compare the netlist's INT8 sums over some steps with arithmetic."""
    drawn = operands.Normal(seed)
    for _ in range(CLEARING):
        cell.cycle(inputs(INTEGER, [0] * STREAMS, [0] * STREAMS, True, cell.mask))
    sums = [[0] * STREAMS, [0] * STREAMS]
    for step in range(2 * (steps // 2)):
        a = [drawn.bytes() for _ in range(STREAMS)]
        b = [drawn.bytes() for _ in range(STREAMS)]
        words = ([operands.packed(x) for x in fours] for fours in (a, b))
        cell.cycle(inputs(INTEGER, *words, False, cell.mask))
        for stream, (x, y) in enumerate(zip(a, b)):
            sums[step % 2][stream] += sum(p * q for p, q in zip(x, y))
    # The last sums leave the pipeline while nothing is added: three cycles, of both slots.
    seen = []
    for _ in range(4):
        cell.cycle(inputs(INTEGER, [0] * STREAMS, [0] * STREAMS, False, cell.mask))
        seen.append([cell.word("acc_o", ACCUMULATOR_BITS, s) for s in range(STREAMS)])
    expected = [[value % (1 << ACCUMULATOR_BITS) for value in slot] for slot in sums]
    if not all(slot in seen for slot in expected):
        sys.exit(f"{BLOCK}: the netlist's integer sums differ from arithmetic, seed {seed}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pdk", type=Path, help="folder of the library's Liberty files")
    parser.add_argument("--steps", type=int, default=96)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        blif, library, area = synthesised(arguments.pdk, Path(scratch))
    volts = liberty.supply_volts(library)
    cell = Netlist(blif, library, SLEW_PS, STREAMS)
    check_integers(cell, arguments.steps, arguments.seed)
    leakage = sum(gate.cell.leakage_pw for gate in cell.gates) * 1e-6
    print(f"{len(cell.gates)} gates, {area:.0f} µm², {volts} V, leakage {leakage:.2f} µW")
    print("| operands | logic | registers | clock | operand pins | fJ a cycle | fJ a product |")
    print("|---|---|---|---|---|---|---|")
    claims = []
    for work in WORKS:
        found = measure(cell, volts, work, arguments.steps, arguments.seed)
        parts = (found.logic, found.registers, found.clock, found.operands, found.total)
        each = found.total / work.products
        print(f"| {work.name} | " + " | ".join(f"{x:.1f}" for x in parts) + f" | {each:.1f} |")
        claims.append(f"rtl.cell_fj_{work.name.lower()}: {each:.1f}")
    print("\n".join(claims))


if __name__ == "__main__":
    main()
