"""The quantisation on a small model."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from quantize import agreement, last_convolutions, normalised, quantize


def small_model() -> onnx.ModelProto:
    """Two convolutions in a row; behind the second a sigmoid that makes the output `cls`."""
    numbers = np.random.default_rng(1)
    weights = {"w0": (4, 3, 3, 3), "w1": (2, 4, 1, 1)}
    nodes = [
        helper.make_node("Conv", ["input", "w0"], ["a"], name="first", pads=[1, 1, 1, 1]),
        helper.make_node("LeakyRelu", ["a"], ["b"], name="relu", alpha=0.1),
        helper.make_node("Conv", ["b", "w1"], ["c"], name="last"),
        helper.make_node("Sigmoid", ["c"], ["cls"], name="sigmoid"),
    ]
    shape = [1, 3, 16, 16]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("cls", TensorProto.FLOAT, [1, 2, 16, 16])],
        [numpy_helper.from_array(numbers.normal(size=size).astype(np.float32), name) for name, size in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model


class Quantisation(unittest.TestCase):
    def test_only_convolutions_that_no_other_follows_stay_float(self):
        self.assertEqual(last_convolutions(small_model()), ["last"])

    def test_the_int8_twin_agrees_and_a_foreign_model_does_not(self):
        inputs = [np.random.default_rng(seed).normal(size=(1, 3, 16, 16)).astype(np.float32) for seed in range(4)]
        with tempfile.TemporaryDirectory() as folder:
            source, target, foreign = (Path(folder) / name for name in ("a.onnx", "b.onnx", "c.onnx"))
            model = small_model()
            onnx.save(model, source)
            quantize(source, target, inputs)
            share, sure = agreement(source, target, inputs)
            self.assertGreater(sure, 100)
            self.assertGreater(share, 0.95)
            operators = [node.op_type for node in onnx.load(target).graph.node]
            self.assertIn("QuantizeLinear", operators)
            negated = -numpy_helper.to_array(model.graph.initializer[1])
            model.graph.initializer[1].CopyFrom(numpy_helper.from_array(negated, "w1"))
            onnx.save(model, foreign)
            self.assertLess(agreement(source, foreign, inputs)[0], 0.5)

    def test_bytes_become_planes_around_zero(self):
        planes = normalised(np.full((2, 2, 3), 116, np.uint8))
        self.assertEqual((planes.shape, planes.dtype), ((1, 3, 2, 2), np.float32))
        self.assertAlmostEqual(float(planes[0, 1, 0, 0]), (116 - 116.28) / 57.12, places=5)


if __name__ == "__main__":
    unittest.main()
