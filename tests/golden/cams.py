"""Grad-CAM and Score-CAM of grad-cam 1.5.7 over two small networks: what `tests/trainers/localize` holds ours to.

`python tests/golden/cams.py` writes them anew into `cams.npz`; it needs `pip install grad-cam==1.5.7`, and nothing else
does. Networks and pictures are drawn by numpy and computed in 64 bits, so that they are the same everywhere: in 32, the
order in which a machine adds up changes the CLIP's gradients by 2e-5. The file holds heat maps of 0–1
(b, h, w), float32, every fourth pixel, named by network and method. The library enlarges channels with corners aligned.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

sys.path.append(str(Path(__file__).parents[1] / "factories"))

from tiny_clip import OPENAI, RESNET, tiny_clip

FILE = Path(__file__).with_name("cams.npz")
STORED = np.s_[:, ::4, ::4]  # of a map
CLASS = 3  # of the classifier
SCALE = 20.0  # of the CLIP's cosines


def filled(network: nn.Module, seed: int) -> nn.Module:
    """Give a network weights of numpy's, under which maps have ranges far above rounding."""
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            norm = parameter.dim() == 1 and name.endswith("weight")
            spread = 0.2 if parameter.dim() < 2 else 1.5 / np.sqrt(parameter[0].numel())
            parameter.copy_(torch.from_numpy(rng.normal(float(norm), spread, tuple(parameter.shape))))
    return network.eval().requires_grad_(False)


def classifier() -> nn.Module:
    """Return a network of three convolutions below pooling and a hidden layer: no CAM, 6 classes."""
    layers = [nn.Conv2d(3, 8, 5, stride=4), nn.ReLU(), nn.Conv2d(8, 12, 3, stride=2), nn.ReLU(), nn.Conv2d(12, 16, 3)]
    network = nn.Sequential()
    network.add_module("features", nn.Sequential(*layers, nn.ReLU()))
    network.add_module("avgpool", nn.AdaptiveAvgPool2d(1))
    network.add_module("classifier", nn.Sequential(nn.Flatten(), nn.Linear(16, 10), nn.ReLU(), nn.Linear(10, 6)))
    return filled(network, 1)


def clip() -> nn.Module:
    """Return open_clip's CLIP with a small ResNet, for pictures of 64×64."""
    network = filled(tiny_clip(RESNET), 3)
    network.logit_scale.fill_(float(np.log(SCALE)))
    return network


def text() -> Tensor:
    """Return a direction of a prompt (1, 12), of unit length."""
    return normalize(torch.from_numpy(np.random.default_rng(3).normal(size=(1, 12))).float(), dim=-1)


def pictures() -> Tensor:
    """Return RGB of 0–1 (2, 3, 64, 64)."""
    coarse = torch.from_numpy(np.random.default_rng(4).random((2, 3, 9, 9))).float()
    return nn.functional.interpolate(coarse, size=(64, 64), mode="bilinear")


class Cosine(nn.Module):
    """Normalised pictures → the scaled cosine with the prompt (b, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.clip = clip()

    def forward(self, images: Tensor) -> Tensor:
        return SCALE * self.clip.encode_image(images, normalize=True) @ text().to(images).T


def main() -> None:
    """Ask the library."""
    from pytorch_grad_cam import GradCAM, ScoreCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    from trainers.models.pixels import MEAN, STD

    cosine, plain = Cosine().double(), classifier().double()
    found = {}
    for name, network, part, number, (mean, std) in (
        ("classifier", plain, plain.get_submodule("features"), CLASS, (MEAN, STD)),
        ("clip", cosine, cosine.clip.visual.layer4[-1], 0, OPENAI),
    ):
        mean, std = (torch.tensor(values, dtype=torch.float64).view(3, 1, 1) for values in (mean, std))
        for method, cam in (("grad_cam", GradCAM), ("score_cam", ScoreCAM)):
            asked = cam(network, [part])
            shown = ((pictures().double() - mean) / std).requires_grad_(method == "grad_cam")
            found[f"{name} {method}"] = asked(shown, [ClassifierOutputTarget(number)] * 2)[STORED].astype(np.float32)
    np.savez_compressed(FILE, **found)


if __name__ == "__main__":
    main()
