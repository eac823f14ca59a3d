"""A dataset is a sequence of rows: splits and slices of it are datasets, and torch takes it as it is."""

import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import datasets
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

import synthgen
from sample_factory import make_sample, make_samples, write_dataset
from samples_suite import SamplesSuite
from synthgen.core.errors import DatasetError

OLD = Path(__file__).parents[1] / "golden/version-2/dataset"
SAMPLES = {"train": make_samples(9), "val": make_samples(2, "val"), "test": make_samples(3, "test")}
EVERY = [sample for samples in SAMPLES.values() for sample in samples]
PNG = b"\x89PNG\r\n"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    train = SAMPLES["train"]
    files = {"train-00000.parquet": train[:5], "train-00001.parquet": train[5:]}
    files |= {f"{split}-00000.parquet": SAMPLES[split] for split in ("val", "test")}
    return synthgen.open(write_dataset(tmp_path_factory.mktemp("shards") / "discs", files))


def names(rows):
    return [row.name for row in rows]


class TestDataset(SamplesSuite):
    @pytest.fixture
    def samples(self, dataset):
        return dataset


def test_its_rows_are_those_of_all_splits_in_order(dataset):
    assert len(dataset) == 14 and dataset.splits == ("train", "val", "test")
    for row, sample in zip(dataset, EVERY, strict=True):
        assert (row.name, row.split, row.index) == (sample.name, sample.split, sample.index)
        assert (row.group, row.size, row.label) == (sample.group, sample.size, sample.label)
        np.testing.assert_array_equal(row.image, sample.image)
        np.testing.assert_array_equal(row.mask, sample.mask)
        assert [(it.number, it.bbox, it.amodal_rle) for it in row.instances] == [
            (it.number, it.bbox, it.amodal_rle) for it in sample.instances
        ]


keys = st.slices(14)


@settings(max_examples=30)
@given(keys, keys)
def test_slices_of_slices_are_those_of_a_list(dataset, first, second):
    expected = names(EVERY)[first][second]
    found = dataset[first][second]
    assert names(found) == expected and len(found) == len(expected)
    for split in ("train", "val", "test"):
        assert names(found[split]) == [name for name in expected if name.startswith(split)]
    assert found.to_arrow()["sample_id"].to_pylist() == expected


def test_numbers_count_from_either_end_and_may_be_numpys(dataset):
    assert dataset[-1].name == "test-000002" and dataset[np.int64(9)].name == "val-000000"
    with pytest.raises(IndexError, match="row 14 of 14"):
        dataset[14]
    with pytest.raises(TypeError):
        dataset[1.0]


def test_an_absent_split_is_named(dataset):
    with pytest.raises(DatasetError, match="no split 'valid'; choose one of: train, val, test"):
        dataset["valid"]
    with pytest.raises(DatasetError, match="no such directory"):
        synthgen.open("nowhere")


def test_columns_come_without_pixels(dataset):
    frame = dataset["train"].to_pandas()
    assert len(frame) == 9 and not {"image", "mask"} & {*frame.columns}
    assert list(frame["instances"].map(len)) == [sample.index % 4 for sample in SAMPLES["train"]]


def test_torch_makes_batches_of_it(dataset):
    batches = list(DataLoader(dataset["train"], batch_size=4))
    assert [len(batch["name"]) for batch in batches] == [4, 4, 1]
    for key in ("image", "mask"):
        expected = np.stack([getattr(sample, key) for sample in SAMPLES["train"][:4]])
        np.testing.assert_array_equal(batches[0][key].numpy(), expected)
    assert batches[0]["label"].tolist() == [sample.label for sample in SAMPLES["train"][:4]]


def test_torchs_workers_open_the_files_anew(dataset):
    (batch,) = DataLoader(dataset["val"], batch_size=2, num_workers=1)
    assert batch["name"] == ["val-000000", "val-000001"]


def test_a_collate_of_ones_own_is_given_the_rows(dataset):
    (rows,) = DataLoader(dataset["test"], batch_size=3, collate_fn=list)
    assert [len(row.instances) for row in rows] == [0, 1, 2]


def test_a_row_is_a_mapping_of_what_can_be_stacked(dataset):
    row = dataset[1]
    assert list(row) == ["name", "image", "mask", "label"] and len(row) == 4
    assert row["image"] is row.image
    assert row == row and row != dataset[1] and len({row, dataset[1]}) == 2
    with pytest.raises(KeyError, match="other parts are attributes"):
        row["scene"]


def test_hugging_face_gets_the_pictures(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    loaded = dataset[2:11:2].to_hf()
    assert {split: rows["sample_id"][:] for split, rows in loaded.items()} == {
        "train": ["train-000002", "train-000004", "train-000006", "train-000008"],
        "val": ["val-000001"],
    }
    np.testing.assert_array_equal(np.asarray(loaded["train"][1]["image"]), SAMPLES["train"][4].image)


@pytest.mark.parametrize(("package", "method"), [("pandas", "to_pandas"), ("datasets", "to_hf")])
def test_a_missing_package_is_named(dataset, monkeypatch, package, method):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"{method}\(\) needs the package {package}: pip install {package}"):
        getattr(dataset, method)()


def test_it_says_what_it_is(dataset):
    assert repr(dataset) == "<Dataset discs: 14 rows of 48×64 pixels (9 train, 2 val, 3 test), categories disc>"
    assert repr(dataset[2:2]) == "<Dataset discs: 0 rows of 48×64 pixels (none), categories disc>"
    assert [repr(dataset[index]) for index in (0, 2)] == [
        "<Row train-000000: 48×64 pixels, no target>",
        "<Row train-000002: 48×64 pixels, 2 disc>",
    ]


def test_notebooks_show_it(dataset):
    for shown in (dataset, dataset[:3], dataset[1]):
        assert shown._repr_png_().startswith(PNG)
    assert dataset[:0]._repr_png_() is None


def test_slices_can_be_sent_to_another_process(dataset):
    assert names(pickle.loads(pickle.dumps(dataset[8:10]))) == ["train-000008", "val-000000"]


def test_a_dataset_of_before_opens():
    old = synthgen.open(OLD)
    assert len(old) == len(old.to_arrow()) == 8
    assert all(len(row.scene.placements) >= len(row.instances) for row in old)


def test_a_scene_of_another_version_is_refused_and_the_row_stays_readable(tmp_path):
    sample = replace(make_sample(discs=2), scene='{"version": 99}')
    dataset = synthgen.open(write_dataset(tmp_path / "d", {"train-00000.parquet": [sample]}))
    assert len(dataset[0].instances) == 2
    with pytest.raises(DatasetError, match="holds a scene of version 99"):
        _ = dataset[0].scene


def test_the_import_is_light_and_names_what_there_is():
    code = "import sys, synthgen; print(sorted({'numpy', 'pydantic', 'pyarrow'} & {*sys.modules}), dir(synthgen))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"[] {sorted(synthgen.__all__)}"
    with pytest.raises(AttributeError, match="no attribute 'opne'; there are: Dataset"):
        _ = synthgen.opne
