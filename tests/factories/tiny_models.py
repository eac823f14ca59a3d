"""Tiny models of `transformers` with random weights, saved as whole ones are: a test opens them by the same call."""

import string
from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertTokenizerFast,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    GroundingDinoImageProcessor,
    GroundingDinoProcessor,
    SamConfig,
    SamImageProcessor,
    SamMaskDecoderConfig,
    SamModel,
    SamProcessor,
    SamPromptEncoderConfig,
    SamVisionConfig,
    SwinConfig,
)
from transformers.utils import logging

SIDE = 64  # pixels of what SAM sees
LONGEST_PROMPT = 12  # tokens
LETTERS = string.ascii_lowercase
WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    ".",
    "weapon",
    "gun",
    *LETTERS,
    *(f"##{each}" for each in LETTERS),
]


def write_grounding_dino(folder: Path, *, words=WORDS) -> Path:
    """Save a Grounding DINO with 8 queries; smaller pictures than these would leave its last level a single pixel."""
    torch.manual_seed(0)
    logging.disable_progress_bar()
    text = BertConfig(
        vocab_size=len(WORDS), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    backbone = SwinConfig(
        image_size=SIDE,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 2, 2],
        window_size=4,
        out_indices=[2, 3, 4],
    )
    config = GroundingDinoConfig(
        backbone_config=backbone,
        text_config=text,
        d_model=32,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        num_queries=8,
        max_text_len=LONGEST_PROMPT,
    )
    GroundingDinoForObjectDetection(config).save_pretrained(folder)
    tokenizer = BertTokenizerFast(vocab={word: number for number, word in enumerate(words)})
    pictures = GroundingDinoImageProcessor(size={"shortest_edge": 96, "longest_edge": 160})
    GroundingDinoProcessor(pictures, tokenizer).save_pretrained(folder)
    return folder


def write_sam(folder: Path) -> Path:
    """Save a SAM for pictures whose long side becomes 64 pixels; its masks have 32."""
    torch.manual_seed(0)
    logging.disable_progress_bar()
    width = 16
    vision = SamVisionConfig(
        hidden_size=width,
        output_channels=width,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=8,
        num_pos_feats=width // 2,
        mlp_dim=width,
        window_size=4,
        global_attn_indexes=[0],
        initializer_range=0.2,  # of the default, all that it sees would be alike
    )
    prompts = SamPromptEncoderConfig(hidden_size=width, image_size=SIDE, patch_size=8)
    decoder = SamMaskDecoderConfig(
        hidden_size=width, mlp_dim=width, num_hidden_layers=1, num_attention_heads=2, iou_head_hidden_dim=width
    )
    config = SamConfig(
        vision_config=vision.to_dict(), prompt_encoder_config=prompts.to_dict(), mask_decoder_config=decoder.to_dict()
    )
    SamModel(config).save_pretrained(folder)
    square = {"height": SIDE, "width": SIDE}
    pictures = SamImageProcessor(
        size={"longest_edge": SIDE}, mask_size={"longest_edge": SIDE}, pad_size=square, mask_pad_size=square
    )
    SamProcessor(pictures).save_pretrained(folder)
    return folder
