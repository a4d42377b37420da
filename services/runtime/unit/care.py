"""What whoever runs the hub looks at and does in one service: what waits, what lies aside, and who did what about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.runtime.database.connection import Connection
from services.runtime.unit.gauges import OUTBOX
from services.runtime.unit.writes import ParkedKind

_NOTE = "insert into beheerdaad (op, wie, wat, waarover, toelichting) values ($1, $2, $3, $4, $5)"
_DEEDS = "select op, wie, wat, waarover, toelichting from beheerdaad order by nummer desc limit $1"
_REQUESTS = """
select count(*)::int as aantal, min(gemaakt_op) as oudste, (count(*) filter (where pogingen > 0))::int as mislukt,
       min(gemaakt_op) filter (where pogingen > 0) as oudste_mislukt
from opdracht where status = 'open'
"""
_TIMERS = "select count(*)::int as aantal, min(due_at) as oudste from timer where due_at <= $1"
_ASIDE = """
select soort, count(*)::int as aantal, count(distinct casus_id)::int as casussen, min(op) as oudste
from geparkeerd group by soort
"""
_HEARD = """
select zender, luisteraar, tot, verloren, clock_timestamp() - gemeten_op > make_interval(secs => $1) as stil
from houvast.watermerk order by zender, luisteraar
"""
_LETTERS = """
select nummer, key, casus_id, soort, reden, topic, partitie, positie, op from geparkeerd
where nummer > $1 order by nummer limit $2
"""
_REASONS = """
select reden, count(*)::int as aantal, min(op) as oudste from geparkeerd where soort = any($1::text[])
group by reden order by count(*) desc, reden limit $2
"""
_NOT_MEASURED_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Beheerdaad:
    """Something that was done, by whom and why."""

    op: datetime
    wie: str
    wat: str
    waarover: str
    toelichting: str


async def note_deed(
    connection: Connection, wat: str, *, wie: str, now: datetime, waarover: str = "", toelichting: str = ""
) -> None:
    """Before it is done: nothing happens without its line."""
    await connection.execute(_NOTE, now, wie, wat, waarover, toelichting)


async def latest_deeds(connection: Connection, *, number: int = 10) -> Sequence[Beheerdaad]:
    """The latest, newest first."""
    return [Beheerdaad(**row) for row in await connection.fetch(_DEEDS, number)]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits of one kind, and since when the oldest does."""

    number: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Aside:
    """What lies aside of one kind, of how many cases, and since when."""

    kind: ParkedKind
    number: int
    cases: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class HeardUntil:
    """Up to which moment a listener heard everything of a sender, as measured by the sender."""

    sender: str
    listener: str
    until: datetime
    lost: bool
    not_measured: bool


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in this service."""

    outbox: Waiting
    requests: Waiting
    failed: Waiting
    timers: Waiting
    aside: Sequence[Aside]


async def read_backlog(connection: Connection, *, now: datetime) -> Backlog:
    """As it is now."""
    outbox = await connection.fetchrow(OUTBOX)
    requests = await connection.fetchrow(_REQUESTS)
    timers = await connection.fetchrow(_TIMERS, now)
    assert outbox is not None
    assert requests is not None
    assert timers is not None
    return Backlog(
        outbox=Waiting(outbox["number"], outbox["oldest"]),
        requests=Waiting(requests["aantal"], requests["oudste"]),
        failed=Waiting(requests["mislukt"], requests["oudste_mislukt"]),
        timers=Waiting(timers["aantal"], timers["oudste"]),
        aside=[
            Aside(ParkedKind(row["soort"]), row["aantal"], row["casussen"], row["oudste"])
            for row in await connection.fetch(_ASIDE)
        ],
    )


async def read_heard_until(connection: Connection) -> Sequence[HeardUntil]:
    """Of all services: what they tell each other about it is shared."""
    return [
        HeardUntil(row["zender"], row["luisteraar"], row["tot"], row["verloren"], row["stil"])
        for row in await connection.fetch(_HEARD, _NOT_MEASURED_SECONDS)
    ]


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that lies aside: where it came from and why it lies there, not what is in it."""

    number: int
    key: UUID
    casus_id: UUID | None
    kind: ParkedKind
    reason: str
    place: str
    at: datetime


async def read_letters(connection: Connection, *, after: int, number: int) -> Sequence[Letter]:
    """What lies aside, the oldest first."""
    return [
        Letter(
            number=row["nummer"],
            key=row["key"],
            casus_id=row["casus_id"],
            kind=ParkedKind(row["soort"]),
            reason=row["reden"],
            place=f"{row['topic']}/{row['partitie']}@{row['positie']}",
            at=row["op"],
        )
        for row in await connection.fetch(_LETTERS, after, number)
    ]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why records lie aside, and how many by this reason."""

    text: str
    number: int
    oldest: datetime


async def read_reasons(connection: Connection, kinds: frozenset[ParkedKind], *, number: int) -> Sequence[Reason]:
    """The reasons of these kinds, the most frequent first."""
    rows = await connection.fetch(_REASONS, sorted(kind.value for kind in kinds), number)
    return [Reason(row["reden"], row["aantal"], row["oudste"]) for row in rows]
