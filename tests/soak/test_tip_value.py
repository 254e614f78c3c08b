"""The gains of agreements beside the closed form of a tip, measured again."""

from pathlib import Path

import pytest

from sim import sweep
from tools.tip_value import HEAD, STUDY, rows

pytestmark = pytest.mark.soak
PAGE = Path(__file__).resolve().parents[2] / "docs/methods/sharing.md"


def test_the_gains_of_agreements_are_what_the_page_says():
    table = "\n".join([*HEAD, *rows(sweep(STUDY))])
    assert table in PAGE.read_text(encoding="utf-8")
