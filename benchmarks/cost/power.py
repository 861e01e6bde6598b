"""Board power of H200 kernels longer than 0.2 ms, from their shape and their time.

    python benchmarks/cost/power.py --facts FOLDER [--seed 7]

A kernel that takes longer than others of its shape runs at a lower clock, because the board is at
its limit: the time over that of the fastest of its like is the strongest sign of power. The model
is a table over this ratio and the shape. Readings are means over 100 ms windows of a run of a
second or so; in some groups of rows they have not reached the steady state (the same kernel reads
350 W and 690 W), and no model of kernels can tell which: these rows count in the errors all the
same.

No kernel was measured twice. What comes nearest are twins: kernels that differ in one size alone,
by a factor of two, and take twice the time within 3 %, so they work at the same rate. By how much
readings of twins differ says what no model of shape and time can explain: `cost.board_power_twins`
is their mean difference over √2, the error that the best predictor would be left with if readings
scattered as a normal distribution does.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import spsolve

import attention
import facts
import fit
import gemm
import surface
from surface import Table

#: ms; watts of the board's limit (H200 SXM).
SHORTEST, LIMIT = 0.2, 700.0
RATIO = (-0.3, -0.1, -0.05, -0.02, 0.0, 0.02, 0.05, 0.08, 0.12, 0.17, 0.25, 0.4)


def fastest(tables: list[Table], at: dict, target: np.ndarray, train: np.ndarray) -> np.ndarray:
    """The 15 % quantile of log time over the formula, smooth in the shape."""
    matrix = surface.design(tables, at)
    penalty = sparse.block_diag([0.02 * table.roughness() for table in tables])
    penalty = penalty + 0.1 * sparse.identity(matrix.shape[1])
    weight = np.ones(int(train.sum()))
    for _ in range(15):
        normal = (matrix[train].T @ sparse.diags(weight) @ matrix[train] + penalty).tocsc()
        coefficients = spsolve(normal, matrix[train].T @ (weight * target[train]))
        error = target[train] - matrix[train] @ coefficients
        weight = np.where(error < 0, 0.85, 0.15) / np.maximum(np.abs(error), 0.01) * 0.03
    return matrix @ coefficients


def fitted_watts(
    shape: tuple[str, str], at: dict, watts: np.ndarray, train: np.ndarray
) -> np.ndarray:
    def knots(name: str) -> tuple[float, ...]:
        return tuple(np.unique(np.quantile(at[name], np.linspace(0, 1, 8))))

    first, second = shape
    tables = [
        Table(("ratio", first), (RATIO, knots(first))),
        Table(("ratio", second), (RATIO, knots(second))),
        Table((second, first), (knots(second), knots(first))),
    ]
    here = {name: value[train] for name, value in at.items()}
    coefficients = surface.fit(
        tables, here, np.log(watts / 450)[train], smoothness=0.0, ridge=0.05, passes=15
    )
    return np.minimum(LIMIT, 450 * np.exp(surface.evaluate(tables, coefficients, at)))


def gemm_errors(folder: Path, seed: int, kind: str) -> np.ndarray:
    rows = [r for r in facts.read(folder, facts.GEMM["h200", "vllm"]) if r["gemm_dtype"] == kind]
    rows = [r for r in rows if int(r["n"]) >= 128 and int(r["k"]) >= 128]
    rows = [r for r in rows if float(r["latency"]) > SHORTEST and float(r["power"]) > 0]
    m, n, k, time, watts = (facts.column(rows, c) for c in ("m", "n", "k", "latency", "power"))
    out = surface.held_out(list(zip(n, k)), seed, fit.SHARE)
    size = gemm.OPERAND_BYTES[kind]
    formula = 2 * m * n * k / 7e11 * size / 2 + ((n * k + m * k) * size + m * n * 2) / 4e9
    at = gemm.coordinates(m, n, k, 132.0)
    ratio = np.log(time / formula) - fastest(gemm.TABLES, at, np.log(time / formula), ~out)
    at["ratio"] = np.clip(ratio, -0.3, 0.4)
    return np.abs(fitted_watts(("k", "m"), at, watts, ~out) / watts - 1)[out]


def attention_errors(folder: Path, seed: int, phase: str, dimension: int, kv: str) -> np.ndarray:
    rows = facts.read(folder, facts.ATTENTION["h200", "vllm"].format(phase))
    rows = dict(fit.attention_kinds(rows, phase))[dimension, kv]
    rows = [r for r in rows if float(r["latency"]) > SHORTEST and float(r["power"]) > 0]
    length = facts.column(rows, "isl" if phase == "context" else "step")
    shapes = attention.Shapes(
        facts.column(rows, "batch_size"),
        length + (phase == "generation"),
        facts.column(rows, "num_heads"),
        facts.column(rows, "num_key_value_heads"),
        float(dimension),
        1.0 if kv == "fp8" else 2.0,
    )
    time, watts = facts.column(rows, "latency"), facts.column(rows, "power")
    out = surface.held_out(shapes.keys(), seed, fit.SHARE)
    formula, at = attention.context(shapes) if phase == "context" else attention.generation(shapes)
    table = attention.CONTEXT if phase == "context" else attention.GENERATION
    target = np.log(time * 1e3 / formula)
    at["ratio"] = np.clip(target - fastest([table], at, target, ~out), -0.3, 0.4)
    return np.abs(fitted_watts(("length", "streams"), at, watts, ~out) / watts - 1)[out]


def twins(rows: list[dict], names: tuple[str, ...], doubled: str) -> np.ndarray:
    """|log of watts over watts| of the kernels that differ in `doubled` and work at one rate."""
    found = [r for r in rows if float(r["latency"]) > SHORTEST and float(r["power"]) > 0]
    at = {tuple(r[name] for name in names): r for r in found}
    place, differences = names.index(doubled), []
    for key, row in at.items():
        other = at.get(key[:place] + (str(2 * int(key[place])),) + key[place + 1 :])
        if other and abs(float(other["latency"]) / float(row["latency"]) / 2 - 1) < 0.03:
            differences.append(abs(np.log(float(other["power"]) / float(row["power"]))))
    return np.array(differences)


def scatter(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Differences of twins among products and among attention kernels that are scored."""
    products = [r for r in facts.read(folder, facts.GEMM["h200", "vllm"])]
    products = [r for r in products if r["gemm_dtype"] in ("bfloat16", "fp8_block")]
    both = []
    for phase in ("context", "generation"):
        rows = facts.read(folder, facts.ATTENTION["h200", "vllm"].format(phase))
        rows = [row for _, some in fit.attention_kinds(rows, phase) for row in some]
        names = ("batch_size", "isl", "step", "num_heads", "num_key_value_heads", "head_dim")
        both.append(twins(rows, (*names, "kv_cache_dtype"), "batch_size"))
    return twins(products, ("gemm_dtype", "m", "n", "k"), "m"), np.concatenate(both)


def main() -> None:
    parser = argparse.ArgumentParser(description="Board power of H200 kernels.")
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    products, attentions = [], []
    for kind in ("bfloat16", "fp8_block"):
        products.append(gemm_errors(arguments.facts, arguments.seed, kind))
        show(f"gemm {kind}", products[-1])
    for phase in ("context", "generation"):
        for dimension in (64, 128):
            for kv in ("bfloat16", "fp8"):
                found = attention_errors(arguments.facts, arguments.seed, phase, dimension, kv)
                attentions.append(found)
                show(f"{phase} attention, head {dimension}, {kv}", found)
    of_products, of_attention = scatter(arguments.facts)
    for name, some in (("products", of_products), ("attention", of_attention)):
        print(f"twins of {name}: {len(some)}, readings differ by {some.mean():.1%} on average")
    print(f"cost.board_power_twins: {of_attention.mean() / np.sqrt(2) * 100:.2f}")
    print(f"cost.board_power_gemm: {np.concatenate(products).mean() * 100:.2f}")
    print(f"cost.board_power_attention: {np.concatenate(attentions).mean() * 100:.2f}")
    print(f"cost.board_power: {np.concatenate(products + attentions).mean() * 100:.2f}")


def show(name: str, errors: np.ndarray) -> None:
    print(
        f"{name:38} {len(errors):5} held out: mean {errors.mean():.1%}, median {np.median(errors):.1%}"
    )


if __name__ == "__main__":
    main()
