"""A closed case: triage decides nothing in it any more, hands nothing over and takes nothing on (AEF C)."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from contracts.messages.doorgegeven import SluitingDoorgegeven
from services.handover.domain.invoer import VbsVerdelingInvoer
from services.runtime.unit.fold import Reply
from services.runtime.unit.outcomes import iso
from services.triage.domain.invoer import AfrondingInvoer, FeitenAanvulling, OvernameInvoer
from services.triage.handlers.commands import AddFeiten, FinishDienst, TakeOverMeldpuntmelding
from tests.unit.handover.test_samenwerken import ask as ask_team
from tests.unit.handover.test_samenwerken import in_dienst, tell
from tests.unit.triage.road import MELDPUNT, VT_MB, VT_WB, Road, answer, case, example, refused

pytestmark = pytest.mark.anyio

Daad = Callable[[Road], Awaitable[Reply]]


async def close(road: Road, *, vervallen: bool = False) -> None:
    event = SluitingDoorgegeven(
        regio="west-brabant",
        gemeente="GM0758",
        door="triagist (veilig-thuis-west-brabant)",
        gesloten_op=road.now,
        vervallen_op=road.now if vervallen else None,
    )
    for hears in (road.triage, road.handover):
        await hears(case("a"), event)


async def add_feiten(road: Road) -> Reply:
    body = {"feiten": {"ernstigLetsel": True}, "vastgesteldDoor": {"naam": "Robin", "functie": "triagist"}}
    return await road.triage(case("a"), AddFeiten(FeitenAanvulling.model_validate(body)), VT_WB)


async def take_over(road: Road) -> Reply:
    return await road.triage(case("a"), TakeOverMeldpuntmelding(OvernameInvoer.model_validate({})), VT_WB)


async def ask(road: Road) -> Reply:
    invoer = OvernameInvoer.model_validate({"door": "GM0758"})
    return await road.triage(case("a"), TakeOverMeldpuntmelding(invoer), MELDPUNT)


@pytest.mark.parametrize("daad", [Road.decide, add_feiten], ids=["besluit", "feiten"])
async def test_nothing_is_decided_in_a_closed_case_and_nothing_leaves(daad: Daad) -> None:
    road = Road()
    answer(await road.meld())
    await close(road)
    before = len(road.events())
    reply = refused(await daad(road))
    assert (reply.status, reply.code) == (409, "gesloten")
    assert "een nieuwe melding nodig" in reply.problems[0].message
    assert len(road.events()) == before


@pytest.mark.parametrize(("daad", "vermoeden"), [(take_over, True), (ask, False)])
async def test_a_closed_case_is_not_taken_over_from_the_meldpunt(daad: Daad, *, vermoeden: bool) -> None:
    road = Road()
    uitkomst = "veilig-thuis" if vermoeden else "lokale-veld"
    answer(await road.meld_at_meldpunt(vermoedenHgkm=vermoeden, uitkomst=uitkomst))
    await close(road)
    assert refused(await daad(road)).code == "gesloten"


async def test_no_dienst_starts_or_ends_in_a_closed_case_and_no_team_is_asked() -> None:
    """What was asked before is answered as it was (G2), and that the case is closed.

    A closure that was overtaken closes nothing any more.
    """
    road, dienst_id = await in_dienst()
    asked = answer(await ask_team(road))
    await close(road)
    assert answer(await ask_team(road)) == asked | {"casusGeslotenOp": iso(road.now)}
    finish = FinishDienst(UUID(dienst_id), AfrondingInvoer.model_validate(example("afronding", ontvangers=None)))
    assert refused(await road.triage(case("a"), finish, VT_MB)).code == "gesloten"
    assert refused(await tell(road, str(asked["id"]), VbsVerdelingInvoer())).code == "gesloten"
    await close(road, vervallen=True)
    assert answer(await tell(road, str(asked["id"]), VbsVerdelingInvoer()))["status"] == "verdeeld"


async def test_what_was_decided_before_is_answered_as_it_was() -> None:
    """G2, and that the case is closed; a closure that was overtaken closes nothing any more."""
    road = Road()
    answer(await road.meld())
    decided = answer(await road.decide())
    await close(road)
    assert answer(await road.decide()) == decided | {"casusGeslotenOp": iso(road.now)}
    assert refused(await road.decide(body=example("triagebesluit", afwegingen="Anders."))).code == "gesloten"
    await close(road, vervallen=True)
    assert refused(await road.decide(body=example("triagebesluit", afwegingen="Anders."))).code == "al-besloten"
