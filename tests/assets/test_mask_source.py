"""Who outlined a cutout is known from the catalog to the dataset, and changes no dataset of before."""

from io import StringIO

import pytest
from rich.console import Console

from synthgen.assets.intake import load_catalog
from synthgen.assets.splits import SplitShares
from synthgen.core.errors import AssetError
from synthgen.engine import GenerationConfig, generate, merge
from synthgen.formats.cutouts.registry import CUTOUT_FORMATS
from synthgen.formats.offer import ReadOptions
from synthgen.importing.settings import ImportSettings
from synthgen.importing.take_in import take_in
from synthgen.parallel.settings import EngineConfig
from synthgen.report.asset_tables import counts_table
from synthgen.shards.content import dataset_hash
from synthgen.shards.manifest import pseudo_assets, read_manifest
from tiny_assets import write_tiny_assets

QUIET = Console(file=StringIO())


@pytest.fixture
def assets(tmp_path):
    return write_tiny_assets(tmp_path / "assets")


def mark(assets, source, *names):
    """Say in the catalog who outlined some cutouts."""
    catalog = assets.foregrounds / "catalog.csv"
    header, *lines = catalog.read_text().splitlines()
    lines = [f"{line},{source if line.split(',')[0] in names else ''}" for line in lines]
    catalog.write_text("\n".join([f"{header},mask_source", *lines, ""]))


def made(assets, folder, **changes):
    values = {
        "seed": 1,
        "assets": {**assets.model_dump(), "splits": {"train": 1}},
        "size": (32, 32),
        "samples": {"train": 2},
        "output": {"path": "unused"},
        "engine": {"workers": 1},
        **changes,
    }
    generate(GenerationConfig.model_validate(values), folder, console=QUIET)
    return read_manifest(folder)


def test_a_cutout_is_of_someone_who_knows_unless_the_catalog_says_otherwise(assets):
    assert {asset.mask_source for asset in load_catalog(assets).foregrounds} == {"gt"}
    mark(assets, "pseudo", "target-03")
    assert [asset.id for asset in load_catalog(assets).foregrounds if asset.mask_source == "pseudo"] == ["target-03"]
    assert load_catalog(assets).guessed == ("target-03",)


def test_a_catalog_says_gt_or_pseudo(assets):
    mark(assets, "guess", "target-03")
    with pytest.raises(AssetError, match=r"catalog\.csv:5: mask_source 'guess'; expected gt or pseudo"):
        load_catalog(assets)


def test_the_table_of_assets_counts_the_guesses(assets):
    assert counts_table(load_catalog(assets), SplitShares()).caption is None
    mark(assets, "pseudo", "target-03")
    told = counts_table(load_catalog(assets), SplitShares()).caption
    assert told == "1 cutouts: their outline is a guess (mask_source: pseudo)"


def test_a_dataset_names_its_pseudo_cutouts_and_its_rows_are_the_same(assets, tmp_path):
    before = made(assets, tmp_path / "before")
    assert pseudo_assets(before) == frozenset()
    mark(assets, "pseudo", "target-03", "target-07")
    after = made(assets, tmp_path / "after")
    assert pseudo_assets(after) == {"target-03", "target-07"}
    assert (before.fingerprint, before.assets_digest) == (after.fingerprint, after.assets_digest)
    assert dataset_hash(tmp_path / "before") == dataset_hash(tmp_path / "after")


def test_a_merged_dataset_names_those_of_both(assets, tmp_path):
    made(assets, tmp_path / "one")
    mark(assets, "pseudo", "target-03")
    made(assets, tmp_path / "two", seed=2)
    merge(tmp_path / "one", tmp_path / "two", tmp_path / "both", engine=EngineConfig(workers=1), console=QUIET)
    assert pseudo_assets(read_manifest(tmp_path / "both")) == {"target-03"}


def test_cutouts_that_are_imported_anew_stay_pseudo(assets, tmp_path):
    mark(assets, "pseudo", "target-03")
    offers = CUTOUT_FORMATS["rgba"].read(assets.foregrounds, ReadOptions())
    take_in(offers, tmp_path / "into", ImportSettings())
    copied = assets.model_copy(update={"foregrounds": tmp_path / "into"})
    assert [asset.id for asset in load_catalog(copied).foregrounds if asset.mask_source == "pseudo"] == ["target-03"]
