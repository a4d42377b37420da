"""The demo judges itself: these are the ways in which its data could break a promise, and it must see each of them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.demo.controle import Promise, _gaps, _more_than_one, _overdue  # pyright: ignore[reportPrivateUsage]
from lab.demo.stilte import Gekregen, count_per_day, too_much

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
END = START + timedelta(days=21)


def line(vanaf: datetime, geldt_tot: datetime | None, partij: str | None = "GM0758") -> Mapping[str, Any]:
    return {"vanaf": vanaf, "geldt_tot": geldt_tot, "partij": partij, "regel_id": "zicht"}


def later(days: int) -> datetime:
    return START + timedelta(days=days)


def test_a_ledger_without_a_gap_is_kept() -> None:
    """G3."""
    assert _gaps("casus", START, [line(START, later(2)), line(later(2), None)], END) == []


def test_a_moment_without_a_bearer_is_seen() -> None:
    gap = [line(START, later(2)), line(later(3), None)]
    assert len(_gaps("casus", START, gap, END)) == 1
    assert len(_gaps("casus", START, [], END)) == 1
    assert len(_gaps("casus", START, [line(later(1), None)], END)) == 1


def test_two_bearers_at_one_moment_are_seen() -> None:
    overlap = [line(START, later(3)), line(later(2), None)]
    assert len(_gaps("casus", START, overlap, END)) == 1


def test_nobody_bears_only_after_the_case_was_closed() -> None:
    closed = [line(START, later(4)), line(later(4), None, None)]
    assert _gaps("casus", START, closed, later(4)) == []
    assert len(_gaps("casus", START, closed, END)) == 1


def test_an_effect_that_happened_twice_is_named() -> None:
    """G2."""
    assert _more_than_one("mail", {"een": 1, "twee": 2}) == ["mail twee komt 2 keer voor"]


def test_a_term_that_should_have_passed_is_seen() -> None:
    """G4: due at this very moment counts as passed."""
    assert _overdue({"status": "lopend", "eindigt_op": END}, END)
    assert not _overdue({"status": "lopend", "eindigt_op": END + timedelta(seconds=1)}, END)
    assert not _overdue({"status": "verstreken", "eindigt_op": START}, END)


def test_a_promise_with_one_failure_is_broken() -> None:
    assert Promise("G1", "", "", ()).kept
    assert not Promise("G1", "", "", ("een melding is zoek",)).kept


def got(woorden: str, *, uur: int = 9, adres: str = "an@vt.example") -> Gekregen:
    return Gekregen(adres, START.replace(hour=uur), woorden)


def test_a_second_message_on_one_day_is_seen_also_in_a_list() -> None:
    """G10: a mail with a list is one message about each of its cases."""
    single, listed = got("Termijn nadert (HV-1A2B3C4D)"), got("2 berichten\n1. (HV-1A2B3C4D)\n2. (HV-5E6F7A8B)", uur=15)
    assert set(count_per_day([single, listed]).values()) == {1, 2}
    assert [*too_much(count_per_day([single, listed]))] == [
        "an@vt.example kreeg op 02-03 2 berichten over HV-1A2B3C4D",
    ]
    assert [*too_much(count_per_day([listed]))] == []


def test_a_crisis_another_day_and_another_person_do_not_count() -> None:
    """G10: in a crisis people are told as often as it takes."""
    told = got("Termijn nadert (HV-1A2B3C4D)")
    tomorrow = Gekregen(told.adres, told.op + timedelta(days=1), told.woorden)
    others = [got("CRISIS: nu (HV-1A2B3C4D)"), tomorrow, got(told.woorden, adres="bo@vt.example")]
    assert [*too_much(count_per_day([told, *others]))] == []
