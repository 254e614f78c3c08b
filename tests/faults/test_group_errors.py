"""Groups with a patrol twice, patrols in two groups, and alternates that are none: one clear line each."""

from pathlib import Path

import pytest

from tests.faults.test_command_line import assert_refused

OTHER = '[patrols.other]\naircraft = "cp140"\nbase = "kadena"\nroutes = ["%s"]\nfirst_takeoff_h = 9.0\nevery_h = 24.0\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            OTHER % "search" + '[groups.one]\npatrols = ["aurora", "aurora"]\ndivide = "time"\n',
            ["groups.one.patrols", "each patrol once"],
        ),
        ('[groups.one]\npatrols = ["aurora"]\ndivide = "time"\n', ["groups.one.patrols", "at least 2"]),
        (
            OTHER % "search" + '[groups.one]\npatrols = ["aurora", "othr"]\ndivide = "time"\n',
            ["groups.one.patrols[1]", "did you mean other?"],
        ),
        (
            (OTHER + OTHER.replace("other", "third")) % ("search", "search")
            + '[groups.one]\npatrols = ["aurora", "other"]\ndivide = "time"\n'
            + '[groups.two]\npatrols = ["third", "other"]\ndivide = "area"\n',
            ["groups.two.patrols[1]", 'given "other"', "a patrol of no other group; it is already in groups.one"],
        ),
        ('[patrols.aurora]\nalternates = ["kadena"]\n', ["patrols.aurora.alternates", "bases other than kadena"]),
    ],
)
def test_what_cannot_be_divided_is_refused(seasweep, text, said):
    Path("mine.toml").write_text(f'extends = "neon-spring"\n{text}', encoding="utf-8")
    assert_refused(seasweep("check", "mine.toml"), "mine.toml:", *said)
