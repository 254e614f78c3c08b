"""Four included scenarios with lanes in place of an area of ships: what does it change?

`python -m tools.lanes_instead` makes a variant of each scenario and prints paired differences: both meet the same
transfers, the same weather and the same luck. The merchants of the scenario leave their area of random courses for the
lanes of the library that cross it, as far as they lie in it. As many ships are present in the mean, with the same
shares and the same class, so that only where they are differs. Each lane has its part of the ships by its flow in the
library. The distribution of speeds is that of the scenario; along a lane it is that of ships that pass, so those
present are a little slower. `python -m tools.lanes_instead FOLDER` writes the variants instead of running them.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import tomli_w

from sim import compare, load_scenario, run
from sim.deployment.traffic.base import plan_traffic
from sim.model.background.random_courses import RandomCourses
from sim.scenario.files import lane_library
from sim.scenario.schema import Scenario
from sim.study.estimates import Measure

NAMES = ("neon-spring", "neon-barrier", "neon-crew", "neon-wary")
SOURCE = "merchant"
MEASURES = ("investigations", "identification_share", "p_detected", "p_documented")
REPLICATIONS = 100
LEAST_NMI = 100.0
"""A lane with a shorter part in the area is left out."""
SHARES = ("dark_share", "spoofing_share", "listed_share", "suspicious_share")


def clipped_lanes(scenario: Scenario) -> dict[str, tuple[list[list[float]], dict[str, Any]]]:
    """The lanes of the library that cross the area of merchants: the points of the part in it, and all their keys."""
    area = scenario.areas[scenario.background[SOURCE].area_names[0]].shape
    found = {}
    for name, keys in lane_library().items():
        part = shapely.intersection(shapely.LineString(keys["line"]), area)
        if part.geom_type == "LineString" and shapely.length(scenario.plane.project(part)) > LEAST_NMI:
            found[name] = np.round(shapely.get_coordinates(part), 3).tolist(), keys
    return found


def variant(name: str) -> dict[str, Any]:
    """The tables of a scenario with lanes in place of its area of merchants, as many ships present as there."""
    scenario = load_scenario(name)
    spec, lanes = scenario.background[SOURCE], clipped_lanes(scenario)
    if not isinstance(spec, RandomCourses):
        raise TypeError(f"the merchants of {name} are on no random courses")
    own: dict[str, Any] = {key: getattr(spec, key) for key in SHARES if getattr(spec, key)}
    if spec.vessel:
        own["vessel"] = spec.vessel
    speed = spec.speed_kn.model_dump(exclude_none=True)
    tables: dict[str, Any] = {}
    for number, (lane, (line, keys)) in enumerate(lanes.items()):
        tables[lane if number else SOURCE] = {
            "kind": "lane", "line": line, "spread_nmi": keys["spread_nmi"], "separation_nmi": keys["separation_nmi"],
            "per_day": keys["per_day"], "speed_kn": speed, **own,
        }  # fmt: skip
    made = {"extends": name, "title": f"{scenario.title}, with lanes", "background": tables}
    with_flows = load_scenario(made)
    present = sum(plan_traffic(with_flows, lane).mean_present(0.0, scenario.duration_h) for lane in tables)
    for table in tables.values():
        table["per_day"] = round(table["per_day"] * spec.present / present, 3)
    return made


def table_of(names: tuple[str, ...] = NAMES, replications: int = REPLICATIONS) -> str:
    """The table of the guide: of each scenario some measures with the area, with lanes, and the paired difference."""
    lines = [
        "| scenario | measure | area | lanes | difference | 95 % interval |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name in names:
        found = compare([run(name, replications), run(variant(name), replications)])
        rows = [{one.measure: one for one in each} for each in (*found.values, found.differences[0])]
        for measure in MEASURES:
            area, lanes, difference = (row[measure] for row in rows)
            cells = [
                f"{_scaled(area):.1f}",
                f"{_scaled(lanes):.1f}",
                f"{_scaled(difference):+.1f}",
                _interval(difference),
            ]
            lines.append(f"| `{name}` | `{measure}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _scaled(measure: Measure) -> float:
    """The value of a measure; a share in per cent, or in percentage points of a difference."""
    return (measure.value or 0.0) * (1.0 if measure.measure == "investigations" else 100.0)


def _interval(measure: Measure) -> str:
    """The interval of a difference."""
    scale = 1.0 if measure.measure == "investigations" else 100.0
    return " to ".join(f"{(end or 0.0) * scale:+.1f}" for end in (measure.low, measure.high))


def main(folder: str | None = None) -> None:
    """Print the table, or write the variants to a folder."""
    if folder is None:
        print(table_of())
        return
    for name in NAMES:
        path = Path(folder, f"{name.removeprefix('neon-')}-lanes.toml")
        path.write_text(tomli_w.dumps(variant(name)), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main(*sys.argv[1:2])
