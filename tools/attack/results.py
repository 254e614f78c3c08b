"""What a command has written: which files, and digests of what is in them."""

import hashlib
import sys
from pathlib import Path

SHORT = """\
[[vary]]
key = "duration_days"
values = [5.0]
"""  # one level: the sea of a study is simulated for a few days only
STUDY = f"""\
format = 1
scenario = "textbook"
replications = 60
measures = ["p_detected"]
[[vary]]
key = "sensors.eye.law.probability"
values = [0.25, 0.75]
{SHORT}"""
RUN = ("run", "textbook", "--replications", "12", "--jobs", "1", "--out", "out/kept")
SWEEP = ("sweep", "study.toml", "--jobs", "1", "--out", "out/kept")


def files_of(folder: Path) -> dict[str, str]:
    """The digest of each file below a folder, and an empty text for each folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


def differences(found: dict[str, str], right: dict[str, str]) -> tuple[list[str], list[str]]:
    """The files that are missing or other than in an undisturbed folder, and those that ought not to be there."""
    return [name for name in right if found.get(name) != right[name]], [name for name in found if name not in right]


def print_run(folder: str) -> int:
    """Print the digest of all that the folder of a run holds, by way of the public functions."""
    from sim.scenario.problems import InputError
    from sim.study.estimates import measures_csv
    from sim.study.store import Results

    whole = hashlib.sha256()
    try:
        results = Results.load(folder)
        for name in sorted(results.tables):
            whole.update(str(results.tables[name].to_pydict()).encode())
        whole.update(measures_csv(results.measures()).encode())
        whole.update(str((results.info["seed"], results.failures, results.scenario)).encode())
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    print(whole.hexdigest())
    return 0


def print_study(folder: str) -> int:
    """Print the digest of all that the folder of a study holds, by way of the public functions."""
    from sim.scenario.problems import InputError
    from sim.study.study_results import StudyResults

    try:
        results = StudyResults.load(folder)
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    parts = (results.levels, results.measures, results.table.to_pydict(), results.failures, results.study)
    print(hashlib.sha256(str(parts).encode()).hexdigest())
    return 0
