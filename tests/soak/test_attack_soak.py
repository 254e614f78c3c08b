"""The attacks of `make attack`: all that must be 0 is 0, and what could not be tried on this machine is named."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.attack.__main__ import ATTACKS

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="the attacks need /proc and fork"),
]


def test_the_attacks_find_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "tools.attack", "--keep", str(tmp_path / "keep")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    with capsys.disabled():
        print(f"\n{done.stdout}")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split("|")[1].strip() for line in done.stdout.splitlines() if line.startswith("| ")]
    assert rows[0] == "attack"
    assert rows[2:] == list(ATTACKS)
