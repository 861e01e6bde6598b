"""Small models of every architecture but SmolLM2's: their configurations, as published ones look.

Each differs from the others in what its architecture is known for: how positions are scaled, which
layers see a window, which norms and biases there are, how experts are chosen. Sizes are such that a
run takes seconds, and sequences are longer than every window and than the original context of the
scaled positions, so that a reader who ignores one of these gets other logits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

VOCABULARY, TOKENS = 512, 200


@dataclass(frozen=True)
class Family:
    """A model type of transformers, its configuration, and how its weights are stored."""

    name: str
    model_type: str
    config: dict[str, Any]
    stored: str = "bfloat16"
    shard: str = "1GB"
    old_rope: bool = True  # rope_theta and rope_scaling, not transformers 5's rope_parameters
    seed: int = 1
    experts: int = 0  # routed experts; none if dense
    last_norm_mean: float = 0.65  # of a tied model, whose last norm has weights of both signs
    router_spread: float = 2.0  # of a router's scores; a sigmoid needs less, not to be flat


SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512,
    "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": None, "tie_word_embeddings": False,
}  # fmt: skip
MLA: dict[str, Any] = {
    "num_key_value_heads": 4, "kv_lora_rank": 64, "qk_nope_head_dim": 32, "qk_rope_head_dim": 32,
    "v_head_dim": 32, "moe_intermediate_size": 64, "n_shared_experts": 2, "n_routed_experts": 8,
    "num_experts_per_tok": 3, "n_group": 4, "topk_group": 2, "first_k_dense_replace": 1,
    "rope_parameters": {
        "rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "beta_fast": 32.0,
        "beta_slow": 1.0, "original_max_position_embeddings": 128, "mscale": 1.0,
        "mscale_all_dim": 0.7,
    },
}  # fmt: skip


def rope(theta: float) -> dict[str, Any]:
    """Unscaled positions."""
    return {"rope_type": "default", "rope_theta": theta}


FAMILIES = [
    Family("llama3", "llama", SIZES | {
        "rope_parameters": {
            "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 64,
        }}, stored="float32", shard="400KB", seed=31),
    Family("qwen2", "qwen2", SIZES | {
        "tie_word_embeddings": True, "rope_parameters": rope(1000000.0)}, seed=1),
    Family("qwen3", "qwen3", SIZES | {
        "head_dim": 64, "tie_word_embeddings": True, "rope_parameters": rope(1000000.0)},
        old_rope=False, seed=1),
    Family("mistral", "mistral", SIZES | {
        "head_dim": 32, "sliding_window": 48, "rope_parameters": rope(10000.0)},
        stored="float16", seed=18),
    Family("gemma2", "gemma2", SIZES | {
        "head_dim": 64, "sliding_window": 64, "query_pre_attn_scalar": 48,
        "tie_word_embeddings": True, "attn_logit_softcapping": 8.0, "final_logit_softcapping": 20.0,
        "hidden_activation": "gelu_pytorch_tanh", "rope_parameters": rope(10000.0)},
        seed=210, last_norm_mean=1.1),
    Family("gemma3", "gemma3_text", SIZES | {
        "head_dim": 64, "sliding_window": 64, "query_pre_attn_scalar": 64,
        "tie_word_embeddings": True, "num_hidden_layers": 4,
        "hidden_activation": "gelu_pytorch_tanh",
        "layer_types": ["sliding_attention", "full_attention"] * 2,
        "rope_parameters": {
            "full_attention": {"rope_type": "linear", "rope_theta": 1000000.0, "factor": 4.0},
            "sliding_attention": rope(10000.0)}}, seed=46, last_norm_mean=2.0),
    Family("mixtral", "mixtral", SIZES | {
        "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": None,
        "rope_parameters": rope(1000000.0)}, experts=4, seed=31),
    Family("qwen3-moe", "qwen3_moe", SIZES | {
        "head_dim": 32, "num_experts": 8, "num_experts_per_tok": 3, "moe_intermediate_size": 64,
        "norm_topk_prob": True, "decoder_sparse_step": 1, "mlp_only_layers": [1],
        "rope_parameters": rope(1000000.0)}, experts=8, seed=18),
    Family("deepseek-v2-lite", "deepseek_v2", SIZES | MLA | {
        "q_lora_rank": None, "topk_method": "greedy", "n_group": 1, "topk_group": 1,
        "routed_scaling_factor": 1.0, "scoring_func": "softmax", "norm_topk_prob": False},
        experts=8, seed=24),
    Family("deepseek-v2", "deepseek_v2", SIZES | MLA | {
        "q_lora_rank": 96, "num_experts_per_tok": 2, "topk_method": "group_limited_greedy",
        "routed_scaling_factor": 2.0, "scoring_func": "softmax", "norm_topk_prob": False},
        experts=8, seed=4),
    Family("deepseek-v3", "deepseek_v3", SIZES | MLA | {
        "q_lora_rank": 96, "num_experts_per_tok": 2, "n_shared_experts": 1,
        "topk_method": "noaux_tc", "scoring_func": "sigmoid", "routed_scaling_factor": 2.5,
        "norm_topk_prob": True, "num_nextn_predict_layers": 0},
        experts=8, router_spread=1.0, seed=137),
]  # fmt: skip
