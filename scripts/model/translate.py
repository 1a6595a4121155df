"""Says every TensorFlow operator in ONNX words, one at a time, without looking at its neighbours.

TensorFlow's convolutions, poolings and resizings work on NHWC (batch, height, width, channel), ONNX's on NCHW. Each one
is therefore put between two transpositions here. Most of them cancel each other; `simplify` takes them out.
"""

import numpy as np

from graph import ConversionError, Graph
from tfjs import TfModel, TfNode

TO_NCHW = (0, 3, 1, 2)
TO_NHWC = (0, 2, 3, 1)


def translate(model: TfModel, outputs: list[str]) -> Graph:
    """The part of `model` that `outputs` depend on, as an ONNX graph."""
    translator = _Translator(model)
    translator.graph.outputs = [translator.value(name) for name in outputs]
    return translator.graph


class _Translator:
    def __init__(self, model: TfModel):
        self.model = model
        self.graph = Graph()
        # TensorFlow node -> what it makes: names in the graph, or one array when it is known already.
        self.made: dict[str, list[str] | np.ndarray] = {}

    def value(self, reference: str) -> str:
        """Name in the graph of what `reference` ("node" or "node:output") stands for."""
        result, index = self._resolve(reference)
        return self.graph.constant(result) if isinstance(result, np.ndarray) else result[index]

    def known(self, reference: str) -> np.ndarray:
        """The array that `reference` stands for, when it does not depend on the model's input."""
        result, _ = self._resolve(reference)
        if not isinstance(result, np.ndarray):
            raise ConversionError(f"{reference} must be known in advance, but depends on the input")
        return result

    def _resolve(self, reference: str):
        name, _, index = reference.partition(":")
        if name not in self.made:
            self.made[name] = self._make(self.model.nodes[name])
        return self.made[name], int(index or 0)

    def _make(self, node: TfNode):
        if node.op == "Const":
            return self.model.weights[node.name]
        inputs = [self._resolve(name)[0] for name in node.inputs]
        if inputs and all(isinstance(value, np.ndarray) for value in inputs):
            return _evaluate(node, inputs)
        if node.op not in _TRANSLATIONS:
            raise ConversionError(f"{node.name}: operator {node.op} is not supported")
        return _TRANSLATIONS[node.op](self, node)

    # What follows are the translations; `_TRANSLATIONS` at the end says which operator each is for.

    def placeholder(self, node: TfNode):
        dimensions = node.raw_attributes["shape"]["shape"]["dim"]
        self.graph.shapes["input"] = tuple(int(dimension["size"]) for dimension in dimensions)
        self.graph.inputs.append("input")
        return ["input"]

    def identity(self, node: TfNode):
        return [self.value(node.inputs[0])]

    def unary(self, node: TfNode):
        x = self.value(node.inputs[0])
        attributes = {"alpha": node.attribute("alpha", 0.2)} if node.op == "LeakyRelu" else {}
        return self.graph.add(node.op, [x], self.graph.shapes[x], **attributes)

    def binary(self, node: TfNode):
        operands = [self.value(name) for name in node.inputs]
        shape = np.broadcast_shapes(*(self.graph.shapes[name] for name in operands))
        return self.graph.add({"AddV2": "Add", "BiasAdd": "Add"}.get(node.op, node.op), operands, shape)

    def transpose(self, node: TfNode):
        return [self._transposed(self.value(node.inputs[0]), tuple(int(i) for i in self.known(node.inputs[1])))]

    def pad(self, node: TfNode):
        x, amounts = self.value(node.inputs[0]), self.known(node.inputs[1]).astype(np.int64)
        fill = np.float32(self.known(node.inputs[2])) if node.op == "PadV2" else np.float32(0)
        shape = [size + before + after for size, (before, after) in zip(self.graph.shapes[x], amounts)]
        # TensorFlow has a row [before, after] for each axis, ONNX all the befores and then all the afters.
        inputs = [x, self.graph.constant(amounts.T.reshape(-1)), self.graph.constant(fill)]
        return self.graph.add("Pad", inputs, shape, mode="constant")

    def convolution(self, node: TfNode):
        kernel = self.known(node.inputs[1]).astype(np.float32)
        height, width, _, channels = kernel.shape
        weights = self.graph.constant(kernel.transpose(3, 2, 0, 1))
        window = self._window(node, (height, width))
        return self._on_nchw(node, "Conv", [weights], window, channels)

    def max_pooling(self, node: TfNode):
        return self._on_nchw(node, "MaxPool", [], self._window(node, node.attribute("ksize")[1:3]), None)

    def resize_bilinear(self, node: TfNode):
        x = self._transposed(self.value(node.inputs[0]), TO_NCHW)
        shape = (*self.graph.shapes[x][:2], *(int(size) for size in self.known(node.inputs[1])))
        if node.attribute("half_pixel_centers", False):
            coordinates = "half_pixel"
        elif node.attribute("align_corners", False):
            coordinates = "align_corners"
        else:
            coordinates = "asymmetric"
        sizes = self.graph.constant(np.array(shape, np.int64))
        options = {"mode": "linear", "coordinate_transformation_mode": coordinates}
        # The empty names are the two inputs (region and scales) that a given size makes needless.
        (y,) = self.graph.add("Resize", [x, "", "", sizes], shape, **options)
        return [self._transposed(y, TO_NHWC)]

    def concat(self, node: TfNode):
        *parts, axis = node.inputs
        parts = [self.value(name) for name in parts]
        shapes = [self.graph.shapes[name] for name in parts]
        axis = int(self.known(axis)) % len(shapes[0])
        shape = list(shapes[0])
        shape[axis] = sum(part[axis] for part in shapes)
        return self.graph.add("Concat", parts, shape, axis=axis)

    def split(self, node: TfNode):
        x, sizes = self.value(node.inputs[0]), self.known(node.inputs[1]).astype(np.int64)
        whole = self.graph.shapes[x]
        axis = int(self.known(node.inputs[2])) % len(whole)
        shapes = [(*whole[:axis], size, *whole[axis + 1 :]) for size in sizes]
        return self.graph.add("Split", [x, self.graph.constant(sizes)], *shapes, axis=axis)

    def reshape(self, node: TfNode):
        x, wanted = self.value(node.inputs[0]), [int(size) for size in self.known(node.inputs[1])]
        if -1 in wanted:
            rest = int(np.prod([size for size in wanted if size != -1]))
            wanted[wanted.index(-1)] = int(np.prod(self.graph.shapes[x])) // rest
        return self.graph.add("Reshape", [x, self.graph.constant(np.array(wanted, np.int64))], wanted)

    def _transposed(self, x: str, order: tuple[int, ...]) -> str:
        shape = self.graph.shapes[x]
        return self.graph.add("Transpose", [x], [shape[i] for i in order], perm=list(order))[0]

    def _window(self, node: TfNode, kernel) -> dict:
        """The attributes that convolution and pooling share."""
        if node.attribute("data_format", "NHWC") != "NHWC":
            raise ConversionError(f"{node.name}: data format {node.attribute('data_format')} is not supported")
        padding = node.attribute("padding")
        if padding not in ("VALID", "SAME"):
            raise ConversionError(f"{node.name}: padding {padding} is not supported")
        window = {"kernel_shape": list(kernel), "strides": node.attribute("strides")[1:3]}
        window["dilations"] = (node.attribute("dilations") or [1, 1, 1, 1])[1:3]
        # SAME_UPPER is TensorFlow's SAME: when the padding is odd, the end gets the larger half.
        return window | ({"auto_pad": "SAME_UPPER"} if padding == "SAME" else {"pads": [0, 0, 0, 0]})

    def _on_nchw(self, node: TfNode, op: str, more: list[str], window: dict, channels: int | None):
        x = self._transposed(self.value(node.inputs[0]), TO_NCHW)
        batch, channels_in, *sizes = self.graph.shapes[x]
        out = []
        for size, kernel, stride, dilation in zip(
            sizes, window["kernel_shape"], window["strides"], window["dilations"]
        ):
            reach = 0 if "auto_pad" in window else (kernel - 1) * dilation
            out.append((size - reach - 1) // stride + 1)
        if op == "Conv":
            window["group"] = channels_in // self.graph.shapes[more[0]][1]
        (y,) = self.graph.add(op, [x, *more], (batch, channels or channels_in, *out), **window)
        return [self._transposed(y, TO_NHWC)]


def _evaluate(node: TfNode, inputs: list[np.ndarray]) -> np.ndarray:
    """Operators on known arrays: what shape arithmetic needs."""
    if node.op == "Identity":
        return inputs[0]
    if node.op in ("Add", "AddV2"):
        return inputs[0] + inputs[1]
    if node.op == "Mul":
        return inputs[0] * inputs[1]
    if node.op == "SparseToDense":
        indices, shape, values, fill = inputs
        dense = np.full([int(size) for size in shape], fill)
        dense[tuple(indices.reshape(-1, len(shape)).T)] = values
        return dense
    raise ConversionError(f"{node.name}: operator {node.op} on constants is not supported")


_TRANSLATIONS = {
    "Placeholder": _Translator.placeholder,
    "Identity": _Translator.identity,
    "LeakyRelu": _Translator.unary,
    "Relu": _Translator.unary,
    "Sigmoid": _Translator.unary,
    "Add": _Translator.binary,
    "AddV2": _Translator.binary,
    "BiasAdd": _Translator.binary,
    "Mul": _Translator.binary,
    "Sub": _Translator.binary,
    "Transpose": _Translator.transpose,
    "Pad": _Translator.pad,
    "PadV2": _Translator.pad,
    "Conv2D": _Translator.convolution,
    "MaxPool": _Translator.max_pooling,
    "ResizeBilinear": _Translator.resize_bilinear,
    "ConcatV2": _Translator.concat,
    "SplitV": _Translator.split,
    "Reshape": _Translator.reshape,
}
