"""Batch norm: shared between devices where it learns, as it is where it is frozen, or estimated anew."""

import pytest
import torch
from timm.layers import BatchNormAct2d
from torch import nn

from trainers.config.segmentation import SegmentationConfig
from trainers.learn.batch_norm import estimated_anew, freeze_statistics, has_statistics, share_statistics
from trainers.models.registry import build_network
from trainers.tasks.segmentation.learner import Segmentation


def network(encoder="tu-mobilenetv3_small_050"):
    torch.manual_seed(0)
    return build_network(SegmentationConfig(encoder=encoder))


IMAGES = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("encoder", ["tu-mobilenetv3_small_050", "mobilenet_v2"])
def test_a_network_computes_the_same_with_shared_statistics(encoder):
    before, shared = network(encoder).eval(), network(encoder)
    share_statistics(shared)
    shared.eval()
    with torch.no_grad():
        assert torch.allclose(shared(IMAGES), before(IMAGES), atol=1e-6)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in shared.modules())
    assert list(shared.state_dict()) == list(before.state_dict())


def test_activations_within_batch_norm_stay():
    fused = [module for module in network().modules() if isinstance(module, BatchNormAct2d)]
    assert len(fused) > 10  # or this test would say nothing
    shared = network()
    share_statistics(shared)
    found = [module for module in shared.modules() if isinstance(module, nn.SyncBatchNorm) and hasattr(module, "act")]
    assert [type(module.act) for module in found] == [type(module.act) for module in fused]


def test_frozen_statistics_are_not_shared():
    shared = network()
    share_statistics(shared, but=shared.encoder)
    assert not any(isinstance(module, nn.SyncBatchNorm) for module in shared.encoder.modules())
    assert any(isinstance(module, nn.SyncBatchNorm) for module in shared.decoder.modules())


def test_any_kind_of_batch_norm_is_frozen():
    kinds = [nn.BatchNorm1d(1), nn.BatchNorm2d(1), nn.SyncBatchNorm(1), BatchNormAct2d(1)]
    freeze_statistics(nn.Sequential(*kinds, inner := nn.Dropout()))
    assert not any(module.training for module in kinds) and inner.training


def test_freeze_batch_norm_freezes_shared_ones_too():
    config = SegmentationConfig(encoder="mobilenet_v2", freeze_batch_norm=True)
    learner = Segmentation(network("mobilenet_v2"), config).train()
    share_statistics(learner.network)
    learner.on_train_epoch_start()
    layers = [module for module in learner.encoder().modules() if isinstance(module, nn.SyncBatchNorm)]
    assert len(layers) > 40 and not any(layer.training for layer in layers)


def test_statistics_estimated_anew_are_the_means_of_those_of_the_batches():
    layer, dropout = nn.BatchNorm1d(1, momentum=0.01), nn.Dropout()
    other = nn.Sequential(layer, dropout).eval()
    layer.running_mean.fill_(50)
    with torch.no_grad(), estimated_anew(other):
        assert layer.training and not dropout.training
        for values in ([0.0, 2, 4], [10.0, 10]):  # means 2 and 10, variances 4 and 0
            other(torch.tensor(values)[:, None])
    assert (layer.running_mean.item(), layer.running_var.item()) == (6, 2)
    assert layer.momentum == 0.01 and not layer.training
    assert not any(module.training for module in other.modules())


def test_estimating_touches_no_weight():
    estimated = network().eval()
    weights = {name: value.clone() for name, value in estimated.named_parameters()}
    before = estimated(IMAGES)
    with torch.no_grad(), estimated_anew(estimated):
        estimated(IMAGES * 0.3)
    assert all(torch.equal(value, weights[name]) for name, value in estimated.named_parameters())
    assert not torch.allclose(estimated(IMAGES), before)


def test_only_batch_norm_that_goes_by_what_it_has_seen_has_statistics():
    assert has_statistics(network()) and has_statistics(nn.Sequential(BatchNormAct2d(1)))
    assert not has_statistics(nn.Sequential(nn.BatchNorm2d(1, track_running_stats=False), nn.LayerNorm(1)))
