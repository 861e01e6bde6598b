"""Synthesise blocks with Yosys and ABC for a standard-cell library; print area and longest path.

    rtl/synth/synth.py PDK [block …] [--markdown] [--claims]

PDK is a folder with the library's Liberty files, gzipped or plain. Combinational cells of all files
but the sequential one are merged into one library, which is what ABC wants. Blocks are the rows of
blocks.tsv: name, top module, parameters, `flat` or `hierarchical`, source files (globs from the
repository's root). `hierarchical:UNIT,…` makes modules UNIT flat and keeps the rest apart. Area is
that of the mapped netlist; the path is ABC's estimate of the slowest combinational path between
registers, inputs and outputs, without wires. A block is measured again only if its sources, its
row, the library or these scripts changed since (build/synth/NAME.json).
"""

import argparse
import gzip
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import timing

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("blocks.tsv")
# The bar, 1 GHz by ABC's estimate, and what ABC aims at.
PERIOD_PS = 1000
TARGET_PS = 900
# What ABC aims at in the modules of a hierarchical block, which share a path with others.
MODULE_TARGET_PS = 550
# Blocks that are in no core: a multiply-add in one stage, measured to compare it with three.
NOT_IN_CORE = ("fma_bf16_1",)


@dataclass(frozen=True)
class Block:
    """A row of blocks.tsv."""

    name: str
    top: str
    parameters: tuple[tuple[str, str], ...]
    is_flat: bool
    units: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What synthesis made of a block."""

    area_um2: float
    path_ps: float
    register_count: int


def blocks() -> list[Block]:
    """Read the table."""
    rows = []
    for line in TABLE.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, top, parameters, shape, files = line.split("\t")
        pairs = tuple(tuple(p.split("=", 1)) for p in parameters.split() if p != "-")
        kind, _, units = shape.partition(":")
        flat_units = tuple(units.split(",")) if units else ()
        rows.append(Block(name, top, pairs, kind == "flat", flat_units, tuple(files.split())))
    return rows


def sources(block: Block) -> list[Path]:
    """The block's files in order, each once; packages come first in the table."""
    found: list[Path] = []
    for pattern in block.files:
        matches = sorted(ROOT.glob(pattern))
        if not matches:
            sys.exit(f"{block.name}: no file matches {pattern}")
        found += [path for path in matches if path not in found]
    return found


def read_library(path: Path) -> str:
    """The text of a Liberty file."""
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()


def cell_groups(text: str) -> str:
    """All `cell (…) {…}` groups of a Liberty file, braces matched."""
    groups = []
    for match in re.finditer(r"^\s*cell\s*\(", text, re.MULTILINE):
        depth, end = 0, text.index("{", match.end())
        while True:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
            if depth == 0:
                break
        groups.append(text[match.start() : end])
    return "\n".join(groups)


def merge(folder: Path, out: Path) -> tuple[Path, Path]:
    """Write one combinational and one sequential library into `out`."""
    files = sorted(p for p in folder.iterdir() if ".lib" in p.suffixes)
    sequential = [p for p in files if "_SEQ_" in p.name]
    first = [p for p in files if "_SIMPLE_" in p.name]
    rest = [p for p in files if p not in sequential and p not in first]
    if len(sequential) != 1 or len(first) != 1:
        sys.exit(f"{folder}: expected one _SEQ_ and one _SIMPLE_ Liberty file")
    combinational_path, sequential_path = out / "combinational.lib", out / "sequential.lib"
    sequential_path.write_text(read_library(sequential[0]))
    text = read_library(first[0]).rstrip()
    head = text[: text.rindex("}")]
    cells = "\n".join(cell_groups(read_library(p)) for p in rest)
    combinational_path.write_text(f"{head}\n{cells}\n}}\n")
    return combinational_path, sequential_path


def ways(block: Block) -> list[str]:
    """Two ways through ABC: one that maps for area, and one that maps for delay.

    The smaller result that reaches the period is taken, else the faster one.
    """
    target = TARGET_PS if block.is_flat else MODULE_TARGET_PS
    return [
        "strash;&get,-n;&st;&dch;&nf;&put;buffer,-c;topo;upsize;dnsize;stime,-p",
        f"strash;dch;map,-B,0.9,-D,{target};topo;buffer,-c;"
        f"upsize,-D,{target};dnsize,-D,{target};stime,-p",
    ]


def script(block: Block, combinational: Path, sequential: Path, scratch: Path) -> str:
    """The commands for Yosys: synthesis once, then both ways, each behind a line `way N`.

    A hierarchical block's netlist of each way is written as `way-N.blif`, made flat.
    """
    parameters = "".join(f" -set {key} {value}" for key, value in block.parameters)
    lines = [f"read_verilog -sv -DSYNTHESIS {path}" for path in sources(block)]
    if parameters:
        lines.append(f"chparam{parameters} {block.top}")
    lines += [
        f"hierarchy -check -top {block.top}",
        # Parameters make another name of it.
        "rename -top block",
        "proc",
        *[f"flatten *{unit}*" for unit in block.units],
        "hierarchy -top block",
        "check -assert",
        # Latches of the design itself; mapping infers none.
        "select -assert-none t:$dlatch t:$adlatch t:$dlatchsr",
        f"synth {'-flatten ' if block.is_flat else ''}-booth -top block -noabc",
        "opt -full",
        # The library's smallest flip-flop inverts; ABC absorbs the inverter.
        f"dfflibmap -liberty {sequential} -dont_use DFFHQx4*",
        "opt",
        # What the optimiser made anew is coarse again.
        "simplemap",
        "design -save mapped",
    ]
    for number, abc in enumerate(ways(block)):
        lines += [
            "design -load mapped",
            f"log way {number}",
            f"abc -liberty {combinational} -script +{abc}",
            "opt_clean -purge",
            f"stat -top block -liberty {combinational} -liberty {sequential}",
        ]
        if not block.is_flat:
            netlist = scratch / f"way-{number}.blif"
            lines += ["flatten", "opt_clean -purge", f"write_blif -gates {netlist}"]
    return "\n".join(lines) + "\n"


def parse(text: str) -> Result:
    """What one way gave."""
    paths = [float(x) for x in re.findall(r"Delay =\s*([0-9.]+) ps", text)]
    areas = re.findall(r"Chip area for (?:top )?module '[^']*': ([0-9.]+)", text)
    # The last table of `stat` is that of the whole design.
    registers = re.findall(r"(\d+)\s+[0-9.eE+]+\s+\S*DFF\S*", text[text.rindex("=== ") :])
    return Result(float(areas[-1]), max(paths, default=0.0), sum(map(int, registers)))


def joined(way: Result, netlist: Path, combinational: Path, log: Path) -> Result:
    """A hierarchical block's path: mapped module by module, then sized and timed as a whole."""
    parts = timing.cut(netlist.read_text())
    flat = netlist.with_suffix(".cut")
    flat.write_text(parts.text)
    path_ps, said = timing.longest_path(combinational, flat, TARGET_PS)
    with log.open("a") as file:
        file.write(said)
    return Result(way.area_um2, path_ps, parts.register_count)


def run(block: Block, combinational: Path, sequential: Path, log: Path) -> Result:
    """Synthesise one block in a process of its own."""
    scratch = combinational.parent
    text = script(block, combinational, sequential, scratch)
    program = (
        "import sys\nfrom pyosys import libyosys as ys\nd = ys.Design()\n"
        "for line in sys.stdin.read().splitlines():\n    ys.run_pass(line, d)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=text, text=True, capture_output=True, check=False
    )
    log.write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        sys.exit(f"{block.name}: Yosys failed, see {log}\n{(done.stdout + done.stderr)[-2000:]}")
    texts = re.split(r"^way \d+$", done.stdout, flags=re.MULTILINE)[1:]
    found = [parse(text) for text in texts]
    if not block.is_flat:
        found = [
            joined(way, scratch / f"way-{number}.blif", combinational, log)
            for number, way in enumerate(found)
        ]
    fast = [way for way in found if way.path_ps <= PERIOD_PS]
    if fast:
        return min(fast, key=lambda way: way.area_um2)
    return min(found, key=lambda way: way.path_ps)


def fingerprint(block: Block, combinational: Path, sequential: Path) -> str:
    """What a block's result depends on."""
    scripts = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(repr(block).encode())
    for path in [*sources(block), combinational, sequential, *scripts]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def measure(block: Block, combinational: Path, sequential: Path, logs: Path) -> Result:
    """The block's result, from the last run if nothing changed since."""
    kept = logs / f"{block.name}.json"
    key = fingerprint(block, combinational, sequential)
    if kept.exists():
        last = json.loads(kept.read_text())
        if last["key"] == key:
            return Result(**last["result"])
    result = run(block, combinational, sequential, logs / f"{block.name}.log")
    kept.write_text(json.dumps({"key": key, "result": asdict(result)}) + "\n")
    return result


def claims(results: dict[str, Result]) -> list[str]:
    """Lines for docs/claims.md: of the cell, and of all blocks of a core if all were measured."""
    lines = []
    if "matrix_cell" in results:
        cell = results["matrix_cell"]
        lines.append(f"rtl.cell_area_um2: {cell.area_um2:.1f}")
        lines.append(f"rtl.cell_path_ps: {cell.path_ps:.1f}")
    if all(block.name in results for block in blocks()):
        paths = {name: r.path_ps for name, r in results.items() if name not in NOT_IN_CORE}
        lines.append(f"rtl.path_ps: {max(paths.values()):.1f}")
    return lines


def row(block: Block, result: Result) -> str:
    """A row of docs/hardware/area.md."""
    parameters = ", ".join(f"{key} {value}" for key, value in block.parameters) or "–"
    path = f"{result.path_ps:.0f} | {result.register_count:,}"
    return f"| {block.name} | `{block.top}` | {parameters} | {result.area_um2:,.0f} | {path} |"


def line(block: Block, result: Result) -> str:
    """A line for the terminal."""
    path = f"{result.path_ps:.1f} ps, {result.register_count} flip-flops"
    return f"{block.name}: {result.area_um2:.1f} um2, {path}"


def main() -> None:
    """Parse the command line, synthesise, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pdk", type=Path)
    parser.add_argument("block", nargs="*")
    parser.add_argument("--markdown", action="store_true", help="rows of docs/hardware/area.md")
    parser.add_argument("--claims", action="store_true", help="figures of docs/claims.md")
    arguments = parser.parse_intermixed_args()
    chosen = [b for b in blocks() if not arguments.block or b.name in arguments.block]
    logs = ROOT / "build" / "synth"
    logs.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        combinational, sequential = merge(arguments.pdk, Path(scratch))
        results = {}
        for block in chosen:
            result = results[block.name] = measure(block, combinational, sequential, logs)
            print(row(block, result) if arguments.markdown else line(block, result), flush=True)
    for claim in claims(results) if arguments.claims else []:
        print(claim)


if __name__ == "__main__":
    main()
