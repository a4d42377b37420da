"""Letting go on what was set aside: by people once the cause is mended, and by a release that knows what an older did not."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from contracts.messages.topics import CATALOGUE
from services.runtime.database.connection import Pool
from services.runtime.unit.decision import Record
from services.runtime.unit.fold import Done
from services.runtime.unit.intake import soort_of
from services.runtime.unit.unit_of_work import UnitOfWork
from services.runtime.unit.writes import TOLD_KINDS, UNKNOWN_KINDS

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 3600.0
_RETRIED = [kind.value for kind in UNKNOWN_KINDS | TOLD_KINDS]
_MATCHING = """
select key from geparkeerd where soort = any($1::text[]) and ($2::uuid is null or casus_id = $2)
and ($3::text is null or starts_with(reden, $3)) order by nummer
"""
_UNKNOWN = "select key, topic, partitie, positie, bericht from geparkeerd where soort = any($1::text[]) order by nummer"


@dataclass(frozen=True, slots=True)
class Released:
    """How many records went on, and how many lie aside still."""

    done: int = 0
    left: int = 0


async def release_all(
    pool: Pool, unit_of_work: UnitOfWork[Any], *, casus_id: UUID | None, reason: str | None, actor: str
) -> Released:
    """Handle what lies aside again, oldest first: of one case, or whose reason begins so, or all of it."""
    rows = await pool.fetch(_MATCHING, _RETRIED, casus_id, reason)
    replies = [await unit_of_work.release(row["key"], actor=actor) for row in rows]
    done = sum(reply is None or isinstance(reply, Done) for reply in replies)
    return Released(done, len(replies) - done)


async def release_known(pool: Pool, unit_of_work: UnitOfWork[Any]) -> None:
    """Handle what an older release set aside because it did not know it and this one does; until cancelled."""
    while True:
        for row in await pool.fetch(_UNKNOWN, [kind.value for kind in UNKNOWN_KINDS]):
            record = Record(row["topic"], row["partitie"], row["positie"], bytes(row["bericht"]))
            if soort_of(record) in CATALOGUE:
                reply = await unit_of_work.release(row["key"])
                log.info("unknown_event_reconsidered", soort=soort_of(record), outcome=type(reply).__name__)
        await asyncio.sleep(LOOK_EVERY_SECONDS)
