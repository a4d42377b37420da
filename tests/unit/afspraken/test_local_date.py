"""Which day it is in Amsterdam."""

from datetime import UTC, date, datetime

import pytest

from contracts.afspraken import local_date


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 1, 1, 22, 30, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 1, 1, 23, 0, tzinfo=UTC), date(2026, 1, 2)),
    ],
)
def test_the_day_changes_at_midnight_in_amsterdam(moment: datetime, day: date) -> None:
    assert local_date(moment) == day
