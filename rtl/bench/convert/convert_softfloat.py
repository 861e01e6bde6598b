"""Conversions as Berkeley SoftFloat rounds them, as vectors for `convert_bench vectors -`.

    convert_softfloat.py COUNT SEED | convert_bench vectors -

Each line is `source destination rule bits result`. SoftFloat's NaNs become the one canonical NaN of
the project, and integers are compared where the value is in range: beyond it each has its own law.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable

import softfloatpy as sf

FP32, BF16, FP16, INT32, UINT16, FIXED54 = 0, 1, 2, 5, 13, 14
RULES = {
    0: sf.RoundingMode.NEAR_EVEN,
    1: sf.RoundingMode.MIN_MAG,
    3: sf.RoundingMode.MIN,
    4: sf.RoundingMode.MAX,
}
WIDTHS = {FP32: 32, BF16: 16, FP16: 16, INT32: 32, UINT16: 16, FIXED54: 54}


def read(kind: type, bits: int, width: int) -> object:
    """The SoftFloat number with these bits."""
    return kind.from_bytes(bits.to_bytes(width // 8, "big"))


def bits_of(number: object) -> int:
    """The bits of a SoftFloat number."""
    return int.from_bytes(number.to_bytes(), "big")


def canonical(bits: int, format: int) -> int:
    """The bits, or the canonical NaN if they are a NaN."""
    limit, nan = {FP32: (0x7F800000, 0x7FC00000), BF16: (0x7F80, 0x7FC0), FP16: (0x7C00, 0x7E00)}[
        format
    ]
    sign = 1 << (WIDTHS[format] - 1)
    return nan if bits & (sign - 1) > limit else bits


def to_int32(number: object, is_in_range: bool, rule: int) -> int | None:
    """SoftFloat's integer, or None where the value is beyond 32 bits."""
    return bits_of(number.to_i32(RULES[rule])) if is_in_range else None


def float32_in_range(bits: int) -> bool:
    """Whether the rounded value surely fits INT32: a magnitude below 2^31."""
    return bits & 0x7FFFFFFF < 0x4F000000


def from_float32(bits: int, destination: int, rule: int) -> int | None:
    number = read(sf.Float32, bits, 32)
    if destination == INT32:
        return to_int32(number, float32_in_range(bits), rule)
    if destination == BF16:
        # SoftFloat widens to a signalling or quiet NaN; the canonical one stands for both.
        return canonical(bits_of(sf.f32_to_bf16(number)), BF16)
    return canonical(bits_of(sf.f32_to_f16(number)), FP16)


def from_float16(bits: int, destination: int, rule: int) -> int | None:
    number = read(sf.Float16, bits, 16)
    if destination == INT32:
        return to_int32(number, bits & 0x7FFF < 0x7C00, rule)
    return canonical(bits_of(sf.f16_to_f32(number)), FP32)


def from_bfloat16(bits: int, destination: int, rule: int) -> int | None:
    wide = sf.bf16_to_f32(read(sf.BFloat16, bits, 16))
    if destination == FP32:
        return canonical(bits_of(wide), FP32)
    if destination == INT32:
        return to_int32(wide, float32_in_range(bits << 16), rule)
    return canonical(bits_of(sf.f32_to_f16(wide)), FP16)


def from_int32(bits: int, destination: int, rule: int) -> int | None:
    number = read(sf.Int32, bits, 32)
    return bits_of(sf.i32_to_f32(number) if destination == FP32 else sf.i32_to_f16(number))


def from_uint16(bits: int, destination: int, rule: int) -> int | None:
    number = read(sf.UInt32, bits, 32)
    return bits_of(sf.ui32_to_f32(number) if destination == FP32 else sf.ui32_to_f16(number))


def from_fixed54(bits: int, destination: int, rule: int) -> int | None:
    """A count of 2^-18: rounded as an integer, then scaled, which is exact."""
    if bits == 1 << 53:
        return 0x7FC00000
    count = bits - (1 << 54) if bits >> 53 else bits
    number = sf.Int64.from_bytes(count.to_bytes(8, "big", signed=True))
    rounded = sf.i64_to_f32(number)
    return bits_of(sf.f32_mul(rounded, read(sf.Float32, 0x36800000, 32)))


Converter = Callable[[int, int, int], "int | None"]
PAIRS: dict[int, tuple[Converter, tuple[int, ...]]] = {
    FP32: (from_float32, (BF16, FP16, INT32)),
    BF16: (from_bfloat16, (FP32, FP16, INT32)),
    FP16: (from_float16, (FP32, INT32)),
    INT32: (from_int32, (FP32, FP16)),
    UINT16: (from_uint16, (FP32, FP16)),
    FIXED54: (from_fixed54, (FP32,)),
}


def corners(width: int) -> list[int]:
    """Patterns beside every power of two, and their complements."""
    ones = (1 << width) - 1
    near = [(1 << place) + step for place in range(width + 1) for step in (-2, -1, 0, 1, 2)]
    near += [(1 << high) - (1 << low) for high in range(width + 1) for low in range(high)]
    return sorted({pattern & ones for pattern in near} | {~pattern & ones for pattern in near})


def pattern(source: random.Random, width: int) -> int:
    """Random bits; every other time few ones, or few zeros, in the low half."""
    bits = source.getrandbits(width)
    if source.getrandbits(1):
        half = width // 2
        low = source.choice((0, 1 << source.randrange(half), (1 << half) - 1))
        bits = bits >> half << half | low
    return bits


def emit(source: int, bits: int) -> int:
    """Writes the vectors of one pattern; returns how many."""
    convert, destinations = PAIRS[source]
    count = 0
    for rule, mode in RULES.items():
        sf.set_rounding_mode(mode)
        for destination in destinations:
            result = convert(bits, destination, rule)
            if result is None:
                continue
            is_negative = source == FIXED54 and bits >> 53
            word = bits | 0x3FF << 54 if is_negative else bits
            sys.stdout.write(f"{source} {destination} {rule} {word:x} {result:x}\n")
            count += 1
    return count


def main() -> None:
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    for source in PAIRS:
        for bits in corners(WIDTHS[source]):
            emit(source, bits)
    random_source, done = random.Random(seed), 0
    while done < count:
        for source in PAIRS:
            done += emit(source, pattern(random_source, WIDTHS[source]))


if __name__ == "__main__":
    main()
