"""Sensors: what sees, and how well."""

from typing import Literal

from sim.detection import Law
from sim.fields import Part


class Sensor(Part):
    """What sees."""

    kind: Literal["radar", "eo_ir", "visual"]
    """What it is; its law says how well it sees."""
    law: Law
    """How the chance of detection depends on range and time."""
