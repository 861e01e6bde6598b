#!/usr/bin/env python3
"""Write golden vectors from implementations that are not ours.

    pip install numpy ml_dtypes softfloatpy && python3 produce.py

- arithmetic.txt: IEEE binary32 operations by Berkeley SoftFloat (softfloatpy).
- conversions.txt: conversions by SoftFloat (binary32, binary16, bfloat16, integers) and ml_dtypes
  (8 and 4 bits).
- values.txt: the value of every code of the small formats by ml_dtypes.

Every line is words of hexadecimal bits. NaN results stand as the canonical NaN of their format:
which NaN an operation gives is ours to say, that it gives one is not.
"""
from __future__ import annotations

import random
import struct
from pathlib import Path

import ml_dtypes
import numpy as np
import softfloatpy as sf

HERE = Path(__file__).resolve().parent
CANONICAL = {
    "fp32": 0x7FC00000, "bf16": 0x7FC0, "fp16": 0x7E00, "e4m3": 0x7F, "e5m2": 0x7E, "e8m0": 0xFF,
}
SMALL = {
    "e4m3": ml_dtypes.float8_e4m3fn,
    "e5m2": ml_dtypes.float8_e5m2,
    "e2m1": ml_dtypes.float4_e2m1fn,
    "e8m0": ml_dtypes.float8_e8m0fnu,
}
# The raw values of RoundingRule and SoftFloat's modes; the rules that wrap are ours alone.
MODES = {
    0: sf.RoundingMode.NEAR_EVEN,
    1: sf.RoundingMode.MIN_MAG,
    3: sf.RoundingMode.MIN,
    4: sf.RoundingMode.MAX,
}
SPECIAL = [
    0x00000000, 0x80000000, 0x3F800000, 0xBF800000, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7FA00000,
    0x00000001, 0x80000001, 0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x3F800001, 0x3EFFFFFF,
    0x43E00000, 0x43E80000, 0x43E80001, 0x47600000, 0x47680000, 0x477FE000, 0x477FF000, 0x4B000001,
    0x4F000000, 0xCF000000, 0x4EFFFFFF, 0x3A800000, 0x3A000000, 0x33000000, 0x33000001, 0x40C00000,
]


def f32(bits: int) -> sf.Float32:
    return sf.Float32.from_bytes(bits.to_bytes(4, "big"))


def bits_of(value) -> int:
    return int.from_bytes(value.to_bytes(), "big")


def canonical(bits: int, name: str) -> int:
    """The canonical NaN in place of any NaN of an IEEE format."""
    infinity = {"fp32": 0x7F800000, "bf16": 0x7F80, "fp16": 0x7C00}[name]
    sign = 0x80000000 if name == "fp32" else 0x8000
    return CANONICAL[name] if bits & (sign - 1) > infinity else bits


def word(generator: random.Random) -> int:
    """A binary32: special, arbitrary, near one, or with few bits set."""
    kind = generator.randrange(4)
    if kind == 0:
        return generator.choice(SPECIAL)
    if kind == 1:
        return generator.getrandbits(32)
    if kind == 2:
        return struct.unpack("I", struct.pack("f", generator.uniform(-8, 8)))[0]
    return (generator.getrandbits(9) << 23) | (generator.getrandbits(4) << generator.randrange(20))


def arithmetic(generator: random.Random) -> list[str]:
    lines = []
    for index in range(2400):
        a, b, c = (word(generator) for _ in range(3))
        if index % 3 == 0 and a & 0x7F800000 != 0x7F800000:
            # A sum that nearly cancels, where fused and not fused differ.
            c = bits_of(sf.f32_mul(f32(a), f32(b))) ^ 0x80000000
        x, y, z = f32(a), f32(b), f32(c)
        results = {
            "add": sf.f32_add(x, y), "sub": sf.f32_sub(x, y), "mul": sf.f32_mul(x, y),
            "div": sf.f32_div(x, y), "sqrt": sf.f32_sqrt(x), "fma": sf.f32_mul_add(x, y, z),
        }
        for name, mode in [("roundeven", 0), ("trunc", 1), ("floor", 3), ("ceil", 4)]:
            results[name] = sf.f32_round_to_int(x, MODES[mode], False)
        name = generator.choice(list(results))
        lines.append(f"{name} {a:x} {b:x} {c:x} {canonical(bits_of(results[name]), 'fp32'):x}")
    return lines


def integer_result(bits: int, rule: int) -> int:
    """SoftFloat's int32, with our results where its are invalid: 0 of NaN, and saturation."""
    value = struct.unpack("f", struct.pack("I", bits))[0]
    if value != value:
        return 0
    if abs(value) >= 2.0**31:
        return 0x7FFFFFFF if value > 0 else 0x80000000
    return bits_of(sf.f32_to_i32(f32(bits), MODES[rule], False))


def conversions(generator: random.Random) -> list[str]:
    lines = []
    for _ in range(900):
        a = word(generator)
        lines.append(f"fp32 bf16 0 {a:x} {canonical(bits_of(sf.f32_to_bf16(f32(a))), 'bf16'):x}")
        half_like = word(generator) if generator.random() < 0.3 else near_half(generator)
        for rule, mode in MODES.items():
            sf.set_rounding_mode(mode)
            half = canonical(bits_of(sf.f32_to_f16(f32(half_like))), "fp16")
            lines.append(f"fp32 fp16 {rule} {half_like:x} {half:x}")
            small = struct.unpack("I", struct.pack("f", generator.uniform(-9e3, 9e3)))[0]
            lines.append(f"fp32 int32 {rule} {small:x} {integer_result(small, rule):x}")
        sf.set_rounding_mode(sf.RoundingMode.NEAR_EVEN)
        integer = generator.getrandbits(32)
        converted = sf.i32_to_f32(sf.Int32.from_bytes(integer.to_bytes(4, "big")))
        lines.append(f"int32 fp32 0 {integer:x} {bits_of(converted):x}")
        lines.extend(small_conversions(generator))
    return lines


def near_half(generator: random.Random) -> int:
    """A binary32 in or about the range of binary16, often halfway between two of them."""
    bits = (generator.randrange(100, 145) << 23) | (generator.getrandbits(10) << 13)
    return bits | generator.choice([0, 0x1000, 0x1001, 0xFFF, generator.getrandbits(13)])


def small_conversions(generator: random.Random) -> list[str]:
    """Rule 5 of E4M3 and E5M2 is ml_dtypes' (no saturation); E2M1 saturates in both."""
    lines = []
    for name, dtype in SMALL.items():
        bits = (generator.randrange(100, 140) << 23) | (generator.getrandbits(5) << 18)
        bits |= generator.choice([0, 0, 1, generator.getrandbits(18)])
        if name != "e8m0":
            bits |= generator.getrandbits(1) << 31
        value = np.array([bits], np.uint32).view(np.float32)
        code = int(value.astype(dtype).view(np.uint8)[0])
        rule = 0 if name in ("e2m1", "e8m0") else 5
        back = np.array([code], np.uint8).view(dtype).astype(np.float32)[0]
        if name != "e2m1" and np.isnan(back):
            code = CANONICAL[name]
        lines.append(f"fp32 {name} {rule} {bits:x} {code:x}")
    return lines


def values() -> list[str]:
    lines = []
    for name, dtype in SMALL.items():
        for code in range(16 if name == "e2m1" else 256):
            value = np.array([code], np.uint8).view(dtype).astype(np.float32)
            bits = CANONICAL["fp32"] if np.isnan(value[0]) else int(value.view(np.uint32)[0])
            lines.append(f"{name} {code:x} {bits:x}")
    return lines


def main() -> None:
    generator = random.Random(20)
    for name, lines in [
        ("arithmetic", arithmetic(generator)),
        ("conversions", conversions(generator)),
        ("values", values()),
    ]:
        (HERE / f"{name}.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
