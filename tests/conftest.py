"""What all tests share: one run of the main scenario, small scenarios, a scratch folder as the working folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from sim import run
from sim.study.store import Results

# Two cores may be busy with other tests, and the first example compiles or imports: no example has a time limit. The
# examples follow from each test alone, so that the same code always gives the same answer.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(scope="session")
def neon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small run of neon-spring: 6 replications, tracks of all."""
    folder = tmp_path_factory.mktemp("runs") / "neon"
    run("neon-spring", 6, out=folder)
    return folder


@pytest.fixture(scope="session")
def neon_results(neon: Path) -> Results:
    return Results.load(neon)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def charted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short run that has every map layer, with a zone and an area of two parts, one with a hole."""
    folder = tmp_path_factory.mktemp("runs") / "charted"
    west, hole = [[123.5, 27.5], [124.0, 27.5], [124.0, 28.0]], [[125.1, 28.1], [125.2, 28.1], [125.2, 28.2]]
    east = [[125.0, 28.0], [125.5, 28.0], [125.5, 28.5], [125.0, 28.5]]
    scenario = {
        "extends": "neon-partners",
        "title": 'Sharing, "<charted>" & more',
        "duration_days": 6.0,
        "zones": {"shoal": {"polygon": [[128.5, 28.0], [129.5, 28.0], [129.5, 29.0]]}},
        "areas": {"banks": {"polygon": [[west], [east, hole]]}},
    }
    run(scenario, 3, keep=2, out=folder, name="charted")
    return folder


@pytest.fixture(scope="session")
def charted_results(charted: Path) -> Results:
    return Results.load(charted)
