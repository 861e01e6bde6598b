"""Run whole models on the RTL of nano in Verilator, and compare every output with the emulator's.

    python benchmarks/rtl/models.py [NAME ...] [--apus PATH]

Prints the models whose outputs were equal to the bit as `rtl.models`, and their cycles.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))

from catalogue import MODELS, Model  # noqa: E402
from fetch import fetch  # noqa: E402

FOLDER = Path("build/rtl/models")
NAMES = ["silero-vad", "magika"]


def run(
    model: Model, apus: str, device: str, outputs: list[str]
) -> tuple[list[bytes], dict[str, Any]]:
    """The files of the outputs, and what was printed, of one run on nano."""
    folder = FOLDER / model.name / device
    folder.mkdir(parents=True, exist_ok=True)
    command = [apus, "run", str(model.path), "--chip", "nano", "--device", device, "--json"]
    for name, value in model.feeds().items():
        np.save(folder / f"in-{name}.npy", value)
        command += ["--input", f"{name}={folder / f'in-{name}.npy'}"]
    paths = [folder / f"out-{index}.npy" for index in range(len(outputs))]
    for name, path in zip(outputs, paths, strict=True):
        command += ["--output", f"{name}={path}"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [path.read_bytes() for path in paths], json.loads(done.stdout)


def main() -> int:
    """Compare the models; 1 if one differs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--apus", default=".build/release/apus")
    options = parser.parse_args()
    equal = 0
    for name in options.names:
        model = MODELS[name]
        fetch(model)
        _, page = run(model, options.apus, "emulated", [])
        outputs = [output["name"] for output in page["outputs"]]
        expected, _ = run(model, options.apus, "emulated", outputs)
        began = time.monotonic()
        actual, page = run(model, options.apus, "rtl", outputs)
        seconds = time.monotonic() - began
        same = expected == actual
        equal += same
        report = page["report"]
        print(
            f"{name}: {'equal' if same else 'DIFFERS'}, {report['cycles']} cycles, "
            f"{report['commands']} commands, {seconds:.0f} s",
            flush=True,
        )
    print(f"rtl.models: {equal}")
    return 0 if equal == len(options.names) else 1


if __name__ == "__main__":
    sys.exit(main())
