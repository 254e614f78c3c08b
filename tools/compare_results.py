"""Compare this tree's results with those of an earlier commit, bit for bit: `make compare BASE=COMMIT`.

Every included scenario, a study, the reference workload and the scenario with everything on are run in both trees
with the same seed, each tree in a process of its own. All columns of all tables are compared by their bytes, and the
text of `measures.csv`. The exit code is 1 if anything differs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
STUDY = "neon-spacing"
# Only names that stay the same from commit to commit: the public functions and the command line.
_RUN = """
import sys
from pathlib import Path
from sim import run
try:
    from sim.cli.main import main
except ModuleNotFoundError:  # an earlier commit, whose command line is one file
    from sim.cli import main
out, replications, seed, *scenarios = sys.argv[1:]
for scenario in scenarios:
    run(scenario, int(replications), int(seed), out=Path(out) / Path(scenario).stem)
if main(["sweep", "{study}", "--jobs", "1", "--out", str(Path(out) / "{study}")]):
    raise SystemExit("the sweep failed")
"""


def scenarios_of(tree: Path) -> list[str]:
    """The names of the included scenarios in a tree, and the paths of the benchmarks' scenarios."""
    shipped = sorted(path.stem for path in (tree / "scenarios").glob("*.toml"))
    return [*shipped, *(f"benchmarks/{path.name}" for path in sorted((tree / "benchmarks").glob("*.toml")))]


def run_all(tree: Path, out: Path, replications: int, seed: int, scenarios: list[str]) -> None:
    """Run scenarios and the study with the code of a tree, into one folder each."""
    out.mkdir()
    code = _RUN.format(study=STUDY)
    command = [sys.executable, "-c", code, str(out), str(replications), str(seed), *scenarios]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own code


def differing_columns(ours: pa.Table, theirs: pa.Table) -> Iterator[str]:
    """The columns that are not the same in two tables, with what is different about each."""
    for name in dict.fromkeys([*ours.column_names, *theirs.column_names]):
        if name not in ours.column_names or name not in theirs.column_names:
            yield f"{name} is only in {'this tree' if name in ours.column_names else 'the commit before'}"
            continue
        mine, other = (table.column(name).combine_chunks() for table in (ours, theirs))
        if mine.type != other.type:
            yield f"{name} has the type {mine.type}; it had {other.type}"
        elif not _same_bits(mine, other):
            yield f"{name} differs"


def _same_bits(ours: pa.Array, theirs: pa.Array) -> bool:
    """Whether two columns are equal, nulls included, numbers by their bits."""
    if len(ours) != len(theirs) or not pc.is_null(ours).equals(pc.is_null(theirs)):
        return False
    if pa.types.is_floating(ours.type):
        ours, theirs = (pc.fill_null(one, 0.0).to_numpy().view("uint64") for one in (ours, theirs))
        return bool((ours == theirs).all())
    return bool(ours.equals(theirs))


def compare_folders(ours: Path, theirs: Path) -> tuple[int, list[str]]:
    """The number of columns compared in the results of two trees, and what differs."""
    count, found = 0, list[str]()
    files = sorted({path.relative_to(root) for root in (ours, theirs) for path in root.rglob("*") if path.is_file()})
    for file in files:
        if file.suffix not in (".parquet", ".csv"):
            continue
        if not (ours / file).is_file() or not (theirs / file).is_file():
            found.append(f"{file}: only in one of the two")
        elif file.suffix == ".csv":
            count += 1
            found += [] if (ours / file).read_bytes() == (theirs / file).read_bytes() else [f"{file}: differs"]
        else:
            mine, other = pq.read_table(ours / file), pq.read_table(theirs / file)
            count += len(mine.column_names)
            found += [f"{file}: {what}" for what in differing_columns(mine, other)]
    return count, found


def main() -> int:
    """Compare with a commit; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", nargs="?", default="HEAD", help="the commit to compare with; HEAD unless given")
    parser.add_argument("--replications", type=int, default=10, help="replications of each scenario")
    parser.add_argument("--seed", type=int, default=1, help="seed of the runs")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "before"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), given.base], cwd=ROOT, check=True)  # noqa: S603, S607  git
        try:
            both = [name for name in scenarios_of(ROOT) if name in scenarios_of(tree)]
            for where, out in ((ROOT, "ours"), (tree, "theirs")):
                run_all(where, Path(scratch) / out, given.replications, given.seed, both)
            count, found = compare_folders(Path(scratch) / "ours", Path(scratch) / "theirs")
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)  # noqa: S603, S607  git
    sys.stdout.writelines(f"{line}\n" for line in found)
    print(f"{len(both)} scenarios and 1 study, {count} columns: {len(found)} differ")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
