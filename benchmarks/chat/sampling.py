"""Test the chip's sampling against the exact distribution, by chi-squared.

    .venv-chat/bin/python benchmarks/chat/sampling.py [--count 100000]

`apus-dev sample-logits input.json output.json` samples one step `count` times, on the chip:

    input   {"logits": [V numbers], "parameters": {"temperature": 0.8, "topK": 40, "topP": 0.95,
             "minP": 0.05, "repetitionPenalty": 1.1, "history": [token, …]},
             "count": N, "seed": S}
    output  {"counts": [V integers that sum to N]}

A parameter that is left out does nothing; temperature 0 is greedy. `distribution` is the meaning:
the penalty on the tokens of the history, the temperature, then top-k, top-p and min-p, each on
what the one before left. Bins in which fewer than ten are expected are pooled. Prints
`chat.sampling_p`, the smallest p of all cases times their number (Bonferroni); a draw outside the
support makes it 0, and so does a greedy case that is not the largest logit, or a repeated seed
that gives other counts. Before that the test is tried on NumPy's draws: it must pass the exact
ones and find every wrong one of `WRONG`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

import ours

SEED = 20261124
EXPECTED_MIN = 10.0  # Cochran's rule asks for five; ten leaves the tail of p right, too
P_MIN, P_WRONG = 0.01, 1e-6

Reals = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Parameters:
    """What shapes the distribution; the defaults do nothing."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    history: tuple[int, ...] = ()

    def json(self) -> dict[str, Any]:
        """As the input file has it, without what does nothing."""
        names = {"top_k": "topK", "top_p": "topP", "min_p": "minP",
                 "repetition_penalty": "repetitionPenalty"}  # fmt: skip
        idle = Parameters()
        fields = {k: v for k, v in vars(self).items() if v != getattr(idle, k)}
        return {names.get(k, k): list(v) if k == "history" else v for k, v in fields.items()}


def softmax(logits: Reals) -> Reals:
    """Probabilities; those of -inf are zero."""
    raised = np.exp(logits - logits.max())
    return np.asarray(raised / raised.sum())


def distribution(logits: npt.NDArray[np.float32], parameters: Parameters) -> Reals:
    """The exact probabilities of the next token."""
    scores = logits.astype(np.float64)
    seen = np.unique(np.asarray(parameters.history, np.int64))
    penalty = parameters.repetition_penalty
    scores[seen] = np.where(scores[seen] > 0, scores[seen] / penalty, scores[seen] * penalty)
    if parameters.temperature == 0:
        return np.asarray(np.eye(len(scores))[scores.argmax()])
    scores /= parameters.temperature
    order = np.argsort(-scores, kind="stable")
    if parameters.top_k:
        scores[order[parameters.top_k :]] = -np.inf
    before = np.cumsum(softmax(scores)[order]) - softmax(scores)[order]
    scores[order[before >= parameters.top_p]] = -np.inf  # the one that crosses top-p stays
    chances = softmax(scores)
    chances[chances < parameters.min_p * chances.max()] = 0
    return np.asarray(chances / chances.sum())


def p_value(counts: Counts, chances: Reals) -> float:
    """The chance of counts at least so far from the expected ones."""
    if counts[chances == 0].any():
        return 0.0
    expected = chances * counts.sum()
    rare = expected < EXPECTED_MIN
    observed = np.append(counts[~rare], counts[rare].sum()).astype(np.float64)
    expected = np.append(expected[~rare], expected[rare].sum())
    if expected[-1] < EXPECTED_MIN:  # too few even together: they join the rarest other bin
        place = int(expected[:-1].argmin())
        observed[place] += observed[-1]
        expected[place] += expected[-1]
        observed, expected = observed[:-1], expected[:-1]
    if len(expected) == 1:
        return 1.0
    statistic = ((observed - expected) ** 2 / expected).sum()
    return float(chi2.sf(statistic, len(expected) - 1))


CASES = [
    Parameters(),
    Parameters(temperature=0.6),
    Parameters(temperature=1.4),
    Parameters(top_k=1),
    Parameters(top_k=40),
    Parameters(top_p=0.5),
    Parameters(top_p=0.95),
    Parameters(min_p=0.05),
    Parameters(repetition_penalty=1.3, history=tuple(range(0, 300, 3))),
    Parameters(temperature=0.8, top_k=50, top_p=0.9),
    Parameters(temperature=1.2, top_p=0.9, min_p=0.02),
    Parameters(0.7, 100, 0.92, 0.03, 1.15, (1, 5, 5, 9, 200, 411)),
    Parameters(temperature=0),
    Parameters(temperature=0, repetition_penalty=1.5, history=tuple(range(64))),
]
# Pairs of what is asked for and what a faulty sampler might do instead.
WRONG = [
    (Parameters(temperature=0.8), Parameters(temperature=0.82)),
    (Parameters(top_k=40), Parameters(top_k=41)),
    (Parameters(top_k=40), Parameters(top_k=39)),
    (Parameters(top_p=0.9), Parameters(top_p=0.91)),
    (Parameters(min_p=0.05), Parameters(min_p=0.06)),
    (Parameters(repetition_penalty=1.3, history=tuple(range(0, 90, 3))), Parameters()),
]


def case_logits(number: int) -> npt.NDArray[np.float32]:
    """Seeded logits like a language model's: a few tokens ahead of a broad field."""
    generator = np.random.default_rng([SEED, number])
    values = generator.standard_normal(512) + generator.exponential(0.7, 512)
    return values.astype(np.float32)


def try_the_test(count: int) -> None:
    """Stop unless exact draws pass and wrong ones are found."""
    generator = np.random.default_rng(SEED)
    logits = case_logits(0)
    for parameters in CASES:
        chances = distribution(logits, parameters)
        if p_value(generator.multinomial(count, chances), chances) < P_MIN / len(CASES):
            raise SystemExit(f"the test refuses exact draws of {parameters}")
    for asked, done in WRONG:
        if replace(asked, history=()) == replace(done, history=()):
            raise SystemExit(f"{asked} is not wrong")
        counts = generator.multinomial(count, distribution(logits, done))
        if p_value(counts, distribution(logits, asked)) > P_WRONG:
            raise SystemExit(f"the test does not tell {done} from {asked}: raise --count")


def sampled(
    logits: npt.NDArray[np.float32], parameters: Parameters, count: int, seed: int
) -> Counts:
    """What the chip samples."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "input.json", Path(folder) / "output.json"
        content = {"logits": logits.tolist(), "parameters": parameters.json(), "count": count,
                   "seed": seed}  # fmt: skip
        asked.write_text(json.dumps(content))
        ours.run("apus-dev", "sample-logits", str(asked), str(answered))
        counts = np.asarray(json.loads(answered.read_text())["counts"], np.int64)
    if counts.shape != logits.shape or counts.sum() != count or counts.min() < 0:
        raise ours.ToolFailed(f"sample-logits gave {counts.sum()} draws of {count}")
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only-try", action="store_true", help="try the test itself and stop")
    arguments = parser.parse_args()
    try_the_test(arguments.count)
    if arguments.only_try:
        print("the test passes exact draws and finds wrong ones")
        return 0
    smallest = 1.0
    for number, parameters in enumerate(CASES):
        logits, seed = case_logits(number), arguments.seed + number
        counts = sampled(logits, parameters, arguments.count, seed)
        p = p_value(counts, distribution(logits, parameters))
        print(f"{parameters.json()}: p {p:.4f}", flush=True)
        smallest = min(smallest, p)
        if number == 0:
            again = sampled(logits, parameters, arguments.count, seed)
            other = sampled(logits, parameters, arguments.count, seed + 1000)
            if (again != counts).any() or (other == counts).all():
                print("the seed does not decide the draws")
                smallest = 0.0
    corrected = min(1.0, smallest * len(CASES))
    print(f"chat.sampling_p: {corrected:.4f}")
    return 0 if corrected >= P_MIN else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ours.ToolFailed as error:
        sys.exit(str(error))
