"""Write the golden model of the fast Swift tests: a tiny Llama folder and its FP32 logits.

    .venv-chat/bin/python benchmarks/chat/golden.py

Tests/ApusLLMTests/Goldens/tiny-llama gets config.json, model.safetensors (BF16), tokenizer.json,
generation_config.json, `ids.json` (24 tokens), `logits.npy` (FP32) and `rounded.npy` (the twin of
rounding.py), under 200 KB in all. Two layers, grouped queries, untied embeddings.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from transformers.utils import logging

from family_catalogue import SIZES, Family, rope
from family_models import load, logits, prompt_ids, save
from fetch import ROOT

FOLDER = ROOT / "Tests" / "ApusLLMTests" / "Goldens" / "tiny-llama"
TOKENS, VOCABULARY = 24, 384
TINY = Family("tiny-llama", "llama", SIZES | {
    "vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
    "head_dim": 16, "num_attention_heads": 2, "num_key_value_heads": 1,
    "max_position_embeddings": 128,
    "rope_parameters": rope(10000.0)})  # fmt: skip


def main() -> None:
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    save(TINY, TINY.seed, FOLDER)
    ids, model = prompt_ids(VOCABULARY)[:TOKENS], load(FOLDER)
    (FOLDER / "ids.json").write_text(json.dumps(ids) + "\n")
    for name, bits in (("logits", 24), ("rounded", 8)):
        np.save(FOLDER / f"{name}.npy", logits(model, ids, bits).numpy())
    size = sum(path.stat().st_size for path in Path(FOLDER).iterdir())
    print(f"{FOLDER.relative_to(ROOT)}: {size} bytes")


if __name__ == "__main__":
    main()
