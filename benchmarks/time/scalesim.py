"""The cycle simulator's speed beside SCALE-Sim 3.0, from one run: a product, an encoder block.

    make venv-scalesim
    .venv-scalesim/bin/python benchmarks/time/scalesim.py

Both simulate arrays of 128 × 128. SCALE-Sim has one, without control processor, channels or mesh;
the simulator has four cores with them. What is compared is the host's CPU-seconds for the answer.
"""

import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# M, N, K of the products of each workload.
GEMM = [("gemm", 512, 512, 512)]
# BERT-base, 128 tokens: projections, twelve heads' scores and mixtures, the rest.
ENCODER = (
    [(name, 128, 768, 768) for name in ("q", "k", "v")]
    + [(f"scores{head}", 128, 128, 64) for head in range(12)]
    + [(f"mixture{head}", 128, 64, 128) for head in range(12)]
    + [("output", 128, 768, 768), ("up", 128, 3072, 768), ("down", 128, 768, 3072)]
)


def children_seconds() -> float:
    """CPU-seconds of all processes that have been waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def scalesim_seconds(products: list[tuple[str, int, int, int]]) -> float:
    """CPU-seconds of SCALE-Sim for the products, one after another."""
    with tempfile.TemporaryDirectory() as folder:
        topology = Path(folder) / "products.csv"
        lines = ["Layer, M, N, K,"] + [f"{n}, {m}, {c}, {k}," for n, m, c, k in products]
        topology.write_text("\n".join(lines) + "\n")
        layout = Path(folder) / "layout.csv"
        layout.write_text("Layer name, IFMAP Height Intraline Factor,\n")
        command = [sys.executable, "-m", "scalesim.scale", "-t", str(topology)]
        command += ["-l", str(layout), "-c", str(HERE / "scalesim.cfg"), "-i", "gemm"]
        command += ["-p", folder, "-s", "N"]
        begin = children_seconds()
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        return children_seconds() - begin


def own_seconds() -> dict[str, float]:
    """The figures of `apus-dev time-speed`."""
    binary = ROOT / ".build" / "release" / "apus-dev"
    run = subprocess.run(
        [str(binary), "time-speed"], check=True, capture_output=True, text=True, cwd=ROOT
    )
    figures = re.findall(r"^(time\.\w+): (\S+)$", run.stdout, re.MULTILINE)
    return {name: float(value) for name, value in figures}


def main() -> None:
    """Prints both times and their ratio for each workload."""
    own = own_seconds()
    for name, products in (("gemm", GEMM), ("encoder", ENCODER)):
        theirs = scalesim_seconds(products)
        ours = own[f"time.{name}_cpu_seconds"]
        print(f"{name}: SCALE-Sim {theirs:.2f} CPU-seconds, here {ours:.6f}")
        print(f"time.scalesim_{name}_ratio: {theirs / ours:.0f}")


if __name__ == "__main__":
    main()
