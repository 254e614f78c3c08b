"""Hypothesis strategies for the domain's own objects: laws, areas, routes, aircraft, schedules, scenarios, totals.

There are also texts that a terminal, a table, a picture or a spreadsheet could obey instead of showing them.

Each draws a table or keys of a scenario file, which a test may change before it loads them. What is drawn is small,
so that a scenario of it is loaded and simulated within a tenth of a second or two.
"""

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from sim.core.arrays import Floats
from sim.core.text import is_hidden

probabilities = st.floats(0.0, 1.0)
shares = st.floats(0.05, 0.95)
levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
HORIZON_H = 720.0  # the length of the deployment of `study_totals`

HOSTILE_TEXTS = (  # shown as they are
    "[square]", "[/local]", "[red]x", "[link=https://a.b]x[/link]", ":smile:", "{task.description}", "%(name)s %d {0}",
    "$900, hire at $300", r"$\alpha$ \frac{1}{2} \n", "$unclosed", "_hidden", "__", "a_b^c", "<b>&amp;</b>", "-->",
    "=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1", "'quoted'", '"double", comma', "back\\slash", "#1 ; `id` $(id)", "~",
    "동중국해 東シナ海", "مرحبا بحر", "שלום", "é e\u0301 ß", "\u200fRTL", "क्\u200dष", "🚢 👩\u200d✈️",
    "null", "nan", "1e5", "true", "|", "]]>",
)  # fmt: skip
HIDDEN_TEXTS = (  # refused in titles and names, and shown as escapes elsewhere
    "\x1b[31m", "\x1b]0;title\x07", "\x1bPq\x1b\\", "\x1b", "\x9b31m", "\x9d0;t\x9c", "\x85", "\x00", "\b", "\r",
    "\x7f", "\u202a", "\u202e", "\u2066", "\u2069", "\u200b", "\u2060", "\ufeff", "\u00ad", "\u2028", "\u2029",
    "\ufff9", "\U000e0041", "\uffff", "\ufdd0", "\udcff",
)  # fmt: skip
shown_texts = st.one_of(
    st.sampled_from(HOSTILE_TEXTS),
    st.text(st.characters(codec="utf-8").filter(lambda character: not is_hidden(character)), max_size=40),
)


@st.composite
def definite_ranges(draw: st.DrawFn) -> dict[str, Any]:
    """A definite range law."""
    return {"kind": "definite_range", "range_nmi": draw(st.floats(1.0, 120.0)), "probability": draw(probabilities)}


@st.composite
def inverse_cubes(draw: st.DrawFn) -> dict[str, Any]:
    """An inverse cube law whose sweep width the cut allows."""
    reach = draw(st.floats(5.0, 100.0))
    width = draw(st.floats(0.05, 1.8)) * reach
    speed = draw(st.floats(100.0, 400.0))
    return {"kind": "inverse_cube", "sweep_width_nmi": width, "reference_speed_kn": speed, "max_range_nmi": reach}


@st.composite
def lateral_ranges(draw: st.DrawFn) -> dict[str, Any]:
    """A lateral range curve of two to six points."""
    steps = draw(st.lists(st.floats(0.5, 20.0), min_size=1, max_size=5))
    distances = [0.0, *np.cumsum(steps).tolist()]
    chances = draw(st.lists(probabilities, min_size=len(distances), max_size=len(distances)))
    return {"kind": "lateral_range", "distance_nmi": distances, "detection_probability": chances}


laws = st.one_of(definite_ranges(), inverse_cubes(), lateral_ranges())


@st.composite
def areas(draw: st.DrawFn) -> list[list[float]]:
    """A polygon of open sea within the theatre of the textbook, 20 to 90 nmi across."""
    west, south = draw(st.floats(124.5, 125.5)), draw(st.floats(25.0, 27.5))
    wide, high = draw(st.floats(0.4, 1.6)), draw(st.floats(0.4, 1.6))
    slant = draw(st.floats(-0.3, 0.3))
    return [[west, south], [west + wide, south], [west + wide + slant, south + high], [west + slant, south + high]]


@st.composite
def routes(draw: st.DrawFn) -> dict[str, Any]:
    """A route over the area `box`, or to and fro along a line."""
    ends = {"unfinished": draw(st.sampled_from(["resume", "restart"]))}
    ends["finished"] = draw(st.sampled_from(["repeat", "return"]))
    if draw(st.booleans()):
        line = [[draw(st.floats(124.3, 125.5)), draw(st.floats(24.5, 29.0))], [127.0, draw(st.floats(24.5, 29.0))]]
        return {"pattern": "barrier", "line": line, **ends}
    pattern = draw(st.sampled_from(["parallel_sweep", "creeping_line"]))
    return {"pattern": pattern, "area": "box", "spacing_nmi": draw(st.floats(10.0, 60.0)), **ends}


@st.composite
def aircraft(draw: st.DrawFn) -> dict[str, Any]:
    """A type of aircraft with the sensor `eye`, and a crew that flies to contacts or does not."""
    transit = draw(st.floats(150.0, 400.0))
    endurance = draw(st.floats(4.0, 12.0))
    found = {
        "transit_speed_kn": transit,
        "search_speed_kn": draw(st.floats(0.5, 1.0)) * transit,
        "altitude_ft": 5000.0,
        "endurance_h": endurance,
        "reserve_h": draw(st.floats(0.0, 0.3)) * endurance,
        "turn_round_h": draw(st.floats(0.5, 6.0)),
        "sensors": ["eye"],
    }
    if draw(st.booleans()):
        found["identification"] = {
            "max_detour_nmi": draw(st.floats(10.0, 200.0)),
            "time_h": draw(st.floats(0.05, 0.5)),
            "classify": {"range_nmi": draw(st.floats(2.0, 12.0)), "probability": draw(probabilities)},
            "document": {"range_nmi": draw(st.floats(0.5, 2.0)), "probability": draw(probabilities)},
        }
    return found


@st.composite
def schedules(draw: st.DrawFn) -> dict[str, float]:
    """When a patrol takes off, and how long a sortie may wait."""
    return {
        "first_takeoff_h": draw(st.floats(0.0, 20.0)),
        "every_h": draw(st.floats(3.0, 24.0)),
        "max_delay_h": draw(st.floats(0.0, 6.0)),
    }


@st.composite
def small_scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """Keys over the textbook that make another scenario of it, one to three days long, with one patrol or two."""
    low = draw(st.floats(3.0, 10.0))
    patrols = draw(st.lists(schedules(), min_size=1, max_size=2))
    return {
        "duration_days": draw(st.integers(1, 3)),
        "areas.box.polygon": draw(areas()),
        "background.ships": {
            "area": "box",
            "present": draw(st.floats(0.0, 30.0)),
            "speed_kn": {"low": low, "high": low + draw(st.floats(1.0, 8.0))},
            "suspicious_share": draw(shares),
        },
        "sensors.eye.law": draw(laws),
        "aircraft.searcher": draw(aircraft()),
        "routes.line": draw(routes()),
        "patrols.daily.first_takeoff_h": patrols[0]["first_takeoff_h"],
        "patrols.daily.every_h": patrols[0]["every_h"],
        "patrols.daily.max_delay_h": patrols[0]["max_delay_h"],
        **{
            f"patrols.extra{number}": {"aircraft": "searcher", "base": "field", "routes": ["line"], **schedule}
            for number, schedule in enumerate(patrols[1:])
        },
        "transfers.events.per_month": draw(st.floats(0.0, 400.0)),
        "transfers.events.duration_h": draw(st.sampled_from([0.5, 4.0, 30.0])),
    }


@st.composite
def study_totals(draw: st.DrawFn, least: int = 2, most: int = 12) -> dict[str, Floats]:
    """Totals that replications could have: no more climb a rung than are below it, hours within hours."""
    count = draw(st.integers(least, most))
    names = ("transfers", "detected", "documented", "sorties", "flight_hours", "first_documented_h")
    totals: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(count):
        transfers = draw(st.integers(0, 40))
        detected = draw(st.integers(0, transfers))
        documented = draw(st.integers(0, detected))
        first = draw(st.floats(0.0, HORIZON_H)) if documented else math.nan
        values = (transfers, detected, documented, draw(st.integers(0, 30)), draw(st.floats(1.0, 300.0)), first)
        for name, value in zip(names, values, strict=True):
            totals[name].append(float(value))
    return {name: np.array(values) for name, values in totals.items()}
