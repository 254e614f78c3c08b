"""The figures of the page on inference, measured again, and what they must be."""

import pytest

from tools.inference_ranks import CASES, PAGE, figures, table_of

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("case", CASES)
def test_ranks_are_uniform_and_intervals_hold_as_the_page_says(case):
    rows = figures(case)
    assert len(rows) >= 2
    for row in rows:
        assert row.deployments >= 1000
        assert row.uniform > 1e-3
        error = (0.05 * 0.95 / row.deployments) ** 0.5
        assert abs(row.central - 0.95) < 3.0 * error
        assert row.covered > 0.95 - 3.0 * error  # whole numbers are held more often than 95 %
    for line in table_of(rows).splitlines()[2:]:
        assert line in PAGE.read_text(encoding="utf-8")
