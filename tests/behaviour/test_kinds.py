"""Kinds of laws, sensors, patterns and observers that are defined outside the package."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.model.laws.base import Law
from sim.model.observers.base import Observer
from sim.model.patterns.base import Route
from sim.model.sensors.base import Sensor

KINDS = '''
from typing import ClassVar, Literal

from sim.core.fields import Nmi, Probability
from sim.core.legs import legs_along
from sim.model.laws.base import Law
from sim.model.laws.lateral_range import LateralRange, as_table
from sim.model.observers.base import AreaObserver
from sim.model.patterns.base import Route
from sim.model.places import Line
from sim.model.sensors.base import Sensor


class Triangle(Law):
    """A lateral range curve that falls in a straight line."""

    code: ClassVar[int] = LateralRange.code
    kind: Literal["triangle"]
    range_nmi: Nmi
    """Where it ends."""

    @property
    def reach_nmi(self):
        return self.range_nmi

    def parameters(self, scale=1.0):
        return 2.0, 0.0

    def table(self, least_size=0):
        return as_table([0.0, self.range_nmi], [1.0, 0.0])

    def lateral_exposure(self, x, speed_kn):
        import numpy as np

        return -np.log(x / self.range_nmi)


class Hydrophone(Sensor):
    """It hears ships."""

    kind: Literal["hydrophone"]
    law: Law


class Zigzag(Route):
    """Along a line and back to its first point."""

    pattern: Literal["zigzag"]
    line: Line

    def lay(self, setting):
        line = setting.on_plane([*self.line, self.line[0]])
        return setting.lay_passes([legs_along(line)])


class Lighthouse(AreaObserver):
    """It sees every transfer in its area."""

    kind: Literal["lighthouse"]
'''

SCENARIO = """
extends = "neon-partners"
duration_days = 12
[sensors.radar]
kind = "hydrophone"
law = { kind = "triangle", range_nmi = 40.0 }
[routes.search]
pattern = "zigzag"
line = [[124.0, 29.0], [126.0, 30.0], [126.0, 28.0]]
[observers.tower]
kind = "lighthouse"
nation = "japan"
probability = 1.0
position_error_nmi = 2.0
delay_h = 0.5
[agreements.all]
nations = ["japan", "usa"]
delay_h = 1.0
release = { lighthouse = 1.0 }
"""

JOB = """
import mykinds
from sim import load_scenario
from sim.check.advice import findings
from sim.check.describe import described
from sim.check.tables_sensors import sensor_widths
from sim.deployment.engine import simulate
from sim.scenario.digest import flat_toml
from sim.scenario.json_schema import json_schema
from sim.cli.layout import page_text

scenario = load_scenario("mine.toml")
tower, radar = scenario.observers["tower"], scenario.sensors["radar"]
print(type(radar).__name__, type(radar.law).__name__, type(tower).__name__, type(scenario.routes["search"]).__name__)
print(scenario.agreements["all"].release.chance("lighthouse"), scenario.agreements["all"].release.chance("human"))
print(f"{radar.law.sweep_width_nmi(200.0):.3f}")
findings(scenario)
assert "tower" in page_text(described(scenario), 80) and "radar" in page_text(sensor_widths(scenario), 80)
assert "lighthouse" in flat_toml(scenario)
assert {"Triangle", "Hydrophone", "Zigzag", "Lighthouse"} <= set(json_schema()["$defs"])
log = simulate(scenario, 1, 0)
print(log.totals()["detected"] > 0, any(mine.observer == sorted(scenario.observers).index("tower")
      for mine in log.dissemination.reports))
"""

LATE = """
from typing import Literal
import mykinds
from sim import load_scenario

load_scenario("textbook")

class Late(mykinds.Hydrophone):
    kind: Literal["late"]
"""

TWICE = """
from typing import Literal
import mykinds

class Other(mykinds.Hydrophone):
    kind: Literal["radar"]
"""


def run(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    (folder / "mykinds.py").write_text(KINDS, encoding="utf-8")
    (folder / "mine.toml").write_text(SCENARIO, encoding="utf-8")
    path = os.pathsep.join([str(folder), *(one for one in sys.path if one)])
    variables = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=variables, capture_output=True, encoding="utf-8"
    )


def test_kinds_defined_outside_are_loaded_described_and_simulated(tmp_path: Path) -> None:
    done = run(tmp_path, JOB)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Hydrophone Triangle Lighthouse Zigzag",
        "1.0 0.0",
        "40.000",
        "True True",
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (LATE, "define the sensor 'late' before the first scenario is read"),
        (TWICE, "there is a sensor called 'radar' already"),
    ],
)
def test_a_kind_that_comes_too_late_or_takes_a_name_is_refused(tmp_path: Path, code: str, said: str) -> None:
    done = run(tmp_path, code)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(f"TypeError: {said}")


def test_the_families_have_the_kinds_that_have_a_file() -> None:
    assert list(Law.kinds()) == ["definite_range", "inverse_cube", "lateral_range", "scan"]
    assert list(Sensor.kinds()) == ["ais", "eo_ir", "radar", "visual"]
    assert list(Observer.kinds()) == [
        "ais_desk",
        "ais_satellite",
        "ais_station",
        "coastal_radar",
        "human",
        "patrol",
        "satellite",
    ]
    assert sorted(Route.kinds()) == [
        "barrier", "creeping_line", "expanding_square", "parallel_sweep", "racetrack", "sector", "track_line",
        "waypoints",
    ]  # fmt: skip
