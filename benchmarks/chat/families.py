"""Make small random models of every other architecture, and compare the chip with transformers.

    .venv-chat/bin/python benchmarks/chat/families.py [NAME ...] [--make] [--search]

Makes build/models/families/NAME where it is missing: the folder as published models have it, with
`ids.json`, `logits.npy` (FP32) and `rounded.npy` (the twin of rounding.py) beside it. Then runs
ours and holds it to the bounds that SmolLM2 has, and so examples/box-model/box.gguf.
`--make` only makes. Ends with `chat.families: N of M`.

Seeds are in the catalogue, found by `--search`: random logits stand close together, so a seed is
taken only if the twin, and one that rounds twice as coarsely, send every token to the same experts
as FP32, and if all top-1 tokens but one are clearly ahead. The bounds stay what they are.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from itertools import count
from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer
from transformers.utils import logging

import ours
from compare import COSINE, ROUNDED_TOP1_PERCENT, TOP1_PERCENT, nearness
from family_catalogue import FAMILIES, TOKENS, Family
from family_models import FAMILIES_FOLDER, Routes, load, logits, prompt_ids, save
from fetch import ROOT
from reference import load as load_gguf

BOX = ROOT / "examples" / "box-model" / "box.gguf"
BOX_CHAT = [  # about 200 tokens
    ("What is the capital of France?", "The capital of France is Paris."),
    ("What day comes after Monday?", "Tuesday comes after Monday."),
    ("What is 3 + 4?", "3 + 4 = 7."),
    ("What colour is the sky?", "The sky is blue."),
    ("How many legs does a spider have?", "A spider has eight legs."),
    ("Which city is the capital of Norway?", "The capital of Norway is Oslo."),
    ("Count to five.", "One, two, three, four, five."),
    ("What is the opposite of hot?", "The opposite of hot is cold."),
]
TWIN_COSINE, DISTINCT, LEAD, CLOSE_MAX = 0.9999, 50, 1.6, 1  # what a seed needs: see `make`


def make(family: Family, seed: int, folder: Path) -> bool:
    """Save the model and its logits; says whether the seed is one that `--search` would take."""
    save(family, seed, folder)
    ids, model = prompt_ids(), load(folder)
    routes = Routes(model)
    exact = logits(model, ids, 24).numpy()
    expected = routes.taken()
    twin = logits(model, ids, 8).numpy()
    is_settled = same_routes(routes.taken(), expected)
    logits(model, ids, 7)
    is_settled &= same_routes(routes.taken(), expected)
    for name, values in (("logits", exact), ("rounded", twin)):
        np.save(folder / f"{name}.npy", values)
    (folder / "ids.json").write_text(json.dumps(ids))
    likely = np.sort(exact, axis=-1)
    noise = np.sqrt(2 * ((twin - exact) ** 2).mean(-1))  # of the difference of two logits
    return (
        is_settled
        and int((likely[:, -1] - likely[:, -2] <= LEAD * noise).sum()) <= CLOSE_MAX
        and nearness(twin, exact).cosine >= TWIN_COSINE
        and len(set(exact.argmax(-1).tolist())) >= DISTINCT
    )


def same_routes(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    """Whether all tokens went to the same experts in all layers."""
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def ensure(family: Family) -> Path:
    """The family's folder, made if it is not there."""
    folder = FAMILIES_FOLDER / family.name
    if not (folder / "ids.json").exists():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        if not make(family, family.seed, partial):
            raise SystemExit(f"{family.name}: seed {family.seed} is no longer fit; use --search")
        partial.rename(folder)
    return folder


def ensure_box() -> Path:
    """The reference of the model in the box, which transformers reads from its GGUF."""
    folder = FAMILIES_FOLDER / "box"
    if not (folder / "ids.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        model = load_gguf(BOX)
        tokenizer = AutoTokenizer.from_pretrained(BOX.parent, gguf_file=BOX.name)
        messages = [
            {"role": role, "content": words}
            for turn in BOX_CHAT
            for role, words in zip(("user", "assistant"), turn, strict=True)
        ]
        text = tokenizer.apply_chat_template(messages, tokenize=False)
        ids = list(tokenizer(text, add_special_tokens=False)["input_ids"][:TOKENS])
        np.save(folder / "logits.npy", logits(model, ids, 24).numpy())
        np.save(folder / "rounded.npy", logits(model, ids, 8).numpy())
        (folder / "ids.json").write_text(json.dumps(ids))
    return folder


def check(name: str, model: Path, folder: Path, chip: str) -> bool:
    """Run ours and print how near it is."""
    ids: list[int] = json.loads((folder / "ids.json").read_text())
    try:
        found = ours.logits(model, ids, "--chip", chip)
    except ours.ToolFailed as error:
        print(f"{name}: {error}")
        return False
    exact = nearness(found, np.load(folder / "logits.npy"))
    twin = nearness(found, np.load(folder / "rounded.npy"))
    passes = (
        exact.cosine >= COSINE
        and exact.top1_percent >= TOP1_PERCENT
        and twin.top1_percent >= ROUNDED_TOP1_PERCENT
    )
    print(
        f"{name}: {'ok' if passes else 'short'}: cosine {exact.cosine:.6f}, top-1 "
        f"{exact.top1_percent:.1f} %; twin: {twin.cosine:.6f}, {twin.top1_percent:.1f} %",
        flush=True,
    )
    return passes


def search(family: Family) -> None:
    """Print the first seed that is fit."""
    folder = FAMILIES_FOLDER / f"search-{family.name}"
    for seed in count(1):
        shutil.rmtree(folder, ignore_errors=True)
        if make(family, seed, folder):
            print(f"{family.name}: seed={seed}", flush=True)
            return


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--chip", default="edge14")
    parser.add_argument("--make", action="store_true", help="make the folders and stop")
    parser.add_argument("--search", action="store_true", help="look for seeds and stop")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    chosen = [f for f in FAMILIES if not arguments.names or f.name in arguments.names]
    if arguments.search:
        for family in chosen:
            search(family)
        return 0
    models = {f.name: (folder := ensure(f), folder) for f in chosen}
    if not arguments.names or "box" in arguments.names:
        models["box"] = (BOX, ensure_box())
    if arguments.make:
        return 0
    passed = sum(check(name, *paths, arguments.chip) for name, paths in models.items())
    print(f"chat.families: {passed} of {len(models)}")
    return 0 if passed == len(models) else 1


if __name__ == "__main__":
    sys.exit(main())
