"""Write the golden models of this folder, with inputs and the outputs of ONNX Runtime.

    pip install onnx==1.23.2 onnxruntime==1.32.0
    python produce.py

Each case is NAME.onnx, NAME.in0.pb …, NAME.out0.pb … . The numbers come from a fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.onnx_ml_pb2 import GraphProto, NodeProto

HERE = Path(__file__).parent
RNG = np.random.default_rng(20)
FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def normal(*shape: int) -> np.ndarray:
    """Normal FP32 numbers."""
    return RNG.standard_normal(shape).astype(np.float32)


def integers(*values: int) -> np.ndarray:
    """A vector of 64-bit integers."""
    return np.array(values, np.int64)


def graph(
    nodes: list[NodeProto],
    inputs: dict[str, np.ndarray],
    outputs: dict[str, int],
    constants: dict[str, np.ndarray] | None = None,
    name: str = "golden",
) -> GraphProto:
    """A graph of nodes, its outputs by name and element type."""
    return helper.make_graph(
        nodes,
        name,
        [
            helper.make_tensor_value_info(
                key, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape
            )
            for key, value in inputs.items()
        ],
        [helper.make_tensor_value_info(key, kind, None) for key, kind in outputs.items()],
        [numpy_helper.from_array(value, key) for key, value in (constants or {}).items()],
    )


def write(name: str, model: onnx.ModelProto, inputs: dict[str, np.ndarray]) -> None:
    """Run a model and write it with its data."""
    onnx.save(model, HERE / f"{name}.onnx")
    session = onnxruntime.InferenceSession(
        HERE / f"{name}.onnx", providers=["CPUExecutionProvider"]
    )
    outputs = session.run(None, inputs)
    for index, value in enumerate(inputs.values()):
        data = numpy_helper.from_array(value).SerializeToString()
        (HERE / f"{name}.in{index}.pb").write_bytes(data)
    for index, value in enumerate(outputs):
        data = numpy_helper.from_array(value).SerializeToString()
        (HERE / f"{name}.out{index}.pb").write_bytes(data)


def case(
    name: str,
    nodes: list[NodeProto],
    inputs: dict[str, np.ndarray],
    outputs: dict[str, int],
    constants: dict[str, np.ndarray] | None = None,
    opset: int = 17,
) -> None:
    """Write one case of a plain graph."""
    model = helper.make_model(
        graph(nodes, inputs, outputs, constants),
        opset_imports=[helper.make_opsetid("", opset)],
        ir_version=8,
        producer_name="produce.py",
    )
    write(name, model, inputs)


node: Callable[..., NodeProto] = helper.make_node


def convolutional() -> None:
    """A small network of the layers that image models have."""
    nodes = [
        node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("BatchNormalization", ["c", "s", "o", "m", "v"], ["n"]),
        node("HardSigmoid", ["n"], ["h"], alpha=0.2, beta=0.5),
        node("Mul", ["n", "h"], ["g"]),
        node("MaxPool", ["g"], ["p"], kernel_shape=[2, 2], strides=[1, 1], auto_pad="SAME_UPPER"),
        node("AveragePool", ["p"], ["a"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1),
        node("Conv", ["a", "d"], ["e"], group=4, dilations=[2, 2], pads=[2, 2, 2, 2]),
        node("ConvTranspose", ["e", "t"], ["u"], strides=[2, 2], output_padding=[1, 1]),
        node("Resize", ["u", "", "r"], ["z"], mode="linear"),
        node("GlobalAveragePool", ["z"], ["q"]),
        node("Flatten", ["q"], ["f"]),
        node("Gemm", ["f", "k", "j"], ["y0"], transB=1, alpha=0.5),
        node("Softmax", ["y0"], ["y"], axis=1),
    ]
    constants = {
        "w": normal(4, 3, 3, 3), "b": normal(4), "s": normal(4), "o": normal(4), "m": normal(4),
        "v": np.abs(normal(4)) + 0.1, "d": normal(4, 1, 3, 3), "t": normal(4, 2, 2, 2),
        "r": np.array([1, 1, 1.5, 2], np.float32), "k": normal(5, 2), "j": normal(5),
    }  # fmt: skip
    case("convolutional", nodes, {"x": normal(1, 3, 9, 8)}, {"y": FLOAT}, constants)


def recurrent() -> None:
    """LSTM, GRU and RNN, both ways and with lengths."""
    size, width = 3, 2
    nodes = [
        node("LSTM", ["x", "w", "r", "b", "n"], ["l", "h", "c"], hidden_size=size,
             direction="bidirectional"),
        node("GRU", ["x", "gw", "gr", "gb"], ["g", ""], hidden_size=size, linear_before_reset=1),
        node("RNN", ["x", "rw", "rr"], ["", "s"], hidden_size=size, direction="reverse"),
    ]  # fmt: skip
    constants = {
        "w": normal(2, 4 * size, width), "r": normal(2, 4 * size, size), "b": normal(2, 8 * size),
        "n": np.array([4, 2], np.int32), "gw": normal(1, 3 * size, width),
        "gr": normal(1, 3 * size, size), "gb": normal(1, 6 * size), "rw": normal(1, size, width),
        "rr": normal(1, size, size),
    }  # fmt: skip
    outputs = dict.fromkeys(["l", "h", "c", "g", "s"], FLOAT)
    case("recurrent", nodes, {"x": normal(4, 2, width)}, outputs, constants)


def transformer() -> None:
    """One block: normalisation, attention heads by reshape, feed-forward with Gelu's erf."""
    nodes = [
        node("LayerNormalization", ["x", "s", "o"], ["n"], axis=-1),
        node("MatMul", ["n", "qkv"], ["p"]),
        node("Split", ["p"], ["q", "k", "v"], axis=2),
        node("Reshape", ["q", "heads"], ["q4"]),
        node("Reshape", ["k", "heads"], ["k4"]),
        node("Reshape", ["v", "heads"], ["v4"]),
        node("Transpose", ["q4"], ["qt"], perm=[0, 2, 1, 3]),
        node("Transpose", ["k4"], ["kt"], perm=[0, 2, 3, 1]),
        node("Transpose", ["v4"], ["vt"], perm=[0, 2, 1, 3]),
        node("MatMul", ["qt", "kt"], ["a"]),
        node("Trilu", ["ones"], ["mask"], upper=0),
        node("Where", ["mask", "a", "low"], ["m"]),
        node("Softmax", ["m"], ["w"]),
        node("MatMul", ["w", "vt"], ["c"]),
        node("Transpose", ["c"], ["ct"], perm=[0, 2, 1, 3]),
        node("Shape", ["x"], ["shape"]),
        node("Reshape", ["ct", "shape"], ["cr"]),
        node("Add", ["x", "cr"], ["y1"]),
        node("Div", ["y1", "root"], ["e0"]),
        node("Erf", ["e0"], ["e1"]),
        node("Add", ["e1", "one"], ["e2"]),
        node("Mul", ["y1", "e2"], ["y"]),
    ]
    constants = {
        "s": normal(8), "o": normal(8), "qkv": normal(8, 24), "heads": integers(0, 0, 2, -1),
        "ones": np.ones((5, 5), bool), "low": np.array(-1e9, np.float32),
        "root": np.array(np.sqrt(2), np.float32), "one": np.array(1, np.float32),
    }  # fmt: skip
    case("transformer", nodes, {"x": normal(2, 5, 8)}, {"y": FLOAT}, constants)


def control() -> None:
    """A loop that stops by its condition, inside a branch; names of the outer graph are seen."""
    body = helper.make_graph(
        [
            node("Add", ["s", "step"], ["t"]),
            node("ReduceSum", ["t"], ["sum"], keepdims=0),
            node("Less", ["sum", "limit"], ["goes"]),
            node("Identity", ["t"], ["seen"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", INT64, []),
            helper.make_tensor_value_info("c", BOOL, []),
            helper.make_tensor_value_info("s", FLOAT, [2]),
        ],
        [
            helper.make_tensor_value_info("goes", BOOL, []),
            helper.make_tensor_value_info("t", FLOAT, [2]),
            helper.make_tensor_value_info("seen", FLOAT, [2]),
        ],
    )
    loop = helper.make_graph(
        [node("Loop", ["ten", "", "x"], ["last", "all"], body=body)],
        "then",
        [],
        [
            helper.make_tensor_value_info("last", FLOAT, [2]),
            helper.make_tensor_value_info("all", FLOAT, None),
        ],
    )
    other = helper.make_graph(
        [node("Identity", ["x"], ["last"]), node("Unsqueeze", ["x", "zero"], ["all"])],
        "else",
        [],
        [
            helper.make_tensor_value_info("last", FLOAT, [2]),
            helper.make_tensor_value_info("all", FLOAT, None),
        ],
    )
    nodes = [node("If", ["flag"], ["y", "steps"], then_branch=loop, else_branch=other)]
    constants = {
        "step": np.array([1, 2], np.float32), "limit": np.array(10, np.float32),
        "ten": np.array(10, np.int64), "zero": integers(0),
    }  # fmt: skip
    inputs = {"x": np.array([0.5, 0.25], np.float32), "flag": np.array(True)}
    case("control", nodes, inputs, {"y": FLOAT, "steps": FLOAT}, constants)


def movement() -> None:
    """Slices, pads, gathers and scatters, also with negative indices and steps."""
    nodes = [
        node("Slice", ["x", "starts", "ends", "axes", "steps"], ["s"]),
        node("Pad", ["s", "pads"], ["p"], mode="reflect"),
        node("Gather", ["p", "index"], ["g"], axis=1),
        node("Tile", ["g", "repeats"], ["t"]),
        node("Concat", ["t", "t"], ["c"], axis=-1),
        node("ScatterND", ["c", "where", "what"], ["d"]),
        node("TopK", ["d", "three"], ["v", "i"], axis=0),
        node("CumSum", ["v", "axis"], ["y"], reverse=1, exclusive=1),
        node("OneHot", ["i", "depth", "values"], ["hot"], axis=1),
        node("ArgMax", ["d"], ["best"], axis=1, keepdims=0, select_last_index=1),
        node("Einsum", ["d", "d"], ["gram"], equation="ij,kj->ik"),
    ]
    constants = {
        "starts": integers(-1, 0), "ends": integers(-100, 5), "axes": integers(0, 1),
        "steps": integers(-1, 2), "pads": integers(1, 2, 1, 0), "index": integers(-1, 0, 2),
        "repeats": integers(1, 2), "where": np.array([[0, 1], [2, 0]], np.int64),
        "what": np.array([9, -9], np.float32), "three": integers(3),
        "axis": np.array(1, np.int64), "depth": np.array(6, np.int64),
        "values": np.array([0, 1], np.float32),
    }  # fmt: skip
    outputs = {"y": FLOAT, "i": INT64, "hot": FLOAT, "best": INT64, "gram": FLOAT}
    case("movement", nodes, {"x": normal(4, 6)}, outputs, constants)


def quantized() -> None:
    """Quantised products, and weights in every place a TensorProto can hold them."""
    nodes = [
        node("DynamicQuantizeLinear", ["x"], ["q", "qs", "qz"]),
        node("MatMulInteger", ["q", "w", "qz", "wz"], ["m"]),
        node("Cast", ["m"], ["f"], to=FLOAT),
        node("QuantizeLinear", ["f", "scale", "zero"], ["u"]),
        node("DequantizeLinear", ["u", "scale", "zero"], ["y"]),
    ]
    constants = {
        "w": RNG.integers(-128, 128, (4, 3)).astype(np.int8), "wz": np.array(3, np.int8),
        "scale": np.array(50, np.float32), "zero": np.array(100, np.uint8),
    }  # fmt: skip
    case("quantized", nodes, {"x": normal(2, 4)}, {"m": TensorProto.INT32, "y": FLOAT}, constants)


def function() -> None:
    """A model-local function with an attribute, used twice."""
    scale = helper.make_node("Constant", [], ["k"])
    scale.attribute.append(
        onnx.AttributeProto(
            name="value_float", ref_attr_name="factor", type=onnx.AttributeProto.FLOAT
        )
    )
    body = helper.make_function(
        "local", "Scale", ["a"], ["b"], [scale, node("Mul", ["a", "k"], ["b"])],
        [helper.make_opsetid("", 17)], attributes=["factor"],
    )  # fmt: skip
    x = normal(3)
    nodes = [
        node("Scale", ["x"], ["t"], domain="local", factor=2.0),
        node("Scale", ["t"], ["y"], domain="local", factor=-0.5),
    ]
    model = helper.make_model(
        graph(nodes, {"x": x}, {"y": FLOAT}), functions=[body], ir_version=8,
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("local", 1)],
    )  # fmt: skip
    write("function", model, {"x": x})


def external() -> None:
    """Weights in a file beside the model."""
    x = normal(2, 3)
    nodes = [node("MatMul", ["x", "w"], ["y"])]
    model = helper.make_model(
        graph(nodes, {"x": x}, {"y": FLOAT}, {"w": normal(3, 40)}), ir_version=8,
        opset_imports=[helper.make_opsetid("", 17)],
    )  # fmt: skip
    path = HERE / "external.onnx"
    (HERE / "external.bin").unlink(missing_ok=True)
    onnx.save_model(
        model, path, save_as_external_data=True, location="external.bin", size_threshold=64
    )
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (HERE / "external.in0.pb").write_bytes(numpy_helper.from_array(x).SerializeToString())
    (HERE / "external.out0.pb").write_bytes(
        numpy_helper.from_array(session.run(None, {"x": x})[0]).SerializeToString()
    )


if __name__ == "__main__":
    for produce in (
        convolutional, recurrent, transformer, control, movement, quantized, function, external,
    ):  # fmt: skip
        produce()
