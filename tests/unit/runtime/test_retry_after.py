"""How long somebody asks us to wait, and what is not believed."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.outbound.retry_after import LONGEST, read_retry_after

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta(0)),
        ("999999999", LONGEST),
        ("Mon, 23 Nov 2026 13:00:00 GMT", timedelta(hours=1)),
        ("Monday, 23-Nov-26 13:00:00 GMT", timedelta(hours=1)),
        ("Mon, 23 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
    ],
)
def test_seconds_and_dates_are_honoured_within_a_day(value: str, wait: timedelta) -> None:
    """RFC 9110, 10.2.3."""
    assert read_retry_after(value, NOW) == wait


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "-5",
        "+5",
        "1.5",
        "1e3",
        "²",
        "\uff11\uff12\uff10",
        "9" * 5000,
        "120, 60",
        "120s",
        "straks",
        "Mon, 23 Nov 2026 13:00:00",
        "Mon, 23 Nov 2026 13:00:00 +9999999999",
        "Mon, 99 Nov 2026 99:00:00 GMT",
        "GMT",
        " GMT",
        ", GMT",
        "2026-11-23T13:00:00Z",
    ],
)
def test_any_other_form_is_as_if_nothing_was_said(value: str | None) -> None:
    assert read_retry_after(value, NOW) is None


@given(st.one_of(st.text(), st.text(alphabet="0123456789:,-+ GMTmonjaf").map(lambda text: text + " GMT")))
def test_whatever_is_said_it_is_read_without_an_accident(value: str) -> None:
    wait = read_retry_after(value, NOW)
    assert wait is None or timedelta(0) <= wait <= LONGEST


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  hypothesis gives it the zone
def test_every_date_as_servers_write_it_is_read(moment: datetime) -> None:
    written = format_datetime(moment.replace(microsecond=0, tzinfo=UTC), usegmt=True)
    wait = read_retry_after(written, NOW)
    assert wait is not None
    assert timedelta(0) <= wait <= LONGEST
