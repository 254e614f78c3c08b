"""How often the intervals of decisions hold the truth, as the page says, measured again."""

import re
from pathlib import Path

import pytest

from tools.decision_coverage import KINDS, coverage

pytestmark = pytest.mark.soak
PAGE = Path(__file__).resolve().parents[2] / "docs/methods/decisions.md"


@pytest.mark.parametrize("replications", [40, 200])
@pytest.mark.parametrize("kind", KINDS)
def test_the_coverage_of_intervals_is_what_the_page_says(kind, replications):
    """The random numbers are the same: only rounding may move an interval over the truth."""
    row = re.search(rf"^\| {kind} \| {replications} \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert row is not None
    said = [float(cell.removesuffix(" %")) for cell in row[1].split(" | ")]
    assert 100.0 * coverage(kind, replications) == pytest.approx(said, abs=0.6)
    assert min(said) > 90.0
