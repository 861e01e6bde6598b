"""Run onnx.backend.test through the C interface and say where each case ran.

    python -m apus.onnx_conformance                  # prints the counts
    python -m apus.onnx_conformance --write docs     # and writes the table and the list

A case is *on chip* if every node of its program ran in kernels, *on host* if none did, *partly* if
some did, *failed* if the answer or the import was wrong, *skipped* with a reason otherwise. Cases
run in a process of their own, which is started again if it ends: a crash is counted as failed.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.loader import load_model_tests

KINDS = ("node", "simple", "pytorch-converted", "pytorch-operator", "real")
VERDICTS = ("on chip", "partly", "on host", "failed", "skipped")
SECONDS_MAX = 120


@dataclass(frozen=True)
class Outcome:
    """What became of a case."""

    name: str
    operators: str
    verdict: str
    reason: str


def cases() -> Iterator[Any]:
    """All cases, in the order of their names within each kind."""
    for kind in KINDS:
        yield from load_model_tests(kind=kind)


def load(case: Any) -> tuple[onnx.ModelProto, list[tuple[list[Any], list[Any]]]]:
    """A case's model and its sets of inputs and outputs."""
    if case.model is not None:
        return case.model, [(list(a), list(b)) for a, b in case.data_sets]
    folder = Path(case.model_dir)
    model = onnx.load(folder / "model.onnx")
    sets = []
    for data in sorted(folder.glob("test_data_set_*")):
        pair = []
        for kind, ports in (("input", model.graph.input), ("output", model.graph.output)):
            values = []
            for index, port in enumerate(ports):
                file = data / f"{kind}_{index}.pb"
                if file.exists():
                    values.append(read(file.read_bytes(), port.type))
            pair.append(values)
        sets.append((pair[0], pair[1]))
    return model, sets


def read(data: bytes, kind: onnx.TypeProto) -> Any:
    """A stored value of a declared type."""
    which = kind.WhichOneof("value")
    if which == "sequence_type":
        return numpy_helper.to_list(onnx.SequenceProto.FromString(data))
    if which == "optional_type":
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(data))
    return numpy_helper.to_array(onnx.TensorProto.FromString(data))


def plain(value: Any) -> Any:
    """A value of a data set as an array or a list of arrays."""
    if isinstance(value, onnx.TensorProto):
        return numpy_helper.to_array(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def difference(found: Any, expected: Any, case: Any) -> str | None:
    """What distinguishes an output from the expected one, by the suite's own rules, or None."""
    if isinstance(expected, list) or expected is None:
        if expected is None or found is None:
            return None if found is expected else "an optional is empty in one of the two"
        if len(found) != len(expected):
            return f"{len(found)} items, expected {len(expected)}"
        texts = (difference(a, b, case) for a, b in zip(found, expected, strict=True))
        return next((text for text in texts if text), None)
    wanted = np.asarray(expected)
    if found.dtype != wanted.dtype or found.shape != wanted.shape:
        return f"{found.dtype}{list(found.shape)}, expected {wanted.dtype}{list(wanted.shape)}"
    if wanted.dtype.isbuiltin != 1:
        found, wanted = found.astype(np.float64), wanted.astype(np.float64)
    try:
        np.testing.assert_allclose(found, wanted, rtol=case.rtol, atol=case.atol)
    except AssertionError as error:
        return " ".join(str(error).split())[:160]
    return None


def run(case: Any, options: dict[str, str]) -> tuple[str, str]:
    """The verdict on a case, and the reason."""
    import apus
    from apus.onnx_backend import ApusBackend, element_type

    if case.url is not None and case.model_dir is None:
        return "skipped", "its weights need a download"
    model, sets = load(case)
    try:
        kinds = {element_type(item.type) for item in [*model.graph.input, *model.graph.output]}
        if onnx.TensorProto.STRING in kinds:
            return "skipped", "text does not pass the C interface"
        if kinds & {onnx.TensorProto.COMPLEX64, onnx.TensorProto.COMPLEX128}:
            return "skipped", "complex numbers are not supported"
        backend = ApusBackend.prepare(model, **options)
        for inputs, outputs in sets:
            found = backend.run([plain(value) for value in inputs])
            for index, (a, b) in enumerate(zip(found, outputs, strict=True)):
                if text := difference(a, plain(b), case):
                    return "failed", f"output {index}: {text}"
        report = backend.session.report
    except apus.UnsupportedError as error:
        return "skipped", short(str(error))
    except apus.ApusError as error:
        return "failed", short(str(error))
    reasons = sorted({item["reason"] for item in report["onHost"]})
    if not report["onHost"] and report["nodes"] > 0:
        return "on chip", ""
    if report["nodes"] == 0:
        return "on host", "the import computed the answer; no node was left"
    return ("partly" if report["nodesOnChip"] > 0 else "on host"), "; ".join(reasons)[:160]


def short(text: str) -> str:
    """A message without the temporary folder's name."""
    return text.split("model.onnx: ", 1)[-1][:200]


def work(connection: Connection, options: dict[str, str]) -> None:
    """Run the cases whose indices arrive, one at a time."""
    warnings.simplefilter("ignore")
    listed = list(cases())
    connection.send(None)
    while True:
        try:
            index = connection.recv()
        except EOFError:
            return
        try:
            connection.send(run(listed[index], options))
        except Exception as error:
            connection.send(("failed", f"{type(error).__name__}: {short(str(error))}"))


class Worker:
    """The process that runs cases, started again after a crash."""

    def __init__(self, options: dict[str, str]) -> None:
        self._options = options
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=work, args=(other, self._options), daemon=True)
        self._process.start()
        other.close()
        self._connection.recv()

    def run(self, index: int) -> tuple[str, str]:
        """Run one case."""
        try:
            self._connection.send(index)
            if self._connection.poll(SECONDS_MAX):
                verdict: tuple[str, str] = self._connection.recv()
                return verdict
            reason = f"ran for more than {SECONDS_MAX} s"
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._process.join()
            reason = f"the process ended with status {self._process.exitcode}"
        self._process.kill()
        self._start()
        return "failed", reason


def operators(case: Any) -> str:
    """The operators that a case is about."""
    if case.model is None:
        return case.kind
    if case.name.endswith("_expanded"):
        return "function bodies"
    return " ".join(sorted({node.op_type for node in case.model.graph.node}))


def write(outcomes: list[Outcome], folder: Path) -> None:
    """Write the list of all cases and the table of counts."""
    with (folder / "onnx-conformance.csv").open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["case", "verdict", "reason"])
        rows.writerows([item.name, item.verdict, item.reason] for item in outcomes)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for item in outcomes:
        table[item.operators][item.verdict] += 1
    lines = [
        "# ONNX conformance",
        "",
        f"The cases of `onnx.backend.test` of onnx {onnx.__version__} through the C interface,",
        "on the emulated chip at `--precision highest`. Made by",
        "`PYTHONPATH=python python -m apus.onnx_conformance --write docs`;",
        "`onnx-conformance.csv` lists every case with the reason where it did not run wholly on",
        "the chip.",
        "",
        "A case is *on chip* if every node of its program ran in kernels, *on host* if none did,",
        "*partly* if some did; *failed* if the answer was wrong or an error came; *skipped* if it",
        "needs something that is not supported, named in the list.",
        "",
        *summary(outcomes),
        "",
        "By the operators that a case holds:",
        "",
        "| operators | " + " | ".join(VERDICTS) + " |",
        "|---|" + "---:|" * len(VERDICTS),
    ]
    for name in sorted(table):
        counts = " | ".join(str(table[name][verdict] or "") for verdict in VERDICTS)
        lines.append(f"| {name} | {counts} |")
    (folder / "onnx-conformance.md").write_text("\n".join(lines) + "\n")


def summary(outcomes: list[Outcome]) -> list[str]:
    """The counts of all verdicts, as a table."""
    counts = Counter(item.verdict for item in outcomes)
    passed = sum(counts[verdict] for verdict in VERDICTS[:3])
    return [
        "| verdict | cases |",
        "|---|---:|",
        *(f"| {verdict} | {counts[verdict]} |" for verdict in VERDICTS),
        f"| **passed** (the first three) | **{passed}** |",
        f"| all | {len(outcomes)} |",
    ]


def main() -> int:
    """Run all cases; the exit status is 1 if fewer pass than `--at-least`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the table and the list")
    parser.add_argument("--only", default="", help="only cases whose name contains this")
    parser.add_argument("--chip", default="edge14")
    parser.add_argument("--at-least", type=int, default=0, help="how many cases must pass")
    parser.add_argument("--verbose", action="store_true", help="print each case that fails")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    worker = Worker({"chip": arguments.chip, "precision": "highest"})
    outcomes = []
    for index, case in enumerate(cases()):
        if arguments.only not in case.name:
            continue
        outcome = Outcome(case.name, operators(case), *worker.run(index))
        outcomes.append(outcome)
        if arguments.verbose and outcome.verdict == "failed":
            print(f"{outcome.name}: {outcome.reason}", flush=True)
    print("\n".join(summary(outcomes)))
    if arguments.write:
        write(outcomes, arguments.write)
    passed = sum(item.verdict in VERDICTS[:3] for item in outcomes)
    print(f"onnx.conformance: {passed}")
    print(f"onnx.conformance_on_chip: {sum(item.verdict == VERDICTS[0] for item in outcomes)}")
    return 0 if passed >= arguments.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
