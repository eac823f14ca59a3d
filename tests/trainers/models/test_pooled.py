"""Encoders that give one vector a picture: torchvision's own features from its own files, and timm's."""

import pytest
import timm
import torch
import torchvision

from synthgen.core.errors import TrainingError
from trainers.models.pooled import pooled_encoder

SIZE = (64, 96)


def test_torchvisions_weights_give_torchvisions_features(tmp_path):
    donor = torchvision.models.mobilenet_v2(weights=None).eval()
    torch.save(donor.state_dict(), tmp_path / "donor.pth")
    images = torch.rand(2, 3, *SIZE)
    found = pooled_encoder("mobilenet_v2", str(tmp_path / "donor.pth"), SIZE)(images)
    with torch.no_grad():
        expected = donor.features(images).mean(dim=(2, 3))
    assert found.shape == (2, 1280)
    torch.testing.assert_close(found, expected)


def test_an_encoder_of_timm_is_pooled_as_timm_does(tmp_path):
    donor = timm.create_model("mobilenetv3_small_050", num_classes=0).eval()
    torch.save(donor.state_dict(), tmp_path / "donor.pth")
    images = torch.rand(2, 3, *SIZE)
    found = pooled_encoder("mobilenetv3_small_050", str(tmp_path / "donor.pth"), SIZE)(images)
    with torch.no_grad():
        torch.testing.assert_close(found, donor(images))


def test_random_weights_are_the_same_each_time_and_leave_chance_alone():
    state = torch.get_rng_state()
    once, again = (pooled_encoder("mobilenetv3_small_050", "none", SIZE) for _ in range(2))
    assert all(torch.equal(one, other) for one, other in zip(once.parameters(), again.parameters(), strict=True))
    assert torch.equal(torch.get_rng_state(), state)
    assert not once.training and not any(parameter.requires_grad for parameter in once.parameters())


def test_weights_of_another_encoder_are_refused(tmp_path):
    torch.save(torchvision.models.resnet18(weights=None).state_dict(), tmp_path / "donor.pth")
    with pytest.raises(TrainingError, match=r"donor\.pth: does not fit MobileNetV2Encoder: .* tensors are missing"):
        pooled_encoder("mobilenet_v2", str(tmp_path / "donor.pth"), SIZE)


@pytest.mark.parametrize(
    ("encoder", "weights", "complaint"),
    [
        ("resnet1", "none", "unknown encoder 'resnet1'; choose one that timm lists"),
        ("vit_tiny_patch16_224", "none", "encoder vit_tiny_patch16_224 takes no pictures of 64×96: .*; choose another"),
        ("dpn68b", "imagenet", "dpn68b has no weights called imagenet; give a local file"),
    ],
)
def test_what_gives_no_features_is_refused(encoder, weights, complaint):
    with pytest.raises(TrainingError, match=complaint) as error:
        pooled_encoder(encoder, weights, SIZE)
    assert "\n" not in str(error.value)


def test_a_hub_that_cannot_be_reached_is_named(monkeypatch):
    def unreachable(*arguments, **options):
        raise OSError("no route")

    monkeypatch.setattr("segmentation_models_pytorch.encoders.hf_hub_download", unreachable)
    with pytest.raises(TrainingError, match="weights of mobilenet_v2 cannot be fetched from the hub"):
        pooled_encoder("mobilenet_v2", "imagenet", SIZE)
