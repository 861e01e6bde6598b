"""The ONNX backend interface on Apus, for onnx.backend.test and for tools that speak it.

    import apus.onnx_backend as backend
    outputs = backend.prepare(onnx.load("model.onnx")).run([array])
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx.backend.base import Backend, BackendRep

from apus._library import UnsupportedError
from apus.session import Session

# Signed integers of less than a byte are passed sign-extended, all other types that NumPy lacks as
# their bits.
_NARROW_SIGNED = {onnx.TensorProto.INT4, onnx.TensorProto.INT2}


def element_type(kind: onnx.TypeProto) -> int:
    """The element type of a tensor, or of the tensors inside a sequence or optional."""
    which = kind.WhichOneof("value")
    if which == "tensor_type":
        return int(kind.tensor_type.elem_type)
    if which == "sequence_type":
        return element_type(kind.sequence_type.elem_type)
    if which == "optional_type":
        return element_type(kind.optional_type.elem_type)
    raise UnsupportedError(f"values of kind {which} do not pass the C interface")


def to_bits(array: np.ndarray[Any, Any], code: int) -> np.ndarray[Any, Any]:
    """An array in a type that the C interface takes."""
    if array.dtype.kind in "OUS":
        raise UnsupportedError("text does not pass the C interface")
    if array.dtype.isbuiltin == 1:
        return array
    if code in _NARROW_SIGNED:
        return array.astype(np.int8)
    bits = np.uint16 if array.dtype.itemsize == 2 else np.uint8
    return np.array(array, order="C").view(bits)


def from_bits(array: np.ndarray[Any, Any], code: int) -> np.ndarray[Any, Any]:
    """The inverse of `to_bits`."""
    dtype = onnx.helper.tensor_dtype_to_np_dtype(code)
    if array.dtype == dtype or dtype.isbuiltin == 1:
        return array
    if dtype.itemsize == array.dtype.itemsize and code not in _NARROW_SIGNED:
        return array.view(dtype)
    return array.astype(dtype)


class ApusRepresentation(BackendRep):
    """A model opened in a session."""

    def __init__(self, model: onnx.ModelProto, **options: Any) -> None:
        """Open a model; `options` are those of `apus.Session`."""
        self._folder = tempfile.TemporaryDirectory(prefix="apus-")
        path = Path(self._folder.name) / "model.onnx"
        path.write_bytes(model.SerializeToString())
        self.session = Session(path, **options)
        stored = {tensor.name for tensor in model.graph.initializer}
        self._inputs = [item for item in model.graph.input if item.name not in stored]
        self._outputs = list(model.graph.output)

    def run(self, inputs: Any, **_: Any) -> tuple[Any, ...]:
        """Run on inputs in the model's order, or by name."""
        if not isinstance(inputs, dict):
            inputs = {item.name: value for item, value in zip(self._inputs, inputs, strict=False)}
        tensors: dict[str, np.ndarray[Any, Any]] = {}
        codes: dict[str, int] = {}
        for item in self._inputs:
            self._flatten(item.name, inputs.get(item.name), element_type(item.type), tensors, codes)
        results = self.session.run(tensors, codes)
        return tuple(self._assemble(item.name, item.type, results) for item in self._outputs)

    def _flatten(
        self,
        name: str,
        value: Any,
        code: int,
        tensors: dict[str, np.ndarray[Any, Any]],
        codes: dict[str, int],
    ) -> None:
        if value is None:
            return
        if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
            for index, entry in enumerate(value):
                self._flatten(f"{name}[{index}]", entry, code, tensors, codes)
            return
        tensors[name] = to_bits(np.asarray(value), code)
        codes[name] = code

    def _assemble(
        self, name: str, kind: onnx.TypeProto, results: dict[str, np.ndarray[Any, Any]]
    ) -> Any:
        which = kind.WhichOneof("value")
        if which == "optional_type":
            inner = kind.optional_type.elem_type
            is_given = any(key == name or key.startswith(name + "[") for key in results)
            return self._assemble(name, inner, results) if is_given else None
        if which == "sequence_type":
            items = []
            inner = kind.sequence_type.elem_type
            while any(
                key == f"{name}[{len(items)}]" or key.startswith(f"{name}[{len(items)}][")
                for key in results
            ):
                items.append(self._assemble(f"{name}[{len(items)}]", inner, results))
            return items
        if name not in results:
            raise UnsupportedError(f"output {name} does not pass the C interface")
        return from_bits(results[name], element_type(kind))


class ApusBackend(Backend):
    """Apus as an ONNX backend; the device is an emulated chip on the CPU."""

    @classmethod
    def is_compatible(cls, model: onnx.ModelProto, device: str = "CPU", **_: Any) -> bool:
        """Whether the model may be tried; `prepare` says why it cannot run, if so."""
        return cls.supports_device(device)

    @classmethod
    def prepare(
        cls, model: onnx.ModelProto, device: str = "CPU", **options: Any
    ) -> ApusRepresentation:
        """Open a model."""
        options.setdefault("precision", "highest")
        return ApusRepresentation(model, **options)

    @classmethod
    def run_model(
        cls, model: onnx.ModelProto, inputs: Any, device: str = "CPU", **options: Any
    ) -> tuple[Any, ...]:
        """Open a model and run it once."""
        return cls.prepare(model, device, **options).run(inputs)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        """Whether a device's name stands for the emulated chip."""
        return device.split(":")[0] in ("CPU", "APUS")


is_compatible = ApusBackend.is_compatible
prepare = ApusBackend.prepare
run_model = ApusBackend.run_model
supports_device = ApusBackend.supports_device
