"""Writes the fitted figures as Swift, and vectors that hold the Swift evaluation to the Python one.

    python benchmarks/cost/emit.py --figures FILE --serving FILE

Table values are whole multiples of 1/1000 (surface.STEP), written as two characters each: 3,000 is
added, the quotient and the remainder by 90 pick characters of ALPHABET.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from baseline import Baseline
from serving_fit import BACKENDS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "Sources/ApusCost/Baseline/Fitted"
VECTORS = ROOT / "Tests/ApusCostTests/Vectors/baseline.tsv"
#: Printable characters without quotation mark, backslash and space at a line's end.
ALPHABET = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in '"\\#')[:90]
OFFSET, WIDTH, INDENT = 3000, 86, " " * 12


def text(values: list[int]) -> str:
    """A multi-line string literal of the values."""
    coded = ""
    for value in values:
        if not 0 <= value + OFFSET < 8100:
            raise SystemExit(f"emit: {value} is beyond what two characters hold")
        high, low = divmod(value + OFFSET, 90)
        coded += ALPHABET[high] + ALPHABET[low]
    lines = [coded[i: i + WIDTH] for i in range(0, len(coded), WIDTH)]
    body = " \\\n".join(INDENT + line for line in lines)
    return f'"""\n{body}\n{INDENT}"""'.replace(" \\\n", "\\\n")


def device_file(figures: dict, device: str) -> str:
    name = device.upper()
    out = ["// Written by benchmarks/cost/emit.py from fitted figures; not to be edited.", ""]
    out += [f"extension FittedFigures {{", f"    /// {name} under TensorRT-LLM, fitted to measured kernels."]
    out += [f"    static let {device} = FittedFigures(", f"        multiprocessors: {sms(figures, device)},"]
    out += ["        products: ["]
    for found in figures["gemm"]:
        if (found["device"], found["backend"]) == (device, "trtllm"):
            values = wrapped(found["physics"])
            out.append(f"            .init(kind: .{kind(found['kind'])}, physics: [{values}], tables: {text(found['tables'])}),")
    out += ["        ],", "        attentions: ["]
    for found in figures["attention"]:
        if (found["device"], found["backend"]) == (device, "trtllm"):
            head = f".init(phase: .{phase(found['phase'])}, dimension: {found['dimension']}"
            out.append(f"            {head}, cache: .{kind(found['kv'])}, table: {text(found['tables'])}),")
    out += ["        ],", "        reductions: ["]
    for found in figures["allreduce"]:
        if found["device"] == device:
            values = ", ".join(str(v) for v in found["tables"])
            out.append(f"            .init(\n                count: {found['gpus']},")
            out.append(f"                table: [{values}]),")
    out += ["        ])", "}", ""]
    return "\n".join(out)


def wrapped(values: list[float]) -> str:
    lines = [", ".join(f"{v:.4f}" for v in values[i: i + 8]) for i in range(0, len(values), 8)]
    return "\n" + ",\n".join(" " * 16 + line for line in lines)


def sms(figures: dict, device: str) -> int:
    return int(next(g["sms"] for g in figures["gemm"] if g["device"] == device))


def kind(name: str) -> str:
    return {"bfloat16": "bf16", "fp8": "fp8", "fp8_block": "fp8Block"}[name]


def phase(name: str) -> str:
    return {"context": "prefill", "generation": "decode"}[name]


def serving_file(serving: dict) -> str:
    out = ["// Written by benchmarks/cost/emit.py from fitted figures; not to be edited.", ""]
    out += ["extension ServingFigures {", "    /// Frameworks' scales and overheads, fitted to serving points."]
    out += ["    static let fitted = ServingFigures(", "        frameworks: ["]
    for index, name in enumerate(BACKENDS):
        scale = ", ".join(f"{np.exp(x):.4f}" for x in serving["scale"][4 * index: 4 * index + 4])
        rest = [np.exp(serving[part][index]) for part in ("layer", "step", "interference")]
        out += [
            f'            .init(name: "{name}", scales: [{scale}], layer: {rest[0]:.3f},',
            f"                step: {rest[1]:.2f}, interference: {rest[2]:.4f}),"]
    out += ["        ],", "        groups: ["]
    for index, name in enumerate(serving["groups"]):
        parts = [serving[p][index] for p in ("offset", "concurrency", "gpus", "experts")]
        out += [f'            .init(name: "{name}", offset: {parts[0]}, concurrency: {parts[1]},',
                f"                gpus: {parts[2]}, experts: {parts[3]}),"]
    out += ["        ],", f"        h200: {serving['h200'][0]},",
            f"        heldOutError: {serving['held_out_error']:.4f})", "}", ""]
    return "\n".join(out)


def vectors(figures: dict) -> str:
    """Tab-separated: what, its arguments, µs."""
    base, rng = Baseline(figures), np.random.default_rng(6)
    lines = ["# kind device format/phase arguments microseconds; written by benchmarks/cost/emit.py"]
    for found in figures["gemm"]:
        if found["backend"] == "trtllm":
            for m, n, k in np.round(2 ** rng.uniform([0, 7, 7], [15, 16, 16], (12, 3))):
                time = base.gemm(found["device"], found["kind"], m, n, k)[0]
                lines.append(f"gemm\t{found['device']}\t{kind(found['kind'])}\t{m:.0f}\t{n:.0f}\t{k:.0f}\t-\t{time!r}")
    for found in figures["attention"]:
        if found["backend"] == "trtllm":
            for b, l, g, s in np.round(2 ** rng.uniform([0, 4, 0, 0], [8, 14, 5, 5], (12, 4))):
                time = base.attention(
                    found["device"], found["phase"], found["dimension"], found["kv"], b, l, g * s, g)[0]
                what = f"{phase(found['phase'])}{found['dimension']}{kind(found['kv'])}"
                lines.append(f"attention\t{found['device']}\t{what}\t{b:.0f}\t{l:.0f}\t{g * s:.0f}\t{g:.0f}\t{time!r}")
    for found in figures["allreduce"]:
        for size in np.round(2 ** rng.uniform(8, 33, 4)):
            time = base.allreduce(found["device"], found["gpus"], size)[0]
            lines.append(f"allreduce\t{found['device']}\t{found['gpus']}\t{size:.0f}\t-\t-\t-\t{time!r}")
    return "\n".join(lines).replace("np.float64(", "").replace(")", "") + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes the fitted figures as Swift.")
    parser.add_argument("--figures", type=Path, required=True)
    parser.add_argument("--serving", type=Path, required=True)
    arguments = parser.parse_args()
    figures = json.loads(arguments.figures.read_text())
    FOLDER.mkdir(parents=True, exist_ok=True)
    VECTORS.parent.mkdir(parents=True, exist_ok=True)
    for device in ("h100", "h200", "a100"):
        (FOLDER / f"Fitted+{device.upper()}.swift").write_text(device_file(figures, device))
    serving = json.loads(arguments.serving.read_text())
    (FOLDER / "Fitted+Serving.swift").write_text(serving_file(serving))
    VECTORS.write_text(vectors(figures))


if __name__ == "__main__":
    main()
