"""Values in words, and words from outside made fit for one line."""

from __future__ import annotations

__all__ = ["printable", "size_text", "time_text"]


def printable(text: str) -> str:
    """Return one line of text: what cannot be printed, such as a line break or a change of direction, becomes "?"."""
    return "".join(character if character.isprintable() else "?" for character in text)


def size_text(count: float) -> str:
    """Return a number of bytes in words, e.g. "1.7 MB" or "12 MB"."""
    if count < 1000:
        return f"{count:.0f} bytes"
    for unit in ("kB", "MB", "GB", "TB", "PB"):
        count /= 1000
        if count < 1000 or unit == "PB":
            break
    return f"{count:.1f} {unit}" if count < 9.95 else f"{count:,.0f} {unit}"


def time_text(seconds: float) -> str:
    """Return a duration in words of two units at most, e.g. "3 min 20 s"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // 1440:,} days {minutes % 1440 // 60} h"
