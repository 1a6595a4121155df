"""Reads a TensorFlow.js graph model: a JSON file with the topology, and files of weights beside it."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graph import ConversionError


@dataclass
class TfNode:
    """One TensorFlow operator as the file has it."""

    name: str
    op: str
    inputs: list[str]
    raw_attributes: dict

    def attribute(self, name: str, default=None):
        """An attribute as a plain value: text, number, truth value or list of whole numbers."""
        raw = self.raw_attributes.get(name)
        if raw is None:
            return default
        (kind, value), *_ = raw.items()
        readers = {
            "s": lambda v: base64.b64decode(v).decode(),
            "i": int,
            "f": float,
            "b": bool,
            "list": lambda v: [int(i) for i in v.get("i", [])],
        }
        if kind not in readers:
            raise ConversionError(f"{self.name}: attribute {name} is of the unknown kind {kind}")
        return readers[kind](value)


@dataclass
class TfModel:
    """All nodes by name, and the values of the `Const` ones."""

    nodes: dict[str, TfNode]
    weights: dict[str, np.ndarray]


def read(path: Path) -> TfModel:
    """Reads topology and weights."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if document.get("format") != "graph-model":
        raise ConversionError(f"{path} is not a TensorFlow.js graph model")
    nodes = {}
    for raw in document["modelTopology"]["node"]:
        # An input that begins with ^ only orders execution; it carries no value.
        inputs = [name for name in raw.get("input", []) if not name.startswith("^")]
        nodes[raw["name"]] = TfNode(raw["name"], raw["op"], inputs, raw.get("attr", {}))
    weights = {}
    for group in document["weightsManifest"]:
        weights.update(_read_group(path.parent, group))
    return TfModel(nodes, weights)


def _read_group(folder: Path, group: dict) -> dict[str, np.ndarray]:
    """The weights of one group lie one after the other in its files, as if these were one file."""
    data = b"".join((folder / name).read_bytes() for name in group["paths"])
    arrays, offset = {}, 0
    for entry in group["weights"]:
        quantization = entry.get("quantization")
        stored = np.dtype(quantization["dtype"] if quantization else entry["dtype"]).newbyteorder("<")
        count = int(np.prod(entry["shape"], dtype=np.int64))
        array = np.frombuffer(data, stored, count, offset).reshape(entry["shape"])
        offset += array.nbytes
        if quantization and stored.kind == "u":
            array = array.astype(np.float32) * quantization["scale"] + quantization["min"]
        arrays[entry["name"]] = array.astype(entry["dtype"])
    if offset != len(data):
        raise ConversionError(f"weights end at byte {offset}, but their files have {len(data)}")
    return arrays
