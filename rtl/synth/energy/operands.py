"""Random operands of the matrix array's cells, as they stand on the wires.

The layouts are those of apus_matrix_pkg's `operand_t`: four lanes of nine bits, four shifts of
four, an exponent of nine, the sign, and whether the number is zero, infinite, not a number.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable

LANES, LANE_BITS, SHIFT_BITS = 4, 9, 4
SHIFTS_AT, EXPONENT_AT, SIGN_AT, ZERO_AT = 13, 4, 3, 2
LANES_AT = SHIFTS_AT + LANES * SHIFT_BITS
OPERAND_BITS = LANES_AT + LANES * LANE_BITS
#: The largest E4M3 number.
E4M3_MAX = 448.0


def of_float(value: float, bits: int, is_b: bool) -> int:
    """A number rounded to so many significant bits, as apus_matrix_float_operand makes it."""
    if value == 0:
        return 1 << ZERO_AT
    mantissa, power = math.frexp(abs(value))
    whole = round(mantissa * (1 << bits))
    if whole == 1 << bits:
        whole, power = whole >> 1, power + 1
    significand = whole << (11 - bits)
    low, high = significand & 0xFF, significand >> 8
    lanes = (low, high, low, high) if is_b else (low, low, high, high)
    exponent = power - 1 + 127
    return packed(lanes) | exponent << EXPONENT_AT | int(value < 0) << SIGN_AT


def of_e4m3(elements: list[int]) -> int:
    """Four E4M3 bytes, as apus_matrix_exact_operand makes them."""
    lanes, shifts = [], 0
    for place, element in enumerate(elements):
        field = element >> 3 & 15
        significand = (field != 0) << 3 | element & 7
        lanes.append(-significand if element >> 7 else significand)
        shifts |= (max(field, 1) - 1) << (SHIFT_BITS * place)
    return packed(lanes) | shifts << SHIFTS_AT


def packed(lanes: Iterable[int]) -> int:
    """Lanes alone: an operand of four 8-bit integers, as apus_matrix_exact_operand makes it."""
    word = 0
    for place, lane in enumerate(lanes):
        word |= (lane % (1 << LANE_BITS)) << (LANE_BITS * place)
    return word << LANES_AT


def e4m3(value: float) -> int:
    """The E4M3 byte nearest to a value, ties to even."""
    magnitude = min(abs(value), E4M3_MAX)
    exponent = max(math.frexp(magnitude)[1] - 1, -6) if magnitude else -6
    count = round(magnitude * 2.0 ** (3 - exponent))
    if count == 16:
        count, exponent = 8, exponent + 1
    field = exponent + 7 if count >= 8 else 0
    return int(value < 0) << 7 | field << 3 | count % 8


def int8(value: float) -> int:
    return max(-127, min(127, round(value)))


class Normal:
    """Draws operands of normally distributed numbers, of which the largest of four deviations
    just fills the format: what layers' weights and activations, scaled, look like."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def bf16(self, is_b: bool) -> int:
        return of_float(self.random.gauss(0, 1), 8, is_b)

    def fp16(self, is_b: bool) -> int:
        return of_float(self.random.gauss(0, 1), 11, is_b)

    def bytes(self) -> list[int]:
        """Four 8-bit integers."""
        return [int8(self.random.gauss(0, 127 / 4)) for _ in range(LANES)]

    def int8(self) -> int:
        return packed(self.bytes())

    def e4m3(self) -> int:
        return of_e4m3([e4m3(self.random.gauss(0, E4M3_MAX / 4)) for _ in range(LANES)])
