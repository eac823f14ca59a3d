"""Packages in ONNX, of each kind and of before, against graphs made by hand."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from synthgen.core.errors import TrainingError
from trainers.predict.onnx import load_onnx
from trainers.predict.protocols import BoxPredictor, LabelPredictor, PixelPredictor, kind_of

HEIGHT, WIDTH = 8, 16
NETWORK = "tests"


def write(path, output, rank, nodes, constants=(), **properties):
    """Write a graph from images, uint8 (b, 8, 16, 3), to `output`; `mean` is (b, 8, 16), 0–1, within it."""
    images = helper.make_tensor_value_info("images", TensorProto.UINT8, ["b", HEIGHT, WIDTH, 3])
    found = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["b"] + [None] * (rank - 1))
    fixed = {"last": np.array([3]), "scale": np.float32(255), **dict(constants)}
    first = [
        helper.make_node("Cast", ["images"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["floats", "scale"], ["shares"]),
        helper.make_node("ReduceMean", ["shares", "last"], ["mean"], keepdims=0),
    ]
    initial = [numpy_helper.from_array(np.asarray(value), name) for name, value in fixed.items()]
    graph = helper.make_graph([*first, *nodes], NETWORK, [images], [found], initial)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    helper.set_model_props(model, properties)
    onnx.save(model, path)
    return path


def grey(*values):
    return np.stack([np.full((HEIGHT, WIDTH, 3), value, np.uint8) for value in values])


def test_packages_of_before_still_open(tmp_path):
    identity = helper.make_node("Identity", ["mean"], ["probabilities"])
    model = load_onnx(write(tmp_path / "m.onnx", "probabilities", 3, [identity], title="older"))
    assert isinstance(model, PixelPredictor) and model.title == "older" and model.size == (HEIGHT, WIDTH)
    found = model.probabilities(grey(0, 51))
    assert found.shape == (2, 1, HEIGHT, WIDTH)
    np.testing.assert_allclose(found[1], 0.2, atol=1e-6)


def test_packages_of_now_have_a_map_for_each_category(tmp_path):
    nodes = [
        helper.make_node("Unsqueeze", ["mean", "one"], ["map"]),
        helper.make_node("Concat", ["map", "map"], ["probabilities"], axis=1),
    ]
    path = write(tmp_path / "m.onnx", "probabilities", 4, nodes, {"one": np.array([1])}, categories="gun\nknife")
    model = load_onnx(path)
    assert model.probabilities(grey(255)).shape == (1, 2, HEIGHT, WIDTH)
    assert model.categories == ("gun", "knife") and model.title == "m"


def test_labels(tmp_path):
    nodes = [
        helper.make_node("ReduceMean", ["mean", "sides"], ["all"], keepdims=1),
        helper.make_node("Squeeze", ["all", "two"], ["labels"]),
    ]
    constants = {"sides": np.array([1, 2]), "two": np.array([2])}
    model = load_onnx(write(tmp_path / "m.onnx", "labels", 2, nodes, constants))
    assert isinstance(model, LabelPredictor) and kind_of(model) == "labels"
    np.testing.assert_allclose(model.labels(grey(0, 255)), [[0], [1]], atol=1e-6)


def test_boxes_come_back_in_the_pictures_own_pixels(tmp_path):
    rows = np.array([[[2, 0, 10, 4, 0.9, 1], [0, 0, 1, 1, 0, 0]]], np.float32)
    nodes = [helper.make_node("Identity", ["rows"], ["boxes"])]
    path = write(tmp_path / "m.onnx", "boxes", 3, nodes, {"rows": rows}, categories="gun\nknife")
    model = load_onnx(path)
    assert isinstance(model, BoxPredictor) and kind_of(model) == "boxes"
    (found,) = model.boxes([np.zeros((2 * HEIGHT, 2 * WIDTH, 3), np.uint8)])
    assert found.xyxy.tolist() == [[4, 0, 20, 8]]
    assert found.categories == ("knife",) and found.scores.tolist() == pytest.approx([0.9])
    assert model.boxes([]) == []


def test_a_file_that_is_no_packaged_model_is_named(tmp_path):
    with pytest.raises(TrainingError, match=r"m\.onnx: no such file"):
        load_onnx(tmp_path / "m.onnx")
    (tmp_path / "m.onnx").write_bytes(b"no model")
    with pytest.raises(TrainingError, match=r"m\.onnx: onnxruntime cannot load it"):
        load_onnx(tmp_path / "m.onnx")
    other = write(tmp_path / "other.onnx", "y", 3, [helper.make_node("Identity", ["mean"], ["y"])])
    with pytest.raises(TrainingError, match=r"other\.onnx: takes and gives images, y"):
        load_onnx(other)
