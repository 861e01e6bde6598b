"""Run the catalogue on the emulated chip and compare every output with ONNX Runtime's.

    python benchmarks/models/check.py [NAME ...] [--table docs/models.md]

With `--precision highest` every element must be within rtol 1e-3 and atol 1e-5; with BF16 the
answer must be the same and the cosine similarity of every output at least 0.999. Ends with a line
of the form `onnx.models: 21 of 21`; the exit status is 1 if a model falls short.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from catalogue import MODELS, Array, Feeds, Model
from fetch import fetch

import apus

RTOL, ATOL, COSINE = 1e-3, 1e-5, 0.999


@dataclass(frozen=True)
class Row:
    """What one model came to."""

    name: str
    nodes: int
    on_chip: int
    launches: int
    excess: float
    cosine: float
    answer: str
    expected: str
    failure: str = ""

    @property
    def passes(self) -> bool:
        """Whether both precisions meet their bars."""
        return (
            not self.failure
            and self.excess <= 1
            and self.cosine >= COSINE
            and self.answer == self.expected
        )


def reference(model: Model, feeds: Feeds) -> list[Array]:
    """ONNX Runtime's outputs on its CPU provider."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        str(model.path), options, providers=["CPUExecutionProvider"]
    )
    return list(session.run(None, feeds))


def excess(actual: Array, expected: Array) -> float:
    """The largest |difference| over atol + rtol · |expected|; at most 1 passes."""
    if actual.shape != expected.shape:
        return float("inf")
    if actual.size == 0:
        return 0.0
    a, b = actual.astype(np.float64), expected.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        ratio = np.where(same, 0, np.abs(a - b) / (ATOL + RTOL * np.abs(b)))
    return float(np.nan_to_num(ratio, nan=np.inf).max())


def cosine(actual: Array, expected: Array) -> float:
    """Cosine similarity of two tensors as vectors; 1 where both are zero."""
    a, b = actual.astype(np.float64).reshape(-1), expected.astype(np.float64).reshape(-1)
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norms if norms else float(np.array_equal(a, b))


def check(model: Model, chip: str, threads: int) -> Row:
    """Run one model in both precisions."""
    fetch(model)
    feeds = model.feeds()
    expected = reference(model, feeds)
    answer = model.answer(expected)
    try:
        with apus.Session(model.path, chip=chip, precision="highest", threads=threads) as session:
            exact = list(session.run(feeds).values())
        with apus.Session(model.path, chip=chip, precision="bf16", threads=threads) as session:
            rounded = list(session.run(feeds).values())
            report = session.report
    except apus.ApusError as error:
        return Row(model.name, 0, 0, 0, np.inf, 0, "", answer, failure=str(error))
    return Row(
        model.name,
        report["nodes"],
        report["nodesOnChip"],
        report["launches"],
        max(excess(a, b) for a, b in zip(exact, expected, strict=True)),
        min(cosine(a, b) for a, b in zip(rounded, expected, strict=True)),
        model.answer(rounded),
        answer,
    )


def table(rows: list[Row], chip: str) -> str:
    """The page docs/models.md."""
    lines = [
        "# Real models",
        "",
        "Made by `python benchmarks/models/check.py --table docs/models.md` on the emulated",
        f"`{chip}`, against ONNX Runtime on the same inputs. *Excess* is the largest difference at",
        "`highest` over what rtol 1e-3 and atol 1e-5 allow (1 is the bar); *cosine* and *answer* are",
        "with BF16.",
        "Weights of the CNN graphs are the constant 0.02; their `-random` twins have seeded random ones",
        "and end before the softmax.",
        "",
        "| model | nodes on the chip | launches | excess | cosine | answer | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        same = "same" if row.answer == row.expected else f"{row.answer} for {row.expected}"
        lines.append(
            f"| {row.name} | {row.on_chip} of {row.nodes} | {row.launches} | {row.excess:.3g} "
            f"| {row.cosine:.6f} | {same} | {'ok' if row.passes else row.failure or 'short'} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--chip", default="edge14")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--table", type=Path)
    arguments = parser.parse_args()
    rows = []
    for name in arguments.names or list(MODELS):
        started = time.perf_counter()
        rows.append(check(MODELS[name], arguments.chip, arguments.threads))
        row = rows[-1]
        print(
            f"{name}: {'ok' if row.passes else 'short'} on chip {row.on_chip}/{row.nodes} "
            f"excess {row.excess:.3g} cosine {row.cosine:.6f} {row.failure} "
            f"({time.perf_counter() - started:.1f} s)",
            file=sys.stderr,
            flush=True,
        )
    page = table(rows, arguments.chip)
    print(page)
    if arguments.table:
        arguments.table.write_text(page)
    passed = sum(row.passes for row in rows)
    print(f"onnx.models: {passed} of {len(rows)}")
    return 0 if passed == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
