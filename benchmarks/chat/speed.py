"""Time the chip's prefill and decode beside llama.cpp's, on the same model, in the same run.

    .venv-chat/bin/python benchmarks/chat/speed.py [--rounds 3] [--prompt 512] [--answer 64]

Ours and theirs take turns, each in a process of its own, with the same GGUF, threads and numbers of
tokens; the medians of the rounds are compared. Theirs is llama_cpp.py, run by the interpreter that
LLAMA_PYTHON names, else by this one; where llama-cpp-python is not installed, torch_speed.py
(transformers) stands in, and a line says so. Prints tokens per second of both and the rows of
docs/claims.md: `chat.decode_ratio` and `chat.prefill_ratio` (ours over theirs),
`chat.peak_memory_ratio` (our resident peak over file plus KV cache) and `chat.first_token_seconds`
(a cold start: process, load, a prompt of 32 tokens, one token).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import gguf
import ours
from fetch import fetch

THREADS = 2
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Shape:
    """How many tokens of prompt and answer, and on which chip."""

    prompt: int
    answer: int
    chip: str

    @property
    def ids(self) -> list[int]:
        """Random tokens: what is timed does not depend on which they are."""
        generator = random.Random(1)
        return [generator.randrange(1000, 40000) for _ in range(self.prompt)]


@dataclass(frozen=True)
class Speed:
    """Tokens per second of one run, and the resident peak of ours in bytes."""

    prefill: float
    decode: float
    peak: int = 0


def run_ours(model: Path, shape: Shape) -> Speed:
    """One run of `apus generate`."""
    context = ["--context", str(shape.prompt + shape.answer)]
    options = ["--chip", shape.chip, "--threads", str(THREADS), "--ignore-end", *context]
    found = ours.generate(model, shape.ids, shape.answer, *options)
    return Speed(
        float(found["prefillTokensPerSecond"]),
        float(found["decodeTokensPerSecond"]),
        int(found["peakBytes"]),
    )


def run_theirs(interpreter: str, script: str, model: Path, shape: Shape) -> Speed:
    """One run of a script that prints its figures as a line of JSON."""
    command = [interpreter, str(HERE / script), str(model), "--threads", str(THREADS)]
    command += ["--prompt-tokens", str(shape.prompt), "--decode-tokens", str(shape.answer)]
    done = subprocess.run([*command, "--repeats", "1"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ours.ToolFailed(f"{script}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Speed(found["prefill_tokens_per_second"], found["decode_tokens_per_second"])


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


def first_token_seconds(model: Path, shape: Shape) -> float:
    """From the start of a process to the end of one that said one token."""
    started = time.perf_counter()
    options = ["--chip", shape.chip, "--threads", str(THREADS)]
    ours.generate(model, shape.ids[:32], 1, *options)
    return time.perf_counter() - started


def cache_bytes(model: Path, tokens: int) -> int:
    """Keys and values of so many tokens in BF16."""
    fields = gguf.GGUFReader(model).fields

    def number(name: str) -> int:
        return int(fields[f"llama.{name}"].contents())

    head = number("embedding_length") // number("attention.head_count")
    values = 2 * number("block_count") * number("attention.head_count_kv") * head
    return 2 * values * tokens


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompt", type=int, default=512, help="tokens")
    parser.add_argument("--answer", type=int, default=64, help="tokens")
    parser.add_argument("--chip", default="edge14")
    arguments = parser.parse_args()
    shape = Shape(arguments.prompt, arguments.answer, arguments.chip)
    model = fetch()
    name, interpreter, script = peer()
    mine: list[Speed] = []
    other: list[Speed] = []
    for number in range(arguments.rounds):
        mine.append(run_ours(model, shape))
        other.append(run_theirs(interpreter, script, model, shape))
        print(f"round {number + 1}: ours {mine[-1]}, {name} {other[-1]}", flush=True)
    for what in ("prefill", "decode"):
        a, b = (median(getattr(s, what) for s in speeds) for speeds in (mine, other))
        print(f"{what}: ours {a:.1f}, {name} {b:.1f} tokens per second")
        print(f"chat.{what}_ratio: {a / b:.3f}")
    memory = model.stat().st_size + cache_bytes(model, shape.prompt + shape.answer)
    print(f"chat.peak_memory_ratio: {max(s.peak for s in mine) / memory:.3f}")
    seconds = [first_token_seconds(model, shape) for _ in range(3)]
    print(f"chat.first_token_seconds: {median(seconds):.2f}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ours.ToolFailed as error:
        sys.exit(str(error))
