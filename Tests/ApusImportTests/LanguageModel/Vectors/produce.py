"""Write the golden vectors of stored weights with the formats' own packages.

    pip install gguf==0.19.0 numpy
    python Tests/ApusImportTests/LanguageModel/Vectors/produce.py

`blocks.gguf` holds a tensor of random blocks for every format; `blocks.f32` the values that the
`gguf` package reads from them, as binary32, one tensor after the other in the file's order.
`quantised.gguf` holds values as F32, and what the package makes of them in the formats that
`apus quantize` writes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, dequantize, quantize

FOLDER = Path(__file__).resolve().parent
ROWS, COLUMNS = 3, 256

# Where the binary16 scales and minimums of a block lie.
HALVES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}  # fmt: skip
BLOCKS = {
    "F32": (1, 4), "F16": (1, 2), "BF16": (1, 2), "Q4_0": (32, 18), "Q4_1": (32, 20),
    "Q5_0": (32, 22), "Q5_1": (32, 24), "Q8_0": (32, 34), "Q4_K": (256, 144), "Q5_K": (256, 176),
    "Q6_K": (256, 210), "MXFP4": (32, 17),
}  # fmt: skip


def stored(name: str, generator: np.random.Generator) -> np.ndarray:
    """Random bytes of one tensor, with every scale a finite number."""
    length, size = BLOCKS[name]
    count = ROWS * COLUMNS // length
    if name in ("F32", "F16", "BF16"):
        values = generator.normal(size=count).astype(np.float32)
        values[:4] = [0.0, -0.0, 6e-8, -65504.0]
        if name == "F32":
            return values.view(np.uint8).reshape(ROWS, -1)
        if name == "F16":
            return values.astype(np.float16).view(np.uint8).reshape(ROWS, -1)
        return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8).reshape(ROWS, -1)
    blocks = generator.integers(0, 256, size=(count, size), dtype=np.uint8)
    for place in HALVES.get(name, []):
        halves = generator.normal(scale=0.05, size=count).astype(np.float16)
        # Subnormal, largest, and negative zero.
        halves[:3] = np.array([3e-7, 65504.0, -0.0], dtype=np.float16)[: min(3, count)]
        blocks[:, place : place + 2] = halves.view(np.uint8).reshape(count, 2)
    if name == "MXFP4":
        blocks[:, 0] = generator.integers(100, 140, size=count)
        blocks[:3, 0] = [0, 1, 2]
    return blocks.reshape(ROWS, -1)


def write_quantised(generator: np.random.Generator) -> None:
    """Values of all sizes, zeros, ties, and blocks of one sign, in every written format."""
    values = generator.normal(size=(ROWS, COLUMNS)).astype(np.float32)
    values[0, :32] = 0
    values[0, 32:64] = np.arange(32) - 15.5
    values[0, 64:96] = np.abs(values[0, 64:96]) * 1e-3
    values[1, :32] *= 1e4
    values[1, 32:64] = 0.25
    values[1, 64:96] = np.arange(32) / 4 - 4
    values[2, 32:64] *= 1e-4
    writer = GGUFWriter(FOLDER / "quantised.gguf", "llama")
    writer.add_tensor("F32", values)
    for name in ("Q8_0", "Q4_1", "MXFP4"):
        kind = GGMLQuantizationType[name]
        writer.add_tensor(name, quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    generator = np.random.default_rng(2026)
    writer = GGUFWriter(FOLDER / "blocks.gguf", "llama")
    writer.add_string("test.text", "é")
    writer.add_array("test.numbers", [1, 2, 3])
    expected = []
    for name in BLOCKS:
        kind = GGMLQuantizationType[name]
        data = stored(name, generator)
        with np.errstate(all="ignore"):
            expected.append(dequantize(data.reshape(ROWS, -1), kind).astype("<f4").reshape(-1))
        shaped = {"F32": np.float32, "F16": np.float16}.get(name)
        if shaped is not None:
            writer.add_tensor(name, data.view(shaped).reshape(ROWS, COLUMNS))
        else:
            writer.add_tensor(name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    np.concatenate(expected).tofile(FOLDER / "blocks.f32")
    write_quantised(generator)


if __name__ == "__main__":
    main()
