"""The line of every key of a TOML file, of any valid document."""

import tomllib
from contextlib import suppress
from datetime import UTC, date, datetime, time
from string import ascii_letters
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.files import find_shipped, shipped_names
from sim.scenario.key_lines import locate_keys
from sim.scenario.problems import InputError
from sim.scenario.reading import parse_toml

SHIPPED = [(name, folder) for folder in ("", "studies") for name in shipped_names(folder)]


def paths(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, item in inner for path in ((*here, key), *paths(item, (*here, key)))]


WAYS: list[tuple[str, dict[tuple[str | int, ...], int]]] = [
    ("a = 1\nb = 2", {("a",): 1, ("b",): 2}),
    ("\n[a]\n[a.b]\nc = 1", {("a",): 2, ("a", "b"): 3, ("a", "b", "c"): 4}),
    ("[a.b]\nc = 1\n[a]\nd = 2", {("a", "b", "c"): 2, ("a",): 3, ("a", "d"): 4}),
    ("\n[ a . b ]\nc = 1", {("a",): 2, ("a", "b"): 2, ("a", "b", "c"): 3}),
    ("t = { a = 1, b = { c = 2 } }", {("t",): 1, ("t", "a"): 1, ("t", "b"): 1, ("t", "b", "c"): 1}),
    ("\nt = {}\nu = 1", {("t",): 2, ("u",): 3}),
    ("[x]\na.b . c = 1\na.d = 2", {("x", "a", "b", "c"): 2, ("x", "a", "b"): 2, ("x", "a", "d"): 3}),
    ('"a.b" = 1\n\'c d\'.e = 2\n"" = 3', {("a.b",): 1, ("c d", "e"): 2, ("",): 3}),
    ('"#=[]{}," = 1\n["]".x]\ny = 2', {("#=[]{},",): 1, ("]", "x", "y"): 3}),
    ('"\\u00e9\\"" = 1', {('é"',): 1}),
    ("3.14 = 1\n1979-05-27 = 2", {("3", "14"): 1, ("1979-05-27",): 2}),
    (
        "[[a]]\nx = 1\n[[a]]\nx = 2\n[a.t]\ny = 3",
        {("a",): 1, ("a", 0): 1, ("a", 0, "x"): 2, ("a", 1): 3, ("a", 1, "x"): 4, ("a", 1, "t", "y"): 6},
    ),
    (
        "[[a]]\n[[a.b]]\nx = 1\n[[a.b]]\nx = 2\n[[a]]\n[[a.b]]\nx = 3",
        {("a", 0, "b", 0, "x"): 3, ("a", 0, "b", 1, "x"): 5, ("a", 1, "b", 0, "x"): 8},
    ),
    ("a = [\n  1,\n\n  2, 3,\n]\nb = 4", {("a",): 1, ("a", 0): 2, ("a", 1): 4, ("a", 2): 4, ("b",): 6}),
    (
        "a = [[1.0,\n2.0], [\n3.0, 4.0]\n]",
        {("a", 0): 1, ("a", 0, 1): 2, ("a", 1): 2, ("a", 1, 0): 3, ("a", 1, 1): 3},
    ),
    ("a = [\n{ x = 1 },\n{ x = 2, y = [3] },\n]\nb = 1", {("a", 1, "x"): 3, ("a", 1, "y", 0): 3, ("b",): 5}),
    ('a = """\nb = 1\n[c]\n"quoted" \\""""\nd = 1', {("a",): 1, ("d",): 5}),
    ("a = '''\n# no \"comment\n'''\nd = 1", {("a",): 1, ("d",): 4}),
    ('a = ["""x"""", "y"]\nb = 1', {("a", 0): 1, ("a", 1): 1, ("b",): 2}),
    ("a = ['''x'''', 'y']\nb = 1", {("a", 0): 1, ("a", 1): 1, ("b",): 2}),
    ("a = 1 # [b] = {\n# \"'\nc = [ # ]\n1, # 2,\n]\nd = 2", {("a",): 1, ("c",): 3, ("c", 0): 4, ("d",): 6}),
    ('a = "# no comment" # but this\nb = 1', {("a",): 1, ("b",): 2}),
    (
        "a = 2023-04-10T00:00:00Z\nb = 2023-04-10 00:00:00.5+09:00\nc = [07:32:00, 2023-04-10]\nd = -inf",
        {("a",): 1, ("b",): 2, ("c", 1): 3, ("d",): 4},
    ),
    ("a = 1\r\n\r\n[b]\r\nc = 2\r\n", {("a",): 1, ("b",): 3, ("b", "c"): 4}),
]


@pytest.mark.parametrize(("text", "expected"), WAYS)
def test_every_way_of_writing_a_key_is_located(text: str, expected: dict[tuple[str | int, ...], int]) -> None:
    located = locate_keys(text)
    assert {path: located.get(path) for path in expected} == expected
    assert set(located) == set(paths(tomllib.loads(text)))


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "# no end of line at the end\n#"])
def test_a_text_without_keys_has_no_lines(text: str) -> None:
    assert locate_keys(text) == {}


@pytest.mark.parametrize(("name", "folder_"), SHIPPED)
def test_every_key_of_a_shipped_file_is_on_its_line(name: str, folder_: str) -> None:
    text = find_shipped(name, folder_, "FILE").read_text(encoding="utf-8")
    lines, located = text.splitlines(), locate_keys(text)
    assert set(located) == set(paths(tomllib.loads(text)))
    for path, line in located.items():
        assert isinstance(path[-1], int) or path[-1] in lines[line - 1], path


words = st.text(st.sampled_from(ascii_letters + "0129_-. \"'#=[]{},\\\té"), max_size=6)
scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(),
    st.text(st.sampled_from("ab \n\"'#=[]{},\\"), max_size=12),
    st.just(datetime(2023, 4, 10, 9, 30, tzinfo=UTC)),
    st.just(date(2023, 4, 10)),
    st.just(time(9, 30)),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=8,
)
tables = st.dictionaries(words, st.one_of(values, st.lists(st.dictionaries(words, values), max_size=3)), max_size=4)


def as_written(key: str) -> str:
    return tomli_w.dumps({key: 0}).removesuffix(" = 0\n")


@given(tables, st.booleans())
@settings(max_examples=50, deadline=None, database=None)
def test_every_key_of_any_document_is_located_where_its_text_stands(table: dict[str, Any], long_strings: bool) -> None:
    text = tomli_w.dumps(table, multiline_strings=long_strings)
    lines, located = text.split("\n"), locate_keys(text)
    assert set(located) == set(paths(tomllib.loads(text)))
    for path, line in located.items():
        assert isinstance(path[-1], int) or as_written(path[-1]) in lines[line - 1], path


@given(st.lists(st.text(ascii_letters, min_size=1, max_size=5), unique_by=str.lower, min_size=1, max_size=8), st.data())
@settings(max_examples=50, deadline=None, database=None)
def test_a_key_keeps_its_line_whatever_stands_before_it(keys: list[str], data: st.DataObject) -> None:
    text, expected = "", {}
    for key in keys:
        text += data.draw(st.sampled_from(["", "\n", "# [x]\n", "# a = '\n\n"]))
        expected[(key,)] = text.count("\n") + 1
        value = data.draw(st.sampled_from(["1", "[1,\n2]", '"""\n]\n"""', "{ x = 1 }", "'#'"]))
        text += f"{key} = {value}\n"
    located = locate_keys(text)
    assert {path: located[path] for path in expected} == expected


@pytest.mark.parametrize(
    ("text", "line", "words", "hint"),
    [
        ("a = [[1, 2] [3, 4]]", 1, "a comma is missing, column 13", "a comma between two items"),
        ("a = { x = 1 y = 2 }", 1, "a comma is missing", "a comma between two items"),
        ("a = [1, 2\nb = 3\n", 2, "a list that is not closed", "close the list that begins on line 1"),
        ("\na = [\n[1, 2],\n[transfers.fuel] # x\n", 4, "a list that is not closed", "that begins on line 2"),
        ("a = 1\nb = { x = [1,\n2\n\n", 3, "not closed", "close the table in braces that begins on line 2"),
        ('title = "Yellow\nx = 1', 1, "text without closing quotes", "on both sides"),
        ("a = 1\na = 2\n\n", 2, "a key or table that is there already", "write each key and each table once"),
        ("[vary]\n[vary]", 2, "a second [vary], column 6", "begin each of its items with [[vary]]"),
        ('["it\'s"]\n["it\'s"]', 2, "a second [it's]", "[[it's]]"),
        ("[a.'x (at y']\n[a.'x (at y']", 2, "a second [a.x (at y]", "once"),
        ("[a.b]\nc = 1\n[a]\nb.d = 2", 4, "more keys of a.b, elsewhere", "in one place"),
        ("a = {}\na.b = 1", 2, "a key of a, which is in braces", "inside the braces"),
        ('a = { "(\'" = 1, "(\'" = 2 }', 1, "duplicate inline table key", "write each key once"),
    ],
)
def test_a_text_that_is_not_valid_is_told_in_words_with_what_to_do(text: str, line: int, words: str, hint: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_toml(text, "a.toml")
    (problem,) = raised.value.problems
    assert (problem.file, problem.line, problem.allowed) == ("a.toml", line, "a valid TOML document")
    assert words in problem.given
    assert hint in problem.hint


@given(st.text("[]{}='\"\\(),. ab\n", max_size=40))
def test_any_text_is_tables_or_an_error_of_the_input(text: str) -> None:
    with suppress(InputError):
        assert isinstance(parse_toml(text, "a.toml"), dict)
