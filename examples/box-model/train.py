"""Train the model in the box.

    .venv-chat/bin/python examples/box-model/train.py [--steps 1600] [--minutes 20]

A Llama of at most a million parameters learns the dialogues of `corpus.py` (loss on the answers
alone) and, a fifth of the time, the prose of `prose.txt`. Seeds are fixed and one thread computes;
another processor may still sum in another order and give another model of the same quality. The
weights go to build/box-model; `export.py` makes the GGUF of them, and the README has the figures.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from pathlib import Path

import corpus
import torch
from tokenizers import Tokenizer
from tokens import END_OF_TEXT, TURN_END, TURN_START, train_tokenizer
from transformers import LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).resolve().parent
WORK = HERE.parents[1] / "build" / "box-model"
SEED = 20261124
VOCABULARY, CONTEXT = 1024, 512
ROWS, COLUMNS = 16, 128  # sequences per step, tokens per sequence
PROSE_SHARE = 0.2
RATE_MAX, WARM_STEPS = 4e-3, 100
IGNORED = -100  # what torch's cross entropy leaves out


def configuration() -> LlamaConfig:
    """917,000 parameters; every K is a multiple of 32, so that Q8_0 holds the matrices."""
    return LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=128, intermediate_size=384, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=CONTEXT,
        rope_theta=10000.0, rms_norm_eps=1e-5, tie_word_embeddings=True,
        bos_token_id=END_OF_TEXT, eos_token_id=TURN_END, attention_bias=False,
    )  # fmt: skip


class Batches:
    """Rows of dialogues and prose, made as they are asked for."""

    def __init__(self, tokenizer: Tokenizer, seed: int) -> None:
        self._tokenizer = tokenizer
        self._generator = random.Random(seed)
        self._facts = corpus.subjects()
        self._prose = tokenizer.encode((HERE / "prose.txt").read_text()).ids

    def next(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Token ids and labels, [ROWS, COLUMNS] each."""
        rows = [self._row() for _ in range(ROWS)]
        return torch.tensor([r[0] for r in rows]), torch.tensor([r[1] for r in rows])

    def _row(self) -> tuple[list[int], list[int]]:
        if self._generator.random() < PROSE_SHARE:
            start = self._generator.randrange(len(self._prose) - COLUMNS)
            ids = self._prose[start : start + COLUMNS]
            return ids, ids
        ids, labels = [], []
        while len(ids) < COLUMNS:
            for question, answer in corpus.dialogue(self._generator, self._facts):
                asked, said = turn_ids(self._tokenizer, question, answer)
                ids += asked + said
                labels += [IGNORED] * len(asked) + said
            ids.append(END_OF_TEXT)
            labels.append(END_OF_TEXT)
        return ids[:COLUMNS], labels[:COLUMNS]


def turn_ids(tokenizer: Tokenizer, question: str, answer: str) -> tuple[list[int], list[int]]:
    """A turn in ChatML: the tokens up to the answer, and the answer's."""

    def encoded(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    asked = [TURN_START, *encoded(f"user\n{question}"), TURN_END, *encoded("\n")]
    asked += [TURN_START, *encoded("assistant\n")]
    return asked, [*encoded(answer), TURN_END, *encoded("\n")]


def rate(step: int, share: float) -> float:
    """Linear warm-up, then a cosine to a twentieth."""
    warm = min(1.0, (step + 1) / WARM_STEPS)
    return RATE_MAX * warm * (0.525 + 0.475 * math.cos(math.pi * share))


def train(model: LlamaForCausalLM, batches: Batches, steps: int, minutes: float) -> None:
    """AdamW until the steps or the minutes of processor time are used up."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}],
        lr=RATE_MAX, betas=(0.9, 0.97),
    )  # fmt: skip
    started = time.process_time()
    for step in range(steps):
        share = max(step / steps, (time.process_time() - started) / (60 * minutes))
        if share >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate(step, share)
        ids, labels = batches.next()
        logits = model(ids[:, :-1], use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(
            logits.reshape(-1, VOCABULARY), labels[:, 1:].reshape(-1), ignore_index=IGNORED
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 50 == 0:
            seconds = time.process_time() - started
            print(f"step {step}: loss {loss.item():.3f}, {seconds:.0f} s", flush=True)
        if step % 200 == 199:
            model.save_pretrained(WORK)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--minutes", type=float, default=20)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # more spend their time waiting for each other at this size
    torch.manual_seed(SEED)
    generator = random.Random(SEED)
    facts = corpus.subjects()
    talk = [f"{q}\n{a}\n" for _ in range(8000) for q, a in corpus.dialogue(generator, facts)]
    tokenizer = train_tokenizer([*talk, (HERE / "prose.txt").read_text()], VOCABULARY)
    model = LlamaForCausalLM(configuration())
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    WORK.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(WORK / "tokenizer.json"))
    train(model, Batches(tokenizer, SEED), arguments.steps, arguments.minutes)
    model.save_pretrained(WORK)
    print(f"saved in {WORK}; next: export.py")


if __name__ == "__main__":
    main()
