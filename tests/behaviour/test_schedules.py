"""Take-offs by the clock and by lot: the old schedules said anew, days of the week, changes of clocks, and luck."""

import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import load_scenario
from sim.check.advice import findings
from sim.check.bounds import Bounds
from sim.check.registry import DOUBTFUL, SENSELESS
from sim.check.tables_takeoffs import takeoff_hours_table, takeoffs_table
from sim.cli.main import main
from sim.core import chance
from sim.core.codes import RETURN, SEARCH
from sim.deployment.engine import simulate
from sim.deployment.world import prepare
from sim.model.schedules import Schedule
from sim.scenario.digest import flat_toml
from sim.scenario.groups import schedule_of
from sim.scenario.problems import InputError
from sim.scenario.schema import Scenario

AURORA = "patrols.aurora"
CLOCK = f"{AURORA}.takeoff"
ALL_DAY = {"from": "00:00", "to": "24:00"}
TRACK = {"pattern": "racetrack", "line": [[124.5, 29.0], [125.5, 30.0]], "width_nmi": 20.0}
SECOND = {"aircraft": "cp140", "base": "kadena", "routes": ["search"], "takeoff": "06:00"}
KEYS = [chance.replication_key(1, replication) for replication in range(400)]


def of(sets: dict[str, Any], name: str = "aurora") -> tuple[Scenario, Schedule]:
    """Neon-spring with some keys changed, and the schedule of one of its patrols."""
    scenario = load_scenario("neon-spring", sets)
    return scenario, schedule_of(scenario, name)


def shown(scenario: Scenario, hours: list[float], form: str = "%a %H:%M") -> list[str]:
    """What clocks show at some hours."""
    return [f"{scenario.clock.shown_at(hour):{form}}" for hour in hours]


# ---------------------------------------------------------------------------------------------------- said anew
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {CLOCK: "06:00"}),
        ({}, {CLOCK: 6.0}),
        ({}, {CLOCK: {"choose": ["06:00"]}}),
        ({f"{AURORA}.first_takeoff_h": 9.0, f"{AURORA}.every_h": 12.0}, {CLOCK: ["18:00", "06:00"]}),
        ({f"{AURORA}.every_h": 168.0}, {CLOCK: "Tue 06:00"}),
        ({f"{AURORA}.every_h": 168.0}, {CLOCK: "06:00", f"{AURORA}.days": ["Tue"]}),
        ({f"{AURORA}.sorties": 4}, {CLOCK: "06:00", f"{AURORA}.sorties": 4}),
    ],
)
def test_a_schedule_by_hours_and_the_same_by_the_clock_fly_the_same_bit_for_bit(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    short = {"duration_days": 9.0}
    by_hours, by_clock = (simulate(load_scenario("neon-spring", {**short, **sets}), 3, 1) for sets in (old, new))
    assert by_clock.events == by_hours.events
    assert by_clock.totals() == by_hours.totals()
    for one, other in zip(by_clock.sorties, by_hours.sorties, strict=True):
        assert np.array_equal(one.flown, other.flown)


def test_without_a_lot_the_hours_are_the_same_list_in_every_replication() -> None:
    _, schedule = of({})
    assert schedule.hours(KEYS[0]) is schedule.hours(KEYS[1])
    assert not schedule.is_by_lot


# ---------------------------------------------------------------------------------------------------- the clock
def test_days_of_the_week_keep_to_the_clock_where_it_changes() -> None:
    """In London clocks go back on Sunday 25 October 2026."""
    sets = {"time_zone": "Europe/London", "start": "2026-10-19T00:00:00Z", CLOCK: ["Tue 18:00", "Fri 06:00"]}
    scenario, schedule = of(sets)
    hours = schedule.hours(KEYS[0])
    assert shown(scenario, hours) == ["Tue 18:00", "Fri 06:00"] * 4 + ["Tue 18:00"]
    assert np.diff(hours).tolist() == [60.0, 109.0, *[60.0, 108.0] * 3]


def test_days_hold_for_each_of_several_times() -> None:
    scenario, schedule = of({CLOCK: ["18:00", "06:00"], f"{AURORA}.days": ["Wed", "Mon"], "duration_days": 7.0})
    assert shown(scenario, schedule.hours(KEYS[0])) == ["Mon 18:00", "Wed 06:00", "Wed 18:00", "Mon 06:00"]


@pytest.mark.parametrize(
    ("zone", "start", "takeoff", "first"),
    [
        ("Europe/London", "2026-03-28T12:00:00Z", "01:30", ["29 02:30", "30 01:30"]),  # 01:30 is not shown on the 29th
        ("Europe/London", "2026-10-24T12:00:00Z", "01:30", ["25 01:30", "26 01:30"]),  # shown twice on the 25th
        ("Pacific/Apia", "2011-12-29T20:00:00Z", "12:00", ["29 12:00", "31 12:00"]),  # Samoa had no 30 December
    ],
)
def test_a_time_that_clocks_leave_out_or_show_twice_is_flown_once(
    zone: str, start: str, takeoff: str, first: list[str]
) -> None:
    scenario, schedule = of({"time_zone": zone, "start": start, CLOCK: takeoff, "duration_days": 5.0})
    hours = schedule.hours(KEYS[0])
    assert shown(scenario, hours, "%d %H:%M")[:2] == first
    assert min(np.diff(hours)) >= 23.0


def test_of_a_time_that_is_shown_twice_the_first_is_flown() -> None:
    _, schedule = of({"time_zone": "Europe/London", "start": "2026-10-24T12:00:00Z", CLOCK: "01:30"})
    assert schedule.hours(KEYS[0])[0] == 12.5


# ---------------------------------------------------------------------------------------------------- lots
def test_a_lot_chooses_by_its_weights_day_after_day() -> None:
    """12,000 draws of three times: each share within 4 standard errors; a time without weight is never drawn."""
    takeoff = {"choose": ["06:00", "12:00", "18:00", "23:00"], "weights": [1.0, 2.0, 3.0, 0.0]}
    scenario, schedule = of({"start": "2023-04-09T15:00:00Z", CLOCK: takeoff})
    clock = np.array([schedule.hours(key) for key in KEYS]) % 24.0
    assert clock.shape == (len(KEYS), 30)
    shares = np.array([np.mean(clock == hour) for hour in (6.0, 12.0, 18.0)])
    expected = np.array([1.0, 2.0, 3.0]) / 6.0
    assert np.all(np.abs(shares - expected) < 4.0 * np.sqrt(expected * (1.0 - expected) / clock.size))
    assert shares.sum() == pytest.approx(1.0)
    # days are independent: the same time on two days running, as often as chance has it
    same = np.mean(clock[:, 1:] == clock[:, :-1])
    again = float((expected**2).sum())
    assert abs(same - again) < 4.0 * np.sqrt(again * (1.0 - again) / clock.size)
    assert scenario.duration_h == schedule.duration_h


def test_a_lot_over_a_window_is_uniform_in_it_also_beyond_midnight() -> None:
    _, schedule = of({"start": "2023-04-09T15:00:00Z", CLOCK: {"from": "22:00", "to": "04:00"}})
    hours = np.array([schedule.hours(key) for key in KEYS])
    assert hours.shape[1] == 31  # the first window began two hours before the deployment
    after = hours - (np.arange(31) * 24.0 - 2.0)
    assert 0.0 < after.min() < 0.01
    assert 5.99 < after.max() < 6.0
    assert abs(after.mean() - 3.0) < 4.0 * np.sqrt(3.0 / after.size)  # the variance of 6 hours is 36 / 12
    assert abs(after.var() - 3.0) < 0.1


def test_a_take_off_drawn_before_the_deployment_or_after_it_is_not_flown() -> None:
    """The deployment begins at 09:00 on the clock, so of the first day's lot, a third of the chance lies before it."""
    sets = {CLOCK: {"choose": ["06:00", "12:00", "18:00"]}, "duration_days": 2.0}
    scenario, schedule = of(sets)
    assert schedule.count == 3
    assert schedule.expected == pytest.approx(2.0 / 3.0 + 1.0 + 1.0 / 3.0)
    assert schedule.possible == 3
    hours = np.array([schedule.hours(key) for key in KEYS])
    inside = (hours >= 0.0) & (hours < scenario.duration_h)
    assert inside[:, 0].mean() == pytest.approx(2.0 / 3.0, abs=4.0 * np.sqrt(2.0 / 9.0 / len(KEYS)))
    plan = prepare(scenario)
    for replication in range(4):
        log = simulate(plan, 1, replication)
        drawn = [number for number in range(3) if inside[replication, number]]
        assert [sortie.number for sortie in log.sorties] == drawn
        assert log.totals()["cancelled_sorties"] == 0


def test_a_week_may_be_drawn_by_its_day() -> None:
    scenario, schedule = of({CLOCK: {"choose": ["Mon 18:00", "Thu 06:00"]}, "duration_days": 28.0})
    draws = [schedule.hours(key) for key in KEYS[:20]]
    weeks = [[scenario.clock.shown_at(hour).isocalendar().week for hour in drawn] for drawn in draws]
    assert weeks == [[15, 16, 17, 18]] * 20
    assert {text for drawn in draws for text in shown(scenario, drawn)} == {"Mon 18:00", "Thu 06:00"}


def test_one_lot_for_the_deployment_gives_one_hour_that_differs_between_replications() -> None:
    _, schedule = of({CLOCK: {**ALL_DAY, "draw": "deployment"}})
    clocks = [{round(hour % 24.0, 6) for hour in schedule.hours(key)} for key in KEYS]
    assert {len(one) for one in clocks} == {1}
    assert len(set.union(*clocks)) == len(KEYS)


# ---------------------------------------------------------------------------------------------------- luck
def test_patrol_and_slot_alone_decide_the_luck_of_a_lot() -> None:
    """Another aircraft, another route, another patrol and other days change no draw."""
    _, schedule = of({CLOCK: ALL_DAY})
    other = {
        "patrols.second": {**SECOND, "takeoff": ALL_DAY},
        "routes.track": TRACK,
        f"{AURORA}.routes": ["track", "search"],
        f"{AURORA}.route_weights": [1.0, 1.0],
        "aircraft.cp140.endurance_h": 5.0,
        f"{AURORA}.max_delay_h": 0.0,
        "duration_days": 20.0,
        CLOCK: ALL_DAY,
    }
    scenario, again = of(other)
    second = schedule_of(scenario, "second")
    assert again.count == 21
    assert [again.hours(key) for key in KEYS[:5]] == [schedule.hours(key)[:21] for key in KEYS[:5]]
    assert all(second.hours(key) != again.hours(key) for key in KEYS[:5])


def test_other_weights_move_only_draws_in_between() -> None:
    """Common random numbers: from weights 1 : 1 to 3 : 2, one take-off of ten changes, from the second to the first."""
    choose = ["06:00", "18:00"]
    _, even = of({CLOCK: {"choose": choose}})
    _, uneven = of({CLOCK: {"choose": choose, "weights": [3.0, 2.0]}})
    before, after = (np.array([one.hours(key) for key in KEYS]) for one in (even, uneven))
    moved = before != after
    assert abs(moved.mean() - 0.1) < 4.0 * np.sqrt(0.09 / moved.size)
    assert np.all((before - after)[moved] == 12.0)


def test_sorties_that_two_plans_share_have_the_same_luck_in_the_air() -> None:
    """Where the lot draws the hour that the fixed plan has, the first sortie is the same flight."""
    fixed = simulate(load_scenario("neon-spring", {CLOCK: "18:00", "duration_days": 3.0}), 1, 0)
    plan = prepare(load_scenario("neon-spring", {CLOCK: {"choose": ["18:00", "12:00"]}, "duration_days": 3.0}))
    same = 0
    for replication in range(6):
        fixed = simulate(load_scenario("neon-spring", {CLOCK: "18:00", "duration_days": 3.0}), 1, replication)
        drawn = simulate(plan, 1, replication)
        if drawn.sorties and drawn.sorties[0].takeoff_h == fixed.sorties[0].takeoff_h:
            same += 1
            assert np.array_equal(drawn.sorties[0].flown, fixed.sorties[0].flown)
            assert np.array_equal(drawn.sorties[0].detected_h, fixed.sorties[0].detected_h)
    assert 0 < same < 6


# ---------------------------------------------------------------------------------------------------- routes
ROUTES = {"routes.track": TRACK, f"{AURORA}.routes": ["search", "track"]}


def test_routes_are_drawn_by_their_weights_whatever_was_cancelled() -> None:
    sets = {**ROUTES, f"{AURORA}.route_weights": [1.0, 3.0]}
    plan = prepare(load_scenario("neon-spring", sets)).patrols[0]
    drawn = np.array([plan.drawn_routes(key) for key in KEYS])
    assert abs(drawn.mean() - 0.75) < 4.0 * np.sqrt(0.1875 / drawn.size)
    broken = {**sets, "aircraft.cp140.serviceability": 0.5, "duration_days": 12.0}
    log = simulate(load_scenario("neon-spring", broken), 1, 0)
    assert 0 < log.totals()["cancelled_sorties"] < 12
    names = [log.routes["aurora", sortie.number] for sortie in log.sorties]
    assert names == [ROUTES[f"{AURORA}.routes"][drawn[0][sortie.number]] for sortie in log.sorties]


def test_a_route_without_weight_is_never_flown_and_without_weights_all_are_flown_in_turn() -> None:
    never = simulate(load_scenario("neon-spring", {**ROUTES, f"{AURORA}.route_weights": [0.0, 1.0]}), 1, 0)
    assert set(never.routes.values()) == {"track"}
    in_turn = simulate(load_scenario("neon-spring", {**ROUTES, "duration_days": 6.0}), 1, 0)
    assert list(in_turn.routes.values()) == ["search", "track"] * 3


# ---------------------------------------------------------------------------------------------------- groups
def group(divide: str, **keys: Any) -> dict[str, Any]:
    """A second patrol, and a group of both."""
    return {
        "patrols.second": {**SECOND, **keys},
        "groups.both": {"patrols": ["aurora", "second"], "divide": divide},
        CLOCK: {"choose": ["06:00", "12:00", "18:00"]},
    }


@pytest.mark.parametrize("divide", ["time", "hand_over"])
def test_patrols_that_share_take_offs_share_their_lots(divide: str) -> None:
    sets = {**group(divide), **ROUTES, f"{AURORA}.route_weights": [1.0, 1.0]}
    scenario, first = of(sets)
    second = schedule_of(scenario, "second")
    plans = {plan.name: plan for plan in prepare(scenario).patrols}
    later = [np.array(second.hours(key)) - np.array(first.hours(key)) for key in KEYS[:5]]
    assert np.ptp(later) < 1e-9
    assert np.mean(later) == pytest.approx(12.0) or divide == "hand_over"
    drawn = [[plans[name].drawn_routes(key) for key in KEYS[:5]] for name in ("aurora", "second")]
    assert drawn[0] == drawn[1]


def test_a_patrol_relieves_the_other_whatever_the_lot_has_drawn() -> None:
    """The second searches the same route as soon as the first has left it, but for its way to where that one was."""
    keys = {**group("hand_over"), **ROUTES, f"{AURORA}.route_weights": [1.0, 1.0], "duration_days": 6.0}
    plan = prepare(load_scenario("neon-spring", {**keys, "background.merchant.present": 0.0}))
    for replication in range(3):
        log = simulate(plan, 1, replication)
        flown = {(sortie.patrol, sortie.number): sortie for sortie in log.sorties}
        pairs = [(flown["aurora", slot], flown["second", slot]) for slot in range(1, 5)]
        arrivals = [second.flown[second.flown[:, 6] == SEARCH][0, 0] for _, second in pairs]
        departures = [first.flown[first.flown[:, 6] == RETURN][0, 0] for first, _ in pairs]
        assert np.abs(np.subtract(arrivals, departures)).max() < 2.0
        routes = [(log.routes["aurora", slot], log.routes["second", slot]) for slot in range(1, 5)]
        assert all(one == other for one, other in routes)


def test_patrols_that_divide_an_area_draw_their_hours_apart_and_fly_one_route() -> None:
    sets = {**group("area", takeoff={"choose": ["06:00", "12:00", "18:00"]}), **ROUTES}
    scenario, first = of({**sets, f"{AURORA}.route_weights": [1.0, 1.0]})
    plans = {plan.name: plan for plan in prepare(scenario).patrols}
    assert schedule_of(scenario, "second").hours(KEYS[0]) != first.hours(KEYS[0])
    assert plans["second"].drawn_routes(KEYS[0]) == plans["aurora"].drawn_routes(KEYS[0])


@pytest.mark.parametrize(
    ("sets", "allowed"),
    [
        ({**group("time"), CLOCK: ["06:00", "18:00"]}, "takes off once a day"),
        ({**group("time"), CLOCK: "Tue 06:00"}, "takes off once a day"),
        ({**group("hand_over", takeoff=None, first_takeoff_h=0.0, every_h=24.0)}, "all given as those of aurora"),
    ],
)
def test_take_offs_that_cannot_be_shared_are_refused(sets: dict[str, Any], allowed: str) -> None:
    with pytest.raises(InputError, match=allowed) as error:
        load_scenario("neon-spring", sets)
    assert [problem.key for problem in error.value.problems] == ["groups.both.divide"]


# ---------------------------------------------------------------------------------------------------- files
@pytest.mark.parametrize(
    "keys",
    [
        'takeoff = "18:00"',
        "takeoff = 18.25",
        'takeoff = ["06:00", "18:00"]\ndays = ["Mon"]',
        'takeoff = ["Tue 18:00", "Fri 06:00"]',
        'takeoff = { choose = ["06:00", 18.5], weights = [1, 3], draw = "deployment" }',
        'takeoff = { from = 22.0, to = "04:00" }\nroute_weights = [1]',
    ],
)
def test_a_variant_replaces_the_schedule_of_its_parent_and_its_flat_file_loads_the_same(
    scratch: Path, keys: str
) -> None:
    Path("mine.toml").write_text(f'extends = "neon-spring"\n[patrols.aurora]\n{keys}\n', encoding="utf-8")
    scenario = load_scenario("mine.toml")
    assert scenario.patrols["aurora"].first_takeoff_h is None
    assert scenario.patrols["aurora"].max_delay_h == 6.0
    Path("flat.toml").write_text(flat_toml(scenario), encoding="utf-8")
    assert load_scenario("flat.toml") == scenario
    back = load_scenario("mine.toml", {f"{AURORA}.first_takeoff_h": 21.0, f"{AURORA}.every_h": 24.0})
    assert back.patrols["aurora"].takeoff is back.patrols["aurora"].days is None


def test_a_variant_drops_what_does_not_go_together_with_its_own_keys(scratch: Path) -> None:
    lot = '{ choose = ["06:00", "18:00"], weights = [1, 3] }'
    parent = f'extends = "neon-spring"\n[patrols.aurora]\ntakeoff = {lot}\ndays = ["Mon", "Tue"]\n'
    Path("parent.toml").write_text(parent, encoding="utf-8")
    for sets, days, weights in (
        ({CLOCK: "12:00"}, ["Mon", "Tue"], None),
        ({CLOCK: "Wed 12:00"}, None, None),
        ({CLOCK: {"from": "06:00", "to": "08:00"}}, ["Mon", "Tue"], None),
        ({f"{CLOCK}.weights": [2.0, 1.0]}, ["Mon", "Tue"], [2.0, 1.0]),
        ({f"{CLOCK}.choose": ["06:00", "12:00", "18:00"]}, ["Mon", "Tue"], None),
    ):
        patrol = load_scenario("parent.toml", sets).patrols["aurora"]
        assert patrol.takeoff is not None
        assert (patrol.days, patrol.takeoff.weights) == (days, weights)


def test_keys_of_a_lot_can_be_set_one_by_one() -> None:
    sets = [f'{CLOCK}.from="22:00"', f'{CLOCK}.to="04:00"', f'{CLOCK}.draw="deployment"']
    patrol = load_scenario("neon-spring", sets).patrols["aurora"]
    assert patrol.takeoff is not None
    assert patrol.every_h is None
    assert (patrol.takeoff.from_, patrol.takeoff.to, patrol.takeoff.draw) == ("22:00", "04:00", "deployment")


# ---------------------------------------------------------------------------------------------------- check
@pytest.mark.parametrize(
    ("sets", "text"),
    [
        ({}, "06:00 every day"),
        ({f"{AURORA}.every_h": 48.0}, "06:00 every 2 days"),
        ({f"{AURORA}.every_h": 12.0}, "06:00, 18:00 every day"),
        ({f"{AURORA}.every_h": 84.0}, "06:00 and 18:00 by turns"),
        ({f"{AURORA}.every_h": 26.0}, "12 different times, from 00:00 to 22:00"),
        ({CLOCK: 6.5}, "06:30 every day"),
        ({CLOCK: ["06:00", "18:00"], f"{AURORA}.days": ["Wed", "Mon"]}, "06:00, 18:00 on Mon, Wed"),
        ({CLOCK: ["Tue 18:00", "Fri 06:00"]}, "Tue 18:00, Fri 06:00 every week"),
        (
            {CLOCK: {"choose": ["06:00", "18:00"], "weights": [1.0, 3.0]}},
            "06:00 (25 %) or 18:00 (75 %); drawn each day",
        ),
        (
            {CLOCK: {"choose": ["Tue 18:00", "Fri 06:00"]}},
            "Tue 18:00 (50 %) or Fri 06:00 (50 %); drawn each week",
        ),
        (
            {CLOCK: {**ALL_DAY, "draw": "deployment"}},
            "any time from 00:00 to 24:00, all as likely; drawn once for the deployment",
        ),
        (
            {CLOCK: {"from": "22:00", "to": "04:00"}, f"{AURORA}.days": ["Sun"]},
            "any time from 22:00 to 04:00 the next day, all as likely; drawn each day on Sun",
        ),
    ],
)
def test_check_tells_the_local_hours_of_take_off_and_their_chances(sets: dict[str, Any], text: str) -> None:
    bounds = Bounds(load_scenario("neon-spring", sets))
    ((_, told, route),) = [[cell.text for cell in row.cells] for row in takeoff_hours_table(bounds).rows]
    assert (told, route) == (text, "search")


def test_the_table_of_take_offs_has_the_mean_number_where_lots_decide() -> None:
    sets = {CLOCK: {"choose": ["06:00", "12:00", "18:00"]}, "duration_days": 2.0}
    (row,) = takeoffs_table(Bounds(load_scenario("neon-spring", sets))).rows
    assert [cell.text for cell in row.cells[2:]] == ["by the clock", "2"]
    assert row.cells[1].text.endswith("at the earliest")
    assert datetime.fromisoformat(str(row.cells[1].value)) == datetime(2023, 4, 10, 3, tzinfo=UTC)


def test_bounds_hold_for_every_draw() -> None:
    """Every flight of 12 deployments lies within the windows of flight, and some window is used by day and by night."""
    scenario = load_scenario("neon-spring", {CLOCK: {"choose": ["03:00", "12:00"]}, "duration_days": 6.0})
    (patrol,) = Bounds(scenario).patrols
    plan = prepare(scenario)
    lights = set()
    for replication in range(6):
        for sortie in simulate(plan, 1, replication).sorties:
            begin, end = patrol.flight_windows_h.T
            assert np.any((begin <= sortie.takeoff_h) & (sortie.landing_h <= end))
            lights |= {patrol.light.at(hour) for hour in np.linspace(sortie.takeoff_h, sortie.landing_h, 20)}
    assert lights == patrol.light_on_station() == {True, False}


def test_the_share_of_take_offs_that_come_close_is_that_of_the_draws() -> None:
    _, schedule = of({"start": "2023-04-09T15:00:00Z", CLOCK: ALL_DAY})
    gaps = np.diff([schedule.hours(key) for key in KEYS], axis=1)
    for hours in (6.0, 13.0, 30.0):
        share = schedule.share_closer_than(hours)
        # P(24 + V - U < h) of two uniform numbers of 24 hours: a triangle on either side of 24
        expected = hours**2 / 1152.0 if hours <= 24.0 else 1.0 - (48.0 - hours) ** 2 / 1152.0
        assert share == pytest.approx(expected, abs=0.02)
        assert np.mean(gaps < hours) == pytest.approx(expected, abs=0.02)
    assert timedelta(hours=schedule.mean_gap_h) == timedelta(hours=24)


GUIDE = (Path(__file__).resolve().parents[2] / "docs/guides/takeoffs.md").read_text(encoding="utf-8")


def test_the_files_of_the_guide_load_and_check_prints_what_it_shows(
    scratch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert len(files) == 5
    for number, text in enumerate(files):
        Path(f"{number}.toml").write_text(text, encoding="utf-8")
    doubtful = [one for number in range(5) for one in findings(load_scenario(f"{number}.toml"), (SENSELESS, DOUBTFUL))]
    assert doubtful == []
    assert main(["check", "3.toml"]) == 0
    printed = capsys.readouterr().out
    (shown_by_guide,) = re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL)
    assert shown_by_guide in printed


def test_each_line_of_the_guide_about_the_key_is_a_schedule_as_it_says() -> None:
    lines = re.findall(r"^\| (`takeoff = .*?) \| .* \|$", GUIDE, re.MULTILINE)
    assert len(lines) == 9
    tables = [tomllib.loads("\n".join(re.findall(r"`(.*?)`", line))) for line in lines]
    scenarios = [load_scenario("neon-spring", {f"{AURORA}.{key}": one[key] for key in one}) for one in tables]
    counts = [round(schedule_of(scenario, "aurora").expected, 2) for scenario in scenarios]
    assert counts == [30.0, 60.0, 9.0, 9.0, 30.0, 30.0, pytest.approx(4.5, abs=0.5), 30.0, 30.0]
