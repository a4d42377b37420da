"""How far a service has heard the others: nobody is said to be late by who has not (docs/decisions/0018)."""

from collections.abc import Collection

from contracts.messages.moment import EARLIEST
from contracts.messages.topics import Service
from services.runtime.database.connection import Connection
from services.runtime.unit.store import Heard

STANDS_STILL_AFTER_SECONDS = 30
"""Real seconds by the clock of the database, so that a fast or moved Clock makes nobody impatient."""

_HEARD = """
select min(tot) as tot, count(*)::int as aantal,
       bool_or(clock_timestamp() - gemeten_op > make_interval(secs => $3)) as staat_stil
from houvast.watermerk where luisteraar = $1 and zender = any($2::text[])
"""


async def ask_silence(connection: Connection, senders: Collection[Service]) -> None:
    """Let the senders look at once whether something of them is still on its way."""
    channels = [f"houvast_{sender.value}" for sender in senders]
    await connection.execute("select pg_notify(c, 'silence') from unnest($1::text[]) as t(c)", channels)


async def read_heard(connection: Connection, listener: Service, senders: Collection[Service]) -> Heard:
    """As the senders have it; of one that never said anything nothing was heard."""
    row = await connection.fetchrow(
        _HEARD, listener.value, [sender.value for sender in senders], STANDS_STILL_AFTER_SECONDS
    )
    if row is None or row["aantal"] < len(senders):
        return Heard(EARLIEST, stands_still=True)
    return Heard(row["tot"], stands_still=row["staat_stil"])
