"""Readers and writers of annotated pictures, one format a file; `FORMATS` names the readers."""

from synthgen.formats.registry import FORMATS, Reader

__all__ = ["FORMATS", "Reader"]
