"""Mutations: from sound inputs, inputs that are almost sound; the structure of the input is kept in mind."""

import random
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime
from datetime import time as day_time
from typing import Any

Tree = Any
"""Tables, lists and values, as TOML and JSON have them."""

NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 0.0, -0.0, 0.5, 1e-9, -1e-9, 1e-300, 5e-324, 1e9, 1e18, 1e308, -1e308, float("nan"), float("inf"),
    float("-inf"), 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64, 10**30, 10**400, 90.0, -90.0, 180.0, -180.0,
    360.0, True, False,
)  # fmt: skip
HOSTILE = (
    "", " ", "\t", "a" * 10_000, "[red]x[/red]", "[square]", "[/]", "$x$ and $y$", "=1+1", "+1", "-1", "@sum(a)",
    "\x1b[31m", "\x1b]0;x\x07", "\x9b31m", "a\nb", "a\rb", "\u202etext", "\u2066a\u2069", "\u200b", "\ufeff", "日本語",
    "한국어", "😀", "é" * 300, "../..", "/", ".", "~", "/dev/zero", "/nowhere/at all", "con.toml", "a.csv", "a.geojson",
    "a.nc", "%s", "{0}", "{x}", "\\", "'", '"', "nan", "inf", "true", "1e5", "0x10", "kind", "cancelled", "none",
    "None", "a.b", "a b", "__class__", "<b>&amp;",
)  # fmt: skip
OTHERS: tuple[Any, ...] = (
    [], {}, [[]], [{}], {"": 1}, {"a": {"a": {}}}, [None], [1, "a"], [[0.0, 0.0]] * 3, [[0.0, 0.0], [1.0]],
    date(2023, 4, 10), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC), day_time(7, 32),
    datetime(2023, 4, 10),
)  # fmt: skip
SNIPPETS = (
    b"[" * 5000, b"a=" + b"[" * 2000, b"x = " + b"9" * 5000, b"\n[a]\n[a]\n", b"\xef\xbb\xbf", b"\x00", b"\xff\xfe",
    b"\r", b"\r\n", b"\xed\xa0\x80", b'"""', b"'''", b"#", b"=", b"]", b"}", b",", b"\\u0000", b'"\\ud800"',
    b"{" * 500, b"1e999", b"-", b"\n" * 3000, b"a." * 3000, b"\x1b[2J", b"\xe2\x80\xae", b"0x", b"1_", b"NaN",
    b"Infinity", b"null",
)  # fmt: skip


def any_value(chance: random.Random) -> Tree:
    """A value that a careful program does not expect."""
    kind = chance.random()
    if kind < 0.45:
        return chance.choice(NUMBERS)
    if kind < 0.7:
        return chance.choice(HOSTILE)
    if kind < 0.96:
        return deepcopy(chance.choice(OTHERS))
    return _large_value(chance)


def _large_value(chance: random.Random) -> Tree:
    """A value of many parts: long, wide, or deep."""
    size = chance.choice([40, 40, 40, 300, 300, 10_000])
    which = chance.randrange(4)
    if which == 0:
        return [chance.choice(NUMBERS)] * size
    if which == 1:
        return {f"k{n}": n for n in range(size)}
    if which == 2:
        return [[chance.uniform(-180.0, 180.0), chance.uniform(-90.0, 90.0)] for _ in range(size)]
    deep: Tree = 1
    for _ in range(min(size, 60)):
        deep = [deep] if chance.random() < 0.5 else {"a": deep}
    return deep


def places(tree: Tree, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in a tree; of a long list, some."""
    found: list[tuple[Any, ...]] = []
    children = tree.items() if isinstance(tree, dict) else list(enumerate(tree))[:6] if isinstance(tree, list) else ()
    for key, value in children:
        found.append((*at, key))
        found += places(value, (*at, key))
    return found


def _parent(tree: Tree, path: tuple[Any, ...]) -> Tree:
    for key in path[:-1]:
        tree = tree[key]
    return tree


def _near(value: Tree, chance: random.Random) -> Tree:
    """A value near another: of the same type where that is possible."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return any_value(chance)
    if isinstance(value, str):
        at = chance.randrange(len(value) + 1)
        return value[:at] + chance.choice(HOSTILE)[:50] + value[at:]
    if abs(value) > 1e300:  # such a large whole number cannot be converted to a floating-point number
        return any_value(chance)
    changes: list[Callable[[float], float]] = [
        lambda v: -v, lambda v: v * 10.0 ** chance.randrange(-9, 9), lambda v: v + chance.choice([-1, 1, 1e-9]),
        lambda v: v * 1e30, lambda v: v + 360.0, lambda v: round(v) if v == v and abs(v) < 1e300 else v,
    ]  # fmt: skip
    return chance.choice(changes)(value)


def mutated(tree: Tree, others: list[Tree], chance: random.Random) -> Tree:
    """A copy of a tree with one to four changes; some bring in parts of other trees."""
    tree = deepcopy(tree)
    for _ in range(chance.choice([1, 1, 1, 2, 2, 3, 4])):
        paths = places(tree)
        if not paths:
            return tree
        path = chance.choice(paths)
        parent, key = _parent(tree, path), path[-1]
        _change(parent, key, others, chance)
    return tree


def _change(parent: Tree, key: Any, others: list[Tree], chance: random.Random) -> None:
    """One change at one place of a tree."""
    what = chance.random()
    if what < 0.35:
        parent[key] = any_value(chance)
    elif what < 0.6:
        parent[key] = _near(parent[key], chance)
    elif what < 0.7:
        del parent[key]
    elif what < 0.78 and isinstance(parent, dict):
        parent[chance.choice([*HOSTILE, str(key)[:-1], f"{key}s", str(key).upper()])] = parent.pop(key)
    elif what < 0.86 and isinstance(parent, dict):
        for copy in range(chance.choice([1, 1, 1, 3, 3, 100])):
            parent[f"{key}{copy}"] = deepcopy(parent[key])
    elif what < 0.93:
        other = chance.choice(others)
        path = chance.choice(places(other))
        value = deepcopy(_parent(other, path)[path[-1]])
        if isinstance(parent, dict):
            parent[path[-1] if isinstance(path[-1], str) and chance.random() < 0.7 else key] = value
        else:
            parent[key] = value
    elif isinstance(parent[key], list):
        chance.shuffle(parent[key])
        parent[key] *= chance.choice([0, 1, 2, 50])
    else:
        parent[key] = [parent[key]]


def mutated_bytes(content: bytes, chance: random.Random) -> bytes:
    """Bytes with one to four changes of single bytes, stretches, or lines."""
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 4])):
        at, length = chance.randrange(len(changed) + 1), chance.choice([1, 2, 8, 80])
        which = chance.randrange(7)
        if which == 0 and at < len(changed):
            changed[at] ^= 1 << chance.randrange(8)
        elif which == 1:
            del changed[at : at + length]
        elif which == 2:
            changed[at:at] = chance.choice(SNIPPETS)
        elif which == 3:
            changed[at:at] = changed[at : at + length] * chance.choice([1, 2, 100])
        elif which == 4:
            del changed[at:]
        elif which == 5:
            lines = bytes(changed).split(b"\n")
            chance.shuffle(lines)
            changed = bytearray(b"\n".join(lines))
        else:
            changed[at : at + length] = chance.randbytes(length)
    return bytes(changed)
