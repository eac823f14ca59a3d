"""The tiny CLIP of `tiny_clip` as a `CLIPModel` of transformers: the same weights under the other library's names."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import nn

from tiny_clip import TEXT, VIT, tiny_clip
from trainers.config.clip import ClipConfig


def saved_transformers(folder: Path, *, vocabulary: int = TEXT["vocab_size"]) -> ClipConfig:
    """Save model, tokenizer and preprocessing, and return what opens them; another `vocabulary` has random weights."""
    model = _model(vocabulary)
    if vocabulary == TEXT["vocab_size"]:
        model.load_state_dict(renamed(tiny_clip()), strict=True)
    model.save_pretrained(folder)
    _tokenizer(folder).save_pretrained(folder)
    size = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.25, 0.25], "size": {"shortest_edge": 32}}
    (folder / "preprocessor_config.json").write_text(json.dumps(size | {"image_processor_type": "CLIPImageProcessor"}))
    return ClipConfig(model=f"transformers:{folder}")


def _model(vocabulary: int) -> nn.Module:
    from transformers import CLIPConfig, CLIPModel

    vision, width = VIT["vision_cfg"], VIT["vision_cfg"]["width"]
    common = {"hidden_act": "gelu", "layer_norm_eps": 1e-5}
    return CLIPModel(
        CLIPConfig(
            projection_dim=VIT["embed_dim"],
            vision_config=common
            | {"hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": vision["layers"]}
            | {"num_attention_heads": width // vision["head_width"], "image_size": 32, "patch_size": 8},
            text_config=common
            | {"hidden_size": TEXT["width"], "intermediate_size": 4 * TEXT["width"], "vocab_size": vocabulary}
            | {"num_hidden_layers": TEXT["layers"], "num_attention_heads": TEXT["heads"]}
            | {"max_position_embeddings": TEXT["context_length"], "bos_token_id": 49406, "eos_token_id": 49407},
        )
    )


def _tokenizer(folder: Path) -> object:
    """Write open_clip's vocabulary as transformers reads it."""
    from open_clip.tokenizer import SimpleTokenizer
    from transformers import CLIPTokenizer

    ours = SimpleTokenizer()
    names = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
    vocabulary = {names.get(word, word): number for word, number in ours.encoder.items()}
    merges = [pair for pair, _ in sorted(ours.bpe_ranks.items(), key=lambda each: each[1])]
    return CLIPTokenizer(vocab=vocabulary, merges=merges)


def renamed(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return the weights of open_clip's `CLIP` under the names of transformers."""
    found = {
        "logit_scale": model.logit_scale,
        "visual_projection.weight": model.visual.proj.T,
        "text_projection.weight": model.text_projection.T,
        "vision_model.embeddings.class_embedding": model.visual.class_embedding,
        "vision_model.embeddings.patch_embedding.weight": model.visual.conv1.weight,
        "vision_model.embeddings.position_embedding.weight": model.visual.positional_embedding,
        "text_model.embeddings.token_embedding.weight": model.token_embedding.weight,
        "text_model.embeddings.position_embedding.weight": model.positional_embedding,
    }
    norms = {"vision_model.pre_layrnorm": model.visual.ln_pre, "vision_model.post_layernorm": model.visual.ln_post}
    for name, norm in (norms | {"text_model.final_layer_norm": model.ln_final}).items():
        found |= _under(name, norm)
    for tower, blocks in (("vision", model.visual.transformer.resblocks), ("text", model.transformer.resblocks)):
        for number, block in enumerate(blocks):
            found |= _block(f"{tower}_model.encoder.layers.{number}", block)
    return {name: value.detach().clone().contiguous() for name, value in found.items()}


def _block(name: str, block: nn.Module) -> dict[str, torch.Tensor]:
    found = {}
    for part, weight, bias in zip(
        "qkv", block.attn.in_proj_weight.chunk(3), block.attn.in_proj_bias.chunk(3), strict=True
    ):
        found |= {f"{name}.self_attn.{part}_proj.weight": weight, f"{name}.self_attn.{part}_proj.bias": bias}
    parts = {"self_attn.out_proj": block.attn.out_proj, "layer_norm1": block.ln_1, "layer_norm2": block.ln_2}
    for other, module in (parts | {"mlp.fc1": block.mlp.c_fc, "mlp.fc2": block.mlp.c_proj}).items():
        found |= _under(f"{name}.{other}", module)
    return found


def _under(name: str, module: nn.Module) -> dict[str, torch.Tensor]:
    return {f"{name}.weight": module.weight, f"{name}.bias": module.bias}
