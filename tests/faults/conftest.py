"""Bad input: a complete scenario to spoil, and what loading it or calling the command line answers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.cli import main
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError, Problem

BASE = Path(__file__).with_name("base.toml").read_text(encoding="utf-8")
VARIANT = "variant.toml"


@dataclass(frozen=True)
class Answer:
    """What the command line answered."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder: `base.toml` and nothing else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEASWEEP_DEBUG", raising=False)
    Path("base.toml").write_text(BASE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def problems() -> Callable[..., list[Problem]]:
    """Everything wrong with a text as a file; none is a failure."""

    def load(text: str | bytes, sets: Iterable[str] = ()) -> list[Problem]:
        Path(VARIANT).write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(InputError) as raised:
            load_scenario(VARIANT, sets)
        return raised.value.problems

    return load


@pytest.fixture
def only_problem(problems: Callable[..., list[Problem]]) -> Callable[..., Problem]:
    """The one thing wrong with a text that says what differs from the base."""

    def load(text: str, sets: Iterable[str] = ()) -> Problem:
        found = problems(f'extends = "base.toml"\n{text}', sets)
        assert len(found) == 1, "\n".join(map(str, found))
        return found[0]

    return load


@pytest.fixture
def seasweep(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Call the command line in this process."""

    def call(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return call
