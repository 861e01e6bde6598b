#!/usr/bin/env python3
"""Compare the C library with ml_dtypes and NumPy on every operand, where sampling is not enough.

    pip install numpy ml_dtypes && python3 exhaustive.py        (some ten minutes on two cores)

- all 2^32 binary32 to bfloat16, binary16, E4M3 and E5M2 (the 8-bit formats without saturation);
- all codes of bfloat16, binary16, E4M3 and E5M2 to binary32;
- all 65,536 products of E4M3 (exact) and of E5M2 by a Matrix command.

NaNs are compared as NaNs: NumPy and ml_dtypes keep payloads and signs, the law has one NaN.
Exit status 0 if all agree; `--every N` takes only every Nth block of 2^24 operands.
"""
from __future__ import annotations

import argparse
import ctypes
import subprocess
import sys
import tempfile
from pathlib import Path

import ml_dtypes
import numpy as np

SOURCES = Path(__file__).resolve().parents[3] / "Sources" / "CApusNumerics"
FORMATS = {
    "bf16": (1, ml_dtypes.bfloat16, np.uint16, 0),
    "fp16": (2, np.float16, np.uint16, 0),
    "e4m3": (3, ml_dtypes.float8_e4m3fn, np.uint8, 5),
    "e5m2": (4, ml_dtypes.float8_e5m2, np.uint8, 5),
}
BLOCK = 1 << 24


class Run(ctypes.Structure):
    _fields_ = [
        ("base", ctypes.c_void_p), ("offset", ctypes.c_int64), ("stride", ctypes.c_int64),
        ("format", ctypes.c_int),
    ]


class Matmul(ctypes.Structure):
    _fields_ = (
        [(name, ctypes.c_void_p) for name in ("a", "b", "acc")]
        + [(name, ctypes.c_int) for name in (
            "a_format", "b_format", "passes", "scaling", "accumulate")]
        + [(name, ctypes.c_int64) for name in (
            "m0", "m1", "n0", "n1", "k0", "k1", "k2", "a_m0", "a_m1", "a_k0", "a_k1", "a_k2",
            "b_n0", "b_n1", "b_k0", "b_k1", "b_k2", "acc_row")]
        + [(name, ctypes.c_void_p) for name in ("a_scales", "b_scales", "b_minimums")]
        + [(name, ctypes.c_int64) for name in ("group", "a_scale_row", "b_scale_row")]
        + [("scale_format", ctypes.c_int)]
    )


def build(folder: str) -> ctypes.CDLL:
    library = f"{folder}/numerics.so"
    sources = [str(path) for path in SOURCES.glob("*.c")]
    subprocess.run(
        ["clang", "-O3", "-ffp-contract=off", "-shared", "-fPIC", f"-I{SOURCES}/include", *sources,
         "-lm", "-lpthread", "-o", library], check=True)
    return ctypes.CDLL(library)


def convert(
    library: ctypes.CDLL, source: np.ndarray, source_format: int, target: np.ndarray,
    target_format: int, rule: int,
) -> None:
    a = Run(source.ctypes.data, 0, source.itemsize, source_format)
    b = Run(target.ctypes.data, 0, target.itemsize, target_format)
    library.apus_convert(ctypes.byref(a), ctypes.byref(b), rule, ctypes.c_size_t(source.size))


def differences(ours: np.ndarray, theirs: np.ndarray, dtype: type) -> int:
    unequal = np.flatnonzero(ours != theirs.view(ours.dtype))
    are_nan = np.isnan(ours[unequal].view(dtype).astype(np.float32)) & np.isnan(
        theirs[unequal].astype(np.float32))
    return int(np.count_nonzero(~are_nan))


def check_narrowing(library: ctypes.CDLL, every: int) -> int:
    total = 0
    for name, (code, dtype, word, rule) in FORMATS.items():
        wrong = 0
        for start in range(0, 1 << 32, BLOCK * every):
            operands = np.arange(start, start + BLOCK, dtype=np.uint32).view(np.float32)
            ours = np.empty(BLOCK, word)
            convert(library, operands, 0, ours, code, rule)
            with np.errstate(all="ignore"):
                theirs = operands.astype(dtype)
            wrong += differences(ours, theirs, dtype)
        print(f"binary32 to {name}: {wrong} differ", flush=True)
        total += wrong
    return total


def check_widening(library: ctypes.CDLL) -> int:
    total = 0
    for name, (code, dtype, word, _) in FORMATS.items():
        codes = np.arange(np.iinfo(word).max + 1, dtype=word)
        ours = np.empty(codes.size, np.uint32)
        convert(library, codes, code, ours, 0, 0)
        wrong = differences(ours, codes.view(dtype).astype(np.float32), np.float32)
        print(f"{name} to binary32: {wrong} differ", flush=True)
        total += wrong
    return total


def check_products(library: ctypes.CDLL) -> int:
    codes = np.arange(256, dtype=np.uint8)
    total = 0
    for name, word in (("e4m3", np.int64), ("e5m2", np.uint32)):
        code, dtype, _, _ = FORMATS[name]
        acc = np.zeros((256, 256), word)
        args = Matmul(
            a=codes.ctypes.data, b=codes.ctypes.data, acc=acc.ctypes.data, a_format=code,
            b_format=code, m0=256, m1=1, n0=256, n1=1, k0=1, k1=1, k2=1, a_m0=1, b_n0=1,
            acc_row=256 * acc.itemsize)
        assert library.apus_matmul(ctypes.byref(args)) == 0
        with np.errstate(all="ignore"):
            values = codes.view(dtype).astype(np.float64)
            # Starting from +0 turns a product of −0 into +0.
            exact = np.outer(values, values) + 0.0
        if name == "e4m3":
            expected = np.where(np.isnan(exact), -(2.0**53), exact * 2.0**18).astype(np.int64)
            wrong = int(np.count_nonzero(acc != expected))
        else:
            wrong = differences(acc.ravel(), exact.astype(np.float32).ravel(), np.float32)
        print(f"products of {name}: {wrong} differ", flush=True)
        total += wrong
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1)
    every = parser.parse_args().every
    with tempfile.TemporaryDirectory() as folder:
        library = build(folder)
        total = check_products(library) + check_widening(library) + check_narrowing(library, every)
    print(f"numerics.exhaustive: {total}")
    sys.exit(total != 0)


if __name__ == "__main__":
    main()
