"""Produce vectors.json, the golden vectors of the reference interpreter.

NumPy (with ml_dtypes for the formats it lacks) computes each case in float64 or
int64 and rounds once, which is what the interpreter promises. Run:

    python3 produce.py > vectors.json
"""

from __future__ import annotations

import base64
import json
import sys

import ml_dtypes
import numpy as np

TYPES = {
    "bool": np.bool_, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64,
    "u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64,
    "i4": ml_dtypes.int4, "u4": ml_dtypes.uint4, "i2": ml_dtypes.int2, "u2": ml_dtypes.uint2,
    "f16": np.float16, "bf16": ml_dtypes.bfloat16, "f32": np.float32, "f64": np.float64,
    "f4e2m1": ml_dtypes.float4_e2m1fn, "f8e4m3fn": ml_dtypes.float8_e4m3fn,
    "f8e4m3fnuz": ml_dtypes.float8_e4m3fnuz, "f8e5m2": ml_dtypes.float8_e5m2,
    "f8e5m2fnuz": ml_dtypes.float8_e5m2fnuz, "f8e8m0": ml_dtypes.float8_e8m0fnu,
}
NAMES = {np.dtype(dtype): name for name, dtype in TYPES.items()}
FLOATS = ["f16", "bf16", "f32", "f64"]
INTEGERS = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"]
random = np.random.default_rng(20_24)
cases: list[dict] = []


def tensor(array: np.ndarray) -> list:
    array = np.asarray(array)
    # Signed types of fewer than 8 bits are sign-extended in a byte; ml_dtypes leaves zeros there.
    stored = array.astype(np.int8) if NAMES[array.dtype] in ["i2", "i4"] else array
    data = base64.b64encode(np.ascontiguousarray(stored).tobytes()).decode()
    return [NAMES[array.dtype], list(array.shape), data]


def case(operation: list, inputs: list, outputs) -> None:
    outputs = outputs if isinstance(outputs, list) else [outputs]
    cases.append({
        "op": operation, "in": [tensor(x) for x in inputs], "out": [tensor(y) for y in outputs],
    })


def floats(name: str, *shape: int, scale: float = 3) -> np.ndarray:
    return (random.standard_normal(shape) * scale).astype(TYPES[name])


def integers(name: str, *shape: int) -> np.ndarray:
    information = np.iinfo(TYPES[name])
    return random.integers(information.min, information.max, shape, TYPES[name], endpoint=True)


def numbers(name: str, *shape: int) -> np.ndarray:
    return floats(name, *shape) if name in FLOATS else integers(name, *shape)


def wide(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64) if NAMES[array.dtype] in FLOATS else array


def rounded(array: np.ndarray, name: str) -> np.ndarray:
    return np.asarray(array).astype(TYPES[name])


SPECIAL = np.array([0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-3, 7.25, -80, 1e-40, 3e38,
                    np.inf, -np.inf, np.nan])


def erf(x: np.ndarray) -> np.ndarray:
    import math
    return np.vectorize(math.erf, otypes=[np.float64])(x)


def elementwise() -> None:
    functions = {
        "negate": np.negative, "absolute": np.abs, "sign": np.sign, "floor": np.floor,
        "ceil": np.ceil, "roundEven": np.rint, "truncate": np.trunc, "sqrt": np.sqrt,
        "rsqrt": lambda x: 1 / np.sqrt(x), "reciprocal": lambda x: 1 / x, "exp": np.exp,
        "log": np.log, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin,
        "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh,
        "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "erf": erf,
        "isNaN": np.isnan, "isInfinite": np.isinf,
    }
    for name, function in functions.items():
        for kind in ["f16", "f32"]:
            x = rounded(np.concatenate([SPECIAL, floats("f64", 6)]), kind)
            y = function(x.astype(np.float64))
            case(["unary", name], [x], y if y.dtype == np.bool_ else rounded(y, kind))
    for name in ["negate", "absolute", "sign"]:
        for kind in INTEGERS:
            x = np.concatenate([integers(kind, 5), np.array([0, 1], TYPES[kind])])
            if kind[0] == "i":
                x[0] = np.iinfo(TYPES[kind]).min
            case(["unary", name], [x], functions[name](x))
    for name in ["floor", "sqrt", "absolute", "reciprocal"]:
        x = floats("f64", 7)
        case(["unary", name], [x], functions[name](x))
    for kind in ["bool", "u8", "i32", "u64"]:
        x = np.array([True, False]) if kind == "bool" else integers(kind, 5)
        case(["unary", "not"], [x], ~x)


def divide(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """C division of integers; NumPy's floors."""
    quotient = [int(abs(int(a)) // abs(int(b))) * (-1 if (a < 0) != (b < 0) else 1)
                for a, b in zip(x.ravel(), y.ravel())]
    return np.array(quotient, dtype=object).astype(np.int64 if x.dtype.kind == "i" else np.uint64) \
        .astype(x.dtype).reshape(x.shape)


def binaries() -> None:
    functions = {
        "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
        "remainder": np.fmod, "modulo": np.mod, "power": np.power, "minimum": np.minimum,
        "maximum": np.maximum,
    }
    for name, function in functions.items():
        for kind in ["f16", "bf16", "f32"]:
            x, y = floats(kind, 3, 1, 4), floats(kind, 5, 1)
            if name == "power":
                x = np.abs(x)
            case(["binary", name], [x, y], rounded(function(wide(x), wide(y)), kind))
        x = rounded(np.repeat(SPECIAL, SPECIAL.size), "f32")
        y = rounded(np.tile(SPECIAL, SPECIAL.size), "f32")
        if name in ["minimum", "maximum"]:  # the sign of a zero is not NumPy's business
            keep = ~((x == 0) & (y == 0))
            x, y = x[keep], y[keep]
        if name == "modulo":  # NumPy gives NaN or y for infinite divisors, depending on version
            keep = np.isfinite(y) & (y != 0) & np.isfinite(x) & (x != 0) & (np.abs(y) > 1e-30)
            x, y = x[keep], y[keep]
        case(["binary", name], [x, y], rounded(function(wide(x), wide(y)), "f32"))
    for kind in INTEGERS:
        x, y = integers(kind, 2, 3), integers(kind, 3)
        y[y == 0] = 1
        for name in ["add", "subtract", "multiply", "modulo", "remainder", "minimum", "maximum"]:
            case(["binary", name], [x, y], functions[name](x, y))
        case(["binary", "divide"], [x, y], divide(x, np.broadcast_to(y, x.shape)))
        small = (np.abs(y.astype(np.float64)) % 7).astype(TYPES[kind])
        case(["binary", "power"], [x, small], np.power(x, small))
        case(["binary", "and"], [x, y], x & y)
        case(["binary", "or"], [x, y], x | y)
        case(["binary", "xor"], [x, y], x ^ y)
        case(["binary", "shiftLeft"], [x, small], x << small)
        case(["binary", "shiftRight"], [x, small], x >> small)
    flags = np.array([[False], [True]]), np.array([False, True])
    for name, function in {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor,
                           "minimum": np.minimum, "maximum": np.maximum}.items():
        case(["binary", name], list(flags), function(*flags))
    for name, shape in {"rank 0": ((), (2,)), "empty": ((0, 3), (3,)), "both": ((), ())}.items():
        x, y = floats("f32", *shape[0]), floats("f32", *shape[1])
        case(["binary", "add"], [x, y], rounded(wide(x) + wide(y), "f32"))


def comparisons() -> None:
    functions = {"equal": np.equal, "notEqual": np.not_equal, "less": np.less,
                 "lessOrEqual": np.less_equal, "greater": np.greater,
                 "greaterOrEqual": np.greater_equal}
    values = np.array([0.0, -0.0, 1, -2, np.inf, np.nan])
    for name, function in functions.items():
        for kind in FLOATS:
            x = values.astype(TYPES[kind])
            case(["compare", name], [x[:, None], x], function(x[:, None], x))
        for kind in ["i8", "i64", "u64"]:
            x = np.concatenate([integers(kind, 3), np.array([0, 1], TYPES[kind])])
            case(["compare", name], [x[:, None], x], function(x[:, None], x))
    for kind in ["f32", "i64", "bf16", "bool", "u8"]:
        a = numbers(kind, 3, 1) if kind != "bool" else np.array([[True], [False], [True]])
        b = numbers(kind, 1, 2) if kind != "bool" else np.array([[True, False]])
        flags = np.array([[True, False], [False, True], [True, True]])
        case(["select"], [flags, a, b], np.where(flags, a, b))
    for kind in ["f32", "i8", "u64"]:
        x = numbers(kind, 4, 3)
        low, high = np.sort(numbers(kind, 2))
        low, high = np.array(low, TYPES[kind]), np.full((4, 1), high, TYPES[kind])
        case(["clamp"], [x, low, high], np.clip(x, low, high))


def conversions() -> None:
    small = ["f4e2m1", "f8e4m3fn", "f8e4m3fnuz", "f8e5m2", "f8e5m2fnuz"]
    for kind in small:
        codes = np.arange(16 if kind == "f4e2m1" else 256, dtype=np.uint8).view(TYPES[kind])
        case(["convert", "f32", True, "nearestEven"], [codes], codes.astype(np.float32))
        largest = float(ml_dtypes.finfo(TYPES[kind]).max)
        x = np.concatenate([SPECIAL, floats("f64", 40), floats("f64", 20, scale=1e-2),
                            np.array([1, 1.02, 1.04, 1.07, 1.5, 3]) * largest]).astype(np.float32)
        case(["convert", kind, False, "nearestEven"], [x], x.astype(TYPES[kind]))
        clipped = np.clip(x, -largest, largest)
        case(["convert", kind, True, "nearestEven"], [x], clipped.astype(TYPES[kind]))
    codes = np.arange(256, dtype=np.uint8).view(TYPES["f8e8m0"])
    case(["convert", "f32", True, "nearestEven"], [codes], codes.astype(np.float32))
    for source in FLOATS:
        x = np.concatenate([SPECIAL, floats("f64", 40, scale=100)]).astype(TYPES[source])
        for target in FLOATS:
            if target != source:
                case(["convert", target, True, "nearestEven"], [x], x.astype(TYPES[target]))
        case(["convert", "bool", True, "nearestEven"], [x], x.astype(np.float32) != 0)
        finite = x[np.isfinite(x.astype(np.float64)) & (np.abs(x.astype(np.float64)) < 1000)]
        for target in ["i16", "i32", "i64"]:
            case(["convert", target, True, "nearestEven"], [finite],
                 np.trunc(finite.astype(np.float64)).astype(TYPES[target]))
    edge = np.array([np.nan, np.inf, -np.inf, 1e10, -1e10, 127.9, -128.9, 255.5])
    for target, bits, signed in [("i8", 8, True), ("u8", 8, False), ("i32", 32, True)]:
        least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        saturated = np.clip(np.trunc(np.nan_to_num(edge, nan=0)), least, most)
        case(["convert", target, True, "nearestEven"], [edge], saturated.astype(TYPES[target]))
    for source in INTEGERS:
        x = np.concatenate([integers(source, 12), np.array([0, 1, 7], TYPES[source])])
        for target in INTEGERS + ["f32", "f64", "f16"]:
            if target != source:
                case(["convert", target, True, "nearestEven"], [x], x.astype(TYPES[target]))
    x = integers("i8", 20)
    for target in ["i4", "u4", "i2", "u2"]:
        y = x.astype(TYPES[target])
        case(["convert", target, True, "nearestEven"], [x], y)
        case(["convert", "i8", True, "nearestEven"], [y], y.astype(np.int8))
    x = floats("f32", 3)
    case(["bitcast", "u32"], [x], x.view(np.uint32))


def movement() -> None:
    for kind in ["u8", "bf16", "f32", "i64"]:
        x = numbers(kind, 2, 3, 4)
        case(["reshape", [4, 6]], [x], x.reshape(4, 6))
        for permutation in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]]:
            case(["transpose", permutation], [x], x.transpose(permutation))
        case(["broadcast", [5, 2, 3, 4]], [x], np.broadcast_to(x, (5, 2, 3, 4)))
        row = x[:, :1]
        case(["broadcast", [2, 3, 4]], [row], np.broadcast_to(row, (2, 3, 4)))
        case(["slice", [1, 0, 3], [1, 2, 2], [1, 2, -3]], [x], x[1:, ::2, 3::-3])
        case(["slice", [0, 2, 0], [2, 3, 0], [1, -1, 1]], [x], x[:, ::-1, 0:0])
        case(["concatenate", 1], [x, x[:, :2], x[:, :0]], np.concatenate([x, x[:, :2]], 1))
        fill = x[0, 0, 0]
        padded = np.full((1, 8, 10), fill, x.dtype)
        padded[0, 2:7:2, 0:8:3] = x[1, :, 1:4]
        case(["pad", [-1, 2, -3], [0, 1, 3], [0, 1, 2]], [x, np.array(fill)], padded)
    for kind in ["i64", "f32", "u8", "bf16"]:
        case(["iota", kind, [2, 3, 2], 1], [],
             np.broadcast_to(np.arange(3)[:, None], (2, 3, 2)).astype(TYPES[kind]))
    scalar = floats("f32")
    case(["reshape", [1, 1]], [scalar], scalar.reshape(1, 1))
    case(["broadcast", [2, 2]], [scalar], np.broadcast_to(scalar, (2, 2)))
    case(["transpose", []], [scalar], scalar)


def indexed() -> None:
    for kind in ["f32", "i8", "i64"]:
        x = numbers(kind, 3, 4, 2)
        at = np.array([[0, -1], [2, 1]], np.int64)
        for axis in range(3):
            legal = at % x.shape[axis] if axis == 2 else at
            case(["gather", axis], [x, legal], np.take(x, legal, axis))
        case(["gather", 0], [x, np.array(1, np.int32)], x[1])
        places = np.array([[[0], [1], [-1]], [[3], [2], [2]], [[1], [1], [0]]], np.int32)
        pairs = np.array([[0, 1], [2, -3], [1, 1]], np.int64)
        case(["gatherND", 0], [x, pairs], x[tuple(pairs.T)])
        case(["gatherND", 1], [x, places[:, 0]], x[np.arange(3), places[:, 0, 0]])
        case(["gatherElements", 1], [x, places],
             np.take_along_axis(x[:, :, :1], places.astype(int), 1))
        for reduction, function in {"replace": None, "add": np.add, "multiply": np.multiply,
                                    "maximum": np.maximum, "minimum": np.minimum}.items():
            updates = numbers(kind, 3, 3, 1)
            result = x.copy()
            for index in np.ndindex(3, 3, 1):
                target = (index[0], places[index], index[2])
                value = updates[index]
                result[target] = value if function is None else function(result[target], value)
            case(["scatterElements", 1, reduction], [x, places, updates], result)
            updates = numbers(kind, 3, 2)
            result = x.copy()
            for pair, update in zip(pairs, updates):
                target = tuple(pair)
                result[target] = update if function is None else function(result[target], update)
            case(["scatterND", reduction], [x, pairs, updates], result)


def products() -> None:
    def dot(left, right, spec, batch, contracting, result, kind):
        product = np.einsum(spec, wide(left), wide(right), dtype=None)
        case(["dot", batch[0], batch[1], contracting[0], contracting[1], result],
             [left, right], rounded(product, result))

    for kind in FLOATS:
        dot(numbers(kind, 3, 5), numbers(kind, 5, 4), "mk,kn->mn", ([], []), ([1], [0]), kind, kind)
    dot(floats("bf16", 2, 9), floats("bf16", 9, 3), "mk,kn->mn", ([], []), ([1], [0]), "f32", "")
    dot(floats("f32", 2, 3, 5), floats("f32", 4, 5, 2), "bmk,nkb->bmn", ([0], [2]), ([2], [1]),
        "f32", "f32")
    dot(floats("f32", 2, 3, 4), floats("f32", 4, 2, 5), "akb,bac->kc".replace("k", "k"),
        ([], []), ([0, 2], [1, 0]), "f32", "f32")
    dot(floats("f32", 2, 0), floats("f32", 0, 3), "mk,kn->mn", ([], []), ([1], [0]), "f32", "f32")
    dot(integers("i32", 3, 4), integers("i32", 4, 2), "mk,kn->mn", ([], []), ([1], [0]), "i32", "")
    for left, right in [("i8", "i8"), ("u8", "i8"), ("u8", "u8")]:
        x, y = integers(left, 3, 7), integers(right, 7, 300)
        case(["dot", [], [], [1], [0], "i32"], [x, y], x.astype(np.int32) @ y.astype(np.int32))


def convolve(x, w, strides, low, high, dilations, kernel, groups):
    rank = len(strides)
    x, w = wide(x), wide(w)
    if x.dtype.kind != "f":
        x, w = x.astype(np.int64), w.astype(np.int64)
    shape = x.shape[:2] + tuple((n - 1) * d + 1 for n, d in zip(x.shape[2:], dilations))
    spread = np.zeros(shape, x.dtype)
    spread[(slice(None),) * 2 + tuple(slice(None, None, d) for d in dilations)] = x
    big = 20
    spread = np.pad(spread, [(0, 0), (0, 0)] + [(big, big)] * rank)
    out = [(n + lo + hi - (k - 1) * kd - 1) // s + 1 for n, lo, hi, k, kd, s in
           zip(shape[2:], low, high, w.shape[2:], kernel, strides)]
    result = np.zeros((x.shape[0], w.shape[0], *out), x.dtype)
    per = w.shape[0] // groups
    for place in np.ndindex(*out):
        start = [big + p * s - lo for p, s, lo in zip(place, strides, low)]
        window = tuple(slice(a, a + (k - 1) * kd + 1, kd)
                       for a, k, kd in zip(start, w.shape[2:], kernel))
        for group in range(groups):
            channels = slice(group * w.shape[1], (group + 1) * w.shape[1])
            patch = spread[(slice(None), channels) + window]
            filters = w[group * per:(group + 1) * per]
            value = np.tensordot(patch, filters, (range(1, rank + 2), range(1, rank + 2)))
            result[(slice(None), slice(group * per, (group + 1) * per)) + place] = value
    return result


def convolutions() -> None:
    def add(xs, ws, strides, low, high, dilations=None, kernel=None, groups=1, kind="f32"):
        x, w = numbers(kind, *xs), numbers(kind, *ws)
        dilations, kernel = dilations or [1] * len(strides), kernel or [1] * len(strides)
        result = "i32" if kind in ["i8", "u8"] else kind
        y = convolve(x, w, strides, low, high, dilations, kernel, groups)
        case(["convolution", strides, low, high, dilations, kernel, groups, result],
             [x, w], rounded(y, result))

    add((2, 3, 6, 5), (4, 3, 3, 3), [1, 1], [1, 1], [1, 1])
    add((1, 2, 7, 7), (3, 2, 3, 2), [2, 3], [0, 1], [2, 0])
    add((1, 4, 6, 6), (4, 1, 3, 3), [1, 1], [1, 1], [1, 1], groups=4)
    add((1, 4, 5, 5), (6, 2, 2, 2), [1, 2], [0, 0], [1, 1], groups=2)
    add((1, 2, 9, 9), (2, 2, 3, 3), [1, 1], [2, 2], [2, 2], kernel=[2, 3])
    add((1, 2, 3, 4), (3, 2, 3, 3), [1, 1], [2, 2], [3, 2], dilations=[2, 3])
    add((1, 1, 6, 6), (1, 1, 3, 3), [1, 1], [-1, 0], [0, -2])
    add((2, 3, 11), (4, 3, 4), [3], [2], [1])
    add((1, 2, 4, 5, 3), (2, 2, 2, 3, 2), [1, 2, 1], [0, 1, 1], [1, 1, 0])
    add((1, 3, 20, 20), (2, 3, 3, 3), [1, 1], [1, 1], [1, 1], kind="u8")
    add((1, 2, 5, 5), (2, 2, 2, 2), [1, 1], [0, 0], [0, 0], kind="f16")
    add((1, 2, 5, 5), (2, 2, 2, 2), [1, 1], [0, 0], [0, 0], kind="i32")


def folds() -> None:
    for kind in ["bf16", "f32", "i8", "i32", "u64"]:
        x = numbers(kind, 2, 3, 4)
        base = wide(x)
        for axes in [[1], [0, 2], [0, 1, 2], []]:
            for name, function in {"sum": np.sum, "product": np.prod, "maximum": np.max,
                                   "minimum": np.min,
                                   "sumOfSquares": lambda v, **k: np.sum(v * v, **k)}.items():
                keep = name in ["sum", "maximum"]
                extra = {"dtype": base.dtype} if function in [np.sum, np.prod] else {}
                if name == "sumOfSquares":
                    value = np.sum(base * base, axis=tuple(axes), keepdims=keep, dtype=base.dtype)
                else:
                    value = function(base, axis=tuple(axes), keepdims=keep, **extra)
                case(["reduce", name, axes, keep], [x], rounded(value, kind))
        for axis, largest in [(0, True), (2, False), (1, True)]:
            function = np.argmax if largest else np.argmin
            case(["argument", axis, largest, False, False], [x], function(x, axis))
        for axis in [0, 2]:
            for exclusive in [False, True]:
                for reverse in [False, True]:
                    name = "product" if kind == "i32" else "sum"
                    function = np.cumprod if kind == "i32" else np.cumsum
                    y = np.flip(base, axis) if reverse else base
                    z = function(y, axis, dtype=base.dtype)
                    if exclusive:
                        z = np.roll(z, 1, axis)
                        first = [slice(None)] * 3
                        first[axis] = slice(0, 1)
                        z[tuple(first)] = 1 if kind == "i32" else 0
                    z = np.flip(z, axis) if reverse else z
                    case(["scan", name, axis, exclusive, reverse], [x], rounded(z, kind))
        for axis, count, descending in [(1, 2, True), (2, 4, False), (1, 0, True)]:
            order = np.argsort(-x.astype(object) if descending else x.astype(object), axis,
                               kind="stable")
            order = np.take(order, range(count), axis).astype(np.int64)
            case(["sort", axis, count, descending], [x],
                 [np.take_along_axis(x, order, axis), order])
    ties = np.array([[3, 1, 3, 1, np.nan], [0, 0, 0, 0, 0]], np.float32)
    case(["argument", 1, True, True, True], [ties[:, :4]], np.array([[2], [3]]))
    case(["argument", 1, True, True, False], [ties], np.array([[4], [0]]))
    case(["sort", 1, 3, True], [ties],
         [np.array([[np.nan, 3, 3], [0, 0, 0]], np.float32), np.array([[4, 0, 2], [0, 1, 2]])])
    flags = np.array([[True, False], [True, True]])
    case(["reduce", "and", [1], False], [flags], flags.all(1))
    case(["reduce", "or", [0, 1], True], [flags], flags.any((0, 1), keepdims=True))
    empty = np.zeros((2, 0), np.float32)
    for name, value in {"sum": 0, "product": 1, "maximum": -np.inf, "minimum": np.inf}.items():
        case(["reduce", name, [1], False], [empty], np.full(2, value, np.float32))
    specials = np.array([[np.nan, 1], [np.inf, -np.inf]], np.float32)
    for name, value in {"sum": [np.nan, np.nan], "maximum": [np.nan, np.inf],
                        "minimum": [np.nan, -np.inf]}.items():
        case(["reduce", name, [1], False], [specials], np.array(value, np.float32))


def windows() -> None:
    for kind in ["f32", "bf16", "i8"]:
        x = numbers(kind, 2, 6, 5)
        extents, strides, low, high, dilations = [1, 3, 2], [1, 2, 1], [0, 1, 1], [0, 2, 0], [1, 2, 1]
        for name in ["sum", "maximum"]:
            least = -np.inf if kind != "i8" else -128
            fill = 0 if name == "sum" else least
            base = wide(x).astype(np.float64)
            padded = np.pad(base, list(zip(low, high)), constant_values=fill)
            out = [(padded.shape[a] - (extents[a] - 1) * dilations[a] - 1) // strides[a] + 1
                   for a in range(3)]
            y = np.zeros(out)
            for place in np.ndindex(*out):
                window = padded[tuple(
                    slice(p * s, p * s + (e - 1) * d + 1, d)
                    for p, s, e, d in zip(place, strides, extents, dilations))]
                y[place] = window.sum() if name == "sum" else window.max()
            y = y.astype(np.int64).astype(np.int8) if kind == "i8" else rounded(y, kind)
            case(["reduceWindow", name, extents, strides, low, high, dilations], [x], y)


def philox(counter: int, key: int) -> np.float32:
    c = [counter & 0xFFFFFFFF, counter >> 32, 0, 0]
    k = [key & 0xFFFFFFFF, key >> 32]
    for _ in range(10):
        first, second = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [second >> 32 ^ c[1] ^ k[0], second & 0xFFFFFFFF,
             first >> 32 ^ c[3] ^ k[1], first & 0xFFFFFFFF]
        k = [k[0] + 0x9E3779B9 & 0xFFFFFFFF, k[1] + 0xBB67AE85 & 0xFFFFFFFF]
    return np.float32((c[0] >> 8) * 2.0**-24)


def randoms() -> None:
    seed = 0x0123_4567_89AB_CDEF
    values = np.array([philox(i, seed) for i in range(6)], np.float32).reshape(2, 3)
    case(["random", [2, 3], seed], [], values)


np.seterr(all="ignore")
for produce in [elementwise, binaries, comparisons, conversions, movement, indexed, products,
                convolutions, folds, windows, randoms]:
    produce()
sys.stdout.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
