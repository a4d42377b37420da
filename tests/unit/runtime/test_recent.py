"""A process remembers what it wrote last, for as long as the database says the same."""

from uuid import UUID

from contracts.messages.identifiers import CasusId
from services.runtime.unit.recent import Recent
from services.runtime.unit.writes import Case

ONE, TWO = CasusId(UUID(int=1)), CasusId(UUID(int=2))


def row(text: str) -> dict[str, object]:
    return {"tekst": text, "volgnummer": 3, "versie": 4}


def test_what_was_written_here_comes_back_with_the_numbers_of_the_database() -> None:
    recent: Recent[str] = Recent()
    state = "toestand"
    recent.remember([("tekst", Case(ONE, state, version=4, rows={}))])
    found = recent.recall(ONE, row("tekst"))
    assert found is not None
    assert found.state is state
    assert (found.sequence, found.version, found.stored, found.waiting) == (3, 4, True, [])
    assert recent.recall(TWO, row("tekst")) is None


def test_what_another_process_went_on_with_is_forgotten() -> None:
    recent: Recent[str] = Recent()
    recent.remember([("tekst", Case(ONE, "toestand", version=4))])
    assert recent.recall(ONE, row("andere tekst")) is None
    assert recent.recall(ONE, row("tekst") | {"versie": 5}) is None


def test_only_so_many_are_kept_the_latest_first() -> None:
    recent: Recent[str] = Recent(most=1)
    recent.remember([("een", Case(ONE, "a", version=4)), ("twee", Case(TWO, "b", version=4))])
    assert recent.recall(ONE, row("een")) is None
    assert recent.recall(TWO, row("twee")) is not None
