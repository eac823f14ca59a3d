"""Datasets written as other tools read them, one format a file; `exporter` runs them and knows none."""

from synthgen.formats.export.exporter import Export, export_dataset
from synthgen.formats.export.registry import EXPORTS

__all__ = ["EXPORTS", "Export", "export_dataset"]
