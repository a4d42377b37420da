"""A moment that was put right elsewhere holds in triage and handover too: once, late, twice, in any order (D16)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.afspraken import Anker
from contracts.messages.doorgegeven import CorrectieDoorgegeven
from contracts.messages.topics import Service
from contracts.messages.triage import TriageadviesBepaald
from services.handover.domain.casus import Overdracht
from services.runtime.access.actor import Actor
from services.runtime.unit.fold import Done
from tests.unit.handover.test_ontvangst import confirm, give_back, hand_over, only, take_up
from tests.unit.triage.road import START, TILBURG, Road, answer, case, refused

pytestmark = pytest.mark.anyio

TOEZICHT = Actor("houvast-monitoring")


def correctie(
    anker: Anker, op: datetime, *, over: UUID | None = None, gezegd: int = 1, was: datetime = START
) -> CorrectieDoorgegeven:
    """`gezegd` tells apart what was said earlier and later."""
    return CorrectieDoorgegeven(
        regio="west-brabant",
        gemeente="GM0758",
        door="triagist (veilig-thuis-west-brabant)",
        feit=anker.value,
        onderwerp_id=over,
        was_op=was,
        op=op,
        gecorrigeerd_op=START + timedelta(days=200, hours=gezegd),
    )


async def hear(road: Road, event: CorrectieDoorgegeven, service: Service = Service.HANDOVER) -> None:
    send = road.handover if service is Service.HANDOVER else road.triage
    assert isinstance(await send(case("a"), event, TOEZICHT), Done)


def journal(road: Road, service: Service) -> list[dict[str, Any]]:
    lines = (row.line for row in road.world.services[service].store.tables.journal)
    return [dict(line.facts) for line in lines if line.what == "feit-gecorrigeerd"]


def moments(item: Overdracht) -> dict[Anker, datetime | None]:
    return {
        Anker.OVERDRACHT_AANGEMAAKT: item.aangemaakt_op,
        Anker.OVERDRACHT_AFGELEVERD: item.afgeleverd_op,
        Anker.ONTVANGST_BEVESTIGD: item.ontvangst and item.ontvangst.op,
        Anker.OVERDRACHT_OPGEPAKT: item.verdeling and item.verdeling.op,
        Anker.OVERDRACHT_TERUGGEKOPPELD: item.terugkoppeling and item.terugkoppeling.op,
    }


@pytest.mark.parametrize(
    "anker",
    [
        Anker.OVERDRACHT_AANGEMAAKT,
        Anker.OVERDRACHT_AFGELEVERD,
        Anker.ONTVANGST_BEVESTIGD,
        Anker.OVERDRACHT_OPGEPAKT,
        Anker.OVERDRACHT_TERUGGEKOPPELD,
    ],
)
async def test_every_moment_of_an_overdracht_can_be_put_right(anker: Anker) -> None:
    """And nothing else of it changes but the moment; the line says what it was."""
    road = await hand_over()
    answer(await confirm(road))
    answer(await take_up(road))
    answer(await give_back(road))
    right = START + timedelta(hours=5)
    before = moments(only(road))
    await hear(road, correctie(anker, right, over=only(road).id))
    assert moments(only(road)) == before | {anker: right}
    assert [line["feit"] for line in journal(road, Service.HANDOVER)] == [anker.value]


async def test_the_window_of_giving_back_runs_from_the_right_delivery() -> None:
    """MB 4.1: three months after delivery; both ways."""
    road = await hand_over(midden_brabant=True)
    delivered = only(road).afgeleverd_op
    assert delivered is not None
    await road.world.move(timedelta(days=95))
    refused(await give_back(road, actor=TILBURG))
    await hear(road, correctie(Anker.OVERDRACHT_AFGELEVERD, delivered + timedelta(days=10), over=only(road).id))
    answer(await give_back(road, actor=TILBURG))


async def test_a_correction_that_comes_twice_or_after_a_newer_one_changes_nothing() -> None:
    road = await hand_over()
    over = only(road).id
    second = correctie(Anker.OVERDRACHT_AFGELEVERD, START + timedelta(hours=9), over=over, gezegd=2)
    for event in (second, second, correctie(Anker.OVERDRACHT_AFGELEVERD, START + timedelta(hours=7), over=over)):
        await hear(road, event)
    assert only(road).afgeleverd_op == START + timedelta(hours=9)
    assert len(journal(road, Service.HANDOVER)) == 1


async def test_a_melding_put_right_before_its_overdracht_exists_counts_for_it_too() -> None:
    """The besluit left triage with the wrong date; handover knew better already."""
    road = Road()
    answer(await road.meld())
    right = START - timedelta(days=3)
    await hear(road, correctie(Anker.MELDING_ONTVANGEN, right))
    answer(await road.decide())
    assert only(road).melding_ontvangen_op == right


async def test_a_melding_put_right_afterwards_counts_for_every_overdracht() -> None:
    """The agreements of its own day hold, and the moment that its arrival matters for is computed again."""
    road = await hand_over(midden_brabant=True)
    before = only(road)
    await hear(road, correctie(Anker.MELDING_ONTVANGEN, START - timedelta(days=30)))
    after: Overdracht = only(road)
    assert after.melding_ontvangen_op == START - timedelta(days=30)
    assert after.uiterlijk_op < before.uiterlijk_op


@pytest.mark.parametrize(
    ("anker", "over"),
    [
        (Anker.OVERDRACHT_AFGELEVERD, None),
        (Anker.OVERDRACHT_AFGELEVERD, UUID(int=7)),
        (Anker.DIENST_GESTART, UUID(int=7)),
        (Anker.VBS_VERDEELD, UUID(int=7)),
        (Anker.MELDPUNTMELDING_ONTVANGEN, UUID(int=7)),
        (Anker.MELDPUNTMELDING_OVERGENOMEN, UUID(int=7)),
    ],
)
@pytest.mark.parametrize("service", [Service.HANDOVER, Service.TRIAGE])
async def test_a_fact_that_a_service_does_not_keep_changes_nothing(
    anker: Anker, over: UUID | None, service: Service
) -> None:
    road = await hand_over()
    before = road.world.state(service, case("a"))
    await hear(road, correctie(anker, START, over=over), service)
    assert road.world.state(service, case("a")) == before


async def test_a_case_that_triage_does_not_know_stays_unknown() -> None:
    road = Road()
    await hear(road, correctie(Anker.MELDING_ONTVANGEN, START), Service.TRIAGE)
    assert road.world.state(Service.TRIAGE, case("a")) is None


async def test_triage_uses_the_right_date_of_the_melding_from_then_on() -> None:
    """What it publishes next carries it, and so do its own moments."""
    road = Road()
    answer(await road.meld())
    right = START - timedelta(days=2)
    await hear(road, correctie(Anker.MELDING_ONTVANGEN, right), Service.TRIAGE)
    await hear(road, correctie(Anker.MELDING_ONTVANGEN, right - timedelta(days=1), gezegd=0), Service.TRIAGE)
    answer(await road.decide())
    assert only(road).melding_ontvangen_op == right
    (besluit,) = road.world.state(Service.TRIAGE, case("a")).besluiten
    later = besluit.genomen_op - timedelta(hours=1)
    event = correctie(Anker.TRIAGEBESLUIT_GENOMEN, later, over=UUID(int=3), was=besluit.genomen_op)
    await hear(road, event, Service.TRIAGE)
    assert road.world.state(Service.TRIAGE, case("a")).besluiten[0].genomen_op == later
    assert len(journal(road, Service.TRIAGE)) == 2


async def test_other_agreements_on_the_right_day_give_the_advice_anew() -> None:
    """Before 1 April 2022 West-Brabant had other agreements (WB); after the besluit the advice stays what it was."""
    right = datetime.fromisoformat("2022-03-01T09:00:00+01:00")
    road = Road()
    answer(await road.meld())
    await hear(road, correctie(Anker.MELDING_ONTVANGEN, right), Service.TRIAGE)
    adviezen = [event.data for event in road.world.events() if isinstance(event.data, TriageadviesBepaald)]
    assert [advies.afspraken_versie for advies in adviezen] == ["west-brabant-2022", "west-brabant-2017"]
    decided = await hand_over()
    await hear(decided, correctie(Anker.MELDING_ONTVANGEN, right), Service.TRIAGE)
    assert sum(isinstance(event.data, TriageadviesBepaald) for event in decided.world.events()) == 1


async def test_a_day_without_agreements_is_set_aside_and_said() -> None:
    """Monitoring refuses it at the door; should it come all the same, nothing is applied by half."""
    for service in (Service.HANDOVER, Service.TRIAGE):
        road = await hand_over(midden_brabant=True)
        before = road.world.state(service, case("a"))
        event = correctie(Anker.MELDING_ONTVANGEN, datetime.fromisoformat("2016-03-01T09:00:00+01:00"))
        send = road.handover if service is Service.HANDOVER else road.triage
        refused(await send(case("a"), event, TOEZICHT))
        assert road.world.state(service, case("a")) == before
