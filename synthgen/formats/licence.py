"""Licences under one name each: addresses of Creative Commons become the identifiers of SPDX, as "CC-BY-NC-2.0"."""

from __future__ import annotations

import re

__all__ = ["licence_name"]

LICENCE = re.compile(r"creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)", re.IGNORECASE)
DEED = re.compile(r"creativecommons\.org/publicdomain/(zero|mark)/(\d\.\d)", re.IGNORECASE)
DEEDS = {"zero": "CC0", "mark": "CC-PDM"}


def licence_name(text: str) -> str:
    """Return the identifier that an address stands for; other text as it is."""
    if found := LICENCE.search(text):
        return f"CC-{found[1].upper()}-{found[2]}"
    if found := DEED.search(text):
        return f"{DEEDS[found[1].lower()]}-{found[2]}"
    return text.strip()
