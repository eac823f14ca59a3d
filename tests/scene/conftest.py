"""A small catalog, and its cast of the split train."""

import pytest

from synthgen.assets.cast import Cast
from synthgen.assets.splits import SplitShares
from tiny_assets import tiny_library


@pytest.fixture(scope="package")
def catalog(tmp_path_factory):
    return tiny_library(tmp_path_factory.mktemp("assets"))[0]


@pytest.fixture(scope="package")
def cast(catalog):
    return Cast.of(catalog, "train", SplitShares())
