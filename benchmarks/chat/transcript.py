"""Write transcript.json: the chat whose tokens the logits are compared on.

    .venv-chat/bin/python benchmarks/chat/transcript.py

Questions written for this project, answered greedily by SmolLM2 in transformers (FP32), so that
most of the tokens are ones that a chat on the chip would have to choose. reference.py says why.
"""

from __future__ import annotations

import json

import torch
from transformers import AutoTokenizer
from transformers.utils import logging

from fetch import fetch
from reference import TRANSCRIPT, load

QUESTIONS = [
    "What is the capital of France?",
    "Explain how rain forms, step by step.",
    "How do I bake a loaf of bread?",
    "Tell me about the planets of the solar system.",
]
ANSWER_TOKENS_MAX = 220


@torch.no_grad()
def main() -> None:
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    path = fetch()
    model = load(path)
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    messages: list[dict[str, str]] = []
    for question in QUESTIONS:
        messages.append({"role": "user", "content": question})
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        inputs = tokenizer(text, add_special_tokens=False, return_tensors="pt")
        output = model.generate(
            **inputs, do_sample=False, max_new_tokens=ANSWER_TOKENS_MAX, pad_token_id=2
        )
        answer = output[0, inputs["input_ids"].shape[1] :]
        said = tokenizer.decode(answer, skip_special_tokens=True)
        messages.append({"role": "assistant", "content": said})
        print(f"{question}\n{said}\n", flush=True)
    TRANSCRIPT.write_text(json.dumps(messages, indent=2) + "\n")


if __name__ == "__main__":
    main()
