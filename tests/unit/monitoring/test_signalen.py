"""What a party fails over all its cases, the signal to the gemeente, and its answer (FS, MB 6.2)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.afspraken import load_rule_book
from contracts.messages.documenten import Professional
from contracts.messages.envelope import CloudEvent, Gebeurtenis, source_urn
from contracts.messages.handover import Overdrachtsoort
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.monitoring import Drager, EscalatieGestart, HermeldingInMonitoring, TermijnVerstreken
from contracts.messages.notifier import NotificatieGevraagd
from contracts.messages.signalen import (
    Signaalmaatregel,
    StructureelSignaalAfgegeven,
    StructureelSignaalBeantwoord,
    StructureelSignaalOpgesteld,
)
from contracts.messages.topics import Service
from contracts.messages.triage import HermeldingHerkend
from services.monitoring.domain.invoer import SignaalantwoordInvoer, SignaalInvoer, VerzendingInvoer
from services.monitoring.domain.signalen import Misser, case_of_party
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.handlers import AnswerSignaal, ComposeSignaal, Geval, Handlers, SendSignaal, project
from services.runtime.access.actor import Actor
from services.runtime.in_memory import MemoryWorld
from services.runtime.in_memory.world import OIN
from services.runtime.unit.decision import Incoming, Refused, ServiceDefinition
from services.runtime.unit.fold import Done, Reply
from tests.unit.monitoring.casusloop import PartijenVoorTest
from tests.unit.monitoring.verhalen import MELDING, ONTVANGEN, Verhaal, at

pytestmark = pytest.mark.anyio

MB = Verhaal(regio="midden-brabant", gemeente="GM0855")
WB = Verhaal()
NOOR = Professional(naam="Noor van Voorbeeld", functie="beleidsmedewerker")


class Regio:
    """Monitoring with cases by the dozen."""

    def __init__(self) -> None:
        handler = Handlers(load_rule_book(), PartijenVoorTest())
        definition = ServiceDefinition(Service.MONITORING, Toezicht, handler, project)
        self.world = MemoryWorld([definition], start=ONTVANGEN)
        self.number = 0

    async def tell(self, casus: int, *events: Gebeurtenis) -> None:
        for event in events:
            self.number += 1
            source = source_urn(OIN, "triage")
            identifier = str(derived_id("gebeurtenis", str(self.number)))
            await self.world.offer(CloudEvent(identifier, source, case(casus), self.world.klok.now(), None, event))

    async def hand_over(self, casus: int, verhaal: Verhaal = MB) -> None:
        """Delivered at ten on Tuesday 3 March; MB gives 7 dagen to take it up."""
        await self.tell(casus, verhaal.melding(), verhaal.besluit(at("03-03 09:30")))
        await self.tell(casus, verhaal.afgeleverd(at("03-03 10:00"), overdracht_id=UUID(int=1000 + casus)))

    async def answer(self, signaal: UUID, *, partij: str = "GM0855", number: int = 1) -> Reply:
        command = AnswerSignaal(
            SignaalantwoordInvoer(
                maatregel=Signaalmaatregel.EXTRA_CAPACITEIT, door=NOOR, toelichting="Twee mensen erbij."
            )
        )
        key = derived_id("antwoord", str(number))
        return await self.world.submit(Service.MONITORING, Incoming(key, CasusId(signaal), command, Actor(partij)))

    async def send(self, *, partij: str = "GM0855", number: int = 1) -> Reply:
        """Send the last signal that was drafted."""
        signaal = self.concepten[-1].signaal_id
        key = derived_id("verzending", str(number))
        command = SendSignaal(VerzendingInvoer(door=NOOR, toelichting="Wij redden het niet."))
        return await self.world.submit(Service.MONITORING, Incoming(key, CasusId(signaal), command, Actor(partij)))

    async def draft(self, *casussen: int, partij: str = "GM0855", verhaal: Verhaal = MB, number: int = 1) -> Reply:
        """A person drafts a signal about what the team missed in these cases."""
        rows = self.world.view(Service.MONITORING, "termijn")
        gevallen = tuple(
            Geval(case(casus), tuple(misser_of(row, verhaal) for row in rows if is_missed(row, casus)))
            for casus in casussen
        )
        over = Drager.LOKAAL_TEAM
        command = ComposeSignaal(SignaalInvoer(door=NOOR, over=over), verhaal.regio, verhaal.gemeente, gevallen)
        where = case_of_party(regio=verhaal.regio, gemeente=verhaal.gemeente, drager=over)
        key = derived_id("opstelling", str(number))
        return await self.world.submit(Service.MONITORING, Incoming(key, where, command, Actor(partij)))

    @property
    def concepten(self) -> list[StructureelSignaalOpgesteld]:
        return [
            event
            for event in self.published(StructureelSignaalOpgesteld)
            if isinstance(event, StructureelSignaalOpgesteld)
        ]

    def published(self, kind: type[Gebeurtenis]) -> list[Gebeurtenis]:
        return [event.data for event in self.world.events(kind)]

    @property
    def notificaties(self) -> list[NotificatieGevraagd]:
        return [event for event in self.published(NotificatieGevraagd) if isinstance(event, NotificatieGevraagd)]

    @property
    def signalen(self) -> list[StructureelSignaalAfgegeven]:
        return [
            event
            for event in self.published(StructureelSignaalAfgegeven)
            if isinstance(event, StructureelSignaalAfgegeven)
        ]


def case(number: int) -> CasusId:
    return CasusId(UUID(int=number))


def is_missed(row: Mapping[str, Any], casus: int) -> bool:
    """What the agreements ask of the team; of the terms of the vangnet nobody is reported."""
    agreed = "oppakken" if row["gemeente"] == "GM0855" else "ontvangstbevestiging"
    return (row["casus_id"], row["status"], row["regel_id"]) == (str(case(casus)), "verstreken", agreed)


def misser_of(row: Mapping[str, Any], verhaal: Verhaal) -> Misser:
    op = datetime.fromisoformat(row["eindigt_op"])
    place = (Drager.LOKAAL_TEAM, verhaal.regio, verhaal.gemeente, op)
    return Misser(UUID(row["id"]), *place, UUID(row["casus_id"]), row["label"])


async def missed(cases: int) -> Regio:
    regio = Regio()
    for number in range(1, cases + 1):
        await regio.hand_over(number)
    await regio.world.move_to(at("03-11 09:00"))
    return regio


async def test_one_or_two_misses_are_no_signal() -> None:
    """MB 6.2: herhaaldelijk."""
    assert (await missed(2)).concepten == []


async def test_after_the_third_miss_a_person_is_asked_to_send_a_signal_that_the_hub_does_not_send() -> None:
    regio = await missed(3)
    (concept,) = regio.concepten
    assert (concept.gemeente, concept.over, concept.drager, concept.meldt) == (
        "GM0855",
        "GM0855",
        Drager.LOKAAL_TEAM,
        "GM0855",
    )
    assert len(concept.termijnen) == 3
    (asked,) = [event for event in regio.notificaties if event.onderwerp.startswith("Structureel signaal")]
    assert (asked.rol, asked.partij) == ("coordinator", "GM0855")
    await regio.world.move_to(at("04-20 09:00"))
    assert regio.signalen == []
    assert "gemeente-ambtelijk" not in {item.rol for item in regio.notificaties if "signaal" in item.onderwerp.lower()}
    (row,) = [row for row in regio.world.view(Service.MONITORING, "signaal") if row["over"] == "GM0855"]
    assert len(row["bewijs"]) == 3
    assert all("Overdracht oppakken en verdelen (tot " in line for line in row["bewijs"])


async def test_who_has_to_sends_it_once_and_then_the_gemeente_is_told_and_answers() -> None:
    """MB 6.2: zorgt de verantwoordelijke partij zelf ervoor dat de betreffende gemeente hierover wordt geïnformeerd."""
    regio = await missed(3)
    unsent = await regio.answer(regio.concepten[0].signaal_id, number=9)
    assert isinstance(unsent, Refused)
    other = await regio.send(partij="veilig-thuis-midden-brabant")
    assert isinstance(other, Refused)
    assert other.status == 404
    assert isinstance(await regio.send(number=2), Done)
    again = await regio.send(number=3)
    assert isinstance(again, Refused)
    assert again.status == 409
    (signaal,) = regio.signalen
    assert (signaal.meldt, signaal.aantal, signaal.afgegeven_door) == ("GM0855", 3, "beleidsmedewerker (GM0855)")
    told = [
        event
        for event in regio.notificaties
        if event.rol == "gemeente-ambtelijk" and "niet uitgevoerd" in event.onderwerp
    ]
    assert [event.partij for event in told] == ["GM0855"]
    assert told[0].wettelijk_moment == datetime.fromisoformat("2026-04-23T00:00+02:00")


async def test_a_draft_that_rests_on_too_little_lapses() -> None:
    """G11: news came late of an act that was in time."""
    regio = await missed(3)
    await regio.tell(1, MB.opgepakt(at("03-05 10:00"), overdracht_id=UUID(int=1001)))
    refused = await regio.send()
    assert isinstance(refused, Refused)
    assert "vervallen" in refused.problems[0].message
    (row,) = regio.world.view(Service.MONITORING, "signaal")
    assert (row["afgegeven_op"], len(row["bewijs"])) == (None, 2)
    await regio.world.move_to(at("05-20 09:00"))
    assert not [event for event in regio.published(EscalatieGestart) if "signaal" in getattr(event, "regel_id", "")]


async def test_in_west_brabant_veilig_thuis_tells_of_the_party_of_the_gemeente() -> None:
    """FS: Veilig Thuis heeft de verantwoordelijkheid de gemeente te informeren. No time to answer was agreed."""
    regio = Regio()
    for number in (1, 2, 3):
        await regio.hand_over(number, WB)
    await regio.world.move_to(at("03-06 09:00"))
    (signaal,) = regio.concepten
    assert (signaal.over, signaal.meldt) == ("GM0758", "veilig-thuis-west-brabant")
    assert isinstance(await regio.send(partij="veilig-thuis-west-brabant"), Done)
    assert regio.world.view(Service.MONITORING, "signaal")[0]["antwoord_voor"] is None


async def test_misses_of_veilig_thuis_itself_count_where_each_tells_of_itself() -> None:
    """MB 6.2 names both; FS only whom the gemeente appointed."""
    for verhaal, expected in ((MB, 1), (WB, 0)):
        regio = Regio()
        for number in (1, 2, 3):
            await regio.tell(number, verhaal.melding())
        await regio.world.move_to(at("03-10 09:00"))
        found = [signaal for signaal in regio.concepten if signaal.drager is Drager.VEILIG_THUIS]
        assert len(found) == expected


async def test_misses_longer_ago_than_agreed_do_not_count() -> None:
    regio = await missed(2)
    later = at("06-20 10:00")
    await regio.world.move_to(later)
    await regio.tell(9, MB.melding(), MB.afgeleverd(later, overdracht_id=UUID(int=1009)))
    await regio.world.move_to(later + timedelta(days=10))
    assert regio.concepten == []


async def test_while_a_signal_stands_the_gemeente_is_not_told_again() -> None:
    regio = await missed(12)
    assert len(regio.concepten) == 1


async def test_a_miss_that_was_none_is_struck_out() -> None:
    """News came late of an act that was in time."""
    regio = await missed(2)
    await regio.tell(1, MB.opgepakt(at("03-05 10:00"), overdracht_id=UUID(int=1001)))
    await regio.tell(5, MB.melding(), MB.afgeleverd(at("03-04 10:00"), overdracht_id=UUID(int=1005)))
    await regio.world.move_to(at("03-13 09:00"))
    assert len(regio.published(TermijnVerstreken)) >= 3
    assert regio.concepten == []


async def test_the_gemeente_answers_once_and_then_counting_begins_anew() -> None:
    regio = await missed(3)
    await regio.send()
    (signaal,) = regio.signalen
    other = await regio.answer(signaal.signaal_id, partij="GM0758", number=0)
    assert isinstance(other, Refused)
    assert other.status == 404
    assert isinstance(await regio.answer(signaal.signaal_id), Done)
    (answered,) = regio.published(StructureelSignaalBeantwoord)
    assert isinstance(answered, StructureelSignaalBeantwoord)
    assert answered.maatregel is Signaalmaatregel.EXTRA_CAPACITEIT
    again = await regio.answer(signaal.signaal_id, number=2)
    assert isinstance(again, Refused)
    assert again.status == 409
    told = {event.partij for event in regio.notificaties if "beantwoord" in event.onderwerp}
    assert told == {"veilig-thuis-midden-brabant", "GM0855"}
    for number in (21, 22, 23):
        await regio.tell(number, MB.melding(), MB.afgeleverd(at("03-12 10:00"), overdracht_id=UUID(int=1000 + number)))
    await regio.world.move_to(at("03-21 09:00"))
    assert [found.drager for found in regio.concepten].count(Drager.LOKAAL_TEAM) == 2


async def test_a_signal_that_is_not_answered_in_six_weken_climbs() -> None:
    """MB 6.2: binnen zes weken."""
    regio = await missed(3)
    await regio.send()
    (signaal,) = regio.signalen
    await regio.world.move_to(at("04-23 10:00"))
    climbing = [event for event in regio.published(EscalatieGestart) if isinstance(event, EscalatieGestart)]
    (found,) = [event for event in climbing if event.onderwerp_id == signaal.signaal_id]
    assert (found.rol, found.ladder_id) == ("gemeente-ambtelijk", "opschalen-gemeente")


async def test_the_count_of_a_party_is_no_case_that_anybody_sees() -> None:
    regio = await missed(2)
    rows = regio.world.view(Service.MONITORING, "casus")
    assert [row["soort"] for row in rows] == ["casus", "casus"]


async def test_a_hermelding_reaches_the_case_of_the_household_that_is_monitored() -> None:
    """MB 5; the radarfunctie links the cases (MB 3.1)."""
    regio = Regio()
    await regio.tell(1, MB.melding(), MB.afgeleverd(at("03-03 10:00"), soort=Overdrachtsoort.NA_DIENST))
    await regio.world.move_to(at("06-01 09:00"))
    await regio.tell(
        2,
        MB.melding(at("06-01 09:00")),
        HermeldingHerkend(melding_id=MELDING, eerdere_casussen=(case(1),)),
    )
    (found,) = regio.world.events(HermeldingInMonitoring)
    assert (found.casus_id, found.data.nieuwe_casus) == (case(1), case(2))
    await regio.world.move_to(at("06-20 09:00"))
    casus = next(row for row in regio.world.view(Service.MONITORING, "casus") if row["id"] == str(case(1)))
    assert casus["zicht_drager"] == "veilig-thuis"


async def test_a_person_may_tell_of_one_case_which_then_counts_for_no_other_signal() -> None:
    """FS knows no herhaaldelijk: the hub asks from a threshold on, people need not wait for it."""
    regio = await missed(2)
    assert isinstance(await regio.draft(1), Done)
    (concept,) = regio.concepten
    assert (concept.over, concept.meldt, len(concept.termijnen)) == ("GM0855", "GM0855", 1)
    assert concept.opgesteld_door == "beleidsmedewerker (GM0855)"
    (asked,) = [event for event in regio.notificaties if event.onderwerp == "Structureel signaal staat klaar"]
    assert asked.gevraagd.startswith("Opgesteld door beleidsmedewerker (GM0855). Tilburg haalde 1 keer ")
    await regio.tell(7, MB.melding(), MB.afgeleverd(at("03-12 10:00"), overdracht_id=UUID(int=1007)))
    await regio.world.move_to(at("03-21 09:00"))
    assert len(regio.concepten) == 1, "two of the three are left to count"
    await regio.tell(8, MB.melding(), MB.afgeleverd(at("03-21 10:00"), overdracht_id=UUID(int=1008)))
    await regio.world.move_to(at("03-30 09:00"))
    assert [len(found.termijnen) for found in regio.concepten] == [1, 3]


async def test_a_case_stands_in_one_open_signal_and_after_the_answer_it_may_be_told_again() -> None:
    regio = await missed(3)
    twice = await regio.draft(1)
    assert isinstance(twice, Refused)
    assert (twice.status, "staat al in een signaal" in twice.problems[0].message) == (409, True)
    await regio.send()
    await regio.answer(regio.signalen[0].signaal_id)
    assert isinstance(await regio.draft(1, number=2), Done)
    assert isinstance(await regio.draft(2, number=3), Done)
    assert isinstance(await regio.draft(2, number=4), Refused)
    await regio.send(number=2)
    await regio.answer(regio.signalen[1].signaal_id, number=2)
    assert isinstance(await regio.draft(2, number=5), Done)
    assert isinstance(await regio.draft(1, number=6), Refused), "its own signal is still open"


async def test_a_draft_of_people_lapses_when_nothing_is_left_of_it() -> None:
    """G11: news came late of an act that was in time."""
    regio = await missed(2)
    assert isinstance(await regio.draft(1, 2), Done)
    for casus in (1, 2):
        (row,) = regio.world.view(Service.MONITORING, "signaal")
        assert (row["vervallen_op"], len(row["bewijs"])) == (None, 3 - casus)
        await regio.tell(casus, MB.opgepakt(at("03-05 10:00"), overdracht_id=UUID(int=1000 + casus)))
    (row,) = regio.world.view(Service.MONITORING, "signaal")
    assert (row["vervallen_op"] is None, len(row["bewijs"])) == (False, 0)
    assert isinstance(await regio.send(), Refused)


async def test_only_whom_the_sentence_names_drafts_it_and_only_about_what_was_missed() -> None:
    """FS: Veilig Thuis about the party of the gemeente; MB 6.2: that party itself."""
    for verhaal, names, other in (
        (MB, "GM0855", "veilig-thuis-midden-brabant"),
        (WB, "veilig-thuis-west-brabant", "GM0758"),
    ):
        regio = Regio()
        await regio.hand_over(1, verhaal)
        early = await regio.draft(1, partij=names, verhaal=verhaal)
        assert isinstance(early, Refused)
        assert (early.status, "miste deze partij geen termijn" in early.problems[0].message) == (409, True)
        await regio.world.move_to(at("03-11 09:00"))
        refused = await regio.draft(1, partij=other, verhaal=verhaal, number=2)
        assert isinstance(refused, Refused)
        assert refused.status == 403
        assert isinstance(await regio.draft(1, partij=names, verhaal=verhaal, number=3), Done)
        assert regio.signalen == [], "a person sends it"


async def test_where_nothing_was_agreed_nobody_is_named_to_tell_the_gemeente() -> None:
    """Of what no agreement says, nobody informs."""
    nowhere = Verhaal(regio="drenthe", gemeente="GM0106")
    refused = await Regio().draft(1, partij="veilig-thuis-drenthe", verhaal=nowhere)
    assert isinstance(refused, Refused)
    assert refused.status == 403
