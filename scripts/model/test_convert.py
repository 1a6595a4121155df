"""The converter on small models whose results are worked out by hand, run by onnx's own reference implementation."""

import base64
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
from onnx.reference import ReferenceEvaluator

import tfjs
from convert import convert
from flexible import let_size_vary
from graph import ConversionError


def text(value: str) -> dict:
    return {"s": base64.b64encode(value.encode()).decode()}


def whole(*values: int) -> dict:
    return {"list": {"i": [str(value) for value in values]}}


class SmallModel:
    """Collects nodes and weights, and writes them as a TensorFlow.js model would be."""

    def __init__(self, *shape: int):
        sizes = [{"size": str(size)} for size in shape]
        self.nodes = [{"name": "x", "op": "Placeholder", "attr": {"shape": {"shape": {"dim": sizes}}}}]
        self.entries, self.data = [], b""

    def weight(self, name: str, array: np.ndarray, **quantization) -> str:
        self.nodes.append({"name": name, "op": "Const"})
        entry = {"name": name, "shape": list(array.shape), "dtype": "int32" if array.dtype.kind == "i" else "float32"}
        self.entries.append(entry | ({"quantization": quantization} if quantization else {}))
        self.data += array.tobytes()
        return name

    def node(self, name: str, op: str, *inputs: str, **attributes) -> str:
        self.nodes.append({"name": name, "op": op, "input": list(inputs), "attr": attributes})
        return name

    def axes(self, name: str, *order: int) -> str:
        return self.weight(name, np.array(order, np.int32))

    def converted(self, output: str):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "weights.bin").write_bytes(self.data)
            group = {"paths": ["weights.bin"], "weights": self.entries}
            document = {"format": "graph-model", "modelTopology": {"node": self.nodes}, "weightsManifest": [group]}
            path = Path(folder) / "model.json"
            path.write_text(json.dumps(document), encoding="utf-8")
            return convert(tfjs.read(path), {output: "y"})


def run(model, x: np.ndarray) -> np.ndarray:
    return ReferenceEvaluator(model).run(None, {"input": x.astype(np.float32)})[0]


def operators(model) -> list[str]:
    return [node.op_type for node in model.graph.node]


class Converter(unittest.TestCase):
    def test_padding_bias_and_transpositions_end_inside_the_convolution(self):
        small = SmallModel(1, 1, 3, 3)
        pads = small.weight("pads", np.array([[0, 0], [0, 0], [1, 1], [1, 1]], np.int32))
        small.node("padded", "Pad", "x", pads)
        small.node("nhwc", "Transpose", "padded", small.axes("to_nhwc", 0, 2, 3, 1))
        kernel = small.weight("kernel", np.ones((3, 3, 1, 1), np.float16), dtype="float16")
        window = {"strides": whole(1, 1, 1, 1), "padding": text("VALID"), "data_format": text("NHWC")}
        small.node("conv", "Conv2D", "nhwc", kernel, **window)
        small.node("sum", "Add", "conv", small.weight("bias", np.array([0.5], np.float32)))
        small.node("back", "Transpose", "sum", small.axes("to_nchw", 0, 3, 1, 2))
        model = small.converted("back")
        self.assertEqual(operators(model), ["Conv"])
        result = run(model, np.ones((1, 1, 3, 3)))[0, 0]
        self.assertEqual(result.tolist(), [[4.5, 6.5, 4.5], [6.5, 9.5, 6.5], [4.5, 6.5, 4.5]])

    def test_a_padding_that_the_pooling_cannot_do_itself_stays(self):
        for fill, expected, result in ((-np.inf, ["MaxPool"], 3.0), (7.0, ["Pad", "MaxPool"], 7.0)):
            small = SmallModel(1, 1, 2, 2)
            pads = small.weight("pads", np.array([[0, 0], [0, 0], [1, 0], [1, 0]], np.int32))
            small.node("padded", "PadV2", "x", pads, small.weight("fill", np.array(fill, np.float32)))
            small.node("nhwc", "Transpose", "padded", small.axes("to_nhwc", 0, 2, 3, 1))
            window = {"ksize": whole(1, 2, 2, 1), "strides": whole(1, 2, 2, 1), "padding": text("VALID")}
            small.node("pool", "MaxPool", "nhwc", **window)
            small.node("back", "Transpose", "pool", small.axes("to_nchw", 0, 3, 1, 2))
            model = small.converted("back")
            self.assertEqual(operators(model), expected)
            self.assertEqual(run(model, np.full((1, 1, 2, 2), 3.0))[0, 0, 0, 0], result)

    def test_split_parts_are_told_apart_and_shapes_are_worked_out(self):
        small = SmallModel(1, 5, 2)
        small.node("parts", "SplitV", "x", small.axes("sizes", 2, 3), small.weight("axis", np.array(1, np.int32)))
        small.node("shape", "AddV2", small.axes("a", 1, 0, 3), small.axes("b", 0, -1, 0))
        small.node("flat", "Reshape", "parts:1", "shape")
        result = run(small.converted("flat"), np.arange(10).reshape(1, 5, 2))
        self.assertEqual(result.tolist(), [[[4, 5, 6], [7, 8, 9]]])

    def test_a_network_of_windows_takes_other_sizes_once_it_is_let(self):
        small = SmallModel(1, 1, 4, 4)
        small.node("nhwc", "Transpose", "x", small.axes("to_nhwc", 0, 2, 3, 1))
        small.node("large", "ResizeBilinear", "nhwc", small.axes("size", 8, 8), half_pixel_centers={"b": True})
        small.node("back", "Transpose", "large", small.axes("to_nchw", 0, 3, 1, 2))
        small.node("flat", "Reshape", "back", small.axes("cells", 1, 1, 64))
        model = small.converted("flat")
        let_size_vary(model)
        for height, width in ((4, 4), (2, 6)):
            result = run(model, np.full((1, 1, height, width), 5.0))
            self.assertEqual((result.shape, result.max()), ((1, 1, 4 * height * width), 5.0))

    def test_bytes_scale_back_to_numbers(self):
        small = SmallModel(1, 2)
        small.weight("w", np.array([0, 255], np.uint8), dtype="uint8", scale=0.5, min=-1.0)
        small.node("product", "Mul", "x", "w")
        self.assertEqual(run(small.converted("product"), np.ones((1, 2))).tolist(), [[-1.0, 126.5]])

    def test_what_is_not_known_is_refused_by_name(self):
        small = SmallModel(1, 2)
        small.node("odd", "Einsum", "x")
        with self.assertRaisesRegex(ConversionError, "odd: operator Einsum is not supported"):
            small.converted("odd")


if __name__ == "__main__":
    unittest.main()
