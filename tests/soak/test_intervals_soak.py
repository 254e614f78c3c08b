"""The figures of the page on intervals, measured again."""

import pytest

from tools.interval_coverage import CASES, figures, read_figures

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("name", CASES)
def test_the_coverage_of_intervals_is_what_the_page_says(name):
    """The random numbers are the same: only rounding may move an interval over the truth."""
    rows = [row for row in read_figures() if row.case == name]
    assert len(rows) == 25
    for row in rows:
        again = figures(row.case, row.chance, row.replications, row.studies)
        found = (again.covered, again.below, again.above, again.zero_width, again.absent)
        assert found == pytest.approx((row.covered, row.below, row.above, row.zero_width, row.absent), abs=0.001)
        assert again.width == pytest.approx(row.width, rel=1e-3)
