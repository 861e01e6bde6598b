"""The fitted GPU baseline evaluated: the twin, in Python, of Sources/ApusCost/Baseline."""

from __future__ import annotations

import numpy as np

import attention
import gemm
import surface


class Baseline:
    """Kernel times in µs from the fitted figures (a JSON object that fit.py wrote)."""

    def __init__(self, figures: dict) -> None:
        self.gemms = {(g["device"], g["backend"], g["kind"]): g for g in figures["gemm"]}
        self.attentions = {
            (a["device"], a["backend"], a["phase"], a["dimension"], a["kv"]): a
            for a in figures["attention"]
        }
        self.allreduces = {(a["device"], a["gpus"]): a for a in figures["allreduce"]}

    def gemm(self, device: str, kind: str, m, n, k, backend: str = "trtllm") -> np.ndarray:
        """µs of `m × k` by `k × n`; operands in `kind`, the result in BF16."""
        found = self.gemms[device, backend, kind]
        m, n, k = (np.atleast_1d(np.asarray(x, dtype=float)) for x in (m, n, k))
        m, n, k = np.broadcast_arrays(m, n, k)
        physics = gemm.Physics(np.array(found["physics"]), gemm.OPERAND_BYTES[kind], found["sms"])
        at = gemm.coordinates(m, n, k, found["sms"])
        fix = surface.evaluate(gemm.TABLES, np.array(found["tables"]) * surface.STEP, at)
        return physics.microseconds(m, n, k) * np.exp(fix)

    def attention(self, device, phase, dimension, kv, batch, length, heads, kv_heads):
        """µs of attention: `length` queries each in prefill, `length` cached keys in decode."""
        found = self.attentions[device, "trtllm", phase, dimension, kv]
        values = [np.atleast_1d(np.asarray(x, float)) for x in (batch, length, heads, kv_heads)]
        shapes = attention.Shapes(
            *np.broadcast_arrays(*values), dimension, 1.0 if kv == "fp8" else 2.0
        )
        formula = attention.context if phase == "context" else attention.generation
        table = attention.CONTEXT if phase == "context" else attention.GENERATION
        base, at = formula(shapes)
        fix = surface.evaluate([table], np.array(found["tables"]) * surface.STEP, at)
        return base * np.exp(fix)

    def allreduce(self, device: str, gpus: int, size) -> np.ndarray:
        """µs to add `size` bytes of BF16 over `gpus`; beyond the table in proportion to bytes."""
        if gpus < 2:
            return np.zeros_like(np.atleast_1d(np.asarray(size, float)))
        value = np.array(self.allreduces[device, gpus]["tables"]) * surface.STEP
        logs = np.log2(np.atleast_1d(np.asarray(size, float)))
        return np.exp(np.interp(logs, np.arange(8, 31, 2), value)) * 2 ** np.maximum(logs - 30, 0)
