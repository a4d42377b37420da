"""What the statussen of a zaak come to mean: receipts of its gemeente, each once, each read where the zaak is."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.messages.handover import Kanaal, OntvangstBevestigd, OverdrachtOpgepakt
from contracts.messages.topics import Service
from contracts.register import Register
from services.handover.domain.casus import Overdracht
from services.handover.domain.invoer import TerugkoppelingInvoer
from services.handover.domain.zaakstatus import ZAAKSTATUS
from services.handover.handlers.commands import CatchUpZaakstatus, GiveBackOverdracht, NoteNotificatie
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import Attempt, Request, Result
from services.runtime.unit.fold import Done, Reply
from tests.unit.triage.road import BREDA, Road, answer, case, example, refused, sample_register

pytestmark = pytest.mark.anyio

ETTEN_LEUR = Actor("GM0777")
KENMERK = "6f1b1a5e-9d1c-4a52-8b8e-0d0c5a7b2f11"
DELIVERED = Attempt(Result.DONE, "de zaak staat er", 201, receipt={"kenmerk": KENMERK})


class Zaaksysteem:
    """Says what it was told to say, and remembers what it was asked."""

    def __init__(self, attempt: Attempt) -> None:
        self.asked: list[Request] = []
        self.says = attempt

    async def __call__(self, request: Request, casus_id: object, sealer: object) -> Attempt:
        del casus_id, sealer
        self.asked.append(request)
        return self.says

    def has(self, **moments: str) -> None:
        self.says = Attempt(Result.DONE, "statussen gelezen", 200, receipt={**moments})

    def fails(self, result: Result) -> None:
        self.says = Attempt(result, "het lukte niet", 503)


async def delivered(register: Register | None = None, **already: str) -> tuple[Road, Zaaksysteem]:
    """Etten-Leur has a zaaksysteem, and an overdracht in it; `already` has a status when we first look."""
    road = Road(kanalen=frozenset({Kanaal.ZGW}), register=register)
    zaaksysteem = Zaaksysteem(Attempt(Result.DONE, "statussen gelezen", 200, receipt={**already}))
    road.endpoint.fails(DELIVERED)
    road.world.performers[ZAAKSTATUS] = zaaksysteem
    answer(await road.meld(gemeente=ETTEN_LEUR.partij))
    answer(await road.decide(body=example("triagebesluit", ontvangers=None)))
    return road, zaaksysteem


def only(road: Road) -> Overdracht:
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    return overdracht


async def notify(road: Road, number: int = 1, *, by: Actor = ETTEN_LEUR, kenmerk: str = KENMERK) -> Reply:
    return await road.handover(case("a"), NoteNotificatie(kenmerk, UUID(int=number)), by)


async def test_a_zaak_is_asked_at_once_because_people_may_have_been_quicker_than_our_own_notes() -> None:
    road, zaaksysteem = await delivered(ontvangen="2026-03-02T08:00:00Z")
    assert len(zaaksysteem.asked) == 1
    assert road.names()[-2:] == ["overdracht-afgeleverd", "ontvangst-bevestigd"]


async def test_a_delivery_by_itself_is_no_answer() -> None:
    """G8."""
    road, _ = await delivered()
    assert road.names()[-1] == "overdracht-afgeleverd"
    assert only(road).kenmerk == KENMERK


async def test_a_status_becomes_the_receipt_that_the_register_says_it_is() -> None:
    road, zaaksysteem = await delivered()
    await road.pass_time(hours=3)
    zaaksysteem.has(ontvangen="2026-03-02T10:30:00Z")
    assert isinstance(await notify(road), Done)
    (event,) = (event for event in road.events() if isinstance(event, OntvangstBevestigd))
    assert (event.bevestigd_door, event.bevestigd_op.isoformat()) == ("GM0777", "2026-03-02T10:30:00+00:00")
    assert "overdracht-opgepakt" not in road.names()


async def test_taken_up_does_not_say_received() -> None:
    """G8: a gemeente whose first status is already In behandeling."""
    road, zaaksysteem = await delivered()
    await road.pass_time(hours=3)
    zaaksysteem.has(opgepakt="2026-03-02T10:30:00Z")
    await notify(road)
    assert [event.opgepakt_door for event in road.events() if isinstance(event, OverdrachtOpgepakt)] == ["GM0777"]
    assert "ontvangst-bevestigd" not in road.names()


async def test_everything_twice_has_its_effect_once() -> None:
    """G2: two notificaties about the same statussen, and the same one again."""
    road, zaaksysteem = await delivered()
    await road.pass_time(hours=3)
    zaaksysteem.has(ontvangen="2026-03-02T09:00:00Z", opgepakt="2026-03-02T10:00:00Z")
    for number in (1, 2, 2):
        assert isinstance(await notify(road, number), Done)
    assert road.names().count("ontvangst-bevestigd") == 1
    assert road.names().count("overdracht-opgepakt") == 1
    assert len(zaaksysteem.asked) == 2, "with both receipts there is nothing left to ask"


@pytest.mark.parametrize("given", ["2026-03-02T00:00:00+01:00", "2026-03-09T00:00:00+01:00"], ids=["midnight", "later"])
async def test_a_moment_that_cannot_be_becomes_the_moment_that_we_heard(given: str) -> None:
    """Many zaaksystemen keep a date only; before the overdracht or in the future nobody can have answered it."""
    road, zaaksysteem = await delivered()
    await road.pass_time(hours=3)
    zaaksysteem.has(ontvangen=given)
    await notify(road)
    ontvangst = only(road).ontvangst
    assert ontvangst is not None
    assert ontvangst.op == road.now


async def test_a_notificatie_of_another_gemeente_or_zaak_asks_nothing() -> None:
    road, zaaksysteem = await delivered()
    before = len(zaaksysteem.asked)
    assert refused(await notify(road, by=BREDA)).status == 404
    assert refused(await notify(road, kenmerk=str(UUID(int=5)))).status == 404
    assert len(zaaksysteem.asked) == before


async def test_a_zaaksysteem_that_does_not_answer_is_asked_again() -> None:
    road, zaaksysteem = await delivered()
    zaaksysteem.fails(Result.TEMPORARY)
    await notify(road)
    asked = len(zaaksysteem.asked)
    zaaksysteem.has(ontvangen="2026-03-02T08:00:00Z")
    await road.pass_time(hours=1)
    assert len(zaaksysteem.asked) == asked + 1
    assert only(road).ontvangst is not None


async def test_a_refusal_to_read_is_written_down_and_a_later_notificatie_tries_anew() -> None:
    road, zaaksysteem = await delivered()
    zaaksysteem.fails(Result.PERMANENT)
    await notify(road)
    assert only(road).ontvangst is None
    zaaksysteem.has(ontvangen="2026-03-02T08:00:00Z")
    await road.pass_time(hours=8)
    assert only(road).ontvangst is None
    await notify(road, 2)
    assert only(road).ontvangst is not None


async def test_a_case_that_was_given_back_is_not_taken_up_by_a_status() -> None:
    """What people said by the form stands; there is nothing left to ask."""
    road, zaaksysteem = await delivered()
    await road.pass_time(hours=3)
    zaaksysteem.has(opgepakt=(road.now - timedelta(hours=1)).isoformat())
    form = GiveBackOverdracht(only(road).id, TerugkoppelingInvoer.model_validate(example("terugkoppeling")))
    answer(await road.handover(case("a"), form, ETTEN_LEUR))
    before = len(zaaksysteem.asked)
    await notify(road)
    assert (only(road).verdeling, len(zaaksysteem.asked)) == (None, before)


async def test_an_answer_that_was_under_way_when_the_case_was_given_back_changes_nothing() -> None:
    road, zaaksysteem = await delivered()
    await road.pass_time(hours=3)
    zaaksysteem.fails(Result.TEMPORARY)
    await notify(road)
    form = GiveBackOverdracht(only(road).id, TerugkoppelingInvoer.model_validate(example("terugkoppeling")))
    answer(await road.handover(case("a"), form, ETTEN_LEUR))
    zaaksysteem.has(opgepakt=road.now.isoformat())
    asked = len(zaaksysteem.asked)
    await road.pass_time(hours=8)
    assert len(zaaksysteem.asked) <= asked + 1
    assert only(road).verdeling is None


HALDERBERGE = Actor("GM1655")
MERGES_ON = date(2026, 3, 4)
ELSEWHERE = "0d0c5a7b-9d1c-4a52-8b8e-6f1b1a5e2f11"


def merging() -> Register:
    """Etten-Leur goes on as Halderberge, in a zaaksysteem too."""
    sample = sample_register()
    zgw = next(entry.endpoint for entry in sample.entries() if entry.code == ETTEN_LEUR.partij)
    changes: dict[str, dict[str, object]] = {
        ETTEN_LEUR.partij: {"geldig_tot": MERGES_ON, "opvolger": HALDERBERGE.partij},
        HALDERBERGE.partij: {"endpoint": zgw},
    }
    entries = [entry.model_copy(update=changes.get(entry.code, {})) for entry in sample.entries()]
    return Register(gemeenten=entries, partijen=sample.partijen())


async def test_the_successor_of_a_gemeente_gives_its_zaken_a_status() -> None:
    """Delivered to the one, taken up by the other: the receipt is of whoever gave it, on the day that it did."""
    road, zaaksysteem = await delivered(register=merging())
    assert refused(await notify(road, by=HALDERBERGE)).status == 404, "not before it goes on for it"
    await road.pass_time(days=3)
    zaaksysteem.has(ontvangen="2026-03-03T10:00:00Z", opgepakt="2026-03-04T10:00:00Z")
    assert isinstance(await notify(road, by=HALDERBERGE), Done)
    assert [event.bevestigd_door for event in road.events() if isinstance(event, OntvangstBevestigd)] == ["GM0777"]
    assert [event.opgepakt_door for event in road.events() if isinstance(event, OverdrachtOpgepakt)] == ["GM1655"]
    assert {request.destination for request in zaaksysteem.asked} == {"GM0777", "GM1655"}


async def test_a_zaak_that_was_numbered_anew_is_told_of_by_its_new_number() -> None:
    road, zaaksysteem = await delivered(register=merging())
    await road.pass_time(days=3)
    zaaksysteem.has(kenmerk=ELSEWHERE)
    assert isinstance(await notify(road, by=HALDERBERGE), Done)
    assert only(road).kenmerk == ELSEWHERE
    zaaksysteem.has(opgepakt="2026-03-04T10:00:00Z")
    assert isinstance(await notify(road, 2, by=HALDERBERGE, kenmerk=ELSEWHERE), Done)
    assert only(road).verdeling is not None


async def test_what_waited_until_after_a_merger_is_a_zaak_of_the_successor_with_its_receipts() -> None:
    """By the register on the day of delivery, as over any road."""
    road = Road(kanalen=frozenset({Kanaal.ZGW}), register=merging())
    zaaksysteem = Zaaksysteem(Attempt(Result.DONE, "statussen gelezen", 200))
    road.world.performers[ZAAKSTATUS] = zaaksysteem
    road.endpoint.fails(Attempt(Result.TEMPORARY, "antwoordde met status 503", 503))
    answer(await road.meld(gemeente=ETTEN_LEUR.partij))
    answer(await road.decide(body=example("triagebesluit", ontvangers=None)))
    await road.pass_time(days=3)
    road.endpoint.fails(
        Attempt(Result.DONE, "de zaak staat er", 201, receipt={**DELIVERED.receipt, "gemeente": "GM1655"})
    )
    await road.pass_time(hours=1)
    assert (only(road).gemeente, only(road).kenmerk) == ("GM1655", KENMERK)
    assert [request.destination for request in zaaksysteem.asked] == ["GM1655"]
    zaaksysteem.has(ontvangen=road.now.isoformat())
    assert isinstance(await notify(road, by=HALDERBERGE), Done)
    assert [event.bevestigd_door for event in road.events() if isinstance(event, OntvangstBevestigd)] == ["GM1655"]


async def test_what_was_missed_is_asked_for_by_whoever_runs_the_hub() -> None:
    """An abonnement that was gone for a while; asking twice is answering once."""
    road, zaaksysteem = await delivered()
    await road.pass_time(days=1)
    zaaksysteem.has(ontvangen="2026-03-02T10:00:00Z")
    for number in (1, 1, 2):
        catch_up = CatchUpZaakstatus(only(road).id, UUID(int=number))
        assert isinstance(await road.handover(case("a"), catch_up, Actor("houvast", "beheerder")), Done)
    assert [type(event) for event in road.events()].count(OntvangstBevestigd) == 1
    assert len(zaaksysteem.asked) == 3
    for actor in (ETTEN_LEUR, BREDA):
        assert (
            refused(await road.handover(case("a"), CatchUpZaakstatus(only(road).id, UUID(int=9)), actor)).status == 404
        )
