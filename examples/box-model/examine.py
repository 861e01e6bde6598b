"""Examine box.gguf with transformers: every question of its world, greedily, and its perplexity.

    .venv-chat/bin/python examples/box-model/examine.py [--wrong]

Prints `chat.box_right_percent`, the share of questions answered word for word (any of the
answers, where it has several), `chat.box_perplexity` on
benchmarks/chat/text.txt, which it was not trained on, and, after training, the cosine similarity
of the file's logits to those of the trained weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import corpus
import torch
from tokenizers import Tokenizer
from tokens import TURN_END
from train import CONTEXT, WORK, turn_ids
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM, PreTrainedModel
from transformers.utils import logging

HERE = Path(__file__).resolve().parent
TEXT = HERE.parents[1] / "benchmarks" / "chat" / "text.txt"
TOKENS_MAX = 64


def answer(model: PreTrainedModel, prompt: list[int], tokenizer: Tokenizer) -> str:
    """The greedy answer to a prompt."""
    ids = torch.tensor([prompt])
    output = model.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=TOKENS_MAX,
        eos_token_id=TURN_END, pad_token_id=TURN_END,
    )  # fmt: skip
    return str(tokenizer.decode(output[0, len(prompt) :].tolist()))


def perplexity(model: PreTrainedModel, ids: list[int]) -> float:
    """exp of the mean negative log probability, in windows of the model's context."""
    total, count = 0.0, 0
    for start in range(0, len(ids) - 1, CONTEXT):
        window = torch.tensor(ids[start : start + CONTEXT + 1])
        logits = model(window[None, :-1]).logits[0]
        total += float(torch.nn.functional.cross_entropy(logits, window[1:], reduction="sum"))
        count += len(window) - 1
    return float(torch.tensor(total / count).exp())


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wrong", action="store_true", help="print the wrong answers")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(HERE, gguf_file="box.gguf").backend_tokenizer
    model = AutoModelForCausalLM.from_pretrained(HERE, gguf_file="box.gguf", dtype=torch.float32)
    answers: dict[str, set[str]] = {}
    for facts in corpus.subjects():
        for question, said in facts:
            answers.setdefault(question, set()).add(said)
    right = 0
    for question, accepted in answers.items():
        said = answer(model, turn_ids(tokenizer, question, "")[0], tokenizer)
        right += said in accepted
        if arguments.wrong and said not in accepted:
            print(f"{question} -> {said}")
    print(f"chat.box_right_percent: {100 * right / len(answers):.1f}")
    ids = tokenizer.encode(TEXT.read_text()).ids
    print(f"chat.box_perplexity: {perplexity(model, ids):.1f}")
    if not (WORK / "model.safetensors").exists():
        return
    trained = LlamaForCausalLM.from_pretrained(WORK, dtype=torch.float32)
    window = torch.tensor([ids[:CONTEXT]])
    file, weights = model(window).logits[0], trained(window).logits[0]
    cosine = torch.nn.functional.cosine_similarity(file, weights, dim=-1).mean()
    print(f"chat.box_file_cosine: {float(cosine):.6f}")


if __name__ == "__main__":
    main()
