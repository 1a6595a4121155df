"""Takes out what the plain translation put in too much. No pass changes what the graph computes.

Order matters: biases first, because an addition between convolution and transposition keeps that transposition from
meeting its inverse; padding last, because it must stand directly before its convolution.
"""

import numpy as np

from graph import Graph, Node
from translate import TO_NHWC


def simplify(graph: Graph) -> None:
    """Runs all passes."""
    move_biases_into_convolutions(graph)
    drop_unused(graph)
    join_transpositions(graph)
    drop_unused(graph)
    move_padding_into_windows(graph)
    drop_unused(graph)


def move_biases_into_convolutions(graph: Graph) -> None:
    """`Conv`, to NHWC, plus one number a channel: that is the convolution's own third input."""
    makers, uses = graph.maker_of(), graph.use_counts()
    for node in [node for node in graph.nodes if node.op == "Add"]:
        x, bias = node.inputs
        back = makers.get(x)
        if not _is_transposition(back, TO_NHWC) or np.ndim(graph.constants.get(bias, 0)) != 1:
            continue
        conv = makers.get(back.inputs[0])
        only_reader = uses[x] == 1 and uses[back.inputs[0]] == 1
        if conv is not None and conv.op == "Conv" and len(conv.inputs) == 2 and only_reader:
            conv.inputs.append(bias)
            graph.rename(node.outputs[0], x)


def join_transpositions(graph: Graph) -> None:
    """Two transpositions in a row are one; one that changes nothing is none."""
    makers = graph.maker_of()
    # Nodes are in order, so a chain of any length has been joined up to here when its next link comes.
    for node in graph.nodes:
        if node.op != "Transpose":
            continue
        before = makers.get(node.inputs[0])
        if before is not None and before.op == "Transpose":
            first, second = before.attributes["perm"], node.attributes["perm"]
            node.attributes["perm"] = [first[axis] for axis in second]
            node.inputs = list(before.inputs)
        if node.attributes["perm"] == sorted(node.attributes["perm"]):
            graph.rename(node.outputs[0], node.inputs[0])


def move_padding_into_windows(graph: Graph) -> None:
    """A convolution pads with 0 by itself, a max pooling with minus infinity."""
    makers = graph.maker_of()
    own_fill = {"Conv": 0.0, "MaxPool": -np.inf}
    for node in graph.nodes:
        pad = makers.get(node.inputs[0]) if node.op in own_fill else None
        if pad is None or pad.op != "Pad" or "pads" not in node.attributes:
            continue
        befores, afters = graph.constants[pad.inputs[1]].reshape(2, -1)
        fill = graph.constants[pad.inputs[2]]
        if fill == own_fill[node.op] and not (befores[:2].any() or afters[:2].any()):
            amounts = np.concatenate([befores[2:], afters[2:]])
            node.attributes["pads"] = [int(a + b) for a, b in zip(node.attributes["pads"], amounts)]
            node.inputs[0] = pad.inputs[0]


def drop_unused(graph: Graph) -> None:
    """Nodes and constants that nothing reads."""
    needed = set(graph.outputs)
    kept: list[Node] = []
    for node in reversed(graph.nodes):
        if needed.intersection(node.outputs):
            kept.append(node)
            needed.update(node.inputs)
    graph.nodes = kept[::-1]
    graph.constants = {name: array for name, array in graph.constants.items() if name in needed}


def _is_transposition(node: Node | None, order: tuple[int, ...]) -> bool:
    return node is not None and node.op == "Transpose" and tuple(node.attributes["perm"]) == order
