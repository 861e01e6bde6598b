"""Logits of SmolLM2 by transformers, in FP32 and rounded as the chip rounds.

    .venv-chat/bin/python benchmarks/chat/reference.py

Reads the GGUF's dequantised weights with `gguf_file=`. Two things are read:

- **the chat**, transcript.json in the model's chat template, its first 512 tokens: `logits.npy` and
  `rounded.npy`, [512, 49152];
- **the prose**, text.txt cut into eight windows of 512 tokens that know nothing of each other:
  `surprise.npy` ([8, 511], negative log probabilities) and `top1.npy` ([8, 512]), each of them also
  `rounded-…`.

Tokens go to `ids.json`, all under build/models/smollm2-reference. The rounded twin is told in
rounding.py. Prints how far it is from FP32, which is what the chip may lose.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel
from transformers.utils import logging

from compare import Logits, Surprises, nearness, perplexity, surprise
from fetch import FOLDER, ROOT, fetch
from rounding import RoundedProducts

TEXT = ROOT / "benchmarks" / "chat" / "text.txt"
TRANSCRIPT = TEXT.with_name("transcript.json")
REFERENCE = FOLDER / "smollm2-reference"
WINDOW, PROSE_WINDOWS = 512, 8


def load(path: Path) -> PreTrainedModel:
    """The GGUF's model on its dequantised weights, in FP32, with attention made of products."""
    return AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32, attn_implementation="eager"
    ).eval()


def prompts(path: Path) -> dict[str, list[list[int]]]:
    """The windows of the chat (one) and of the prose (eight), in the model's tokens."""
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    chat = tokenizer.apply_chat_template(json.loads(TRANSCRIPT.read_text()), tokenize=False)
    found = {}
    for name, text, windows in (("chat", chat, 1), ("prose", TEXT.read_text(), PROSE_WINDOWS)):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        if len(ids) < windows * WINDOW:
            raise SystemExit(f"the {name} has only {len(ids)} tokens")
        found[name] = [ids[i * WINDOW : (i + 1) * WINDOW] for i in range(windows)]
    return found


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
    model, texts = load(path), prompts(path)
    chats: dict[str, Logits] = {}
    surprises: dict[str, list[Surprises]] = {}
    largest: dict[str, npt.NDArray[np.int64]] = {}
    for name, prefix in (("logits", ""), ("rounded", "rounded-")):
        chats[name] = logits(model, texts["chat"][0], is_rounded=bool(prefix))
        prose = [logits(model, ids, is_rounded=bool(prefix)) for ids in texts["prose"]]
        pairs = zip(prose, texts["prose"], strict=True)
        surprises[name] = [surprise(found, ids) for found, ids in pairs]
        largest[name] = np.stack([found.argmax(-1) for found in prose])
        np.save(REFERENCE / f"{name}.npy", chats[name])
        np.save(REFERENCE / f"{prefix}surprise.npy", np.stack(surprises[name]))
        np.save(REFERENCE / f"{prefix}top1.npy", largest[name])
    (REFERENCE / "ids.json").write_text(json.dumps(texts))  # last: says that all is there
    near = nearness(chats["rounded"], chats["logits"])
    exact = perplexity(surprises["logits"])
    apart = 100 * abs(perplexity(surprises["rounded"]) / exact - 1)
    print(f"perplexity of the prose: {exact:.3f}")
    print(f"chat.twin_cosine: {near.cosine:.6f}")
    print(f"chat.twin_top1_percent: {near.top1_percent:.2f}")
    print(f"chat.twin_perplexity_percent: {apart:.3f}")
    same = 100 * (largest["rounded"] == largest["logits"]).mean()
    print(f"chat.twin_prose_top1_percent: {same:.2f}")


if __name__ == "__main__":
    main()
