"""Pictures read from the mapped file are those that Parquet's own reader gives."""

import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_factory import make_samples, write_dataset
from synthgen.core.errors import DatasetError
from synthgen.shards.cells import PictureColumn
from synthgen.shards.reader import ShardDataset


def columns(folder):
    dataset = ShardDataset.open(folder)
    return {name: PictureColumn(dataset, "train", name) for name in ("image", "mask")}


@pytest.mark.parametrize("size", [(16, 16), (128, 160)])  # the larger ones fill several pages a row group
def test_every_row_of_every_shard(tmp_path, size):
    samples = make_samples(300, size=size)
    folder = write_dataset(tmp_path / "d", {"train-00000.parquet": samples[:200], "train-00001.parquet": samples[200:]})
    for name, column in columns(folder).items():
        cells = ShardDataset.open(folder).table("train", [name])[name].to_pylist()
        assert len(column) == 300
        assert [bytes(column[row]) for row in range(300)] == [cell["bytes"] for cell in cells]
        for outside in (-1, 300):
            with pytest.raises(IndexError, match=f"row {outside} of 300"):
                column[outside]


@settings(max_examples=15, deadline=None)
@given(lengths=st.lists(st.integers(0, 3000), min_size=1, max_size=300), page=st.sampled_from([1, 1000, 1 << 20]))
def test_any_lengths_and_page_sizes(tmp_path_factory, lengths, page):
    folder = write_dataset(
        tmp_path_factory.mktemp("d"), {"train-00000.parquet": make_samples(len(lengths), size=(4, 4))}
    )
    table = pq.read_table(folder / "train-00000.parquet")
    cells = [{"bytes": bytes([row % 256]) * length, "path": ""} for row, length in enumerate(lengths)]
    image = table.schema.get_field_index("image")
    table = table.set_column(image, table.schema.field(image), pa.array(cells, table.schema.field(image).type))
    pq.write_table(
        table,
        folder / "train-00000.parquet",
        compression="none",
        use_dictionary=False,
        data_page_size=page,
        write_batch_size=16,
        row_group_size=128,
        write_statistics=False,
    )
    column = columns(folder)["image"]
    assert [bytes(column[row]) for row in range(len(lengths))] == [cell["bytes"] for cell in cells]


def rewritten(tmp_path, **options):
    folder = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(9)})
    path = folder / "train-00000.parquet"
    pq.write_table(pq.read_table(path), path, **options)
    return columns(folder)["image"]


@pytest.mark.parametrize("options", [{"compression": "zstd", "use_dictionary": False}, {"compression": "none"}])
def test_shards_that_another_tool_compressed_are_refused(tmp_path, options):
    with pytest.raises(DatasetError, match=re.escape("image.bytes is compressed, so synthgen did not write it")):
        rewritten(tmp_path, **options)[0]


def test_damage_is_named(tmp_path):
    folder = write_dataset(tmp_path / "d", {"train-00000.parquet": make_samples(9)})
    path = folder / "train-00000.parquet"
    good = path.read_bytes()
    names = [f"{c}.bytes" for c in ("image", "mask")]
    group = pq.read_metadata(path).row_group(0)
    starts = [c.data_page_offset for c in map(group.column, range(group.num_columns)) if c.path_in_schema in names]
    for start in starts:
        path.write_bytes(good[:start] + bytes(100) + good[start + 100 :])
        with pytest.raises(DatasetError, match=r"train-00000\.parquet: damaged shard"):
            for column in columns(folder).values():
                column[0]
    path.write_bytes(good[:-50])
    with pytest.raises(DatasetError, match=r"train-00000\.parquet: damaged shard"):
        columns(folder)["image"][0]
