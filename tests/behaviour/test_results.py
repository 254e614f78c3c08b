"""What a run writes: the page that describes it, the order of events, the names of vessels."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from sim import load_scenario, simulate
from sim.core.codes import KERNEL_EVENTS, PHASES
from sim.core.motion import labels_of
from sim.deployment.ladder import REASONS, STATUSES
from sim.deployment.log import TRANSFER_EVENTS, Log
from sim.deployment.totals import TOTALS
from sim.model.background.random_courses import RandomCourses
from sim.study.columns import schemas
from sim.study.store import TABLES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/results.md").read_text(encoding="utf-8")
OVER = ("documented", "identified", "lost")


def section(name: str) -> set[str]:
    """Whatever the page names in the first column of the tables of one file."""
    part = PAGE.partition(f"## `{name}.parquet`\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def reported() -> set[str]:
    """Every kind of event: those of transfers and of compiled code, and what `report` and `Event` are given."""
    found = {*TRANSFER_EVENTS, *KERNEL_EVENTS}
    for path in (ROOT / "sim" / "deployment").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            called = ast.unparse(call.func)
            if called == "Event" or called.endswith(".report"):
                kinds = call.args[1:2] if called == "Event" else call.args[:1]
                found |= {one.value for kind in kinds for one in ast.walk(kind) if isinstance(one, ast.Constant)}
    return found


@pytest.fixture(scope="module")
def crew() -> Log:
    return simulate(load_scenario("neon-crew"), 1, 0)


def test_every_column_event_and_phase_has_its_row(crew, monkeypatch):
    monkeypatch.setattr(RandomCourses, "hull_gaps_m", (25.0,))  # so that there are lookalikes
    standby = {"ready_h": 1.0, "least_chance": 0.2}
    more = {"patrols.aurora.standby": standby, "transfers.fuel.reaction.notice_nmi": 8.0}
    ear = {"kind": "ais_satellite", "nation": "japan", "revisit_h": 6.0}
    ear |= {"probability": 0.5, "position_error_nmi": 0.1, "delay_h": 1.0}
    more |= {"outputs.ais_rules": {}, "observers.ear": ear, "sensors.ais.report_s": 6.0}
    more["transfers.slow"] = {"area": "east_china_sea", "per_month": 1.0, "duration_h": 5.0, "making_way_kn": 3.0}
    more |= {"outputs.ais_rules": {}, "observers.ear": ear}
    more["transfers.slow"] = {
        "area": "east_china_sea",
        "per_month": 1.0,
        "duration_h": 5.0,
        "making_way_kn": 3.0,
        "chain": {"again": 0.5, "gap_h": 9.0},
    }
    scenario = load_scenario("agreements-2026", {"outputs.contacts": True, **more})
    kinds = reported()
    assert {"alongside", "takeoff", "cancelled", "lost", "not_classified", "aborted"} <= kinds
    assert {event.event for event in crew.events} <= kinds
    assert set(schemas(scenario)) == {*TABLES, "tips"}
    asked = [total.name for total in TOTALS if total.exists == "asked"]
    for table in schemas(scenario):
        columns = set(schemas(scenario, asked)[table].names)
        more = {"events": kinds, "tracks": set(PHASES)}.get(table, set())
        assert section(table) == columns | more


def test_the_page_names_each_value_that_a_column_can_hold():
    assert all(f"`{word}`" in PAGE for word in (*STATUSES, *(one.name for one in REASONS)))
    files = ("schedule.py", "readiness.py")
    crew_code = "".join((ROOT / "sim/deployment" / file).read_text(encoding="utf-8") for file in files)
    for why in ("not ready in time", "crew not rested", "airframe out of hours", "base closed", "unserviceable"):
        assert f'"{why}"' in crew_code
        assert f"`{why}`" in PAGE


def test_a_crew_is_done_with_one_contact_before_it_turns_to_the_next(crew):
    busy: dict[tuple[str, int], int] = {}
    meanwhile = 0
    for event in crew.events:
        sortie = (event.patrol, event.sortie)
        if event.event == "diverted":
            assert sortie not in busy
            busy[sortie] = event.vessel
        elif event.event in ("classified", "not_classified"):
            assert busy[sortie] == event.vessel
        elif event.event in OVER:
            assert busy.pop(sortie) == event.vessel
        elif event.event in ("bingo", "landed", "takeoff"):
            assert sortie not in busy
    pairs = zip(crew.events, crew.events[1:], strict=False)
    meanwhile = sum(a.event in OVER and b.event == "diverted" and a.time_h == b.time_h for a, b in pairs)
    assert meanwhile > 50  # the order at one moment was put to the test


def test_events_are_in_the_order_of_time_and_the_ladder_is_climbed_upwards(crew):
    times = [event.time_h for event in crew.events]
    assert times == sorted(times)
    rungs = {"detected": 0, "diverted": 1, "classified": 2, "not_classified": 2, **dict.fromkeys(OVER, 3)}
    climbed: dict[tuple[str, int, int], int] = {}
    for event in crew.events:
        if event.event in rungs:
            key = (event.patrol, event.sortie, event.vessel)
            assert rungs[event.event] >= climbed.get(key, 0)
            climbed[key] = rungs[event.event]


def test_names_of_vessels_have_no_sign():
    names = labels_of("fishing", np.array([-127, -1, 0, 126]))
    assert names.tolist() == ["fishing-before-126", "fishing-before-0", "fishing-0", "fishing-126"]
