"""Measures of parts: by area, source, patrol, route, phase, hour of the day, week; what adds up, what is refused."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plots.response import figure_response
from sim import compare, load_scenario, run, sweep
from sim.deployment.totals import TOTALS
from sim.scenario.problems import InputError
from sim.study.cuts import KEYS, Part, split
from sim.study.store import Results
from sim.study.windows import windows_of
from tests.helpers import RACETRACK, pair, plan_of

# Two crews on three routes among two sources; "north" and "south" are the halves of the sea.
SEA = [
    'groups.shared={ patrols = ["aurora", "poseidon"], divide = "time" }',
    'patrols.aurora.routes=["search", "middle"]',
    f'routes.middle={{ pattern = "racetrack", line = {RACETRACK["line"]}, width_nmi = 10.0 }}',
    "areas.north={ polygon = [[123.3, 29.0], [127.0, 29.0], [127.0, 32.0], [123.3, 32.0]] }",
    "areas.south={ polygon = [[123.3, 27.0], [127.0, 27.0], [127.0, 29.0], [123.3, 29.0]] }",
    "transfers.fuel.per_month=60",
    'transfers.night={ area = "south", per_month = 30.0, duration_h = 6.0, speed_kn = 9.0 }',
    "outputs.contacts=false",
    "patrols.aurora.sorties=5",
    "duration_days=9.3",
]
ADDING_UP = ("source", "patrol", "route", "phase", "hour", "week")


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    scenario = load_scenario("neon-two", SEA)
    return run(scenario, 4, by=list(KEYS)[:7], out=tmp_path_factory.mktemp("parts") / "run", jobs=1)


def test_parts_add_up_to_the_whole(results):
    """Each key's parts of a total are all of it, in every replication: nothing is lost, nothing counts twice."""
    columns, sums, parts = results.columns, {}, {}
    for name in columns:
        whole, part = split(name)
        if part is not None and part.key in ADDING_UP and whole != "first_documented_h":
            sums[whole, part.key] = sums.get((whole, part.key), 0.0) + columns[name]
            parts.setdefault((whole, part.key), []).append(part.value)
    assert {(total.name, key) for total in TOTALS for key in total.parts if key in ADDING_UP} >= set(sums)
    assert len(sums) > 70
    for (whole, key), total in sums.items():
        expected = columns.get(whole)
        if expected is None:  # of passes only parts were asked for: all keys must give the same whole
            expected = sums[whole, "patrol"]
        assert total == pytest.approx(expected, rel=1e-9), (whole, key)
    assert parts["flight_hours", "route"] == ["search", "middle"]
    assert parts["documented", "week"] == ["1", "2"]
    assert sum(np.count_nonzero(total) for total in sums.values()) > 200


def test_areas_that_cut_the_sea_in_two_share_its_transfers(results):
    columns = results.columns
    for total in ("transfers", "detected", "documented", "no_one_there"):
        halves = columns[f"{total}[area=north]"] + columns[f"{total}[area=south]"]
        assert list(halves) == list(columns[f"{total}[area=east_china_sea]"]) == list(columns[total])
    assert all(columns["transfers[area=south]"] >= columns["transfers[source=night]"])


def test_parts_of_transfers_follow_from_a_run_that_was_not_asked_for_them(results):
    """They are computed from the rows of transfers, and are the same numbers as those of the simulation."""
    plain = run(load_scenario("neon-two", SEA), 4, keep=0, jobs=1)
    asked = {row.measure: row for row in results.measures()}
    for name in ("p_documented[area=south]", "transfers[source=night]", "no_one_there[week=2]",
                 "p_any_documented[hour=6-12]", "first_documented_h[area=north]"):  # fmt: skip
        assert plain.measure(name) == asked[name] == results.measure(name)
        assert asked[name].low <= asked[name].value <= asked[name].high
    assert plain.measure("transfers[hour=06:00-12:00]") == asked["transfers[hour=6-12]"]
    assert {row.measure for row in plain.measures()} == {name for name in asked if "[" not in name}
    with pytest.raises(InputError, match=r"has them with --by patrol, in Python with by='patrol'"):
        plain.measure("flight_hours[patrol=aurora]")


def test_a_part_without_transfers_has_no_share_and_says_so(results):
    """There is nothing to divide by: 0 of 0 is no probability."""
    empty = load_scenario("neon-two", [*SEA, "transfers.night.per_month=0"])
    row = run(empty, 2, by=["source=night"], keep=0, jobs=1).measure("p_documented[source=night]")
    assert (row.value, row.low, row.high) == (None, None, None)
    assert "transfers[source=night]" in row.why


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("p_documented[area=nort]", "north, south (did you mean north?)"),
        ("p_documnted", "did you mean p_documented?"),
        ("p_documnted[area=north]", "did you mean p_documented?"),
        ("flight_hours[area=north]", "flight_hours by patrol, route, hour, week, phase"),
        ("documented[aera=north]", "did you mean area?"),
        ("documented[hour=18-25]", "hour=18-24"),
        ("documented[week=3]", "week= one of: 1, 2"),
        ("documented[area=north", "p_documented[area=NAME]"),
        ("contacts[patrol=aurora]", "contacts as a whole"),
    ],
)
def test_a_mistyped_part_is_refused_with_what_there_is(results, name, words):
    with pytest.raises(InputError) as error:
        results.measure(name)
    assert words in str(error.value)


def test_a_comparison_has_the_parts_that_both_scenarios_have():
    one, two = (plan_of(duration_days=4, **sets).scenario for sets in ({}, pair("time")))
    rows = {
        row.measure: row for row in compare([run(one, 3, by=["patrol"]), run(two, 3, by=["patrol"])]).differences[0]
    }
    assert rows["flight_hours[patrol=aurora]"].value == 0.0
    assert not [name for name in rows if "second" in name]


STUDY = """\
format = 1
scenario = "neon-spring"
replications = 3
measures = ["p_documented[hour=18:00-6]", "passes_share", "flight_hours[patrol={patrol}]"]
[[vary]]
key = "patrols.aurora.sorties"
values = [1, 2]
"""


def test_a_study_of_parts_is_swept_and_drawn(tmp_path):
    """Its replications have the totals of those parts alone; the plots draw them."""
    (tmp_path / "parts.toml").write_text(STUDY.format(patrol="aurora"), encoding="utf-8")
    study = sweep(tmp_path / "parts.toml", out=tmp_path / "out")
    first, second = study.estimates("flight_hours[patrol=aurora]")
    assert 0.0 < first.value < second.value
    asked = [name for name in study.table.column_names if "[" in name or "passes" in name]
    assert asked == ["documented[hour=18-6]", "transfers[hour=18-6]", "passes_flown", "passes_planned",
                     "flight_hours[patrol=aurora]"]  # fmt: skip
    axes = figure_response(study, "p_documented[hour=18-06:00]").axes[0]
    assert "(local hours 18-6)" in " ".join(axes.get_ylabel().split())


def test_a_study_of_a_part_that_the_scenario_lacks_is_refused_with_its_line(tmp_path):
    (tmp_path / "parts.toml").write_text(STUDY.format(patrol="arora"), encoding="utf-8")
    with pytest.raises(InputError, match=r"parts.toml:4: measures.*aurora, at every point \(did you mean aurora\?\)"):
        sweep(tmp_path / "parts.toml", out=tmp_path / "out")


def test_a_precision_may_be_that_of_a_part(tmp_path):
    narrow = run("textbook", precision=("p_detected[hour=0-12]", 0.05), keep=0, jobs=1)
    assert narrow.measure("p_detected[hour=0-12]").half_width <= 0.05


@settings(max_examples=40, deadline=None)
@given(
    start=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),
    zone=st.sampled_from(["Asia/Tokyo", "America/Halifax", "Australia/Lord_Howe"]),
    begin=st.integers(0, 95),
    length=st.integers(1, 95),
    days=st.floats(0.1, 400.0),
)
def test_hours_of_the_day_are_those_that_local_clocks_show(start, zone, begin, length, days):
    """Summer time included: an hour belongs to the part if the clocks of the scenario's time zone say so."""
    end = (begin + length) % 96 or 96
    period = "-".join(f"{quarters // 4}:{15 * (quarters % 4):02d}" for quarters in (begin, end))
    sets = [f"start={start:%Y-%m-%dT%H:%M:%S}Z", f'time_zone="{zone}"', f"duration_days={days}"]
    scenario = load_scenario("textbook", sets)
    windows = windows_of(scenario, Part("hour", period))
    hours = np.linspace(0.0, 24.0 * days, 200, endpoint=False) + 1e-4
    clocks = [(scenario.start + timedelta(hours=hour)).astimezone(ZoneInfo(zone)) for hour in hours]
    quarters = np.array([clock.hour * 4 + clock.minute // 15 for clock in clocks])
    within = (quarters >= begin) & (quarters < end) if begin < end else (quarters >= begin) | (quarters < end)
    near_change = np.array([clock.minute % 15 == 0 and clock.second < 2 for clock in clocks])
    assert list(windows.hold(hours)[~near_change]) == list(within[~near_change])
    middle = 12.0 * days
    parts = windows.shares(np.array([0.0, middle]), np.array([middle, 24.0 * days]))
    assert parts.sum() == pytest.approx(windows.shares(np.zeros(1), np.array([24.0 * days]))[0])
    assert np.abs(parts.sum() / (24.0 * days) - within.mean()) < 0.12


def test_a_flight_that_lands_at_the_hour_has_no_hours_after_it_but_for_rounding():
    scenario = load_scenario("textbook", {"start": datetime(2023, 4, 10, tzinfo=UTC), "time_zone": "Asia/Tokyo"})
    morning = windows_of(scenario, Part("hour", "6-12"))  # from the hour 21 of the deployment
    takeoffs, landings = np.array([9.0, 9.0]), np.array([21.0 + 4e-14, 21.5])
    assert morning.shares(takeoffs, landings).tolist() == [0.0, 0.5]
