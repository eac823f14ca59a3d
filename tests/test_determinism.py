"""Sample i depends on recipe, assets, seed, split and i: not on process, thread, hash seed or order (law 1)."""

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import albumentations
import pytest

from synthgen.assets.cast import Cast
from synthgen.assets.intake import load_catalog
from synthgen.assets.library import Library, build_library
from synthgen.render.compositor import render_scene
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.shards.codec import pixel_hash
from tiny_assets import write_tiny_assets

TURNS = albumentations.Compose([albumentations.Rotate(limit=40, p=0.9), albumentations.RandomGamma(p=0.9)])
RECIPE = {
    "decoys": {"count": {"min": 0, "max": 2}},
    "occluders": {"probability": 0.5},
    "categories": {"handgun": 1.0},
    "blend": {"modes": ["none", "feather", "gaussian", "box", "motion", "poisson", "poisson_mixed", "laplacian"]},
    "harmonize": {"modes": ["reinhard", "histogram", "exposure", "relight"]},
    "shadow": {"modes": ["contact", "cast"]},
    "camera": {"preset": "cctv-night"},
    "augment": json.loads(json.dumps(TURNS.to_dict())),
}
COUNT = 12


def studio(folder, config):
    """Take assets in afresh; return what renders sample `index` and hashes it."""
    catalog = load_catalog(config)
    library = Library.open(build_library(catalog, folder))
    cast, recipe = Cast.of(catalog, "train", config.splits, RECIPE["categories"]), Recipe.model_validate(RECIPE)

    def one(index):
        scene = plan_scene(recipe, cast, size=(64, 96), seed=9, index=index)
        sample = render_scene(scene, library)
        return index, pixel_hash(sample.image), hashlib.sha256(sample.mask).hexdigest(), scene.to_json()

    return one


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assets")
    return folder, write_tiny_assets(folder)


@pytest.fixture(scope="module")
def expected(assets):
    return list(map(studio(*assets), range(COUNT)))


def test_order_plays_no_part(assets, expected):
    assert list(map(studio(*assets), reversed(range(COUNT))))[::-1] == expected


def test_a_sample_alone_is_the_sample_in_the_run(assets, expected):
    assert studio(*assets)(7) == expected[7]


def test_eight_threads_render_the_same(assets, expected):
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(studio(*assets), range(COUNT))) == expected


@pytest.mark.parametrize("seed", ["0", "12345"])
def test_another_process_with_another_hash_seed_renders_the_same(assets, expected, seed):
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "from synthgen.assets.catalog import AssetsConfig\n"
        "import test_determinism as here\n"
        "folder = Path(sys.argv[1])\n"
        "config = AssetsConfig(foregrounds=folder / 'foregrounds', backgrounds=folder / 'backgrounds')\n"
        "print(*(value for entry in map(here.studio(folder, config), range(here.COUNT)) for value in entry[1:3]))\n"
    )
    tests = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code, str(assets[0]), str(tests), str(tests / "factories")],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.split() == [value for entry in expected for value in entry[1:3]]
