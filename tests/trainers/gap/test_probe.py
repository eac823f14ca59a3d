"""The paste probe tells what is there to be told, and no more; its AUC is that of torchmetrics."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_auroc

from trainers.gap.probe import WINDOW, Windows, auc, fit_probe


def noisy(seed, count, *, paste):
    """Grey noise; `paste` puts a smooth square into the first half."""
    rng = np.random.default_rng(seed)
    images = rng.integers(90, 160, (count, WINDOW, WINDOW, 3), dtype=np.uint8)
    if paste:
        images[: count // 2, 20:44, 20:44] = 125
    return Windows(images, np.repeat([1, 0], count // 2))


@pytest.fixture(scope="module")
def fitted():
    return fit_probe(noisy(0, 64, paste=True), epochs=6)


def test_what_is_pasted_is_told_also_in_windows_never_seen(fitted):
    found = auc(fitted, noisy(1, 40, paste=True))
    assert found.value > 0.95 and found.low > 0.85


def test_where_nothing_is_pasted_there_is_nothing_to_tell(fitted):
    found = auc(fitted, noisy(2, 80, paste=False))
    assert found.low < 0.5 < found.high


def test_it_is_the_area_under_the_curve():
    """Also where logits are equal: this probe sees four levels of grey alone."""
    probe = torch.nn.Sequential(torch.nn.AvgPool2d(WINDOW), torch.nn.Flatten(), torch.nn.Linear(3, 1))
    levels = np.random.default_rng(3).integers(0, 4, 60)
    images = np.broadcast_to((60 * levels.astype(np.uint8))[:, None, None, None], (60, WINDOW, WINDOW, 3)).copy()
    labels = (np.random.default_rng(4).random(60) < 0.2 + 0.2 * levels).astype(np.int64)
    with torch.no_grad():
        probe[2].weight.fill_(1), probe[2].bias.zero_()
    found = auc(probe, Windows(images, labels))
    assert found.value == pytest.approx(float(binary_auroc(torch.from_numpy(levels / 4), torch.from_numpy(labels))))
    assert found.low < found.value < found.high


def test_the_same_windows_give_the_same_probe_and_leave_chance_alone():
    state = torch.get_rng_state()
    once, again = (fit_probe(noisy(0, 16, paste=True), epochs=1) for _ in range(2))
    assert all(torch.equal(one, other) for one, other in zip(once.parameters(), again.parameters(), strict=True))
    assert torch.equal(torch.get_rng_state(), state)
