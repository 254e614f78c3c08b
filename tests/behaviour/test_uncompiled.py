"""The same source runs compiled and uncompiled, and gives the same flights."""

import json
import os
import subprocess
import sys

import pytest

from sim.deployment.engine import simulate

SCRIPT = """
import json, sys
from sim.deployment.engine import simulate
name, sets = json.loads(sys.argv[1])
print(json.dumps(simulate(name, 1, 0, sets=sets).events))
"""
ZONE = {"polygon": [[125.2, 28.2], [126.2, 28.2], [126.2, 28.9], [125.2, 28.9]]}
CASES = {
    "a crew that ranks contacts, in wind and haze": ("neon-crew", {"duration_days": 6.0}),
    "round a zone": ("neon-crew", {"duration_days": 4.0, "zones.z": ZONE}),
    "crews that tip each other": ("neon-allies", {"duration_days": 5.0}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_flight_is_the_same_compiled_and_uncompiled(case):
    name, sets = CASES[case]
    uncompiled = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, json.dumps([name, sets])],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        check=True,
    )
    expected = [list(event) for event in simulate(name, 1, 0, sets=sets).events]
    found = json.loads(uncompiled.stdout)
    assert [event[1:5] + event[7:] for event in found] == [event[1:5] + event[7:] for event in expected]
    for one, other in zip(found, expected, strict=True):
        assert one[0] == pytest.approx(other[0], rel=0.0, abs=1e-9)
        assert one[5:7] == pytest.approx(other[5:7], rel=0.0, abs=1e-6)
    assert {"diverted", "not_classified", "identified"} <= {event[1] for event in found}
