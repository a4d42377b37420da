"""For whom a case asks: what people are told is meant for those who are there for children, for adults, or for both."""

import pytest

from contracts.messages.notifier import Doelgroep, NotificatieGevraagd
from contracts.messages.triage import MeldingOntvangen
from tests.unit.monitoring.casusloop import Casusloop
from tests.unit.monitoring.verhalen import ONTVANGEN, Verhaal, at


def melding(*, kind: bool) -> MeldingOntvangen:
    return Verhaal().melding().model_copy(update={"minderjarigen_betrokken": kind})


def told_after(*events: MeldingOntvangen) -> set[Doelgroep]:
    loop = Casusloop(ONTVANGEN)
    loop.deliver(*events, Verhaal().aangemaakt(at("03-02 10:00")), Verhaal().afgeleverd(at("03-02 10:00")))
    loop.move_to(at("03-20 09:00"))
    told = {event.doelgroep for event in loop.events if isinstance(event, NotificatieGevraagd)}
    assert told, "nobody was told anything"
    return told


@pytest.mark.parametrize(("kind", "doelgroep"), [(True, Doelgroep.JEUGD), (False, Doelgroep.VOLWASSENEN)])
def test_a_child_among_those_involved_makes_it_a_case_of_jeugd(*, kind: bool, doelgroep: Doelgroep) -> None:
    """D11: the right one depends on youth or adults."""
    assert told_after(melding(kind=kind)) == {doelgroep}
    assert told_after(melding(kind=kind), melding(kind=kind)) == {doelgroep}


def test_a_case_that_asks_for_both_is_told_to_both_in_whatever_order_it_was_heard() -> None:
    child, adults = melding(kind=True), melding(kind=False)
    for heard in ((child, adults), (adults, child), (adults, child, adults)):
        assert told_after(*heard) == {Doelgroep.ALLE}


def test_of_a_case_of_which_that_is_not_known_everybody_is_told() -> None:
    assert told_after() == {Doelgroep.ALLE}
