"""Curves are drawn from the fields of the rows, and not from their names."""

import cv2
from matplotlib.axes import Axes

from trainers.learn.log import METRICS_FILE
from trainers.study.curves import draw_cost, draw_curves, draw_samples

from .rows import row


def drawn(monkeypatch):
    """The label and points of every line."""
    lines = []
    plot = Axes.plot

    def spy(self, x, y, **look):
        lines.append((look.get("label"), list(x), list(y)))
        return plot(self, x, y, **look)

    monkeypatch.setattr(Axes, "plot", spy)
    return lines


def test_samples_are_read_from_the_rows_field(tmp_path, monkeypatch):
    lines = drawn(monkeypatch)
    rows = [
        row("n8-s0", setting="x", series="unet-n9", samples=8, iou=0.1),  # names that would mislead a reader of them
        row("n8-s1", setting="x", series="unet-n9", samples=8, iou=0.3),
        row("n16-s0", setting="y", series="unet-n9", samples=16, iou=0.6),
        row("z-s0", setting="z", series="other", samples=16),
    ]
    assert draw_samples(tmp_path / "samples.png", rows)
    assert [(label, x, y) for label, x, y in lines if label] == [("unet-n9", [8, 16], [0.2, 0.6])]
    assert cv2.imread(str(tmp_path / "samples.png")).std() > 10


def test_one_number_of_samples_makes_no_curve(tmp_path):
    assert not draw_samples(tmp_path / "samples.png", [row(), row("a-s1")])
    assert not (tmp_path / "samples.png").exists()


def test_a_run_without_the_headline_is_no_point(tmp_path):
    draw_cost(tmp_path / "cost.png", [row(), row("b-s0", setting="b", iou=None)])
    assert cv2.imread(str(tmp_path / "cost.png")).std() > 10


def test_losses_and_the_watched_figure_are_drawn_by_epoch(tmp_path, monkeypatch):
    lines = drawn(monkeypatch)
    (tmp_path / "a-s0").mkdir()
    (tmp_path / "a-s0" / METRICS_FILE).write_text("epoch,train_loss,val_accuracy\n0,0.5,\n0,,0.7\n1,0.4,0.8\n")
    draw_curves(tmp_path / "curves.png", [row(score="accuracy")], tmp_path)
    assert lines == [("a", [1, 2], [0.5, 0.4]), ("a", [1, 2], [0.7, 0.8])]
