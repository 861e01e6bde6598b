"""Logits of SmolLM2 by transformers, in FP32 and rounded as the chip rounds.

    .venv-chat/bin/python benchmarks/chat/reference.py

Reads the GGUF's dequantised weights with `gguf_file=`. The text is benchmarks/chat/text.txt, cut
into windows of 512 tokens that know nothing of each other; eight of them are used, 4,096 tokens.
Writes under build/models/smollm2-reference: `ids.json` (the windows' tokens), `logits.npy` and
`rounded.npy` (of the first window, [512, 49152]), `surprise.npy` and `rounded-surprise.npy` (of
all, [8, 511]). The rounded twin is told in rounding.py. Prints how far it is from FP32, which is
what is left for the chip to lose.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from compare import Logits, nearness, perplexity, surprise
from fetch import FOLDER, ROOT, fetch
from rounding import RoundedProducts
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel
from transformers.utils import logging

TEXT = ROOT / "benchmarks" / "chat" / "text.txt"
REFERENCE = FOLDER / "smollm2-reference"
WINDOW, WINDOWS = 512, 8


def load(path: Path) -> PreTrainedModel:
    """The GGUF's model on its dequantised weights, in FP32, with attention made of products."""
    return AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32, attn_implementation="eager"
    ).eval()


def windows(path: Path) -> list[list[int]]:
    """The first windows of the text in the model's tokens."""
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    ids = tokenizer(TEXT.read_text(), add_special_tokens=False)["input_ids"]
    return [ids[i * WINDOW : (i + 1) * WINDOW] for i in range(WINDOWS)]


@torch.no_grad()
def logits(model: PreTrainedModel, ids: list[int], is_rounded: bool) -> Logits:
    """Logits of a prompt: [tokens, vocabulary]."""
    tokens = torch.tensor([ids])
    if not is_rounded:
        return model(tokens, use_cache=False).logits[0].float().numpy()
    with RoundedProducts(model.parameters()):
        return model(tokens, use_cache=False).logits[0].float().numpy()


def main() -> None:
    path = fetch()
    REFERENCE.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    model, texts = load(path), windows(path)
    (REFERENCE / "ids.json").write_text(json.dumps(texts))
    first: dict[str, Logits] = {}
    perplexities: dict[str, float] = {}
    for name, prefix in (("logits", ""), ("rounded", "rounded-")):
        surprises = []
        for number, ids in enumerate(texts):
            found = logits(model, ids, is_rounded=name == "rounded")
            surprises.append(surprise(found, ids))
            if number == 0:
                first[name] = found
                np.save(REFERENCE / f"{name}.npy", found)
        np.save(REFERENCE / f"{prefix}surprise.npy", np.stack(surprises))
        perplexities[name] = perplexity(surprises)
    near = nearness(first["rounded"], first["logits"])
    apart = 100 * abs(perplexities["rounded"] / perplexities["logits"] - 1)
    print(f"tokens: {sum(map(len, texts))}, perplexity: {perplexities['logits']:.3f}")
    print(f"chat.twin_cosine: {near.cosine:.6f}")
    print(f"chat.twin_top1_percent: {near.top1_percent:.2f}")
    print(f"chat.twin_perplexity_percent: {apart:.3f}")


if __name__ == "__main__":
    main()
