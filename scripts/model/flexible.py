"""Lets a converted network take pictures of any size instead of the one that its file was made for.

A network that only slides windows over a picture does not care how large it is; what binds it are constants: the target
sizes of resizing, and the number of cells in a flattened output. They become ratios and "as many as there are".
"""

import numpy as np
import onnx
from onnx import ModelProto, numpy_helper, shape_inference

from graph import ConversionError


def let_size_vary(model: ModelProto) -> None:
    """Frees height and width of the only input, which must then be multiples of the largest stride (32)."""
    graph = model.graph
    infos = [*shape_inference.infer_shapes(model).graph.value_info, *graph.input]
    shapes = {info.name: [dim.dim_value for dim in info.type.tensor_type.shape.dim] for info in infos}
    constants = {tensor.name: tensor for tensor in graph.initializer}

    def replace(name: str, values: np.ndarray) -> None:
        constants[name].CopyFrom(numpy_helper.from_array(values, name))

    for node in graph.node:
        if node.op_type == "Reshape":
            target = numpy_helper.to_array(constants[node.input[1]]).copy()
            source = shapes[node.input[0]]
            if len(source) != 4 or len(target) != 3 or list(target[:2]) != source[:2]:
                raise ConversionError(f"{node.name}: only flattening of height and width is known, not {source} to {target}")
            target[2] = -1
            replace(node.input[1], target)
        elif node.op_type == "Resize":
            sizes = node.input[3]
            ratios = numpy_helper.to_array(constants[sizes]) / np.array(shapes[node.input[0]])
            replace(sizes, ratios.astype(np.float32))
            del node.input[3]
            node.input[2] = sizes
    for dim, name in zip(graph.input[0].type.tensor_type.shape.dim[2:], ("height", "width")):
        dim.dim_param = name
    for output in graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"cells_of_{output.name}"
    del graph.value_info[:]
    onnx.checker.check_model(model, full_check=True)
