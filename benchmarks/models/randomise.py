"""Give a CNN graph whose weights are constants random ones (He's variance), from a seed."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper


def randomise(content: bytes, seed: int) -> bytes:
    """Return the model with every `ConstantOfShape` node replaced by a random initializer.

    A kernel (rank over 1) is normal with variance 2 / fan-in. What a normalisation reads as scale or
    variance is uniform in [0.5, 1.5], and every other vector normal with deviation 0.1. A softmax at
    the end is left out: on random weights it gives ones and zeros, which would hide differences.
    A last layer that is a matrix product is scaled by a power of two so that its outputs have a
    deviation near 1, like those of trained networks; else FP32 itself would not resolve the small.
    """
    model = onnx.load_from_string(content)
    generator = np.random.default_rng(seed)
    shapes = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    positive = set()
    for node in model.graph.node:
        if node.op_type == "BatchNormalization":
            positive.update((node.input[1], node.input[4]))
    kept = []
    for node in model.graph.node:
        if node.op_type != "ConstantOfShape":
            kept.append(node)
            continue
        name, shape = node.output[0], tuple(int(d) for d in shapes[node.input[0]])
        if len(shape) > 1:
            deviation = np.sqrt(2 / max(1, int(np.prod(shape[1:]))))
            values = generator.standard_normal(shape, np.float32) * np.float32(deviation)
        elif name in positive:
            values = generator.uniform(0.5, 1.5, shape).astype(np.float32)
        else:
            values = generator.standard_normal(shape, np.float32) * np.float32(0.1)
        model.graph.initializer.append(numpy_helper.from_array(values.astype(np.float32), name))
    if kept[-1].op_type == "Softmax":
        model.graph.output[0].name = kept.pop().input[0]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    if kept[-1].op_type == "Gemm":
        scale = np.float32(2.0 ** -round(np.log2(deviation_of_output(model, generator))))
        for tensor in model.graph.initializer:
            if tensor.name in kept[-1].input[1:]:
                scaled = numpy_helper.to_array(tensor) * scale
                tensor.CopyFrom(numpy_helper.from_array(scaled, tensor.name))
    return model.SerializeToString()


def deviation_of_output(model: onnx.ModelProto, generator: np.random.Generator) -> float:
    """The standard deviation of the first output for a random image, by ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    port = session.get_inputs()[0]
    image = generator.standard_normal(port.shape, np.float32)
    return float(np.std(session.run(None, {port.name: image})[0]))
