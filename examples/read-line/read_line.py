"""Read a line of text in an image with PP-OCRv4 on the emulated chip.

    python examples/read-line/read_line.py RECOGNITION_MODEL.onnx [IMAGE.pgm] [--chip edge14]

Prints the text, then what the chip did. The image is a binary PGM; its height is scaled to the 48
rows that the model wants by taking the nearest row and column.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

import apus

HEIGHT = 48


def read_pgm(path: Path) -> npt.NDArray[np.uint8]:
    """Read a binary 8-bit PGM: returns (rows, columns)."""
    raw = path.read_bytes()
    header = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", raw)
    if header is None:
        raise SystemExit(f"{path}: not a binary 8-bit PGM (P5, 255)")
    columns, rows = int(header[1]), int(header[2])
    pixels = np.frombuffer(raw[header.end() :], np.uint8)
    if pixels.size != rows * columns:
        raise SystemExit(f"{path}: {pixels.size} pixels, expected {rows} x {columns}")
    return pixels.reshape(rows, columns)


def prepare(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Scale to 48 rows and to [-1, 1]: returns (1, 3, 48, columns)."""
    rows, columns = image.shape
    width = max(1, round(columns * HEIGHT / rows))
    picked = image[np.arange(HEIGHT) * rows // HEIGHT][:, np.arange(width) * columns // width]
    grey = (picked.astype(np.float32) / 255 - 0.5) / 0.5
    return np.ascontiguousarray(np.broadcast_to(grey, (1, 3, *grey.shape)))


def decode(scores: npt.NDArray[np.float32], characters: list[str]) -> str:
    """Greedy CTC: the best class of each step, repeats merged, blanks (class 0) dropped."""
    best = scores[0].argmax(axis=-1)
    kept = [c for c, before in zip(best, [0, *best[:-1]], strict=True) if c and c != before]
    return "".join(characters[c] for c in kept)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("image", type=Path, nargs="?", default=Path(__file__).with_name("line.pgm"))
    parser.add_argument("--chip", default="edge14")
    parser.add_argument("--precision", default="bf16", choices=["bf16", "highest"])
    arguments = parser.parse_args()
    pixels = prepare(read_pgm(arguments.image))
    try:
        with apus.Session(
            arguments.model, chip=arguments.chip, precision=arguments.precision
        ) as session:
            characters = ["", *(session.metadata("character") or "").splitlines(), " "]
            name = session.inputs[0].name
            started = time.perf_counter()
            (scores,) = session.run({name: pixels}).values()
            first = time.perf_counter() - started
            started = time.perf_counter()
            session.run({name: pixels})
            again = time.perf_counter() - started
            report = session.report
    except apus.ApusError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"text          {decode(scores, characters).strip()}")
    print(f"chip          {report['chip']}, emulated, values only")
    print(f"time          {first:.2f} s with compiling, {again:.3f} s again, on this host")
    for key in ("launches", "commands", "bytesLoaded", "bytesStored", "multiplyAdds"):
        print(f"{key:14}{report[key]:,}")
    print(f"on chip       {report['nodesOnChip']} of {report['nodes']} nodes")
    print("utilisation   not known yet: it needs the cycle simulator")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
