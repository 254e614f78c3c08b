"""README and docs, executed: their commands print what they say they print, their Python runs."""

import re
import shlex
from pathlib import Path

import pytest

from sim.cli.main import main
from tests.helpers import shows_something

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = (README, *(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").rglob("*.md"))))
BLOCKS = [block for page in PAGES for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL)]
LONG = [block for page in PAGES for block in re.findall(r"```console long\n(.*?)```", page, re.DOTALL)]


def parts(block: str) -> list[tuple[str, str]]:
    """Commands and what each prints."""
    pieces = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def assert_printed(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands of a block print what stands below them."""
    for command, printed in parts(block):
        assert main(shlex.split(command)[1:]) == 0
        lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
        assert lines == printed.splitlines()


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_commands_print_what_the_page_says(block, scratch, capsys):
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
    assert [main(shlex.split(command)[1:]) for command in named] == [0] * len(named)


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
