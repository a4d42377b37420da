"""The clock of the demo: it waits for the hub, and for whoever acts, however slow the machine is."""

from datetime import UTC, datetime, timedelta

from lab.demo.tempo import LEASH, Wachtklok
from services.runtime.process.clock import SystemKlok

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
LONG_AFTER = (SystemKlok().now() + timedelta(days=30)).timestamp()


def test_it_stands_at_the_start_until_it_may_go_on() -> None:
    klok = Wachtklok(START, speed=34_000)
    assert klok.now() == klok.shown_at(LONG_AFTER) == START


def test_a_machine_that_was_held_up_finds_it_no_further_than_it_was_allowed() -> None:
    klok = Wachtklok(START, speed=34_000)
    klok.allow(START + LEASH)
    assert klok.shown_at(LONG_AFTER) == START + LEASH


def test_it_never_goes_back() -> None:
    klok = Wachtklok(START, speed=34_000)
    klok.allow(START + 2 * LEASH)
    klok.allow(START + LEASH)
    assert klok.shown_at(LONG_AFTER) == START + 2 * LEASH


def test_who_sleeps_past_where_it_may_go_looks_again() -> None:
    """How long it will stand is not known, so the wait is neither nothing nor all of the time."""
    klok = Wachtklok(START, speed=34_000)
    assert 0 < klok.seconds_until(START + timedelta(seconds=1)) < 1
