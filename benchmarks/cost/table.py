"""The table of docs/cost/README.md, and the ratios that its words tell.

    python3 benchmarks/cost/table.py [--write]

Expected figures of one part from `apus compare`: four models, decode within 50 ms a token and
prefill within 1 s, context 2048. With --write the page's table is replaced; the ratios of Apus
chips to bought parts, the smallest and the largest over the models, are printed in any case.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/cost/README.md"
MODELS = ("llama-3.1-8b", "llama-3.1-70b", "qwen3-30b-a3b", "deepseek-v3")
PHASES = {"decode": "50ms", "prefill": "1s"}
OURS = ("cloud7", "cloud7-bound", "cloud14", "cloud14-bound")
BOUGHT = ("h100", "h200", "h20", "910b", "910c", "810e")
PARTS = ("cloud7", "cloud7-bound", "cloud14", "cloud14-bound", *BOUGHT)
FIGURES = {
    "tokensPerSecond": "tokens/s",
    "joulesPerToken": "J/token",
    "dollarsPerMillionTokens": "USD/Mtoken",
}


def short(value: float) -> str:
    """Three digits, whole numbers whole."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def compared(model: str, phase: str) -> dict[str, dict[str, float]]:
    """Expected figures of every part that meets the level."""
    command = [ROOT / ".build/release/apus", "compare", model, "--phase", phase, "--json"]
    command += ["--context", "2048", "--slo", PHASES[phase], "--parts", ",".join(PARTS)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {
        part["part"]: {name: part[name]["expected"] for name in FIGURES}
        for part in found["parts"]
        if "tokensPerSecond" in part
    }


def table(answers: dict[tuple[str, str], dict]) -> str:
    rows = ["| | " + " | ".join(PARTS) + " |", "|---" * (len(PARTS) + 1) + "|"]
    for (model, phase), parts in answers.items():
        for name, unit in FIGURES.items():
            cells = [short(parts[p][name]) if p in parts else "–" for p in PARTS]
            rows.append(f"| {model} {phase}, {unit} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def ratios(answers: dict[tuple[str, str], dict]) -> None:
    """Of each Apus chip to each bought part, over the models."""
    for phase in PHASES:
        for name, unit in FIGURES.items():
            for ours in OURS:
                said = []
                for other in BOUGHT[:3]:
                    found = [
                        parts[ours][name] / parts[other][name]
                        for (_, of), parts in answers.items()
                        if of == phase and ours in parts and other in parts
                    ]
                    said.append(f"{other} {min(found):.3g} to {max(found):.3g}")
                print(f"{phase}, {unit}, {ours} over: " + "; ".join(said))


def main() -> None:
    parser = argparse.ArgumentParser(description="The comparison's table and ratios.")
    parser.add_argument("--write", action="store_true", help="replace the page's table")
    arguments = parser.parse_args()
    answers = {(m, p): compared(m, p) for m in MODELS for p in PHASES}
    if arguments.write:
        text, made = PAGE.read_text(), table(answers)
        text, count = re.subn(r"(?m)^\| \| cloud7 \|.*\n(?:\|.*\n)+", lambda _: made, text)
        if count != 1:
            raise SystemExit(f"{PAGE}: no table of parts")
        PAGE.write_text(text)
    else:
        print(table(answers))
    ratios(answers)


if __name__ == "__main__":
    main()
