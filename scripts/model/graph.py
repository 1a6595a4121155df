"""The graph that the converter works on, between the TensorFlow.js file and the ONNX file.

Nodes carry ONNX operator names from the moment they are made, and are kept in an order in which every value is made
before it is used. A value is its name; constants are values without a node.
"""

from dataclasses import dataclass, field

import numpy as np


class ConversionError(Exception):
    """The model holds something that this converter does not know. Nothing is guessed."""


@dataclass
class Node:
    """One ONNX operator: names of the values that it reads and makes, and its attributes."""

    op: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict = field(default_factory=dict)


@dataclass
class Graph:
    """Nodes in order, with the shape of every value."""

    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    def constant(self, array) -> str:
        """Adds a constant and returns its name; scalars keep their empty shape."""
        name = f"constant_{len(self.constants)}"
        self.constants[name] = np.asarray(array, order="C")
        self.shapes[name] = self.constants[name].shape
        return name

    def add(self, op: str, inputs: list[str], *shapes: tuple[int, ...], **attributes) -> list[str]:
        """Adds a node that makes one value for each of `shapes`, and returns their names."""
        outputs = [f"{op.lower()}_{len(self.nodes)}_{i}" for i in range(len(shapes))]
        for name, shape in zip(outputs, shapes):
            self.shapes[name] = tuple(int(size) for size in shape)
        self.nodes.append(Node(op, inputs, outputs, attributes))
        return outputs

    def maker_of(self) -> dict[str, Node]:
        """Which node makes a value."""
        return {output: node for node in self.nodes for output in node.outputs}

    def use_counts(self) -> dict[str, int]:
        """How often each value is read, by nodes or as an output of the whole."""
        counts: dict[str, int] = {}
        for name in [name for node in self.nodes for name in node.inputs] + self.outputs:
            counts[name] = counts.get(name, 0) + 1
        return counts

    def rename(self, old: str, new: str) -> None:
        """Makes every reader of `old` read `new`."""
        for node in self.nodes:
            node.inputs = [new if name == old else name for name in node.inputs]
        self.outputs = [new if name == old else name for name in self.outputs]
