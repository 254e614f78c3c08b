"""The page of a replay: one replication of a run in time, as one file in HTML.

`replay_data` computes what it shows; the scripts in `plots/pages/replay` draw it in the browser.
"""

from pathlib import Path
from typing import Any

from plots.pages.assembly import assemble, asset
from plots.replay_data import replay_data
from plots.run_page import recorded_replication, run_results
from sim.scenario.arguments import PAGES, picture_path
from sim.study.folders import drop_drafts, write_whole
from sim.study.store import Results

STYLES = ("page.css", "replay/replay.css")
SCRIPTS = tuple(
    f"replay/{name}.js" for name in ("times", "model", "chart", "symbols", "scene", "strip", "panel", "replay")
)
"""The scripts of the page in the order in which they run; each says at its head what it needs of those before it."""


def replay_html(results: Results, replication: int | None = None) -> str:
    """The page of one replication of a run, by default of the first that was recorded; equal runs give equal texts.

    Raises InputError for what is no run, where nothing was recorded, and where that replication was not.
    """
    results = run_results(results)
    data = replay_data(results, recorded_replication(results, replication))
    title = f"{results.scenario.title}: replication {data['replication']} in time"
    return assemble(
        title,
        asset("replay/replay.html"),
        styles=[asset(name) for name in STYLES],
        scripts=[asset(name) for name in SCRIPTS],
        data={"replay-data": data},
    )


def save_replay(results: Any, path: str | Path, *, replication: int | None = None) -> None:
    """Write the page of one replication of a run to a file; see `replay_html`. An error leaves no file."""
    path = picture_path(path, endings=PAGES)
    text = replay_html(results, replication)
    drop_drafts(path.parent)
    write_whole(path, text.encode())
