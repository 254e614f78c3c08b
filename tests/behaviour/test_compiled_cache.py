"""Where compiled code is kept: a change in any file that is compiled leads to another folder, and nothing else does."""

import importlib.util
import shutil
from pathlib import Path

import numba
import platformdirs
import pytest

import sim.core

CORE = Path(sim.core.__file__).parent


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the compiled files and of the codes that they share, in which nothing is compiled."""
    core = tmp_path / "core"
    shutil.copytree(CORE / "kernels", core / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CORE / "codes.py", core)
    shutil.copy(CORE / "chance.py", core)
    monkeypatch.setattr(numba.config, "CACHE_DIR", numba.config.CACHE_DIR)  # it is put back after the test
    monkeypatch.setenv("SEASWEEP_CACHE", str(tmp_path / "cache"))
    return core


def cache_folder(core):
    """The folder that a copy of the code would use: loading the file that chooses it compiles nothing."""
    spec = importlib.util.spec_from_file_location("compiling_of_a_copy", core / "kernels" / "compiling.py")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return Path(numba.config.CACHE_DIR)


def test_a_change_in_any_compiled_file_or_in_the_codes_leads_to_another_folder(copy):
    files = [*sorted((copy / "kernels").glob("*.py")), copy / "codes.py"]
    folders = {cache_folder(copy)}
    for path in files:
        whole = path.read_text()
        path.write_text(whole + "# a change\n")
        folders.add(cache_folder(copy))
        path.write_text(whole)
    assert len(files) > 10
    assert len(folders) == len(files) + 1
    assert all(folder.parent.name == "cache" and folder.name.startswith("kernels-") for folder in folders)


def test_the_same_code_finds_its_folder_again_whatever_else_changes(copy):
    before = cache_folder(copy)
    (copy / "chance.py").write_text("# no compiled file\n")
    (copy / "kernels" / "notes.txt").write_text("no code\n")
    assert cache_folder(copy) == before
    assert before.is_dir()


def test_a_compiled_file_more_or_less_leads_to_another_folder(copy):
    before = cache_folder(copy)
    (copy / "kernels" / "more.py").write_text("X = 1\n")
    more = cache_folder(copy)
    (copy / "kernels" / "more.py").unlink()
    (copy / "kernels" / "winds.py").unlink()
    assert len({before, more, cache_folder(copy)}) == 3


def test_without_the_variable_the_users_cache_is_taken(copy, tmp_path, monkeypatch):
    monkeypatch.delenv("SEASWEEP_CACHE")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "home" / name))
    assert cache_folder(copy).parent == tmp_path / "home" / "seasweep"


def test_where_nothing_can_be_written_a_temporary_folder_is_made(copy, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SEASWEEP_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "file" / name))
    first, second = cache_folder(copy), cache_folder(copy)
    assert first != second
    assert all(folder.is_dir() and folder.name.startswith("seasweep-kernels-") for folder in (first, second))
    first.rmdir()
    second.rmdir()
