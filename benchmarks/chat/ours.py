"""Run the project's own command-line tool, `apus`, on a language model.

What is asked of the tool, and all that these benchmarks know about it:

    apus perplexity MODEL --tokens ids.json --logits out.npy    ids.json: [1, 2, …], FP32 [T, V]
    apus generate MODEL --tokens ids.json --max-tokens N --json a report with times and memory
    apus generate MODEL --prompt TEXT --max-tokens N --json     the same of a chat, with "text"
    apus-dev sample-logits input.json output.json               see sampling.py

`APUS` names another folder of tools than .build/release.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from compare import Logits

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(os.environ.get("APUS", ROOT / ".build" / "release"))


class ToolFailed(Exception):
    """The tool ended with an error; the message is its last line."""


def run(tool: str, *arguments: str) -> str:
    """What a tool prints."""
    command = [str(TOOLS / tool), *arguments]
    if not Path(command[0]).exists():
        raise ToolFailed(f"{command[0]} is not built: run `make build`")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise ToolFailed(f"{tool} {arguments[0]}: status {done.returncode}: {lines[-1]}")
    return done.stdout


def logits(model: Path, ids: list[int], *options: str) -> Logits:
    """Our logits of a prompt: [tokens, vocabulary]."""
    with tempfile.TemporaryDirectory() as folder:
        tokens, out = Path(folder) / "ids.json", Path(folder) / "out.npy"
        tokens.write_text(json.dumps(ids))
        files = ["--tokens", str(tokens), "--logits", str(out)]
        run("apus", "perplexity", str(model), *files, *options)
        found: Logits = np.load(out, allow_pickle=False)
    if found.dtype != np.float32 or found.ndim != 2 or len(found) != len(ids):
        raise ToolFailed(f"logits are {found.dtype} {found.shape} for {len(ids)} tokens")
    return found


def generate(model: Path, ids: list[int], tokens_max: int, *options: str) -> dict[str, Any]:
    """The JSON report of a greedy continuation."""
    with tempfile.TemporaryDirectory() as folder:
        tokens = Path(folder) / "ids.json"
        tokens.write_text(json.dumps(ids))
        return report(model, "--tokens", str(tokens), "--max-tokens", str(tokens_max), *options)


def answer(model: Path, question: str, tokens_max: int, *options: str) -> str:
    """The greedy answer to a question in the model's chat template."""
    told = report(model, "--prompt", question, "--max-tokens", str(tokens_max), *options)
    return str(told["text"])


def report(model: Path, *arguments: str) -> dict[str, Any]:
    """What `apus generate --json` prints."""
    found: dict[str, Any] = json.loads(run("apus", "generate", str(model), "--json", *arguments))
    return found
