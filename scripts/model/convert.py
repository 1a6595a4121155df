"""Turns a TensorFlow.js graph model into an ONNX model, with numpy and onnx alone.

    convert.py MODEL.json OUT.onnx MODEL-NAME TENSOR=NAME[:SHAPE] ...

MODEL-NAME is what the new model calls itself. Each TENSOR of the model becomes an output called NAME. With SHAPE, such
as 1x169x80, another shape is an error, so that a model that is not the expected one stops here and not in the field.
The shapes are those for the input that the model's file names; in the result its height and width may vary.
"""

import sys
from collections import Counter
from pathlib import Path

import onnx
from onnx import TensorProto, helper, numpy_helper

import tfjs
from flexible import let_size_vary
from graph import ConversionError, Graph
from simplify import simplify
from translate import translate

OPSET = 13
IR_VERSION = 8  # The oldest that goes with the opset, so that old runtimes read it too.


def convert(model: tfjs.TfModel, outputs: dict[str, str]) -> onnx.ModelProto:
    """Converts the part of `model` that the tensors in `outputs` (tensor -> new name) depend on."""
    graph = translate(model, list(outputs))
    simplify(graph)
    return to_onnx(graph, list(outputs.values()))


def to_onnx(graph: Graph, output_names: list[str]) -> onnx.ModelProto:
    """Writes the graph as ONNX and has it checked."""
    nodes = [
        helper.make_node(node.op, node.inputs, node.outputs, name=node.outputs[0], **node.attributes)
        for node in graph.nodes
    ]
    for name, new in zip(graph.outputs, output_names):
        _rename_output(nodes, name, new)

    def info(name, shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    proto = helper.make_graph(
        nodes,
        "converted",
        [info(name, graph.shapes[name]) for name in graph.inputs],
        [info(new, graph.shapes[name]) for name, new in zip(graph.outputs, output_names)],
        [numpy_helper.from_array(array, name) for name, array in graph.constants.items()],
    )
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="ngatu")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    return model


def _rename_output(nodes: list[onnx.NodeProto], old: str, new: str) -> None:
    for node in nodes:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                if name == old:
                    names[i] = new


def _shape(value: onnx.ValueInfoProto) -> str:
    return "x".join(str(d.dim_value) for d in value.type.tensor_type.shape.dim)


def main(arguments: list[str]) -> None:
    if len(arguments) < 4 or not all("=" in spec for spec in arguments[3:]):
        sys.exit(__doc__)
    source, target, model_name, *specs = arguments
    names, wanted_shapes = {}, {}
    for spec in specs:
        tensor, _, name = spec.partition("=")
        name, _, shape = name.partition(":")
        names[tensor] = name
        wanted_shapes[name] = shape
    try:
        model = convert(tfjs.read(Path(source)), names)
        for output in model.graph.output:
            wanted = wanted_shapes[output.name]
            if wanted and wanted != _shape(output):
                raise ConversionError(f"output {output.name} is {_shape(output)}, wanted {wanted}")
        let_size_vary(model)
    except ConversionError as error:
        sys.exit(f"cannot convert {source}: {error}")
    model.graph.name = model_name
    onnx.save(model, target)
    counts = Counter(node.op_type for node in model.graph.node)
    print(f"{target}: " + ", ".join(f"{count} {op}" for op, count in counts.most_common()))


if __name__ == "__main__":
    main(sys.argv[1:])
