"""How near two arrays of logits are: the figures that the bars of docs/claims.md are about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

COSINE, TOP1_PERCENT, ROUNDED_TOP1_PERCENT, PERPLEXITY_PERCENT = 0.9998, 98.5, 99.5, 1.0

Logits = npt.NDArray[np.float32]
Surprises = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Nearness:
    """Mean cosine similarity of the rows, and the share of rows with the same largest element."""

    cosine: float
    top1_percent: float


def nearness(actual: Logits, expected: Logits) -> Nearness:
    """Compare logits of [tokens, vocabulary]; anything not finite counts as wholly apart."""
    if actual.shape != expected.shape:
        raise ValueError(f"logits of {actual.shape} cannot be compared with {expected.shape}")
    if not np.isfinite(actual).all():
        return Nearness(0.0, 0.0)
    a, b = actual.astype(np.float64), expected.astype(np.float64)
    cosines = (a * b).sum(-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))
    return Nearness(float(cosines.mean()), float(100 * (a.argmax(-1) == b.argmax(-1)).mean()))


def surprise(logits: Logits, ids: list[int]) -> Surprises:
    """The negative log probability of each token but the first: [tokens - 1]."""
    rows = logits[: len(ids) - 1].astype(np.float64)
    largest = rows.max(-1, keepdims=True)
    sums = np.log(np.exp(rows - largest).sum(-1)) + largest[:, 0]
    return np.asarray(sums - rows[np.arange(len(rows)), ids[1:]])


def perplexity(surprises: list[Surprises]) -> float:
    """exp of the mean over the tokens of all windows."""
    return float(np.exp(np.concatenate(surprises).mean()))
