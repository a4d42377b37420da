"""The melder hears what was done, once there is a triagebesluit (BK annex 1)."""

from typing import Any

import pytest

from contracts.messages.triage import MelderGeinformeerd
from services.runtime.access.actor import Actor
from services.runtime.unit.fold import Reply
from services.triage.domain.invoer import InformeringInvoer
from services.triage.handlers.commands import InformMelder
from tests.unit.triage.road import BREDA, MELDPUNT, VT_MB, VT_WB, Road, answer, case, refused

pytestmark = pytest.mark.anyio

PROFESSIONAL = {"naam": "Noor van Voorbeeld", "functie": "triagist"}


async def inform(road: Road, actor: Actor = VT_WB, **body: Any) -> Reply:
    invoer = InformeringInvoer.model_validate({"medewerker": PROFESSIONAL, "wijze": "telefoon", **body})
    return await road.triage(case("a"), InformMelder(invoer), actor)


def told(road: Road) -> list[MelderGeinformeerd]:
    return [event for event in road.events() if isinstance(event, MelderGeinformeerd)]


async def decided() -> Road:
    road = Road()
    answer(await road.meld())
    answer(await road.decide())
    return road


async def test_before_there_is_a_triagebesluit_there_is_nothing_to_tell() -> None:
    road = Road()
    answer(await road.meld())
    assert refused(await inform(road)).code == "nog-niet-besloten"


async def test_it_is_told_once_and_said_again_gets_the_same_answer() -> None:
    road = await decided()
    first = answer(await inform(road))
    await road.pass_time(hours=3)
    assert answer(await inform(road)) == first
    (event,) = told(road)
    assert (event.geinformeerd_door, event.wijze) == ("veilig-thuis-west-brabant", "telefoon")
    assert "Noor van Voorbeeld" not in str(road.world.topics), "the name travels sealed"


async def test_it_is_put_right_on_purpose_only() -> None:
    road = await decided()
    assert refused(await inform(road, correctie=True)).code == "niets-te-corrigeren"
    answer(await inform(road))
    assert refused(await inform(road, wijze="brief")).code == "al-vastgelegd"
    answer(await inform(road, wijze="brief", correctie=True))
    first, second = told(road)
    assert (second.was_op, second.wijze) == (first.geinformeerd_op, "brief")


@pytest.mark.parametrize("moment", ["2025-01-01T09:00:00+01:00", "2027-01-01T09:00:00+01:00"])
async def test_a_moment_that_cannot_be_is_refused(moment: str) -> None:
    road = await decided()
    (problem,) = refused(await inform(road, geinformeerdOp=moment)).problems
    assert problem.place == "geinformeerdOp"


@pytest.mark.parametrize("actor", [BREDA, VT_MB, MELDPUNT])
async def test_for_anyone_but_veilig_thuis_of_the_region_it_does_not_exist(actor: Actor) -> None:
    assert refused(await inform(await decided(), actor)).status == 404
