"""The command that writes map layers: every format, and the guide from an area that is drawn to the map."""

import json
import re
import shlex
from pathlib import Path

import pytest

from sim.cli.main import main
from sim.study.export.formats import formats
from sim.study.export.kinds import LAYERS
from tests.helpers import arguments_of, call_seasweep

PAGE = Path(__file__).parents[2] / "docs/guides/maps.md"


@pytest.mark.parametrize("ending", list(formats()))
def test_every_format_is_written_by_the_command(charted, scratch, ending):
    form = formats()[ending]
    names = [name for name, kind in LAYERS.items() if not kind.is_asked_for]
    files = [f"map{ending}"] if form.holds_layers else [f"map-{name}{ending}" for name in names]
    answer = call_seasweep("export", charted, "--to", f"map{ending}")
    assert (answer.code, answer.out.split()) == (0, files)
    of = "of replication 0" if form.plays else "of 2 replications"
    assert re.fullmatch(rf"The rows of each layer, {of}: areas \(2\), .*, tips \([\d,]+\)\.\n", answer.err)
    assert sorted(path.name for path in scratch.iterdir()) == sorted(files)


def test_one_layer_is_written_to_the_file_that_is_named_and_replaces_it(charted, scratch):
    Path("bases.csv").write_text("an earlier one", encoding="utf-8")
    answer = call_seasweep("export", charted, "--to", "bases.csv", "--layer", "bases", "--layer", "bases")
    assert (answer.code, answer.out) == (0, "bases.csv\n")
    assert answer.err.startswith("The rows of each layer: bases (")
    assert Path("bases.csv").read_text(encoding="utf-8").startswith("base,lon,lat,wkt\nkadena,")


def test_coverage_is_written_if_it_is_asked_for(charted, scratch):
    words = ("--layer", "coverage", "--cells", "100", "--jobs", "1")
    answer = call_seasweep("export", charted, "--to", "map.geojson", *words)
    assert (answer.code, answer.out) == (0, "map.geojson\n")
    rows = json.loads(Path("map.geojson").read_bytes())["features"]
    assert answer.err == f"The rows of each layer: coverage ({len(rows)}).\n"
    assert {row["properties"]["layer"] for row in rows} == {"coverage"}


def test_the_help_names_every_format_and_layer(scratch):
    text = " ".join(call_seasweep("export", "--help").out.split())
    assert [ending for ending in formats() if f" {ending} (" not in text] == []
    assert ", ".join(LAYERS) in text


def test_the_commands_of_the_guide_run(scratch):
    page = PAGE.read_text(encoding="utf-8")
    (drawn,), (scenario,) = (re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL) for kind in ("json", "toml"))
    assert drawn == (PAGE.parent / "box.geojson").read_text(encoding="utf-8")
    Path("box.geojson").write_text(drawn, encoding="utf-8")
    Path("drawn.toml").write_text(scenario, encoding="utf-8")
    commands = re.findall(r"^seasweep (.*)$", page, re.MULTILINE) + re.findall(r"\| `seasweep (.*)` \|", page)
    assert len(commands) == 12
    fewer = [command.replace("--cells 1000", "--cells 100") for command in commands]
    assert [main(arguments_of(command)) for command in fewer] == [0] * len(commands)
    named = [words[words.index("--to") + 1] for words in map(shlex.split, commands) if "--to" in words]
    assert [name for name in named if not Path(name).exists()] == ["drawn.parquet"]
    assert Path("drawn-tracks.parquet").is_file()
