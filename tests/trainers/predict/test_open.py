"""Which file of a folder is opened."""

import pytest

from synthgen.core.errors import TrainingError
from trainers.predict.open import open_model, open_predictor


def test_a_folder_with_both_forms_is_refused(tmp_path):
    for name in ("model.pt", "model.onnx"):
        (tmp_path / name).touch()
    with pytest.raises(TrainingError, match=r"holds model\.pt and model\.onnx; give the file that you mean"):
        open_predictor(tmp_path)


@pytest.mark.parametrize("name", ["model.pt", "model.onnx"])
def test_of_a_folder_the_one_that_lies_there_is_opened(tmp_path, name):
    (tmp_path / name).write_bytes(b"damaged")
    for path in (tmp_path, tmp_path / name):
        with pytest.raises(TrainingError, match=name):
            open_predictor(path)


def test_a_package_has_no_network_that_could_be_changed(tmp_path):
    (tmp_path / "model.onnx").touch()
    for path in (tmp_path, tmp_path / "model.onnx"):
        with pytest.raises(
            TrainingError, match=r"model\.onnx: a package's network cannot be changed; give the model\.pt"
        ):
            open_model(path)
