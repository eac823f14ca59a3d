"""Experiment files: what they may say, and what is refused in one line."""

import pytest

from experiment_files import SCORED, write_experiment
from synthgen.core.errors import ConfigError
from trainers.experiment.arms import arms_of, reference_of
from trainers.experiment.config import ExperimentConfig, ScoredPictures, read_experiment
from trainers.study.config import split_overrides


def arms(pictures, **changes):
    file = write_experiment(pictures, **changes)
    return arms_of(read_experiment(file), file)


def test_a_list_of_counts_is_an_arm_for_each(pictures):
    found = arms(
        pictures, arms={"real": {"steps": 4, "real": 1, "photographs": [2, 0]}, "mixed": {"steps": 4, "real": 0.5}}
    )
    assert [(arm.name, arm.series, arm.varied, arm.count) for arm in found] == [
        ("real, 2 photographs", "real", "photographs", 2),
        ("real, all photographs", "real", "photographs", 0),
        ("mixed", "mixed", "", 0),
    ]
    assert [(arm.real, arm.synthetic) for arm in found] == [(True, False), (True, False), (False, False)]
    assert found[0].stages[0].photographs == (2,)


def test_a_list_of_stages_is_one_arm(pictures):
    (first, then) = arms(
        pictures, reference="a", arms={"a": [{"steps": 3}, {"steps": 1, "real": 1, "photographs": [2, 4]}]}
    )
    assert [stage.steps for stage in first.stages] == [3, 1]
    assert (first.name, then.name) == ("a, 2 photographs", "a, 4 photographs")


def test_the_reference_is_an_arm_or_the_one_of_its_series_with_most_pictures(pictures):
    series = {"real": {"steps": 4, "real": 1, "photographs": [0, 2, 4]}}
    for name, expected in {"real": "real, all photographs", "real, 4 photographs": "real, 4 photographs"}.items():
        file = write_experiment(pictures, arms=series, reference=name)
        experiment = read_experiment(file)
        assert reference_of(experiment, arms_of(experiment, file), file).name == expected


def test_groups_are_what_the_expression_finds(pictures):
    def grouped(group, name):
        return ScoredPictures(images=pictures, boxes=pictures, group=group).group_of(name)

    assert grouped("", "cam1.07") == "cam1.07"
    assert grouped("^[^.]+", "cam1.07") == "cam1"
    assert grouped(r"^cam(\d)", "cam1.07") == "1"
    assert grouped(r"^cam(\d)", "other") == "other"


def test_options_and_overrides_go_to_the_file_or_to_its_pipeline(pictures):
    ours, theirs = split_overrides(
        ["seeds=[4]", "training.steps=1", "samples.train=8", "recipe.flip=0"], ExperimentConfig
    )
    assert (ours, theirs) == (["seeds=[4]", "training.steps=1"], ["samples.train=8", "recipe.flip=0"])
    file = write_experiment(pictures, scored={"photographs": {"fit": "stretch"}})
    options = {"scored.photographs.images": str(pictures / "scored/images")}
    options["scored.photographs.masks"] = str(pictures / "scored/masks")
    experiment = read_experiment(file, ["seeds=[4]"], options)
    assert experiment.seeds == (4,)
    assert experiment.scored["photographs"].masks == pictures / "scored/masks"


STAGE = {"steps": 4}
REFUSED = {
    "no steps": ({"arms": {"a": {}}}, "arms.a.0.steps: Field required"),
    "real of none": (
        {"arms": {"a": {"steps": 4, "real": 1}}, "real": None},
        "arms.a: learns from real pictures, and none",
    ),
    "no reference": ({"reference": "b"}, "reference: no arm 'b'; there are: synthetic, real"),
    "a broken expression": (
        {"scored": {"photographs": {**SCORED["photographs"], "group": "("}}},
        "scored.photographs.group: '(' is no regular expression",
    ),
    "nothing scored": ({"scored": {}}, "scored: "),
    "no truth": ({"scored": {"a": {"images": "scored/images"}}}, "scored.a: photographs are scored by masks, boxes or"),
    "no folder": ({"scored": {"a": {"boxes": "scored/boxes.json"}}}, "scored.a: images is missing; give the folder"),
    "no real folder": ({"real": {"boxes": "real/boxes.json"}}, "real: images is missing"),
    "labels beside boxes": (
        {"scored": {"a": {**SCORED["photographs"], "labels": "scored/labels.csv"}}},
        "scored.a: labels stand alone",
    ),
    "a share of all": (
        {"real": {"images": "real/images", "boxes": "real/boxes.json", "share": 1}},
        "real: share: each stage",
    ),
    "photographs of none": (
        {"arms": {"a": {**STAGE, "photographs": 2}}},
        "arms.a.0: photographs: this stage has no real",
    ),
    "pictures of none": (
        {"arms": {"a": {**STAGE, "real": 1, "pictures": 2}}},
        "arms.a.0: pictures, recipe: this stage",
    ),
    "a count twice": ({"arms": {"a": {**STAGE, "pictures": [2, 2]}}}, "arms.a.0.pictures: one stands there twice"),
    "two lists": (
        {"arms": {"a": {**STAGE, "real": 0.5, "pictures": [1, 2], "photographs": [1, 2]}}},
        "arms.a: several counts of two things",
    ),
    "steps for all": ({"training": {"steps": 4}}, "training: steps: the arms and seeds decide it"),
    "another task": (
        {"arms": {"a": {**STAGE, "training": {"task": "classification"}}}},
        "training: task: all arms have one",
    ),
    "a split": ({"evaluation": {"split": "val"}}, "evaluation: split: `scored` says what is scored"),
    "an unknown key": ({"arms": {"a": {**STAGE, "reel": 1}}}, "arms.a.0.reel: unknown key"),
    "a seed twice": ({"seeds": [1, 1]}, "seeds: one stands there twice"),
}


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_one_clear_line(pictures, changes, message):
    with pytest.raises(ConfigError) as error:
        arms(pictures, **{"reference": next(iter(changes.get("arms", {"real": 0}))), **changes})
    lines = str(error.value).splitlines()
    assert len(lines) == 1 and message in lines[0], lines
