"""The library: decoded once, premultiplied, shared; the same for all processes."""

import pickle

import numpy as np
import pytest

from synthgen.assets.intake import load_catalog
from synthgen.assets.library import Library, build_library
from synthgen.core.errors import AssetError
from synthgen.core.pictures import read_foreground
from tiny_assets import tiny_library, write_png, write_tiny_assets


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    return folder, *tiny_library(folder)


def test_level_0_is_the_premultiplied_cutout(built):
    _, catalog, library = built
    asset = catalog.foregrounds[0]
    straight = read_foreground(asset.path)[0].astype(np.float64)
    expected = np.rint(straight[:, :, :3] * straight[:, :, 3:] / 255)
    level = library.foreground(asset.id)[0]
    assert np.abs(level[:, :, :3] - expected).max() <= 1
    assert (level[:, :, 3] == straight[:, :, 3]).all()


def test_no_level_is_brighter_than_its_alpha(built):
    _, catalog, library = built
    for asset in catalog.foregrounds:
        for level in library.foreground(asset.id):
            assert (level[:, :, :3].max(axis=2) <= level[:, :, 3]).all()


def test_levels_halve(built):
    _, catalog, library = built
    levels = library.background(catalog.backgrounds[0].id)
    assert [level.shape for level in levels] == [(180, 240, 3), (90, 120, 3)]


def test_levels_average_light_not_codes(tmp_path):
    config = write_tiny_assets(tmp_path, foregrounds=1, backgrounds=1, distractors=0)
    board = np.zeros((256, 256, 3), np.uint8)
    board[::2, ::2] = board[1::2, 1::2] = 255
    write_png(config.backgrounds / "scene-00.png", board)
    library = Library.open(build_library(load_catalog(config), tmp_path))
    assert np.abs(library.background("scene-00")[1].astype(int) - 188).max() <= 1  # half the light of white


def test_it_pickles_as_a_path(built):
    _, catalog, library = built
    data = pickle.dumps(library)
    assert len(data) < 1000
    name = catalog.foregrounds[0].id
    assert (pickle.loads(data).foreground(name)[0] == library.foreground(name)[0]).all()


def test_pixels_are_read_only(built):
    _, catalog, library = built
    with pytest.raises(ValueError, match="read-only"):
        library.foreground(catalog.foregrounds[0].id)[0][0, 0, 0] = 1


def test_it_is_built_once(built):
    folder, catalog, _ = built
    path = build_library(catalog, folder)
    before = (path / "pixels.bin").stat().st_mtime_ns
    assert build_library(catalog, folder) == path
    assert (path / "pixels.bin").stat().st_mtime_ns == before


def test_strangers_and_ruins_are_named(built, tmp_path):
    with pytest.raises(AssetError, match="no foreground 'nobody'"):
        built[2].foreground("nobody")
    with pytest.raises(AssetError, match="no complete library"):
        Library.open(tmp_path)
