"""The replay of a report: the page of a replay in a frame, which opens on demand."""

from plots.replay_page import replay_html
from plots.report.pieces import Section, opened, paragraphs
from sim.study.maps.coverage import recorded_replications
from sim.study.markup import Markup, joined
from sim.study.store import Results

_TITLE = "One replication in time"


def of_run(results: Results) -> Section:
    """The replay of the first replication that was recorded."""
    if not recorded_replications(results):
        text = "The run recorded no tracks, so it cannot be replayed."
        return Section("replay", _TITLE, paragraphs([text]))
    page = replay_html(results)
    frame = Markup(f'<iframe {_ATTRIBUTES} srcdoc="{_quoted(page)}"></iframe>')
    told = "The replay shows aircraft, transfers, contacts, tips, weather and light. A printed page leaves it out."
    return Section("replay", _TITLE, joined([paragraphs([told]), opened("Show the replay", frame)]))


_ATTRIBUTES = 'title="Replay of one replication" loading="lazy" class="replay"'


def _quoted(page: str) -> str:
    """A whole page as the value of an attribute, in which it stays as it is: only a quote and & end or change it."""
    return page.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
