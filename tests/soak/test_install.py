"""Long checks of installation: the wheel elsewhere, a fresh clone by the README's two commands, a cold cache."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from tests.helpers import shows_something

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.soak


def call(*command: str, cwd: Path, **env: str) -> str:
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **env}, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_works_in_a_clean_venv_from_another_folder_with_read_only_packages(tmp_path: Path):
    call(sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), cwd=ROOT)
    wheel = next(tmp_path.glob("*.whl"))
    call(sys.executable, "-m", "venv", "venv", cwd=tmp_path)
    binaries = tmp_path / "venv" / "bin"
    call(str(binaries / "pip"), "install", "-q", "-r", str(ROOT / "requirements.txt"), cwd=tmp_path)
    call(str(binaries / "pip"), "install", "-q", "--no-deps", str(wheel), cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    packages = next((tmp_path / "venv" / "lib").glob("python*")) / "site-packages"
    for folder in ("sim", "plots", "scenarios"):
        call("chmod", "-R", "a-w", str(packages / folder), cwd=tmp_path)
    out = call(str(binaries / "seasweep"), "demo", cwd=elsewhere, SEASWEEP_CACHE=str(tmp_path / "cache"))
    assert "p_documented" in out
    assert shows_something(elsewhere / "runs/demo/coverage.png")
    files = {path.relative_to(packages / "scenarios").as_posix() for path in (packages / "scenarios").rglob("*.toml")}
    assert {"neon-spring.toml", "textbook.toml", "studies/neon-hour.toml"} <= files


def test_make_demo_works_in_a_fresh_clone(tmp_path: Path):
    call("git", "clone", "-q", str(ROOT), str(tmp_path / "clone"), cwd=tmp_path)
    env = {"SEASWEEP_CACHE": str(tmp_path / "cache"), "MAKEFLAGS": ""}
    out = call("make", "demo", cwd=tmp_path / "clone", **env)
    assert "map: runs/demo/coverage.png" in out
    assert (tmp_path / "clone/runs/demo/coverage.png").is_file()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(tmp_path / "cache")
    call("make", "demo", cwd=tmp_path / "clone", **env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 60.0  # cold compilation included


def test_a_user_without_a_home_works_without_a_warning(tmp_path: Path):
    left_out = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "SEASWEEP_CACHE", "MPLCONFIGDIR")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= {"HOME": "/dev/null", "TMPDIR": str(tmp_path)}
    seasweep = str(Path(sys.executable).with_name("seasweep"))
    messages = []
    for words in ("run textbook --replications 2 --out mine", "plot coverage mine --cells 100", "scenarios"):
        command = [seasweep, *words.split()]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=True)
        messages += [line for line in done.stderr.splitlines() if not line.startswith("The results are in")]
    assert messages == []
    assert (tmp_path / f"seasweep-{os.geteuid()}").is_dir()
    assert shows_something(tmp_path / "mine/coverage.png")


def test_cold_compilation_takes_at_most_twenty_seconds_of_cpu(tmp_path: Path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    call(sys.executable, "-c", "from sim.core import kernels", cwd=tmp_path, SEASWEEP_CACHE=str(tmp_path / "cache"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 20.0


def test_the_lowest_versions_that_are_allowed_work(tmp_path: Path):
    bounds = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    (tmp_path / "lowest.txt").write_text("\n".join(bound.replace(">=", "==") for bound in bounds), encoding="utf-8")
    call(sys.executable, "-m", "venv", "venv", cwd=tmp_path)
    call(str(tmp_path / "venv/bin/pip"), "install", "-q", "-c", "lowest.txt", str(ROOT), cwd=tmp_path)
    out = call(str(tmp_path / "venv/bin/seasweep"), "demo", "--replications", "4", cwd=tmp_path)
    assert "p_documented" in out


def descendants_of(process: int) -> list[int]:
    """The processes that a process has started, and those that these have: workers may come from a server."""
    listings = Path(f"/proc/{process}/task").glob("*/children")
    children = [int(child) for listing in listings for child in listing.read_text(encoding="utf-8").split()]
    return children + [one for child in children for one in descendants_of(child)]


def wait_for_workers(process: int, count: int = 2, cpu_s: float = 1.0) -> None:
    """Wait until some descendants of a process have computed for a while each."""
    ticks, give_up = os.sysconf("SC_CLK_TCK"), time.monotonic() + 60.0
    while time.monotonic() < give_up:
        stats = [Path(f"/proc/{one}/stat").read_text(encoding="utf-8") for one in descendants_of(process)]
        used = [int(stat.rsplit(")", 1)[1].split()[11]) for stat in stats]  # user time, proc_pid_stat(5), field 14
        if sum(one >= cpu_s * ticks for one in used) >= count:
            return
        time.sleep(0.1)
    pytest.fail("no workers were seen at work")


@pytest.mark.parametrize("whom", ["the process", "its whole group"])
def test_an_interrupt_ends_a_run_with_workers_at_once_and_leaves_nothing(tmp_path: Path, whom: str):
    command = [str(Path(sys.executable).with_name("seasweep")), "run", "neon-spring", "--replications", "5000"]
    running = subprocess.Popen(
        [*command, "--jobs", "2", "--out", "out"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a shell's background ignores it
    )
    wait_for_workers(running.pid)
    (os.kill if whom == "the process" else os.killpg)(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert (running.returncode, err.splitlines()[-1]) == (130, "interrupted")
    kept = "replications are kept in out" in err  # where it had worked long enough
    assert [path.name for path in tmp_path.iterdir()] == (["out"] if kept else [])
