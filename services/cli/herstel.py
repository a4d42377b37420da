"""`houvast herstel`: send again what listeners do not have, after a Kafka cluster or topic was lost."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from contracts.messages.envelope import source_urn
from contracts.messages.identifiers import derived_id
from contracts.messages.moment import EARLIEST, LATEST
from contracts.messages.topics import TOPICS, Service
from services.cli.reach import reached_database
from services.runtime.database.connection import Row, Session
from services.runtime.settings import Settings, load_settings

CHUNK = 5000
LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
"""Without any progress for so long nobody waits any more."""
_LISTENERS: Mapping[str, tuple[Service, ...]] = {topic.name: topic.listeners for topic in TOPICS}


def herstel(
    sinds: Annotated[
        datetime | None,
        typer.Option(help="Alleen wat vanaf dit moment (zonder tijdzone: UTC) gemaakt is; zonder: alles."),
    ] = None,
    alles: Annotated[
        bool, typer.Option("--alles", help="Ook wat de diensten al hebben: voor wie van buiten meeleest op Kafka.")
    ] = False,
    data: Annotated[Path | None, typer.Option(help="Map van `houvast up`.")] = None,
    database: Annotated[str | None, typer.Option(help="URL van de database.")] = None,
) -> None:
    """Bied aan Kafka opnieuw aan wat diensten nog niet hebben, terwijl alles doorloopt. Niets gebeurt dubbel."""
    settings = load_settings(data_dir=data, database=database)
    done = asyncio.run(_restore(settings, None if sinds is None else _moment(sinds), everything=alles))
    raise typer.Exit(0 if done else 1)


def _moment(told: datetime) -> datetime:
    """In the zone that was told, or else in UTC. Raises `BadParameter` for a year that no calendar holds."""
    moment = told if told.tzinfo is not None else told.replace(tzinfo=UTC)
    if not EARLIEST <= moment < LATEST:
        raise typer.BadParameter(f"--sinds ligt niet tussen {EARLIEST.year} en {LATEST.year}")
    return moment


def _tell(sentence: str) -> None:
    typer.echo(sentence, err=True)


@dataclass(frozen=True, slots=True)
class _Outbox:
    """The outbox of a service, and what is to be sent from it again."""

    service: Service
    source: str
    positions: Sequence[int]

    @property
    def schema(self) -> str:
        return self.service.value


async def _restore(settings: Settings, since: datetime | None, *, everything: bool) -> bool:
    """Whether all that was to be sent has arrived, or will as soon as the services run."""
    async with reached_database(settings) as connection:
        outboxes: list[_Outbox] = []
        for service in Service:
            if await connection.fetchval("select to_regclass($1)", f"{service.value}.outbox"):
                source = source_urn(settings.oin, service.value)
                positions = await _to_send(connection, service, source, since, everything=everything)
                outboxes.append(_Outbox(service, source, positions))
        for outbox in outboxes:
            await _offer(connection, outbox)
        number = sum(len(outbox.positions) for outbox in outboxes)
        running = [outbox for outbox in outboxes if await _runs(connection, outbox.service)]
        if number == 0:
            _tell("0 gebeurtenissen te verzenden: elke dienst heeft alles.")
            return True
        if len(running) < len(outboxes):
            _tell(f"{number} gebeurtenis(sen) worden opnieuw verzonden zodra de diensten draaien.")
            return True
        _tell(f"{number} gebeurtenis(sen) worden opnieuw verzonden.")
        return await _follow(connection, outboxes)


async def _runs(connection: Session, service: Service) -> bool:
    query = "select exists (select from pg_stat_activity where datname = current_database() and application_name = $1)"
    return bool(await connection.fetchval(query, f"houvast-{service.value}"))


async def _to_send(
    connection: Session, service: Service, source: str, since: datetime | None, *, everything: bool
) -> list[int]:
    """In order. All of it is known before any of it is offered, so that nothing later of a case overtakes it."""
    found: list[int] = []
    query = (
        f"select positie, id, topic from {service.value}.outbox"  # noqa: S608  a service
        " where positie > $1 and ($2::timestamptz is null or gemaakt_op >= $2) order by positie limit $3"
    )
    last = -1
    while rows := await connection.fetch(query, last, since, CHUNK):
        last = rows[-1]["positie"]
        found += [row["positie"] for row in rows] if everything else await _unheard(connection, service, source, rows)
    return found


async def _unheard(connection: Session, service: Service, source: str, rows: Sequence[Row]) -> list[int]:
    """Which of these some listener does not have.

    First by what their source should be. Of what seems to be missing the event itself is read: its source may be an
    earlier one, and not every listener wants every type.
    """
    keyed = [(derived_id(source, str(row["id"])), row["topic"], "", row["positie"]) for row in rows]
    suspects = await _not_entered(connection, keyed)
    if not suspects:
        return []
    query = f"select positie, topic, bericht from {service.value}.outbox where positie = any($1::bigint[])"  # noqa: S608
    read: list[tuple[UUID, str, str, int]] = []
    for row in await connection.fetch(query, list(suspects)):
        event: dict[str, Any] = orjson.loads(row["bericht"])
        read.append((derived_id(event["source"], event["id"]), row["topic"], event["type"], row["positie"]))
    return sorted(await _not_entered(connection, read))


async def _not_entered(connection: Session, events: Collection[tuple[UUID, str, str, int]]) -> set[int]:
    """The positions of the events (key, topic, type, position) that are not in the inbox of some listener."""
    missing: set[int] = set()
    for listener in Service:
        wanted = {
            key: position
            for key, topic, soort, position in events
            if listener in _LISTENERS.get(topic, ()) and soort not in _passed_over(listener)
        }
        if not wanted:
            continue
        query = f"select key from {listener.value}.inbox where key = any($1::uuid[])"  # noqa: S608  a service
        heard: set[UUID] = set()
        if await connection.fetchval("select to_regclass($1)", f"{listener.value}.inbox"):
            heard = {row["key"] for row in await connection.fetch(query, list(wanted))}
        missing.update(wanted[key] for key in wanted.keys() - heard)
    return missing


@cache
def _passed_over(listener: Service) -> frozenset[str]:
    """The types that a service hears and does nothing with, so that its inbox never has them."""
    handlers = import_module(f"services.{listener.value}.handlers")
    return frozenset(event.soort for event in getattr(handlers, "PASSED_OVER", ()))


_BEGIN_ANEW = "update {s}.houder set epoch = epoch + 1, tot = clock_timestamp() where naam = 'relay'"
"""The relay that runs loses its lease, and with it what it remembers of where the topics ended."""


async def _offer(connection: Session, outbox: _Outbox) -> None:
    """What waits is sent again; where the topics ended before says nothing of a new cluster, so that is forgotten."""
    async with connection.transaction():
        await connection.execute(
            "update houvast.watermerk set einden = '{}', verloren = false where zender = $1", outbox.schema
        )
        await connection.execute(_BEGIN_ANEW.format(s=outbox.schema))
        await connection.execute(
            f"insert into {outbox.schema}.te_verzenden select unnest($1::bigint[]) on conflict do nothing",
            outbox.positions,
        )
        await connection.execute("select pg_notify($1, 'outbox')", f"houvast_{outbox.schema}")


async def _follow(connection: Session, outboxes: Sequence[_Outbox]) -> bool:
    """Tell how far it is until every listener has everything; False where that stands still."""
    loop = asyncio.get_running_loop()
    before, moved_at = None, loop.time()
    async for left in _left(connection, outboxes):
        if left == (0, 0):
            _tell("Klaar: elke dienst heeft alles.")
            return True
        if left != before:
            before, moved_at = left, loop.time()
            _tell(f"nog te verzenden: {left[0]}, nog niet overal ontvangen: {left[1]}")
        elif loop.time() - moved_at > PATIENCE_SECONDS:
            _tell(
                "Het staat stil. Draaien Kafka en alle diensten? Zie /gezond/klaar; wat openstaat gaat vanzelf verder."
            )
            return False
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError  # pragma: no cover  it only ends by returning


async def _left(connection: Session, outboxes: Sequence[_Outbox]) -> AsyncGenerator[tuple[int, int]]:
    """How much is to be sent yet, and how much of it some listener does not have."""
    while True:
        unsent = unheard = 0
        for outbox in outboxes:
            for first in range(0, len(outbox.positions), CHUNK):
                positions = outbox.positions[first : first + CHUNK]
                unsent += await connection.fetchval(
                    f"select count(*) from {outbox.schema}.te_verzenden where positie = any($1::bigint[])",  # noqa: S608
                    positions,
                )
                rows = await connection.fetch(
                    f"select positie, id, topic from {outbox.schema}.outbox where positie = any($1::bigint[])",  # noqa: S608
                    positions,
                )
                unheard += len(await _unheard(connection, outbox.service, outbox.source, rows))
        yield unsent, unheard
