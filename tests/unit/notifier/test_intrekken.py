"""G11: what is no longer so does not leave any more; whoever was told what was not so hears that, once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from contracts.messages.envelope import CloudEvent, Gebeurtenis
from contracts.messages.identifiers import derived_id
from contracts.messages.notifier import (
    Aanleiding,
    IntrekkingGevraagd,
    Intrekkingsreden,
    NotificatieGevraagd,
    NotificatieUrgentie,
    NotificatieVervallen,
    NotificatieVerzonden,
)
from contracts.messages.topics import Service
from services.notifier.adapters.bezorging import vragen_of
from services.notifier.adapters.sjablonen import Sjablonen
from services.runtime.in_memory import MemoryWorld
from services.runtime.in_memory.world import OIN
from services.runtime.unit.decision import Attempt, Incoming, Request, Result
from tests.builders import CASUS_ID, build
from tests.builders.events import MOMENT
from tests.simulation.test_houvast import KINDS, definitions

TERMIJN, ANDERE = UUID(int=7), UUID(int=8)
VT = "veilig-thuis-west-brabant"


@dataclass
class Postkamer:
    """The notifier with a relay that can be away; `left` is what it took."""

    away: bool = False
    left: list[NotificatieGevraagd] = field(default_factory=list)
    world: MemoryWorld = field(init=False)

    def __post_init__(self) -> None:
        (notifier,) = [item for item in definitions() if item.service is Service.NOTIFIER]
        self.world = MemoryWorld([notifier], start=MOMENT, performers=dict.fromkeys(KINDS, self._perform))

    async def _perform(self, request: Request, *_: object) -> Attempt:
        if self.away:
            return Attempt(Result.TEMPORARY, "niet bereikbaar")
        self.left += vragen_of(request)
        return Attempt(Result.DONE, "aangenomen")

    async def tell(self, *data: Gebeurtenis) -> None:
        for item in data:
            identifier = str(self.world.new_id())
            source = f"urn:nld:oin:{OIN}:systeem:houvast-monitoring"
            await self.world.offer(CloudEvent(identifier, source, CASUS_ID, self.world.klok.now(), None, item))

    async def wait(self, **how: float) -> None:
        await self.world.move(timedelta(**how))

    def said(self, kind: type[Gebeurtenis]) -> set[UUID]:
        return {event.data.notificatie_id for event in self.world.events(kind)}


def vraag(name: str, **changed: object) -> NotificatieGevraagd:
    fields = {
        "regio": "west-brabant",
        "partij": VT,
        "rol": "leidinggevende",
        "gemeente": None,
        "team": None,
        "aanleiding": Aanleiding.ESCALATIE,
        "urgentie": NotificatieUrgentie.GEWOON,
        "termijn_id": TERMIJN,
        "wettelijk_moment": MOMENT,
    }
    return build(NotificatieGevraagd, notificatie_id=derived_id("vraag", name), **(fields | changed))


def intrekking(waarom: Intrekkingsreden) -> IntrekkingGevraagd:
    return IntrekkingGevraagd(termijn_id=TERMIJN, waarom=waarom, uitleg="Het is op tijd gebeurd.")


def run(story: Callable[[Postkamer], object]) -> Postkamer:
    postkamer = Postkamer()
    asyncio.run(story(postkamer))  # type: ignore[arg-type]
    return postkamer


@pytest.mark.parametrize("urgentie", list(NotificatieUrgentie))
@pytest.mark.parametrize("waarom", list(Intrekkingsreden))
def test_what_has_not_left_does_not_leave_any_more(urgentie: NotificatieUrgentie, waarom: Intrekkingsreden) -> None:
    async def story(postkamer: Postkamer) -> None:
        postkamer.away = True
        await postkamer.tell(vraag("een", urgentie=urgentie))
        await postkamer.wait(minutes=5)
        await postkamer.tell(intrekking(waarom))
        postkamer.away = False
        await postkamer.wait(days=2)

    postkamer = run(story)
    assert postkamer.left == []
    assert postkamer.said(NotificatieVervallen) == {derived_id("vraag", "een")}
    rows = postkamer.world.view(Service.NOTIFIER, "notificatie")
    assert {row["status"] for row in rows} == {"vervallen"}


def test_what_waited_with_it_leaves_without_it() -> None:
    async def story(postkamer: Postkamer) -> None:
        await postkamer.tell(vraag("eerst", termijn_id=ANDERE))
        postkamer.away = True
        await postkamer.tell(vraag("een"), vraag("ander", termijn_id=ANDERE))
        await postkamer.wait(minutes=5)
        await postkamer.tell(intrekking(Intrekkingsreden.ACHTERHAALD))
        postkamer.away = False
        await postkamer.wait(days=2)

    postkamer = run(story)
    assert {item.notificatie_id for item in postkamer.left} == {
        derived_id("vraag", "eerst"),
        derived_id("vraag", "ander"),
    }
    assert postkamer.said(NotificatieVerzonden) == {item.notificatie_id for item in postkamer.left}


def test_what_may_be_under_way_is_not_split() -> None:
    """The next attempt may have begun when the withdrawal comes: all of it leaves as it is, and nobody is told twice."""

    async def story(postkamer: Postkamer) -> None:
        await postkamer.tell(vraag("eerst", termijn_id=ANDERE))
        postkamer.away = True
        await postkamer.tell(vraag("een"), vraag("ander", termijn_id=ANDERE))
        await postkamer.wait(minutes=5)
        notifier = postkamer.world.services[Service.NOTIFIER]
        waiting = max(asked.due_at for asked in notifier.store.open_requests())
        postkamer.world.klok.move_to(waiting)
        withdrawn = Incoming(UUID(int=99), CASUS_ID, intrekking(Intrekkingsreden.ACHTERHAALD))
        await notifier.unit_of_work.run([withdrawn])
        postkamer.away = False
        await postkamer.wait(days=2)

    left = [item.notificatie_id for item in run(story).left]
    per_person = left.count(derived_id("vraag", "eerst"))
    assert left.count(derived_id("vraag", "ander")) == left.count(derived_id("vraag", "een")) == per_person


def test_whoever_was_told_what_was_not_so_hears_that_once() -> None:
    async def story(postkamer: Postkamer) -> None:
        await postkamer.tell(vraag("een"), vraag("ander", termijn_id=ANDERE))
        await postkamer.wait(hours=1)
        await postkamer.tell(intrekking(Intrekkingsreden.ONJUIST), intrekking(Intrekkingsreden.ONJUIST))
        await postkamer.wait(days=2)

    postkamer = run(story)
    told = [item for item in postkamer.left if item.termijn_id == TERMIJN and item.aanleiding is Aanleiding.ESCALATIE]
    back = [item for item in postkamer.left if item.aanleiding is Aanleiding.INGETROKKEN]
    assert len(told) == len(back) > 0, "one by every channel it went by"
    tekst = Sjablonen("https://houvast.example").render(back[:1])
    assert "Ingetrokken" in tekst.subject
    assert "Het is op tijd gebeurd." in tekst.plain
    assert "klopte niet" in tekst.plain


def test_what_was_so_is_not_taken_back() -> None:
    async def story(postkamer: Postkamer) -> None:
        await postkamer.tell(vraag("een"))
        await postkamer.wait(hours=1)
        await postkamer.tell(intrekking(Intrekkingsreden.ACHTERHAALD))
        await postkamer.wait(days=2)

    assert {item.aanleiding for item in run(story).left} == {Aanleiding.ESCALATIE}


def test_what_says_more_than_what_is_over_still_leaves() -> None:
    """Else nobody would hear the rest; that it was not so is a reason not to say it at all."""

    async def story(postkamer: Postkamer) -> None:
        postkamer.away = True
        await postkamer.tell(vraag("een", zegt_meer=True), vraag("twee"))
        await postkamer.tell(intrekking(Intrekkingsreden.ACHTERHAALD))
        postkamer.away = False
        await postkamer.wait(days=1)

    assert {item.notificatie_id for item in run(story).left} == {derived_id("vraag", "een")}


def test_a_warning_that_comes_after_the_moment_is_not_sent() -> None:
    async def story(postkamer: Postkamer) -> None:
        await postkamer.tell(vraag("een", aanleiding=Aanleiding.TERMIJN_NADERT))
        later = postkamer.world.klok.now() + timedelta(hours=1)
        await postkamer.tell(vraag("twee", aanleiding=Aanleiding.TERMIJN_NADERT, wettelijk_moment=later))
        await postkamer.wait(days=2)

    postkamer = run(story)
    assert {item.notificatie_id for item in postkamer.left} == {derived_id("vraag", "twee")}
    assert postkamer.said(NotificatieVervallen) == {derived_id("vraag", "een")}


@pytest.mark.parametrize("about", ["notificatie_id", "escalatie_id"])
def test_what_is_about_no_term_is_stopped_by_its_own_id_or_that_of_its_escalatie(about: str) -> None:
    """G10: confirmed meanwhile, or closed by people."""
    kamer, other = Postkamer(away=True), UUID(int=9)
    told = vraag("een", termijn_id=None, escalatie_id=other)
    kept = vraag("twee", termijn_id=None, escalatie_id=UUID(int=10))

    async def tell() -> None:
        await kamer.tell(told, kept)
        await kamer.wait(minutes=30)
        over = told.notificatie_id if about == "notificatie_id" else other
        await kamer.tell(IntrekkingGevraagd(**{about: over}, waarom=Intrekkingsreden.ACHTERHAALD, uitleg="niet meer"))
        kamer.away = False
        await kamer.wait(hours=3)

    asyncio.run(tell())
    assert {item.notificatie_id for item in kamer.left} == {kept.notificatie_id}
    assert kamer.said(NotificatieVervallen) == {told.notificatie_id}
