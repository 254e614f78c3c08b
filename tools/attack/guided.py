"""Fuzz that is guided by the coverage of the code: `python -m tools.attack.guided [SECONDS]`.

It needs the package atheris, which is not installed with the others: `pip install atheris`. Inputs that reach code that
no input before has reached are kept and changed further; the changes are those of `mutations`. The exit code is 1 if an
input was neither accepted nor refused with `InputError`.
"""

import json
import os
import random
import sys
import tempfile
import tomllib
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import tomli_w

from tools.attack import fuzz
from tools.attack.mutations import mutated, mutated_bytes

KEEP = Path("runs/attack")
MODULES = ("sim.scenario", "sim.model", "sim.check", "sim.core.fields", "sim.core.geo", "sim.study.design", "tomllib")


class Guided:
    """What atheris calls: a function that loads an input, and one that changes an input."""

    def __init__(self, atheris: Any, folder: Path) -> None:
        """Lay out the first inputs: all scenarios and studies of the attack."""
        self.atheris, self.folder, self.found = atheris, folder, Counter[str]()
        self.corpus = folder / "corpus"
        self.corpus.mkdir()
        for number, tree in enumerate([*fuzz.scenarios()[5:], *fuzz.studies()[2:]]):
            (self.corpus / f"{number}").write_bytes(tomli_w.dumps(tree).encode())

    def load(self, data: bytes) -> None:
        """Load an input as a scenario, or as a study if it varies anything; keep it where it fails in a new way."""
        from sim.scenario.problems import InputError

        path = self.folder / "input.toml"
        path.write_bytes(data)
        try:
            if b"[[vary]]" in data:
                fuzz.load_design(path)
            else:
                fuzz.check(str(path), [])
        except InputError:
            return
        except Exception as error:  # the attack looks for errors of any kind
            where = f"{type(error).__name__}, {traceback.extract_tb(error.__traceback__)[-1]}"
            self.found[where] += 1
            if self.found[where] == 1:
                target = KEEP / f"guided-{len(self.found)}"
                target.mkdir(parents=True, exist_ok=True)
                (target / "input.toml").write_bytes(data)
                about = {"text": where, "command": f"seasweep check {target / 'input.toml'}"}
                (target / "found.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")

    def change(self, data: bytes, most: int, seed: int) -> bytes:
        """Change an input: as a tree where it is one, else as bytes."""
        chance = random.Random(seed)  # noqa: S311  no secret depends on it
        try:
            tree = mutated(tomllib.loads(data.decode()), fuzz.scenarios(), chance)
            changed = tomli_w.dumps(tree).encode() if chance.random() < 0.8 else mutated_bytes(data, chance)
        except (ValueError, TypeError, RecursionError, AttributeError):
            changed = mutated_bytes(data, chance)
        return changed if len(changed) <= most else bytes(self.atheris.Mutate(data, most))


def main() -> int:
    """Fuzz for some seconds, and return the exit code."""
    try:
        import atheris
    except ImportError:
        print("The package atheris is not there: pip install atheris")
        return 2
    with atheris.instrument_imports(include=list(MODULES)):
        import sim.check.advice
        import sim.check.describe
        import sim.scenario.load
        import sim.study.design  # noqa: F401
    seconds = sys.argv[1] if len(sys.argv) > 1 else "60"
    folder = Path(tempfile.mkdtemp(prefix="guided-"))
    guided = Guided(atheris, folder)
    child = os.fork()
    if child == 0:  # libFuzzer ends its process, so it has one of its own
        options = [sys.argv[0], f"-max_total_time={seconds}", "-max_len=60000", "-rss_limit_mb=0", "-timeout=60"]
        atheris.Setup([*options, str(guided.corpus)], guided.load, custom_mutator=guided.change)
        atheris.Fuzz()
    _, status = os.waitpid(child, 0)
    kept = sorted(KEEP.glob("guided-*/found.json"))
    for path in kept:
        print(json.loads(path.read_text(encoding="utf-8"))["text"])
    print(f"{len(kept)} inputs are in {KEEP}.")
    return 1 if kept or status else 0


if __name__ == "__main__":
    raise SystemExit(main())
