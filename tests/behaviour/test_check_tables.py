"""The tables that `seasweep check` prints: their numbers agree with the scenario, and none is cut on a narrow page."""

import math
from pathlib import Path
from typing import Any

import pytest

from sim import load_scenario
from sim.check.bounds import Bounds
from sim.check.describe import described, scenario_tables
from sim.check.expected_contacts import expected_contacts
from sim.check.tables_sensors import sensor_widths
from sim.cli.layout import page_text
from sim.core.turns import length_nmi
from sim.deployment.engine import simulate
from sim.deployment.patrols import plan_route
from sim.scenario.files import shipped_names
from sim.scenario.flight_plan import make_flight_plan
from sim.scenario.groups import assignment_of
from sim.scenario.schema import Scenario
from tests.helpers import RACETRACK, pair

CREW = "aircraft.cp140"


def tables(scenario: Scenario) -> dict[str, list[dict[str, str]]]:
    """The rows of all tables by their titles, each row by the heads of the columns."""
    found = {}
    for table in scenario_tables(scenario):
        headings = [column.heading for column in table.columns]
        found[table.title] = [dict(zip(headings, (cell.text for cell in row.cells), strict=True)) for row in table.rows]
    return found


def changed(sets: dict[str, Any], name: str = "neon-spring") -> dict[str, list[dict[str, str]]]:
    """The tables of an included scenario, with some keys changed."""
    return tables(load_scenario(name, sets))


# ---------------------------------------------------------------------------------------------------- the page
@pytest.mark.parametrize("name", shipped_names())
def test_nothing_is_cut_on_a_page_of_80_columns(name: str) -> None:
    scenario = load_scenario(name)
    text = page_text(described(scenario), 80)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
    words = set(text.split())  # a name that is broken over two lines is not among them
    names = [title for table in tables(scenario).values() for row in table for title in list(row.values())[:1]]
    assert len(names) > 10
    assert [title for title in names if not set(title.split()) <= words] == []


def test_the_errors_of_the_plane_are_said() -> None:
    text = page_text(described(load_scenario("neon-spring")), 80)
    assert "\nerrors of the map projection: distances -1.0 to +1.4 %, areas -2.1 to +2.5 %\n" in text


@pytest.mark.parametrize("name", ["neon-two", "textbook"])
def test_sweep_widths_are_not_cut_on_a_page_of_80_columns(name: str) -> None:
    text = page_text(sensor_widths(load_scenario(name)), 80)
    assert "…" not in text
    assert "fair weather: sea state 2, visibility 20 nmi, wind 10 kn" in text
    assert "foul weather: sea state 6, visibility 3 nmi, wind 30 kn" in text


def test_every_number_has_its_unit_in_the_head() -> None:
    """A column of numbers names a unit, a share, a number of things or a code."""
    units = ("nmi", ", kn", ", h", ", m", ", ft", ", t", "m2", "%", "deg", "number", "legs", "mean", "errors")
    counts = ("of them suspicious", "take-offs scheduled", "legs")
    unexplained, checked = set(), 0
    for name in ("neon-allies", "neon-two", "neon-patterns"):
        for rows in changed({}, name).values():
            for row in rows:
                for head, cell in row.items():
                    if cell.replace(",", "").replace(".", "").lstrip("-").isdigit():
                        checked += 1
                        if not any(unit in head for unit in (*units, *counts)):
                            unexplained.add(head)
    assert checked > 200
    assert unexplained == set()


# ---------------------------------------------------------------------------------------------------- places, weather
def test_areas_zones_and_bases_have_their_size_and_their_hours() -> None:
    found = changed(
        {
            "bases.kadena.closed": {"mean_open_h": 30.0, "mean_closed_h": 10.0},
            "bases.naha": {"position": [127.65, 26.2]},
            "zones.box": {"polygon": [[124.0, 28.0], [125.0, 28.0], [125.0, 29.0], [124.0, 29.0]]},
        }
    )
    kadena, naha = found["bases"]
    assert (kadena["open, % of the time"], kadena["mean time open, h"], kadena["mean time closed, h"]) == (
        "75",
        "30",
        "10",
    )
    assert (naha["open, % of the time"], naha["mean time open, h"]) == ("100", "always")
    assert (naha["longitude, deg"], naha["latitude, deg"]) == ("127.65", "26.2")
    box = 60.0 * 60.0 * math.cos(math.radians(28.5))  # a degree of latitude is 60 nmi, within 0.5 %; the plane, 2.6 %
    (zone,) = found["no-go zones"]
    assert float(zone["size, sq nmi"].replace(",", "")) == pytest.approx(box, rel=0.035)
    (area,) = found["areas"]
    assert float(area["sea, sq nmi"].replace(",", "")) > 50000.0
    assert area["land, % of the area"] == "0.0"


def test_an_area_over_land_says_how_much_of_it_is_land() -> None:
    half = {"polygon": [[130.0, 31.0], [132.0, 31.0], [132.0, 33.5], [130.0, 33.5]]}  # Kyushu
    (_, kyushu) = changed({"areas.kyushu": half})["areas"]
    assert 30.0 < float(kyushu["land, % of the area"]) < 90.0


def test_a_process_and_a_series_are_rows_of_the_weather() -> None:
    states = {"calm": {"dwell_h": 30.0, "sea_state": 2}, "rough": {"dwell_h": 10.0, "sea_state": 6}}
    calm, rough = changed({"environment.processes": {"sea": states}})["weather"]
    assert (calm["weather"], calm["mean duration, h"], calm["share of time, %"]) == ("sea: calm", "30", "75.0")
    assert (rough["conditions"], rough["share of time, %"]) == ("sea state 6", "25.0")
    series = {"time_h": [0.0, 6.0, 12.0], "sea_state": [2, 5, 3], "wind_kn": [5.0, 30.0, 10.0]}
    series["wind_from_deg"] = [0.0, 10.0, 20.0]
    (row,) = changed({"environment.series": series})["weather"]
    assert row["conditions"] == "3 rows, hour 0 to 12, sea state 2 to 5, wind 5 to 30 kn"


def test_constant_weather_states_its_wind_with_its_direction() -> None:
    (row,) = changed({"environment.wind_kn": 25.0, "environment.wind_from_deg": 40.0})["weather"]
    assert (row["weather"], row["conditions"]) == ("constant", "wind 25 kn from 040 deg")


def test_without_stated_weather_there_is_daylight_alone() -> None:
    found = changed({})
    assert "weather" not in found
    first, last = found["daylight in east_china_sea, local time"]
    assert first["date"] == "10 Apr 2023 (JST)"
    sun = first["sun above the horizon"].split()
    light = next(cell for head, cell in first.items() if head.startswith("light")).split()
    assert [sun[0], sun[2]] == ["from", "to"]
    assert light[1] < sun[1] < sun[3] < light[3]  # light begins before sunrise and ends after sunset
    assert last["sun above the horizon"].split()[1] < sun[1]  # in May the sun rises earlier


# ---------------------------------------------------------------------------------------------------- ships, sensors
def test_the_table_of_transfers_has_the_mean_number_in_a_deployment() -> None:
    sets = {"duration_days": 15.0, "transfers.fuel.per_month": 30.0}
    (row,) = changed(sets)["transfers"]
    assert row["mean number in the deployment"] == "15.0"
    counts = [simulate(load_scenario("neon-spring", sets), 1, number).totals()["transfers"] for number in range(4)]
    assert abs(sum(counts) - 60.0) < 4.0 * math.sqrt(60.0)


def test_the_table_of_background_says_how_ships_move() -> None:
    sets = {"background.merchant.present": 200.0, "background.merchant.suspicious_share": 0.05}
    row = changed(sets)["background ships"][0]
    assert (row["mean number present"], row["of them suspicious"]) == ("200", "10")
    assert row["course"] == "straight across the area"
    row = changed({"background.merchant.mean_leg_nmi": 25.0})["background ships"][0]
    assert row["course"] == "a new one every 25 nmi on average"


def test_ships_by_class_say_how_many_have_ais_on_and_contacts_what_they_take_of_a_sortie() -> None:
    found = tables(load_scenario("neon-crew"))
    ships = found["ships by class and month"]
    assert [list(row.values()) for row in ships] == [
        ["every month", "merchant", "300", "297", "merchant 300"],
        ["every month", "boat", "100", "90", "fishing 100"],
    ]
    (contacts,) = found["contacts expected on a sortie"]
    bounds = Bounds(load_scenario("neon-crew"))
    expected = expected_contacts(bounds, bounds.patrols[0], bounds.patrols[0].routes[0])
    assert expected is not None
    assert contacts["time that they take, h"] == f"{expected.hours:.1f}"
    assert contacts["mean number visited"] == f"{expected.investigations:.3g}"


def test_ships_of_one_class_the_same_all_the_year_have_no_table_by_month() -> None:
    found = tables(load_scenario("neon-spring"))
    assert not {"ships by class and month", "contacts expected on a sortie"} & set(found)


def test_hulls_side_by_side_are_expected_where_a_radar_resolves_them_and_the_crew_goes_there() -> None:
    pairs = {"kind": "bunkering", "area": "east_china_sea", "present": 40.0, "duration_h": 6.0, "vessels": ["coaster"]}
    visited = []
    for beam_deg, alongside in ((0.05, 3.0), (0.02, 3.0), (0.05, 0.0)):
        sets = {"background.pairs": pairs, "sensors.radar.beam_deg": beam_deg}
        sets |= {f"{CREW}.identification.priority.{key}": 0.0 for key in ("dark", "suspect", "listed", "stationary")}
        scenario = load_scenario("neon-crew", {**sets, f"{CREW}.identification.priority.alongside": alongside})
        bounds = Bounds(scenario)
        expected = expected_contacts(bounds, bounds.patrols[0], bounds.patrols[0].routes[0])
        assert expected is not None
        visited.append(expected.investigations)
    assert visited[1] > visited[0] > 1.0  # the narrower beam resolves 25 m from farther away
    assert visited[2] == 0.0


def test_ships_that_keep_a_calendar_have_a_row_for_each_month_of_the_deployment_or_of_the_year() -> None:
    calendar = [{"from": "05-01", "to": "09-15", "present": 50.0}]
    scenario = load_scenario("neon-spring", {"background.merchant.calendar": calendar})
    found = tables(scenario)
    rows = found["ships by class and month"]
    assert [(row["month"], row["mean number present"]) for row in rows] == [("Apr 2023", "500"), ("May 2023", "50")]
    spring, may = (float(row["mean number visited"]) for row in found["contacts expected on a sortie"])
    assert spring > 2.0 * may > 0.0
    (ships,) = (table for table in scenario_tables(scenario, year=True) if table.title == "ships by class and month")
    by_month = [row.cells[2].value for row in ships.rows]
    assert by_month == pytest.approx([500.0] * 4 + [50.0] * 4 + [(15 * 50.0 + 15 * 500.0) / 30.0] + [500.0] * 3)


def test_a_class_that_is_the_same_in_every_month_has_one_row_beside_the_months_of_the_others() -> None:
    calendar = [{"from": "05-01", "to": "09-15", "present": 50.0}]
    rows = tables(load_scenario("neon-crew", {"background.fishing.calendar": calendar}))["ships by class and month"]
    assert [(row["month"], row["class"], row["mean number present"]) for row in rows] == [
        ("every month", "merchant", "300"),
        ("Apr 2023", "boat", "100"),
        ("May 2023", "boat", "50"),
    ]


@pytest.mark.parametrize(
    ("present", "text"), [(354.317, "354"), (1234.5, "1,234"), (26.378, "26.4"), (99.96, "100"), (2.0, "2"), (0.0, "0")]
)
def test_mean_numbers_have_three_digits_or_those_before_the_point(present: float, text: str) -> None:
    row = changed({"background.merchant.present": present})["background ships"][0]
    assert row["mean number present"] == text


def test_background_ships_stand_in_rows_on_a_page_of_80_columns_and_keep_the_suspicious_if_there_are_any() -> None:
    text = page_text(described(load_scenario("neon-sea")), 80)
    assert "\n  place: " not in text
    (row,) = (line for line in text.splitlines() if line.startswith("shelf"))
    assert "169" in row.split()
    suspects = load_scenario("neon-sea", {"background.shelf.suspicious_share": 0.05})
    assert "suspicious" in page_text(described(suspects), 80).partition("background ships")[2].partition("ships by")[0]


def test_patrols_that_expect_the_same_contacts_share_a_row() -> None:
    sets = {"patrols.second": load_scenario("neon-crew").patrols["aurora"].model_dump(exclude_unset=True)}
    rows = changed(sets, "neon-crew")["contacts expected on a sortie"]
    assert [row["patrols"] for row in rows] == ["aurora, second"]


def test_a_sensor_has_a_row_for_each_search_speed_at_which_it_is_carried() -> None:
    scenario = load_scenario("neon-two")
    rows = [row for row in tables(scenario)["sensors"] if row["sensor"] == "radar"]
    assert [row["search speed, kn"] for row in rows] == ["210", "240"]
    law = scenario.sensors["radar"].nominal_law
    assert [row["sweep width W, nmi"] for row in rows] == [f"{law.sweep_width_nmi(v):.1f}" for v in (210.0, 240.0)]
    (unused,) = [row for row in changed({"sensors.eyes": {"kind": "visual"}})["sensors"] if row["sensor"] == "eyes"]
    assert (unused["sweep width W, nmi"], unused["remark"]) == ("-", "no aircraft carries it")


# ---------------------------------------------------------------------------------------------------- aircraft
@pytest.mark.parametrize(
    ("sets", "hours", "cause"),
    [({}, "9", "fuel"), ({f"{CREW}.max_flight_h": 6.5}, "6.5", "max_flight_h")],
)
def test_the_table_of_aircraft_has_the_longest_flight_and_what_limits_it(
    sets: dict[str, Any], hours: str, cause: str
) -> None:
    (row,) = changed(sets)["aircraft"]
    assert (row["longest flight, h"], row["limited by"]) == (hours, cause)


def test_the_table_of_investigation_has_the_detour_that_a_crew_accepts() -> None:
    sets = {f"{CREW}.identification.max_detour_nmi": 55.0, f"{CREW}.identification.time_h": 0.4}
    (row,) = changed(sets)["investigation of contacts"]
    assert (row["longest detour to a contact, nmi"], row["time beside a contact, h"]) == ("55", "0.4")
    (row,) = changed({}, "textbook")["investigation of contacts"]
    assert row["longest detour to a contact, nmi"] == "investigates no contacts"


def test_interceptions_say_how_often_and_how_long() -> None:
    assert changed({"intercepts.jets": {"per_100_h": 5.0, "time_h": 0.5}})["interceptions"] == [
        {
            "interception": "jets",
            "area": "all of the route",
            "mean number in 100 h of flight there": "5",
            "duration of each, h": "0.5",
        }
    ]


# ---------------------------------------------------------------------------------------------------- routes, patrols
def test_what_follows_a_pass_is_said_in_words() -> None:
    row = changed({})["passes of the routes"][0]
    assert row["after a pass that a sortie leaves unfinished"] == "the next sortie continues it"
    assert row["after a finished pass"] == "it is flown again"
    row = changed({"routes.search.unfinished": "restart", "routes.search.finished": "return"})["passes of the routes"][
        0
    ]
    assert row["after a pass that a sortie leaves unfinished"] == "the next sortie begins it anew"
    assert row["after a finished pass"] == "the aircraft goes home"


def test_a_route_that_no_patrol_flies_has_its_length_alone() -> None:
    found = changed({"routes.track": RACETRACK})
    (row,) = [row for row in found["routes"] if row["route"] == "track"]
    assert (row["longest pass, h"], row["aircraft"]) == ("-", "-")
    assert float(row["longest pass, nmi"]) > 200.0
    assert [row["patrols"] for row in found["passes of the routes"]] == ["aurora", "none"]


def test_the_table_of_take_offs_counts_those_that_fit_the_deployment() -> None:
    sets = {"duration_days": 10.0, "patrols.aurora.every_h": 48.0}
    (row,) = changed(sets)["take-offs"]
    assert (row["time between take-offs, h"], row["take-offs scheduled"]) == ("48", "5")
    assert simulate(load_scenario("neon-spring", sets)).totals()["sorties"] == 5
    (row,) = changed({"patrols.aurora.sorties": 3})["take-offs"]
    assert row["take-offs scheduled"] == "3"


def test_the_table_of_groups_has_what_each_patrol_flies() -> None:
    scenario = load_scenario("neon-two")
    rows = tables(scenario)["groups"]
    assert [(row["divided by"], row["patrol"]) for row in rows] == [("area", "aurora"), ("area", "poseidon")]
    sea = scenario.plane.sea(scenario.areas["east_china_sea"].shape).area
    for row in rows:
        patrol = scenario.patrols[row["patrol"]]
        plan = plan_route(scenario, "search", patrol.aircraft, assignment_of(scenario, row["patrol"]))
        length = max(map(length_nmi, plan.passes))
        assert row["longest pass, nmi"] == f"{length:,.0f}"
        assert row["longest pass, h"] == f"{length / scenario.aircraft[patrol.aircraft].search_speed_kn:.1f}"
        assert float(row["share"].split()[0].replace(",", "")) == pytest.approx(sea / 2.0, rel=1e-4)
        assert float(row["track spacing, nmi"]) == 40.0


@pytest.mark.parametrize("divide", ["time", "hand_over"])
def test_the_table_of_groups_has_when_each_takes_off(divide: str) -> None:
    scenario = load_scenario("neon-spring", pair(divide))
    later = 12.0
    if divide == "hand_over":  # It reaches the route when the first must leave: 9 h of fuel, less both ways.
        plan = make_flight_plan(scenario)
        later = 9.0 - 2.0 * plan.transit_h(plan.points[0])
    found = tables(scenario)
    assert [row["share"] for row in found["groups"]] == ["all of search", f"all of search, {later:.3g} h after aurora"]
    assert found["passes of the routes"][0]["patrols"] == "aurora, second"


def test_a_patrol_that_takes_off_before_the_one_it_relieves_says_so() -> None:
    """A hand-over after a search of minutes, by a patrol whose way there takes hours longer."""
    far = {f"{CREW}.max_flight_h": 0.6, "bases.misawa": {"position": [141.37, 40.70]}}
    scenario = load_scenario("neon-spring", {**far, **pair("hand_over", base="misawa")})
    times = [assignment_of(scenario, name).first_takeoff_h for name in ("aurora", "second")]
    assert times[1] < times[0]
    assert tables(scenario)["groups"][1]["share"] == f"all of search, {times[0] - times[1]:.3g} h before aurora"


def test_without_a_group_or_partners_there_are_no_such_tables() -> None:
    assert not {"groups", "nations", "observers", "agreements", "no-go zones"} & set(changed({}))


# ---------------------------------------------------------------------------------------------------- partners
def test_an_agreement_in_force_brings_reports_home_sooner() -> None:
    arrivals = {}
    for name in ("agreements-2022", "agreements-2026"):
        rows = changed({}, name)["arrival of reports by the quickest path"]
        arrivals[name] = {row["observer"]: float(row["median delay on the path, h"]) for row in rows}
    assert arrivals["agreements-2022"]["japan_desk"] == 15.0
    assert arrivals["agreements-2026"]["japan_desk"] == 2.0
    assert arrivals["agreements-2026"]["usa_satellite"] == arrivals["agreements-2022"]["usa_satellite"]


def test_an_observer_whose_reports_never_arrive_has_no_path() -> None:
    names = load_scenario("agreements-2026").agreements
    found = changed({f"agreements.{name}.state": "none" for name in names}, "agreements-2026")
    paths = found["quickest paths of reports"]
    assert {row["nations on the path"] for row in paths} == {"no report ever arrives"}
    assert "arrival of reports by the quickest path" not in found


def test_the_terms_of_an_agreement_say_what_may_pass(scratch: Path) -> None:
    Path("mine.toml").write_text(
        """extends = "neon-partners"
[agreements.canada_rok]
state = "in_force"
in_force_from = 2026-07-01
release = { human = 0.25 }
""",
        encoding="utf-8",
    )
    found = tables(load_scenario("mine.toml"))
    states = {row["agreement"]: row["state at the start"] for row in found["agreements"]}
    assert states["canada_rok"] == "in force from 01 Jul 2026 00:00 UTC"
    assert (states["canada_japan"], states["japan_usa"]) == ("none", "in force")
    terms = {row["agreement"]: row for row in found["terms of the agreements"]}
    assert terms["canada_rok"]["chance of release, %"] == "human 25"
    assert terms["japan_usa"]["third nations may receive it"] == "yes"
    assert terms["canada_usa"]["highest classification"] == "top secret"
