"""Proposals are found once for each picture and each way of finding them, and survive damage."""

import numpy as np
import pytest
from rich.console import Console

from synthgen.core.picture import DecodedPicture
from synthgen.parallel import EngineConfig
from trainers.proposals.selective_search import SelectiveSearch
from trainers.proposals.store import ProposalStore, find_proposals


def noise(seed):
    return np.random.default_rng(seed).integers(0, 256, (48, 48, 3)).astype(np.uint8)


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.npy")}


def test_a_picture_is_searched_once(tmp_path):
    store = ProposalStore(tmp_path)
    assert not store.has(noise(1))
    first = store.of(noise(1))
    before = files(tmp_path)
    assert store.has(noise(1)) and np.array_equal(store.of(noise(1)), first) and files(tmp_path) == before
    assert np.array_equal(first, SelectiveSearch()(noise(1)))


def test_another_search_another_picture_or_another_shape_has_a_file_of_its_own(tmp_path):
    ProposalStore(tmp_path).of(noise(1))
    ProposalStore(tmp_path, SelectiveSearch(scale=40)).of(noise(1))
    ProposalStore(tmp_path).of(noise(2))
    ProposalStore(tmp_path).of(noise(2).reshape(24, 96, 3))
    assert len(files(tmp_path)) == 4


def test_a_damaged_file_is_found_anew(tmp_path):
    store = ProposalStore(tmp_path)
    first = store.of(noise(1))
    (file,) = files(tmp_path)
    file.write_bytes(file.read_bytes()[:40])
    assert np.array_equal(store.of(noise(1)), first)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_all_pictures_are_searched_and_what_is_there_stays(tmp_path, workers):
    samples = [DecodedPicture(f"p{seed}", f"p{seed}", noise(seed)) for seed in range(20)]
    store = ProposalStore(tmp_path)
    store.of(samples[3].image)
    before = files(tmp_path)
    find_proposals(samples, store, EngineConfig(workers=workers), Console(quiet=True), title="noise")
    assert len(files(tmp_path)) == 20 and before.items() <= files(tmp_path).items()
