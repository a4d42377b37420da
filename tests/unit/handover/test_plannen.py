"""The receiving team draws up plans: recorded once each, by who received, and never what they say (FS, MB 4.3)."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.messages.handover import PlanOpgesteld
from contracts.messages.topics import Service
from services.handover.domain.invoer import PlanInvoer
from services.handover.handlers.commands import DrawUpPlan
from services.runtime.access.actor import Actor
from services.runtime.unit.fold import Reply
from tests.unit.triage.road import BREDA, TILBURG, VT_WB, Road, answer, case, example, refused

pytestmark = pytest.mark.anyio

PROFESSIONAL = {"naam": "Noor van Voorbeeld", "functie": "casusregisseur"}


async def handed_over() -> Road:
    road = Road()
    answer(await road.meld())
    answer(await road.decide(body=example("triagebesluit")))
    return road


async def draw_up(road: Road, *plannen: str, actor: Actor = BREDA, **body: Any) -> Reply:
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    invoer = PlanInvoer.model_validate({"medewerker": PROFESSIONAL, "plannen": plannen, **body})
    return await road.handover(case("a"), DrawUpPlan(overdracht.id, invoer), actor)


def told(road: Road) -> list[PlanOpgesteld]:
    return [event for event in road.events() if isinstance(event, PlanOpgesteld)]


async def test_the_team_says_that_the_plan_is_there() -> None:
    road = await handed_over()
    said = answer(await draw_up(road, "veiligheidsplan", besprokenMetBetrokkenen=True))
    assert (said["plannen"], said["besprokenMetBetrokkenen"]) == (["veiligheidsplan"], True)
    (event,) = told(road)
    assert (event.opgesteld_door, event.besproken_met_betrokkenen) == ("GM0758", True)
    assert "Noor van Voorbeeld" not in str(road.world.topics), "the name travels sealed"
    (row,) = road.world.view(Service.HANDOVER, "overdracht")
    assert row["veiligheidsplan_op"] is not None


async def test_of_each_plan_the_first_moment_counts() -> None:
    road = await handed_over()
    first = answer(await draw_up(road, "veiligheidsplan"))
    await road.pass_time(weeks=2)
    assert answer(await draw_up(road, "veiligheidsplan")) == first
    later = answer(await draw_up(road, "veiligheidsplan", "hulpverleningsplan", "herstelplan"))
    assert later["plannen"] == ["herstelplan", "hulpverleningsplan"]
    assert [event.plannen for event in told(road)] == [("veiligheidsplan",), ("herstelplan", "hulpverleningsplan")]


async def test_the_other_plans_are_no_veiligheidsplan() -> None:
    road = await handed_over()
    answer(await draw_up(road, "hulpverleningsplan"))
    (row,) = road.world.view(Service.HANDOVER, "overdracht")
    assert row["veiligheidsplan_op"] is None


@pytest.mark.parametrize("actor", [TILBURG, VT_WB])
async def test_whoever_did_not_receive_it_draws_up_nothing(actor: Actor) -> None:
    road = await handed_over()
    assert refused(await draw_up(road, "veiligheidsplan", actor=actor)).status == 404
    assert told(road) == []


@pytest.mark.parametrize("shift", [timedelta(days=-40), timedelta(days=2)])
async def test_a_plan_is_drawn_up_after_the_overdracht_and_not_tomorrow(shift: timedelta) -> None:
    road = await handed_over()
    moment = (road.world.klok.now() + shift).isoformat()
    (problem,) = refused(await draw_up(road, "veiligheidsplan", opgesteldOp=moment)).problems
    assert problem.place == "opgesteldOp"


async def test_a_plan_without_a_kind_is_no_plan() -> None:
    with pytest.raises(ValidationError, match="plannen"):
        PlanInvoer.model_validate({"medewerker": PROFESSIONAL, "plannen": []})
