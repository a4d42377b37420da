"""The buttons of a case page against the truth: what the services themselves would answer, over whole histories."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest

from contracts.rechten import HANDELINGEN, find_handeling, may
from services.monitoring.domain.mogelijkheden import DOET, NIET_OP_DE_CASUSBLADZIJDE, REGELS, mogelijkheden
from services.runtime.unit.decision import Decision, Refused
from tests.unit.monitoring.geschiedenis import BEGINNINGS, PLACES, VORM_OF, Geschiedenis, live

STEPS = 8
SEEDS = (1,)
"""More of them: `range(40)` here. The same seed is the same history in both regions."""
FORM_IS_WRONG = 400
"""What was filled in does not fit: the act itself was not judged."""
OF_A_SIGNAAL = frozenset({"signaal-opstellen", "signaal-versturen", "signaal-beantwoorden"})
"""A signal is a case of its own, and drafting one asks the count of a party: `test_signalen` has them."""


def test_every_act_has_a_rule_or_a_reason() -> None:
    assert set(REGELS) | set(NIET_OP_DE_CASUSBLADZIJDE) == {one.naam for one in HANDELINGEN}
    assert not set(REGELS) & set(NIET_OP_DE_CASUSBLADZIJDE)
    assert set(DOET) <= set(REGELS)
    assert set(VORM_OF) == set(REGELS) - OF_A_SIGNAAL, "what is not tried out here is tried out nowhere"


@pytest.mark.parametrize("gemeente", PLACES)
@pytest.mark.parametrize("begin", BEGINNINGS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_button_is_shown_for_exactly_what_can_be_done(seed: int, begin: str, gemeente: str) -> None:
    """For a party of every kind, in every state that the case comes by; no button ends in 403, 404 or 409."""
    with closing(Geschiedenis(seed, gemeente)) as geschiedenis:
        for step, _ in enumerate(live(geschiedenis, STEPS, begin=begin)):
            for partij in geschiedenis.personas:
                wrong = [*_compare(geschiedenis, partij)]
                assert wrong == [], f"na {step} stappen, voor {partij}"


def _compare(geschiedenis: Geschiedenis, partij: str) -> Iterator[str]:
    found = mogelijkheden(geschiedenis.look(partij))
    shown = {
        (item.naam, item.over_id): item.waarom_niet
        for item in found
        if may(find_handeling(item.naam).daad, item.relaties)
    }
    for naam in VORM_OF:
        for over in geschiedenis.things(find_handeling(naam)):
            yield from _wrong(naam, over, geschiedenis.try_out(naam, over, partij), shown)


def _wrong(
    naam: str, over: UUID, answer: Decision[Any] | Refused, shown: Mapping[tuple[str, UUID], str | None]
) -> Iterator[str]:
    is_shown = (naam, over) in shown
    if isinstance(answer, Refused):
        if is_shown and shown[naam, over] is None and answer.status != FORM_IS_WRONG:
            yield f"{naam}: een knop, en dan {answer.status} {[problem.message for problem in answer.problems]}"
    elif (answer.events or answer.requests) and not is_shown:
        yield f"{naam}: dit kan, en er is geen knop en geen reden"
