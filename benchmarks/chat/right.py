"""Compare SmolLM2's logits on the chip with transformers in FP32 and with its rounded twin.

    .venv-chat/bin/python benchmarks/chat/right.py [--chip edge14]

Makes the reference first if it is missing (reference.py says what it is). Prints the rows of
docs/claims.md: mean cosine similarity and top-1 agreement over 512 prompt tokens, how far
perplexity over 4,096 tokens is from FP32's, top-1 agreement with the twin, and whether Paris is
the answer. The exit status is 1 if a bar of compare.py is missed.
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
from reference import REFERENCE, main as make_reference

QUESTION, ANSWER = "What is the capital of France?", "Paris"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chip", default="edge14")
    arguments = parser.parse_args()
    model, chip = fetch(), ["--chip", arguments.chip]
    if not (REFERENCE / "rounded-surprise.npy").exists():
        make_reference()
    windows: list[list[int]] = json.loads((REFERENCE / "ids.json").read_text())
    surprises = []
    for number, ids in enumerate(windows):
        found = ours.logits(model, ids, *chip)
        surprises.append(surprise(found, ids))
        if number == 0:
            exact = nearness(found, np.load(REFERENCE / "logits.npy"))
            twin = nearness(found, np.load(REFERENCE / "rounded.npy"))
    expected = perplexity(list(np.load(REFERENCE / "surprise.npy")))
    apart = 100 * abs(perplexity(surprises) / expected - 1)
    text = str(ours.generate(model, QUESTION, 32, *chip)["text"])
    print(f"{QUESTION} {text!r}", file=sys.stderr)
    print(f"chat.cosine: {exact.cosine:.6f}")
    print(f"chat.top1_percent: {exact.top1_percent:.2f}")
    print(f"chat.perplexity_percent: {apart:.3f}")
    print(f"chat.rounded_top1_percent: {twin.top1_percent:.2f}")
    print(f"chat.rounded_cosine: {twin.cosine:.6f}")
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
