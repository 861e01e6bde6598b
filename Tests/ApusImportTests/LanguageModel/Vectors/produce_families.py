"""Write what transformers makes of a small model of every family.

    pip install torch==2.13.0 transformers==5.24.0 safetensors==0.8.0
    python Tests/ApusImportTests/LanguageModel/Vectors/produce_families.py

`families.json` holds, for each case: `config` as saved, the names and shapes of the saved tensors,
and what the library computes from the configuration: frequencies and magnitude of the rotary
embedding for layers that see everything and for those that slide, the attention's scale, which
layers slide, and which have experts.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForCausalLM

FOLDER = Path(__file__).resolve().parent
SMALL: dict[str, Any] = {
    "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512,
    "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
}  # fmt: skip
LLAMA3 = {
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 128, "rope_theta": 500000.0,
}  # fmt: skip
YARN = {
    "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128,
    "rope_theta": 1000000.0,
}  # fmt: skip
LATENT = {
    "q_lora_rank": 24, "kv_lora_rank": 16, "qk_nope_head_dim": 8, "qk_rope_head_dim": 4,
    "v_head_dim": 12, "n_routed_experts": 8, "num_experts_per_tok": 2, "n_shared_experts": 1,
    "moe_intermediate_size": 16, "first_k_dense_replace": 1, "num_key_value_heads": 4,
}  # fmt: skip
DEEPSEEK_YARN = YARN | {"mscale": 0.707, "mscale_all_dim": 1.0, "beta_fast": 32, "beta_slow": 1}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", {"tie_word_embeddings": True}),
    "llama3": ("llama", {"rope_parameters": LLAMA3, "head_dim": 16, "attention_bias": True}),
    "llama-linear": (
        "llama",
        {"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 10000.0}},
    ),
    "mistral": ("mistral", {"sliding_window": 16}),
    "mixtral": ("mixtral", {"num_local_experts": 4, "num_experts_per_tok": 2}),
    "qwen2": ("qwen2", {"rope_parameters": YARN, "tie_word_embeddings": True}),
    "qwen2-sliding": (
        "qwen2",
        {"use_sliding_window": True, "sliding_window": 16, "max_window_layers": 1},
    ),
    "qwen3": ("qwen3", {"head_dim": 16}),
    "qwen3-moe": (
        "qwen3_moe",
        {
            "head_dim": 16, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24,
            "norm_topk_prob": True, "mlp_only_layers": [0],
        },
    ),
    "gemma2": ("gemma2", {"head_dim": 16, "query_pre_attn_scalar": 24, "sliding_window": 16}),
    "gemma3": (
        "gemma3_text",
        {
            "head_dim": 16, "query_pre_attn_scalar": 24, "sliding_window": 16,
            "num_hidden_layers": 7,
        },
    ),
    "deepseek-v2": (
        "deepseek_v2",
        LATENT | {"topk_method": "group_limited_greedy", "n_group": 4, "topk_group": 2,
                  "routed_scaling_factor": 16.0, "rope_parameters": DEEPSEEK_YARN},
    ),
    "deepseek-v2-direct": ("deepseek_v2", LATENT | {"q_lora_rank": None}),
    "deepseek-v3": (
        "deepseek_v3",
        LATENT | {"n_group": 4, "topk_group": 2,
                  "rope_parameters": DEEPSEEK_YARN | {"mscale": 1.0}},
    ),
}  # fmt: skip


def rotary(model: Any, layer_type: str | None) -> dict[str, Any]:
    """Frequencies and magnitude of the model's rotary embedding for a kind of layer."""
    module = model.model.rotary_emb
    prefix = f"{layer_type}_" if hasattr(module, f"{layer_type}_inv_freq") else ""
    return {
        "frequencies": getattr(module, f"{prefix}inv_freq").tolist(),
        "magnitude": float(getattr(module, f"{prefix}attention_scaling")),
    }


def case(kind: str, changes: dict[str, Any]) -> dict[str, Any]:
    """A small model of a kind, as saved and as computed."""
    torch.manual_seed(1)
    config = AutoConfig.for_model(kind, **(SMALL | changes))
    model = AutoModelForCausalLM.from_config(config)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        saved = json.loads((Path(folder) / "config.json").read_text())
        with safe_open(Path(folder) / "model.safetensors", "pt") as file:
            tensors = {name: list(file.get_slice(name).get_shape()) for name in file.keys()}
    layers = model.model.layers
    # Mistral and Mixtral slide in all layers and keep the window in the configuration alone.
    usual = config.sliding_window if kind in ("mistral", "mixtral") else None
    windows = [getattr(layer.self_attn, "sliding_window", usual) for layer in layers]
    return {
        "config": saved,
        "tensors": tensors,
        "whole": rotary(model, "full_attention"),
        "local": rotary(model, "sliding_attention"),
        "scale": float(layers[0].self_attn.scaling),
        "windows": windows,
        "experts": [hasattr(layer.mlp, "experts") for layer in layers],
    }


def main() -> None:
    cases = {name: case(kind, changes) for name, (kind, changes) in CASES.items()}
    (FOLDER / "families.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
