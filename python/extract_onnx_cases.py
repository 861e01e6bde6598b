"""Write the cases of onnx.backend.test to a folder, one sub-folder per case.

    python extract_onnx_cases.py FOLDER

A case holds `model.onnx`, `inputs_0/0.pb …` and `outputs_0/0.pb …` for each of its data sets. A
file begins with its kind: T tensor, S sequence, O optional, M map. `case.txt` gives the kind of the
case, its relative and its absolute tolerance. Cases that need a download are left out.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.loader import load_model_tests

KINDS = ("node", "simple", "pytorch-converted", "pytorch-operator")


def serialized(value: Any, type_proto: onnx.TypeProto | None) -> bytes:
    """Encode one input or expected output of an in-memory data set, its kind's letter first."""
    if isinstance(value, onnx.TensorProto):
        return b"T" + value.SerializeToString()
    if type_proto is not None and type_proto.HasField("optional_type"):
        return b"O" + numpy_helper.from_optional(value).SerializeToString()
    if type_proto is not None and type_proto.HasField("map_type"):
        return b"M" + numpy_helper.from_dict(value).SerializeToString()
    if isinstance(value, (list, tuple)):
        return b"S" + numpy_helper.from_list(list(value)).SerializeToString()
    return b"T" + numpy_helper.from_array(np.asarray(value)).SerializeToString()


def kind_of(value: onnx.ValueInfoProto) -> bytes:
    """The letter of a declared value's kind."""
    name = value.type.WhichOneof("value")
    return {"sequence_type": b"S", "optional_type": b"O", "map_type": b"M"}.get(name or "", b"T")


def write_case(case: Any, folder: Path) -> None:
    """Write one case, from memory or from the package's folder."""
    folder.mkdir(parents=True)
    (folder / "case.txt").write_text(f"{case.kind} {case.rtol} {case.atol}\n")
    if case.model is not None:
        model = case.model
        (folder / "model.onnx").write_bytes(model.SerializeToString())
    else:
        for file in Path(case.model_dir).iterdir():
            if file.is_file():
                shutil.copy(file, folder / file.name)
        model = onnx.load(Path(case.model_dir) / "model.onnx")
    declared = {"inputs": list(model.graph.input), "outputs": list(model.graph.output)}
    for index, data_set in enumerate(case.data_sets or []):
        for name, values in zip(("inputs", "outputs"), data_set):
            target = folder / f"{name}_{index}"
            target.mkdir()
            for position, value in enumerate(values):
                kinds = declared[name]
                info = kinds[position].type if position < len(kinds) else None
                (target / f"{position}.pb").write_bytes(serialized(value, info))
    if case.model is None:
        for index, source in enumerate(sorted(Path(case.model_dir).glob("test_data_set_*"))):
            for name in ("inputs", "outputs"):
                target = folder / f"{name}_{index}"
                target.mkdir()
                for position, info in enumerate(declared[name]):
                    file = source / f"{name[:-1]}_{position}.pb"
                    if file.exists():
                        (target / f"{position}.pb").write_bytes(kind_of(info) + file.read_bytes())


def main() -> None:
    root = Path(sys.argv[1])
    count = 0
    for kind in KINDS:
        for case in load_model_tests(kind=kind):
            if case.url is not None and case.model_dir is None:
                continue
            write_case(case, root / case.name)
            count += 1
    print(f"{count} cases in {root}")


if __name__ == "__main__":
    main()
