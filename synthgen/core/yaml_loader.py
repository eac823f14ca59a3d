"""YAML text to plain values, within bounds: a hostile text costs no more than an honest one.

Aliases are counted as often as they repeat their values, so that neither memory nor what walks the values later is
spent on a bomb; depth is bounded, so that nothing that recurses runs out of stack.
"""

from __future__ import annotations

import re
import reprlib
from typing import Any

import yaml

from synthgen.core.errors import ConfigError

__all__ = ["MAX_DEPTH", "kind_of", "parse_yaml"]

MAX_VALUES = 10_000
MAX_DEPTH = 40
TAG = "tag:yaml.org,2002:"
TEXT_KEYS = frozenset({TAG + "str", TAG + "merge", TAG + "timestamp"})
EXPONENT = re.compile(r"^[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+$")  # 1e-3, which PyYAML takes for text


def parse_yaml(text: str, where: str) -> Any:
    """Return what `text` says: text, numbers, booleans, None, lists, and dicts with text as keys; nothing is shared.

    Raises:
        ConfigError: It is no YAML, or more than a config may hold; the message opens with `where`.
    """
    try:
        return _copied(yaml.load(text, Loader=_Loader))
    except _Refused as error:
        raise ConfigError(f"{where}: {error.problem}{_place(error)}") from None
    except yaml.MarkedYAMLError as error:
        problem = " ".join(str(error.problem or error.context).split())
        raise ConfigError(f"{where}: not valid YAML: {problem}{_place(error)}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{where}: not valid YAML: {' '.join(str(error).split())}") from None


def kind_of(value: Any) -> str:
    """Say in words what YAML made, e.g. "a list"."""
    names = {type(None): "nothing", bool: "yes or no", int: "a number", float: "a number", list: "a list", str: "text"}
    return names.get(type(value), "a mapping")


class _Refused(yaml.MarkedYAMLError):
    """Good YAML, but not for a config."""


class _Loader(yaml.SafeLoader):
    """Composes within bounds; knows merge keys; takes 1e-3 for a number and 2001-01-01 for text."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._level = self._count = 0
        self._sizes: dict[int, tuple[int, int]] = {}  # by id of a finished node: values, depth; aliases expanded

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "tag", None) is not None:
            raise _refused(f"the tag {event.tag} has no meaning here; leave it out", event)
        self._level, self._count = self._level + 1, self._count + 1
        if self._count > MAX_VALUES:
            raise _refused(f"more than {MAX_VALUES:,} values", event)
        if self._level > MAX_DEPTH:
            raise _refused(f"more than {MAX_DEPTH} levels deep", event)
        node: yaml.Node = super().compose_node(parent, index)  # type: ignore[assignment]
        self._level -= 1
        if isinstance(event, yaml.AliasEvent) and id(node) not in self._sizes:
            raise _refused(f"the alias *{event.anchor} stands within what it repeats", event)
        if id(node) not in self._sizes:
            self._measure(node, event)
        return node

    def _measure(self, node: yaml.Node, event: yaml.Event) -> None:
        parts = [self._sizes[id(part)] for part in _parts(node)]
        values, depth = 1 + sum(part[0] for part in parts), 1 + max((part[1] for part in parts), default=0)
        if values > MAX_VALUES:
            raise _refused(f"more than {MAX_VALUES:,} values, those that aliases repeat included", event)
        if depth > MAX_DEPTH:
            raise _refused(f"more than {MAX_DEPTH} levels deep, aliases included", event)
        self._sizes[id(node)] = (values, depth)

    def compose_mapping_node(self, anchor: dict[Any, yaml.Node]) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen = set[str]()
        for key, value in node.value:
            _check_key(key, value)
            if key.value in seen:
                raise _refused(f"key {reprlib.repr(key.value)} is given twice", key)
            seen.add(key.value)
        return node


def _check_key(key: yaml.Node, value: yaml.Node) -> None:
    if not isinstance(key, yaml.ScalarNode):
        raise _refused("a list or a mapping stands where a key must be; a key is text", key)
    if key.tag not in TEXT_KEYS:
        made = key.tag.removeprefix(TAG)
        raise _refused(
            f"YAML reads the key {reprlib.repr(key.value)[1:-1]} as {made}, not as text; put it in quotes", key
        )
    if ":" in key.value and value.tag == TAG + "null" and not value.value:
        name, _, rest = key.value.partition(":")
        made = f"YAML reads {reprlib.repr(key.value)} as one key without a value"
        raise _refused(f"{made}; put a space after the colon: {name}: {rest}", key)


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    value = int(loader.construct_yaml_int(node))
    if abs(value) >= 2**64:
        raise _refused("a whole number of more than 64 bits", node)
    return value


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor(TAG + "int", _integer)
_Loader.add_constructor(TAG + "timestamp", _text)
_Loader.add_implicit_resolver(TAG + "float", EXPONENT, list("-+.0123456789"))


def _refused(problem: str, at: Any) -> _Refused:
    return _Refused(problem=problem, problem_mark=at.start_mark)


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""


def _copied(value: Any) -> Any:
    """Copy what YAML made, so that aliases share nothing."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
