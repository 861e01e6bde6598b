"""Fits the GPU baseline to measured kernels and says how far it is off on what it has not seen.

    python benchmarks/cost/fit.py --facts FOLDER [--seed 7] [--out FILE]

FOLDER holds the tables of measured kernels (its README names their origin: NVIDIA's aiconfigurator,
Apache-2.0); they are not part of this project, the fitted figures are. A quarter of the shapes is
held out: for matrix products by (n, k), for attention by (batch, heads, key-value heads), all sizes
of the other dimensions with them. The last lines print `name: figure`, percent.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

import attention
import facts
import gemm
import surface

SHARE = 0.25
MULTIPROCESSORS = {"h100": 132.0, "h200": 132.0, "a100": 108.0}
#: Starts of the search: operations (16-bit) a µs and multiprocessor, bytes a µs.
STARTS = {"h100": (6.5e6, 2.8e6), "h200": (6.5e6, 4.0e6), "a100": (2.6e6, 1.7e6)}


def fit_gemm(folder: Path, seed: int) -> tuple[list[dict], list[dict]]:
    """The sets of fitted figures, and a row of errors for each."""
    sets, report = [], []
    for (device, backend), name in facts.GEMM.items():
        table = facts.read(folder, name)
        for kind in sorted({row["gemm_dtype"] for row in table} & set(gemm.OPERAND_BYTES)):
            rows = [r for r in table if r["gemm_dtype"] == kind]
            rows = [r for r in rows if int(r["n"]) >= 128 and int(r["k"]) >= 128]
            m, n, k = (facts.column(rows, c) for c in "mnk")
            measured = facts.column(rows, "latency") * 1e3
            out = surface.held_out(list(zip(n, k)), seed, SHARE)
            train, sms = ~out, MULTIPROCESSORS[device]
            physics = gemm.fit_physics(
                m[train],
                n[train],
                k[train],
                measured[train],
                gemm.OPERAND_BYTES[kind],
                sms,
                *STARTS[device],
                seed,
            )
            base = physics.microseconds(m, n, k)
            at = gemm.coordinates(m, n, k, sms)
            coefficients = surface.fit(
                gemm.TABLES,
                {key: value[train] for key, value in at.items()},
                np.log(measured / base)[train],
                smoothness=1.0,
                ridge=0.3,
            )
            predicted = base * np.exp(surface.evaluate(gemm.TABLES, coefficients, at))
            large = out & (n >= 1024) & (k >= 1024)
            report.append(
                {
                    "device": device,
                    "backend": backend,
                    "kernel": f"gemm {kind}",
                    "points": int(large.sum()),
                    "formula": surface.mean_error(base[large], measured[large]),
                    "held_out": surface.mean_error(predicted[large], measured[large]),
                    "all_sizes": surface.mean_error(predicted[out], measured[out]),
                    "train": surface.mean_error(predicted[train], measured[train]),
                }
            )
            print_row(report[-1])
            sets.append(
                {
                    "device": device,
                    "backend": backend,
                    "kind": kind,
                    "sms": sms,
                    "physics": physics.values.tolist(),
                    "tables": whole(coefficients),
                }
            )
    return sets, report


def fit_attention(folder: Path, seed: int) -> tuple[list[dict], list[dict]]:
    sets, report = [], []
    for (device, backend), pattern in facts.ATTENTION.items():
        for phase, formula, table in (
            ("context", attention.context, attention.CONTEXT),
            ("generation", attention.generation, attention.GENERATION),
        ):
            for kind, rows in attention_kinds(facts.read(folder, pattern.format(phase)), phase):
                dimension, kv = kind
                length = facts.column(rows, "isl" if phase == "context" else "step")
                shapes = attention.Shapes(
                    facts.column(rows, "batch_size"),
                    length + (phase == "generation"),
                    facts.column(rows, "num_heads"),
                    facts.column(rows, "num_key_value_heads"),
                    float(dimension),
                    1.0 if kv == "fp8" else 2.0,
                )
                measured = facts.column(rows, "latency") * 1e3
                out = surface.held_out(shapes.keys(), seed, SHARE)
                base, at = formula(shapes)
                coefficients = surface.fit(
                    [table],
                    {key: value[~out] for key, value in at.items()},
                    np.log(measured / base)[~out],
                    smoothness=0.02,
                    ridge=0.05,
                )
                predicted = base * np.exp(surface.evaluate([table], coefficients, at))
                report.append(
                    {
                        "device": device,
                        "backend": backend,
                        "kernel": f"{phase} attention, head {dimension}, {kv}",
                        "points": int(out.sum()),
                        "formula": surface.mean_error(base[out], measured[out]),
                        "held_out": surface.mean_error(predicted[out], measured[out]),
                        "train": surface.mean_error(predicted[~out], measured[~out]),
                    }
                )
                print_row(report[-1])
                sets.append(
                    {
                        "device": device,
                        "backend": backend,
                        "phase": phase,
                        "dimension": dimension,
                        "kv": kv,
                        "tables": whole(coefficients),
                    }
                )
    return sets, report


def attention_kinds(rows: list[dict], phase: str):
    """Full attention with heads of 64 and 128, keys and values in BF16 and FP8."""
    for dimension in (64, 128):
        for kv in ("bfloat16", "fp8"):
            # TensorRT-LLM's FP8 prefill computes in FP8, vLLM's in BF16 on an FP8 cache.
            some = [r for r in rows if int(r["head_dim"]) == dimension and r["window_size"] == "0"]
            some = [r for r in some if r["kv_cache_dtype"] == kv]
            own = [r for r in some if r["attn_dtype"] == kv]
            some = own if phase == "context" and own else some
            if some:
                yield (dimension, kv), some


def fit_allreduce(folder: Path) -> list[dict]:
    """All-reduce of BF16 elements: µs over the logarithm of bytes, a value each factor of four."""
    sets = []
    for device, name in facts.ALLREDUCE.items():
        rows = [r for r in facts.read(folder, name) if r["allreduce_dtype"] == "bfloat16"]
        for gpus in sorted({int(r["num_gpus"]) for r in rows}):
            some = [r for r in rows if int(r["num_gpus"]) == gpus]
            size = np.log2(facts.column(some, "message_size") * 2)
            order = np.argsort(size)
            knots = np.arange(8, 31, 2)
            value = np.interp(
                knots, size[order], np.log(facts.column(some, "latency") * 1e3)[order]
            )
            sets.append({"device": device, "gpus": gpus, "tables": whole(value)})
    return sets


def whole(coefficients: np.ndarray) -> list[int]:
    return [int(x) for x in np.round(coefficients / surface.STEP)]


def print_row(row: dict) -> None:
    print(
        f"{row['device']} {row['backend']:7} {row['kernel']:36} {row['points']:6} held out:"
        f" formula {row['formula']:7.1%}, fitted {row['held_out']:6.2%}"
        f" (train {row['train']:6.2%})",
        flush=True,
    )


def summary(gemms: list[dict], attentions: list[dict]) -> None:
    """The bars: the worse of the collectors' tables for each device and format."""

    def worst(device: str, kernel: str) -> float:
        return max(r["held_out"] for r in gemms if r["device"] == device and r["kernel"] == kernel)

    for device in ("h100", "h200"):
        print(f"cost.gemm_bf16_{device}: {worst(device, 'gemm bfloat16') * 100:.2f}")
    fp8 = [r for r in gemms if r["device"] in ("h100", "h200") and "fp8" in r["kernel"]]
    print(f"cost.gemm_fp8: {max(r['held_out'] for r in fp8) * 100:.2f}")
    some = [r for r in attentions if r["device"] in ("h100", "h200")]
    pooled = sum(r["held_out"] * r["points"] for r in some) / sum(r["points"] for r in some)
    print(f"cost.attention: {pooled * 100:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Fits the GPU baseline to measured kernels.")
    parser.add_argument("--facts", type=Path, required=True, help="folder of the measured tables")
    parser.add_argument("--seed", type=int, default=7, help="draws what is held out")
    parser.add_argument("--out", type=Path, help="write the fitted figures here (JSON)")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}; a quarter of the shapes is held out")
    gemms, gemm_report = fit_gemm(arguments.facts, arguments.seed)
    attentions, attention_report = fit_attention(arguments.facts, arguments.seed)
    if arguments.out:
        figures = {
            "seed": arguments.seed,
            "gemm": gemms,
            "attention": attentions,
            "allreduce": fit_allreduce(arguments.facts),
            "errors": gemm_report + attention_report,
        }
        arguments.out.write_text(json.dumps(figures))
    summary(gemm_report, attention_report)


if __name__ == "__main__":
    main()
