"""Localizers judged: settings chosen on some pictures and applied to others, and what is told of the rest."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from rich.console import Console

from localizers import localizers_file, more_localizers  # noqa: F401
from sample_factory import make_sample, make_samples, write_dataset
from synthgen.core.errors import DatasetError, TrainingError
from synthgen.parallel import EngineConfig, run_jobs
from trainers.localize.heat import heat_map, mask_of
from trainers.localize.judging.bench import dataset_bench, masked_bench, trio_bench, voc_bench
from trainers.localize.judging.grid import MASK_AXES
from trainers.localize.judging.judge import judge
from trainers.localize.judging.lineup import lineup_of
from trainers.localize.judging.tables import sections_of
from trainers.localize.judging.verdict import drawn
from trios import write_trios, write_voc

pytestmark = pytest.mark.usefixtures("more_localizers")
HERE = EngineConfig(workers=1)
QUIET = Console(quiet=True)
NAMES = {split: f"{split}-00000.parquet" for split in ("val", "test")}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Six rows a split, of which two show nothing."""
    folder = tmp_path_factory.mktemp("data") / "discs"
    return write_dataset(folder, {file: make_samples(6, split) for split, file in NAMES.items()})


def judged(bench, tmp_path, localizers=None, **values):
    return judge(bench, lineup_of(localizers_file(tmp_path / "l.yaml", localizers, **values), bench.shows), HERE, QUIET)


def scores(verdict):
    return drawn(verdict, np.ones((1, len(verdict.rows)))).values


def test_settings_are_chosen_on_val_and_applied_to_test(dataset, tmp_path):
    bench = dataset_bench(dataset, "test")
    assert bench.left_out == ("4 pictures: show no target, and where nothing is, no map can be right",)
    found = judged(bench, tmp_path)
    verdict = found.verdicts["colour"]
    (tried,) = verdict.tried
    (choosing,) = tried.choosing
    assert verdict.chosen.value == choosing[0].max() and verdict.best.value == tried.scored[0].max()
    setting = MASK_AXES.setting_of(verdict.chosen.post)
    threshold = MASK_AXES.thresholds.tolist().index(verdict.chosen.post.threshold)
    assert scores(verdict)["iou"] == pytest.approx(tried.scored[0, setting, threshold], abs=1e-6)
    assert scores(verdict)["f1"] == pytest.approx(tried.scored[1, setting, threshold], abs=1e-6)
    assert scores(verdict)["iou"] > scores(found.verdicts["centre"])["iou"] > 0
    assert scores(verdict)["pointing"] > scores(found.verdicts["uniform"])["pointing"]


def test_the_truth_of_val_decides_and_that_of_test_does_not(tmp_path):
    """Whatever test shows, the choice is the same."""
    chosen = []
    for number, seed in enumerate((0, 40)):
        samples = {"val": make_samples(6, "val"), "test": [make_sample(seed + n, "test") for n in range(3)]}
        samples["test"] = [replace(sample, index=n) for n, sample in enumerate(samples["test"])]
        folder = write_dataset(tmp_path / f"d{number}", {NAMES[split]: own for split, own in samples.items()})
        chosen.append(judged(dataset_bench(folder, "test"), tmp_path).verdicts["colour"].chosen)
    assert chosen[0] == chosen[1]


def test_rows_with_a_guessed_outline_do_not_count(tmp_path):
    samples = {file: make_samples(6, split) for split, file in NAMES.items()}
    folder = write_dataset(tmp_path / "d", samples, pseudo_foregrounds=["test-disc-3"])
    bench = dataset_bench(folder, "test")
    assert "1 rows of test: show a cutout whose outline is a guess (mask_source: pseudo)" in bench.left_out
    assert all(bench.picture(number).name != "test-000003" for number in bench.scored)
    folder = write_dataset(tmp_path / "e", samples, pseudo_foregrounds=[f"test-disc-{n}" for n in (1, 2, 3)])
    with pytest.raises(DatasetError, match="no row of test shows a target with an exact mask"):
        dataset_bench(folder, "test")


def known(_: str) -> bool:
    return True


def test_the_split_that_chooses_is_not_scored(dataset):
    with pytest.raises(DatasetError, match="settings are chosen on val, and cannot be scored there"):
        dataset_bench(dataset, "val")


def test_each_half_of_photographs_is_scored_by_what_is_best_on_the_other(tmp_path):
    write_trios(tmp_path / "set")
    bench = trio_bench(tmp_path / "set", known)
    first, second = bench.folds
    assert (first.choose, first.score) == (second.score, second.choose) and len(first.choose) == 3
    assert bench.scored == tuple(range(6)) and bench.shows == ("cup", "hat") * 3
    found = judged(bench, tmp_path)
    verdict = found.verdicts["colour"]
    for fold, means in zip(bench.folds, verdict.tried[0].choosing, strict=True):
        row = next(row for row in verdict.rows if row.number in fold.score)
        assert row.choice.value == means[0].max()
    picture, maps = bench.picture(0), found.maps["colour"][0]
    post = verdict.rows[0].choice.post
    mask = mask_of(heat_map(maps.relevance[0], picture.size, post.interpolation, positive=True), post)
    truth = picture.truth.mask > 0
    assert verdict.rows[0].figures["iou"] == pytest.approx((mask & truth).sum() / (mask | truth).sum())


def test_a_mask_of_another_size_leaves_its_picture_out_and_the_rest_goes_through(tmp_path):
    write_trios(tmp_path / "set")
    cv2.imwrite(str(tmp_path / "set/mask/2.png"), np.zeros((5, 6), np.uint8))
    (tmp_path / "set/fake/3.png").unlink()
    bench = trio_bench(tmp_path / "set", known)
    assert len(bench) == 4
    assert bench.left_out[0] == "real/3.png: no file for fake" and "mask is (5, 6)" in bench.left_out[1]


def test_pictures_that_a_localizer_has_no_class_for_are_left_out_for_all(tmp_path):
    write_trios(tmp_path / "set")
    classes = {"cup": [1], "firearm": [2]}
    cams = {"a": {"method": "cam", "encoder": "mobilenet_v2", "weights": "none", "classes": classes}}
    lineup = lineup_of(localizers_file(tmp_path / "l.yaml", cams), ("anything",))
    bench = trio_bench(tmp_path / "set", lineup.knows)
    assert bench.shows == ("cup",) * 3
    assert bench.left_out == ("pictures of hat: a localizer has no class for what they show",)


def test_fewer_than_two_photographs_cannot_choose_for_each_other(tmp_path):
    write_trios(tmp_path / "set", 1)
    with pytest.raises(DatasetError, match="set: 1 pictures with a target and a readable truth"):
        trio_bench(tmp_path / "set", known)
    for folder in ("real", "mask"):
        (tmp_path / "set" / folder / "0.png").rename(tmp_path / "set" / folder / "a.png")
    cv2.imwrite(str(tmp_path / "set/mask/a.png"), np.zeros((48, 64), np.uint8))
    with pytest.raises(DatasetError, match="real: 0 pictures with a target"):
        masked_bench(tmp_path / "set/real", tmp_path / "set/mask")


def test_boxes_alone_give_what_boxes_tell(tmp_path):
    write_voc(tmp_path / "imagenet", 6)
    bench = voc_bench(tmp_path / "imagenet/Data", tmp_path / "imagenet/Annotations", known)
    names = {"n04086270": "revolver", "n04086271": "rifle"}
    found = judged(bench, tmp_path, {"name": {"method": "naming"}}, names=names)
    told = scores(found.verdicts["name"])
    assert set(told) == {"iou", "gt_known", "pointing", "max_box_acc", "max_box_acc_v2", "loc_1", "loc_5"}
    assert told["gt_known"] == told["loc_5"] == 1  # all are found, and there are two classes
    assert told["loc_1"] == 0.5  # and half of them are of the first
    assert "loc_1" not in scores(found.verdicts["centre"])


def test_the_best_sentence_is_chosen_too(dataset, tmp_path):
    clip = {"model": "ViT-B-16", "weights": "none"}  # which a colourful localizer does not open
    templates = ["blurred {}", "sharp {}"]
    verdict = judged(dataset_bench(dataset, "test"), tmp_path, clip=clip, templates=templates).verdicts["colour"]
    best = {tried.template: tried.choosing[0][0].max() for tried in verdict.tried}
    assert list(best) == templates and best[verdict.chosen.template] == max(best.values()) == verdict.chosen.value


def test_one_that_cannot_be_asked_is_told_and_the_rest_goes_on(dataset, tmp_path):
    named = {"good": {"method": "colourful"}, "bad": {"method": "colourful", "prompts": ["unheard of"]}}
    bench = dataset_bench(dataset, "test")
    found = judged(bench, tmp_path, named)
    assert list(found.verdicts) == ["centre", "uniform", "good"]
    assert found.failed == {"bad": "colourful: 'unheard of' means nothing to it; ask for something else"}
    with pytest.raises(TrainingError, match="bad: colourful: 'unheard of' means nothing to it"):
        judged(bench, tmp_path, {"bad": named["bad"]})


def test_the_result_is_the_same_in_whatever_order_jobs_end(dataset, tmp_path, monkeypatch):
    bench = dataset_bench(dataset, "test")
    one = judged(bench, tmp_path)

    def last_first(engine, task, jobs, **options):
        return reversed(list(run_jobs(engine, task, jobs, **options)))

    monkeypatch.setattr("trainers.localize.judging.choosing.run_jobs", last_first)
    other = judged(bench, tmp_path)
    for name, verdict in one.verdicts.items():
        assert scores(verdict) == scores(other.verdicts[name])
        assert (verdict.chosen, verdict.best) == (other.verdicts[name].chosen, other.verdicts[name].best)


@pytest.mark.slow
def test_two_workers_find_what_one_does(dataset, tmp_path):
    bench, lineup = dataset_bench(dataset, "test"), lineup_of(localizers_file(tmp_path / "l.yaml"))
    alone, together = (judge(bench, lineup, EngineConfig(workers=count), QUIET) for count in (1, 2))
    for name, verdict in alone.verdicts.items():
        assert scores(verdict) == scores(together.verdicts[name])


def test_differences_are_paired_with_those_that_look_at_nothing(dataset, tmp_path):
    sections = {section.title: section for section in sections_of(judged(dataset_bench(dataset, "test"), tmp_path))}
    assert [row[0] for row in sections["Scores"].rows] == ["centre", "uniform", "colour"]
    for reference in ("centre", "uniform"):
        ((name, iou, *_),) = sections[f"Difference to {reference}"].rows
        assert name == "colour" and iou.startswith("+0.")
    assert "Loc@1 and Loc@5 are not given" in sections["Scores"].note
