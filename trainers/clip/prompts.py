"""Prompts as numbers of tokens; what would be cut or misread is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from synthgen.core.errors import TrainingError

__all__ = ["Prompts", "simple_prompts", "transformers_prompts"]


@dataclass(frozen=True, slots=True, eq=False)
class Prompts:
    """A tokenizer that fits a text tower.

    Attributes:
        title: Of the model, for messages.
        encode: Text → numbers, the start and the end of the text among them, however long.
        context: Numbers that the text tower takes.
        padding: Fills the rest.
    """

    title: str
    encode: Callable[[str], Sequence[int]]
    context: int
    padding: int

    def __call__(self, prompts: Sequence[str]) -> Int64[Tensor, "k context"]:
        """Return the numbers of each prompt.

        Raises:
            TrainingError: One has more of them than the context, or none but start and end.
        """
        rows = [list(self.encode(prompt)) for prompt in prompts]
        for prompt, row in zip(prompts, rows, strict=True):
            if len(row) <= 2:
                raise TrainingError(f"{self.title}: the prompt {prompt[:60]!r} says nothing; write what to look for")
            if len(row) > self.context:
                raise TrainingError(
                    f"{self.title}: the prompt {prompt[:60]!r} has {len(row)} tokens, start and end included, and the "
                    f"model reads {self.context}; shorten it"
                )
        return torch.tensor([row + [self.padding] * (self.context - len(row)) for row in rows]).view(-1, self.context)


def simple_prompts(title: str, tokenizer: Any, context: int, vocabulary: int) -> Prompts:
    """Return the prompts of open_clip's own tokenizer, for a text tower that knows `vocabulary` numbers.

    Raises:
        TrainingError: The tokenizer knows other ones.
    """
    _check(title, tokenizer.vocab_size, vocabulary)
    return Prompts(title, partial(_simple, tokenizer), context, 0)


def transformers_prompts(
    title: str, tokenizer: Any, context: int, vocabulary: int, clean: Callable[[str], str] = str
) -> Prompts:
    """Return the prompts of a tokenizer of transformers, to which texts go by way of `clean`.

    Raises:
        TrainingError: The tokenizer knows other numbers than the text tower, which knows `vocabulary`.
    """
    _check(title, len(tokenizer), vocabulary)
    return Prompts(title, partial(_transformers, tokenizer, clean), context, tokenizer.pad_token_id)


def _simple(tokenizer: Any, text: str) -> list[int]:
    return [tokenizer.sot_token_id, *tokenizer.encode(text), tokenizer.eot_token_id]


def _transformers(tokenizer: Any, clean: Callable[[str], str], text: str) -> list[int]:
    found: list[int] = tokenizer(clean(text)).input_ids
    return found


def _check(title: str, known: int, vocabulary: int) -> None:
    if known != vocabulary:
        raise TrainingError(
            f"{title}: the tokenizer knows {known} tokens, and the model {vocabulary}: it is another model's; "
            "put the tokenizer of this one beside it"
        )
