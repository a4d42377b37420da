"""The buttons of a case page against the truth: what the services themselves would answer, over whole histories."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest

from contracts.afspraken import Drager, Rol
from contracts.rechten import HANDELINGEN, HUB, WERKT_BIJ, Relatie, acts_of, find_handeling, may
from services.monitoring.domain.mogelijkheden import (
    DOET,
    NIET_OP_DE_CASUSBLADZIJDE,
    REGELS,
    Mogelijkheid,
    mogelijkheden,
)
from services.runtime.unit.decision import Decision, Refused
from tests.scenarios.geschiedenis import BEGINNINGS, PLACES, VORM_OF, Geschiedenis, live

STEPS = 8
SEEDS = (1,)
"""More of them: `range(40)` here. The same seed is the same history in both regions."""
FORM_IS_WRONG = 400
"""What was filled in does not fit: the act itself was not judged."""
OF_A_SIGNAAL = frozenset({"signaal-opstellen", "signaal-versturen", "signaal-beantwoorden"})
"""A signal is a case of its own, and drafting one asks the count of a party: `test_signalen` has them."""

_Tried = tuple[str, Rol, str, frozenset[Relatie]]
"""A party, one of its roles, an act, and how the party stands to the thing."""
_Shown = Mapping[tuple[str, UUID], str | None]
VT = "veilig-thuis-x"


def test_every_act_has_a_rule_or_a_reason() -> None:
    assert set(REGELS) | set(NIET_OP_DE_CASUSBLADZIJDE) == {one.naam for one in HANDELINGEN}
    assert not set(REGELS) & set(NIET_OP_DE_CASUSBLADZIJDE)
    assert set(DOET) <= set(REGELS)
    assert set(VORM_OF) == set(REGELS) - OF_A_SIGNAAL, "what is not tried out here is tried out nowhere"


@pytest.mark.parametrize("gemeente", PLACES)
@pytest.mark.parametrize("begin", BEGINNINGS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_button_is_shown_for_exactly_what_can_be_done(seed: int, begin: str, gemeente: str) -> None:
    """For a party of every kind and its people in every role, in every state that the case comes by.

    No button ends in 403, 404 or 409.
    """
    tried = set[_Tried]()
    with closing(Geschiedenis(seed, gemeente)) as geschiedenis:
        for step, _ in enumerate(live(geschiedenis, STEPS, begin=begin)):
            for partij in geschiedenis.personas:
                wrong = [*_compare(geschiedenis, partij, tried)]
                assert wrong == [], f"na {step} stappen, voor {partij}"


def test_the_roles_that_are_compared_are_all_that_there_are() -> None:
    assert {rol for rollen in map(_roles, ("GM0758", VT, "meldpunt-x", "ggz-x", HUB)) for rol in rollen} == set(Rol)


def _roles(partij: str) -> list[Rol]:
    """The roles that people have at a party of this kind."""
    if partij == HUB:
        return [Rol.BEHEERDER]
    kinds = {"GM": {Drager.LOKAAL_TEAM, Drager.GEMEENTE}, "ve": {Drager.VEILIG_THUIS}, "me": {Drager.MELDPUNT}}
    here = kinds.get(partij[:2], {Drager.KETENPARTNER})
    return [rol for rol in Rol if here & WERKT_BIJ[rol]]


def _compare(geschiedenis: Geschiedenis, partij: str, tried: set[_Tried]) -> Iterator[str]:
    items = mogelijkheden(geschiedenis.look(partij))
    shown = _shown(items, None)
    relaties = {(item.naam, item.over_id): item.relaties for item in items}
    can: list[tuple[str, UUID]] = []
    for naam in VORM_OF:
        for over in geschiedenis.things(find_handeling(naam)):
            answer = geschiedenis.try_out(naam, over, partij)
            yield from _wrong(naam, over, answer, shown)
            if isinstance(answer, Decision):
                can.append((naam, over))
    for rol in _roles(partij):
        new = {(partij, rol, act[0], relaties.get(act, frozenset[Relatie]())): act for act in can}
        fresh = [act for key, act in new.items() if key not in tried]
        tried.update(new)
        if fresh:
            told = _compare_person(geschiedenis, partij, rol, fresh, relaties.keys())
            yield from (f"{rol}: {wrong}" for wrong in told)


def _compare_person(
    geschiedenis: Geschiedenis,
    partij: str,
    rol: Rol,
    can: Collection[tuple[str, UUID]],
    by_party: Collection[tuple[str, UUID]],
) -> Iterator[str]:
    """A person never may more than its party, so what the party can is tried: once in a history for each relation."""
    rollen = frozenset({rol})
    shown = _shown(mogelijkheden(geschiedenis.look(partij, rollen)), rollen)
    yield from (f"{naam}: niet voor de partij, wel voor haar mensen" for naam, _ in shown.keys() - by_party)
    for naam, over in can:
        is_let_in = find_handeling(naam).daad in acts_of(rollen)
        answer = geschiedenis.try_out(naam, over, partij, rollen) if is_let_in else _NOT_LET_IN
        yield from _wrong(naam, over, answer, shown)


_NOT_LET_IN = Refused(403, "Geen toegang", (), "rol-ontbreekt")


def _shown(items: Collection[Mogelijkheid], rollen: frozenset[Rol] | None) -> _Shown:
    return {
        (item.naam, item.over_id): item.waarom_niet
        for item in items
        if may(find_handeling(item.naam).daad, item.relaties, rollen)
    }


def _wrong(naam: str, over: UUID, answer: Decision[Any] | Refused, shown: _Shown) -> Iterator[str]:
    is_shown = (naam, over) in shown
    if isinstance(answer, Refused):
        if is_shown and shown[naam, over] is None and answer.status != FORM_IS_WRONG:
            yield f"{naam}: een knop, en dan {answer.status} {[problem.message for problem in answer.problems]}"
    elif (answer.events or answer.requests) and not is_shown:
        yield f"{naam}: dit kan, en er is geen knop en geen reden"
