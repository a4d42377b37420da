"""After a day of downtime everything due fires once, in ladder order, and only after what people did was heard (G4)."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import asyncpg
import pytest

from contracts.afspraken import Anker, load_rule_book
from contracts.messages.documenten import Professional
from contracts.messages.envelope import Gebeurtenis, decode
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.monitoring import (
    Drager,
    EscalatieGestart,
    EscalatieOpgeschaald,
    TermijnVerstreken,
    ZichtOpVeiligheidOvergegaan,
)
from contracts.messages.topics import CATALOGUE, Service
from services.monitoring.adapters import RegisterPartijen
from services.monitoring.domain.invoer import CorrectieInvoer
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.handlers import CorrectFeit, Handlers, project
from services.runtime.access.actor import Actor
from services.runtime.database.migrate import migrate
from services.runtime.process.clock import VirtueleKlok
from services.runtime.unit.decision import Incoming, Record, ServiceDefinition
from services.runtime.unit.fold import Done
from tests.fakes.desk import Desk, lay_schema, open_desk, record
from tests.unit.monitoring.verhalen import ONTVANGEN, Verhaal, at
from tests.unit.notifier.test_notificaties import register

pytestmark = [pytest.mark.anyio, pytest.mark.database, pytest.mark.timeout(300)]

PER_GROEP = 200
DOWN, UP = at("03-09 01:00"), at("03-10 01:00")
WB, MB = Verhaal(), Verhaal(regio="midden-brabant", gemeente="GM0855")
VT_MB = Actor("veilig-thuis-midden-brabant")
DOOR = Professional(naam="Noor van Voorbeeld", functie="triagist")

ZWIJGT, NIET_OPGEPAKT, BEVESTIGD, GECORRIGEERD = "zwijgt", "niet-opgepakt", "bevestigd", "gecorrigeerd"
GROEPEN = (ZWIJGT, NIET_OPGEPAKT, BEVESTIGD, GECORRIGEERD)
"""West-Brabant silent on two terms; Midden-Brabant late; confirmed while the hub was down; a date that was wrong."""

Zaken = dict[CasusId, str]


def zaken() -> Zaken:
    """Every case and the group it is in, mixed."""
    return {CasusId(derived_id("stilstand", groep, str(n))): groep for n in range(PER_GROEP) for groep in GROEPEN}


def overdracht_of(casus: CasusId) -> UUID:
    return uuid5(casus, "overdracht")


def before(casus: CasusId, groep: str) -> list[Gebeurtenis]:
    """What happened before the hub went down."""
    over = overdracht_of(casus)
    if groep in {ZWIJGT, BEVESTIGD}:
        return [WB.melding(), WB.afgeleverd(at("03-05 10:00"), overdracht_id=over)]
    besluit = MB.besluit(at("03-02 10:00"))
    return [MB.melding(), besluit, MB.afgeleverd(at("03-02 11:00"), overdracht_id=over)]


def meanwhile(casus: CasusId, groep: str) -> list[Gebeurtenis]:
    """What is heard only when it is back: it waited on Kafka."""
    if groep != BEVESTIGD:
        return []
    return [WB.besluit(at("03-05 09:30")), WB.bevestigd(at("03-09 15:00"), overdracht_id=overdracht_of(casus))]


def records(casus: CasusId, events: Sequence[Gebeurtenis], first: int) -> list[Record]:
    return [
        record(event, casus, uuid5(casus, str(number)).int % 2**127, offset=number)
        for number, event in enumerate(events, first)
    ]


@asynccontextmanager
async def copies(url: str) -> AsyncGenerator[tuple[Desk, Desk]]:
    """Two copies of monitoring over one database and one clock."""
    await lay_schema(url, "monitoring")
    connection = await asyncpg.connect(url)
    await migrate(connection, "monitoring", [("monitoring", "services.monitoring.migrations")])
    await connection.close()
    definition = ServiceDefinition(
        service=Service.MONITORING,
        state=Toezicht,
        handle=Handlers(load_rule_book(), RegisterPartijen(register())),
        project=project,
    )
    klok = VirtueleKlok(ONTVANGEN)
    async with open_desk(url, definition, klok=klok) as one, open_desk(url, definition, klok=klok) as other:
        yield one, other


async def fire(*desks: Desk) -> int:
    """Everything that is due, by all copies at once; how many timers that were."""

    async def work(desk: Desk) -> int:
        fired = 0
        while done := await desk.unit_of_work.run_due(100):
            fired += done
        return fired

    return sum(await asyncio.gather(*(work(desk) for desk in desks)))


async def move_on(klok: VirtueleKlok, until: datetime, *desks: Desk) -> None:
    """Every timer at its own moment."""
    while (due := await desks[0].pool.fetchval("select min(due_at) from timer")) is not None and due <= until:
        klok.move_to(max(due, klok.now()))
        await fire(*desks)
    klok.move_to(until)


async def events_of(desk: Desk) -> dict[CasusId, list[Gebeurtenis]]:
    """What was published, per case in its order."""
    found: dict[CasusId, list[Gebeurtenis]] = {}
    for row in await desk.pool.fetch("select casus_id, bericht from outbox order by positie"):
        event = decode(bytes(row["bericht"]), CATALOGUE)
        found.setdefault(CasusId(row["casus_id"]), []).append(event.data)
    return found


def only(events: Sequence[Gebeurtenis], kind: type[Gebeurtenis]) -> list[Gebeurtenis]:
    return [event for event in events if isinstance(event, kind)]


async def test_a_day_of_downtime_fires_everything_once_in_ladder_order(fresh_database: str) -> None:
    """More than a thousand timers of three ladders, two copies at once, corrections and receipts heard first."""
    all_zaken = zaken()
    async with copies(fresh_database) as (one, other):
        klok = one.klok
        klok.move_to(at("03-05 12:00"))
        await one.hub.take(
            [rec for casus, groep in all_zaken.items() for rec in records(casus, before(casus, groep), 1)]
        )
        await move_on(klok, DOWN, one, other)
        klok.move_to(UP)

        news = [rec for casus, groep in all_zaken.items() for rec in records(casus, meanwhile(casus, groep), 10)]
        await other.hub.take(news)
        wrong = [casus for casus, groep in all_zaken.items() if groep == GECORRIGEERD]
        await asyncio.gather(*(correct_aflevering(one, casus, at("03-04 11:00")) for casus in wrong))
        assert await one.pool.fetchval("select count(*) from timer where due_at <= $1", UP) >= 1000
        assert await fire(one, other) >= 1000
        assert await fire(one, other) == 0

        said = await events_of(one)
        for casus, groep in all_zaken.items():
            check_first_call(said[casus], groep)
        await move_on(klok, UP + timedelta(days=1), one, other)
        await move_on(klok, UP + timedelta(days=30), one, other)
        said = await events_of(one)
        for casus, groep in all_zaken.items():
            check_ladders(said[casus], groep)


async def correct_aflevering(desk: Desk, casus: CasusId, op: datetime) -> None:
    """Veilig Thuis puts the delivery right as soon as the hub answers again."""
    command = CorrectFeit(
        CorrectieInvoer(
            feit=Anker.OVERDRACHT_AFGELEVERD,
            op=op,
            door=DOOR,
            toelichting="Verkeerd overgenomen.",
            onderwerp_id=overdracht_of(casus),
        )
    )
    reply = await desk.hub.submit(Incoming(derived_id("correctie", str(casus)), casus, command, VT_MB))
    assert isinstance(reply, Done), reply


def check_first_call(events: Sequence[Gebeurtenis], groep: str) -> None:
    """Missed terms and first rungs, each once, the term before its escalatie; nobody who was in time is accused."""
    missed = [event.regel_id for event in events if isinstance(event, TermijnVerstreken)]
    called = [(event.regel_id, event.rol) for event in events if isinstance(event, EscalatieGestart)]
    expected = {
        ZWIJGT: {"veiligheidsbeoordeling": "leidinggevende", "ontvangstbevestiging": "leidinggevende"},
        NIET_OPGEPAKT: {"oppakken": "gedragswetenschapper"},
    }.get(groep, {})
    with_taking_up = (
        ["ontvangstbevestiging"] if groep == NIET_OPGEPAKT else []
    )  # MB: at the same moment, no ladder of its own
    assert Counter(missed) == Counter([*expected, *with_taking_up]), groep
    assert Counter(called) == Counter(expected.items()), groep
    assert not only(events, EscalatieOpgeschaald), "the waiting time of a rung counts from when its people were called"
    order = [
        (type(event), event.termijn_id) for event in events if isinstance(event, TermijnVerstreken | EscalatieGestart)
    ]
    for kind, termijn_id in order:
        assert order.index((TermijnVerstreken, termijn_id)) <= order.index((kind, termijn_id))
    moved = [
        event for event in events if isinstance(event, ZichtOpVeiligheidOvergegaan) and event.naar is Drager.LOKAAL_TEAM
    ]
    assert len(moved) == (0 if groep == GECORRIGEERD else 1), groep


def check_ladders(events: Sequence[Gebeurtenis], groep: str) -> None:
    """Rung after rung, none twice and none skipped, up to the top of its own ladder."""
    tops = {
        ZWIJGT: {"veiligheidsbeoordeling": 3, "ontvangstbevestiging": 4},
        NIET_OPGEPAKT: {"oppakken": 4},
        GECORRIGEERD: {"oppakken": 4},
    }.get(groep, {})
    climbed: dict[str, list[int]] = {}
    for event in events:
        if isinstance(event, EscalatieGestart | EscalatieOpgeschaald):
            climbed.setdefault(event.regel_id, []).append(event.trede)
    assert climbed == {regel: list(range(1, top + 1)) for regel, top in tops.items()}, groep
