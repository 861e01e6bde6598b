"""MLPerf v4.1 Llama-2-70B offline on 8×H100 and 8×H200, and the wall power of 8×H200 MaxQ.

    python benchmarks/cost/mlperf.py --figures FILE --serving FILE

Nothing of MLPerf's Llama-2-70B results is used in a fit. Offline means that requests never lack:
the batch is what memory holds of a cache in FP8, and inputs are prefilled in chunks between steps.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

from baseline import Baseline
from models import FAMILIES
from serving import Server
from serving_fit import BACKENDS

#: OpenOrca as MLPerf uses it: mean tokens in and out (MLPerf v4.1 rules and logs).
INPUTS, OUTPUTS = 294.0, 290.0
#: GPUs of one replica: what memory needs (70 GB of FP8 weights), and GB of memory.
DEVICES = {"h100": (2, 80e9), "h200": (1, 141e9)}
#: Share of memory that a server gives to weights and cache (TensorRT-LLM's default), chunk of tokens.
MEMORY_SHARE, CHUNK, LARGEST_BATCH = 0.90, 8192.0, 2048.0
#: tokens/s, MLPerf Inference v4.1 closed, NVIDIA, mlperf_log_summary.txt of Offline.
MEASURED = {"h100": 24524.9, "h200": 31302.7}
#: Mixtral 8x7B offline on the same 8×H200: MaxQ and unlimited tokens/s, and MaxQ's wall power.
MIXTRAL_MAXQ, MIXTRAL_FULL, MIXTRAL_WATTS = 48987.9, 59022.3, 6154.8
#: J a token, 8×H200 MaxQ, Llama-2-70B offline.
MEASURED_JOULES = 0.2436


def tokens_per_second(base: Baseline, serving: dict, device: str) -> float:
    """Of eight GPUs."""
    gpus, memory = DEVICES[device]
    model = FAMILIES["Llama-2-70B"]
    server = Server(base, device, model, gpus, "fp8", "fp8")
    weights = 69e9
    cache = 2 * model.layers * model.kv_heads * model.head
    context = INPUTS + OUTPUTS / 2
    batch = min((gpus * memory * MEMORY_SHARE - weights) / (cache * context), LARGEST_BATCH)
    decode = step(serving, server.decode(batch, context).row())
    chunk = server.prefill(CHUNK).row()
    short = server.prefill(INPUTS).row()
    # Attention of a chunk is that of its separate prompts.
    chunk[1] = short[1] * CHUNK / INPUTS
    prefill = step(serving, chunk) * INPUTS * batch / OUTPUTS / CHUNK
    return batch / (decode + prefill) * 1e6 * 8 / gpus


def step(serving: dict, kernels: list[float]) -> float:
    """µs: the kernels as measured, with the framework's overheads.

    The factors of the serving points are not used: they describe servers that answer a few dozen
    users, far from this batch.
    """
    backend = BACKENDS.index("trtllm")
    overhead = kernels[4] * math.exp(serving["layer"][backend]) + math.exp(serving["step"][backend])
    return sum(kernels[:4]) + overhead


def main() -> None:
    parser = argparse.ArgumentParser(description="MLPerf v4.1 Llama-2-70B offline.")
    parser.add_argument("--figures", type=Path, required=True)
    parser.add_argument("--serving", type=Path, required=True)
    arguments = parser.parse_args()
    base = Baseline(json.loads(arguments.figures.read_text()))
    serving = json.loads(arguments.serving.read_text())
    worst = 0.0
    for device, measured in MEASURED.items():
        found = tokens_per_second(base, serving, device)
        worst = max(worst, abs(found / measured - 1))
        print(
            f"8×{device}: {found:.0f} tokens/s, measured {measured:.0f}, {found / measured - 1:+.1%}"
        )
        if device == "h200":
            joules = MIXTRAL_WATTS / (found * MIXTRAL_MAXQ / MIXTRAL_FULL)
            print(f"wall: {joules:.4f} J/token, measured {MEASURED_JOULES}")
            wall = abs(joules / MEASURED_JOULES - 1)
    print(f"cost.mlperf: {worst * 100:.2f}")
    print(f"cost.wall: {wall * 100:.2f}")


if __name__ == "__main__":
    main()
