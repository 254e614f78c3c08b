"""Loading a scenario: `extends` over several files, `--set`, files put in place, and the same scenario by each way."""

from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sim import load_scenario
from sim.scenario.digest import digest, flat_toml, world_digest
from sim.scenario.load import load_source
from sim.study.design import load_study

SQUARE = [[124.0, 28.0], [125.0, 28.0], [125.0, 29.0], [124.0, 29.0]]
WEATHER = """# measured off the coast
time_h,sea_state,wind_kn,wind_from_deg

-6,1,3.5,350
-3,2,5.0,10
2.5,4,12,20
"""


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------------------------ one scenario
@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ('title = "mine"', "title", "mine"),
        ("duration_days = 3.5", "duration_days", 3.5),
        ("[routes.search]\nspacing_nmi = 25.0", "routes.search.spacing_nmi", 25.0),
        ("[routes.search]\nlegs = 7", "routes.search.legs", 7),
        ("[patrols.aurora]\nsorties = 2", "patrols.aurora.sorties", 2),
        (
            "[areas.east_china_sea]\npolygon = [[124, 28], [125, 28], [125, 29]]",
            "areas.east_china_sea.polygon",
            SQUARE[:3],
        ),
        ("[aircraft.cp140.burn]\nsearch = 1.1", "aircraft.cp140.burn.search", 1.1),
        ("[environment]\nsea_state = 4", "environment.sea_state", 4),
    ],
)
def test_a_file_a_mapping_and_text_for_set_give_the_same_scenario(
    scratch: Path, text: str, key: str, value: Any
) -> None:
    write("mine.toml", f'extends = "neon-spring"\n{text}\n')
    from_file = load_scenario("mine.toml")
    assert load_scenario("neon-spring", {key: value}) == from_file
    assert load_scenario("neon-spring", [f"{key}={value}"]) == from_file
    assert digest(from_file) != digest(load_scenario("neon-spring"))


def test_a_path_and_a_name_load_the_same_and_the_later_of_two_values_counts(scratch: Path) -> None:
    write("mine.toml", flat_toml(load_scenario("textbook")))
    assert load_scenario(Path("mine.toml")) == load_scenario("mine.toml") == load_scenario("textbook")
    twice = load_scenario("mine.toml", ["duration_days=2", "duration_days=3"])
    assert twice.duration_days == 3.0


def test_a_chain_of_variants_holds_what_each_of_them_changes_last(scratch: Path) -> None:
    first = 'title = "first"\nduration_days = 4\n[routes.search]\nlegs = 9\n'
    write("variants/first.toml", f'extends = "neon-spring"\n{first}')
    write("variants/second.toml", 'extends = "first.toml"\ntitle = "second"\n[routes.search]\nspacing_nmi = 30.0\n')
    write("third.toml", 'extends = "variants/second.toml"\n[patrols.aurora]\nsorties = 1\n')
    scenario = load_scenario("third.toml")
    route = scenario.routes["search"]
    assert (scenario.title, scenario.duration_days, scenario.patrols["aurora"].sorties) == ("second", 4.0, 1)
    assert (route.spacing_nmi, route.legs) == (30.0, None)  # a route has only one measure, that of the later file
    assert scenario.bases == load_scenario("neon-spring").bases


def test_a_key_is_located_in_the_file_that_wrote_it_last(scratch: Path) -> None:
    write("first.toml", 'extends = "neon-spring"\n\n[routes.search]\nspacing_nmi = 30.0\n')
    write("second.toml", 'extends = "first.toml"\n[patrols.aurora]\nsorties = 1\n')
    source = load_source("second.toml", ["patrols.aurora.every_h=12"])
    assert source.locate(("routes", "search", "spacing_nmi")) == ("first.toml", 4)
    assert source.locate(("patrols", "aurora", "sorties")) == ("second.toml", 3)
    assert source.locate(("patrols", "aurora", "every_h")) == ("command line", None)
    assert source.locate(("title",))[0] == "neon-spring.toml"


def test_what_a_mapping_sets_stays_as_it_was(scratch: Path) -> None:
    polygon = [list(corner) for corner in SQUARE]
    sets = {"areas.square": {"polygon": polygon}, "routes.search.area": "square"}
    assert load_scenario("neon-spring", sets).routes["search"].area == "square"
    assert sets == {"areas.square": {"polygon": SQUARE}, "routes.search.area": "square"}


def test_two_digests_tell_what_changes_the_ships_from_what_does_not(scratch: Path) -> None:
    spring = load_scenario("neon-spring")
    spacing = load_scenario("neon-spring", {"routes.search.spacing_nmi": 25.0})
    assert digest(spacing) != digest(spring)
    assert world_digest(spacing) == world_digest(spring)
    rate = load_scenario("neon-spring", {"transfers.fuel.per_month": 50.0})
    assert world_digest(rate) != world_digest(spring)


def test_worlds_are_not_shared_where_the_time_zone_or_the_lengths_of_classes_tell_what_ships_there_are() -> None:
    assert world_digest(load_scenario("neon-spring", {"time_zone": "UTC"})) != world_digest(
        load_scenario("neon-spring")
    )
    longer = {"vessels.coaster.length_m": 200.0}
    recorded, others = load_scenario("neon-recorded"), load_scenario("neon-crew")
    assert world_digest(load_scenario("neon-recorded", longer)) != world_digest(recorded)  # it has the nearest class
    assert world_digest(load_scenario("neon-crew", longer)) == world_digest(others)


# ----------------------------------------------------------------------------------------------- files put in place
@pytest.mark.parametrize("section", ["areas", "zones"])
def test_a_polygon_in_a_file_is_that_polygon_written_out(scratch: Path, section: str) -> None:
    ring = [*SQUARE, SQUARE[0]]
    feature = f'{{"type": "Feature", "properties": {{}}, "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}'
    write("shapes/square.geojson", f'{{"type": "FeatureCollection", "features": [{feature}]}}')
    write("mine.toml", f'extends = "neon-spring"\n[{section}.square]\nfile = "shapes/square.geojson"\n')
    from_file = getattr(load_scenario("mine.toml"), section)["square"].shape
    written_out = load_scenario("neon-spring", {f"{section}.square": {"polygon": SQUARE}})
    assert from_file.equals(getattr(written_out, section)["square"].shape)
    assert load_scenario("mine.toml", {f"{section}.square.polygon": SQUARE}) == written_out


def test_weather_in_a_file_begins_with_the_last_row_before_the_start(scratch: Path) -> None:
    write("weather.csv", WEATHER)
    write("mine.toml", 'extends = "neon-spring"\n[environment.series]\nfile = "weather.csv"\n')
    series = load_scenario("mine.toml").environment.series
    assert series.time_h == [-3.0, 2.5]
    assert (series.sea_state, series.wind_kn, series.wind_from_deg) == ([2, 4], [5.0, 12.0], [10.0, 20.0])
    assert series.visibility_nmi is None


def test_weather_by_dates_is_the_same_as_by_hours_in_any_time_zone(scratch: Path) -> None:
    start = load_scenario("neon-spring").start
    rows = [(-3.0, 2), (0.5, 3), (30.25, 5)]
    write("hours.csv", "time_h,sea_state\n" + "".join(f"{hour},{state}\n" for hour, state in rows))
    for name, zone in (("utc.csv", UTC), ("tokyo.csv", ZoneInfo("Asia/Tokyo"))):
        dates = [((start + timedelta(hours=hour)).astimezone(zone).isoformat(), state) for hour, state in rows]
        write(name, "time,sea_state\n" + "".join(f"{date},{state}\n" for date, state in dates))
    found = []
    for name in ("hours.csv", "utc.csv", "tokyo.csv"):
        write("mine.toml", f'extends = "neon-spring"\n[environment.series]\nfile = "{name}"\n')
        found.append(load_scenario("mine.toml").environment.series)
    assert found[0].time_h == [-3.0, 0.5, 30.25]
    assert found[0] == found[1] == found[2]


def test_a_type_of_aircraft_fills_what_a_table_leaves_out(scratch: Path) -> None:
    write(
        "mine.toml", 'extends = "neon-spring"\n[aircraft.new]\ntype = "p8a"\nsensors = ["radar"]\nendurance_h = 7.5\n'
    )
    new = load_scenario("mine.toml").aircraft["new"]
    full = load_scenario("neon-spring", {"aircraft.new": {"type": "p8a", "sensors": ["radar"]}}).aircraft["new"]
    assert (new.endurance_h, new.sensors, new.type) == (7.5, ["radar"], None)
    assert new.model_copy(update={"endurance_h": full.endurance_h}) == full


# ------------------------------------------------------------------------------------------------------------ studies
def test_each_point_of_a_study_is_the_scenario_with_its_values_set(scratch: Path) -> None:
    write(
        "study.toml",
        'format = 1\nscenario = "neon-spring"\n'
        '[[vary]]\nkey = "routes.search.spacing_nmi"\nvalues = [20.0, 30.0]\n'
        '[[vary]]\nname = "watch"\n'
        '[[vary.settings]]\nlabel = "two"\nset = { "patrols.aurora.sorties" = 2 }\n'
        '[[vary.settings]]\nlabel = "legs"\nset = { "routes.search.legs" = 8 }\n',
    )
    points = load_study("study.toml").points
    assert len(points) == 4
    routes = [point.scenario.routes["search"] for point in points]
    assert sorted((route.spacing_nmi or 0.0, route.legs or 0) for route in routes) == [
        (0.0, 8),
        (0.0, 8),
        (20.0, 0),
        (30.0, 0),
    ]
    sorties = [point.scenario.patrols["aurora"].sorties for point in points]
    assert sorties.count(2) == 2


LANE = {"kind": "lane", "lane": "shanghai_osumi"}


@pytest.mark.usefixtures("scratch")
def test_a_source_of_background_of_another_kind_takes_the_place_of_one_that_names_none():
    """The keys of random courses would be refused of a lane."""
    write("mine.toml", 'extends = "neon-spring"\n[background.merchant]\nkind = "lane"\nlane = "shanghai_osumi"\n')
    by_file = load_scenario("mine.toml")
    by_tables = load_scenario({"extends": "neon-spring", "background": {"merchant": LANE}})
    assert by_file.background["merchant"] == by_tables.background["merchant"]
    assert by_file.background["merchant"].kind == "lane"


def test_a_source_that_names_the_kind_it_has_keeps_the_keys_of_its_parent():
    scenario = load_scenario(
        {"extends": "neon-spring", "background": {"merchant": {"kind": "random_courses", "dark_share": 0.5}}}
    )
    parent = load_scenario("neon-spring").background["merchant"]
    assert scenario.background["merchant"] == parent.model_copy(update={"dark_share": 0.5})
