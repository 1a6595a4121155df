"""Makes the int8 twin of a detection network: static quantisation, per channel, ranges from calibration pictures.

    quantize.py MODEL.onnx OUT.onnx NAME PICTURE-OR-VIDEO ...

NAME is what the new model calls itself. From each video a few frames are taken. The result is not equal to the bit on
all machines, since the ranges come out of float arithmetic; so it is not compared with a checksum but with the original:
where that is sure of an object, the new one must be as well, or nothing is written.
"""

import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

SIDE_PX = 416
# Of the blue, green and red values that the network was trained with, as in edge-agent/src/detect/letterbox.rs.
MEAN_BGR = np.array([103.53, 116.28, 123.675], np.float32)
DEVIATION_BGR = np.array([57.375, 57.12, 58.395], np.float32)
FRAMES_OF_A_VIDEO = 12

# What is computed in int8. What follows the last convolutions (sigmoid, reshaping) stays float: it costs nothing, and
# 256 steps are too few for scores.
INT8_OPERATORS = ["Conv", "LeakyRelu", "Concat", "MaxPool", "Resize", "Add"]

# A cell of the original with this score shows an object; in the new model its score may differ by so much.
SURE = 0.45
TOLERANCE = 0.1
# Share of the sure cells within the tolerance; 0.93 was measured with the set-up's pictures.
WANTED_AGREEMENT = 0.85


class Pictures(CalibrationDataReader):
    """Hands the network's inputs out one by one."""

    def __init__(self, inputs: list[np.ndarray]):
        self.left = iter(inputs)

    def get_next(self) -> dict | None:
        picture = next(self.left, None)
        return None if picture is None else {"input": picture}


def as_inputs(file: Path) -> list[np.ndarray]:
    """Decodes a picture or a video with GStreamer and fits it into the network's input as the agent does."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "frames.bgr"
        scaled = f"video/x-raw,format=BGR,width={SIDE_PX},height={SIDE_PX},pixel-aspect-ratio=1/1"
        launch = f"decodebin ! videoconvert ! videoscale add-borders=true ! {scaled} ! filesink".split()
        command = ["gst-launch-1.0", "-q", "filesrc", f"location={file}", "!", *launch, f"location={raw}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        frames = np.fromfile(raw, np.uint8).reshape(-1, SIDE_PX, SIDE_PX, 3)
    chosen = np.linspace(0, len(frames) - 1, min(len(frames), FRAMES_OF_A_VIDEO)).astype(int)
    return [normalised(frames[i]) for i in chosen]


def normalised(bgr: np.ndarray) -> np.ndarray:
    """Height, width and colour in bytes as the network's planes."""
    return np.ascontiguousarray(((bgr - MEAN_BGR) / DEVIATION_BGR).transpose(2, 0, 1)[None], np.float32)


def last_convolutions(model: onnx.ModelProto) -> list[str]:
    """The convolutions whose values no further one reads: they make scores and distances, and stay float."""
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)

    def leads_on(node: onnx.NodeProto) -> bool:
        after = [reader for name in node.output for reader in readers.get(name, [])]
        return any(reader.op_type == "Conv" or leads_on(reader) for reader in after)

    return [node.name for node in model.graph.node if node.op_type == "Conv" and not leads_on(node)]


def quantize(source: Path, target: Path, inputs: list[np.ndarray]) -> None:
    """Writes the int8 twin of `source`: unsigned activations, signed weights, a scale for each output channel."""
    # The tool recommends a preparation of the graph that the converter has done already.
    logging.getLogger().setLevel(logging.ERROR)
    quantize_static(
        str(source),
        str(target),
        Pictures(inputs),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
        op_types_to_quantize=INT8_OPERATORS,
        nodes_to_exclude=last_convolutions(onnx.load(source)),
    )


def agreement(source: Path, target: Path, inputs: list[np.ndarray]) -> tuple[float, int]:
    """Share of the cells in which `source` is sure and `target` says the same, and how many those cells are."""
    options = onnxruntime.SessionOptions()
    # Processors without VNNI add 16 bits with saturation otherwise; the agent sets the same.
    options.add_session_config_entry("session.x64quantprecision", "1")
    sessions = [onnxruntime.InferenceSession(str(path), options) for path in (source, target)]
    names = [output.name for output in sessions[0].get_outputs() if output.name.startswith("cls")]
    same = sure = 0
    for picture in inputs:
        for own, other in zip(*(session.run(names, {"input": picture}) for session in sessions)):
            cells = own >= SURE
            sure += int(cells.sum())
            same += int((np.abs(own - other)[cells] <= TOLERANCE).sum())
    return same / max(sure, 1), sure


def main(arguments: list[str]) -> None:
    if len(arguments) < 4:
        sys.exit(__doc__)
    source, target, name = Path(arguments[0]), Path(arguments[1]), arguments[2]
    inputs = [picture for file in arguments[3:] for picture in as_inputs(Path(file))]
    quantize(source, target, inputs)
    share, sure = agreement(source, target, inputs)
    if share < WANTED_AGREEMENT:
        target.unlink()
        sys.exit(f"{target} agrees with {source} in {share:.3f} of {sure} cells, wanted {WANTED_AGREEMENT}")
    model = onnx.load(target)
    model.graph.name = name
    onnx.save(model, target)
    print(f"{target}: {len(inputs)} pictures, agrees in {share:.3f} of {sure} cells")


if __name__ == "__main__":
    main(sys.argv[1:])
