"""G11: nobody is accused by a hub that has not heard everything; what it does not know it says, once, and takes back."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from contracts.messages.dlq import DodeBriefAfgehandeld
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.monitoring import EscalatieGestart, TermijnGehaald, TermijnVerstreken
from contracts.messages.notifier import (
    Aanleiding,
    IntrekkingGevraagd,
    Intrekkingsreden,
    NotificatieGevraagd,
    NotificatieVerzonden,
)
from contracts.messages.topics import Service
from services.handover.domain.invoer import OntvangstbevestigingInvoer, VerdelingInvoer
from services.handover.handlers.commands import ConfirmOntvangst, TakeUpOverdracht
from services.monitoring.domain.signalen import Misser, counted_at
from services.monitoring.domain.toestand import Termijnstatus
from services.runtime.in_memory import MemoryWorld
from services.runtime.unit.decision import Attempt, Incoming, Result
from services.runtime.unit.writes import ParkedKind
from services.triage.domain.huishouden import Radar
from services.triage.domain.invoer import MeldingInvoer, TriagebesluitInvoer
from services.triage.handlers.commands import ReceiveMelding, TakeTriagebesluit
from tests.simulation.test_houvast import KINDS, definitions
from tests.unit.triage.road import BREDA, START, VT_WB, case, example

CASUS = case("a")
TRIAGE_TOPIC, HANDOVER_TOPIC = "houvast.triage.v1", "houvast.handover.v1"
A_WEEK = timedelta(days=7)


async def taken(*_: object) -> Attempt:
    return Attempt(Result.DONE, "aangenomen", 202)


class Huis:
    """The four services with one case that was handed over; Kafka can be away, a topic can hold anything."""

    def __init__(self, *, urgentie: str = "regulier") -> None:
        self.world = MemoryWorld(definitions(), start=START, performers=dict.fromkeys(KINDS, taken), dead_letters=True)
        self._urgentie = urgentie
        self._publish = self.world.publish

    async def hand_over(self) -> None:
        melding = example("melding", kenmerk="a", urgentie=self._urgentie)
        await self.submit(Service.TRIAGE, ReceiveMelding(MeldingInvoer.model_validate(melding), Radar()), VT_WB)
        besluit = TriagebesluitInvoer.model_validate(example("triagebesluit"))
        await self.submit(Service.TRIAGE, TakeTriagebesluit(besluit), VT_WB)

    async def answer(self) -> None:
        (overdracht,) = self.world.state(Service.HANDOVER, CASUS).overdrachten
        await self.submit(Service.HANDOVER, ConfirmOntvangst(overdracht.id, OntvangstbevestigingInvoer()), BREDA)
        await self.submit(Service.HANDOVER, TakeUpOverdracht(overdracht.id, VerdelingInvoer()), BREDA)

    async def submit(self, service: Service, command: object, actor: Any) -> None:
        key = derived_id("a", type(command).__name__)
        await self.world.submit(service, Incoming(key, CASUS, command, actor, "x"))

    def take_kafka_away(self) -> None:
        self.world.publish = lambda *_: 0  # type: ignore[method-assign]

    def bring_kafka_back(self) -> None:
        self.world.publish = self._publish  # type: ignore[method-assign]

    def put(self, topic: str, **changed: object) -> None:
        """A record like the first of this topic, changed."""
        event = orjson.loads(self.world.topics[topic][0]) | {"id": str(derived_id(topic, str(changed)))} | changed
        self.world.topics[topic].append(orjson.dumps(event))

    async def let_go(self) -> None:
        """People leave aside what cannot be read."""
        for service in (Service.MONITORING, Service.TRIAGE):
            for parked in self.world.parked(service):
                if parked.kind is ParkedKind.DEAD_LETTER:
                    await self.world.services[service].unit_of_work.release(parked.key, drop_because="onleesbaar")

    def events(self, kind: Any) -> list[Any]:
        return [event.data for event in self.world.events(kind, casus_id=CASUS)]

    def told(self, aanleiding: Aanleiding) -> list[NotificatieGevraagd]:
        return [vraag for vraag in self.events(NotificatieGevraagd) if vraag.aanleiding is aanleiding]

    def parked(self, service: Service) -> list[ParkedKind]:
        return [parked.kind for parked in self.world.parked(service)]


@pytest.fixture
def huis() -> Huis:
    found = Huis()
    asyncio.run(found.hand_over())
    return found


def missed(huis: Huis) -> list[TermijnVerstreken]:
    """The terms of the agreements that were missed; that nobody told melder and family here is another matter."""
    return [event for event in huis.events(TermijnVerstreken) if "informeren" not in event.regel_id]


def called(huis: Huis) -> list[EscalatieGestart]:
    return [event for event in huis.events(EscalatieGestart) if "informeren" not in event.regel_id]


def test_with_kafka_away_nobody_is_called_and_people_hear_that_it_is_not_known(huis: Huis) -> None:
    async def tell() -> None:
        huis.take_kafka_away()
        await huis.answer()
        await huis.world.move(timedelta(days=3))
        huis.bring_kafka_back()
        await huis.world.move(A_WEEK)

    asyncio.run(tell())
    assert missed(huis) == []
    assert called(huis) == []
    told = huis.told(Aanleiding.NIET_BEKEND)
    assert [(vraag.partij, vraag.rol) for vraag in told] == [
        ("veilig-thuis-west-brabant", "coordinator"),
        ("houvast", "beheerder"),
    ]
    sent = {event.notificatie_id for event in huis.events(NotificatieVerzonden)}
    assert {vraag.notificatie_id for vraag in told} <= sent
    assert [event.te_laat for event in huis.events(TermijnGehaald)] == [False, False, False]


def test_nobody_answered_and_that_is_said_once_it_is_known(huis: Huis) -> None:
    """Knowledge that comes late brings the real outcome by itself."""

    async def tell() -> None:
        huis.take_kafka_away()
        await huis.world.move(timedelta(days=3))
        assert huis.world.state(Service.MONITORING, CASUS).onbekend == {}, (
            "nothing waits: it is known that all is heard"
        )
        huis.bring_kafka_back()
        await huis.world.move(timedelta(0))

    asyncio.run(tell())
    assert len(huis.events(TermijnVerstreken)) == 1


def test_who_answered_too_late_is_not_called_any_more_and_it_counts_all_the_same(huis: Huis) -> None:
    """MB 6.2: how often a party failed does not depend on when the hub heard of it."""

    async def tell() -> None:
        huis.put(HANDOVER_TOPIC, data={"stuk": True})
        await huis.world.move(timedelta(days=3))
        await huis.answer()
        await huis.let_go()

    asyncio.run(tell())
    assert called(huis) == []
    known = huis.world.state(Service.MONITORING, CASUS).termijnen.values()
    (late,) = [termijn for termijn in known if termijn.status is Termijnstatus.TE_LAAT_GEHAALD]
    misser = Misser(late.id, late.verantwoordelijke, "west-brabant", "GM0758", late.eindigt_op)
    assert [*huis.world.state(Service.MONITORING, counted_at(misser)).partij.missers] == [late.id]


def test_a_held_case_is_told_at_once_and_its_terms_wait(huis: Huis) -> None:
    async def tell() -> None:
        huis.put(HANDOVER_TOPIC, data={"stuk": True})
        await huis.world.settle()
        await huis.answer()
        await huis.world.move(A_WEEK)

    asyncio.run(tell())
    assert huis.parked(Service.MONITORING)[0] is ParkedKind.DEAD_LETTER
    assert missed(huis) == []
    told = huis.told(Aanleiding.CASUS_STAAT_STIL)
    assert {vraag.partij for vraag in told} == {"veilig-thuis-west-brabant", "houvast"}
    assert any("houvast dlq retry monitoring --casus" in vraag.gevraagd for vraag in told)
    assert {item.service for item in huis.world.state(Service.MONITORING, CASUS).stilstand.values()} >= {"monitoring"}
    (row,) = [row for row in huis.world.view(Service.MONITORING, "casus") if row["id"] == str(CASUS)]
    assert "monitoring" in list(row["staat_stil_bij"] or [])  # type: ignore[arg-type]
    assert len(huis.told(Aanleiding.NIET_BEKEND)) == 2


def test_a_held_case_goes_on_when_people_let_it_and_nobody_was_late(huis: Huis) -> None:
    async def tell() -> None:
        huis.put(HANDOVER_TOPIC, data={"stuk": True})
        await huis.world.settle()
        await huis.answer()
        await huis.world.move(A_WEEK)
        await huis.let_go()
        await huis.world.move(A_WEEK)

    asyncio.run(tell())
    assert huis.parked(Service.MONITORING) == []
    assert huis.events(DodeBriefAfgehandeld)
    assert huis.world.state(Service.MONITORING, CASUS).stilstand == {}
    assert missed(huis) == []
    assert not any(event.te_laat for event in huis.events(TermijnGehaald))


@pytest.mark.parametrize(
    ("soort", "kind"),
    [
        ("nl.sociaaldomein.meldingen.melding-ontvangen.v2", ParkedKind.OTHER_VERSION),
        ("nl.sociaaldomein.meldingen.iets-van-morgen.v1", ParkedKind.UNKNOWN),
    ],
)
def test_what_a_release_does_not_know_holds_nothing(huis: Huis, soort: str, kind: ParkedKind) -> None:
    async def tell() -> None:
        huis.put(TRIAGE_TOPIC, type=soort)
        await huis.world.settle()
        await huis.answer()
        await huis.world.move(A_WEEK)

    asyncio.run(tell())
    for service in (Service.HANDOVER, Service.MONITORING):
        assert huis.parked(service) == [kind]
    assert len(huis.events(TermijnGehaald)) == 3
    assert missed(huis) == []
    assert huis.told(Aanleiding.CASUS_STAAT_STIL) == []


@pytest.mark.parametrize(
    ("soort", "missed"),
    [("nl.sociaaldomein.meldingen.melding-ontvangen.v2", 0), ("nl.sociaaldomein.meldingen.iets-van-morgen.v1", 1)],
)
def test_only_another_version_of_what_is_known_makes_a_verdict_wait(huis: Huis, soort: str, missed: int) -> None:
    """It may say that the term was met; an event that did not exist before cannot."""

    async def tell() -> None:
        huis.put(TRIAGE_TOPIC, type=soort)
        await huis.world.move(A_WEEK)

    asyncio.run(tell())
    assert len(huis.events(TermijnVerstreken)) == missed
    assert bool(huis.told(Aanleiding.NIET_BEKEND)) == (missed == 0)


def test_a_newer_release_handles_what_waited_for_it(huis: Huis) -> None:
    """The same record under a name that this release knows, as after an upgrade."""
    unit_of_work = huis.world.services[Service.MONITORING].unit_of_work
    known = huis.world.topics[HANDOVER_TOPIC][0]
    strange = orjson.dumps(orjson.loads(known) | {"id": "een-nieuwe", "type": "nl.sociaaldomein.van.morgen.v1"})

    async def tell() -> None:
        huis.world.topics[HANDOVER_TOPIC].append(strange)
        await huis.world.settle()
        store = huis.world.services[Service.MONITORING].store
        (parked,) = huis.world.parked(Service.MONITORING)
        readable = replace(parked, record=replace(parked.record, raw=known))
        store.tables.parked[parked.key] = store.waiting_by_case[CASUS][parked.key] = readable
        await unit_of_work.release(parked.key)

    asyncio.run(tell())
    assert huis.parked(Service.MONITORING) == []


def test_a_miss_that_proves_untrue_is_taken_back_from_everybody_who_heard_of_it(huis: Huis) -> None:
    """The team confirmed in time and entered it late; what was sent is taken back by the same road."""

    async def tell() -> None:
        await huis.world.move(timedelta(days=4))
        (overdracht,) = huis.world.state(Service.HANDOVER, CASUS).overdrachten
        invoer = OntvangstbevestigingInvoer.model_validate({"bevestigdOp": (START + timedelta(hours=2)).isoformat()})
        await huis.submit(Service.HANDOVER, ConfirmOntvangst(overdracht.id, invoer), BREDA)
        await huis.world.move(timedelta(hours=2))

    asyncio.run(tell())
    assert len(huis.events(TermijnVerstreken)) == 1
    (intrekking,) = [event for event in huis.events(IntrekkingGevraagd) if event.termijn_id is not None]
    assert intrekking.waarom is Intrekkingsreden.ONJUIST
    notificaties = huis.world.state(Service.NOTIFIER, CASUS).alle.values()
    sent = [item for item in notificaties if item.vraag.aanleiding is Aanleiding.ESCALATIE]
    back = [item for item in notificaties if item.vraag.aanleiding is Aanleiding.INGETROKKEN]
    assert sent
    assert _reached(sent) == _reached(back)
    assert all(item.vraag.onderwerp.startswith("Ingetrokken: ") for item in back)


def _reached(notificaties: list[Any]) -> set[tuple[str, str, str]]:
    return {
        (zending.kanaal.value, zending.partij, zending.persoon)
        for item in notificaties
        for zending in item.zendingen.values()
        if zending.status.value == "verzonden"
    }


@pytest.mark.parametrize(("urgentie", "minuten"), [("regulier", 60), ("crisis", 10)])
def test_how_long_it_may_stay_unknown_is_data(urgentie: str, minuten: int) -> None:
    huis = Huis(urgentie=urgentie)

    async def tell() -> None:
        await huis.hand_over()
        huis.put(HANDOVER_TOPIC, data={"stuk": True})
        await huis.world.move(timedelta(days=10))

    asyncio.run(tell())
    state = huis.world.state(Service.MONITORING, CASUS)
    first = min(termijn.eindigt_op for termijn in state.termijnen.values() if termijn.status.value == "lopend")
    told = [
        event.time
        for event in huis.world.events(NotificatieGevraagd, casus_id=CasusId(CASUS))
        if event.data.aanleiding is Aanleiding.NIET_BEKEND
    ]
    assert min(told) == first + timedelta(minutes=minuten)
