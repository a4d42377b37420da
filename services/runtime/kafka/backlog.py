"""A long row of waiting events, so that what is new of other cases need not wait for its end."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.runtime.database.connection import Pool, Row

FRESH_AT_ONCE = 250
LONG_AFTER_ROUNDS = 5
"""Full rounds in a row that make a long row."""

_QUIET = "set local lock_timeout = '200ms'; lock table outbox in share mode"
"""With nobody at work on the outbox, whatever comes later has a higher position. Who writes waits a moment, once."""
_CASES = """
select distinct o.casus_id from te_verzenden t cross join lateral
    (select casus_id from outbox where outbox.positie = t.positie offset 0) as o where t.positie <= $1
"""
_FRESH = """
select t.positie, o.topic, o.casus_id, o.bericht from te_verzenden t cross join lateral
    (select topic, casus_id, bericht from outbox where outbox.positie = t.positie offset 0) as o
where t.positie > $2 and o.casus_id <> all($3::uuid[]) order by t.positie limit $1
"""


class Backlog:
    """What waits up to a position. An event after it may go first when its case has nothing in the row."""

    def __init__(self, upto: int, cases: frozenset[UUID]) -> None:
        self.upto = upto
        self._cases = cases
        self._behind: set[UUID] = set()

    async def fresh(self, pool: Pool, held: Sequence[UUID]) -> list[Row]:
        """The first events after the row of cases that are not in it, in order."""
        rows = await pool.fetch(_FRESH, FRESH_AT_ONCE, self.upto, [*held, *self._behind])
        self._behind |= {row["casus_id"] for row in rows} & self._cases
        return [row for row in rows if row["casus_id"] not in self._behind]


async def look_at_backlog(pool: Pool) -> Backlog | None:
    """None where somebody is at work on the outbox just now."""
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(_QUIET)
            upto: int = await connection.fetchval("select coalesce(max(positie), 0) from outbox")
    except asyncpg.LockNotAvailableError:
        return None
    rows = await pool.fetch(_CASES, upto)
    return Backlog(upto, frozenset(row["casus_id"] for row in rows))
