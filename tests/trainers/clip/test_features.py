"""Features are found once for each tower and each picture as the tower sees it, and survive damage and company."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from rich.console import Console

from synthgen.core.errors import TrainingError
from synthgen.core.picture import DecodedPicture, Truth
from synthgen.parallel import EngineConfig, run_jobs
from tiny_clip import RESNET, saved_clip
from trainers.clip.features import Features, find_features
from trainers.clip.load import open_tower
from trainers.clip.sight import ATTENDED, HIDDEN
from trainers.loading.loader import SampleLoader
from trainers.loading.transform import Recurring

COUNT = 5


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return saved_clip(tmp_path_factory.mktemp("vit"))


@pytest.fixture(scope="module")
def tower(config):
    return open_tower(config)


def noise(count=COUNT, side=32, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, side, side, 3)).astype(np.uint8)


def samples(images):
    return [DecodedPicture(f"p{n}", f"p{n}", image, Truth(label=n % 2)) for n, image in enumerate(images)]


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


class Shifted:
    """Moves a picture by as many columns as the epoch says, and one more."""

    def __call__(self, image, truth, epoch, row):
        image[:] = np.roll(image, epoch + 1, axis=1)
        return truth


def test_features_are_the_towers_tokens_in_half_precision(tmp_path, tower):
    images = noise()
    whole, patches = tower.tokens(torch.from_numpy(images).permute(0, 3, 1, 2) / 255)
    for _ in range(2):  # found, and found again
        found = Features(tower, tmp_path).of(images)
        for ours, theirs in zip(found, (whole, patches), strict=True):
            assert ours.dtype == np.float16 and ours.shape == tuple(theirs.shape)
            np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=2e-3)


def test_a_picture_is_looked_at_once(tmp_path, tower):
    features, images = Features(tower, tmp_path), noise()
    features.of(images[:3])
    before = files(tmp_path)
    found = features.of(images[[4, 1, 4]])
    assert len(files(tmp_path)) == 4 and before.items() <= files(tmp_path).items()
    assert np.array_equal(found[1][0], found[1][2]) and np.array_equal(found[0][1], features.of(images[1:2])[0][0])


def test_another_tower_or_another_size_has_a_file_of_its_own(tmp_path, tower):
    other = open_tower(saved_clip(tmp_path / "resnet", RESNET))
    for each, side in ((tower, 32), (tower, 64), (other, 64)):
        Features(each, tmp_path / "features").of(noise(1, side))
    assert len(files(tmp_path / "features")) == 3
    assert len(list((tmp_path / "features").iterdir())) == 2
    with pytest.raises(TrainingError, match="pictures are 40×40, and its patches have 32 pixels a side"):
        Features(other, tmp_path / "features").of(noise(1, 40))


@pytest.mark.parametrize(("sight", "numbers"), [(HIDDEN, 32), (ATTENDED, 33)], ids=["hidden", "attended"])
def test_what_another_sight_takes_has_a_file_of_its_own(tmp_path, tower, sight, numbers):
    images = noise(2)
    Features(tower, tmp_path).of(images)
    for _ in range(2):  # found, and found again
        found = Features(tower, tmp_path, sight).of(images)
        expected = sight.look(tower, torch.from_numpy(images).permute(0, 3, 1, 2) / 255)
        for ours, theirs in zip(found, expected, strict=True):
            assert ours.shape == tuple(theirs.shape) and ours.shape[-1] == numbers
            np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=2e-3)
    assert len(files(tmp_path)) == 4


def test_the_last_number_of_what_is_attended_to_is_the_class_tokens_mean_attention(tower):
    pixels = torch.from_numpy(noise(2)).permute(0, 3, 1, 2) / 255
    whole, patches = ATTENDED.look(tower, pixels)
    shares = torch.cat([whole[:, None], patches], 1)[..., -1]
    torch.testing.assert_close(shares, tower.attn(pixels)[:, :, 0].mean(1))
    torch.testing.assert_close(shares.sum(1), torch.ones(2))


@pytest.mark.parametrize("damage", [lambda data: data[:-100], lambda data: data[:10], lambda data: b""])
def test_a_damaged_file_is_made_anew(tmp_path, tower, damage):
    features = Features(tower, tmp_path)
    first = features.of(noise(1))
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert np.array_equal(features.of(noise(1))[1], first[1])


def test_files_are_mapped_and_not_read_whole(tmp_path, tower):
    Features(tower, tmp_path).of(noise(1))
    (file,) = files(tmp_path)
    assert isinstance(np.load(file, mmap_mode="r"), np.memmap)


def test_all_pictures_are_found_before_training_and_what_is_there_stays(tmp_path, tower):
    features, images = Features(tower, tmp_path), noise()
    features.of(images[2:3])
    before = files(tmp_path)
    find_features(features, samples(images), Console(quiet=True), title="train")
    assert len(files(tmp_path)) == COUNT and before.items() <= files(tmp_path).items()


def test_views_that_recur_are_all_found_before_training(tmp_path, tower):
    features, pictures = Features(tower, tmp_path), samples(noise())
    find_features(features, pictures, Console(quiet=True), title="train", views=2, transforms=[Shifted()])
    before, seen = files(tmp_path), []
    loader = SampleLoader(
        pictures, collate=None, batch_size=2, seed=3, shuffle=True, transforms=[Recurring(Shifted(), 2)]
    )
    for epoch in range(5):
        loader.set_epoch(epoch)
        batches = list(loader)
        rows = np.argsort(np.concatenate([batch.indices for batch in batches]))
        seen.append(np.concatenate([batch.images for batch in batches])[rows])
        for batch in batches:
            features.of(batch.images)
    assert len(before) == 2 * COUNT and files(tmp_path) == before
    assert np.array_equal(seen[0], seen[2]) and np.array_equal(seen[1], seen[3]) and not np.array_equal(*seen[:2])


def test_several_writers_do_not_disturb_each_other(tmp_path, tower):
    images = noise(12)

    def found(_):
        return Features(tower, tmp_path).of(images)[1]

    with ThreadPoolExecutor(4) as pool:
        all_found = list(pool.map(found, range(8)))
    assert all(np.allclose(each, all_found[0], atol=2e-3) for each in all_found)
    assert len(files(tmp_path)) == 12  # no temporary file stays


@pytest.mark.slow
def test_two_processes_share_a_folder(tmp_path, config):
    outcomes = run_jobs(EngineConfig(workers=2), _found, [0, 1], shared={"config": config, "folder": tmp_path}, count=2)
    one, other = (outcome.value() for outcome in outcomes)
    assert np.array_equal(one, other) and len(files(tmp_path)) == COUNT


def _found(_, config, folder):
    torch.set_num_threads(1)
    return Features(open_tower(config), folder).of(noise())[1]
