"""Shapes of the language models in the serving points, from their public configuration files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head: int
    inner: int
    vocabulary: int
    #: Mixture of experts: how many, how many a token takes, their inner size; 0 without.
    experts: int = 0
    taken: int = 0
    expert_inner: int = 0
    shared_inner: int = 0
    dense_layers: int = 0
    #: Latent attention: cached values of a token and layer (576 = 512 + 64), 0 without.
    latent: int = 0
    query_rank: int = 0
    #: Share of layers whose attention reads the whole context.
    full_layers: float = 1.0
    weight_bytes: float = 1.0


FAMILIES = {
    "Llama-3.1-8B": Model(32, 4096, 32, 8, 128, 14336, 128256),
    "Llama-3.1-70B": Model(80, 8192, 64, 8, 128, 28672, 128256),
    "Llama-2-70B": Model(80, 8192, 64, 8, 128, 28672, 32000),
    "Qwen3-32B": Model(64, 5120, 64, 8, 128, 25600, 151936),
    "Qwen3-30B-A3B": Model(48, 2048, 32, 4, 128, 0, 151936, 128, 8, 768),
    "Qwen3-235B-A22B": Model(94, 4096, 64, 4, 128, 0, 151936, 128, 8, 1536),
    "Qwen3.5-397B-A17B": Model(
        60, 4096, 32, 2, 128, 0, 248320, 512, 10, 1024, 1024, full_layers=0.25
    ),
    "DeepSeek-V3": Model(61, 7168, 128, 128, 128, 18432, 129280, 256, 8, 2048, 2048, 3, 576, 1536),
    "Kimi-K2.5": Model(
        61, 7168, 64, 64, 128, 18432, 163840, 384, 8, 2048, 2048, 1, 576, 1536, weight_bytes=0.5
    ),
    "GLM-5": Model(78, 6144, 64, 64, 128, 12288, 154880, 256, 8, 2048, 2048, 3, 576, 2048),
    "MiniMax-M2.5": Model(62, 3072, 48, 8, 128, 0, 200064, 256, 8, 1536),
    "gpt-oss-120b": Model(
        36, 2880, 64, 8, 64, 0, 201088, 128, 4, 2880, full_layers=0.5, weight_bytes=0.53
    ),
}


def family(path: str) -> str:
    """The family of a model's path: DeepSeek-R1 has the shapes of V3."""
    name = path.split("/")[-1]
    if name.startswith("DeepSeek"):
        return "DeepSeek-V3"
    for known in FAMILIES:
        if name.startswith(known):
            return known
    raise KeyError(path)
