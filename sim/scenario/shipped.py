"""The list of the included scenarios, studies, types of aircraft and lanes. Their files are read; tests check them."""

from sim.scenario.files import (
    find_scenario,
    find_shipped,
    lane_library,
    library,
    read_toml,
    shipped_names,
    with_ancestors,
)
from sim.scenario.tables import Column, Page, Table, titled_table


def shipped_tables() -> Page:
    """Tables of the scenarios, the studies, the types of aircraft and the lanes that are included."""
    title = Column("title", omit_order=1)
    scenarios = Table("scenarios", (Column("scenario", wraps=False), title, Column("what it is about")))
    for name in shipped_names():
        keys = {key: value for file in with_ancestors(find_scenario(name)) for key, value in file.data.items()}
        scenarios.add_row(name, keys["title"], keys.get("summary", ""))
    studies = Table("studies", (Column("study", wraps=False), Column("title"), Column("scenario", wraps=False)))
    for name in shipped_names("studies"):
        data, _ = read_toml(find_shipped(name, "studies", "STUDY"))
        studies.add_row(name, str(data.get("title", "")), str(data.get("scenario", "")))
    types = titled_table("", "aircraft type", "title", "transit, kn", "search, kn", "endurance, h", name="aircraft")
    for name, aircraft in library().items():
        numbers = (aircraft[key] for key in ("transit_speed_kn", "search_speed_kn", "endurance_h"))
        types.add_row(name, aircraft["title"], *numbers)
    lanes = titled_table("", "lane", "title", "ships a day", "spread, nmi", name="lanes")
    for name, lane in lane_library().items():
        lanes.add_row(name, lane["title"], lane["per_day"], lane["spread_nmi"])
    return Page([scenarios, studies, types, lanes])
