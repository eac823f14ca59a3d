"""YAML from outside: what a config may hold comes in; all else is refused in one line, quickly and in little memory."""

import os
import resource
import time
from pathlib import Path

import pytest

from synthgen.core.config import Model
from synthgen.core.errors import ConfigError
from synthgen.core.yaml_file import apply_override, read_yaml, validated

SECONDS, MEGABYTES = 2, 150


def read(tmp_path, text):
    """What a file of that text holds."""
    path = tmp_path / "file.yaml"
    path.write_text(text) if isinstance(text, str) else path.write_bytes(text)
    return read_yaml(path, "pipeline file")


def bomb(levels, repeated, first="[x]"):
    """Each level repeats the one before it ten times."""
    return "\n".join([f"a0: &a0 {first}", *(f"a{n}: &a{n} {repeated(n - 1)}" for n in range(1, levels))])


def lists(level):
    return "[" + ", ".join([f"*a{level}"] * 10) + "]"


def merges(level):
    return "{<<: [" + ", ".join([f"*a{level}"] * 10) + "]}"


def chain(length):
    """Each anchor repeats the one before it, so that depth hides in the aliases."""
    return "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, length))])


HOSTILE = {
    "a bomb of lists": (bomb(40, lists), "more than 10,000 values, those that aliases repeat included"),
    "a bomb of merges": (
        bomb(40, merges).replace("[x, x, x, x, x, x, x, x, x, x]", "{x: 1}"),
        "more than 10,000 values",
    ),
    "a chain of aliases": (chain(3000), "more than 40 levels deep, aliases included"),
    "an alias of itself": ("a: &a [1, *a]", "the alias *a stands within what it repeats"),
    "a merge of itself": ("a: &a {<<: *a}", "the alias *a stands within what it repeats"),
    "nested lists": ("a: " + "[" * 100_000, "more than 40 levels deep"),
    "nested mappings": ("{a: " * 60_000, "more than 40 levels deep"),
    "nested blocks": ("\n".join(" " * n + "a:" for n in range(600)), "more than 40 levels deep"),
    "dashes": ("- " * 100_000, "more than 40 levels deep"),
    "many values": ("a: [" + "1," * 120_000 + "]", "more than 10,000 values"),
    "many keys": ("\n".join(f"k{n}: 1" for n in range(20_000)), "more than 10,000 values"),
    "a large file": ("a: " + "x" * 300_000, "cannot be read: larger than 262,144 bytes"),
    "a list as a key": ("{[1, 2]: 3}", "a list or a mapping stands where a key must be"),
    "a mapping as a key": ("? {a: 1}\n: 2", "a list or a mapping stands where a key must be"),
    "a number as a key": ("1911: 2", "YAML reads the key 1911 as int, not as text; put it in quotes"),
    "yes as a key": ("on: 2", "YAML reads the key on as bool, not as text"),
    "a key twice": ("a: 1\nb: 2\na: 3", "key 'a' is given twice (line 3, column 1)"),
    "a merge twice": ("a: &a {x: 1}\nb: {<<: *a, <<: *a}", "key '<<' is given twice"),
    "a merge of text": ("<<: x", "not valid YAML: expected a mapping or list of mappings for merging"),
    "a key without a blank": ("a: {train:0.9}", "YAML reads 'train:0.9' as one key without a value"),
    "a python object": ("a: !!python/object/apply:os.system [ls]", "the tag tag:yaml.org,2002:python/object/apply"),
    "a tag that does not fit": ("a: !!int x", "the tag tag:yaml.org,2002:int has no meaning here"),
    "a number of many digits": ("a: " + "9" * 5000, "not valid YAML: Exceeds the limit"),
    "a hexadecimal number of many digits": ("a: 0x" + "f" * 200_000, "a whole number of more than 64 bits"),
    "a number to the base of 60": ("a: " + ":".join(["1"] * 2000), "a whole number of more than 64 bits"),
    "an equals sign": ("a: =", "not valid YAML: could not determine a constructor"),
    "an unknown alias": ("a: *b", "not valid YAML: found undefined alias"),
    "an open list": ("a: [", "not valid YAML: expected the node content"),
    "a tab": ("a:\n\tb: 1", "not valid YAML: found character"),
    "control characters": ("a: \x00\x01", "not valid YAML: unacceptable character #x0000"),
    "two documents": ("a: 1\n---\nb: 2", "not valid YAML: but found another document"),
    "nothing": ("", "expected a mapping (key: value), found nothing; give a pipeline file"),
    "a list": ("- 1", "expected a mapping (key: value), found a list"),
    "text": ("hello", "expected a mapping (key: value), found text"),
    "UTF-16": ("a: 1".encode("utf-16"), "not UTF-8 text; save the pipeline file as UTF-8"),
    "latin-1": ("a: caf\xe9".encode("latin-1"), "not UTF-8 text"),
    "a picture": (bytes(range(256)) * 100, "not UTF-8 text"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_refused_in_one_line_at_once(tmp_path, name):
    text, message = HOSTILE[name]
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert time.perf_counter() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES * 1024
    assert str(caught.value).startswith(f"{tmp_path}/file.yaml: {message}")
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 1000


def pipe(path):
    os.mkfifo(path)


def device(path):
    path.symlink_to("/dev/zero")


def hole(path):
    with path.open("wb") as stream:
        stream.truncate(10**12)


def loop(path):
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (pipe, "cannot be read: not an ordinary file; give the path of a study file"),
        (device, "cannot be read: not an ordinary file"),
        (Path.mkdir, "cannot be read: a folder, not a file"),
        (hole, "cannot be read: larger than 262,144 bytes"),
        (loop, "cannot be read: Too many levels of symbolic links"),
        (lambda path: None, "cannot be read: No such file or directory"),
    ],
    ids=["a pipe", "a device", "a folder", "a file full of holes", "a link to itself", "no file"],
)
def test_only_ordinary_files_are_opened(tmp_path, make, message):
    make(tmp_path / "study.yaml")
    started = time.perf_counter()
    with pytest.raises(ConfigError, match=rf"study\.yaml: {message}"):
        read_yaml(tmp_path / "study.yaml", "study file")
    assert time.perf_counter() - started < SECONDS


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("-2.5E+3", -2500.0),
        (".5", 0.5),
        ("1", 1),
        ("yes", True),
        ("2001-01-01", "2001-01-01"),
        ("2001-99-99", "2001-99-99"),
        ("e3", "e3"),
        ("a:b", "a:b"),
        ("'1'", "1"),
        ("~", None),
        ("[1, {a: [2]}]", [1, {"a": [2]}]),
        ("{a: }", {"a": None}),
    ],
)
def test_values_come_in_as_one_writes_them(tmp_path, text, value):
    found = read(tmp_path, f"key: {text}")["key"]
    assert (found, type(found)) == (value, type(value))


def test_a_merge_key_merges_and_what_stands_beside_it_wins(tmp_path):
    values = read(tmp_path, "base: &b {x: 1, y: 2}\nmore: &m {<<: *b, y: 3}\nlast: {<<: *m, z: 4}\n<<: *m")
    assert values["more"] == {"x": 1, "y": 3}
    assert values["last"] == {"x": 1, "y": 3, "z": 4}
    assert (values["x"], values["y"]) == (1, 3)


def test_an_override_changes_one_place_though_an_alias_repeats_it(tmp_path):
    values = read(tmp_path, "one: &a {x: 1}\ntwo: *a")
    apply_override(values, "one.x=5")
    assert values == {"one": {"x": 5}, "two": {"x": 1}}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", "--set seed: expected key=value"),
        ("=1", "--set =1: expected key=value"),
        ("a..b=1", "--set a..b=1: expected key=value, the key being names with dots between"),
        ("a." * 50 + "b=1", "--set a.a.a"),
        ("one.x.y=1", "--set one.x.y=1: one.x holds a value, not a section"),
        ("a=[1", "--set a=[1: not valid YAML: "),
        ("a=" + "[" * 9000, "--set a=[[["),
        ("splits={train:0.9}", "--set splits={train:0.9}: YAML reads 'train:0.9' as one key without a value; "
         "put a space after the colon: train: 0.9"),
    ],
)  # fmt: skip
def test_an_override_that_cannot_be_applied_says_why(override, message):
    with pytest.raises(ConfigError) as caught:
        apply_override({"one": {"x": 1}}, override)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 500


class Flat(Model):
    number: int = 0
    values: tuple[int, ...] = ()


def test_each_mistake_has_a_line_that_names_its_key(tmp_path):
    with pytest.raises(ConfigError) as caught:
        validated(Flat, {"number": "x\ny" * 1000, "other": 1}, "a.yaml", base=tmp_path, section="flat")
    number, other = str(caught.value).splitlines()
    assert number.startswith("a.yaml: flat.number: Input should be a valid integer")
    assert len(number) < 300
    assert other == "a.yaml: flat.other: unknown key; see the reference for those there are"


def test_of_many_mistakes_the_first_are_told_and_the_others_counted(tmp_path):
    with pytest.raises(ConfigError) as caught:
        validated(Flat, {f"k{n}\n": n for n in range(5000)}, "a.yaml", base=tmp_path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 21 and lines[-1] == "a.yaml: and 4980 more mistakes"
