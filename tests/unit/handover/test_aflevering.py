"""Delivering: again and again, never all at once, never dropped, and people are told in time."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.envelope import CloudEvent
from contracts.messages.handover import (
    AfleveringGestagneerd,
    Kanaal,
    OverdrachtAangemaakt,
    OverdrachtAfgeleverd,
    Overdrachtsoort,
)
from contracts.messages.topics import Service
from contracts.messages.triage import TriagebesluitGenomen
from services.handover.domain.casus import TRANSITIONS, Aflevering, Overdracht, Overdrachtstatus
from services.handover.domain.herhaling import fraction_of
from services.handover.domain.invoer import AfleveringInvoer
from services.handover.domain.kader import Stagnatie
from services.handover.handlers.commands import OfferOverdrachtAgain
from services.handover.settings import PREFIX, HandoverSettings
from services.runtime.access.actor import Actor
from services.runtime.in_memory.world import DeadLetterFound
from services.runtime.outbound.own_fault import own_fault
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.settings import SettingsFouten, read_settings
from services.runtime.unit.decision import Attempt, Incoming, Rejected, RequestAttempted, Result, TimerDue
from services.runtime.unit.fold import Done, Reply
from tests.unit.triage.road import BREDA, TILBURG, VT_MB, VT_WB, Road, answer, case, example, refused

pytestmark = pytest.mark.anyio

AWAY = Attempt(Result.TEMPORARY, "antwoordde met status 503", 503)
REFUSED = Attempt(Result.PERMANENT, "geweigerd met status 401", 401)
HERHALING = HandoverSettings().herhaling()


def only(road: Road) -> Overdracht:
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    return overdracht


def stalled(road: Road) -> list[AfleveringGestagneerd]:
    return [event for event in road.events() if isinstance(event, AfleveringGestagneerd)]


async def hand_over(road: Road) -> None:
    answer(await road.meld())
    answer(await road.decide())


async def offer_again(road: Road, actor: Actor = VT_WB) -> Reply:
    return await road.handover(case("a"), OfferOverdrachtAgain(only(road).id, AfleveringInvoer()), actor)


async def test_an_overdracht_is_made_and_delivered() -> None:
    road = Road()
    await hand_over(road)
    assert road.names()[-2:] == ["overdracht-aangemaakt", "overdracht-afgeleverd"]
    assert only(road).aflevering is Aflevering.AFGELEVERD
    (request,) = road.endpoint.requests
    assert (request.kind, request.destination) == ("aflevering-rest", "GM0758")
    assert request.id == only(road).id


async def test_each_receiver_gets_its_own_overdracht() -> None:
    road = Road()
    answer(await road.meld())
    ontvangers = [{"gemeente": "GM0758", "team": "breda-noord"}, {"gemeente": "GM0826"}]
    answer(await road.decide(body=example("triagebesluit", ontvangers=ontvangers)))
    made = [event for event in road.events() if isinstance(event, OverdrachtAangemaakt)]
    assert [(event.gemeente, event.team) for event in made] == [("GM0758", "breda-noord"), ("GM0826", None)]
    assert len({event.overdracht_id for event in made}) == 2


async def test_the_same_besluit_under_another_event_makes_no_second_overdracht() -> None:
    """G2: also when the outbox of triage is published anew under other ids."""
    road = Road()
    await hand_over(road)
    (event,) = (event for event in road.world.events() if isinstance(event.data, TriagebesluitGenomen))
    again = CloudEvent("opnieuw", event.source, event.casus_id, event.time, None, event.data)
    before = road.names()
    await road.world.offer(again)
    assert road.names() == [*before[:3], "triagebesluit-genomen", *before[3:]]
    assert len(road.endpoint.requests) == 1


async def test_no_personal_data_waits_readable() -> None:
    """G6: the document lies sealed in the request, the state and the read tables."""
    road = Road()
    await hand_over(road)
    (request,) = road.endpoint.requests
    seen = json.dumps(request.content) + repr(only(road))
    for table in ("overdracht", "overdrachtsdocument", "gebeurtenis"):
        seen += json.dumps(road.world.view(Service.HANDOVER, table), default=str)
    assert not any(word in seen for word in ("Femke", "Voorbeeld", "999912008", "glasgerinkel"))


async def test_an_endpoint_that_is_two_days_away_gets_it_when_it_is_back() -> None:
    """G7: parked, never dropped; told once, in time."""
    road = Road()
    road.endpoint.fails(AWAY)
    await hand_over(road)
    await road.pass_time(days=2)
    assert only(road).aflevering is Aflevering.GESTAGNEERD
    (told,) = stalled(road)
    assert (told.blijvend, told.reden) == (False, "antwoordde met status 503")
    assert told.uiterlijk_op is not None
    assert told.gestagneerd_op < told.uiterlijk_op
    road.endpoint.works()
    await road.pass_time(hours=1)
    assert only(road).aflevering is Aflevering.AFGELEVERD
    assert len(stalled(road)) == 1
    (delivered,) = (event for event in road.events() if isinstance(event, OverdrachtAfgeleverd))
    assert delivered.pogingen == only(road).pogingen == len(road.endpoint.requests)
    assert {request.id for request in road.endpoint.requests} == {only(road).id}


async def test_a_short_failure_tells_nobody() -> None:
    road = Road()
    road.endpoint.fails(AWAY)
    await hand_over(road)
    road.endpoint.works()
    await road.pass_time(days=1)
    assert stalled(road) == []
    assert only(road).aflevering is Aflevering.AFGELEVERD
    assert only(road).laatste_fout is None


async def test_an_endpoint_that_stays_away_for_months_is_still_tried() -> None:
    road = Road()
    road.endpoint.fails(AWAY)
    await hand_over(road)
    await road.pass_time(days=60)
    tried = len(road.endpoint.requests)
    await road.pass_time(days=1)
    assert len(road.endpoint.requests) > tried
    assert len(stalled(road)) == 1


async def test_a_refusal_for_good_is_told_at_once_and_not_tried_again() -> None:
    road = Road()
    road.endpoint.fails(REFUSED)
    await hand_over(road)
    (told,) = stalled(road)
    assert told.blijvend
    assert told.gestagneerd_op == road.now
    await road.pass_time(days=10)
    assert len(road.endpoint.requests) == 1
    assert len(stalled(road)) == 1


async def test_a_secret_that_is_missing_at_the_hub_is_told_as_its_own_fault() -> None:
    """G7: told at once, with a reason that does not blame the receiver; and delivered once it is mended."""
    road = Road()
    road.endpoint.fails(own_fault(SecretUnavailable("env:BREDA", "deze omgevingsvariabele is niet gezet")))
    await hand_over(road)
    (told,) = stalled(road)
    assert (told.bij_houvast, told.blijvend, told.tot_hervatten) == (True, False, False)
    await road.pass_time(hours=5)
    assert stalled(road) == [told]
    assert told.reden == "bij Houvast ontbreekt env:BREDA: deze omgevingsvariabele is niet gezet"
    assert only(road).laatste_fout == told.reden
    road.endpoint.works()
    await road.pass_time(days=1)
    assert only(road).aflevering is Aflevering.AFGELEVERD
    assert not only(road).fout_bij_houvast


async def test_an_endpoint_that_is_gone_parks_what_it_got_and_tells_at_once() -> None:
    """G7, 410: it is stopped until people start it, and what went there waits for that too."""
    road = Road()
    road.endpoint.fails(Attempt(Result.PERMANENT, "het endpoint is opgeheven (status 410)", 410, gone=True))
    await hand_over(road)
    (told,) = stalled(road)
    assert not told.blijvend
    assert told.gestagneerd_op == road.now
    assert told.reden == "het endpoint is opgeheven (status 410)"
    assert only(road).aflevering is Aflevering.GESTAGNEERD
    road.endpoint.works()
    await road.pass_time(days=1)
    assert only(road).aflevering is Aflevering.AFGELEVERD
    assert len(stalled(road)) == 1


async def test_a_refusal_after_people_were_told_that_it_is_tried_is_told_too() -> None:
    road = Road()
    road.endpoint.fails(AWAY)
    await hand_over(road)
    await road.pass_time(hours=12)
    road.endpoint.fails(REFUSED)
    await road.pass_time(days=1)
    assert only(road).aflevering is Aflevering.GEWEIGERD
    assert [told.blijvend for told in stalled(road)] == [False, True], "it is not tried any more"


async def test_what_was_refused_can_be_offered_again() -> None:
    road = Road()
    road.endpoint.fails(REFUSED)
    await hand_over(road)
    road.endpoint.works()
    answer(await offer_again(road))
    assert only(road).aflevering is Aflevering.AFGELEVERD
    first, second = road.endpoint.requests
    assert first.id != second.id
    assert first.content["overdrachtId"] == second.content["overdrachtId"]
    answer(await offer_again(road))
    assert len(road.endpoint.requests) == 2


async def test_a_new_round_that_fails_is_told_anew() -> None:
    road = Road()
    road.endpoint.fails(REFUSED)
    await hand_over(road)
    answer(await offer_again(road, BREDA))
    assert len(stalled(road)) == 2


async def test_what_waits_goes_at_once_when_asked() -> None:
    road = Road()
    road.endpoint.fails(AWAY)
    await hand_over(road)
    await road.pass_time(days=1)
    road.endpoint.works()
    answer(await offer_again(road))
    assert only(road).afgeleverd_op == road.now


async def test_strangers_cannot_offer_again() -> None:
    road = Road()
    await hand_over(road)
    for actor in (TILBURG, VT_MB, Actor("niemand")):
        assert refused(await offer_again(road, actor)).status == 404
    unknown = OfferOverdrachtAgain(UUID(int=1), AfleveringInvoer())
    assert refused(await road.handover(case("a"), unknown, VT_WB)).status == 404


async def test_a_kind_of_endpoint_that_is_not_connected_is_parked_and_told() -> None:
    road = Road(kanalen=frozenset[Kanaal]())
    await hand_over(road)
    assert only(road).aflevering is Aflevering.GEWEIGERD
    assert [event.blijvend for event in stalled(road)] == [True]
    answer(await offer_again(road))
    assert road.endpoint.requests == []


@pytest.mark.parametrize("changes", [{"gemeente": "GM9999"}, {"gemeente": "GM0855"}])
async def test_a_receiver_that_triage_could_not_have_named_is_set_aside(changes: dict[str, str]) -> None:
    """Unknown, or without agreements in this region: a dead letter, and its case is held."""
    road = Road()
    await hand_over(road)
    (event,) = (event for event in road.world.events() if isinstance(event.data, TriagebesluitGenomen))
    ontvanger = event.data.ontvangers[0].model_copy(update=changes | {"team": None})
    wrong = event.data.model_copy(update={"ontvangers": (ontvanger,)})
    with pytest.raises(DeadLetterFound, match=changes["gemeente"]):
        await road.world.offer(CloudEvent("x", event.source, event.casus_id, event.time, None, wrong))


async def test_retry_after_is_honoured() -> None:
    road = Road()
    road.endpoint.fails(Attempt(Result.TEMPORARY, "antwoordde met status 429", 429, timedelta(hours=3)))
    await hand_over(road)
    await road.pass_time(hours=2, minutes=59)
    assert len(road.endpoint.requests) == 1
    await road.pass_time(minutes=1)
    assert len(road.endpoint.requests) == 2


async def test_an_attempt_of_a_former_round_and_an_overtaken_timer_do_nothing() -> None:
    road = Road()
    road.endpoint.fails(REFUSED)
    await hand_over(road)
    (former,) = road.endpoint.requests
    road.endpoint.works()
    answer(await offer_again(road))
    state, before = only(road), road.names()
    data = {"overdrachtId": str(state.id)}
    late: tuple[object, ...] = (
        RequestAttempted(former, AWAY),
        RequestAttempted(road.endpoint.requests[-1], REFUSED),
        TimerDue(f"stagnatie:{state.id}", road.now, {**data}),
    )
    for number, payload in enumerate(late):
        incoming = Incoming(UUID(int=number), case("a"), payload)
        assert isinstance(await road.world.submit(Service.HANDOVER, incoming), Done)
    assert (only(road), road.names()) == (state, before)


async def test_an_attempt_of_a_former_round_says_nothing_about_the_new_one() -> None:
    road = Road()
    road.endpoint.fails(REFUSED)
    await hand_over(road)
    (former,) = road.endpoint.requests
    road.endpoint.fails(AWAY)
    answer(await offer_again(road))
    state = only(road)
    await road.world.submit(Service.HANDOVER, Incoming(UUID(int=1), case("a"), RequestAttempted(former, REFUSED)))
    assert only(road) == state
    assert state.aflevering is Aflevering.ONDERWEG


async def test_what_is_delivered_keeps_no_alarm_set() -> None:
    road = Road()
    await hand_over(road)
    assert road.world.services[Service.HANDOVER].store.next_due(road.world.klok.now()) is None


async def test_what_is_about_another_case_does_nothing() -> None:
    road = Road()
    await hand_over(road)
    (request,) = road.endpoint.requests
    incoming = Incoming(UUID(int=1), case("leeg"), RequestAttempted(request, AWAY))
    assert isinstance(await road.world.submit(Service.HANDOVER, incoming), Done)
    assert road.events("leeg") == []


async def test_what_is_no_message_of_handover_is_refused() -> None:
    road = Road()
    with pytest.raises(Rejected, match="str"):
        road.world.services[Service.HANDOVER].definition.handle(
            None,
            Incoming(UUID(int=1), case("a"), "onzin"),
            road.context(),
        )


@given(seed=st.uuids(), attempts=st.integers(1, 5_000), hours=st.integers(0, 24 * 400))
def test_a_wait_grows_stays_within_its_bounds_and_differs_per_request(seed: UUID, attempts: int, hours: int) -> None:
    now = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    since = now - timedelta(hours=hours)
    due = HERHALING.next_at(now, seed, attempts=attempts, since=since, retry_after=None)
    assert due == HERHALING.next_at(now, seed, attempts=attempts, since=since, retry_after=None)
    ceiling = HERHALING.daarna if now - since > HERHALING.volhouden else HERHALING.plafond
    assert HERHALING.eerste / 2 <= due - now <= ceiling
    assert 0 <= fraction_of(seed, attempts) < 1


def test_settings_are_read_at_once_and_never_give_up_within_a_weekend() -> None:
    """STANDARDS: at least 72 hours."""
    variables = {f"{PREFIX}HERHALING_VOLHOUDEN": "P2D", f"{PREFIX}STAGNATIE_DEEL": "2", f"{PREFIX}TIMEOUT": "PT20S"}
    with pytest.raises(SettingsFouten) as error:
        read_settings(HandoverSettings, variables, prefix=PREFIX)
    assert f"{PREFIX}HERHALING_VOLHOUDEN" in str(error.value)
    assert f"{PREFIX}STAGNATIE_DEEL" in str(error.value)
    chosen = read_settings(HandoverSettings, {f"{PREFIX}TIMEOUT": "PT20S"}, prefix=PREFIX)
    assert chosen.timeout == timedelta(seconds=20)


def test_what_waited_for_one_endpoint_does_not_come_back_at_one_moment() -> None:
    now = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    moments = {
        HERHALING.next_at(now, UUID(int=number), attempts=9, since=now, retry_after=None) for number in range(200)
    }
    assert len(moments) == 200
    assert max(moments) - min(moments) > HERHALING.plafond / 3


@given(left=st.timedeltas(timedelta(days=-5), timedelta(days=30)))
def test_people_are_told_neither_at_once_nor_after_half_a_day(left: timedelta) -> None:
    stagnatie = HandoverSettings().stagnatie()
    now = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    due_at = stagnatie.due_at(now, now + left)
    assert stagnatie.minstens <= due_at - now <= stagnatie.hoogstens


def test_people_are_told_before_the_legal_moment_when_that_is_near() -> None:
    now = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    stagnatie = Stagnatie(0.25, timedelta(minutes=15), timedelta(hours=4))
    assert stagnatie.due_at(now, now + timedelta(hours=8)) == now + timedelta(hours=2)


async def test_the_legal_moment_is_that_of_the_region() -> None:
    """MB 4.1: 5 werkdagen after the melding, overdracht included; WB: 2 werkdagen after it, ontvangst."""
    road = Road()
    await hand_over(road)
    assert only(road).uiterlijk_op.isoformat() == "2026-03-05T00:00:00+01:00"
    brabant = Road()
    assert answer(await brabant.meld(actor=Actor("veilig-thuis-midden-brabant"), gemeente="GM0855"))["regio"]
    await brabant.pass_time(days=3)
    body = example("triagebesluit", ontvangers=None)
    answer(await brabant.decide(actor=VT_MB, body=body))
    assert only(brabant).uiterlijk_op.isoformat() == "2026-03-10T00:00:00+01:00"
    assert only(brabant).soort is Overdrachtsoort.DIRECT
    journal = brabant.world.services[Service.HANDOVER].store.tables.journal
    assert {(row.line.rule_id, row.line.rule_version) for row in journal} == {
        ("overdracht-na-melding", "midden-brabant-2024"),
    }


def test_delivered_only_sets_out_anew_or_comes_back_and_every_state_of_delivery_is_a_status() -> None:
    assert set(TRANSITIONS) == set(Aflevering)
    assert TRANSITIONS[Aflevering.AFGELEVERD] == {Aflevering.ONDERWEG, Aflevering.GEWEIGERD, Aflevering.GESTAGNEERD}
    assert {aflevering.value for aflevering in Aflevering} < {status.value for status in Overdrachtstatus}
