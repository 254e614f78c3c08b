"""Bad input: a complete scenario to be spoilt by tests, and fixtures that load it or call the command line."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError, Problem
from tests.helpers import Answer, call_seasweep

BASE = Path(__file__).with_name("base.toml").read_text(encoding="utf-8")
VARIANT = "variant.toml"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder: `base.toml` and nothing else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEASWEEP_DEBUG", raising=False)
    Path("base.toml").write_text(BASE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def problems() -> Callable[..., list[Problem]]:
    """Load a text as a scenario file and return its problems; a file without any fails the test."""

    def load(text: str | bytes, sets: Iterable[str] = ()) -> list[Problem]:
        Path(VARIANT).write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(InputError) as raised:
            load_scenario(VARIANT, sets)
        return raised.value.problems

    return load


@pytest.fixture
def only_problem(problems: Callable[..., list[Problem]]) -> Callable[..., Problem]:
    """Load a text as a variant of the base and return its only problem."""

    def load(text: str, sets: Iterable[str] = ()) -> Problem:
        found = problems(f'extends = "base.toml"\n{text}', sets)
        assert len(found) == 1, "\n".join(map(str, found))
        return found[0]

    return load


@pytest.fixture
def seasweep() -> Callable[..., Answer]:
    """Call the command line in this process."""
    return call_seasweep
