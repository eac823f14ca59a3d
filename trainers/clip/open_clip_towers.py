"""Towers over open_clip: vision transformers, and ResNets as far as they have what is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import functional_call

from synthgen.core.errors import TrainingError
from trainers.clip.frozen import About, FrozenTower
from trainers.clip.libraries import failures_explained, library
from trainers.clip.positions import positions_at
from trainers.clip.prompts import Prompts, simple_prompts, transformers_prompts
from trainers.clip.vision_transformer import Attention, Layers, TransformerTower
from trainers.config.clip import ClipConfig

__all__ = ["OpenClipResNet", "OpenClipTransformer", "open_clip_tower"]

RESNET_STRIDE = 32


def open_clip_tower(config: ClipConfig) -> OpenClipTransformer | OpenClipResNet:
    """Load a CLIP of open_clip; random weights are the same each time.

    Raises:
        TrainingError: open_clip is not installed, or does not know the name or the tag; the weights learnt with another
            activation; something is missing or damaged; the tokenizer does not fit; it has no such tower.
    """
    open_clip, random = library("open_clip"), config.weights == "none"
    if config.named:
        _check_name(open_clip, config)
    with failures_explained(config.model), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = open_clip.create_model(
            config.model,
            pretrained=None if random or not config.named else config.weights,
            require_pretrained=not random,
            pretrained_text=False,
        )
        described = open_clip.get_model_config(config.model)
        tokenizer = open_clip.get_tokenizer(config.model)
    adapter = _adapter(open_clip, model.visual, config.title)
    return adapter(model, _about(config, model, described), _prompts(config.title, model, tokenizer))


class _Texts:
    """The text tower of a CLIP of open_clip, which is the same above any image tower."""

    model: Any

    def embedded(self, ids: Tensor) -> Tensor:
        """Return the embedding (k, e) of prompts given as numbers."""
        found: Tensor = self.model.encode_text(ids)
        return found


class OpenClipTransformer(_Texts, TransformerTower):
    """Over a CLIP whose image tower is open_clip's `VisionTransformer`."""

    @property
    def layers(self) -> Layers:
        """The layers, as they lie on the device now."""
        visual = self.model.visual
        return Layers(
            patches=visual.conv1,
            first=visual.class_embedding,
            positions=visual.positional_embedding,
            grid=visual.grid_size,
            before=visual.ln_pre,
            blocks=visual.transformer.resblocks,
            through=lambda block, tokens: block(tokens),
            attended=_attended,
            attention=_attention,
            fed=lambda block, tokens: block.ls_2(block.mlp(block.ln_2(tokens))),
            after=visual.ln_post,
            project=lambda tokens: tokens @ visual.proj,
        )


class OpenClipResNet(_Texts, FrozenTower):
    """Over a CLIP whose image tower is open_clip's `ModifiedResNet`. It has no class token and no layers of attention.

    Its patches are the cells of the last map, through the value and output projections of its attention pooling
    (MaskCLIP, Zhou et al. 2022, section 3.2).
    """

    def tokens(self, pixels: Float[Tensor, "b 3 h w"]) -> tuple[Float[Tensor, "b e"], Float[Tensor, "b n e"]]:
        """Return the picture's embedding and those of its patches, projected, not of unit length.

        Raises:
            TrainingError: A side is no multiple of 32.
        """
        visual, cells = self.model.visual, self.normalized(pixels)
        for layer in (visual.stem, visual.layer1, visual.layer2, visual.layer3, visual.layer4):
            cells = layer(cells)
        pool, side = visual.attnpool, visual.image_size // RESNET_STRIDE
        positions = positions_at(pool.positional_embedding, (side, side), self.grid(pixels))
        whole = functional_call(pool, {"positional_embedding": positions}, (cells,))
        return whole, pool.c_proj(pool.v_proj(cells.flatten(2).transpose(1, 2)))

    def hidden(self, pixels: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b tokens d"]:
        """Refuse.

        Raises:
            TrainingError: Always.
        """
        raise self._refused("no hidden tokens")

    def attn(self, pixels: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b layers tokens tokens"]:
        """Refuse.

        Raises:
            TrainingError: Always.
        """
        raise self._refused("no attention between patches")

    def _refused(self, lacking: str) -> TrainingError:
        return TrainingError(
            f"{self.title}: a model without the tower that is asked for: a ResNet has {lacking}; "
            "choose a vision transformer, e.g. ViT-B-16-quickgelu"
        )


def _attended(block: Any, tokens: Tensor) -> tuple[Tensor, Tensor]:
    normed = block.ln_1(tokens)
    found, weights = block.attn(normed, normed, normed)  # torch gives their mean over heads
    tokens = tokens + block.ls_1(found)
    return tokens + block.ls_2(block.mlp(block.ln_2(tokens))), weights


def _attention(block: Any) -> Attention:
    attn, scale = block.attn, getattr(block.ls_1, "gamma", None)
    weight, bias = attn.out_proj.weight, attn.out_proj.bias
    outward = (weight, bias) if scale is None else (scale[:, None] * weight, scale * bias)
    return Attention(block.ln_1, (attn.in_proj_weight, attn.in_proj_bias), outward, attn.num_heads)


def _check_name(open_clip: Any, config: ClipConfig) -> None:
    """Refuse a name or a tag that open_clip does not know, and a tag of weights that learnt with another activation."""
    name, weights = config.model, config.weights
    if name not in open_clip.list_models():
        raise TrainingError(
            f"open_clip knows no model {name!r}; choose one that it lists, e.g. ViT-B-16-quickgelu, RN50"
        )
    if weights == "none" or Path(weights).is_file():
        return
    tag = open_clip.get_pretrained_cfg(name, weights)
    if not tag:
        known = ", ".join(open_clip.list_pretrained_tags_by_model(name)) or "none"
        raise TrainingError(f"{name}: {weights!r} is neither a file nor a tag; open_clip lists: {known}")
    quick, found = tag.get("quick_gelu", False), open_clip.get_model_config(name).get("quick_gelu", False)
    if quick != found:
        other = f"{name}-quickgelu" if quick else name.removesuffix("-quickgelu")
        raise TrainingError(
            f"{name}: the weights {weights!r} learnt with {_activation(quick)}, and this model computes "
            f"{_activation(found)}; give model: {other}"
        )


def _activation(quick: bool) -> str:
    return "QuickGELU" if quick else "GELU"


def _adapter(open_clip: Any, visual: Any, title: str) -> type[OpenClipTransformer] | type[OpenClipResNet]:
    """Return the adapter of an image tower.

    Raises:
        TrainingError: There is none.
    """
    kind = type(visual).__name__
    if kind == "ModifiedResNet":
        return OpenClipResNet
    plain = kind == "VisionTransformer" and visual.attn_pool is None and visual.pool_type == "tok"
    if plain and not visual.final_ln_after_pool and hasattr(visual.transformer.resblocks[0], "ls_1"):
        return OpenClipTransformer
    raise TrainingError(
        f"{title}: a model without the tower that is asked for: its image tower, {kind}, is no vision transformer "
        "with a class token and no ResNet of CLIP; choose e.g. ViT-B-16-quickgelu"
    )


def _about(config: ClipConfig, model: Any, described: Any) -> About:
    visual = model.visual
    height, width = (visual.image_size,) * 2 if isinstance(visual.image_size, int) else visual.image_size
    return About(
        title=config.title,
        architecture=json.dumps(described, sort_keys=True),
        size=(height, width),
        stride=visual.patch_size[0] if hasattr(visual, "patch_size") else RESNET_STRIDE,
        embedding=visual.output_dim,
        mean=tuple(visual.preprocess_cfg["mean"]),
        std=tuple(visual.preprocess_cfg["std"]),
    )


def _prompts(title: str, model: Any, tokenizer: Any) -> Prompts:
    inner = getattr(tokenizer, "tokenizer", None)  # open_clip's own has none within
    if inner is None:
        return simple_prompts(title, tokenizer, tokenizer.context_length, model.vocab_size)
    return transformers_prompts(title, inner, tokenizer.context_length, model.vocab_size, clean=tokenizer.clean_fn)
