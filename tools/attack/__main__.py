"""Attack the program, and print a table of what must be 0: `python -m tools.attack [ATTACK...]`.

Each try follows from the seed and its number. A try that fails is kept in a folder, with the command that shows it
again. The exit code is 1 if anything that must be 0 is not.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tools.attack import corruption, determinism, disk, extremes, fuzz, kills, text
from tools.attack.starter import Starter
from tools.attack.tally import FAULTS, Bounds, Tally, table_of

ATTACKS: dict[str, tuple[Callable[[Bounds, Starter, Path], Tally], int, int]] = {
    "kills": (kills.attack, 60, 300),
    "corruption": (corruption.attack, 200, 1000),
    "cache": (corruption.attack_cache, 10, 100),
    "fuzz": (fuzz.attack, 6_000, 1_000_000),
    "extremes": (extremes.attack, extremes.SHORT, extremes.ALL),
    "disk": (disk.attack, len(disk.TRIES), len(disk.TRIES)),
    "text": (text.attack, 200, len(text.ALL)),
    "determinism": (determinism.attack, len(determinism.SURROUNDINGS) + 5, len(determinism.SURROUNDINGS) + 200),
}
"""Each attack, and the number of its tries: usually, and in a soak."""
_SHOWN = 12  # failing tries of each attack that are printed


def arguments() -> argparse.Namespace:
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.attack", description=__doc__)
    parser.add_argument(
        "attacks", nargs="*", metavar="ATTACK", help=f"which attacks: {', '.join(ATTACKS)}; all unless named"
    )
    parser.add_argument("--seed", type=int, default=1, help="the seed from which all tries follow")
    parser.add_argument("--tries", type=int, help="the number of tries of each attack")
    parser.add_argument("--soak", action="store_true", help="many more tries")
    parser.add_argument(
        "--budget", type=float, default=math.inf, metavar="SECONDS", help="begin no try of an attack after this time"
    )
    parser.add_argument("--only", type=int, metavar="NUMBER", help="make one try, to show it again")
    parser.add_argument("--keep", type=Path, default=Path("runs/attack"), help="the folder for tries that fail")
    given = parser.parse_args()
    unknown = sorted(set(given.attacks) - set(ATTACKS))
    if unknown:
        parser.error(f"no such attack: {', '.join(unknown)}; choose from {', '.join(ATTACKS)}")
    return given


def main() -> int:
    """Attack the program, and return the exit code."""
    given = arguments()
    tallies = []
    with tempfile.TemporaryDirectory(prefix="attack-") as scratch, Starter() as starter:
        for name in given.attacks or ATTACKS:
            attack, usual, soak = ATTACKS[name]
            tries = given.tries or (soak if given.soak else usual)
            bounds = Bounds(given.seed, tries, given.budget, given.only, given.keep.resolve())
            print(f"{name} ... ", end="", file=sys.stderr, flush=True)
            tallies.append(tally := attack(bounds, starter, Path(scratch)))
            print(f"{tally.tries:,} tries, {tally.faults.total():,} faults", file=sys.stderr, flush=True)
    print(table_of(tallies))
    for tally in tallies:
        for line in tally.notes:
            print(line)
    seen = [name for name in FAULTS if any(tally.faults[name] for tally in tallies)]
    for name in seen:
        print(f"{name.replace('_', ' ')}: {FAULTS[name]}.")
    for tally in tallies:
        for line in tally.found[:_SHOWN]:
            print(line[:300])
        if len(tally.found) > _SHOWN:
            print(f"{tally.attack}: {len(tally.found) - _SHOWN} more.")
    if seen:
        print(f"The tries that failed are in {given.keep}, each with the command that shows it again.")
    return 1 if seen else 0


if __name__ == "__main__":
    raise SystemExit(main())
