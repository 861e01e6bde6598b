"""Time the chip's prefill and decode beside llama.cpp's, on the same model, in the same run.

    .venv-chat/bin/python benchmarks/chat/speed.py [--rounds 3] [--prompt 512] [--answer 64]

Ours and theirs take turns, each in a process of its own with two threads, on the same GGUF and a
prompt of the same text; medians of the rounds are compared. Theirs is `llama_cpp.py`, run by
the interpreter that LLAMA_PYTHON names, else by this one; where llama-cpp-python is not installed,
`torch_speed.py` (transformers) stands in, and a line says so. Prints tokens per second of both and
the rows of docs/claims.md: `chat.decode_ratio` and `chat.prefill_ratio` (ours over
theirs), `chat.peak_memory_ratio` (our resident peak over file plus KV cache) and
`chat.first_token_seconds` (a cold start: process, load, a prompt of 32 tokens, one token).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import ours
from fetch import ROOT, fetch

TEXT = ROOT / "benchmarks" / "chat" / "text.txt"
THREADS = 2
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Speed:
    """Tokens per second of one run."""

    prefill: float
    decode: float


def run_ours(model: Path, prompt: str, answer: int, chip: str) -> tuple[Speed, dict[str, Any]]:
    """One run of `apus generate`, and its report."""
    options = ["--chip", chip, "--threads", str(THREADS), "--raw", "--ignore-end"]
    report = ours.generate(model, prompt, answer, *options)
    return Speed(report["prefillTokensPerSecond"], report["decodeTokensPerSecond"]), report


def run_theirs(interpreter: str, script: str, model: Path, prompt: str, answer: int) -> Speed:
    """One run of a script whose last line is {"prefill": tokens/s, "decode": tokens/s}."""
    command = [interpreter, str(HERE / script), str(model), "--threads", str(THREADS)]
    command += ["--answer", str(answer)]
    done = subprocess.run(command, input=prompt, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Speed(found["prefill"], found["decode"])


def peer() -> tuple[str, str, str]:
    """Name, interpreter and script of what ours is compared with."""
    interpreter = os.environ.get("LLAMA_PYTHON", sys.executable)
    probe = subprocess.run(
        [interpreter, "-c", "import llama_cpp"], capture_output=True, check=False
    )
    if probe.returncode == 0:
        return "llama.cpp", interpreter, "llama_cpp.py"
    print("llama-cpp-python is not installed: comparing with transformers on torch")
    return "transformers", sys.executable, "torch_speed.py"


def first_token_seconds(model: Path, prompt: str, chip: str) -> float:
    """From the start of a process to the end of one that said one token."""
    started = time.perf_counter()
    ours.generate(model, prompt, 1, "--chip", chip, "--threads", str(THREADS), "--raw")
    return time.perf_counter() - started


def words(count: int) -> str:
    """So many words of the text; there are about 1.3 tokens to a word."""
    return " ".join(TEXT.read_text().split()[:count])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompt", type=int, default=512, help="about so many tokens")
    parser.add_argument("--answer", type=int, default=64, help="tokens")
    parser.add_argument("--chip", default="edge14")
    arguments = parser.parse_args()
    model, prompt = fetch(), words(arguments.prompt * 10 // 13)
    name, interpreter, script = peer()
    mine, other = [], []
    report: dict[str, Any] = {}
    for number in range(arguments.rounds):
        speed, report = run_ours(model, prompt, arguments.answer, arguments.chip)
        mine.append(speed)
        other.append(run_theirs(interpreter, script, model, prompt, arguments.answer))
        print(f"round {number + 1}: ours {mine[-1]}, {name} {other[-1]}", flush=True)
    for what in ("prefill", "decode"):
        a, b = (median(getattr(s, what) for s in speeds) for speeds in (mine, other))
        print(f"{what}: ours {a:.1f}, {name} {b:.1f} tokens per second")
        print(f"chat.{what}_ratio: {a / b:.3f}")
    memory = model.stat().st_size + int(report["cacheBytes"])
    print(f"chat.peak_memory_ratio: {int(report['peakBytes']) / memory:.3f}")
    seconds = [first_token_seconds(model, words(24), arguments.chip) for _ in range(3)]
    print(f"chat.first_token_seconds: {median(seconds):.2f}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ours.ToolFailed as error:
        sys.exit(str(error))
