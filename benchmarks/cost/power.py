"""Board power of H200 kernels longer than 0.2 ms, from their shapes alone.

    python benchmarks/cost/power.py --facts FOLDER [--seed 7]

All kernels of the measured tables that have a reading and take longer than 0.2 ms count: products
in BF16 and FP8, attention of both phases with heads and windows of every size. What a kernel takes
is not given to the model, and neither is its place in the table: sizes, formats, and what follows
from them (operations, bytes, waves over the multiprocessors). Boosted trees are fitted, because
readings change in steps where another kernel is chosen, and their loss is the error that is
reported: the mean of |predicted − read| / read. A quarter of the shapes is held out as in fit.py.

Readings are means of samples every 100 ms of a run of a second or so; in some groups of rows they
have not reached the steady state. No kernel was measured twice. What comes nearest are twins:
kernels that differ in one size alone, by a factor of two, and take twice the time within 3 %, so
they work at the same rate. By how much readings of twins differ says what no model of shapes can
explain: `cost.board_power_twins` is their mean difference over √2, the error that the best
predictor would be left with if readings scattered as a normal distribution does.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

import facts
import fit
import surface

#: ms; multiprocessors of an H200.
SHORTEST, MULTIPROCESSORS = 0.2, fit.MULTIPROCESSORS["h200"]
#: A first choice; nothing was tuned on what is held out.
TREES = {"max_iter": 250, "learning_rate": 0.08, "max_leaf_nodes": 24, "min_samples_leaf": 15}


@dataclass(frozen=True)
class Kernels:
    """Kernels that were read: what a model may see, watts, and what is held out together."""

    kinds: np.ndarray
    features: np.ndarray
    watts: np.ndarray
    keys: list[tuple]


def read(folder: Path, name: str) -> list[dict[str, str]]:
    rows = facts.read(folder, name)
    return [r for r in rows if float(r["latency"]) > SHORTEST and float(r["power"]) > 0]


def products(folder: Path) -> Kernels:
    rows = read(folder, facts.GEMM["h200", "vllm"])
    kinds = np.array([r["gemm_dtype"] for r in rows])
    m, n, k = (facts.column(rows, c) for c in "mnk")
    size = np.where(kinds == "bfloat16", 2.0, 1.0)
    operations, moved = 2 * m * n * k, (m * k + n * k) * size + 2 * m * n
    waves = np.ceil(m / 128) * np.ceil(n / 256) / MULTIPROCESSORS
    sizes = [np.log2(x) for x in (m, n, k, m * n, waves, operations, moved, operations / moved)]
    features = np.array([*sizes, size, np.ceil(waves) / waves]).T
    kinds = np.array([f"gemm {kind}" for kind in kinds])
    return Kernels(kinds, features, facts.column(rows, "power"), list(zip(n, k)))


def attention(folder: Path, phase: str) -> Kernels:
    rows = read(folder, facts.ATTENTION["h200", "vllm"].format(phase))
    names = ("batch_size", "num_heads", "num_key_value_heads", "head_dim", "window_size")
    batch, heads, kv_heads, dimension, window = (facts.column(rows, name) for name in names)
    is_context = phase == "context"
    length = facts.column(rows, "isl" if is_context else "step") + (not is_context)
    size = np.array([1.0 if r["kv_cache_dtype"] == "fp8" else 2.0 for r in rows])
    seen = np.where(window > 0, np.minimum(window, length), length)
    queries = length if is_context else np.ones(len(rows))
    causal = np.where((window == 0) & is_context, 0.5, 1.0)
    operations = 4 * batch * heads * dimension * queries * seen * causal
    cached = length if is_context else seen
    moved = batch * dimension * (2 * kv_heads * cached * size + 4 * heads * queries)
    blocks = batch * heads * np.ceil(length / 128) if is_context else batch * kv_heads
    sizes = (batch, length, heads, kv_heads, heads / kv_heads, batch * heads, batch * kv_heads)
    sizes += (blocks / MULTIPROCESSORS, operations, moved, operations / moved)
    features = np.array([*(np.log2(x) for x in sizes), dimension, window > 0, size]).T
    kinds = [f"{phase} attention, {r['kv_cache_dtype']}" for r in rows]
    keys = list(zip(batch, heads, kv_heads))
    return Kernels(np.array(kinds), features, facts.column(rows, "power"), keys)


def predicted(kernels: Kernels, train: np.ndarray, seed: int) -> np.ndarray:
    """Watts of all kernels, by trees that were fitted to `train`."""
    trees = HistGradientBoostingRegressor(
        loss="absolute_error", early_stopping=False, random_state=seed, **TREES
    )
    watts = kernels.watts[train]
    return trees.fit(kernels.features[train], watts, 1 / watts).predict(kernels.features)


def errors(kernels: Kernels, seed: int) -> np.ndarray:
    """Of the kernels held out, by kind to the terminal."""
    out = surface.held_out(kernels.keys, seed, fit.SHARE)
    found = np.abs(predicted(kernels, ~out, seed) / kernels.watts - 1)
    for kind in sorted(set(kernels.kinds)):
        some = found[out & (kernels.kinds == kind)]
        print(
            f"{kind:32} {len(some):5} held out:"
            f" mean {some.mean():.1%}, median {np.median(some):.1%}",
            flush=True,
        )
    return found[out]


def twins(rows: list[dict], doubled: str) -> np.ndarray:
    """|log of watts over watts| of the kernels that differ in `doubled` and work at one rate."""
    names = [name for name in rows[0] if name not in ("latency", "power", "kernel_source")]
    at = {tuple(r[name] for name in names): r for r in rows}
    place, differences = names.index(doubled), []
    for key, row in at.items():
        other = at.get(key[:place] + (str(2 * int(key[place])),) + key[place + 1 :])
        if other and abs(float(other["latency"]) / float(row["latency"]) / 2 - 1) < 0.03:
            differences.append(abs(np.log(float(other["power"]) / float(row["power"]))))
    return np.array(differences)


def main() -> None:
    parser = argparse.ArgumentParser(description="Board power of H200 kernels.")
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    folder, seed = arguments.facts, arguments.seed
    of_products = errors(products(folder), seed)
    of_attention = [errors(attention(folder, phase), seed) for phase in ("context", "generation")]
    name = facts.ATTENTION["h200", "vllm"]
    pairs = {
        "products": twins(read(folder, facts.GEMM["h200", "vllm"]), "m"),
        "attention": np.concatenate(
            [twins(read(folder, name.format(p)), "batch_size") for p in ("context", "generation")]
        ),
    }
    for kind, found in pairs.items():
        print(f"twins of {kind}: {len(found)}, readings differ by {found.mean():.1%} on average")
    print(f"cost.board_power_twins: {pairs['attention'].mean() / np.sqrt(2) * 100:.2f}")
    print(f"cost.board_power_gemm: {of_products.mean() * 100:.2f}")
    print(f"cost.board_power_attention: {np.concatenate(of_attention).mean() * 100:.2f}")
    print(f"cost.board_power: {np.concatenate([of_products, *of_attention]).mean() * 100:.2f}")


if __name__ == "__main__":
    main()
