"""What a newcomer meets first: a pipeline drafted for the folders that there are, and a look at the machine."""

from synthgen.start.draft import Draft, draft
from synthgen.start.machine import Check, examine

__all__ = ["Check", "Draft", "draft", "examine"]
