"""Curves say what they show."""

import cv2
import pytest
from matplotlib import pyplot as plt

from trainers.show import curves
from trainers.show.curves import draw_curves, title_of


@pytest.fixture
def metrics(tmp_path):
    (tmp_path / "metrics.csv").write_text("epoch,train_loss,val_foreground_iou\n0,0.9,\n0,,0.2\n1,0.5,\n1,,0.6\n")
    return {"net": tmp_path / "metrics.csv"}


def test_the_axes_are_named_after_what_is_watched_and_no_loss_is_called_dice(metrics, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(curves.plt, "close", drawn.append)
    draw_curves(tmp_path / "curves.png", metrics, {"net": "val_foreground_iou"})
    (figure,) = drawn
    assert [axis.get_ylabel() for axis in figure.axes] == ["training loss", "validation foreground IoU"]
    assert figure.axes[1].lines[0].get_xydata().tolist() == [[1, 0.2], [2, 0.6]]
    assert cv2.imread(str(tmp_path / "curves.png")).std() > 10
    plt.figure(figure).clear()


def test_titles_are_words():
    assert title_of("val_balanced_accuracy") == "validation balanced accuracy"
