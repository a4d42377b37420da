"""What others say of a party is no act of its own: not where it bears zicht, and not where the case is closed on it."""

from itertools import permutations

import pytest

from contracts.afspraken import Termijnstatus
from contracts.messages.documenten import Aanvaardingsbewijs
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.triage import Besluit
from services.monitoring.domain.relaties import stands_by_proof
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.domain.zicht import zicht_at
from tests.unit.monitoring.casusloop import VT, Casusloop
from tests.unit.monitoring.verhalen import ONTVANGEN, Verhaal, at

VERHAAL = Verhaal(partij="safegroup")
OFFER = {"aangeboden_door": VT}
AANGEBODEN = VERHAAL.aangemaakt(at("03-02 10:00")).model_copy(update=OFFER)
BEWIJS = VERHAAL.opgepakt(at("03-02 10:30")).model_copy(
    update=OFFER | {"bewijs": Aanvaardingsbewijs(functie="hoofd opvang", op=at("03-02 10:30"))}
)
ZELF = VERHAAL.opgepakt(at("03-02 12:00")).model_copy(update=OFFER)
BETWIST = VERHAAL.geweigerd(at("03-04 12:00")).model_copy(update=OFFER | {"betwist": True})
GEEN_VERVOLG = VERHAAL.besluit(at("03-03 10:00"), Besluit.GEEN_VERVOLG)


def after(*events: Gebeurtenis) -> Toezicht:
    loop = Casusloop(now=at("03-05 09:00"))
    loop.deliver(VERHAAL.melding(ONTVANGEN), *events)
    return loop.toezicht


def bearer(toezicht: Toezicht, op: str) -> str | None:
    found = zicht_at(toezicht.zicht, at(op))
    return None if found is None else found.partij


@pytest.mark.parametrize("order", [*permutations((AANGEBODEN, BEWIJS, ZELF))])
def test_in_whatever_order_it_is_heard_the_party_bears_it_since_others_said_so(order: tuple[Gebeurtenis, ...]) -> None:
    toezicht = after(*order)
    assert (bearer(toezicht, "03-02 10:15"), bearer(toezicht, "03-02 11:00")) == (VT, "safegroup")
    assert not stands_by_proof(toezicht, "safegroup")
    (asked,) = (item for item in toezicht.termijnen.values() if item.regel_id == "aanbod-beantwoorden")
    assert (asked.status, asked.gehaald_op) == (Termijnstatus.GEHAALD, at("03-02 12:00"))


@pytest.mark.parametrize("order", [*permutations((AANGEBODEN, BEWIJS, GEEN_VERVOLG, BETWIST))])
def test_a_case_that_was_closed_on_the_word_of_another_is_open_once_that_is_contradicted(
    order: tuple[Gebeurtenis, ...],
) -> None:
    """G3, G10: zicht never left Veilig Thuis, and no term is decided by a closure that is none."""
    toezicht = after(*order)
    assert bearer(toezicht, "03-02 11:00") == VT
    assert bearer(toezicht, "03-05 09:00") == VT
    assert toezicht.sluitreden is None


def test_a_case_that_was_closed_before_others_said_anything_stays_closed() -> None:
    closed = VERHAAL.besluit(at("03-02 10:20"), Besluit.GEEN_VERVOLG)
    assert bearer(after(AANGEBODEN, closed, BEWIJS, BETWIST), "03-05 09:00") is None


def test_what_is_heard_after_a_case_was_closed_starts_nothing() -> None:
    own = Verhaal()
    loop = Casusloop(now=at("03-05 09:00"))
    closed = own.besluit(at("03-03 10:00"), Besluit.GEEN_VERVOLG)
    loop.deliver(own.melding(ONTVANGEN), own.aangemaakt(at("03-02 10:00")), closed, own.geweigerd(at("03-04 12:00")))
    running = [item.regel_id for item in loop.toezicht.termijnen.values() if item.status is Termijnstatus.LOPEND]
    assert running == []
    assert [name for name in loop.timers if not name.startswith("zicht:")] == []
