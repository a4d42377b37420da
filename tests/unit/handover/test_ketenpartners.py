"""An overdracht to another party than a lokaal team: chosen with a reason, routed to its own endpoint, bound to it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

import pytest
from pydantic import ValidationError

from contracts.afspraken import local_date
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.handover import (
    AfleveringGestagneerd,
    Kanaal,
    OntvangstBevestigd,
    OverdrachtAangemaakt,
    OverdrachtAfgeleverd,
    OverdrachtGeweigerd,
    OverdrachtIngetrokken,
    OverdrachtOpgepakt,
    OverdrachtTeruggekoppeld,
)
from contracts.messages.topics import Service
from contracts.messages.triage import DienstAfgerond, TriagebesluitGenomen, WarmeOverdrachtGehouden
from services.handover.app import tempos_of
from services.handover.domain.brieven import Brief, Briefgegevens, Briefsoort, write_brief
from services.handover.domain.casus import Overdracht
from services.handover.domain.invoer import (
    IntrekkingInvoer,
    OntvangstbevestigingInvoer,
    TerugkoppelingInvoer,
    VerdelingInvoer,
    WeigeringInvoer,
)
from services.handover.handlers.commands import (
    ConfirmOntvangst,
    GiveBackOverdracht,
    RefuseOverdracht,
    TakeUpOverdracht,
    WithdrawOverdracht,
)
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import Attempt, Result
from services.runtime.unit.destinations import Tempo
from services.runtime.unit.fold import Reply
from services.triage.domain.invoer import TriagebesluitInvoer
from tests.unit.handover.test_brieven import GEGEVENS
from tests.unit.triage.road import BREDA, START, VT_WB, Road, answer, case, example, places, refused, sample_register

E = TypeVar("E", bound=Gebeurtenis)

GGZ = Actor("ggz-crisisdienst-west-brabant")
SAFEGROUP = Actor("safegroup")
RVDK = Actor("raad-voor-de-kinderbescherming")
MELDPUNT = Actor("meldpunt-west-brabant")


def besluit(*partijen: str, **changes: object) -> dict[str, object]:
    return example("triagebesluit", ontvangers=[{"partij": code} for code in partijen], **changes)


async def handed_over(partij: str = SAFEGROUP.partij) -> Road:
    road = Road(kanalen=frozenset({Kanaal.REST, Kanaal.E_MAIL}))
    answer(await road.meld())
    answer(await road.decide(body=besluit(partij)))
    return road


def only(road: Road) -> Overdracht:
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    return overdracht


def told(road: Road, kind: type[E]) -> E:
    (found,) = [event for event in road.events() if isinstance(event, kind)]
    return found


async def act(road: Road, command: Callable[[UUID, Any], object], invoer: object, actor: Actor) -> Reply:
    return await road.handover(case("a"), command(only(road).id, invoer), actor)


# --- the choice ---


@pytest.mark.anyio
async def test_a_party_receives_for_the_gemeente_of_the_melding() -> None:
    """D13: the agreements of the case stay those of where its people live."""
    road = await handed_over()
    (ontvanger,) = told(road, TriagebesluitGenomen).ontvangers
    assert (ontvanger.partij, ontvanger.gemeente, ontvanger.team) == ("safegroup", "GM0758", None)
    overdracht = only(road)
    assert (overdracht.ontvanger, overdracht.gemeente, overdracht.kanaal) == ("safegroup", "GM0758", Kanaal.REST)
    assert overdracht.uiterlijk_regel == "ontvangstbevestiging-ketenpartner"


@pytest.mark.anyio
async def test_everything_that_is_wrong_with_the_receivers_is_told_at_once() -> None:
    """Unknown, of another region, without an endpoint, Veilig Thuis itself, and twice."""
    road = Road()
    answer(await road.meld())
    reply = await road.decide(
        body=besluit(
            "stichting-onbekend",
            "ggz-crisisdienst-midden-brabant",
            "veilig-thuis-west-brabant",
            "safegroup",
            "safegroup",
        )
    )
    assert places(reply) == {"ontvangers.0.partij", "ontvangers.1.partij", "ontvangers.2.partij", "ontvangers"}
    messages = " ".join(problem.message for problem in refused(reply).problems)
    assert "staat niet in het register" in messages
    assert "werkt volgens het register niet in de regio west-brabant" in messages
    assert "heeft geen endpoint" in messages
    assert "twee keer" in messages


@pytest.mark.parametrize(
    "ontvanger",
    [{}, {"gemeente": "GM0758", "partij": "safegroup"}, {"partij": "safegroup", "team": "breda-noord"}],
)
def test_a_receiver_is_a_gemeente_or_a_party(ontvanger: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="gemeente"):
        TriagebesluitInvoer.model_validate(example("triagebesluit", ontvangers=[ontvanger]))


@pytest.mark.anyio
async def test_handing_an_acute_psychiatric_case_to_the_ggz_follows_the_advice() -> None:
    """MB 4: to align with the GGZ is to find where the case is best taken up. Anybody else is a departure."""
    for partij, departs in ((GGZ, False), (SAFEGROUP, True)):
        road = Road(kanalen=frozenset(Kanaal))
        answer(await road.meld(feiten={"acutePsychiatrie": True}))
        reason = {"redenAfwijking": "De GGZ is al betrokken."} if departs else {}
        if departs:
            assert places(await road.decide(body=besluit(partij.partij))) == {"redenAfwijking"}
        answer(await road.decide(body=besluit(partij.partij, **reason)))
        event = told(road, TriagebesluitGenomen)
        assert event.wijkt_af_van_advies is departs


@pytest.mark.anyio
async def test_a_dienst_ends_with_a_party_as_well() -> None:
    """MB 4.3: with its own content and the conversation."""
    road = Road()
    answer(await road.meld())
    vv = {"besluit": "dienst-voorwaarden-vervolg", "ontvangers": None, "overdrachtsdocument": None}
    answer(await road.decide(body=example("triagebesluit", **vv, redenAfwijking="Voorwaarden zijn nodig.")))
    dienst = answer(await road.start_dienst())
    await road.pass_time(days=7)
    gesprek = {"uitkomst": "gehouden", "op": road.now.isoformat()}
    body = example("afronding", ontvangers=[{"partij": RVDK.partij}], overdrachtsgesprek=gesprek)
    answer(await road.finish_dienst(str(dienst["id"]), body=body))
    finished, warm = told(road, DienstAfgerond), told(road, WarmeOverdrachtGehouden)
    assert (finished.ontvangers[0].partij, warm.partij, warm.gemeente) == (RVDK.partij, RVDK.partij, "GM0758")
    assert only(road).ontvanger == RVDK.partij


# --- the road ---


@pytest.mark.anyio
@pytest.mark.parametrize(("actor", "kanaal"), [(SAFEGROUP, Kanaal.REST), (GGZ, Kanaal.E_MAIL), (MELDPUNT, Kanaal.REST)])
async def test_it_goes_by_the_endpoint_of_that_party(actor: Actor, kanaal: Kanaal) -> None:
    """Its own breaker and its own tempo; never by the endpoint of the gemeente."""
    road = await handed_over(actor.partij)
    (request,) = road.endpoint.requests
    assert (request.kind, request.destination) == (f"aflevering-{kanaal.value}", actor.partij)
    assert (request.content["partij"], request.content["gemeente"]) == (actor.partij, "GM0758")
    for event in (told(road, OverdrachtAangemaakt), told(road, OverdrachtAfgeleverd)):
        assert (event.partij, event.gemeente, event.kanaal) == (actor.partij, "GM0758", kanaal)


@pytest.mark.anyio
async def test_the_same_besluit_can_hand_to_a_team_and_to_a_party() -> None:
    """Two overdrachten, each with its own receipts; told twice, there are still two."""
    road = Road()
    answer(await road.meld())
    both = [{"gemeente": "GM0758"}, {"partij": "safegroup"}]
    answer(await road.decide(body=example("triagebesluit", ontvangers=both)))
    team, partner = road.world.state(Service.HANDOVER, case("a")).overdrachten
    assert (team.ontvanger, partner.ontvanger) == ("GM0758", "safegroup")
    confirm = ConfirmOntvangst(partner.id, OntvangstbevestigingInvoer())
    assert refused(await road.handover(case("a"), confirm, BREDA)).status == 404
    answer(await road.handover(case("a"), confirm, SAFEGROUP))
    team, partner = road.world.state(Service.HANDOVER, case("a")).overdrachten
    assert (team.ontvangst, partner.ontvangst is None) == (None, False)


@pytest.mark.anyio
async def test_an_endpoint_of_a_party_that_is_dead_is_told_in_time() -> None:
    """G7: parked, never dropped; and it arrives once the endpoint is back."""
    road = Road()
    road.endpoint.fails(Attempt(Result.TEMPORARY, "antwoordde met status 503", 503))
    answer(await road.meld())
    answer(await road.decide(body=besluit("safegroup")))
    await road.pass_time(hours=5)
    stalled = told(road, AfleveringGestagneerd)
    assert (stalled.partij, stalled.blijvend) == ("safegroup", False)
    road.endpoint.works()
    await road.pass_time(hours=1)
    assert only(road).afgeleverd_op is not None


def test_every_party_with_an_endpoint_has_its_tempo() -> None:
    known = tempos_of(sample_register(), usual=Tempo(per_second=50, at_once=8))
    assert {"GM0758", "safegroup", GGZ.partij, RVDK.partij, MELDPUNT.partij} <= known.keys()


# --- its receipts ---


@pytest.mark.anyio
async def test_the_four_receipts_of_a_party_are_its_own() -> None:
    """D5: delivered, received, taken up, returned; each said by who received it, and by nobody else."""
    road = await handed_over()
    for stranger in (BREDA, GGZ, VT_WB):
        assert refused(await act(road, ConfirmOntvangst, OntvangstbevestigingInvoer(), stranger)).status == 404
        assert refused(await act(road, TakeUpOverdracht, VerdelingInvoer(), stranger)).status == 404
    answer(await act(road, ConfirmOntvangst, OntvangstbevestigingInvoer(), SAFEGROUP))
    answer(await act(road, TakeUpOverdracht, VerdelingInvoer(), SAFEGROUP))
    form = TerugkoppelingInvoer.model_validate(example("terugkoppeling"))
    assert refused(await act(road, GiveBackOverdracht, form, BREDA)).status == 404
    answer(await act(road, GiveBackOverdracht, form, SAFEGROUP))
    received, taken, back = (
        told(road, OntvangstBevestigd),
        told(road, OverdrachtOpgepakt),
        told(road, OverdrachtTeruggekoppeld),
    )
    assert {received.partij, taken.partij, back.partij} == {"safegroup"}
    assert {received.bevestigd_door, taken.opgepakt_door, back.teruggekoppeld_door} == {"safegroup"}


@pytest.mark.anyio
async def test_a_party_refuses_and_veilig_thuis_decides_again() -> None:
    road = await handed_over()
    weigering = WeigeringInvoer.model_validate(example("weigering"))
    assert refused(await act(road, RefuseOverdracht, weigering, BREDA)).status == 404
    answer(await act(road, RefuseOverdracht, weigering, SAFEGROUP))
    event = told(road, OverdrachtGeweigerd)
    assert (event.partij, event.geweigerd_door) == ("safegroup", "safegroup")
    answer(await road.decide(body=besluit(RVDK.partij)))
    assert [item.ontvanger for item in road.world.state(Service.HANDOVER, case("a")).overdrachten] == [
        "safegroup",
        RVDK.partij,
    ]


@pytest.mark.anyio
async def test_what_is_taken_back_is_told_to_the_party_that_has_it() -> None:
    road = await handed_over()
    answer(await act(road, WithdrawOverdracht, IntrekkingInvoer.model_validate(example("intrekking")), VT_WB))
    notice = road.endpoint.requests[-1]
    assert (notice.kind, notice.destination, notice.content["partij"]) == ("intrekking-rest", "safegroup", "safegroup")
    event = told(road, OverdrachtIngetrokken)
    assert event.partij == "safegroup"


# --- what people read ---


def letter(soort: Briefsoort, gegevens: Briefgegevens) -> Brief:
    brief = write_brief(soort, gegevens, on=local_date(START))
    assert isinstance(brief, Brief)
    return brief


def test_letters_name_the_party_and_tell_the_melder_less() -> None:
    """BK annex 1: which organisation it is would tell the melder what is the matter with people."""
    gegevens = replace(GEGEVENS, team="GGZ-crisisdienst", partij="ggz")
    assert letter(Briefsoort.OVERDRACHT, gegevens).geadresseerde == ("GGZ-crisisdienst",)
    told_family = " ".join(letter(Briefsoort.BETROKKENEN_ZONDER_CONTACT, gegevens).alineas)
    assert "overgedragen aan GGZ-crisisdienst. Deze organisatie neemt contact met u op" in told_family
    told_melder = " ".join(letter(Briefsoort.MELDER, gegevens).alineas)
    assert "overgedragen aan een andere organisatie" in told_melder
    assert "GGZ" not in told_melder
