"""Board power of H200 kernels longer than 0.2 ms, from their shape and their time.

    python benchmarks/cost/power.py --facts FOLDER [--seed 7]

A kernel that takes longer than others of its shape runs at a lower clock, because the board is at
its limit: the time over that of the fastest of its like is the strongest sign of power. The model
is a table over this ratio and the shape. Readings are means over 100 ms windows of a run of a
second or so; in some groups of rows they have not reached the steady state (the same kernel reads
350 W and 690 W), and no model of kernels can tell which: these rows count in the errors all the
same.
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
    print(f"cost.board_power_gemm: {np.concatenate(products).mean() * 100:.2f}")
    print(f"cost.board_power_attention: {np.concatenate(attentions).mean() * 100:.2f}")
    print(f"cost.board_power: {np.concatenate(products + attentions).mean() * 100:.2f}")


def show(name: str, errors: np.ndarray) -> None:
    print(
        f"{name:38} {len(errors):5} held out: mean {errors.mean():.1%}, median {np.median(errors):.1%}"
    )


if __name__ == "__main__":
    main()
