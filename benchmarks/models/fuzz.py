"""Run mutated models through import, compiler and chip: each must answer or be refused in one line.

    python benchmarks/models/fuzz.py [--count 20000] [--seed 1]

The mutants are of the small models in Tests/ApusImportTests/Goldens. They run in worker processes:
one that dies, or takes over 60 seconds, is a failure, printed with its model and number. Ends with
`onnx.fuzz: N`, the mutants that behaved; the exit status is 1 if any did not.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

GOLDENS = Path(__file__).resolve().parents[2] / "Tests" / "ApusImportTests" / "Goldens"
SECONDS_MAX = 60.0


def mutated(content: bytes, generator: random.Random) -> bytes:
    """One to four small changes: bytes set, flipped, removed, repeated, copied or cut off."""
    data = bytearray(content)
    for _ in range(generator.choice([1, 1, 1, 2, 4])):
        if not data:
            break
        place, length = generator.randrange(len(data)), generator.randint(1, 12)
        kind = generator.choice([0, 0, 1, 1, 2, 3, 4, 5])
        if kind == 0:
            data[place] = generator.choice([0, 1, 2, 0x7F, 0x80, 0xFF, generator.randrange(256)])
        elif kind == 1:
            data[place] ^= 1 << generator.randrange(8)
        elif kind == 2:
            del data[place : place + length]
        elif kind == 3:
            data[place:place] = data[place : place + length]
        elif kind == 4:
            source = generator.randrange(len(data))
            piece = data[source : source + length]
            data[place : place + len(piece)] = piece
        else:
            del data[-8 * length :]
    return bytes(data)


def golden_inputs(name: str) -> dict[str, npt.NDArray[Any]]:
    """The committed inputs of a golden model, by name."""
    arrays = []
    for path in sorted(GOLDENS.glob(f"{name}.in*.pb")):
        tensor = onnx.TensorProto()
        tensor.ParseFromString(path.read_bytes())
        arrays.append(numpy_helper.to_array(tensor))
    graph = onnx.load(str(GOLDENS / f"{name}.onnx"), load_external_data=False).graph
    stored = {tensor.name for tensor in graph.initializer}
    names = [port.name for port in graph.input if port.name not in stored]
    return dict(zip(names, arrays, strict=False))


def work(connection: Connection, seed: int) -> None:
    """Run the mutants whose model and number arrive; answer whether they were refused."""
    import apus

    feeds: dict[str, dict[str, npt.NDArray[Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.onnx"
        while True:
            try:
                name, number = connection.recv()
            except EOFError:
                return
            if name not in feeds:
                feeds[name] = golden_inputs(name)
            content = (GOLDENS / f"{name}.onnx").read_bytes()
            path.write_bytes(mutated(content, random.Random(f"{seed} {name} {number}")))
            try:
                with apus.Session(path, chip="nano", threads=1) as session:
                    with np.errstate(all="ignore"):
                        session.run(feeds[name])
                connection.send("ran")
            except apus.FaultError as error:
                connection.send(f"fault: {error}")
            except apus.ApusError as error:
                connection.send("refused" if "\n" not in str(error) else f"lines: {error}")


class Worker:
    """A process that runs mutants, started again when one kills it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=work, args=(other, self._seed), daemon=True)
        self._process.start()
        other.close()

    def run(self, name: str, number: int) -> str:
        """What became of a mutant: ran, refused, or a description of what went wrong."""
        try:
            self._connection.send((name, number))
            if self._connection.poll(SECONDS_MAX):
                return str(self._connection.recv())
            verdict = f"no answer in {SECONDS_MAX:.0f} s"
        except (EOFError, ConnectionError):
            self._process.join()
            verdict = f"the process ended with status {self._process.exitcode}"
        self._process.kill()
        self._start()
        return verdict


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    names = sorted(path.stem for path in GOLDENS.glob("*.onnx"))
    worker = Worker(arguments.seed)
    tally = {"ran": 0, "refused": 0}
    failures = 0
    for number in range(arguments.count):
        name = names[number % len(names)]
        verdict = worker.run(name, number)
        if verdict in tally:
            tally[verdict] += 1
        else:
            failures += 1
            print(f"{name}, mutant {number}, seed {arguments.seed}: {verdict}", flush=True)
        if number % 2000 == 1999:
            print(f"{number + 1} mutants, {failures} failures", file=sys.stderr, flush=True)
    print(f"{tally['ran']} ran, {tally['refused']} were refused, {failures} failed")
    print(f"onnx.fuzz: {tally['ran'] + tally['refused']}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
