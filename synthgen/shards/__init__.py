"""Datasets on disk: the row, its encoding, shards, the manifest, reading, verification."""

from synthgen.shards.codec import (
    ImageCodec,
    OutputConfig,
    decode_image,
    decode_instances,
    decode_mask,
    decode_row,
    decode_truth,
    encode_row,
    pixel_hash,
)
from synthgen.shards.content import dataset_hash
from synthgen.shards.manifest import Manifest, ShardEntry, read_manifest, shard_file, write_manifest
from synthgen.shards.reader import ShardDataset
from synthgen.shards.resume import claim, finished, remove_leftovers
from synthgen.shards.samples import ShardSamples
from synthgen.shards.schema import SCHEMA_VERSION, shard_schema
from synthgen.shards.verify import VerifyReport, verify_dataset
from synthgen.shards.writer import write_shard

__all__ = [
    "SCHEMA_VERSION",
    "ImageCodec",
    "Manifest",
    "OutputConfig",
    "ShardDataset",
    "ShardEntry",
    "ShardSamples",
    "VerifyReport",
    "claim",
    "dataset_hash",
    "decode_image",
    "decode_instances",
    "decode_mask",
    "decode_row",
    "decode_truth",
    "encode_row",
    "finished",
    "pixel_hash",
    "read_manifest",
    "remove_leftovers",
    "shard_file",
    "shard_schema",
    "verify_dataset",
    "write_manifest",
    "write_shard",
]
