"""Time transformers on torch: what speed.py compares with where llama.cpp is not installed.

    .venv-chat/bin/python benchmarks/chat/torch_speed.py MODEL.gguf --threads 2 --answer 64 < prompt

Runs the dequantised weights in FP32 with the default attention. Prints {"prefill": tokens per
second of the prompt, "decode": of the answer} after a short run that is not counted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--answer", type=int, default=64)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    logging.disable_progress_bar()
    folder, name = arguments.model.parent, arguments.model.name
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
    ids = tokenizer(sys.stdin.read(), add_special_tokens=False, return_tensors="pt")["input_ids"]
    model(ids[:, :16])
    started = time.perf_counter()
    output = model(ids, use_cache=True, logits_to_keep=1)
    prefill = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(arguments.answer):
        token = output.logits[:, -1:].argmax(-1)
        output = model(token, past_key_values=output.past_key_values, use_cache=True)
    decode = time.perf_counter() - started
    speeds = {"prefill": ids.shape[1] / prefill, "decode": arguments.answer / decode}
    print(json.dumps(speeds))


if __name__ == "__main__":
    main()
