"""Compare SmolLM2's logits on the chip with transformers in FP32 and with its rounded twin.

    .venv-chat/bin/python benchmarks/chat/right.py [--chip edge14]

Makes the reference first if it is missing (reference.py says what it is). Prints the rows of
docs/claims.md: mean cosine similarity and top-1 agreement over 512 tokens of a chat, how far
perplexity over 4,096 tokens of prose is from FP32's, top-1 agreement with the twin, and whether
Paris is the answer; and, without bars, top-1 agreement on the prose. The exit status is 1 if a
bar of compare.py is missed.
"""

from __future__ import annotations

import argparse
import json
import sys

import numpy as np

import ours
from compare import (
    COSINE,
    PERPLEXITY_PERCENT,
    ROUNDED_TOP1_PERCENT,
    TOP1_PERCENT,
    nearness,
    perplexity,
    surprise,
)
from fetch import fetch
from reference import REFERENCE
from reference import main as make_reference

QUESTION, ANSWER = "What is the capital of France?", "Paris"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chip", default="edge14")
    arguments = parser.parse_args()
    model, chip = fetch(), ["--chip", arguments.chip]
    if not (REFERENCE / "ids.json").exists():
        make_reference()
    texts: dict[str, list[list[int]]] = json.loads((REFERENCE / "ids.json").read_text())
    found = ours.logits(model, texts["chat"][0], *chip)
    exact = nearness(found, np.load(REFERENCE / "logits.npy"))
    twin = nearness(found, np.load(REFERENCE / "rounded.npy"))
    print(f"chat.cosine: {exact.cosine:.6f}")
    print(f"chat.top1_percent: {exact.top1_percent:.2f}")
    print(f"chat.rounded_top1_percent: {twin.top1_percent:.2f}")
    print(f"chat.rounded_cosine: {twin.cosine:.6f}", flush=True)
    surprises, largest = [], []
    for ids in texts["prose"]:
        found = ours.logits(model, ids, *chip)
        surprises.append(surprise(found, ids))
        largest.append(found.argmax(-1))
    expected = perplexity(list(np.load(REFERENCE / "surprise.npy")))
    apart = 100 * abs(perplexity(surprises) / expected - 1)
    text = ours.answer(model, QUESTION, 32, *chip)
    print(f"{QUESTION} {text!r}", file=sys.stderr)
    print(f"chat.perplexity_percent: {apart:.3f}")
    for name, prefix in (("prose", ""), ("prose_rounded", "rounded-")):
        same = 100 * (np.stack(largest) == np.load(REFERENCE / f"{prefix}top1.npy")).mean()
        print(f"chat.{name}_top1_percent: {same:.2f}")
    print(f"chat.paris: {int(ANSWER in text)}")
    passes = (
        exact.cosine >= COSINE
        and exact.top1_percent >= TOP1_PERCENT
        and apart <= PERPLEXITY_PERCENT
        and twin.top1_percent >= ROUNDED_TOP1_PERCENT
        and ANSWER in text
    )
    return 0 if passes else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ours.ToolFailed as error:
        sys.exit(str(error))
