"""Registries: open to registration, closed to accidents; the lazy one imports nothing before it is asked."""

import sys

import pytest

from synthgen.core.errors import ConfigError
from synthgen.core.registry import LazyRegistry, Registry


def lazy(**targets):
    registry = LazyRegistry("loss")
    for name, target in targets.items():
        registry.register(name, target)
    return registry


def test_an_entry_is_found_by_its_name_and_its_name_by_the_entry():
    registry = Registry("op")
    registry.register("one", int)
    assert registry["one"] is int and registry.name_of(int) == "one" and list(registry) == ["one"]


@pytest.mark.parametrize("registry", [Registry("op"), LazyRegistry("op")])
def test_a_name_is_given_once(registry):
    registry.register("one", "math:sqrt")
    with pytest.raises(ValueError, match="op 'one' is registered already; choose another name"):
        registry.register("one", "math:exp")


@pytest.mark.parametrize("registry", [Registry("op"), LazyRegistry("op")])
def test_an_unknown_name_is_answered_with_those_there_are(registry):
    registry.register("two", "math:exp")
    registry.register("one", "math:sqrt")
    with pytest.raises(ConfigError, match="unknown op 'three'; choose one of: one, two"):
        registry["three"]


def test_names_import_nothing_and_an_entry_its_module(monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    registry = lazy(hsv="colorsys:rgb_to_hsv", absent="no_such_module:thing")
    assert list(registry) == ["hsv", "absent"] and "hsv" in registry and "rgb" not in registry and len(registry) == 2
    assert "colorsys" not in sys.modules
    assert registry["hsv"](1.0, 0.0, 0.0) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize("target", ["no_such_module:thing", "colorsys:no_such_object"])
def test_an_entry_that_cannot_be_loaded_says_which_and_why(target):
    with pytest.raises(ConfigError, match=r"loss 'odd' cannot be loaded from .*no_such.*install what it needs"):
        lazy(odd=target)["odd"]


@pytest.mark.parametrize("target", ["colorsys", ":thing", "colorsys:"])
def test_a_target_names_a_module_and_an_object(target):
    with pytest.raises(ValueError, match="expected 'module:object'"):
        lazy(odd=target)
