"""Rules of check about sensors: what they can see, and who carries them."""

from collections.abc import Iterator

from sim.check.prospects import Prospects, carried, investigators
from sim.check.registry import DOUBTFUL, SENSELESS, Found, rule
from sim.core.units import SECONDS_PER_HOUR


@rule(SENSELESS)
def sees_nothing(prospects: Prospects) -> Iterator[Found]:
    """No sensor of a patrol can see a vessel while it is on station, as with eyes alone by night.

    It detects nothing.
    """
    for one in prospects.patrols:
        lights = one.lights()
        if lights and prospects.everything and prospects.sight_nmi(one.aircraft, prospects.everything, lights) == 0.0:
            aboard = ", ".join(one.aircraft.sensors)
            if lights == {False} and prospects.sight_nmi(one.aircraft, prospects.everything, {True}):
                said = (
                    f"{one.name} is on station by night only, and {aboard} of {one.spec.aircraft} sees nothing by night"
                )
                yield Found(one.takeoff_key, said, "another hour, or a night sensor")
            else:
                said = f"{aboard} of {one.spec.aircraft} never sees a vessel: {one.name} detects nothing"
                yield Found(("aircraft", one.spec.aircraft, "sensors"), said, "their laws, and the environment")


@rule(DOUBTFUL)
def unused_sensor(prospects: Prospects) -> Iterator[Found]:
    """No aircraft carries a sensor: it has no effect."""
    carried = {sensor for one in prospects.scenario.aircraft.values() for sensor in one.sensors}
    for name in prospects.scenario.sensors:
        if name not in carried:
            yield Found(("sensors", name), "nobody carries it", "sensors of an aircraft")


@rule(DOUBTFUL)
def sensor_adds_nothing(prospects: Prospects) -> Iterator[Found]:
    """A sensor cannot see any vessel while the aircraft that carry it are on station: it has no effect."""
    for name, one in prospects.scenario.aircraft.items():
        lights = set[bool]().union(*(patrol.lights() for patrol in prospects.flown(name)))
        if not lights or not prospects.everything or not prospects.sight_nmi(one, prospects.everything, lights):
            continue
        for at, sensor in enumerate(one.sensors):
            spec = prospects.scenario.sensors[sensor]
            if not spec.receives_ais and not prospects.range_nmi(spec, one.altitude_ft, prospects.everything, lights):
                when = "on station by night only" if lights == {False} else "in this weather"
                yield Found(
                    ("aircraft", name, "sensors", at), f"{sensor} never sees a vessel {when}", f"sensors.{sensor}"
                )


@rule(DOUBTFUL)
def ais_adds_nothing(prospects: Prospects) -> Iterator[Found]:
    """An AIS receiver is carried where every transfer is dark and no priority counts that.

    It leads to other ships only.
    """
    dark = all(spec.dark_share == 1.0 for spec in prospects.scenario.transfers.values())
    for name, one in investigators(prospects):
        rules = one.identification.priority if one.identification else None
        heeds = rules is not None and (rules.dark or rules.suspect or rules.listed)
        if dark and not heeds:
            for at, sensor in enumerate(one.sensors):
                if prospects.scenario.sensors[sensor].receives_ais:
                    said = (
                        f"{sensor}: every transfer is dark, and no priority heeds that: it leads to other ships alone"
                    )
                    yield Found(("aircraft", name, "sensors", at), said, "identification.priority.dark, or dark_share")


@rule(DOUBTFUL)
def size_unknown(prospects: Prospects) -> Iterator[Found]:
    """A sensor depends on the size of vessels, but no vessel has a class: its law holds unchanged."""
    if any(one.hulls for one in prospects.sources):
        return
    for name, sensor in carried(prospects):
        if sensor.size_key and getattr(sensor, sensor.size_key) is not None:
            said = "no transfer or background names a class of vessels: it changes nothing"
            yield Found(("sensors", name, sensor.size_key), said, "[vessels]")


@rule(DOUBTFUL)
def looks_too_rare(prospects: Prospects) -> Iterator[Found]:
    """The looks of a `scan` sensor are farther apart in time than any vessel stays in range.

    Most often a mistake of unit.
    """
    for name, one in prospects.scenario.aircraft.items():
        for sensor in one.sensors:
            law = prospects.scenario.sensors[sensor].nominal_law
            if law.seconds_between_looks > 0.0 and prospects.flown(name):
                hours, interval = 2.0 * law.reach_nmi / one.search_speed_kn, law.seconds_between_looks
                if interval > hours * SECONDS_PER_HOUR:
                    said = f"{name} passes through its range in {hours * SECONDS_PER_HOUR:.0f} s at most"
                    yield Found(("sensors", sensor, "law", "look_interval_s"), said, "seconds, not minutes")
