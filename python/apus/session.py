"""A model opened for a chip."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from apus._library import (
    ERROR_BYTES,
    RANK_MAX,
    BadInputError,
    TensorStructure,
    UnsupportedError,
    check,
    library,
)

# ONNX's TensorProto.DataType, for the types that NumPy has. Types that NumPy lacks (bfloat16, the
# 8-bit and 4-bit floats) pass as their bits in the unsigned integer of the same width.
_TYPES: dict[int, np.dtype[Any]] = {
    1: np.dtype(np.float32),
    2: np.dtype(np.uint8),
    3: np.dtype(np.int8),
    4: np.dtype(np.uint16),
    5: np.dtype(np.int16),
    6: np.dtype(np.int32),
    7: np.dtype(np.int64),
    9: np.dtype(np.bool_),
    10: np.dtype(np.float16),
    11: np.dtype(np.float64),
    12: np.dtype(np.uint32),
    13: np.dtype(np.uint64),
    16: np.dtype(np.uint16),
    17: np.dtype(np.uint8),
    18: np.dtype(np.uint8),
    19: np.dtype(np.uint8),
    20: np.dtype(np.uint8),
    21: np.dtype(np.uint8),
    22: np.dtype(np.int8),
    23: np.dtype(np.uint8),
    24: np.dtype(np.uint8),
    25: np.dtype(np.uint8),
    26: np.dtype(np.int8),
}
_CODES: dict[np.dtype[Any], int] = {
    dtype: code for code, dtype in reversed(_TYPES.items()) if code < 16
}


@dataclass(frozen=True)
class Port:
    """An input of a model; an extent of -1 is open."""

    name: str
    element_type: int
    shape: tuple[int, ...]


class Session:
    """A model on the emulated chip.

        with Session("model.onnx", precision="highest") as session:
            answer = session.run({"x": array})["y"]
    """

    def __init__(
        self,
        path: str | Path,
        *,
        chip: str = "edge14",
        precision: str = "bf16",
        threads: int = 0,
        mode: str = "fast",
    ) -> None:
        options = {"chip": chip, "precision": precision, "threads": str(threads), "mode": mode}
        text = "\n".join(f"{key}={value}" for key, value in options.items())
        self._handle = ctypes.c_void_p()
        error = ctypes.create_string_buffer(ERROR_BYTES)
        check(
            library.apus_session_open(
                str(path).encode(), text.encode(), ctypes.byref(self._handle), error, ERROR_BYTES
            ),
            error,
        )

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Free the model and the outputs of its last run; closing again does nothing."""
        handle, self._handle = getattr(self, "_handle", None), ctypes.c_void_p()
        if handle:
            library.apus_session_close(handle)

    @property
    def inputs(self) -> list[Port]:
        """The model's inputs, in its order."""
        ports = []
        for index in range(library.apus_session_input_count(self._handle)):
            port = TensorStructure()
            library.apus_session_input(self._handle, index, ctypes.byref(port))
            ports.append(
                Port(port.name.decode(), port.element_type, tuple(port.shape[: port.rank]))
            )
        return ports

    def metadata(self, key: str) -> str | None:
        """The text that the model file carries under `key`, if any."""
        text = library.apus_session_metadata(self._handle, key.encode())
        return None if text is None else str(text.decode())

    def run(
        self,
        inputs: Mapping[str, npt.NDArray[Any]],
        element_types: Mapping[str, int] | None = None,
    ) -> dict[str, npt.NDArray[Any]]:
        """Run the model and return its outputs by name.

        `element_types` names the ONNX types of inputs that NumPy lacks; they are given as bits.
        """
        structures = (TensorStructure * max(len(inputs), 1))()
        alive = [
            _fill(structure, name, array, (element_types or {}).get(name))
            for structure, (name, array) in zip(structures, inputs.items(), strict=False)
        ]
        error = ctypes.create_string_buffer(ERROR_BYTES)
        status = library.apus_session_run(
            self._handle, structures, len(inputs), error, ERROR_BYTES
        )
        del alive
        check(status, error)
        return dict(self._output(i) for i in range(library.apus_session_output_count(self._handle)))

    def _output(self, index: int) -> tuple[str, npt.NDArray[Any]]:
        tensor = library.apus_session_output(self._handle, index).contents
        dtype = _TYPES.get(tensor.element_type)
        if dtype is None:
            raise UnsupportedError(f"output {index} has element type {tensor.element_type}")
        shape = tuple(tensor.shape[: tensor.rank])
        array = np.frombuffer(ctypes.string_at(tensor.data, tensor.byte_count), dtype)
        return tensor.name.decode(), array.reshape(shape)

    @property
    def report(self) -> dict[str, Any]:
        """What the last run did: placement of nodes, launches, commands, bytes, multiply-adds."""
        text = library.apus_session_report(self._handle)
        return dict(json.loads(text)) if text else {}


def _fill(
    structure: TensorStructure, name: str, array: npt.NDArray[Any], element_type: int | None
) -> object:
    """Describe `array` in `structure`; the returned objects must outlive the call."""
    dense = np.require(array, requirements="C")
    code = _CODES.get(dense.dtype) if element_type is None else element_type
    if code is None:
        raise BadInputError(f"input {name}: element type {dense.dtype} has no ONNX equivalent")
    if dense.ndim > RANK_MAX:
        raise BadInputError(f"input {name}: rank {dense.ndim} is over {RANK_MAX}")
    structure.name = name.encode()
    structure.element_type = code
    structure.rank = dense.ndim
    structure.shape[: dense.ndim] = list(dense.shape)
    structure.data = dense.ctypes.data
    structure.byte_count = dense.nbytes
    return dense
