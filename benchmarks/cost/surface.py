"""Tables over logarithmic axes: how fitted corrections are represented, fitted and written.

A correction is the logarithm of (measured / physical formula). It is a sum of tables, each over one
to three axes, multilinear between knots and constant beyond the outermost ones.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import spsolve

#: Tables are stored as whole multiples of this; two digits finer than any measurement here.
STEP = 1e-3


@dataclass(frozen=True)
class Table:
    """A table's axes: names of the coordinates and, for each, ascending knots."""

    names: tuple[str, ...]
    knots: tuple[tuple[float, ...], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(axis) for axis in self.knots)

    def design(self, at: dict[str, np.ndarray]) -> sparse.csr_matrix:
        """Rows of interpolation weights, one for each point."""
        places = [locate(at[name], axis) for name, axis in zip(self.names, self.knots)]
        count = len(places[0][0])
        rows, columns, values = [], [], []
        for corner in itertools.product((0, 1), repeat=len(places)):
            column = np.zeros(count, dtype=np.int64)
            weight = np.ones(count)
            for (index, part), upper, size in zip(places, corner, self.shape):
                column = column * size + index + upper
                weight = weight * (part if upper else 1 - part)
            rows.append(np.arange(count))
            columns.append(column)
            values.append(weight)
        joined = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return sparse.csr_matrix(joined, shape=(count, int(np.prod(self.shape))))

    def roughness(self) -> sparse.spmatrix:
        """Squared second differences along every axis: what keeps unmeasured knots in line."""
        size = int(np.prod(self.shape))
        total = sparse.csr_matrix((size, size))
        for axis, length in enumerate(self.shape):
            if length < 3:
                continue
            ones = np.ones(length)
            second = sparse.spdiags([ones, -2 * ones, ones], [0, 1, 2], length - 2, length)
            product = sparse.identity(1)
            for other, extent in enumerate(self.shape):
                product = sparse.kron(product, second if other == axis else sparse.identity(extent))
            total = total + product.T @ product
        return total


def locate(value: np.ndarray, knots: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The knot below each value and the way to the next one, 0 to 1."""
    axis = np.asarray(knots, dtype=float)
    value = np.clip(value, axis[0], axis[-1])
    index = np.clip(np.searchsorted(axis, value, side="right") - 1, 0, len(axis) - 2)
    return index, (value - axis[index]) / (axis[index + 1] - axis[index])


def design(tables: list[Table], at: dict[str, np.ndarray]) -> sparse.csr_matrix:
    return sparse.hstack([table.design(at) for table in tables]).tocsr()


def fit(
    tables: list[Table],
    at: dict[str, np.ndarray],
    target: np.ndarray,
    *,
    smoothness: float,
    ridge: float,
    passes: int = 8,
) -> np.ndarray:
    """Coefficients that minimise the sum of absolute errors, by reweighted least squares."""
    matrix = design(tables, at)
    penalty = sparse.block_diag([smoothness * table.roughness() for table in tables])
    penalty = penalty + ridge * sparse.identity(matrix.shape[1])
    weight = np.ones(len(target))
    for _ in range(passes):
        normal = (matrix.T @ sparse.diags(weight) @ matrix + penalty).tocsc()
        coefficients = spsolve(normal, matrix.T @ (weight * target))
        error = np.abs(target - matrix @ coefficients)
        weight = 0.03 / np.maximum(error, 0.01)
    return np.round(coefficients / STEP) * STEP


def evaluate(
    tables: list[Table], coefficients: np.ndarray, at: dict[str, np.ndarray]
) -> np.ndarray:
    return design(tables, at) @ coefficients


def held_out(keys: list[tuple], seed: int, share: float) -> np.ndarray:
    """Marks the points whose key was drawn: whole groups of shapes are held out together."""
    distinct = sorted(set(keys))
    order = np.random.default_rng(seed).permutation(len(distinct))
    drawn = {distinct[i] for i in order[: round(len(distinct) * share)]}
    return np.array([key in drawn for key in keys])


def mean_error(predicted: np.ndarray, measured: np.ndarray) -> float:
    """Mean absolute relative error."""
    return float(np.mean(np.abs(predicted / measured - 1)))
