"""Time an inference on the emulated chip over ONNX Runtime's, and the peak memory of both.

    python benchmarks/models/speed.py [NAME ...] [--threads 2] [--runs 15]

Both run in turn in one process pair on the same machine with the same number of threads, values
only; each side has a process of its own so that its peak memory is its own. Medians are compared.
Ends with a line `onnx.speed: R` where R is the worst ratio.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time

from catalogue import MODELS
from fetch import fetch

# Seconds before each inference, so that the other side's threads have stopped spinning.
PAUSE = 0.05
TIMED = ["ppocr-rec", "resnet50-random", "magika"]


def serve(side: str, name: str, threads: int) -> None:
    """Run an inference per line of standard input, print its seconds; memory at the end."""
    model = MODELS[name]
    feeds = model.feeds()
    if side == "apus":
        import apus

        session = apus.Session(model.path, threads=threads)

        def run() -> None:
            session.run(feeds)
    else:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        runtime = onnxruntime.InferenceSession(
            str(model.path), options, providers=["CPUExecutionProvider"]
        )

        def run() -> None:
            runtime.run(None, feeds)

    run()
    run()
    for _ in sys.stdin:
        started = time.perf_counter()
        run()
        print(time.perf_counter() - started, flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)


def measure(name: str, threads: int, runs: int) -> dict[str, float]:
    """Medians in milliseconds, their ratio, and peak MiB of both sides."""
    fetch(MODELS[name])
    sides = {
        side: subprocess.Popen(
            [sys.executable, __file__, "--serve", side, name, "--threads", str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for side in ("apus", "onnxruntime")
    }
    times: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(runs):
        for side, process in sides.items():
            assert process.stdin and process.stdout
            time.sleep(PAUSE)
            process.stdin.write("\n")
            process.stdin.flush()
            times[side].append(float(process.stdout.readline()) * 1e3)
    result: dict[str, float] = {}
    for side, process in sides.items():
        output, _ = process.communicate()
        result[f"{side}_ms"] = statistics.median(times[side])
        result[f"{side}_mib"] = float(output.strip().splitlines()[-1])
    result["ratio"] = result["apus_ms"] / result["onnxruntime_ms"]
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", choices=["apus", "onnxruntime"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.names[0], arguments.threads)
        return 0
    results = {
        name: measure(name, arguments.threads, arguments.runs)
        for name in arguments.names or TIMED
    }
    if arguments.json:
        print(json.dumps(results))
        return 0
    print("| model | Apus, ms | ONNX Runtime, ms | ratio | Apus, MiB | ONNX Runtime, MiB |")
    print("|---|---|---|---|---|---|")
    for name, row in results.items():
        print(
            f"| {name} | {row['apus_ms']:.1f} | {row['onnxruntime_ms']:.1f} | {row['ratio']:.2f} "
            f"| {row['apus_mib']:.0f} | {row['onnxruntime_mib']:.0f} |"
        )
    print(f"onnx.speed: {max(row['ratio'] for row in results.values()):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
