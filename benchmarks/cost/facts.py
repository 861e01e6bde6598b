"""Readers of the measured tables. The tables are not part of the project: their folder is given."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np

#: The kernel tables that are shipped as fitted figures: device, then the collector's backend.
GEMM = {
    ("h100", "trtllm"): "h100_sxm__gemm__trtllm__1.3.0rc20__gemm_perf.csv.gz",
    ("h200", "trtllm"): "h200_sxm__gemm__trtllm__1.3.0rc20__gemm_perf.csv.gz",
    ("h100", "vllm"): "h100_sxm__gemm__vllm__0.24.0__gemm_perf.csv.gz",
    ("h200", "vllm"): "h200_sxm__gemm__vllm__0.22.0__gemm_perf.csv.gz",
    ("a100", "trtllm"): "a100_sxm__gemm__trtllm__1.0.0__gemm_perf.csv.gz",
}
ATTENTION = {
    ("h100", "trtllm"): "h100_sxm__attention__trtllm__1.3.0rc20__{}_attention_perf.csv.gz",
    ("h200", "trtllm"): "h200_sxm__attention__trtllm__1.3.0rc20__{}_attention_perf.csv.gz",
    ("h200", "vllm"): "h200_sxm__attention__vllm__0.22.0__{}_attention_perf.csv.gz",
    ("a100", "trtllm"): "a100_sxm__attention__trtllm__1.0.0__{}_attention_perf.csv.gz",
}
ALLREDUCE = {
    "h100": "h100_sxm__comm__trtllm__1.3.0rc20__custom_allreduce_perf.csv.gz",
    "h200": "h200_sxm__comm__trtllm__1.3.0rc20__custom_allreduce_perf.csv.gz",
    "a100": "a100_sxm__comm__trtllm__1.0.0__custom_allreduce_perf.csv.gz",
}


def read(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a table, compressed or not."""
    path = folder / name
    if not path.exists():
        raise SystemExit(f"fit: no file {path}; --facts wants the folder of the measured tables")
    if name.endswith(".gz"):
        with gzip.open(path, "rt") as file:
            return list(csv.DictReader(file))
    with open(path) as file:
        return list(csv.DictReader(file))


def column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in rows])
