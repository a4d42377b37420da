"""New identifiers: in the order of the Clock, and never the same."""

from datetime import UTC, datetime, timedelta

from contracts.messages.identifiers import moment_of
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.ids import Ids

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_identifiers_differ_also_beyond_one_helping_of_chance() -> None:
    new_id = Ids(VirtueleKlok(START))
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert {identifier.version for identifier in made} == {7}
    assert {moment_of(identifier) for identifier in made} == {START}
    spread = {identifier.int & 0xFF for identifier in made}, {(identifier.int >> 64) & 0xFFF for identifier in made}
    assert len(spread[0]) > 200
    assert len(spread[1]) > 1000


def test_later_identifiers_are_larger() -> None:
    klok = VirtueleKlok(START)
    new_id = Ids(klok)
    earlier = new_id()
    klok.move(timedelta(milliseconds=1))
    assert new_id() > earlier
