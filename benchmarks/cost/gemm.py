"""Matrix products on a GPU: a tile model with fitted rates, and tables for what it leaves over.

A kernel cuts the result into tiles and runs them in waves over the streaming multiprocessors; K may
be split. The time is the better of some tilings, joined with the time its bytes take from memory
(weights come from memory: the collector rotates them past the second-level cache), after a launch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

import surface
from surface import Table

#: Tile sizes (rows, columns) that Hopper's and Ampere's kernels use.
TILES = np.array(
    [
        (64, 64),
        (64, 128),
        (64, 256),
        (128, 64),
        (128, 128),
        (128, 256),
        (256, 64),
        (256, 128),
        (192, 128),
        (128, 192),
        (64, 192),
    ],
    dtype=float,
)
SPLITS = np.array([1.0, 2.0, 4.0, 8.0])
OPERAND_BYTES = {"bfloat16": 2.0, "fp8": 1.0, "fp8_block": 1.0}
#: Sharpness of the choice between tilings: large means the best one alone counts.
SHARPNESS = 20.0

ROWS = (1, 16, 17, 64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 8192, 32768)
COLUMNS = (128, 256, 512, 1024, 1536, 2048, 2560, 3072, 4096, 5120, 6144, 8192, 10240, 16384, 65536)
INNER = (128, 256, 512, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 65536)


def logs(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(float(x) for x in np.log2(values))


WAVES = tuple(float(x) for x in range(-5, 7))
FILL = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
TABLES = [
    Table(("m", "n"), (logs(ROWS), logs(COLUMNS))),
    Table(("m", "k"), (logs(ROWS), logs(INNER))),
    Table(("n", "k"), (logs(COLUMNS), logs(INNER))),
    Table(("waves128x256", "fill128x256"), (WAVES, FILL)),
    Table(("waves128x128", "fill128x128"), (WAVES, FILL)),
    Table(("waves256x128", "fill256x128"), (WAVES, FILL)),
]


@dataclass(frozen=True)
class Physics:
    """Fitted constants of the tile model; times in µs, rates per µs."""

    values: np.ndarray
    operand_bytes: float
    multiprocessors: float

    def microseconds(self, m: np.ndarray, n: np.ndarray, k: np.ndarray) -> np.ndarray:
        return formula(self.values, m, n, k, self.operand_bytes, self.multiprocessors)


def formula(log_values, m, n, k, operand_bytes, multiprocessors) -> np.ndarray:
    count = len(TILES)
    rate, overhead = np.exp(log_values[:count]), np.exp(log_values[count : 2 * count])
    launch, bandwidth, join, whole, reduce_fixed, reduce_rate = np.exp(log_values[2 * count :])
    join, whole = 1 + join, whole / (1 + whole)
    rows, columns = TILES[:, 0][None, :, None], TILES[:, 1][None, :, None]
    split = SPLITS[None, None, :]
    m3, n3, k3 = m[:, None, None], n[:, None, None], k[:, None, None]
    waves = np.ceil(m3 / rows) * np.ceil(n3 / columns) * split / multiprocessors
    rounds = whole * np.ceil(waves) + (1 - whole) * np.maximum(waves, 1)
    tile = overhead[None, :, None] + k3 / split * rows * columns * 2 / rate[None, :, None]
    added = np.where(split > 1, reduce_fixed + split * m3 * n3 * 4 / reduce_rate, 0)
    options = (rounds * tile + added).reshape(len(m), -1)
    best = options.min(axis=1)
    compute = best * np.sum((options / best[:, None]) ** -SHARPNESS, axis=1) ** (-1 / SHARPNESS)
    memory = ((n * k + m * k) * operand_bytes + m * n * 2) / bandwidth
    return launch + (compute**join + memory**join) ** (1 / join)


def coordinates(m: np.ndarray, n: np.ndarray, k: np.ndarray, sms: float) -> dict[str, np.ndarray]:
    at = {"m": np.log2(m), "n": np.log2(n), "k": np.log2(k)}
    for rows, columns in ((128, 256), (128, 128), (256, 128)):
        waves = np.ceil(m / rows) * np.ceil(n / columns) / sms
        at[f"waves{rows}x{columns}"] = np.log2(waves)
        at[f"fill{rows}x{columns}"] = np.log2(np.minimum(np.ceil(waves) / waves, 2))
    return at


def start(peak: float, operand_bytes: float, bandwidth: float) -> np.ndarray:
    """Where the search begins: `peak` operations and `bandwidth` bytes a µs and multiprocessor."""
    rate = np.log(peak * 2 / operand_bytes * np.sqrt(TILES.prod(axis=1) / (128 * 256)) ** 0.7)
    rest = np.log([3.0, bandwidth, 2.0, 1.0, 1.0, 3e6])
    return np.concatenate([rate, np.zeros(len(TILES)), rest])


def fit_physics(m, n, k, microseconds, operand_bytes, sms, peak, bandwidth, seed) -> Physics:
    sample = np.random.default_rng(seed).permutation(len(m))[:2500]
    m, n, k, measured = m[sample], n[sample], k[sample], np.log(microseconds[sample])
    begin = start(peak, operand_bytes, bandwidth)

    def error(values):
        # A weak pull to the start keeps tilings that nothing chooses from running away.
        fitted = np.log(formula(values, m, n, k, operand_bytes, sms)) - measured
        return np.concatenate([fitted, 0.05 * (values - begin)])

    found = least_squares(error, begin, loss="soft_l1", f_scale=0.03, max_nfev=25)
    return Physics(np.round(found.x, 4), operand_bytes, sms)
