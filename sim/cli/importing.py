"""The command that makes recorded AIS usable as background traffic: import."""

from datetime import UTC, datetime
from pathlib import Path

import click

from sim.cli.pages import print_page
from sim.cli.printing import print_message
from sim.core.limits import LONGEST_RECORDED_GAP_H
from sim.core.text import visible
from sim.options import format_option

_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.command(name="import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--to",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the segments to this file, which ends in .parquet. An existing file is replaced.",
)
@click.option(
    "--box",
    nargs=4,
    type=float,
    metavar="W S E N",
    help="Use only messages from this box, in degrees: west, south, east, north.",
)
@click.option("--from", "begin", type=_MOMENT, help="Use only messages from this time on, in UTC.")
@click.option("--until", "end", type=_MOMENT, help="Use only messages before this time, in UTC.")
@click.option(
    "--longest-gap-h",
    type=click.FloatRange(0.01, 48.0),
    default=LONGEST_RECORDED_GAP_H,
    show_default=True,
    help="Longest time between two messages of a ship, in hours, for which it is taken to have gone straight on.",
)
@click.option(
    "--most-kn",
    type=click.FloatRange(5.0, 200.0),
    default=60.0,
    show_default=True,
    help="Greatest speed of a ship, in knots. A place that needs a greater speed is a jump.",
)
@click.option(
    "--within-nmi",
    type=click.FloatRange(0.001, 5.0),
    default=0.05,
    show_default=True,
    help="Farthest that a straight segment may be from a message at its time, in nautical miles.",
)
@format_option
def import_(
    files: tuple[str, ...],
    to: Path,
    box: tuple[float, float, float, float] | None,
    begin: datetime | None,
    end: datetime | None,
    longest_gap_h: float,
    most_kn: float,
    within_nmi: float,
    form: str,
) -> None:
    """Make background traffic of files of recorded AIS.

    FILE... are CSV or Parquet files with the columns of MarineCadastre or of the Danish Maritime Authority, or
    sentences of NMEA with times of reception, also in .gz or .zip. Their messages are cleaned and thinned to straight
    segments, and a table says what was left out and why. A scenario names the file that is written: kind = "recorded".
    For example: seasweep import ais_2023_04_10.csv.gz --to ships.parquet --box 118 22 146 46
    """
    from sim.scenario.arguments import file_to_write
    from sim.scenario.problems import refused

    file_to_write(to, (".parquet",), "--to")
    if box is not None and not (-180 <= box[0] <= 180 and -180 <= box[2] <= 180 and -90 <= box[1] < box[3] <= 90):
        given = " ".join(f"{edge:g}" for edge in box)
        raise refused(given, "west and east from -180 to 180, and a south below the north, from -90 to 90", key="--box")
    period = _period(begin, end)

    from sim.scenario.recorded.sifting import Rules
    from sim.study.recordings import account_page, import_recording

    done = import_recording(files, to, Rules(longest_gap_h, most_kn, within_nmi, box, period))
    print_page(account_page(done), form)
    print_message(f"The segments are in {visible(done.file)}.")


def _period(begin: datetime | None, end: datetime | None) -> tuple[int, int] | None:
    """The period that is wanted, seconds since 1970; None where neither end is given."""
    if begin is None and end is None:
        return None
    from sim.scenario.problems import refused

    first = (begin or datetime(1990, 1, 1)).replace(tzinfo=UTC)
    last = (end or datetime(2100, 1, 1)).replace(tzinfo=UTC)
    if last <= first:
        raise refused(f"{last:%Y-%m-%dT%H:%M:%S}", f"a time after {first:%Y-%m-%dT%H:%M:%S}", key="--until")
    return int(first.timestamp()), int(last.timestamp())
