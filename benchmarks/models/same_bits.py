"""Show that a model's outputs are the same bits whatever chip, threads, engines or schedule ran it.

    python benchmarks/models/same_bits.py [NAME ...] [--seeds 20]

Compares SHA-256 of all outputs over `nano` and `edge14`, one and two host threads, the fast path,
the oracle, and seeded interleavings under the checker, which must find nothing. Ends with
`onnx.same_bits: N of N`. The oracle engines are slow: large models take minutes in them.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import sys
import time

from catalogue import CNN, MODELS, REAL, Feeds, Model
from fetch import fetch

import apus


def digest(model: Model, feeds: Feeds, chip: str, threads: int, mode: str) -> str:
    """SHA-256 over the names, shapes and bits of all outputs, and over what the checker found."""
    with apus.Session(model.path, chip=chip, threads=threads, mode=mode) as session:
        outputs = session.run(feeds)
        findings = session.report["findings"]
    content = hashlib.sha256("".join(findings).encode())
    for name, array in outputs.items():
        content.update(f"{name} {array.dtype} {array.shape}\n".encode())
        content.update(array.tobytes())
    return content.hexdigest()


def is_same(job: tuple[str, list[tuple[str, int, str]]]) -> bool:
    """Run a model in all ways and print whether its bits are the same."""
    name, ways = job
    started = time.perf_counter()
    model = MODELS[name]
    fetch(model)
    feeds = model.feeds()
    digests: dict[str, list[str]] = {}
    for chip, threads, mode in ways:
        key = digest(model, feeds, chip, threads, mode)
        digests.setdefault(key, []).append(f"{chip}/{threads}/{mode}")
    verdict = "same" if len(digests) == 1 else f"DIFFERENT {digests}"
    print(f"{name}: {len(ways)} ways {verdict} ({time.perf_counter() - started:.0f} s)", flush=True)
    return len(digests) == 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2, help="models at once")
    parser.add_argument("--oracle", action="store_true", help="also run the oracle engines (slow)")
    arguments = parser.parse_args()
    ways = [(chip, threads, "fast") for chip in ("edge14", "nano") for threads in (1, 2)]
    ways += [("edge14", 2, f"checked:{seed}") for seed in range(1, arguments.seeds + 1)]
    if arguments.oracle:
        ways += [("edge14", 2, "oracle"), ("nano", 1, "oracle")]
    names = arguments.names or [model.name for model in [*REAL, *CNN]]
    # The slowest model comes first, so that no process is left with it at the end.
    order = sorted(names, key=lambda name: name != "vgg19")
    with multiprocessing.get_context("spawn").Pool(arguments.jobs, maxtasksperchild=1) as pool:
        jobs = [(name, ways) for name in order]
        good = sum(pool.imap_unordered(is_same, jobs))
    print(f"onnx.same_bits: {good} of {len(names)}")
    return 0 if good == len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
