#!/usr/bin/env python3
"""Derive the constants of the vector functions and write them for Swift and for C.

    pip install mpmath && python3 derive_constants.py

A polynomial is the weighted least-squares fit on Chebyshev points in 90-digit arithmetic, which is
within a fraction of a bit of the minimax polynomial. Its coefficients are rounded to binary32 one
after the other, lowest degree first, and the rest is fitted again after each, so that later ones
absorb the error. The weight is one over the function's own value: what is made small is the relative
error of the result.
"""
from __future__ import annotations

import struct
from pathlib import Path
from typing import Callable

import mpmath as mp

mp.mp.dps = 90
HERE = Path(__file__).resolve().parent
SWIFT = HERE / "FunctionConstants.swift"
HEADER = HERE.parent.parent / "CApusNumerics" / "function_constants.h"


def binary32(value: mp.mpf) -> float:
    """Round to the nearest binary32, ties to even (values here are normal)."""
    mantissa, exponent = mp.frexp(value)
    scaled = mp.nint(mantissa * 2**24)
    return float(mp.ldexp(scaled, int(exponent) - 24))


def hexadecimal(value: float) -> str:
    """A hexadecimal literal that C and Swift both read."""
    assert struct.unpack("f", struct.pack("f", value))[0] == value
    sign = "-" if value < 0 else ""
    mantissa, exponent = abs(value).hex()[2:].split("p")
    whole, _, fraction = mantissa.partition(".")
    return f"{sign}0x{whole}.{fraction.rstrip('0') or '0'}p{int(exponent)}"


def solve(target, weight, points, degrees) -> list[mp.mpf]:
    """Weighted least squares for the given degrees."""
    rows = mp.matrix(len(points), len(degrees))
    right = mp.matrix(len(points), 1)
    for i, point in enumerate(points):
        factor = weight(point)
        for j, degree in enumerate(degrees):
            rows[i, j] = factor * point**degree
        right[i] = factor * target(point)
    return list(mp.lu_solve(rows.T * rows, rows.T * right))


def fit(target: Callable, weight: Callable, low, high, count: int) -> list[float]:
    """Coefficients, lowest degree first, of a polynomial of `count` terms on [low, high]."""
    low, high = mp.mpf(low), mp.mpf(high)
    points = [
        (low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / 128) for i in range(64)
    ]
    fixed: list[float] = []
    for start in range(count):
        residual = lambda x: target(x) - sum(c * x**i for i, c in enumerate(fixed))
        fixed.append(binary32(solve(residual, weight, points, range(start, count))[0]))
    return fixed


def parts(value: mp.mpf, count: int) -> list[float]:
    """`value` as an unevaluated sum of binary32 numbers, each the nearest to what is left."""
    result = []
    for _ in range(count):
        result.append(binary32(value))
        value -= mp.mpf(result[-1])
    return result


def odd(function: Callable) -> tuple[Callable, Callable]:
    """f(x) = x + x³·P(x²): target and weight of P as functions of z = x²."""

    def target(z):
        x = mp.sqrt(z)
        return (function(x) - x) / x**3

    return target, lambda z: mp.sqrt(z) ** 3 / function(mp.sqrt(z))


def tables() -> dict[str, tuple[str, list[float]]]:
    ln2, tiny = mp.log(2), mp.mpf(10) ** -6
    table: dict[str, tuple[str, list[float]]] = {}

    def add(name: str, meaning: str, values: list[float]) -> None:
        table[name] = (meaning, values)

    def add_fit(name, meaning, target, weight, low, high, count) -> None:
        add(name, meaning, fit(target, weight, low, high, count))

    add("log2e", "1/ln 2, in two parts", parts(1 / ln2, 2))
    add("ln2", "ln 2: 16 bits of it, so that the product with an exponent is exact, and the rest",
        [float(mp.floor(ln2 * 2**16) / 2**16), binary32(ln2 - mp.floor(ln2 * 2**16) / 2**16)])
    add("halfPi", "pi/2 in three parts", parts(mp.pi / 2, 3))
    add("twoOverPi", "2/pi", parts(2 / mp.pi, 1))
    add_fit("exp", "e^r = 1 + r + r²·P(r), |r| <= ln 2 / 2",
            lambda r: (mp.exp(r) - 1 - r) / r**2, lambda r: r**2 / mp.exp(r),
            -ln2 * mp.mpf("0.5005"), ln2 * mp.mpf("0.5005"), 6)
    add_fit("exp2", "2^r = 1 + r·P(r), |r| <= 1/2",
            lambda r: (mp.mpf(2) ** r - 1) / r, lambda r: r / mp.mpf(2) ** r, -0.5, 0.5, 7)
    add_fit("log", "ln(1 + f) = f − f²/2 + f³·P(f), sqrt(1/2) <= 1 + f < sqrt(2)",
            lambda f: (mp.log(1 + f) - f + f**2 / 2) / f**3, lambda f: f**3 / mp.log(1 + f),
            mp.sqrt(mp.mpf(1) / 2) - 1, mp.sqrt(2) - 1, 9)
    quarter = mp.mpf("0.64")
    add_fit("sin", "sin r = r + r³·P(r²), |r| <= 0.8", *odd(mp.sin), tiny, quarter, 4)
    add_fit("cos", "cos r = 1 − r²/2 + r⁴·P(r²), |r| <= 0.8",
            lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2,
            lambda z: z**2 / mp.cos(mp.sqrt(z)), tiny, quarter, 3)
    add_fit("asin", "asin x = x + x³·P(x²), |x| <= 1/2", *odd(mp.asin), tiny, 0.25, 6)
    add_fit("atan", "atan x = x + x³·P(x²), |x| <= 1", *odd(mp.atan), tiny, 1, 11)
    add_fit("sinh", "sinh x = x + x³·P(x²), |x| <= 1", *odd(mp.sinh), tiny, 1, 4)
    add_fit("tanh", "tanh x = x + x³·P(x²), |x| <= 5/8", *odd(mp.tanh), tiny, mp.mpf(25) / 64, 6)
    add_fit("asinh", "asinh x = x + x³·P(x²), |x| <= 1/2", *odd(mp.asinh), tiny, 0.25, 6)
    add_fit("atanh", "atanh x = x + x³·P(x²), |x| <= 1/2", *odd(mp.atanh), tiny, 0.25, 8)
    small = mp.mpf("0.9375")
    add_fit("erf", "erf x = x + x·P(x²), |x| <= 15/16",
            lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1,
            lambda z: mp.sqrt(z) / mp.erf(mp.sqrt(z)), tiny, small**2, 7)
    add_fit("erfc", "−ln(erfc t) = P(t), 15/16 <= t <= 4",
            lambda t: -mp.log(mp.erfc(t)), lambda t: mp.erfc(t) / mp.erf(t), small, 4, 9)
    atanh2 = lambda z: 2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) / ln2
    c1, c3 = 2 / ln2, 2 / (3 * ln2)
    limit = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.001")
    add("pow1", "2/ln 2, in two parts", parts(c1, 2))
    add("pow3", "2/(3 ln 2), in two parts", parts(c3, 2))
    add_fit("pow", "log2((1 + s)/(1 − s)) = s·(2/ln 2 + s²·(2/(3 ln 2) + s²·P(s²)))",
            lambda z: (atanh2(z) - c1 - c3 * z) / z**2, lambda z: z**2 / atanh2(z),
            tiny, limit, 4)
    return table


def words_of_two_over_pi() -> list[int]:
    """The first 224 bits of 2/pi after the binary point, in words of 32, most significant first."""
    bits = int(mp.floor(2 / mp.pi * mp.mpf(2) ** 224))
    return [bits >> (32 * (6 - i)) & 0xFFFF_FFFF for i in range(7)]


def main() -> None:
    table, words = tables(), words_of_two_over_pi()
    swift = [
        "// Generated by derive_constants.py beside this file; do not edit.",
        "",
        "/// The constants of the vector functions, lowest degree first.",
        "package enum FunctionConstants {",
    ]
    header = [
        "// Generated by Sources/ApusNumerics/Constants/derive_constants.py; do not edit.",
        "// The constants of the vector functions, lowest degree first.",
        "#pragma once",
        "#include <stdint.h>",
        "",
    ]
    for name, (meaning, values) in table.items():
        swift.append(f"    /// {meaning}.")
        swift.append(f"    package static let {name}: [Float] = [")
        header.append(f"/// {meaning}.")
        header.append(f"static const float k_{name}[{len(values)}] = {{")
        for value in values:
            # The formatter wants no comma after a single element.
            swift.append(f"        {hexadecimal(value)}" + ("," if len(values) > 1 else ""))
            header.append(f"    {hexadecimal(value)}f,")
        swift.append("    ]")
        header.append("};")
    swift.append("    /// Bits of 2/pi after the binary point, most significant first.")
    swift.append("    package static let twoOverPiWords: [UInt32] = [")
    header.append("/// Bits of 2/pi after the binary point, most significant first.")
    header.append(f"static const uint32_t k_two_over_pi_words[{len(words)}] = {{")
    for word in words:
        swift.append(f"        0x{word:08X},")
        header.append(f"    0x{word:08X},")
    swift += ["    ]", "}", ""]
    header += ["};", ""]
    SWIFT.write_text("\n".join(swift))
    HEADER.write_text("\n".join(header))


if __name__ == "__main__":
    main()
