"""The map of background ships adds up: over all cells, the density gives the number of ships present."""

import numpy as np
import pytest

from sim import load_scenario
from sim.deployment.traffic.base import plan_traffic
from sim.deployment.traffic.periods import day_of, days_of_year, months_of, whole_year
from sim.model.theory import heard_in_view
from sim.scenario.problems import InputError
from sim.study.maps.traffic import PER_NMI2, make_traffic, places_of_traffic, present_by_day

BOUNDS = (-400.0, -400.0, 400.0, 400.0)
QUADRATURE = 0.01
"""The share by which a sum over cells may differ: of 20,000 cells of 9 points each, some thousand points lie in an area
of 200 by 300 nmi, and those at its outline, a hundredth, are in or out by chance."""


def bounds_of(scenario):
    """The bounds of all places with ships, with a margin of 9 nmi."""
    west, south, east, north = np.array([shape.bounds for shape in places_of_traffic(scenario)]).T
    return west.min() - 9.0, south.min() - 9.0, east.max() + 9.0, north.max() + 9.0


@pytest.mark.parametrize("name", ["neon-crew", "neon-spring", "neon-sea"])
def test_the_density_over_all_cells_gives_the_ships_present(name):
    scenario = load_scenario(name)
    field = make_traffic(scenario, bounds_of(scenario))
    assert list(field.present.values()) == sorted(field.present.values(), reverse=True)
    for name_of_class, present in field.present.items():
        found = float(field.by_class[name_of_class].sum()) * field.grid.side**2 / PER_NMI2
        assert found == pytest.approx(present, rel=QUADRATURE)
    plans = [plan_traffic(scenario, source) for source in scenario.background]
    on = sum(plan.mean_present(0.0, scenario.duration_h) * (1.0 - plan.spec.dark_share) for plan in plans)
    assert field.present_ais_on == pytest.approx(on)
    assert float(field.ais_on.sum()) * field.grid.side**2 / PER_NMI2 == pytest.approx(on, rel=QUADRATURE)
    assert field.total == pytest.approx(sum(plan.mean_present(0.0, scenario.duration_h) for plan in plans))


def test_one_class_alone_is_that_part_of_all():
    scenario = load_scenario("neon-crew")
    every, boats = (make_traffic(scenario, BOUNDS, vessel=vessel, cells=2000) for vessel in (None, "boat"))
    assert list(boats.by_class) == ["boat"]
    assert np.array_equal(boats.density, every.by_class["boat"])


def test_the_months_of_a_deployment_follow_each_other_from_its_beginning_to_its_end():
    scenario = load_scenario("neon-spring", {"start": "2023-12-10T20:00:00Z", "duration_days": 60.5})
    months = months_of(scenario)
    assert [month.label for month in months] == ["Dec 2023", "Jan 2024", "Feb 2024"]
    assert months[0].begin_h == 0.0
    assert months[-1].end_h == scenario.duration_h
    assert [month.end_h for month in months[:-1]] == [month.begin_h for month in months[1:]]
    assert months[1].end_h - months[1].begin_h == 31 * 24.0


def test_a_year_has_twelve_months_and_all_its_days():
    for year, days in ((2023, 365), (2024, 366)):
        scenario = whole_year(load_scenario("neon-spring", {"start": f"{year}-04-10T00:00:00Z"}))
        assert len(months_of(scenario)) == 12
        found = list(days_of_year(scenario))
        assert len(found) == days
        assert found[-1][1].end_h == pytest.approx(scenario.duration_h)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("05-01", "1 May 2023"),  # in the deployment
        ("09-16", "16 September 2023"),  # after it
        ("01-31", "31 January 2024"),  # the first after the deployment begins
        ("02-29", "29 February 2024"),  # in the next year that has it
        ("2030-07-04", "4 July 2030"),
    ],
)
def test_a_day_is_24_hours_of_local_time_in_or_outside_the_deployment(text, label):
    scenario = load_scenario("neon-spring")
    shown, period = day_of(scenario, text)
    assert period.label == label
    assert period.end_h - period.begin_h == 24.0
    local = shown.clock.shown_at(period.begin_h)
    assert (local.hour, local.minute) == (0, 0)
    assert f"{local.day} {local:%B %Y}" == label


@pytest.mark.parametrize(
    "text", ["", "may", "5-1", "13-01", "02-30", "2023-02-29", "0001-01-01", "9999-12-31", "05-01x"]
)
def test_what_is_no_day_is_refused(text):
    with pytest.raises(InputError, match="argument day") as found:
        day_of(load_scenario("neon-spring"), text)
    assert "a month and a day such as 05-01" in str(found.value)


def test_a_sea_that_is_the_same_all_the_year_has_no_calendar_to_show():
    assert present_by_day(load_scenario("neon-crew")) is None


def test_what_is_heard_is_the_chance_of_a_ship_in_view_times_what_is_sent_there():
    """A satellite hears everywhere with one chance, a station within its reach."""
    base = {"nation": "japan", "probability": 0.5, "position_error_nmi": 0.1, "delay_h": 1.0, "others_in_view": 900.0}
    scenario = load_scenario(
        "neon-spring",
        {
            "nations.japan": {},
            "background.merchant.dark_share": 0.25,
            "observers.space": {**base, "kind": "ais_satellite", "revisit_h": 6.0},
            "observers.cape": {**base, "kind": "ais_station", "position": [125.0, 29.5], "range_nmi": 60.0},
        },
    )
    field = make_traffic(scenario, bounds_of(scenario))
    assert list(field.heard) == ["cape", "space"]
    sent, cell = 375.0, field.grid.side**2 / PER_NMI2
    values, chance = field.heard["space"]
    assert chance == pytest.approx(heard_in_view(sent + 900.0, 6.0, 600.0, 0.7), rel=1e-6)
    assert np.allclose(values, chance * field.ais_on)
    values, chance = field.heard["cape"]
    disc = np.pi * 60.0**2
    in_view = sent * disc / scenario.plane.sea(scenario.areas["east_china_sea"].shape).area
    assert chance == pytest.approx(heard_in_view(in_view + 900.0, 6.0, 600.0, 0.0), rel=0.01)
    assert float(values.sum()) * cell == pytest.approx(chance * in_view, rel=QUADRATURE)


def test_a_crew_under_load_hears_a_part_of_what_is_sent_about_its_route_and_one_without_load_is_not_shown():
    law = {"kind": "definite_range", "range_nmi": 60.0}
    sets = {"sensors.ais.report_s": 6.0, "sensors.ais.others_in_view": 3000.0, "sensors.ais.law": law}
    scenario = load_scenario("neon-crew", sets)
    field = make_traffic(scenario, bounds_of(scenario))
    values, chance = field.heard["aurora"]
    assert 0.0 < chance < 0.5
    assert np.allclose(values, chance * field.ais_on)  # the sweeps come within 60 nmi of all of the area
    assert not make_traffic(load_scenario("neon-crew"), BOUNDS, cells=400).heard
