"""Rules of what is legal but senseless: each fires on a small change of an included scenario, and not without it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import load_scenario
from sim.check.advice import findings, rules
from sim.check.bounds import Bounds
from sim.check.registry import DOUBTFUL, NOTE, RULES, SENSELESS, Found, register
from sim.cli.main import main
from sim.deployment.engine import simulate
from sim.model.recorded_tracks import RecordedTracks
from sim.scenario.files import shipped_names
from tests.helpers import RACETRACK, SECOND, WIDE, rules_and_keys
from tools.rule_tables import renewed

from .test_answers_advice import FIRES as OF_ANSWERS
from .test_fleet_advice import FIRES as OF_FLEETS
from .test_lane_advice import FIRES as OF_LANES
from .test_sharing_advice import FIRES as OF_SHARING

CREW = "aircraft.cp140.identification"
PRIORITY = f"{CREW}.priority"
LOOKALIKES = {"merchant": {"range_nmi": 8.0, "probability": 0.5}}
PAIRS = {"kind": "fleet", "area": "east_china_sea", "present": 3.0, "speed_kn": 3.0, "pair": True}
TAKEOFF = "patrols.aurora.first_takeoff_h"
CLOCK = "patrols.aurora.takeoff"
TASKING = "patrols.aurora.tasking"
TWO_ROUTES = {"routes.track": RACETRACK, "patrols.aurora.routes": ["search", "track"], TASKING: "belief"}
ALL_DAY = {"from": "00:00", "to": "24:00"}
TWICE = {"choose": ["12:00", "22:00"]}  # local times, of which one is by day and one by night
NO_HOURS = {"first_takeoff_h": None, "every_h": None}
FAR = {"polygon": [[123.0, 36.5], [124.0, 36.5], [124.0, 37.5], [123.0, 37.5]]}  # off the Yellow Sea's shores
EYES = {"sensors.eyes": {"kind": "visual"}}
BY_NIGHT = {TAKEOFF: 13.0, "aircraft.cp140.endurance_h": 7.0}  # from 22:00 to 04:00 in Japan
AIS = {"sensors.ais": {"kind": "ais"}, "aircraft.cp140.sensors": ["radar", "ais"]}
NAHA = {"bases.naha": {"position": [127.65, 26.2]}, "patrols.aurora.alternates": ["naha"]}
CALM_AFTER_IT = {"time_h": [0.0, 720.0], "sea_state": [6, 2]}  # the deployment lasts 720 h
WINDS = {"wind_kn": [5.0, 9.0, 7.0], "wind_from_deg": [0.0, 90.0, 180.0]}
KOREA = {"polygon": [[126.3, 35.5], [128.7, 35.5], [128.7, 37.5], [126.3, 37.5]]}
ALIKE = {**SECOND, "first_takeoff_h": 21.0}
OVER_ALL = {"polygon": [[123.5, 27.3], [126.8, 27.3], [126.8, 31.7], [123.5, 31.7]]}

_HOUR = np.array([1681084800, 1681088400])  # the first hour of 10 April 2023
ON_LAND = {  # a ship in the middle of Korea
    "kind": "recorded",
    "tracks": RecordedTracks(
        *(np.array(column) for column in ([299000000], [0], [0], [0], [2])),
        _HOUR,
        np.array([127.5, 127.6]),
        np.array([36.5, 36.6]),
    ).packed(),
}


def pair(divide: str, first: str = "search", **second: Any) -> dict[str, Any]:
    """A second patrol that divides a route with the first."""
    return {
        "groups.both": {"patrols": ["aurora", "second"], "divide": divide},
        "patrols.second": {**SECOND, "routes": [first], **second},
    }


def closed_kadena(open_h: float, closed_h: float) -> dict[str, Any]:
    """A base that is closed at times."""
    return {"bases.kadena": {"closed": {"mean_open_h": open_h, "mean_closed_h": closed_h}}}


def square(lon: float, lat: float) -> dict[str, Any]:
    """An expanding square about a datum."""
    return {"pattern": "expanding_square", "datum": [lon, lat], "spacing_nmi": 15.0, "legs": 9}


def seas(one: int, other: int) -> dict[str, Any]:
    """A sea that changes between two states."""
    return {"sea": {"a": {"dwell_h": 9.0, "sea_state": one}, "b": {"dwell_h": 9.0, "sea_state": other}}}


BY_LENGTH: dict[str, Any] = {
    "nations.japan": {},
    "observers.space": {
        "kind": "satellite", "nation": "japan", "sensor": "radar", "revisit_h": 12.0, "swath_nmi": 200.0,
        "probability": 1.0, "position_error_nmi": 1.0, "delay_h": 0.5, "by_length": {},
    },
}  # fmt: skip

# The rule, what is changed of neon-spring, and the key that it names.
FIRES: list[tuple[str, dict[str, Any], str]] = [
    ("recorded_ships_on_land", {"background.shore": ON_LAND}, "background.shore"),
    ("recorded_hours_without_ships", {"background.shore": ON_LAND}, "background.shore"),
    ("sea_without_coastline", {"theatre.east": 170.0}, "theatre"),
    ("area_mostly_land", {"areas.korea": KOREA, "transfers.fuel.area": "korea"}, "areas.korea"),
    ("area_mostly_land", {"areas.korea": KOREA, "background.merchant.area": "korea"}, "areas.korea"),
    ("base_in_open_sea", {"bases.kadena.position": [124.5, 33.0]}, "bases.kadena.position"),
    ("base_in_open_sea", {"bases.kadena.position": [116.7, 20.7], "theatre.west": 116.0, "theatre.south": 20.0},
     "bases.kadena.position"),  # Pratas, which the coastlines lack
    ("patrols_alike", {"patrols.second": ALIKE}, "patrols.second"),
    ("patrols_alike", {"patrols.second": {**ALIKE, "first_takeoff_h": 69.0, "every_h": 72.0}}, "patrols.second"),
    ("patrols_alike", {"patrols.aurora.sorties": 5, "patrols.second": ALIKE}, "patrols.aurora"),
    (
        "patrols_alike",
        {"routes.track": RACETRACK, "patrols.aurora.routes": ["search", "track"],
         "patrols.second": {**ALIKE, "routes": ["track"], "first_takeoff_h": 45.0, "every_h": 48.0}},
        "patrols.second",
    ),
    ("no_sortie", {TAKEOFF: 800.0}, TAKEOFF),
    ("no_sortie", {TAKEOFF: 719.9}, TAKEOFF),
    ("no_sortie", {"patrols.aurora.sorties": 0}, "patrols.aurora.sorties"),
    ("never_serviceable", {"aircraft.cp140.serviceability": 0.0}, "aircraft.cp140.serviceability"),
    (
        "minima_never_met",
        {"aircraft.cp140.minima.visibility_nmi": 5.0, "environment.visibility_nmi": 3.0},
        "aircraft.cp140.minima.visibility_nmi",
    ),
    (
        "minima_never_met",
        {"aircraft.cp140.minima.wind_kn": 20.0, "environment.wind_kn": 25.0, "environment.wind_from_deg": 0.0},
        "aircraft.cp140.minima.wind_kn",
    ),
    ("route_out_of_reach", {"aircraft.cp140.endurance_h": 1.2}, "patrols.aurora.routes[0]"),
    (
        "area_out_of_reach",
        {"areas.far": FAR, "transfers.fuel.area": "far", "aircraft.cp140.endurance_h": 3.0},
        "transfers.fuel.area",
    ),
    ("area_never_in_range", {"areas.far": FAR, "transfers.fuel.area": "far"}, "transfers.fuel.area"),
    ("patrol_detects_nothing", {**EYES, **BY_NIGHT, "aircraft.cp140.sensors": ["eyes"]}, TAKEOFF),
    (
        "patrol_detects_nothing",
        {"sensors.radar.law": {"kind": "definite_range", "range_nmi": 90.0, "probability": 0.0}},
        "aircraft.cp140.sensors",
    ),
    ("no_transfers", {"transfers.fuel.per_month": 0.0}, "transfers.fuel.per_month"),
    (
        "sea_always_too_rough",
        {"environment.sea_state": 5, "transfers.fuel.max_sea_state": 4.0},
        "transfers.fuel.max_sea_state",
    ),
    (
        "sea_always_too_rough",
        {"environment.processes": seas(5, 6), "transfers.fuel.max_sea_state": 4.0},
        "transfers.fuel.max_sea_state",
    ),
    (
        "sea_always_too_rough",
        {"environment.series": CALM_AFTER_IT, "transfers.fuel.max_sea_state": 4.0},
        "transfers.fuel.max_sea_state",
    ),
    (
        "transfers_over_before_flights",
        {"transfers.fuel.night_share": 1.0, "transfers.fuel.duration_h": 2.0, TAKEOFF: 23.5},
        "transfers.fuel.night_share",
    ),
    (
        "transfers_over_before_flights",
        {"transfers.fuel.night_share": 0.0, "transfers.fuel.duration_h": 2.0, **BY_NIGHT},
        "transfers.fuel.night_share",
    ),
    ("never_worth_investigating", {PRIORITY: {"dark": 1.0}}, PRIORITY),
    ("never_worth_investigating", {PRIORITY: {"suspicious": 1.0, "cost_per_h": 5.0}}, PRIORITY),
    ("step_without_chance", {f"{CREW}.document.probability": 0.0}, f"{CREW}.document.probability"),
    ("no_light_on_station", {f"{CREW}.document.needs_light": True, **BY_NIGHT}, f"{CREW}.document.needs_light"),
    (
        "visibility_always_too_low",
        {f"{CREW}.classify.min_visibility_nmi": 5.0, "environment.visibility_nmi": 3.0},
        f"{CREW}.classify.min_visibility_nmi",
    ),
    ("transfers_too_short", {"transfers.fuel.duration_h": 0.25}, "transfers.fuel.duration_h"),
    (
        "transfers_often_too_short",
        {"transfers.fuel.duration_h": {"median": 0.2, "sigma": 0.5}},
        "transfers.fuel.duration_h",
    ),
    ("short_time_on_station", {"aircraft.cp140.endurance_h": 1.6}, "patrols.aurora.routes[0]"),
    ("route_partly_out_of_reach", {"aircraft.cp140.endurance_h": 3.0}, "patrols.aurora.routes[0]"),
    (
        "route_never_finished",
        {"patrols.aurora.sorties": 1, "routes.search.spacing_nmi": 20.0},
        "patrols.aurora.routes[0]",
    ),
    (
        "route_never_finished",
        {"routes.search.unfinished": "restart", "routes.search.spacing_nmi": 20.0},
        "patrols.aurora.routes[0]",
    ),
    ("takeoffs_too_frequent", {"patrols.aurora.every_h": 12.9}, "patrols.aurora.every_h"),
    ("crews_too_few", {"patrols.aurora.crews": 1, "patrols.aurora.crew_rest_h": 16.0}, "patrols.aurora.crews"),
    ("crews_too_few", {"patrols.aurora.crew_rest_h": 12.0}, "patrols.aurora.crew_rest_h"),
    ("spacing_too_wide", {"routes.search.spacing_nmi": 181.0}, "routes.search.spacing_nmi"),
    ("unused_sensor", EYES, "sensors.eyes"),
    (
        "sensor_adds_nothing",
        {**EYES, **BY_NIGHT, "aircraft.cp140.sensors": ["radar", "eyes"]},
        "aircraft.cp140.sensors[1]",
    ),
    ("ais_adds_nothing", AIS, "aircraft.cp140.sensors[1]"),
    ("weight_unobservable", {PRIORITY: {"suspicious": 1.0, "dark": 1.0}}, f"{PRIORITY}.dark"),
    ("weight_unobservable", {PRIORITY: {"suspicious": 1.0, "alongside": 1.0}}, f"{PRIORITY}.alongside"),
    ("weight_unobservable", {PRIORITY: {"suspicious": 1.0, "watched": 1.0}}, f"{PRIORITY}.watched"),
    (
        "weight_unobservable",
        {PRIORITY: {"suspicious": 1.0, "watch_areas": ["east_china_sea"]}},
        f"{PRIORITY}.watch_areas",
    ),
    ("weight_without_vessels", {**AIS, PRIORITY: {"dark": 1.0, "listed": 1.0}}, f"{PRIORITY}.listed"),
    ("size_unknown", {"sensors.radar.reference_rcs_m2": 5000.0}, "sensors.radar.reference_rcs_m2"),
    ("length_unknown", BY_LENGTH, "observers.space.by_length"),
    (
        "crew_hears_few",
        {**AIS, "sensors.ais.report_s": 6.0, "sensors.ais.others_in_view": 3000.0},
        "sensors.ais.report_s",
    ),
    ("weather_not_stated", {"transfers.fuel.max_sea_state": 4.0}, "transfers.fuel.max_sea_state"),
    (
        "weather_not_stated",
        {"sensors.radar.sea_state_factor": [1.0] * 5 + [0.5] * 5},
        "sensors.radar.sea_state_factor",
    ),
    ("weather_not_stated", {f"{CREW}.document.min_visibility_nmi": 2.0}, f"{CREW}.document.min_visibility_nmi"),
    ("weather_not_stated", {"aircraft.cp140.minima": {"wind_kn": 40.0}}, "aircraft.cp140.minima.wind_kn"),
    (
        "wind_too_strong",
        {"environment.wind_kn": 106.0, "environment.wind_from_deg": 0.0},
        "aircraft.cp140.search_speed_kn",
    ),
    ("zone_over_route", {"zones.box": OVER_ALL}, "routes.search"),
    ("group_inconsistent", {"routes.track": RACETRACK, **pair("time", "track")}, "patrols.second.routes"),
    ("group_inconsistent", pair("time", every_h=30.0), "patrols.second.every_h"),
    ("group_inconsistent", pair("hand_over", every_h=30.0), "patrols.second.every_h"),
    (
        "group_inconsistent",
        {"routes.track": RACETRACK, "patrols.aurora.routes": ["track"], **pair("area", "track")},
        "groups.both.divide",
    ),
    ("group_inconsistent", {"routes.search.unfinished": "restart", **pair("hand_over")}, "groups.both.divide"),
    ("base_nearly_always_closed", closed_kadena(1.0, 70.0), "bases.kadena.closed"),
    (
        "base_nearly_always_closed",
        {**NAHA, "bases.naha.closed": {"mean_open_h": 1.0, "mean_closed_h": 30.0}},
        "bases.naha.closed",
    ),
    ("alternates_unused", NAHA, "patrols.aurora.alternates"),
    ("datum_outside_areas", {"routes.search": square(130.9, 31.8)}, "routes.search.datum"),
    ("datum_outside_areas", {"routes.search": square(122.9, 29.0)}, "routes.search.datum"),
    (
        "intercepts_nowhere",
        {"areas.far": FAR, "intercepts.jets": {"area": "far", "per_100_h": 5.0, "time_h": 0.5}},
        "intercepts.jets.area",
    ),
    ("looks_too_infrequent", {"sensors.radar.law.look_interval_s": 3600.0}, "sensors.radar.law.look_interval_s"),
    ("crowded_sea", {"background.merchant.present": 60000.0}, "background.merchant.present"),
    ("few_transfers", {"transfers.fuel.per_month": 0.9}, "transfers.fuel.per_month"),
    (
        "season_outside_deployment",
        {"transfers.fuel.calendar": [{"from": "07-01", "to": "07-31", "per_month": 9.0}]},
        "transfers.fuel.calendar",
    ),
    (
        "area_partly_in_range",
        {"areas.long": {"polygon": [[123.3, 27.0], [125.0, 27.0], [125.0, 37.0], [123.3, 37.0]]},
         "transfers.fuel.area": "long"},
        "transfers.fuel.area",
    ),
    ("nothing_to_remember", {f"{CREW}.remember_h": 48.0, "patrols.aurora.sorties": 1}, f"{CREW}.remember_h"),
    ("lookalikes_without_pairs", {f"{CREW}.lookalikes": LOOKALIKES}, f"{CREW}.lookalikes.merchant"),
    ("contacts_fill_the_sortie", {f"{CREW}.time_h": 1.0}, CREW),
    ("in_dark_without_effect", {f"{CREW}.in_dark": False}, f"{CREW}.in_dark"),
    ("weather_without_effect", {"environment.visibility_nmi": 10.0}, "environment"),
    ("series_ends_early", {"environment.series": {**WINDS, "time_h": [0.0, 24.0, 360.0]}}, "environment.series"),
    ("series_ends_early", {"environment.series": {**WINDS, "time_h": [-9.0, -6.0, -1.0]}}, "environment.series"),
    (
        "zones_without_effect",
        {"zones.box": {"polygon": [[140.0, 40.0], [141.0, 40.0], [141.0, 41.0]]}},
        "zones",
    ),
    ("intercepts_without_cost", {"intercepts.jets": {"per_100_h": 5.0, "time_h": 0.0}}, "intercepts.jets.time_h"),
    ("intercepts_without_cost", {"intercepts.jets": {"per_100_h": 0.0, "time_h": 0.5}}, "intercepts.jets.per_100_h"),
    ("airframe_out_of_hours", {"aircraft.cp140.max_flight_h_a_day": 8.0}, "aircraft.cp140.max_flight_h_a_day"),
    ("takeoffs_drift", {"patrols.aurora.every_h": 26.0}, "patrols.aurora.every_h"),
    ("takeoffs_alternate", {"patrols.aurora.every_h": 84.0}, "patrols.aurora.every_h"),
    ("takeoffs_alternate", {"patrols.aurora.every_h": 36.0}, "patrols.aurora.every_h"),
    ("takeoffs_too_frequent", {CLOCK: ["06:00", "18:00"], "patrols.aurora.max_delay_h": 0.5}, CLOCK),
    ("takeoffs_too_frequent", {CLOCK: ALL_DAY, "patrols.aurora.max_delay_h": 0.0}, CLOCK),
    ("no_sortie", {CLOCK: ["Sun 06:00"], "duration_days": 3.0}, CLOCK),
    (
        "crews_too_few",
        {CLOCK: ["06:00", "18:00"], "patrols.aurora.crews": 1, "patrols.aurora.crew_rest_h": 16.0},
        "patrols.aurora.crews",
    ),
    ("group_inconsistent", {CLOCK: "06:00", **pair("time", takeoff="18:00", **NO_HOURS)}, "patrols.second.takeoff"),
    ("group_inconsistent", {**pair("time"), "patrols.second.route_weights": [1.0]}, "patrols.second.route_weights"),
    ("lot_decides_nothing", {CLOCK: {"choose": ["06:00", "18:00"], "weights": [1.0, 0.0]}}, CLOCK),
    ("lot_decides_nothing", {"patrols.aurora.route_weights": [2.0]}, "patrols.aurora.route_weights"),
    ("tasking_without_choice", {TASKING: "belief"}, TASKING),
    ("tasking_without_choice", {**TWO_ROUTES, "transfers.fuel.per_month": 0.0}, TASKING),
    ("tasking_ignores_answers", {**TWO_ROUTES, "transfers.fuel.reaction.notice_nmi": 8.0}, TASKING),
    ("group_inconsistent", {**pair("time", tasking="belief")}, "patrols.second.tasking"),
    ("clocks_change", {"time_zone": "America/Halifax", "duration_days": 300.0}, "time_zone"),
    ("unused", {"areas.far": FAR}, "areas.far"),
    ("unused", {"bases.naha": {"position": [127.65, 26.2]}}, "bases.naha"),
    ("unused", {"vessels.small": {"length_m": 60.0, "height_ft": 40.0}}, "vessels.small"),
    ("unused", {"routes.track": RACETRACK}, "routes.track"),
    ("unused", {"aircraft.wide": WIDE}, "aircraft.wide"),
]  # fmt: skip

# Changes that only nearly make a rule fire.
SILENT: list[tuple[str, dict[str, Any]]] = [
    ("no_sortie", {TAKEOFF: 719.0}),
    ("minima_never_met", {"aircraft.cp140.minima.visibility_nmi": 3.0, "environment.visibility_nmi": 3.0}),
    ("series_ends_early", {"environment.series": {**WINDS, "time_h": [0.0, 24.0, 384.0]}}),
    ("series_ends_early", {"environment.series": {**WINDS, "time_h": [0.0, 24.0, 48.0]}, "duration_days": 3.0}),
    ("route_out_of_reach", {"aircraft.cp140.endurance_h": 1.6}),
    ("area_out_of_reach", {"areas.far": FAR, "transfers.fuel.area": "far", "aircraft.cp140.endurance_h": 5.0}),
    ("area_never_in_range", {"areas.far": FAR, "transfers.fuel.area": "far", f"{CREW}.max_detour_nmi": 300.0}),
    ("patrol_detects_nothing", {**EYES, TAKEOFF: 13.0, "aircraft.cp140.sensors": ["eyes"]}),
    ("no_transfers", {"transfers.fuel.per_month": 0.0, "outputs.contacts": True}),
    ("sea_always_too_rough", {"environment.sea_state": 4, "transfers.fuel.max_sea_state": 4.0}),
    ("sea_always_too_rough", {"environment.processes": seas(2, 6), "transfers.fuel.max_sea_state": 4.0}),
    (
        "sea_always_too_rough",
        {"environment.series": {**CALM_AFTER_IT, "time_h": [0.0, 719.0]}, "transfers.fuel.max_sea_state": 4.0},
    ),
    (
        "transfers_over_before_flights",
        {"transfers.fuel.night_share": 1.0, "transfers.fuel.duration_h": 3.0, TAKEOFF: 23.5},
    ),
    ("never_worth_investigating", {PRIORITY: {"suspicious": 1.0, "cost_per_h": 3.9}}),
    ("never_worth_investigating", {**AIS, PRIORITY: {"dark": 1.0}}),
    ("no_light_on_station", {f"{CREW}.document.needs_light": True, TAKEOFF: 13.0}),
    ("visibility_always_too_low", {f"{CREW}.classify.min_visibility_nmi": 3.0, "environment.visibility_nmi": 3.0}),
    ("transfers_too_short", {"transfers.fuel.duration_h": {"median": 0.2, "sigma": 0.5}}),
    ("short_time_on_station", {"aircraft.cp140.endurance_h": 2.0}),
    ("route_never_finished", {"patrols.aurora.sorties": 1}),
    ("takeoffs_too_frequent", {"patrols.aurora.every_h": 13.0}),
    ("crews_too_few", {"patrols.aurora.crews": 2, "patrols.aurora.crew_rest_h": 16.0}),
    ("spacing_too_wide", {"routes.search.spacing_nmi": 179.0}),
    ("sensor_adds_nothing", {**EYES, "aircraft.cp140.sensors": ["radar", "eyes"]}),
    ("ais_adds_nothing", {**AIS, "transfers.fuel.dark_share": 0.9}),
    ("weight_unobservable", {**AIS, PRIORITY: {"dark": 1.0}}),
    ("weight_unobservable", {PRIORITY: {"alongside": 1.0}, "sensors.radar.resolution_m": 5.0}),
    ("weight_without_vessels", {**AIS, PRIORITY: {"listed": 1.0}, "background.merchant.listed_share": 0.1}),
    (
        "size_unknown",
        {
            "vessels.small": {"length_m": 60.0, "height_ft": 40.0},
            "transfers.fuel.vessels": ["small"],
            "sensors.radar.reference_rcs_m2": 5000.0,
        },
    ),
    ("wind_too_strong", {"environment.wind_kn": 104.0, "environment.wind_from_deg": 0.0}),
    ("zone_over_route", {"zones.box": {"polygon": [[124.0, 28.0], [125.0, 28.0], [125.0, 29.0], [124.0, 29.0]]}}),
    ("group_inconsistent", pair("area")),
    ("group_inconsistent", pair("area", every_h=30.0)),
    (
        "spacing_too_wide",
        {"routes.search": {"pattern": "parallel_sweep", "area": "east_china_sea", "legs": 1}, **pair("area")},
    ),
    ("base_nearly_always_closed", closed_kadena(1.0, 60.0)),
    ("base_nearly_always_closed", {**closed_kadena(1.0, 8.9), "patrols.aurora.max_delay_h": 0.0}),
    ("base_nearly_always_closed", {"bases.naha": {**NAHA["bases.naha"], **closed_kadena(1.0, 70.0)["bases.kadena"]}}),
    ("alternates_unused", {**NAHA, "patrols.aurora.lands": "nearest"}),
    ("datum_outside_areas", {"routes.search": square(123.4, 29.0)}),
    ("intercepts_without_cost", {"intercepts.jets": {"per_100_h": 5.0, "time_h": 0.5}}),
    ("looks_too_infrequent", {"sensors.radar.law.look_interval_s": 3000.0}),
    ("few_transfers", {"transfers.fuel.per_month": 1.1}),
    ("season_outside_deployment", {"transfers.fuel.calendar": [{"from": "05-10", "to": "03-01", "per_month": 9.0}]}),
    ("nothing_to_remember", {f"{CREW}.remember_h": 48.0}),
    ("lookalikes_without_pairs", {f"{CREW}.lookalikes": {"pairs": LOOKALIKES["merchant"]}, "background.pairs": PAIRS}),
    ("contacts_fill_the_sortie", {f"{CREW}.time_h": 0.35}),
    ("contacts_fill_the_sortie", {f"{CREW}.time_h": 1.0, "routes.search.spacing_nmi": 0.5}),  # too long to estimate
    ("in_dark_without_effect", {f"{CREW}.in_dark": False, f"{CREW}.document.needs_light": True}),
    ("airframe_out_of_hours", {"aircraft.cp140.max_flight_h_a_day": 9.0}),
    ("takeoffs_drift", {"patrols.aurora.every_h": 72.0}),
    ("takeoffs_drift", {CLOCK: ["Tue 06:00", "Fri 18:00"]}),
    ("takeoffs_drift", {"patrols.aurora.every_h": 84.0}),
    ("takeoffs_alternate", {"patrols.aurora.every_h": 72.0}),
    ("takeoffs_alternate", {"patrols.aurora.every_h": 26.0}),
    ("takeoffs_alternate", {CLOCK: ["Tue 06:00", "Fri 18:00"]}),
    ("takeoffs_too_frequent", {CLOCK: ["06:00", "18:00"], "patrols.aurora.max_delay_h": 1.0}),
    ("takeoffs_too_frequent", {CLOCK: {"from": "06:00", "to": "17:00"}, "patrols.aurora.max_delay_h": 0.0}),
    ("takeoffs_too_frequent", {CLOCK: {**ALL_DAY, "draw": "deployment"}, "patrols.aurora.max_delay_h": 0.0}),
    ("no_sortie", {CLOCK: ["Sun 06:00"], "duration_days": 6.0}),
    ("patrol_detects_nothing", {**EYES, CLOCK: TWICE, "aircraft.cp140.sensors": ["eyes"]}),
    ("no_light_on_station", {f"{CREW}.document.needs_light": True, CLOCK: TWICE}),
    ("lot_decides_nothing", {CLOCK: TWICE}),
    ("tasking_without_choice", TWO_ROUTES),
    ("tasking_ignores_answers", TWO_ROUTES),
    ("patrols_alike", {**TWO_ROUTES, "patrols.second": {**ALIKE, "tasking": "belief"}}),
    ("clocks_change", {"time_zone": "America/Halifax", "duration_days": 300.0, CLOCK: "06:00"}),
    ("clocks_change", {"time_zone": "America/Halifax", "duration_days": 60.0}),
    ("sea_without_coastline", {"theatre.east": 165.0}),
    (
        "area_mostly_land",
        {
            "areas.korea": {"polygon": [[124.5, 34.0], [128.0, 34.0], [128.0, 38.0], [124.5, 38.0]]},
            "transfers.fuel.area": "korea",
        },
    ),
    ("area_mostly_land", {"areas.korea": KOREA, "intercepts.jets": {"area": "korea", "per_100_h": 5.0, "time_h": 0.5}}),
    ("base_in_open_sea", {"bases.kadena.position": [131.03, 33.84]}),  # Kitakyushu, on an island that people made
    ("base_in_open_sea", {"bases.kadena.position": [153.98, 24.29], "theatre.east": 155.0}),  # Minamitorishima
    ("base_in_open_sea", {"bases.kadena.position": [168.0, 30.0], "theatre.east": 170.0}),  # without coastlines
    ("patrols_alike", {"patrols.second": {**ALIKE, "first_takeoff_h": 21.5}}),
    ("patrols_alike", {"patrols.second": {**ALIKE, "every_h": 36.0}}),
    ("patrols_alike", {"routes.track": RACETRACK, "patrols.second": {**ALIKE, "routes": ["track"]}}),
    ("patrols_alike", {**NAHA, "patrols.second": {**ALIKE, "base": "naha"}}),
    ("patrols_alike", {"aircraft.wide": WIDE, "patrols.second": {**ALIKE, "aircraft": "wide"}}),
    ("patrols_alike", pair("area", first_takeoff_h=21.0)),
]


def found(sets: dict[str, Any], scenario: str = "neon-spring") -> set[tuple[str, str]]:
    return rules_and_keys(load_scenario(scenario, sets))


@pytest.mark.parametrize(("rule", "sets", "key"), FIRES)
def test_a_rule_fires_on_a_small_change(rule: str, sets: dict[str, Any], key: str) -> None:
    assert (rule, key) in found(sets)


def test_without_a_patrol_nobody_flies() -> None:
    scenario = load_scenario("neon-spring").model_copy(update={"patrols": {}})
    assert [(one.rule, one.key) for one in findings(scenario, (SENSELESS,))] == [("no_sortie", "patrols")]


@pytest.mark.parametrize(("rule", "sets"), SILENT)
def test_a_rule_is_silent_where_it_only_nearly_holds(rule: str, sets: dict[str, Any]) -> None:
    assert rule not in {name for name, _ in found(sets)}


@pytest.mark.parametrize("name", shipped_names())
def test_of_what_ships_nothing_is_senseless_or_doubtful(name: str) -> None:
    """So every rule above note is silent without the change; of the notes four hold, and are meant."""
    scenario = load_scenario(name)
    meant = {"nobody_investigates"} if name == "textbook" else set()
    heard = {"crew_hears_few"} if name == "neon-heard" else {"reports_arrive_too_old"}  # whose reports come at once
    meant |= heard if scenario.observers else set()
    meant |= {"contacts_fill_the_sortie"} if "fishing" in scenario.background else set()  # boats that lie still
    assert {one.rule for one in findings(scenario)} == meant


def test_every_rule_is_tried() -> None:
    assert set(RULES) == (
        {rule for rule, _, _ in (*FIRES, *OF_SHARING, *OF_ANSWERS, *OF_LANES, *OF_FLEETS)} | {"nobody_investigates"}
    )


@pytest.mark.parametrize(
    ("rule", "sets"), [(rule, sets) for rule, sets, _ in FIRES if RULES[rule].severity == SENSELESS]
)
def test_what_is_called_senseless_documents_nothing(rule: str, sets: dict[str, Any]) -> None:
    scenario = load_scenario("neon-spring", sets)
    totals = simulate(scenario).totals()
    assert totals["documented"] == 0
    if rule in ("no_sortie", "route_out_of_reach"):
        assert totals["on_station_hours"] == totals["identification_hours"]  # contacts on the way at most
    if rule in ("area_out_of_reach", "area_never_in_range", "patrol_detects_nothing", "transfers_over_before_flights"):
        assert totals["detected"] == 0
    if rule in ("never_serviceable", "minima_never_met"):
        assert totals["sorties"] == 0
    if rule in ("no_transfers", "sea_always_too_rough"):
        assert totals["transfers"] == 0


# What rules say changes nothing: the change, and what it is laid over.
IDLE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("crews_too_few", {"patrols.aurora.crew_rest_h": 12.0}, {}),
    ("unused_sensor", EYES, {}),
    ("sensor_adds_nothing", {**EYES, "aircraft.cp140.sensors": ["radar", "eyes"]}, BY_NIGHT),
    ("weight_unobservable", {f"{PRIORITY}.dark": 9.0}, {f"{PRIORITY}.suspicious": 1.0}),
    ("weight_unobservable", {f"{PRIORITY}.alongside": 9.0}, {f"{PRIORITY}.suspicious": 1.0}),
    ("weight_unobservable", {f"{PRIORITY}.watched": 9.0}, {f"{PRIORITY}.suspicious": 1.0}),
    ("weight_unobservable", {f"{PRIORITY}.watch_areas": ["east_china_sea"]}, {f"{PRIORITY}.suspicious": 1.0}),
    ("weight_without_vessels", {f"{PRIORITY}.listed": 9.0}, {**AIS, f"{PRIORITY}.dark": 1.0}),
    ("size_unknown", {"sensors.radar.reference_rcs_m2": 5000.0}, {}),
    ("weather_not_stated", {"transfers.fuel.max_sea_state": 4.0}, {}),
    ("weather_not_stated", {"sensors.radar.sea_state_factor": [1.0] * 5 + [0.5] * 5}, {}),
    ("weather_not_stated", {f"{CREW}.document.min_visibility_nmi": 2.0}, {}),
    ("weather_not_stated", {"aircraft.cp140.minima": {"wind_kn": 40.0}}, {}),
    ("alternates_unused", NAHA, {}),
    ("intercepts_nowhere", {"areas.far": FAR, "intercepts.jets": {"area": "far", "per_100_h": 5.0, "time_h": 0.5}}, {}),
    ("intercepts_without_cost", {"intercepts.jets": {"per_100_h": 0.0, "time_h": 0.5}}, {}),
    ("nothing_to_remember", {f"{CREW}.remember_h": 48.0}, {"patrols.aurora.sorties": 1}),
    ("lookalikes_without_pairs", {f"{CREW}.lookalikes": LOOKALIKES}, {}),
    ("in_dark_without_effect", {f"{CREW}.in_dark": False}, {}),
    ("weather_without_effect", {"environment.visibility_nmi": 10.0}, {}),
    ("zones_without_effect", {"zones.box": {"polygon": [[140.0, 40.0], [141.0, 40.0], [141.0, 41.0]]}}, {}),
    ("unused", {"routes.track": RACETRACK, "aircraft.wide": WIDE}, {}),
]


@pytest.mark.parametrize(("rule", "sets", "over"), IDLE)
def test_what_is_said_to_change_nothing_changes_nothing(rule: str, sets: dict[str, Any], over: dict[str, Any]) -> None:
    assert rule in {name for name, _ in found({**over, **sets})}
    without, changed = (simulate(load_scenario("neon-spring", one)).totals() for one in (over, {**over, **sets}))
    assert without["transfers"] > 0
    assert changed == pytest.approx(without, abs=1e-9)


# ---------------------------------------------------------------------------------------------------- the face
def test_findings_come_by_severity_and_name_a_key() -> None:
    scenario = load_scenario("neon-spring", {**NAHA, "areas.far": FAR, "aircraft.cp140.endurance_h": 1.2})
    assert [one.severity for one in findings(scenario)] == [SENSELESS, DOUBTFUL, NOTE]
    assert {one.rule for one in findings(scenario, (SENSELESS,))} == {"route_out_of_reach"}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", 0, ""),
        ("\n[areas.box]\npolygon = [[124.0, 28.0], [125.0, 28.0], [125.0, 29.0]]", 0, "mine.toml:3: note: areas.box: "),
        ("[routes.search]\nspacing_nmi = 200.0", 1, "mine.toml:3: doubtful: routes.search.spacing_nmi: "),
        ("[aircraft.cp140]\nendurance_h = 1.2", 1, "neon-spring.toml:57: senseless: patrols.aurora.routes[0]: "),
    ],
)
def test_check_prints_findings_with_their_place_and_strict_fails(
    scratch: Path, capsys: pytest.CaptureFixture[str], text: str, code: int, line: str
) -> None:
    Path("mine.toml").write_text(f'extends = "neon-spring"\n{text}\n', encoding="utf-8")
    if line:  # a line of an included file is wherever it stands
        line = re.sub(r"(?<=neon-spring\.toml:)\d+", lambda _: str(line_of("routes = ")), line)
    assert main(["check", "mine.toml", "--strict"]) == code
    out = capsys.readouterr().out
    assert "the scenario is valid" in out
    assert line in out
    assert out.splitlines()[-1].startswith("findings: ")
    assert ("none" in out.splitlines()[-1]) == (not line)
    assert main(["check", "mine.toml"]) == 0


def line_of(fragment: str) -> int:
    import scenarios

    text = Path(scenarios.__file__).with_name("neon-spring.toml").read_text(encoding="utf-8")
    return text[: text.index(fragment)].count("\n") + 1


def test_sensors_and_strict_do_not_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "textbook", "--sensors", "--strict"]) == 2
    assert "--sensors or --strict" in capsys.readouterr().err


def test_a_run_warns_of_what_is_senseless_alone(scratch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ["run", "textbook", "--replications", "1", "--jobs", "1", "--force"]
    assert main(few) == 0
    assert "warning" not in capsys.readouterr().err
    assert main([*few, "--set", "transfers.events.per_month=0.0", "--set", "sensors.more={kind='ais'}"]) == 0
    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 1
    assert warnings[0].startswith("warning: senseless: transfers.events.per_month: ")


def test_the_page_has_a_row_for_every_rule_and_its_example_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/reference/check.md").read_text(encoding="utf-8")
    command, example = re.findall(r"`seasweep (check [^`]*)`, for instance:\n\n```text\n(.*?)```", page, re.DOTALL)[0]
    assert main(command.split()) == 0
    assert capsys.readouterr().out.endswith(example)
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| .+ \|$", page, re.MULTILINE)
    assert rows == [(one.name, one.sentence) for one in rules()]
    assert page == renewed(page)


def test_a_rule_is_added_from_outside() -> None:
    def title_in_capitals(bounds: Bounds) -> Iterator[Found]:
        """The title is in capitals.

        It is hard to read.
        """
        if bounds.scenario.title.isupper():
            yield Found(("title",), "The title is in capitals, so it is hard to read.", "Change title.")

    try:
        register(title_in_capitals, NOTE)
        assert "title" not in {one.key for one in findings(load_scenario("textbook"))}
        (one,) = (one for one in findings(load_scenario("textbook", {"title": "LOUD"})) if one.key == "title")
        assert str(one) == "title: The title is in capitals, so it is hard to read. Change title. [title_in_capitals]"
        assert rules()[-1].sentence == "The title is in capitals. It is hard to read."
        with pytest.raises(ValueError, match="another rule has this name"):
            register(title_in_capitals, DOUBTFUL)
    finally:
        del RULES["title_in_capitals"]
    with pytest.raises(ValueError, match="the severity grave is none of senseless, doubtful, note"):
        register(title_in_capitals, "grave")


def test_the_order_of_rules_does_not_depend_on_what_was_imported_first() -> None:
    code = "import sim.check.rules_zones, sim.check.advice as a; print(*(one.name for one in a.rules()))"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    ).stdout.split()
    assert printed == [one.name for one in rules()]
