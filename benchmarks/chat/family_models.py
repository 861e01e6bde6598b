"""Make a small random model and save it as a Hugging Face folder with its reference logits.

Weights are drawn so that every part matters: matrices have the variance 1 / fan-in, embeddings
one, norms vary, biases are there. As in trained models, a token has a likely successor: the rows of
the output have a part along another token's embedding. In a tied model that other token is itself,
and the last norm's weights have both signs, or it would only ever repeat its input. A router's rows
are random too, but the embeddings have a second part, one of sixteen directions per token, to which
every router answers with its experts well apart: choosing experts is a step, and where two stand
level the rounding of any number format decides.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerFast

from family_catalogue import TOKENS, VOCABULARY, Family
from fetch import FOLDER, ROOT
from rounding import RoundedProducts

TEXT = ROOT / "benchmarks" / "chat" / "text.txt"
DIRECTIONS = 16
SUCCESSOR_GAIN = 0.6  # of the part of an output row that answers to one token's embedding
LEVELS = [1.0, 2.0, 4.0, 8.0, 13.0, 21.0, 31.0, 45.0]  # no two pairs have equal sums


@cache
def tokenizer(vocabulary: int = VOCABULARY) -> PreTrainedTokenizerFast:
    """Byte-level BPE trained on the committed text."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<|begin|>", "<|turn|>", "<|end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=special, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    made.train_from_iterator([TEXT.read_text()], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<|begin|>", eos_token="<|end|>"
    )


def prompt_ids(vocabulary: int = VOCABULARY) -> list[int]:
    """The tokens that every family is asked about."""
    return list(tokenizer(vocabulary)(TEXT.read_text()[:4000])["input_ids"][:TOKENS])


def randomise(model: PreTrainedModel, family: Family, seed: int) -> None:
    """Draw every parameter and buffer that is stored."""
    generator = torch.Generator().manual_seed(seed)
    hidden = family.config["hidden_size"]
    directions = torch.linalg.qr(torch.randn(hidden, DIRECTIONS, generator=generator))[0].T
    is_gemma = family.model_type.startswith("gemma")
    for name, values in sorted(model.state_dict().items()):
        drawn = torch.randn(values.shape, generator=generator)
        if name.endswith("norm.weight") or "_layernorm" in name or "layernorm" in name:
            is_signed = name == "model.norm.weight" and model.config.tie_word_embeddings
            drawn = family.last_norm_mean + drawn if is_signed else 1 + 0.25 * drawn
            drawn -= 1.0 if is_gemma else 0.0
        elif "embed_tokens" in name:
            if family.experts:
                which = torch.randint(DIRECTIONS, (values.shape[0],), generator=generator)
                drawn -= drawn @ directions.T @ directions
                drawn += math.sqrt(hidden) * directions[which]
            drawn /= math.sqrt(hidden) if is_gemma else 1.0
        elif name.endswith("gate.weight"):
            drawn = router(drawn, directions, family.router_spread, generator)
        elif name.endswith("e_score_correction_bias"):
            drawn = 0.02 * drawn
        elif name.endswith("bias"):
            drawn = 0.3 * drawn
        else:
            drawn /= math.sqrt(values.shape[-1])
        values.copy_(drawn)
    if not model.config.tie_word_embeddings:
        rows = torch.nn.functional.normalize(model.get_input_embeddings().weight, dim=-1)
        successors = torch.randperm(len(rows), generator=generator)
        model.get_output_embeddings().weight += SUCCESSOR_GAIN * rows[successors]


def router(
    drawn: torch.Tensor, directions: torch.Tensor, spread: float, generator: torch.Generator
) -> torch.Tensor:
    """Rows whose scores on a direction are `LEVELS` in an order of that direction's own."""
    experts, hidden = drawn.shape
    levels = torch.tensor(LEVELS[:experts]) / LEVELS[experts - 1] * 2 - 1
    orders = [torch.randperm(experts, generator=generator) for _ in range(DIRECTIONS)]
    answers = torch.stack([levels[order] for order in orders], dim=1)
    return 2 * spread / math.sqrt(hidden) * answers @ directions + 0.2 * drawn / math.sqrt(hidden)


def save(family: Family, seed: int, folder: Path) -> None:
    """Write config.json, safetensors, the tokenizer's files and generation_config.json."""
    config = AutoConfig.for_model(family.model_type, **family.config)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager")
    with torch.no_grad():
        randomise(model, family, seed)
    model.to(getattr(torch, family.stored))
    model.generation_config.temperature = 0.7
    model.generation_config.do_sample = True
    model.generation_config.eos_token_id = family.config["eos_token_id"]
    model.save_pretrained(folder, max_shard_size=family.shard)
    tokenizer(family.config["vocab_size"]).save_pretrained(folder)
    path = folder / "config.json"
    stored: dict[str, Any] = json.loads(path.read_text())
    stored |= {k: v for k, v in family.config.items() if k not in stored}
    if family.old_rope:
        use_old_rope(stored)
    path.write_text(json.dumps(stored, indent=2, sort_keys=True) + "\n")


def use_old_rope(config: dict[str, Any]) -> None:
    """Write positions as files of before transformers 5 do, which most published ones are."""
    positions = config.pop("rope_parameters")
    config["torch_dtype"] = config.pop("dtype")
    if "full_attention" in positions:
        local, positions = positions["sliding_attention"], positions["full_attention"]
        config["rope_local_base_freq"] = local["rope_theta"]
    config["rope_theta"] = positions.pop("rope_theta")
    scaled = positions["rope_type"] != "default"
    config["rope_scaling"] = positions if scaled else None
    if scaled and positions["rope_type"] == "yarn":
        positions["type"] = positions.pop("rope_type")


def load(folder: Path) -> PreTrainedModel:
    """The saved model in FP32, with attention and experts made of matrix products."""
    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", experts_implementation="eager"
    ).eval()


class Routes:
    """Which experts each token was sent to, by layer."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.chosen: list[torch.Tensor] = []
        for name, module in model.named_modules():
            if name.endswith("mlp.gate") or name.endswith("block_sparse_moe.gate"):
                module.register_forward_hook(self._keep)

    def _keep(self, module: torch.nn.Module, inputs: Any, outputs: Any) -> None:
        self.chosen.append(outputs[2].sort(-1).values)

    def taken(self) -> list[torch.Tensor]:
        """The experts since the last call, [tokens, experts per token] for each layer."""
        chosen, self.chosen = self.chosen, []
        return chosen


@torch.no_grad()
def logits(model: PreTrainedModel, ids: list[int], significand_bits: int) -> torch.Tensor:
    """[tokens, vocabulary], in FP32 (24 bits) or with products rounded (BF16 has 8 bits)."""
    tokens = torch.tensor([ids])
    if significand_bits == 24:
        return model(tokens, use_cache=False).logits[0].float()
    with RoundedProducts(model.parameters(), significand_bits):
        return model(tokens, use_cache=False).logits[0].float()


FAMILIES_FOLDER = FOLDER / "families"
