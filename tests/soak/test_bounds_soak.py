"""No compiled function reads or writes beyond its arrays: all scenarios, compiled with a check of each index."""

import os
import subprocess
import sys

import pytest

from sim.scenario.files import shipped_names

pytestmark = pytest.mark.soak

_REPLICATIONS = 30
_PROGRAM = """
import sys
from sim import load_scenario
from sim.deployment.engine import fly
from sim.deployment.world import prepare, realise
for name in sys.argv[2:]:
    plan = prepare(load_scenario(name))
    for replication in range(int(sys.argv[1])):
        fly(plan, realise(plan, 7, replication), replication).totals()
print("all within bounds")
"""


def test_no_index_is_out_of_bounds(tmp_path):
    """Numba's own check raises IndexError; without it, such an index would read or change other memory."""
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "SEASWEEP_CACHE": str(tmp_path)}
    arguments = [sys.executable, "-c", _PROGRAM, str(_REPLICATIONS), *shipped_names()]
    done = subprocess.run(arguments, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "all within bounds"
