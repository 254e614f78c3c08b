"""Rules of check about sensors: what they can detect, and which aircraft carry them."""

from collections.abc import Iterator

from sim.check.bounds import Bounds
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, Found, rule
from sim.core.units import SECONDS_PER_HOUR


@rule(SENSELESS)
def patrol_detects_nothing(bounds: Bounds) -> Iterator[Found]:
    """No sensor of a patrol can detect a vessel while it is on station, for example eyes alone by night.

    The patrol detects nothing.
    """
    targets = bounds.all_targets
    for patrol in bounds.patrols:
        lights, name = patrol.light_on_station(), patrol.spec.aircraft
        if lights and targets and bounds.detection_range_nmi(patrol.aircraft, targets, lights) == 0.0:
            sensors = ", ".join(patrol.aircraft.sensors)
            if lights == {False} and bounds.detection_range_nmi(patrol.aircraft, targets, {True}):
                problem = (
                    f"{patrol.name} is on station by night only, and the sensors of {name} ({sensors}) detect no "
                    "vessel by night, so it detects nothing."
                )
                advice = (
                    f"Change {patrol.takeoff_key[-1]}, or add a sensor that works by night to aircraft.{name}.sensors."
                )
                yield Found(patrol.takeoff_key, problem, advice)
            else:
                problem = f"The sensors of {name} ({sensors}) never detect a vessel, so {patrol.name} detects nothing."
                advice = f"Change the law of {' or '.join(f'sensors.{sensor}' for sensor in patrol.aircraft.sensors)}."
                yield Found(("aircraft", name, "sensors"), problem, advice)


@rule(NOTE)
def unused_sensor(bounds: Bounds) -> Iterator[Found]:
    """No aircraft carries a sensor, so it has no effect.

    It is a spare for a study or a variant, or it was forgotten.
    """
    carried = {name for name, _ in bounds.carried_sensors()}
    for name in bounds.scenario.sensors:
        if name not in carried:
            problem = f"No aircraft carries the sensor {name}, so it has no effect."
            advice = f"Leave it if a study puts it to use. Otherwise add {name} to an aircraft, or remove it."
            yield Found(("sensors", name), problem, advice)


@rule(DOUBTFUL)
def sensor_adds_nothing(bounds: Bounds) -> Iterator[Found]:
    """A sensor can detect no vessel while an aircraft that carries it is on station, so it has no effect there."""
    targets = bounds.all_targets
    for name, aircraft in bounds.scenario.aircraft.items():
        lights = set[bool]().union(*(patrol.light_on_station() for patrol in bounds.patrols_of(name)))
        if not lights or not targets or not bounds.detection_range_nmi(aircraft, targets, lights):
            continue
        for index, sensor in enumerate(aircraft.sensors):
            spec = bounds.scenario.sensors[sensor]
            if not spec.receives_ais and not bounds.sensor_range_nmi(spec, aircraft.altitude_ft, targets, lights):
                why = f"{name} is on station by night only" if lights == {False} else "of the weather that is stated"
                problem = (
                    f"On {name} the sensor {sensor} never detects a vessel because {why}, so it has no effect there."
                )
                advice = f"Change sensors.{sensor}, or remove {sensor} from aircraft.{name}.sensors."
                yield Found(("aircraft", name, "sensors", index), problem, advice)


@rule(DOUBTFUL)
def ais_adds_nothing(bounds: Bounds) -> Iterator[Found]:
    """An AIS receiver is carried, but every transfer is dark and no priority takes AIS into account.

    It leads only to other ships.
    """
    all_dark = all(source.dark_share == 1.0 for source in bounds.scenario.transfers.values())
    for name, aircraft in bounds.investigating_aircraft():
        priority = aircraft.identification.priority if aircraft.identification else None
        weighs_ais = priority is not None and (priority.dark or priority.suspect or priority.listed)
        if all_dark and not weighs_ais:
            for index, sensor in enumerate(aircraft.sensors):
                if bounds.scenario.sensors[sensor].receives_ais:
                    problem = (
                        f"The dark_share of every transfer is 1, and no priority of {name} weighs AIS, so the receiver "
                        f"{sensor} leads only to other ships."
                    )
                    advice = f"Set aircraft.{name}.identification.priority.dark above 0, or dark_share below 1."
                    yield Found(("aircraft", name, "sensors", index), problem, advice)


@rule(DOUBTFUL)
def size_unknown(bounds: Bounds) -> Iterator[Found]:
    """A sensor depends on the size of vessels, but no vessel has a class, so its law holds unchanged."""
    if any(hulls for source in bounds.vessel_sources for hulls in source.hull_sets):
        return
    for name, sensor in bounds.carried_sensors():
        if sensor.size_key and getattr(sensor, sensor.size_key) is not None:
            problem = (
                f"No transfer and no background names a class of vessels, so {sensor.size_key} has no effect: the size "
                "of every vessel is unknown."
            )
            advice = "Name classes of [vessels] in vessels of [transfers] or in vessel of [background]."
            yield Found(("sensors", name, sensor.size_key), problem, advice)


@rule(DOUBTFUL)
def length_unknown(bounds: Bounds) -> Iterator[Found]:
    """A satellite detects by length, but no transfer says of which classes its vessels are, so every length is unknown.

    The satellite then detects with its `probability` alone.
    """
    if any(source.hulls for source in bounds.scenario.transfers.values()):
        return
    for name, observer in bounds.scenario.observers.items():
        if getattr(observer, "by_length", None) is not None:
            problem = "No transfer names classes of vessels, so by_length has no effect: each length is unknown."
            yield Found(
                ("observers", name, "by_length"), problem, "Name classes of [vessels] in vessels of [transfers]."
            )


@rule(DOUBTFUL)
def looks_too_infrequent(bounds: Bounds) -> Iterator[Found]:
    """The looks of a `scan` sensor are farther apart in time than a still vessel of the reference size stays in range.

    This is most often a mistake of unit.
    """
    for name, aircraft in bounds.scenario.aircraft.items():
        for sensor in aircraft.sensors:
            law = bounds.scenario.sensors[sensor].nominal_law
            if law.seconds_between_looks > 0.0 and bounds.patrols_of(name):
                in_range_s = 2.0 * law.reach_nmi / aircraft.search_speed_kn * SECONDS_PER_HOUR
                if law.seconds_between_looks > in_range_s:
                    problem = (
                        f"A look takes place every {law.seconds_between_looks:g} s, but {name} passes through the "
                        f"range against a still vessel of the reference size in {in_range_s:.0f} s at most."
                    )
                    advice = f"Lower look_interval_s below {in_range_s:.0f}: it is in seconds, not minutes."
                    yield Found(("sensors", sensor, "law", "look_interval_s"), problem, advice)
