"""Time transformers on torch: what speed.py compares with where llama.cpp is not installed.

    .venv-chat/bin/python benchmarks/chat/torch_speed.py model.gguf --threads 2

Runs the dequantised weights in FP32 with the default attention. Prints one line of JSON as
llama_cpp.py does.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM
from transformers.utils import logging


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt-tokens", type=int, default=512)
    parser.add_argument("--decode-tokens", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    logging.disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(
        given.model.parent, gguf_file=given.model.name, dtype=torch.float32
    )
    generator = random.Random(1)
    vocabulary = model.config.vocab_size
    ids = [generator.randrange(1000, vocabulary - 1000) for _ in range(given.prompt_tokens)]
    prompt = torch.tensor([ids])
    prefill = decode = 0.0
    for _ in range(given.repeats):
        start = time.perf_counter()
        output = model(prompt, use_cache=True, logits_to_keep=1)
        middle = time.perf_counter()
        for _ in range(given.decode_tokens):
            token = output.logits[:, -1:].argmax(-1)
            output = model(token, past_key_values=output.past_key_values, use_cache=True)
        end = time.perf_counter()
        prefill = max(prefill, len(ids) / (middle - start))
        decode = max(decode, given.decode_tokens / (end - middle))
    figures = {
        "program": "transformers on torch",
        "version": f"{transformers.__version__}, {torch.__version__}",
        "prefill_tokens_per_second": round(prefill, 2),
        "decode_tokens_per_second": round(decode, 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
