"""Re-checks an exploration's front in the cycle simulator, and says where the presets stand.

    python3 benchmarks/cost/front.py [--designs 8]

For each preset: a search in its own process, die area and power; of its front so many designs, evenly
spaced by the tokens that the analytic model expects, are timed in the simulator, with the preset, on
decode of 32 sequences of Llama-3.1-8B (INT8 weights, E4M3 cache, context 2048).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APUS = ROOT / ".build/release/apus"
NODES = {"cloud7": "n+2", "cloud14": "14nm"}
#: W; the presets' own (`apus chip show`).
POWERS = {"cloud7": 500, "cloud14": 300}
WORK = ("--weights", "int8", "--cache", "e4m3", "--context", "2048", "--batch", "32")


def run(*words: str) -> dict:
    done = subprocess.run([APUS, *words, "--json"], check=True, capture_output=True)
    return json.loads(done.stdout)


def simulated(chip: str) -> float:
    """Tokens a second; 0 where the compiler or the memory refuses the design."""
    try:
        return run("time", "llama-3.1-8b", "--chip", chip, *WORK)["itemsPerSecond"]
    except subprocess.CalledProcessError as refusal:
        print("refused:", refusal.stderr.decode().strip()[:200])
        return 0.0


def ranks(values: list[float]) -> list[int]:
    order = sorted(range(len(values)), key=lambda index: values[index])
    return [order.index(index) for index in range(len(values))]


def agreement(a: list[float], b: list[float]) -> float:
    """Spearman's coefficient of rank: 1 when both order the designs alike."""
    count = len(a)
    distance = sum((x - y) ** 2 for x, y in zip(ranks(a), ranks(b)))
    return 1 - 6 * distance / (count * (count * count - 1))


def check(preset: str, count: int) -> None:
    cost = run("cost", "--chip", preset)
    area, power = cost["die"]["expected"], POWERS[preset]
    limits = ("--node", NODES[preset], "--area", str(area), "--power", str(power))
    front = run("explore", "--model", "llama-3.1-8b", *limits, "--designs", "10000")["front"]
    front.sort(key=lambda design: design["tokensPerSecond"])
    spaced = [front[index * (len(front) - 1) // (count - 1)] for index in range(count)]
    own = simulated(preset)
    print(f"| {preset} | {area:.0f} | | {own:.0f} | {own / area:.3f} |")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for design in spaced:
            path = Path(folder) / "chip.json"
            path.write_text(json.dumps(design["chip"]))
            found.append(simulated(str(path)))
            die, expected = design["squareMillimetres"], design["tokensPerSecond"]
            name = design["chip"]["name"]
            rate = found[-1]
            print(f"| {name} | {die:.0f} | {expected:.0f} | {rate:.0f} | {rate / die:.3f} |")
    order = agreement([design["tokensPerSecond"] for design in spaced], found)
    print(f"cost.front_agreement_{preset}: {order:.2f}")
    print(f"cost.front_over_{preset}: {max(found) / own:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="The front, in the cycle simulator.")
    parser.add_argument("--designs", type=int, default=8)
    arguments = parser.parse_args()
    print("| design | die, mm² | analytic tokens/s, its own batch | simulated, 32 | a mm² |")
    print("|---|---|---|---|---|")
    for preset in NODES:
        check(preset, arguments.designs)


if __name__ == "__main__":
    main()
