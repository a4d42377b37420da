"""What the services still have to do, asked of their databases: whoever waits for them never has to guess how long.

What a caller still waits for by HTTP is not in here: the caller knows that itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.messages.topics import Service
from services.runtime.database.connection import Connection
from services.runtime.database.signals import KINDS

_FIRST_IN_LINE = """
select distinct on (o.casus_id, o.bestemming) o.lease_tot, greatest(o.due_at, b.open_tot) as op
from {s}.opdracht o left join {s}.bestemming b on b.naam = o.bestemming
where o.status = 'open' and (b.gepauzeerd_op is null or o.lease_tot is not null)
order by o.casus_id, o.bestemming, o.nummer
"""
"""Per case and destination: what stands behind it waits for it. What is stopped waits for a person."""

_OUTSTANDING = """
select '{s}' as dienst, 'gebeurtenissen' as wat, count(*) as aantal,
       (select gemaakt_op from {s}.outbox where positie = min(t.positie)) as oudste
from (select positie from {s}.te_verzenden union all select positie from {s}.onderweg) t
union all
select '{s}', 'wekkers', count(*), min(due_at) from {s}.timer where due_at <= $1
union all
select '{s}', 'opdrachten', count(*), min(op) from ({first}) r where op <= $1 or lease_tot is not null
"""
_DUE = "select due_at from {s}.timer union all select op from ({first}) r"


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What one service still has to do of one kind, and since when. Reads as Dutch."""

    dienst: str
    wat: str
    aantal: int
    oudste: datetime

    def __str__(self) -> str:
        return f"{self.dienst}: {self.aantal} {self.wat} sinds {self.oudste:%Y-%m-%d %H:%M} UTC"


async def outstanding(
    connection: Connection, *, at: datetime, services: Iterable[Service] = tuple(Service)
) -> tuple[Outstanding, ...]:
    """What was due at a moment on the Clock and is not done: events nobody has taken yet, timers, requests.

    Empty means at rest: nothing happens until the clock moves or somebody does something. That an event was taken is
    known on a broker that forgets; on another it counts as done once the broker has it.
    """
    rows = await connection.fetch(_all(_OUTSTANDING, services), at)
    return tuple(
        Outstanding(row["dienst"], row["wat"], row["aantal"], row["oudste"] or at) for row in rows if row["aantal"]
    )


async def next_due(connection: Connection, *, services: Iterable[Service] = tuple(Service)) -> datetime | None:
    """The moment of the first timer or request, past or to come; None where there is none at all."""
    row = await connection.fetchrow(f"select min(due_at) as op from ({_all(_DUE, services)}) d")  # noqa: S608  own names
    return None if row is None else row["op"]


async def wake_all(connection: Connection, *, services: Iterable[Service] = tuple(Service)) -> None:
    """Let every loop look again. For whoever moved the clock by hand, which tells nobody."""
    names = [service.value for service in services]
    await connection.execute("select pg_notify('houvast_' || s, $2) from unnest($1::text[]) s", names, " ".join(KINDS))


def _all(query: str, services: Iterable[Service]) -> str:
    parts = (query.format(s=service.value, first=_FIRST_IN_LINE.format(s=service.value)) for service in services)
    return " union all ".join(f"({part})" for part in parts)
