"""A besluit that nothing follows waits for what happens elsewhere: a step in a crisis, and whoever others say took over."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from contracts.messages.documenten import Aanvaardingsbewijs
from contracts.messages.doorgegeven import CrisisstapDoorgegeven
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.handover import OverdrachtGeweigerd, OverdrachtIngetrokken, OverdrachtOpgepakt, Weigeringscode
from contracts.messages.identifiers import derived_id
from contracts.messages.topics import Service
from contracts.messages.triage import Besluit
from services.runtime.unit.fold import Reply
from services.triage.domain.casus import Casus, Fase
from tests.unit.triage.road import VT_WB, Road, answer, case, example, refused

pytestmark = pytest.mark.anyio

AANBOD: UUID = derived_id("aanbod", "elders")


def offer(road: Road) -> dict[str, Any]:
    """What is told of the end of this offer, however it ended."""
    return {
        "overdracht_id": AANBOD,
        "melding_id": derived_id("melding", "elders"),
        "regio": "west-brabant",
        "gemeente": "GM0758",
        "partij": "safegroup",
        "aangeboden_door": VT_WB.partij,
        "melding_ontvangen_op": road.now,
    }


def besluit(kind: Besluit) -> dict[str, object]:
    changes = {"besluit": kind.value, "redenAfwijking": "Zo besloten.", "ontvangers": None}
    return example("triagebesluit", overdrachtsdocument=None, **changes)


def state(road: Road) -> Casus:
    return road.world.state(Service.TRIAGE, case("a"))


def step(road: Road) -> CrisisstapDoorgegeven:
    return CrisisstapDoorgegeven(regio="west-brabant", gemeente="GM0758", door=VT_WB.partij, gezet_op=road.now)


def accepted(road: Road, *, by_proof: bool) -> OverdrachtOpgepakt:
    return OverdrachtOpgepakt(
        overdracht_id=AANBOD,
        regio="west-brabant",
        gemeente="GM0758",
        partij="safegroup",
        aangeboden_door=VT_WB.partij,
        melding_ontvangen_op=road.now,
        opgepakt_op=road.now,
        opgepakt_door="safegroup",
        bewijs=Aanvaardingsbewijs(functie="hoofd opvang", op=road.now) if by_proof else None,
    )


def taken_back(road: Road) -> OverdrachtIngetrokken:
    return OverdrachtIngetrokken(
        **offer(road),
        ingetrokken_op=road.now,
        ingetrokken_door=VT_WB.partij,
        betwist=True,
    )


def contradicted(road: Road) -> OverdrachtGeweigerd:
    return OverdrachtGeweigerd(
        **offer(road),
        geweigerd_op=road.now,
        geweigerd_door="safegroup",
        code=Weigeringscode.NIET_PASSEND,
        betwist=True,
    )


async def hear(road: Road, event: Gebeurtenis) -> None:
    await road.triage(case("a"), event)
    await road.pass_time(minutes=1)


async def end(road: Road) -> Reply:
    return await road.decide(body=besluit(Besluit.GEEN_VERVOLG))


async def test_an_acute_crisis_without_a_next_step_is_not_ended() -> None:
    """Nor after an overleg, which decides nothing; a step that monitoring tells of is enough."""
    road = Road()
    await road.meld()
    await hear(road, step(road))
    answer(await road.decide(body=besluit(Besluit.ACUTE_CRISIS)))
    assert refused(await end(road)).code == "crisis-zonder-stap"
    answer(await road.decide(body=besluit(Besluit.OVERLEG)))
    assert refused(await end(road)).code == "crisis-zonder-stap"
    await hear(road, step(road))
    assert answer(await end(road))["status"] == "geen-vervolg"


async def test_a_party_that_takes_a_crisis_over_itself_is_its_next_step() -> None:
    road = Road()
    await road.meld()
    answer(await road.decide(body=besluit(Besluit.ACUTE_CRISIS)))
    await hear(road, accepted(road, by_proof=True))
    assert refused(await end(road)).code == "niet-bevestigd"
    await hear(road, accepted(road, by_proof=False))
    assert answer(await end(road))["status"] == "geen-vervolg"


async def test_what_a_party_contradicts_leaves_the_crisis_as_it_was() -> None:
    road = Road()
    await road.meld()
    answer(await road.decide(body=besluit(Besluit.ACUTE_CRISIS)))
    await hear(road, accepted(road, by_proof=True))
    await hear(road, contradicted(road))
    assert refused(await end(road)).code == "crisis-zonder-stap"


@pytest.mark.parametrize("ends", [contradicted, taken_back])
async def test_what_was_ended_on_a_word_that_proves_untrue_is_weighed_again(
    ends: Callable[[Road], Gebeurtenis],
) -> None:
    """The proof was heard of after the besluit, and is from before it."""
    road = Road()
    await road.meld()
    proof = accepted(road, by_proof=True)
    await road.pass_time(minutes=1)
    answer(await end(road))
    await hear(road, proof)
    await hear(road, ends(road))
    assert state(road).fase is Fase.TERUGGEKOPPELD
