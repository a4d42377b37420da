"""An overdracht that does not go on, goes again, or goes another way: each said by somebody, and each once."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.messages.envelope import CloudEvent
from contracts.messages.handover import (
    Kanaal,
    OverdrachtAfgeleverd,
    OverdrachtGeweigerd,
    OverdrachtIngetrokken,
    Weigeringscode,
)
from contracts.messages.topics import Service
from contracts.messages.triage import TriagebesluitGenomen
from contracts.register import MailEndpoint, Register
from services.handover.domain.casus import Aflevering, Overdracht, Overdrachtstatus
from services.handover.domain.invoer import (
    AfleveringInvoer,
    IntrekkingInvoer,
    OntvangstbevestigingInvoer,
    VerdelingInvoer,
    WeigeringInvoer,
)
from services.handover.handlers.commands import (
    ConfirmOntvangst,
    OfferOverdrachtAgain,
    RefuseOverdracht,
    TakeUpOverdracht,
    WithdrawOverdracht,
)
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import Attempt, Result
from services.runtime.unit.fold import Reply
from tests.unit.triage.road import BREDA, TILBURG, VT_MB, VT_WB, Road, answer, case, example, refused, sample_register

pytestmark = pytest.mark.anyio

AWAY = Attempt(Result.TEMPORARY, "antwoordde met status 503", 503)
ROOSENDAAL = Actor("GM1674")
BEHEER = Actor("houvast", "beheerder")


def only(road: Road) -> Overdracht:
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    return overdracht


def events(road: Road, kind: type[Any]) -> list[Any]:
    return [event for event in road.events() if isinstance(event, kind)]


async def hand_over(road: Road) -> None:
    answer(await road.meld())
    answer(await road.decide())


async def refuse(road: Road, actor: Actor = BREDA, **changes: Any) -> Reply:
    invoer = WeigeringInvoer.model_validate(example("weigering", **changes))
    return await road.handover(case("a"), RefuseOverdracht(only(road).id, invoer), actor)


async def withdraw(road: Road, actor: Actor = VT_WB) -> Reply:
    invoer = IntrekkingInvoer.model_validate(example("intrekking"))
    return await road.handover(case("a"), WithdrawOverdracht(only(road).id, invoer), actor)


async def offer(road: Road, actor: Actor = VT_WB, **how: Any) -> Reply:
    return await road.handover(case("a"), OfferOverdrachtAgain(only(road).id, AfleveringInvoer(**how)), actor)


@pytest.mark.parametrize("code", list(Weigeringscode))
async def test_a_gemeente_refuses_with_a_code_and_veilig_thuis_weighs_again(code: Weigeringscode) -> None:
    road = Road()
    await hand_over(road)
    told = answer(await refuse(road, code=code.value))
    assert told["overdrachtId"] == str(only(road).id)
    (event,) = events(road, OverdrachtGeweigerd)
    assert (event.code, event.geweigerd_door) == (code, "GM0758")
    assert only(road).status is Overdrachtstatus.AFGEWEZEN
    assert road.world.state(Service.TRIAGE, case("a")).fase.value == "teruggekoppeld"
    assert "verhuisd" not in event.model_dump_json()


async def test_a_refusal_twice_is_one_refusal_and_the_second_finds_nothing_to_refuse() -> None:
    road = Road()
    await hand_over(road)
    answer(await refuse(road))
    again = refused(await refuse(road, code="dubbel"))
    assert (again.status, again.code) == (404, "geweigerd")
    assert len(events(road, OverdrachtGeweigerd)) == 1


async def test_only_the_gemeente_it_went_to_refuses_and_only_its_veilig_thuis_withdraws() -> None:
    road = Road()
    await hand_over(road)
    for actor in (TILBURG, VT_WB):
        assert refused(await refuse(road, actor)).status == 404
    for actor in (VT_MB, BREDA):
        assert refused(await withdraw(road, actor)).status == 404


async def test_what_was_taken_up_goes_back_with_the_form_and_not_with_a_code() -> None:
    road = Road()
    await hand_over(road)
    answer(await road.handover(case("a"), TakeUpOverdracht(only(road).id, VerdelingInvoer()), BREDA))
    assert refused(await refuse(road)).code == "opgepakt"
    assert refused(await withdraw(road)).code == "opgepakt"


async def test_what_is_refused_before_it_was_delivered_is_sent_no_more() -> None:
    road = Road()
    road.endpoint.fails(AWAY)
    await hand_over(road)
    answer(await refuse(road, code="geen-endpoint"))
    asked = len(road.endpoint.requests)
    road.endpoint.works()
    await road.world.move(timedelta(days=3))
    assert len(road.endpoint.requests) == asked
    assert refused(await offer(road)).code == "geweigerd"


async def test_veilig_thuis_takes_it_back_and_the_endpoint_hears_it_however_long_it_is_away() -> None:
    road = Road()
    await hand_over(road)
    road.endpoint.fails(AWAY)
    told = answer(await withdraw(road))
    assert told["gemeenteWordtVerwittigd"] is True
    assert answer(await withdraw(road))["ingetrokkenOp"] == told["ingetrokkenOp"]
    assert len(events(road, OverdrachtIngetrokken)) == 1
    await road.world.move(timedelta(hours=1))
    road.endpoint.works()
    await road.world.move(timedelta(hours=1))
    notices = [request for request in road.endpoint.requests if request.kind == "intrekking-rest"]
    assert len(notices) > 1
    assert len({request.id for request in notices}) == 1
    assert {request.destination for request in notices} == {"GM0758"}
    await road.world.move(timedelta(days=3))
    assert len([request for request in road.endpoint.requests if request.kind == "intrekking-rest"]) == len(notices)
    assert only(road).status is Overdrachtstatus.INGETROKKEN


async def test_after_a_withdrawal_nobody_confirms_or_takes_up() -> None:
    road = Road()
    await hand_over(road)
    answer(await withdraw(road))
    confirm = ConfirmOntvangst(only(road).id, OntvangstbevestigingInvoer())
    assert refused(await road.handover(case("a"), confirm, BREDA)).code == "ingetrokken"
    take_up = TakeUpOverdracht(only(road).id, VerdelingInvoer())
    assert refused(await road.handover(case("a"), take_up, BREDA)).code == "ingetrokken"
    assert refused(await refuse(road)).code == "ingetrokken"


async def test_what_never_left_is_withdrawn_without_a_message() -> None:
    """The endpoint cannot know of it."""
    road = Road(kanalen=frozenset({Kanaal.ZGW}))
    await hand_over(road)
    assert answer(await withdraw(road))["gemeenteWordtVerwittigd"] is False
    assert road.endpoint.requests == []


async def test_what_was_delivered_goes_again_as_a_new_generation_and_is_delivered_once_to_the_others() -> None:
    """`houvast gemeente resend`: another id for the receiver, a line in the journal, no second event of delivery."""
    road = Road()
    await hand_over(road)
    first = only(road)
    assert first.afgeleverd_op is not None
    await road.world.move(timedelta(hours=1))
    answer(await offer(road, BEHEER, opnieuw=True))
    again = only(road)
    assert (again.aflevering, again.ronde, again.afgeleverd_op) == (Aflevering.AFGELEVERD, 2, first.afgeleverd_op)
    ids = [request.id for request in road.endpoint.requests]
    assert ids == [first.opdracht_id, again.opdracht_id]
    assert len(set(ids)) == 2
    assert len(events(road, OverdrachtAfgeleverd)) == 1
    journal = [row.line.what for row in road.world.services[Service.HANDOVER].store.tables.journal]
    assert journal[-2:] == ["opnieuw-aangeboden", "opnieuw-afgeleverd"]


async def test_offering_again_without_asking_for_it_sends_nothing_twice() -> None:
    road = Road()
    await hand_over(road)
    answer(await offer(road))
    assert len(road.endpoint.requests) == 1


async def test_a_new_generation_takes_the_place_of_what_waits() -> None:
    road = Road()
    road.endpoint.fails(AWAY)
    await hand_over(road)
    answer(await offer(road, opnieuw=True))
    road.endpoint.works()
    await road.world.move(timedelta(days=1))
    delivered = [request for request in road.endpoint.requests if request.id == only(road).opdracht_id]
    assert only(road).aflevering is Aflevering.AFGELEVERD
    assert road.endpoint.requests[-1].id == only(road).opdracht_id
    assert len(delivered) >= 1


def with_another_road() -> Register:
    """Breda also has a mailbox for when its system is down."""
    register = sample_register()
    uitwijk = MailEndpoint(soort="e-mail", adres="team@breda.example")
    entries = [
        entry.model_copy(update={"uitwijk": uitwijk}) if entry.code == "GM0758" else entry
        for entry in register.entries()
    ]
    return Register(gemeenten=entries, partijen=register.partijen())


async def test_another_road_is_taken_when_people_ask_for_it() -> None:
    road = Road(kanalen=frozenset({Kanaal.REST, Kanaal.E_MAIL}), register=with_another_road())
    road.endpoint.fails(AWAY)
    await hand_over(road)
    road.endpoint.works()
    answer(await offer(road, kanaal=Kanaal.E_MAIL))
    sent = road.endpoint.requests[-1]
    assert (sent.kind, sent.destination) == ("aflevering-e-mail", "e-mail:GM0758")
    assert (only(road).kanaal, only(road).aflevering) == (Kanaal.E_MAIL, Aflevering.AFGELEVERD)
    asked = len(road.endpoint.requests)
    await road.world.move(timedelta(days=2))
    assert len(road.endpoint.requests) == asked


async def test_a_road_that_is_not_there_is_refused_with_those_that_are() -> None:
    road = Road()
    await hand_over(road)
    told = refused(await offer(road, kanaal=Kanaal.ZGW))
    assert (told.status, told.problems[0].place) == (400, "kanaal")
    assert "rest" in told.problems[0].message


def merging_on(day: date) -> Register:
    """Breda goes on as Roosendaal from this day."""
    register = sample_register()
    entries = [
        entry.model_copy(update={"geldig_tot": day, "opvolger": "GM1674"}) if entry.code == "GM0758" else entry
        for entry in register.entries()
    ]
    return Register(gemeenten=entries, partijen=register.partijen())


async def test_a_gemeente_that_merges_during_a_case_is_followed_by_its_successor() -> None:
    """By the validity of the register at the moment of delivery; the successor answers, and the old one still may."""
    road = Road(register=merging_on(date(2026, 3, 4)))
    road.endpoint.fails(AWAY)
    await hand_over(road)
    assert only(road).gemeente == "GM0758"
    await road.world.move(timedelta(days=3))
    road.endpoint.fails(Attempt(Result.DONE, "aangenomen", 202, receipt={"gemeente": "GM1674"}))
    await road.world.move(timedelta(hours=1))
    assert (only(road).gemeente, only(road).aflevering) == ("GM1674", Aflevering.AFGELEVERD)
    (delivered,) = events(road, OverdrachtAfgeleverd)
    assert delivered.gemeente == "GM1674"
    confirm = ConfirmOntvangst(only(road).id, OntvangstbevestigingInvoer())
    answer(await road.handover(case("a"), confirm, ROOSENDAAL))


async def test_what_was_delivered_before_a_merger_is_answered_by_the_successor() -> None:
    road = Road(register=merging_on(date(2026, 3, 4)))
    await hand_over(road)
    confirm = ConfirmOntvangst(only(road).id, OntvangstbevestigingInvoer())
    assert refused(await road.handover(case("a"), confirm, ROOSENDAAL)).status == 404
    await road.world.move(timedelta(days=3))
    answer(await road.handover(case("a"), confirm, ROOSENDAAL))


async def test_a_besluit_that_comes_in_after_a_merger_makes_an_overdracht_for_the_successor() -> None:
    before = Road()
    await hand_over(before)
    (besluit,) = events(before, TriagebesluitGenomen)
    road = Road(register=merging_on(date(2026, 3, 3)))
    await road.world.move(timedelta(days=2))
    source = "urn:nld:oin:00000099000000001000:systeem:houvast-triage"
    await road.world.offer(CloudEvent(str(UUID(int=9)), source, case("a"), road.now, 1, besluit))
    assert only(road).gemeente == "GM1674"
    assert road.endpoint.requests[0].destination == "GM1674"


async def test_nobody_may_do_anything_with_what_does_not_exist() -> None:
    road = Road()
    await hand_over(road)
    nothing = UUID(int=0)
    for command, actor in (
        (RefuseOverdracht(nothing, WeigeringInvoer(code=Weigeringscode.DUBBEL)), BREDA),
        (WithdrawOverdracht(nothing, IntrekkingInvoer()), VT_WB),
        (OfferOverdrachtAgain(nothing, AfleveringInvoer()), VT_WB),
    ):
        assert refused(await road.handover(case("a"), command, actor)).status == 404
