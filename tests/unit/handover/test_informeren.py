"""Those involved are told of the overdracht: by whom, how, once, and put right on purpose (MB 4.1, AEF A)."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.messages.handover import BetrokkenenGeinformeerd
from contracts.messages.topics import Service
from services.handover.domain.invoer import InformeringInvoer
from services.handover.handlers.commands import InformBetrokkenen
from services.runtime.access.actor import Actor
from services.runtime.unit.fold import Reply
from tests.unit.triage.road import BREDA, TILBURG, VT_MB, VT_WB, Road, answer, case, example, refused

pytestmark = pytest.mark.anyio

PROFESSIONAL = {"naam": "Noor van Voorbeeld", "functie": "triagist"}
LETTER = {"wijze": "brief", "brief": "betrokkenen-zonder-contact"}


async def handed_over(*, contact: bool = True) -> Road:
    road = Road()
    answer(await road.meld())
    body = example("triagebesluit")
    body["overdrachtsdocument"]["contactMetBetrokkenen"] = contact
    answer(await road.decide(body=body))
    return road


async def inform(road: Road, actor: Actor = VT_WB, **body: Any) -> Reply:
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    invoer = InformeringInvoer.model_validate({"medewerker": PROFESSIONAL, **body})
    return await road.handover(case("a"), InformBetrokkenen(overdracht.id, invoer), actor)


def told(road: Road) -> list[BetrokkenenGeinformeerd]:
    return [event for event in road.events() if isinstance(event, BetrokkenenGeinformeerd)]


async def test_veilig_thuis_and_the_team_each_record_what_they_told() -> None:
    road = await handed_over()
    answer(await inform(road, **LETTER))
    answer(await inform(road, BREDA, wijze="huisbezoek", onderwerpen=["inhoud-melding", "identiteit-melder"]))
    assert [event.geinformeerd_door for event in told(road)] == ["veilig-thuis-west-brabant", "GM0758"]
    assert "Noor van Voorbeeld" not in str(road.world.topics), "the name travels sealed"
    (row,) = road.world.view(Service.HANDOVER, "overdracht")
    assert row["betrokkenen_geinformeerd_op"] is not None


async def test_said_again_later_it_gets_the_same_answer_and_nothing_follows() -> None:
    road = await handed_over()
    first = answer(await inform(road, **LETTER))
    await road.pass_time(hours=5)
    assert answer(await inform(road, **LETTER)) == first
    assert len(told(road)) == 1


async def test_said_otherwise_needs_to_be_a_correction_that_tells_what_it_was() -> None:
    road = await handed_over()
    assert refused(await inform(road, **LETTER, correctie=True)).code == "niets-te-corrigeren"
    answer(await inform(road, **LETTER))
    was = told(road)[0].geinformeerd_op
    await road.pass_time(hours=5)
    assert refused(await inform(road, wijze="telefoon")).code == "al-vastgelegd"
    earlier = road.now - timedelta(hours=4)
    answer(await inform(road, wijze="telefoon", geinformeerdOp=earlier.isoformat(), correctie=True))
    assert (told(road)[-1].was_op, told(road)[-1].geinformeerd_op) == (was, earlier)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"wijze": "brief"}, "brief"),
        ({"wijze": "gesprek", "brief": "betrokkenen-met-document"}, "brief"),
        ({**LETTER, "geinformeerdOp": "2027-01-01T09:00:00+01:00"}, "geinformeerdOp"),
        ({**LETTER, "geinformeerdOp": "2025-01-01T09:00:00+01:00"}, "geinformeerdOp"),
    ],
)
async def test_what_does_not_fit_is_named_by_its_place(body: dict[str, Any], place: str) -> None:
    road = await handed_over()
    problems = refused(await inform(road, **body)).problems
    assert [problem.place for problem in problems] == [place]
    assert told(road) == []


async def test_without_contact_nobody_is_sent_the_document() -> None:
    road = await handed_over(contact=False)
    reply = await inform(road, wijze="brief", brief="betrokkenen-met-document")
    assert refused(reply).code == "geen-contact-met-betrokkenen"
    answer(await inform(road, **LETTER))


@pytest.mark.parametrize("actor", [TILBURG, VT_MB, Actor("meldpunt-west-brabant")])
async def test_for_anyone_else_it_does_not_exist(actor: Actor) -> None:
    road = await handed_over()
    assert refused(await inform(road, actor, **LETTER)).status == 404
