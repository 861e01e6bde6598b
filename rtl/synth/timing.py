"""The longest path of a mapped netlist, across its modules.

A hierarchical block is mapped module by module; its netlist, made flat, comes here in BLIF. Its
flip-flops are cut out, so that paths end at them, and ABC sizes gates again for the loads that they
have in the whole and gives the slowest path. It makes gates larger, then smaller, which may cost
the slowest path too, hence larger once more.
"""

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cut:
    """A netlist without flip-flops, and how many there were."""

    text: str
    register_count: int


def cut(blif: str) -> Cut:
    """Make outputs of what flip-flops read and inputs of what they drive.

    Every flip-flop of the library has one output; its clock is not timed. A net that is another's
    alias becomes that one, and constants are inputs, which are there from the beginning.
    """
    inputs: set[str] = {"$false", "$true", "$undef"}
    outputs: set[str] = set()
    gates: list[list[str]] = []
    aliases: dict[str, str] = {}
    count = 0

    def origin(name: str) -> str:
        while name in aliases:
            name = aliases[name]
        return name

    for line in blif.replace("\\\n", " ").splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == ".inputs":
            inputs.update(words[1:])
        elif words[0] == ".outputs":
            outputs.update(words[1:])
        elif words[0] == ".names" and len(words) == 3:
            aliases[words[2]] = words[1]
        elif words[0] == ".gate":
            gates.append(words)
    body = []
    for words in gates:
        pins = [pair.split("=", 1) for pair in words[2:]]
        if "DFF" in words[1]:
            count += 1
            inputs.update(net for pin, net in pins if pin in ("Q", "QN"))
            outputs.update(net for pin, net in pins if pin not in ("Q", "QN", "CLK"))
        else:
            body.append(" ".join(words[:2] + [f"{pin}={origin(net)}" for pin, net in pins]))
    # A register may feed another or an output directly: there is nothing to time.
    ends = sorted({origin(name) for name in outputs} - inputs)
    head = [".model cut", ".inputs " + " ".join(sorted(inputs)), ".outputs " + " ".join(ends)]
    return Cut("\n".join([*head, *body, ".end\n"]), count)


def longest_path(library: Path, netlist: Path, target_ps: int) -> tuple[float, str]:
    """Picoseconds of the slowest path after sizing, and all that ABC said.

    Raises:
        RuntimeError: if ABC gives no path.
    """
    spec = importlib.util.find_spec("pyosys")
    if spec is None or spec.origin is None:
        raise RuntimeError("pyosys, which brings ABC, is not installed")
    commands = (
        f"read_lib -w {library}; read_blif {netlist}; topo; buffer -c; "
        f"upsize -D {target_ps}; dnsize -D {target_ps}; upsize -D {target_ps}; topo; stime -p"
    )
    abc = Path(spec.origin).with_name("yosys-abc")
    done = subprocess.run([str(abc), "-c", commands], text=True, capture_output=True, check=False)
    path = re.findall(r"Delay =\s*([0-9.]+) ps", done.stdout)
    if not path:
        raise RuntimeError(f"ABC gave no path for {netlist}:\n{done.stdout[-1000:]}")
    return float(path[-1]), done.stdout + ends(netlist.read_text(), done.stdout)


def ends(netlist: str, said: str) -> str:
    """The nets at which the path begins and ends, for whoever wants to shorten it."""
    found = re.search(r"Start-point = pi(\d+).*End-point = po(\d+)", said)
    if not found:
        return ""
    lines = netlist.splitlines()
    first, last = lines[1].split()[1:], lines[2].split()[1:]
    return f"path from {first[int(found[1])]} to {last[int(found[2])]}\n"
