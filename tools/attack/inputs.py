"""Deep, huge and extreme inputs of the command line: what it is given, and the files that this names."""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import cos, pi, sin
from pathlib import Path
from typing import Any

from sim.scenario.digest import flat_toml
from sim.scenario.load import load_scenario

MOST_S = 2.0
_LONG = "x" * 900_000

Write = Callable[[Path], None]


@dataclass(frozen=True)
class HostileInput:
    """One input of the command line: its arguments, and the files that they name."""

    name: str
    arguments: tuple[str, ...]
    write: Write
    """Writes the files into an empty folder, in which the command is then called."""
    most_s: float = MOST_S
    """The seconds of CPU time in which the program must answer."""


# ---------------------------------------------------------------------------------------------------- inputs
def _scenario(name: str, *parts: str, parent: str = "textbook") -> HostileInput:
    """A scenario that extends an included one by parts of TOML."""
    return _file(name, f'extends = "{parent}"\n' + "\n".join(parts))


def _file(name: str, text: str | bytes) -> HostileInput:
    """A whole file that is checked as a scenario."""

    def write(folder: Path) -> None:
        (folder / "s.toml").write_bytes(text if isinstance(text, bytes) else text.encode())

    return HostileInput(name, ("check", "s.toml"), write)


def _beside(name: str, other: str, text: str | Callable[[], str], key: str) -> HostileInput:
    """A file that a scenario names by one key, `areas.box` or `environment.series`; its text may be made later."""

    def write(folder: Path) -> None:
        (folder / other).write_text(text if isinstance(text, str) else text(), encoding="utf-8")
        (folder / "s.toml").write_text(f'extends = "textbook"\n[{key}]\nfile = "{other}"\n', encoding="utf-8")

    return HostileInput(name, ("check", "s.toml"), write)


def _nothing(_folder: Path) -> None:
    """Write no file."""


def _sparse(folder: Path) -> None:
    """Write a file that takes no room on the disk, but 400 MB when it is read."""
    with (folder / "s.toml").open("wb") as file:
        file.truncate(400_000_000)


def _set(name: str, *sets: str, scenario: str = "textbook") -> HostileInput:
    """An included scenario, with keys set on the command line."""
    options = [word for text in sets for word in ("--set", text)]
    return HostileInput(name, ("check", scenario, *options), _nothing)


def _study(name: str, text: str) -> HostileInput:
    """A study that is swept; it must be refused before it begins."""

    def write(folder: Path) -> None:
        (folder / "study.toml").write_text(
            f'format = 1\nscenario = "textbook"\nreplications = 2\n{text}', encoding="utf-8"
        )

    return HostileInput(name, ("sweep", "study.toml", "--jobs", "1", "--out", "o"), write)


def _repeated(text: str, count: int) -> str:
    """Items of a list, all the same text."""
    return ", ".join([f'"{text}"'] * count)


def _tables(section: str, count: int, keys: str) -> str:
    """Many tables of one section."""
    return "\n".join(f"[{section}.n{number}]\n{keys}" for number in range(count))


def _deep() -> Iterator[HostileInput]:
    """Nesting, long numbers and long texts, which TOML allows."""
    for depth in (500, 100_000):
        yield _scenario(f"lists {depth:,} deep", "a = " + "[" * depth + "]" * depth)
        yield _scenario(f"tables {depth:,} deep", "a = " + "{ a = " * depth + "1" + " }" * depth)
        yield _scenario(f"a key of {depth:,} parts", ".".join(["a"] * depth) + " = 1")
        yield _scenario(f"a header of {depth:,} parts", "[" + ".".join(["a"] * depth) + "]\nb = 1")
        yield _set(f"--set a list {depth:,} deep", "title=" + "[" * min(depth, 60_000) + "]" * min(depth, 60_000))
        yield _set(f"--set a key of {depth:,} parts", ".".join(["a"] * min(depth, 60_000)) + "=1")
        yield _scenario(f"a polygon {depth:,} deep", "[areas.box]\npolygon = " + "[" * depth + "0.0, 1.0" + "]" * depth)
        nested = "[" * depth + "]" * depth
        text = f'{{"type": "Polygon", "coordinates": {nested}}}'
        yield _beside(f"GeoJSON {depth:,} deep", "a.geojson", text, "areas.box")
    for digits in (4_299, 5_000, 900_000):
        yield _scenario(f"an integer of {digits:,} digits", "duration_days = " + "9" * digits)
        yield _scenario(f"a number of {digits:,} decimals", "duration_days = 1." + "0" * digits)
        yield _scenario(f"a hexadecimal of {digits:,} digits", "duration_days = 0x" + "f" * digits)
        yield _set(f"--set an integer of {digits:,} digits", "duration_days=" + "9" * min(digits, 100_000))
    yield _beside("GeoJSON of an integer of 5,000 digits", "a.geojson", "9" * 5_000, "areas.box")
    yield _beside(
        "a CSV of an integer of 5,000 digits", "w.csv", "time_h,sea_state\n0," + "9" * 5_000, "environment.series"
    )
    yield _scenario("a title of 900 kB", f'title = "{_LONG}"')
    yield _scenario("a title of 900 kB of quotes", "title = '''" + '"' * 900_000 + "'''")
    yield _scenario("a title of 900 kB of backslashes", 'title = """' + "\\\\" * 450_000 + '"""')
    yield _scenario("a name of 900 kB", f'[routes.{_LONG}]\npattern = "barrier"')
    yield _scenario("a reference of 900 kB", f'[transfers.events]\narea = "{_LONG}"')
    yield _scenario("a zone of 900 kB", f'time_zone = "{_LONG}"')
    yield _scenario("a pattern of 900 kB", f'[routes.line]\npattern = "{_LONG}"')
    yield _scenario("an unknown key of 900 kB", "x" * 900_000 + " = 1")
    yield _scenario("a file name of 900 kB", f'[areas.box]\nfile = "{_LONG}"')
    yield _file("a parent of 900 kB", f'extends = "{_LONG}"')
    yield _file("only a comment of 900 kB", "#" * 900_000)
    yield _file("900,000 blank lines", "\n" * 900_000)
    yield _file("900,000 NUL bytes", b"\0" * 900_000)
    yield _file("UTF-16", 'extends = "textbook"'.encode("utf-16"))
    yield HostileInput("400 MB without a key", ("check", "s.toml"), _sparse)
    yield HostileInput("an endless file", ("check", "/dev/zero"), _nothing)
    yield HostileInput("a name of 900 kB as scenario", ("check", "x" * 90_000), _nothing)


def _many_parts() -> Iterator[HostileInput]:
    """More parts, items and errors than anybody would write."""
    barrier = 'pattern = "barrier"\nline = [[126.5, 26.9], [127.0, 26.9]]\n'
    patrol = 'aircraft = "searcher"\nbase = "field"\nroutes = ["line"]\nfirst_takeoff_h = 12.0\nevery_h = 24.0\n'
    box = "polygon = [[126.4, 26.6], [127.1, 26.6], [127.1, 27.2], [126.4, 27.2]]\n"
    away = "polygon = [[124.4, 24.6], [124.5, 24.6], [124.5, 24.7]]\n"
    transfer = 'area = "box"\nper_month = 1.0\nduration_h = 4.0\n'
    ships = 'area = "box"\npresent = 1.0\nspeed_kn = 10.0\n'
    radar = 'kind = "radar"\nlaw = { kind = "definite_range", range_nmi = 15.0, probability = 0.75 }\n'
    base = "position = [127.77, 26.36]\n"
    for count in (400, 2_000, 100_000):
        yield _scenario(f"{count:,} routes", _tables("routes", count, barrier))
        yield _scenario(f"{count:,} patrols", _tables("patrols", count, patrol))
        yield _scenario(f"{count:,} areas", _tables("areas", count, box))
        yield _scenario(f"{count:,} zones", _tables("zones", count, away))
        yield _scenario(f"{count:,} sources of transfers", _tables("transfers", count, transfer))
        yield _scenario(f"{count:,} sources of ships", _tables("background", count, ships))
        yield _scenario(f"{count:,} sensors", _tables("sensors", count, radar))
        yield _scenario(f"{count:,} bases", _tables("bases", count, base))
        yield _scenario(
            f"{count:,} classes of vessels", _tables("vessels", count, "length_m = 100.0\nrcs_m2 = 100.0\n")
        )
        yield _scenario(f"{count:,} nations", _tables("nations", count, "cell = { lasts_h = 6.0 }\n"))
        yield _scenario(f"{count:,} intercepts", _tables("intercepts", count, "per_100_h = 1.0\ntime_h = 0.1\n"))
        names = ", ".join(f'"n{number}"' for number in range(count))
        yield _scenario(
            f"a group of {count:,} patrols",
            _tables("patrols", count, patrol),
            f'[groups.all]\npatrols = [{names}]\ndivide = "time"',
        )
        yield _scenario(f"a patrol of {count:,} routes", f"[patrols.daily]\nroutes = [{_repeated('line', count)}]")
        yield _scenario(f"{count:,} alternates", f"[patrols.daily]\nalternates = [{_repeated('field', count)}]")
        yield _scenario(f"{count:,} unknown keys", "\n".join(f"k{number} = 1" for number in range(count)))
        yield _scenario(f"{count:,} unknown tables", _tables("wrong", count, "a = 1"))
        yield _scenario(f"{count:,} empty routes", _tables("routes", count, ""))
        wrong = _repeated("x", count)
        yield _scenario(f"{count:,} wrong corners", f"[areas.box]\npolygon = [{wrong}]")
        yield _scenario(f"{count:,} wrong points", f"[routes.line]\nline = [{wrong}]")
        yield _scenario(f"{count:,} wrong routes", f"[patrols.daily]\nroutes = [{wrong}]")
        yield _scenario(f"{count:,} wrong hours", f"[environment.series]\ntime_h = [{wrong}]\nsea_state = [{wrong}]")
        points = ", ".join(f"[{126.5 + 0.4 * number / count:.6f}, 26.9]" for number in range(count))
        yield _scenario(f"a line of {count:,} points", f"[routes.line]\nline = [{points}]")
        table = ", ".join(str(number) for number in range(count))
        law = f'law = {{ kind = "lateral_range", distance_nmi = [{table}], detection_probability = [{table}] }}'
        yield _scenario(f"a law of {count:,} distances", f"[sensors.eye]\n{law}")
        chain = "\n".join(f"{part}.dwell_h = 1.0\n{part}.sea_state = 1" for part in (f"s{at}" for at in range(count)))
        yield _scenario(f"a process of {count:,} states", f"[environment.processes.sea]\n{chain}")
        times = min(count, 50_000)  # a command line holds no more
        yield HostileInput(f"--set {times:,} times", ("check", "textbook", *["--set", "title=x"] * times), _nothing)
    for count in (30, 200):
        yield _partners(f"{count} nations, agreements and observers", count)
    yield from _ancestors()


def _partners(name: str, count: int) -> HostileInput:
    """Nations that all have agreements with all, with observers, the reports of which may take any path."""
    nations = _tables("nations", count, "cell = { lasts_h = 6.0, spread_kn = 1.0 }\n")
    names = ", ".join(f'"n{number}"' for number in range(count))
    agreement = (
        f"nations = [{names}]\ndelay_h = 1.0\nrelease = 0.5\nthird_party_release = true\n"
        'ceiling = "secret"\nstate = "in_force"\n'
    )
    observers = "\n".join(
        f'[observers.o{number}]\nkind = "human"\nnation = "n{number}"\nprobability = 0.1\ndelay_h = 10.0\n'
        "position_error_nmi = 5.0\n"
        for number in range(count)
    )
    return _scenario(name, nations, _tables("agreements", count, agreement), observers)


def _ancestors() -> Iterator[HostileInput]:
    """Chains of scenarios that extend each other."""

    def chain(count: int, last: str) -> Write:
        def write(folder: Path) -> None:
            for number in range(count):
                parent = last if number == count - 1 else f"s{number + 1}.toml"
                name = "s.toml" if number == 0 else f"s{number}.toml"
                (folder / name).write_text(f'extends = "{parent}"\ntitle = "{number}"\n', encoding="utf-8")

        return write

    for count in (20, 1_000):
        yield HostileInput(f"{count:,} scenarios that extend each other", ("check", "s.toml"), chain(count, "textbook"))
        yield HostileInput(f"a circle of {count:,} scenarios", ("check", "s.toml"), chain(count, "s.toml"))


def _geometry() -> Iterator[HostileInput]:
    """Shapes that are large, tiny, thin or folded."""

    def ring(count: int, lon: float = 127.0, lat: float = 27.0, wave: float = 0.0) -> str:
        turns = [2.0 * pi * number / count for number in range(count)]
        radii = [0.5 * (1.0 + wave * (-1.0) ** number) for number in range(count)]
        return (
            "["
            + ", ".join(f"[{lon + r * cos(t):.7f}, {lat + r * sin(t):.7f}]" for t, r in zip(turns, radii, strict=True))
            + "]"
        )

    def geojson(count: int, wave: float) -> str:
        corners = ring(count, wave=wave)
        return f'{{"type": "Polygon", "coordinates": [{corners[:-1]}, {corners[1:].partition("]")[0]}]]]}}'

    for count in (1_000, 10_000, 300_000):
        for title, wave in (("a circle", 0.0), ("a saw blade", 0.5)):
            if count <= 10_000:
                corners = ring(count, wave=wave)
                yield _scenario(f"{title} of {count:,} corners", f"[areas.box]\npolygon = {corners}")
                yield _scenario(
                    f"{title} of {count:,} corners as a zone", f"[zones.z]\npolygon = {ring(count, 125.0, 25.0, wave)}"
                )
            yield _beside(
                f"{title} of {count:,} corners in GeoJSON",
                "a.geojson",
                partial(geojson, count, wave),
                "areas.box",
            )
    for count in (10, 40, 100, 400):
        zones = "\n".join(
            f"[zones.z{number}]\npolygon = {ring(20, 124.5 + number % 20 * 0.3, 24.5 + number // 20 * 0.3, 0.0)}"
            for number in range(count)
        )
        yield _scenario(f"{count} zones that overlap", zones)
        small = "\n".join(
            f"[zones.z{number}]\npolygon = [[{x:.3f}, {y:.3f}], [{x + 0.05:.3f}, {y:.3f}], [{x:.3f}, {y + 0.05:.3f}]]"
            for number in range(count)
            for x, y in [(126.42 + number % 20 * 0.035, 26.62 + number // 20 * 0.027)]
        )
        yield _scenario(f"{count} small zones in the area", small)
    yield _scenario("a polygon that crosses itself 10,000 times", f"[areas.box]\npolygon = {_star(10_001)}")
    yield _scenario(
        "a polygon that touches itself",
        "[areas.box]\npolygon = [[126, 26], [127, 26], [126.5, 26.5], [127, 27], [126, 27], [126.5, 26.5]]",
    )
    for width in (1e-3, 1e-6, 1e-9, 1e-12):
        lane = f"[[125.0, 25.0], [{125 + width!r}, 25.0], [130.0, 29.0], [{130 - width!r}, 29.0]]"
        yield _scenario(f"an area {width:g} degrees wide", f"[areas.box]\npolygon = {lane}")
        run = ("run", "s.toml", "--replications", "1", "--jobs", "1", "--out", "o")
        written = _scenario("", f"[areas.box]\npolygon = [[125.0, 25.0], [{125 + width!r}, 25.0], [130.0, 29.0]]").write
        yield HostileInput(f"a run over an area {width:g} degrees wide", run, written, 10.0)
        line = f"[[126.5, 26.9], [{126.5 + width!r}, 26.9]]"
        yield _scenario(f"a barrier of {width:g} degrees", f"[routes.line]\nline = {line}")
        written = _scenario("", f"[routes.line]\nline = {line}").write
        yield HostileInput(f"a run over a barrier of {width:g} degrees", run, written, 10.0)
        for keys in (
            f'pattern = "racetrack"\nline = {line}\nwidth_nmi = 0.0001\n',
            f'pattern = "track_line"\nwaypoints = {line}\n',
            f'pattern = "track_line"\nwaypoints = {line}\nspacing_nmi = {width!r}\n',
            f'pattern = "waypoints"\nwaypoints = {line}\n',
            f'pattern = "sector"\ndatum = [126.7, 26.9]\nradius_nmi = {width!r}\n',
            f'pattern = "expanding_square"\narea = "box"\nspacing_nmi = {width!r}\n',
            f'pattern = "expanding_square"\ndatum = [126.7, 26.9]\nspacing_nmi = {width!r}\nlegs = 100\n',
            f'pattern = "parallel_sweep"\narea = "box"\nspacing_nmi = {width!r}\n',
            f'pattern = "creeping_line"\narea = "box"\ntime_h = {width!r}\n',
        ):
            title = keys.partition("\n")[0].partition('"')[2].rstrip('"').replace("_", " ")
            yield _scenario(f"a {title} of {width:g}, {keys.count(chr(10))} keys", f"[routes.line]\n{keys}")
            written = _scenario("", f"[routes.line]\n{keys}").write
            yield HostileInput(f"a run over a {title} of {width:g}, {keys.count(chr(10))} keys", run, written, 10.0)


def _star(count: int) -> str:
    """A star polygon of an odd number of corners, each edge of which crosses nearly all others."""
    turns = [2.0 * pi * number * (count // 2) / count for number in range(count)]
    return "[" + ", ".join(f"[{127 + 0.5 * cos(t):.7f}, {27 + 0.5 * sin(t):.7f}]" for t in turns) + "]"


def _series() -> Iterator[HostileInput]:
    """Files of weather."""

    def rows(count: int) -> str:
        return "time_h,sea_state,visibility_nmi\n" + "".join(f"{hour},3,10\n" for hour in range(count))

    for count in (100_000, 2_000_000):
        yield _beside(f"a CSV of {count:,} rows", "w.csv", partial(rows, count), "environment.series")
    yield _beside("a CSV of 100,000 columns", "w.csv", ",".join(["time_h"] * 100_000), "environment.series")
    yield _beside(
        "a CSV of 1,000,000 cells in one row", "w.csv", "time_h,sea_state\n" + "1," * 1_000_000, "environment.series"
    )
    yield _beside(
        "a CSV with an open quote", "w.csv", 'time_h,sea_state\n"' + "1,2\n" * 1_000_000, "environment.series"
    )
    hours, states = (", ".join(str(at % most) for at in range(100_000)) for most in (100_000, 9))
    yield _scenario(
        "a series of 100,000 rows in a scenario", f"[environment.series]\ntime_h = [{hours}]\nsea_state = [{states}]"
    )


def _studies() -> Iterator[HostileInput]:
    """Studies of too many points, and factors of the wrong type."""
    factor = '[[vary]]\nkey = "routes.line.{key}"\nvalues = [{values}]\n'
    many = ", ".join(str(number) for number in range(100_000))
    yield _study("a factor of 100,000 levels", factor.format(key="spacing_nmi", values=many))
    thousand = ", ".join(map(str, range(1, 1001)))
    yield _study(
        "crossed factors, 10^9 points",
        "".join(
            f'[[vary]]\nkey = "patrols.daily.{key}"\nvalues = [{thousand}]\n'
            for key in ("every_h", "first_takeoff_h", "max_delay_h")
        ),
    )
    yield _study("10,000 factors", "".join(f'[[vary]]\nkey = "k{number}"\nvalues = [1]\n' for number in range(10_000)))
    yield _study("a factor of 10,000 wrong levels", factor.format(key="spacing_nmi", values=_repeated("x", 10_000)))
    ones = ", ".join(["1"] * 100_000)
    yield _study("a list of 100,000 wrong factors", f"vary = [{ones}]\n")
    yield _study("100,000 wrong measures", f"measures = [{ones}]\n" + factor.format(key="x", values="1"))
    settings = ", ".join(f'{{ label = "l{n}", set = {{ duration_days = 1 }} }}' for n in range(20_000))
    yield _study("20,000 settings", f'[[vary]]\nname = "a"\nsettings = [{settings}]\n')
    yield _study("a level 500 deep", factor.format(key="line", values="[" * 500 + "]" * 500))
    yield _study("a level of 900 kB", factor.format(key="line", values=f'"{_LONG}"'))


def _schedules() -> Iterator[HostileInput]:
    """Take-offs as many as may be, and far more."""
    key, ten_years = "patrols.daily.takeoff", "duration_days=3660"
    times = ", ".join(f'"{minute // 60:02}:{minute % 60:02}"' for minute in range(0, 1400, 14))
    yield _set("100 take-offs a day for ten years", f"{key}=[{times}]", ten_years)
    yield _set("a lot of 100 times a day for ten years", f"{key}={{ choose = [{times}] }}", ten_years)
    yield _set("10,000 wrong take-offs", f"{key}=[{_repeated('x', 10_000)}]")
    yield _set("a take-off of 900 kB", f'{key}="{_LONG[:90_000]}"')


def _options() -> Iterator[HostileInput]:
    """Options and times far from what anybody means."""
    run = ("run", "textbook", "--out", "o")
    huge = str(10**18)
    for option, value in (
        ("--only", str(2**31)), ("--only", str(2**63)), ("--only", str(2**64)), ("--only", huge * 100),
        ("--replications", huge), ("--replications", str(2**64)), ("--replications", huge * 300),
        ("--jobs", str(10**6)), ("--jobs", huge * 2), ("--keep", huge * 2), ("--level", "1e-300"),
        ("--seed", huge * 200), ("--seed", "9" * 5_000), ("--precision", "p_detected=5e-324"),
        ("--precision", "transfers=1e-300"),
    ):  # fmt: skip
        short = value if len(value) < 20 else f"{len(value):,} digits"
        count = () if option in ("--replications", "--only", "--precision") else ("--replications", "2")
        jobs = () if option == "--jobs" else ("--jobs", "1")
        most_s = 120.0 if option == "--precision" else 20.0  # 20,000 replications are made where none suffices
        yield HostileInput(f"{option} {short}", (*run, *jobs, *count, option, value), _nothing, most_s)
    for start in (
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+09:00",
        "9999-12-20T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
    ):
        yield _set(f"a start of {start}", f"start={start}")
        yield _set(f"a start of {start}, one day", f"start={start}", "duration_days=0.5")


def _costly() -> Iterator[HostileInput]:
    """Runs that would take hours, or more memory than there is: they must say so before they begin."""
    run = ("run", "--jobs", "1", "--replications", "1000000", "--out", "o")
    ten_years = "duration_days=3660"
    for name, scenario, sets in (
        ("ships that turn every millionth of a mile", "neon-spring", ["background.merchant.mean_leg_nmi=1e-9"]),
        ("ships that turn every 200 metres", "neon-spring", ["background.merchant.mean_leg_nmi=0.1", ten_years]),
        ("200,000 ships for ten years", "neon-spring", ["background.merchant.present=200000", ten_years]),
        ("100,000 transfers a month for ten years", "textbook", ["transfers.events.per_month=1e5", ten_years]),
        ("a sortie every six minutes for ten years", "textbook", ["patrols.daily.every_h=0.1", ten_years]),
    ):
        options = [word for text in sets for word in ("--set", text)]
        yield HostileInput(f"{name}, 1,000,000 times", (run[0], scenario, *run[1:], *options), _nothing)


EXTREMES = (
    "nan", "inf", "-inf", "-0.0", "0", "-1", "5e-324", "1e-300", "1e-9", "1e9", "1e308", str(2**63), str(10**40),
)  # fmt: skip


def number_keys(data: Any, at: tuple[str, ...] = ()) -> Iterator[str]:
    """The dotted keys of all numbers in the tables of a scenario."""
    for key, value in data.items() if isinstance(data, dict) else ():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield ".".join((*at, key))
        yield from number_keys(value, (*at, key))


def extreme_numbers(scenarios: Sequence[str] = ("neon-partners", "neon-two", "textbook")) -> Iterator[HostileInput]:
    """Every number of some included scenarios, set to each of `EXTREMES`."""
    seen = set[str]()
    for scenario in scenarios:
        for key in number_keys(tomllib.loads(flat_toml(load_scenario(scenario)))):
            if key in seen:
                continue
            seen.add(key)
            for value in EXTREMES:
                yield _set(
                    f"{scenario}: {key} = {value if len(value) < 24 else f'{len(value)} digits'}",
                    f"{key}={value}",
                    scenario=scenario,
                )


def hostile_inputs() -> Iterator[HostileInput]:
    """All inputs but the extreme numbers, kind by kind."""
    for kind in (_deep, _many_parts, _geometry, _series, _studies, _schedules, _options, _costly):
        yield from kind()
