"""Where compiled code is kept, and that no run breaks because of it.

A change in any file that is compiled leads to another folder, and nothing else does. What is damaged is compiled anew,
and what belongs to somebody else is not read.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest

import sim.core
from tests.helpers import files_below

CORE = Path(sim.core.__file__).parent


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the compiled files and of the codes that they share, in which nothing is compiled."""
    core = tmp_path / "core"
    shutil.copytree(CORE / "kernels", core / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("codes.py", "records.py"):
        shutil.copy(CORE / name, core)
    shutil.copy(CORE / "chance.py", core)
    monkeypatch.setenv("SEASWEEP_CACHE", str(tmp_path / "cache"))
    return core


def cache_of(core):
    """The module of a copy that decides where code is kept; loading it compiles nothing."""
    spec = importlib.util.spec_from_file_location("cache_of_a_copy", core / "kernels" / "cache.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cache_folder(core):
    """The folder that a copy of the code would use."""
    return cache_of(core).cache_folder()


def test_a_change_in_any_compiled_file_or_in_the_codes_leads_to_another_folder(copy):
    files = [*sorted((copy / "kernels").glob("*.py")), copy / "codes.py", copy / "records.py"]
    folders = {cache_folder(copy)}
    for path in files:
        whole = path.read_text(encoding="utf-8")
        path.write_text(whole + "# a change\n", encoding="utf-8")
        folders.add(cache_folder(copy))
        path.write_text(whole, encoding="utf-8")
    assert len(files) > 10
    assert len(folders) == len(files) + 1
    assert all(folder.parent.name == "cache" and folder.name.startswith("kernels-") for folder in folders)


def test_the_same_code_finds_its_folder_again_whatever_else_changes(copy):
    before = cache_folder(copy)
    (copy / "chance.py").write_text("# no compiled file\n", encoding="utf-8")
    (copy / "kernels" / "notes.txt").write_text("no code\n", encoding="utf-8")
    assert cache_folder(copy) == before
    assert before.is_dir()


def test_a_compiled_file_more_or_less_leads_to_another_folder(copy):
    before = cache_folder(copy)
    (copy / "kernels" / "more.py").write_text("X = 1\n", encoding="utf-8")
    more = cache_folder(copy)
    (copy / "kernels" / "more.py").unlink()
    (copy / "kernels" / "winds.py").unlink()
    assert len({before, more, cache_folder(copy)}) == 3


def test_without_the_variable_the_users_cache_is_taken(copy, tmp_path, monkeypatch):
    monkeypatch.delenv("SEASWEEP_CACHE")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "home" / name))
    assert cache_folder(copy).parent == tmp_path / "home" / "seasweep"


# ------------------------------------------------------------------------------------------- places that are refused
@pytest.fixture
def places(tmp_path, monkeypatch):
    """The three roots of caches, none of which exists: that of the variable, of the home, and of temporary files."""
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "home" / name))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    return tmp_path / "cache", tmp_path / "home" / "seasweep", tmp_path / "temporary" / f"seasweep-{os.geteuid()}"


def below_a_file(path):
    """A path at which no folder can be made, whoever asks."""
    path.write_text("", encoding="utf-8")
    return path / "x"


def test_folders_are_made_for_their_user_alone(copy, places):
    folder = cache_folder(copy)
    assert folder.parent == places[0]
    assert [path.stat().st_mode & 0o777 for path in (folder.parent, folder)] == [0o700, 0o700]


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722, 0o1777])
@pytest.mark.parametrize("inner", [False, True])
def test_a_folder_that_others_can_write_to_is_refused_and_another_is_taken(copy, places, mode, inner):
    name = cache_folder(copy).name
    (places[0] / name if inner else places[0]).chmod(mode)
    module = cache_of(copy)
    assert module.cache_folder() == places[1] / name
    (notice,) = module.notices()
    assert f"{places[0]}{'/' + name if inner else ''} can be written to by other users" in notice
    assert f"{places[1] / name} is used instead; set SEASWEEP_CACHE to a folder that only you can write to" in notice


def test_folders_of_another_user_are_refused_even_in_the_temporary_folder(copy, places, monkeypatch):
    for place in (*places[:2], places[2].with_name("seasweep-12345")):
        place.mkdir(parents=True, mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    module = cache_of(copy)
    assert module.cache_folder() is None
    (notice,) = module.notices()
    assert notice.count("belongs to another user") == 3
    assert "each command compiles its code anew" in notice


def test_a_link_in_the_place_of_a_folder_is_refused(copy, places, tmp_path):
    folder = cache_folder(copy)
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    module = cache_of(copy)
    assert module.cache_folder().parent == places[1]
    assert f"{folder} is a link" in module.notices()[0]


def test_a_link_of_ones_own_to_a_folder_of_ones_own_is_followed(copy, places, tmp_path):
    (tmp_path / "disk").mkdir(mode=0o700)
    places[0].symlink_to(tmp_path / "disk")
    module = cache_of(copy)
    assert module.cache_folder().resolve().parent == tmp_path / "disk"
    assert module.notices() == []


def test_a_home_that_cannot_be_written_to_is_replaced_by_a_private_folder_without_a_word(copy, places, monkeypatch):
    monkeypatch.delenv("SEASWEEP_CACHE")
    below_a_file(places[1].parent)
    module = cache_of(copy)
    assert module.cache_folder().parent == places[2]
    assert module.cache_folder() == cache_folder(copy)  # the next command finds it again
    assert places[2].stat().st_mode & 0o777 == 0o700
    assert module.notices() == []


def test_a_place_of_the_variable_that_cannot_be_made_is_named(copy, places, monkeypatch):
    monkeypatch.setenv("SEASWEEP_CACHE", str(below_a_file(places[0])))
    module = cache_of(copy)
    assert module.cache_folder().parent == places[1]
    assert f"'{places[0]}/x' of SEASWEEP_CACHE cannot be used" in module.notices()[0]


def test_where_nothing_can_be_written_nothing_is_kept(copy, places, monkeypatch):
    monkeypatch.delenv("SEASWEEP_CACHE")
    below_a_file(places[1].parent)
    places[2].parent.rmdir()
    monkeypatch.setattr(tempfile, "tempdir", str(below_a_file(places[2].parent)))
    module = cache_of(copy)
    assert module.cache_folder() is None
    assert "no folder can be written to" in module.notices()[0]


@pytest.mark.parametrize(
    "variables",
    [{}, {"HOME": ""}, {"HOME": "no/such"}, {"XDG_CACHE_HOME": "no/such"}, {"HOME": "/dev/null", "XDG_CACHE_HOME": ""}],
)
def test_a_user_without_a_home_gets_no_folder_in_the_working_folder(copy, scratch, monkeypatch, variables):
    import pwd

    def no_such_user(number: int) -> None:
        raise KeyError(number)

    for name in ("SEASWEEP_CACHE", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(pwd, "getpwuid", no_such_user)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch / "temporary"))
    before = {path.name for path in scratch.iterdir()}
    module = cache_of(copy)
    assert module.cache_folder().parent == scratch / "temporary" / f"seasweep-{os.geteuid()}"
    assert {path.name for path in scratch.iterdir()} == before | {"temporary"}
    assert module.notices() == []


# -------------------------------------------------------------------------------------------- files that are damaged
CODE = """\
import sys
from sim.core import kernels
from sim.core.kernels.cache import notices
print(kernels.mix(1, 2), kernels.mix_each(kernels.entities(3, 0, 2), 4).tolist())
print(*notices(), sep="\\n", file=sys.stderr)
"""
NAMES = ("mix-", "mix_each-", "entities-", "fill_uniforms-")  # small functions, which are soon compiled


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def foreign(path: Path) -> None:
    path.chmod(0o666)


def replaced_by(make: Callable[[Path], Any]) -> Callable[[Path], None]:
    """Remove a file, and put something else in its place."""

    def spoil(path: Path) -> None:
        path.rename(path.with_name("sound"))
        make(path)

    return spoil


DAMAGES = (
    (
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(b"\x80\x04garbage" * 99),
        lambda path: path.write_bytes(next(path.parent.glob("*.arrivals-*")).read_bytes()),  # code of another function
    ),
    (
        flipped,
        foreign,
        replaced_by(lambda path: path.symlink_to("sound")),
        replaced_by(os.mkfifo),
    ),
)


@pytest.mark.parametrize("damages", DAMAGES)
def test_what_is_damaged_or_not_ones_own_is_compiled_anew(tmp_path, damages):
    from sim.core import kernels
    from sim.core.kernels.cache import cache_folder as folder_of_the_tests

    source = folder_of_the_tests()
    folder = tmp_path / "cache" / source.name
    shutil.copytree(source, folder)
    folder.chmod(0o700)
    folder.parent.chmod(0o700)
    for name, damage in zip(NAMES, damages, strict=True):
        (path,) = folder.glob(f"random_numbers.{name}*")
        damage(path)

    def answer() -> tuple[str, str]:
        environment = {**os.environ, "SEASWEEP_CACHE": str(folder.parent)}
        call = [sys.executable, "-c", CODE]
        done = subprocess.run(call, capture_output=True, encoding="utf-8", check=True, env=environment)
        return done.stdout.strip(), done.stderr.strip()

    said = f"{kernels.mix(1, 2)} {kernels.mix_each(kernels.entities(3, 0, 2), 4).tolist()}"
    out, err = answer()
    assert out == said
    assert "compiled anew" in err
    assert "and 3 more like it" in err
    assert len(err.splitlines()) == 1
    assert answer() == (said, "")
    assert not [name for name in files_below(folder) if "draft" in name]
