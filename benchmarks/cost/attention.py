"""Attention kernels on a GPU: a formula for each phase, and one table for what it leaves over.

Prefill (context) works on batch × heads independent sequences of queries; decode (generation) on
batch × key-value heads streams of cached keys and values. Both depend on the length and on how
many query heads share a key-value head, so the table has these three axes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surface import Table

CONTEXT = Table(
    ("length", "streams", "sharing"),
    (
        (0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14),
        (0, 2, 4, 5, 6, 7, 8, 9, 10, 12, 14),
        (0, 1, 2, 3, 4, 5, 6.6),
    ),
)
GENERATION = Table(
    ("length", "streams", "sharing"),
    (
        (1, 4, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17),
        (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16),
        (0, 1, 2, 3, 4, 5, 6),
    ),
)

#: Where the formulas begin; the table moves from there. Operations and bytes a µs, µs of a launch.
#: 550 and 3.0 are near what the largest kernels of an H100 reach; they are not fitted.
OPERATIONS, CONTEXT_BYTES, GENERATION_BYTES = 550e6, 2.5e6, 3.0e6
CONTEXT_LAUNCH, GENERATION_LAUNCH, TILE_OPERATIONS = 5.0, 9.0, 5e6


@dataclass(frozen=True)
class Shapes:
    batch: np.ndarray
    length: np.ndarray
    heads: np.ndarray
    kv_heads: np.ndarray
    dimension: float
    kv_bytes: float

    def keys(self) -> list[tuple]:
        """What is held out together: all lengths of a batch and a set of heads."""
        return list(zip(self.batch, self.heads, self.kv_heads))


def context(s: Shapes) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """µs by the formula, and the table's coordinates: causal attention over `length` queries."""
    operations = 4 * s.batch * s.heads * s.dimension * s.length * (s.length + 1) / 2
    moved = s.batch * s.length * s.dimension * (4 * s.heads + 2 * s.kv_heads * s.kv_bytes)
    tile = 4 * 128 * s.dimension * s.length / TILE_OPERATIONS
    time = CONTEXT_LAUNCH + operations / OPERATIONS + moved / CONTEXT_BYTES + tile
    at = {"length": np.log2(s.length), "streams": np.log2(s.batch * s.heads)}
    return time, at | {"sharing": np.log2(s.heads / s.kv_heads)}


def generation(s: Shapes) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """µs by the formula, and the table's coordinates: one query against `length` cached keys."""
    moved = 2 * s.batch * s.kv_heads * s.length * s.dimension * s.kv_bytes
    at = {"length": np.log2(s.length), "streams": np.log2(s.batch * s.kv_heads)}
    at["sharing"] = np.log2(s.heads / s.kv_heads)
    return GENERATION_LAUNCH + moved / GENERATION_BYTES, at
