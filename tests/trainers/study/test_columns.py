"""The table has the columns that there are, whatever the task."""

from trainers.study.columns import columns_of, name_of_column

from .rows import row

PIXELS = ["foreground_iou", "mean_iou", "dice", "precision", "recall", "image_iou", "boundary_f", "false_alarms"]


def scores(columns):
    return list(columns)[2:-6]  # between what was chosen and what it cost


def test_segmentation_has_the_columns_of_the_papers_table():
    benchmarks = {
        "train": PIXELS,
        "test": PIXELS,
        "photographs": PIXELS,
        "boxes": ["box_recall", "box_precision", "boxes"],
    }
    assert scores(columns_of([row(benchmarks=benchmarks)])) == [
        "train mIoU",
        "test mIoU",
        "test fg IoU",
        "seeds",
        "95 % over images",
        "per image",
        "dice",
        "precision",
        "recall",
        "boundary F",
        "false alarms",
        "photographs mIoU",
        "photographs fg IoU",
        "photographs box recall",
        "photographs box precision",
    ]


def test_another_task_shows_its_own_scores():
    benchmarks = {"train": ["accuracy", "ece"], "val": ["accuracy", "ece"]}
    found = row(key="val", score="accuracy", benchmarks=benchmarks)
    assert scores(columns_of([found])) == [
        "train accuracy",
        "val accuracy",
        "seeds",
        "95 % over images",
        "val ece",
    ]
    assert name_of_column(found) == "val accuracy"


def test_categories_held_out_have_the_watched_score_beside_that_of_all():
    benchmarks = {"test": ["f1", "ece"], "test_seen": ["f1", "ece"], "test_unseen": ["f1", "ece"]}
    told = scores(columns_of([row(score="f1", benchmarks=benchmarks)]))
    assert told[-3:] == ["test ece", "test seen f1", "test unseen f1"]


def test_two_tasks_stand_in_one_table():
    rows = [row(benchmarks={"test": PIXELS}), row(score="accuracy", benchmarks={"test": ["accuracy", "recall"]})]
    assert {"test fg IoU", "test accuracy", "recall"} <= set(columns_of(rows))


def test_columns_are_written_from_a_line():
    form = columns_of([row(benchmarks={"test": ["foreground_iou", "false_alarms"]})])
    line = {"test_foreground_iou": 0.25, "test_false_alarms": 1.5}
    assert form["test fg IoU"].format(**line) == "0.2500" and form["false alarms"].format(**line) == "1.50"
