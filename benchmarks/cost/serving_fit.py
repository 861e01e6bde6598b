"""Fits the serving model's scales and overheads, and says how far it is off.

    python benchmarks/cost/serving_fit.py --facts FOLDER --figures FILE [--seed 7] [--out FILE]

Half of the serving conditions is held out: a condition is one server (family of models, framework,
device, GPUs), one pair of lengths and one concurrency, with all its repetitions. With `--curves`
whole servers with their lengths are held out instead, all concurrencies together. Points of
disaggregated servers whose table does not say how many decode workers share the requests are left
out: the step's batch is unknown.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

import facts
import serving
import surface
from baseline import Baseline
from models import FAMILIES

BACKENDS = ("trtllm", "vllm", "sglang")
KINDS = 4


@dataclass(frozen=True)
class Layout:
    """Where each group of parameters lies in the vector that is fitted."""

    groups: int

    def sizes(self) -> list[tuple[str, int, float]]:
        """Name, count, and how strongly each is pulled to its start."""
        backends = len(BACKENDS)
        return [
            ("scale", backends * KINDS, 0.3),
            ("layer", backends, 0.1),
            ("step", backends, 0.1),
            ("interference", backends, 0.1),
            ("offset", self.groups, 0.1),
            ("concurrency", self.groups, 0.6),
            ("gpus", self.groups, 0.6),
            ("experts", self.groups, 0.5),
            ("h200", 1, 0.3),
        ]

    def split(self, values: np.ndarray) -> dict[str, np.ndarray]:
        parts, at = {}, 0
        for name, count, _ in self.sizes():
            parts[name] = values[at : at + count]
            at += count
        return parts

    def pull(self) -> np.ndarray:
        return np.concatenate([np.full(count, weight) for _, count, weight in self.sizes()])

    def start(self) -> np.ndarray:
        values = np.zeros(len(self.pull()))
        parts = self.split(values)
        parts["layer"][:] = np.log(20.0)
        parts["step"][:] = np.log(500.0)
        parts["interference"][:] = -0.3
        return values


class Fit:
    def __init__(self, points: list[serving.Point]):
        self.points = points
        self.decode = np.array([p.decode.row() for p in points])
        self.prefill = np.array([p.prefill.row() for p in points])
        self.measured = np.array([p.milliseconds for p in points]) * 1e3
        self.concurrency = np.array([p.concurrency for p in points])
        self.ratio = self.concurrency / np.array([p.outputs for p in points])
        self.split = np.array([p.disaggregated for p in points])
        self.backend = np.array([BACKENDS.index(p.backend) for p in points])
        self.names = sorted({(p.family, p.backend) for p in points})
        self.group = np.array([self.names.index((p.family, p.backend)) for p in points])
        self.gpus = np.log2([p.tp for p in points]) - 2
        self.ep = np.log2(np.maximum([p.ep for p in points], 1))
        self.h200 = np.array([float(p.system == "h200") for p in points])
        self.layout = Layout(len(self.names))

    def log_microseconds(self, values: np.ndarray) -> np.ndarray:
        part = self.layout.split(values)
        scale = np.exp(part["scale"]).reshape(len(BACKENDS), KINDS)[self.backend]
        layer = np.exp(part["layer"])[self.backend]

        def step(kernels: np.ndarray) -> np.ndarray:
            return (kernels[:, :KINDS] * scale).sum(axis=1) + kernels[:, KINDS] * layer

        share = np.where(self.split, 0, np.exp(part["interference"])[self.backend] * self.ratio)
        time = step(self.decode) + np.exp(part["step"])[self.backend] + share * step(self.prefill)
        factor = part["offset"][self.group]
        factor = factor + part["concurrency"][self.group] * (np.log2(self.concurrency) - 5)
        factor = factor + part["gpus"][self.group] * self.gpus
        factor = factor + part["experts"][self.group] * self.ep + part["h200"][0] * self.h200
        return np.log(time) + factor

    def run(self, train: np.ndarray) -> np.ndarray:
        start, pull = self.layout.start(), self.layout.pull()
        target = np.log(self.measured)

        def error(values: np.ndarray) -> np.ndarray:
            here = (self.log_microseconds(values) - target)[train]
            return np.concatenate([here, pull * (values - start)])

        found = least_squares(error, start, loss="cauchy", f_scale=0.1, max_nfev=25)
        return np.round(found.x, 4)

    def errors(self, values: np.ndarray) -> np.ndarray:
        return np.abs(np.exp(self.log_microseconds(values)) / self.measured - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fits the serving model to measured servers.")
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--figures", type=Path, required=True, help="what fit.py wrote")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--curves", action="store_true", help="hold out whole curves")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    base = Baseline(json.loads(arguments.figures.read_text()))
    rows = facts.read(arguments.facts, "serving_points_h100_h200.csv")
    every = serving.points(rows, base)
    fit = Fit([p for p in every if p.described])
    keys = [
        p.curve() if arguments.curves else (*p.curve(), p.concurrency, p.ep) for p in fit.points
    ]
    out = surface.held_out(keys, arguments.seed, 0.5)
    values = fit.run(~out)
    errors = fit.errors(values)
    report(fit, errors, out, len(every))
    if arguments.out:
        part = fit.layout.split(values)
        figures = {name: part[name].tolist() for name, _, _ in fit.layout.sizes()}
        figures["groups"] = ["/".join(name) for name in fit.names]
        figures["held_out_error"] = float(errors[out].mean())
        arguments.out.write_text(json.dumps(figures))


def report(fit: Fit, errors: np.ndarray, out: np.ndarray, total: int) -> None:
    for index, name in enumerate(fit.names):
        here = out & (fit.group == index)
        if here.any():
            print(f"{name[0]:20} {name[1]:7} {here.sum():4} held out: {errors[here].mean():6.1%}")
    print(f"{len(fit.points)} of {total} points say how many requests a worker has")
    print(f"train {errors[~out].mean():.1%}, held out median {np.median(errors[out]):.1%}")
    print(f"cost.serving: {errors[out].mean() * 100:.2f}")


if __name__ == "__main__":
    main()
