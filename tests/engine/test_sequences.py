"""Datasets of sequences: made, grown, verified, replayed, merged, exported and looked at."""

import contextlib
import io
import json
import shutil
import tarfile
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO
from rich.console import Console

from exports import exported
from sample_factory import layered_sample, make_samples, write_dataset
from synthgen.core.errors import ConfigError, DatasetError, OutputError
from synthgen.engine import GenerationConfig, generate, merge, replay
from synthgen.engine.identity import identity
from synthgen.interface.dataset import open as open_dataset
from synthgen.parallel.settings import EngineConfig
from synthgen.report import footage
from synthgen.report.contact_sheet import contact_sheet
from synthgen.report.footage import film_of, frames_of, sequence_rows
from synthgen.shards.content import row_hash
from synthgen.shards.reader import ShardDataset, read_rows
from synthgen.shards.rowcheck import check_row
from synthgen.shards.samples import ShardSamples
from synthgen.shards.sequences import Continuity
from synthgen.shards.verify import verify_dataset
from synthgen.studio import Studio
from tiny_assets import write_tiny_assets

FRAMES, QUIET = 8, Console(quiet=True)
RECIPE = {
    "negatives": 0,
    "min_visibility": 0.1,
    "camera": {"preset": "webcam"},
    "sequence": {"frames": FRAMES, "fps": 5, "motion": {"crossing": 0.5}},
}


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    return write_tiny_assets(tmp_path_factory.mktemp("assets"))


def config(assets, *, train=20, shard_rows=6, seed=0, recipe=RECIPE):
    values = {
        "seed": seed,
        "assets": {**assets.model_dump(), "splits": {"train": 1}},
        "size": (64, 96),
        "recipe": recipe,
        "samples": {"train": train},
        "output": {"path": "unused", "shard_rows": shard_rows},
        "engine": {"workers": 1},
    }
    return GenerationConfig.model_validate(values)


@pytest.fixture(scope="module")
def dataset(assets, tmp_path_factory):
    """Two sequences and a half."""
    folder = tmp_path_factory.mktemp("data") / "d"
    generate(config(assets), folder, console=QUIET)
    return folder


def rows(folder):
    return list(ShardDataset.open(folder).rows("train"))


def test_rows_are_frames_in_order_and_the_last_sequence_is_as_long_as_there_are_rows(dataset):
    found = rows(dataset)
    assert [(row["sequence_id"], row["frame"]) for row in found] == [
        (f"train-{index // FRAMES:06d}", index % FRAMES) for index in range(20)
    ]
    for row in found:
        scene = json.loads(row["scene"])
        shown = {p["track"]: p["source"]["foreground_id"] for p in scene["placements"] if p["part"] == "target"}
        assert [shown[track] for track in row["tracks"]] == [each["foreground_id"] for each in row["instances"]]


def test_growing_completes_the_last_sequence_and_keeps_the_rows_that_there_were(assets, dataset, tmp_path):
    shutil.copytree(dataset, tmp_path / "d")
    generate(config(assets, train=30), tmp_path / "d", console=QUIET)
    grown = rows(tmp_path / "d")
    assert list(map(row_hash, grown[:20])) == list(map(row_hash, rows(dataset)))
    assert Counter(row["sequence_id"] for row in grown) == Counter(f"train-{n // FRAMES:06d}" for n in range(30))


def test_another_motion_is_another_dataset_and_none_is_that_of_before(assets):
    class AnyCatalog:
        digest = "a"

    def parts(recipe):
        return identity(config(assets, recipe=recipe), AnyCatalog())["recipe"]

    assert parts({}) == parts({"sequence": None}) == "{}"
    assert json.loads(parts({"sequence": {}})) == {"sequence": {}}
    assert parts({"sequence": {"fps": 9}}) != parts({"sequence": {}})


def test_it_verifies_and_replays(dataset):
    assert verify_dataset(dataset).problems == ()
    assert all(replay(dataset, "train", index).matches for index in (0, 11, 19))


def test_frames_of_a_sequence_are_one_group(dataset):
    samples = ShardSamples(ShardDataset.open(dataset), "train")
    assert [picture.group for picture in samples] == [f"train-{index // FRAMES:06d}" for index in range(20)]
    assert [each.track for each in open_dataset(dataset)[9].instances] == rows(dataset)[9]["tracks"]


def frame(number, *tracks, sequence="a"):
    instances = [{"category": "mug", "foreground_id": name} for _, name in tracks]
    return {"sequence_id": sequence, "frame": number, "tracks": [track for track, _ in tracks], "instances": instances}


def test_what_does_not_go_on_is_found():
    def problems(*frames):
        seen = Continuity()
        return [problem for row in frames for problem in seen.see(row)]

    assert problems(frame(0, (1, "x")), frame(1), frame(2, (1, "x"), (2, "y")), frame(0, (1, "y"), sequence="b")) == []
    assert problems(frame(0), frame(2)) == ["is frame 2 of a, expected frame 1"]
    assert problems(frame(0, (1, "x")), frame(1, (1, "y"))) == ["track 1 is mug y, and was mug x"]
    assert problems({"sequence_id": None, "frame": None}, {}) == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"frame": None}, "a frame has all three, a picture none"),
        ({"sequence_id": "other"}, "sequence_id is 'other', scene_id is 'train-000000'"),
        ({"tracks": [3, 3]}, "expected a number of its own"),
    ],
)
def test_a_row_that_is_half_a_frame_is_found(dataset, changes, complaint):
    row = next(row for row in rows(dataset)[:FRAMES] if row["instances"])
    found = list(check_row({**row, **changes}, (64, 96), {"handgun"}))
    assert any(complaint in problem for problem in found)
    assert list(check_row(row, (64, 96), {"handgun"})) == []


def test_merged_sequences_keep_their_frames_and_their_names_are_apart(assets, dataset, tmp_path):
    studio = Studio.open(config(assets, seed=1, train=12), tmp_path / "cache")
    files = {"train-00000.parquet": list(studio.samples("train"))}
    groups = ShardDataset.open(dataset).manifest.background_groups
    write_dataset(tmp_path / "b", files, categories=["handgun"], background_groups=groups)
    merge(dataset, tmp_path / "b", tmp_path / "c", engine=EngineConfig(workers=1), console=QUIET)
    assert verify_dataset(tmp_path / "c").problems == ()
    lengths = Counter(row["sequence_id"] for row in rows(tmp_path / "c"))
    assert sorted(lengths.values()) == [4, 4, 8, 8, 8]


def test_coco_has_videos_frames_and_tracks(dataset, tmp_path):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(exported(dataset, "coco", tmp_path / "coco") / "annotations/instances_train.json")
    assert coco.dataset["videos"] == [{"id": 8 * n + 1, "name": f"train-{n:06d}"} for n in range(3)]
    images = coco.dataset["images"]
    assert [(each["video_id"], each["frame_id"]) for each in images] == [(n // 8 * 8 + 1, n % 8) for n in range(20)]
    owners = {}
    for each in coco.dataset["annotations"]:
        if not each["iscrowd"]:
            video = coco.imgs[each["image_id"]]["video_id"]
            assert owners.setdefault(each["track_id"], (video, each["foreground_id"])) == (video, each["foreground_id"])
    assert owners


def test_pictures_have_no_such_fields(tmp_path):
    plain = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(4)})
    file = exported(plain, "coco", tmp_path / "coco") / "annotations/instances_train.json"
    assert all(word not in file.read_text() for word in ("video", "track", "frame"))
    assert {(row["sequence_id"], row["frame"], row["tracks"]) for row in rows(plain)} == {(None, None, None)}


def test_webdataset_and_the_hub_keep_frames_and_tracks(dataset, tmp_path):
    folder = exported(dataset, "webdataset", tmp_path / "w")
    with tarfile.open(folder / "train-00001.tar") as tar:
        told = json.loads(tar.extractfile("train-000009.json").read())
    assert (told["sequence_id"], told["frame"]) == ("train-000001", 1)
    assert [each["track"] for each in told["instances"]] == rows(dataset)[9]["tracks"]
    datasets = pytest.importorskip("datasets")
    hub = exported(dataset, "huggingface", tmp_path / "h", names=[f"train-{n:06d}" for n in (3, 9)])
    files = {"train": str(hub / "data/train-*.parquet")}
    loaded = datasets.load_dataset("parquet", data_files=files, cache_dir=str(tmp_path / "cache"))["train"]
    assert loaded["frame"][:] == [3, 1] and loaded["tracks"][1] == rows(dataset)[9]["tracks"]


def test_a_class_that_is_dropped_takes_its_tracks_along(tmp_path):
    sample = layered_sample()  # a plate, two discs, a plate
    tracked = tuple(replace(each, track=10 + each.number) for each in sample.instances)
    frames = [replace(sample, sequence_id=sample.scene_id, frame=0, instances=tracked)]
    made = write_dataset(tmp_path / "d", {"train-00000.parquet": frames}, categories=["disc", "plate"])
    hub = exported(made, "huggingface", tmp_path / "h", classes={"disc": None})
    (row,) = read_rows(hub / "data/train-00000.parquet")
    assert row["tracks"] == [11, 14]


def test_the_sheet_shows_one_sequence(dataset):
    found = ShardDataset.open(dataset)
    sheets = [contact_sheet(found, split="train", count=8, columns=4, sequence=number) for number in (0, 1)]
    assert sheets[0].shape == sheets[1].shape and (sheets[0] != sheets[1]).any()
    assert [sequence_rows(found, "train", number) for number in range(3)] == [range(8), range(8, 16), range(16, 20)]
    with pytest.raises(ConfigError, match="--sequence 3: train has 3 sequences; choose 0 to 2"):
        sequence_rows(found, "train", 3)


def test_a_film_has_the_frames_of_the_sequence_at_its_own_speed(dataset, tmp_path):
    found = ShardDataset.open(dataset)
    film_of(found, "train", 1, tmp_path / "film.mp4")
    video = cv2.VideoCapture(str(tmp_path / "film.mp4"))
    assert (video.get(cv2.CAP_PROP_FPS), video.get(cv2.CAP_PROP_FRAME_COUNT)) == (5, FRAMES)
    for drawn in frames_of(found, "train", range(8, 16)):
        done, shown = video.read()
        assert done and shown.shape == drawn.shape
        assert np.abs(cv2.cvtColor(shown, cv2.COLOR_BGR2RGB).astype(int) - drawn).mean() < 12


def test_what_cannot_be_a_film_is_refused(dataset, tmp_path):
    found = ShardDataset.open(dataset)
    with pytest.raises(ConfigError, match=r"ends with \.mp4"):
        film_of(found, "train", 0, tmp_path / "film.gif")
    plain = ShardDataset.open(write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(4)}))
    with pytest.raises(DatasetError, match=r"no frames; set recipe\.sequence"):
        film_of(plain, "train", 0, tmp_path / "film.mp4")


def test_without_a_codec_nothing_is_written(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(footage, "CODEC", "none")
    with pytest.raises(OutputError, match=r"writes no MP4 \(none\); install opencv-python-headless"):
        film_of(ShardDataset.open(dataset), "train", 0, tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []
