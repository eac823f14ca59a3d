"""Towers over the `CLIPModel` of transformers, with eager attention, which alone tells its weights."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from synthgen.core.errors import TrainingError
from trainers.clip.frozen import About
from trainers.clip.libraries import failures_explained, library
from trainers.clip.prompts import transformers_prompts
from trainers.clip.vision_transformer import Attention, Layers, TransformerTower
from trainers.config.clip import TRANSFORMERS, ClipConfig

__all__ = ["TransformersTower", "transformers_tower"]


class TransformersTower(TransformerTower):
    """Over a `CLIPModel`."""

    @property
    def layers(self) -> Layers:
        """The layers, as they lie on the device now."""
        vision = self.model.vision_model
        side = vision.embeddings.image_size // vision.embeddings.patch_size
        return Layers(
            patches=vision.embeddings.patch_embedding,
            first=vision.embeddings.class_embedding,
            positions=vision.embeddings.position_embedding.weight,
            grid=(side, side),
            before=vision.pre_layrnorm,  # so spelled
            blocks=vision.encoder.layers,
            through=lambda block, tokens: block(tokens, None),
            attended=_attended,
            attention=_attention,
            fed=lambda block, tokens: block.mlp(block.layer_norm2(tokens)),
            after=vision.post_layernorm,
            project=self.model.visual_projection,
        )

    def embedded(self, ids: Tensor) -> Tensor:
        """Return the embedding (k, e) of prompts given as numbers."""
        found: Tensor = self.model.get_text_features(ids).pooler_output
        return found


def transformers_tower(config: ClipConfig) -> TransformersTower:
    """Load a `CLIPModel` with its tokenizer and its preprocessing, from a folder or from the hub.

    Raises:
        TrainingError: transformers is not installed; something is missing or damaged; it is another kind of model; the
            tokenizer does not fit.
    """
    transformers, place = library("transformers"), config.model.removeprefix(TRANSFORMERS)
    with failures_explained(config.model):
        described = transformers.AutoConfig.from_pretrained(place)
        if described.model_type != "clip":
            raise TrainingError(
                f"{config.model}: a model without the tower that is asked for: it is of kind {described.model_type}, "
                "not clip; give a whole CLIPModel"
            )
        model, report = transformers.CLIPModel.from_pretrained(
            place, attn_implementation="eager", output_loading_info=True
        )
        if report["missing_keys"]:
            raise TrainingError(
                f"{config.model}: {len(report['missing_keys'])} of its weights are missing, first "
                f"{min(report['missing_keys'])}; fetch it again, or give another one"
            )
        tokenizer = transformers.AutoTokenizer.from_pretrained(place)
        shown, _ = transformers.CLIPImageProcessor.get_image_processor_dict(place)
        about = _about(config.title, described, shown)
    text = described.text_config
    prompts = transformers_prompts(config.title, tokenizer, text.max_position_embeddings, text.vocab_size)
    return TransformersTower(model.float(), about, prompts)


def _attended(block: Any, tokens: Tensor) -> tuple[Tensor, Tensor]:
    found, weights = block.self_attn(block.layer_norm1(tokens), None)
    tokens = tokens + found
    return tokens + block.mlp(block.layer_norm2(tokens)), weights.mean(1)


def _attention(block: Any) -> Attention:
    attn = block.self_attn
    projections = (attn.q_proj, attn.k_proj, attn.v_proj)
    weight, bias = (torch.cat([getattr(each, name) for each in projections]) for name in ("weight", "bias"))
    return Attention(block.layer_norm1, (weight, bias), (attn.out_proj.weight, attn.out_proj.bias), attn.num_heads)


def _about(title: str, described: Any, shown: dict[str, Any]) -> About:
    vision = described.vision_config
    return About(
        title=title,
        architecture=described.to_json_string(),
        size=(vision.image_size, vision.image_size),
        stride=vision.patch_size,
        embedding=described.projection_dim,
        mean=tuple(shown["image_mean"]),
        std=tuple(shown["image_std"]),
    )
