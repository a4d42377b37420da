"""The buttons of a case page against the truth: what the services themselves would answer, over whole histories."""

import pytest

from contracts.rechten import HANDELINGEN, Relatie, find_handeling, may
from services.monitoring.domain.mogelijkheden import (
    DOET,
    NIET_OP_DE_CASUSBLADZIJDE,
    REGELS,
    mogelijkheden,
)
from services.runtime.unit.decision import Refused
from tests.unit.monitoring.geschiedenis import PLACES, VORM_OF, Geschiedenis, live

SEEDS = range(8)
STEPS = 12

WEL_MAAR_NIET_GETOOND = {
    "meldpuntmelding-overnemen": "wie gevraagd is aanvaardt het aanbod zelf, met `casus-oppakken`",
    "casus-sluiten": "",
}


def test_every_act_has_a_rule_or_a_reason() -> None:
    assert set(REGELS) | set(NIET_OP_DE_CASUSBLADZIJDE) == {one.naam for one in HANDELINGEN}
    assert not set(REGELS) & set(NIET_OP_DE_CASUSBLADZIJDE)
    assert set(DOET) <= set(REGELS)


@pytest.mark.parametrize("gemeente", PLACES)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_button_is_shown_for_exactly_what_can_be_done(seed: int, gemeente: str) -> None:
    """For a party of every kind, in every state that the case comes by."""
    geschiedenis = Geschiedenis(seed, gemeente)
    for step, _ in enumerate(live(geschiedenis, STEPS)):
        for partij in geschiedenis.personas:
            wrong = [line for line in _compare(geschiedenis, partij)]
            assert wrong == [], f"na {step} stappen, voor {partij}"


def _compare(geschiedenis: Geschiedenis, partij: str) -> list[str]:
    shown = {
        (item.naam, item.over_id): item.waarom_niet
        for item in mogelijkheden(geschiedenis.look(partij))
        if _may(item.naam, item.relaties)
    }
    found = []
    for naam in VORM_OF:
        for over in geschiedenis.things(find_handeling(naam)):
            answer = geschiedenis.try_out(naam, over, partij)
            found += _wrong(naam, over, answer, shown)
    return found


def _may(naam: str, relaties: frozenset[Relatie]) -> bool:
    daad = find_handeling(naam).daad
    return daad is not None and may(daad, relaties)


def _wrong(naam, over, answer, shown):
    key = (naam, over)
    has_button = key in shown and shown[key] is None
    if isinstance(answer, Refused):
        assert answer.status != 400, (naam, answer)
        return [f"{naam}: knop, maar {answer.status} {answer.problems}"] if has_button else []
    does = bool(answer.events or answer.requests)
    return [f"{naam}: kan, maar geen knop"] if does and key not in shown else []
