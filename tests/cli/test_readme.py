"""README and docs, executed: their commands print what they say they print, their Python runs."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest
import tomli_w

from sim.cli.main import main
from tests.helpers import arguments_of, shows_something

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = (README, *(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").rglob("*.md"))))
BLOCKS = [block for page in PAGES for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL)]
LONG = [block for page in PAGES for block in re.findall(r"```console long\n(.*?)```", page, re.DOTALL)]


def parts(block: str) -> list[tuple[str, str]]:
    """Commands and what each prints."""
    pieces = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def assert_printed(block: str, capsys: pytest.CaptureFixture[str], corners: bool = False) -> None:
    """The commands of a block print what stands below them; with `corners` sweeps are those of `corners_of`."""
    for command, printed in parts(block):
        arguments, lines = arguments_of(command), printed.splitlines()
        if corners and arguments[0] == "sweep":
            arguments, lines = corners_of(arguments, lines)
        assert main(arguments) == 0
        assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == lines


def corners_of(arguments: list[str], lines: list[str]) -> tuple[list[str], list[str]]:
    """The sweep of a study that ships with the first and the last level of each factor only, and what it prints.

    A point does not depend on the others. The long tests sweep all points, and what is left out here is compared with
    the study.
    """
    _, name, *others = arguments
    study = tomllib.loads((ROOT / "scenarios/studies" / f"{name}.toml").read_text(encoding="utf-8"))
    kinds = ["values" if "values" in factor else "settings" for factor in study["vary"]]
    levels = [
        [str(level["label"] if kind == "settings" else level) for level in factor[kind]]
        for factor, kind in zip(study["vary"], kinds, strict=True)
    ]
    for factor, kind in zip(study["vary"], kinds, strict=True):
        factor[kind] = [factor[kind][0], factor[kind][-1]]
    Path(f"{name}.toml").write_text(tomli_w.dumps(study), encoding="utf-8")
    title, empty, head, *rows = lines
    cells = [re.split(r"  +", row)[: len(levels)] for row in rows]
    assert cells == [list(point) for point in itertools.product(*levels)]
    corners = [
        row
        for row, point in zip(rows, cells, strict=True)
        if all(cell in (level[0], level[-1]) for cell, level in zip(point, levels, strict=True))
    ]
    return ["sweep", f"{name}.toml", *others], [
        title.replace(f"{len(rows)} points", f"{len(corners)} points"),
        empty,
        head,
        *corners,
    ]


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_commands_print_what_the_page_says(block, scratch, capsys):
    assert_printed(block, capsys, corners=True)


@pytest.mark.soak
@pytest.mark.parametrize("block", [block for block in BLOCKS if "seasweep sweep" in block])
def test_all_points_of_a_sweep_are_what_the_page_says(block, scratch, capsys):
    assert_printed(block, capsys)


@pytest.mark.soak
@pytest.mark.parametrize("block", LONG, ids=range(len(LONG)))
def test_commands_that_take_long_print_what_the_page_says(block, scratch, capsys):
    assert_printed(block, capsys)


def test_the_python_of_the_readme_runs():
    assert "```python" in README
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        names: dict[str, object] = {}
        exec(block, names)  # noqa: S102  the README's own code
        assert 0.0 < names["results"].measure("p_documented").value < 1.0


def test_the_shell_commands_of_the_readme_exist(scratch):
    named = re.findall(r"^(seasweep .*?)(?:\s+#.*)?$", README, re.MULTILINE)
    assert len(named) >= 4
    assert [main(arguments_of(command, few=True)) for command in named] == [0] * len(named)


def test_the_pictures_of_the_readme_are_there():
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert len(pictures) == 2
    for name in pictures:
        assert shows_something(ROOT / name)


def test_make_targets_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "make " in README
    for target in set(re.findall(r"`?make (\w+)", README)):
        assert f"\n{target}:" in makefile
