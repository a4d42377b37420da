"""What waits in a service, measured now and then for whoever watches `/metrics`."""

import asyncio
from typing import Any

from services.runtime.database.connection import Pool
from services.runtime.process.clock import Klok
from services.runtime.process.metrics import (
    show_held_cases,
    show_oldest_request,
    show_outbox,
    show_refusing,
    show_undelivered,
)

EVERY_SECONDS = 15.0

OUTBOX = (
    "select (select count(*) from te_verzenden) as number,"
    " (select gemaakt_op from outbox where positie = (select min(positie) from te_verzenden)) as oldest"
)
HELD_CASES = "select count(distinct casus_id) from geparkeerd where soort = 'dode-brief'"
MISSED_CASES = "select count(distinct casus_id) from geparkeerd where soort = 'kafka-verder'"
ASIDE_CASES = "select count(distinct casus_id) from geparkeerd where soort in ('dode-brief', 'kafka-verder')"
"""Those that wait for a person: held ones, and those that we know less of than was told."""
_REFUSING = "select count(*) from bestemming where geweigerd_op is not null and weiger_via is null"
_UNDELIVERED = "select min(gemaakt_op) from opdracht where status = 'open' and pogingen > 0"
_OLDEST = (
    "select bestemming, min(gemaakt_op) as oldest from opdracht"
    " where status = 'open' and bestemming in (select naam from tempo) group by bestemming"
)
"""Of the destinations that are known by name; those of the notifier name people."""


async def run_gauges(pool: Pool, klok: Klok, *, service: str) -> None:
    """Until cancelled. Ages are in seconds on the Clock."""
    known: set[str] = set()
    while True:
        known = await measure(pool, klok, service=service, known=known)
        await asyncio.sleep(EVERY_SECONDS)


async def measure(pool: Pool, klok: Klok, *, service: str, known: set[str]) -> set[str]:
    """Show the outbox, the held cases and the oldest open request per destination; the destinations that had one.

    A destination of `known` that has none any more is shown with age 0.
    """
    now = klok.now()

    def age(oldest: Any) -> float:
        return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())

    (outbox,) = await pool.fetch(OUTBOX)
    show_outbox(service, waiting=outbox["number"], oldest_seconds=age(outbox["oldest"]))
    show_held_cases(service, await pool.fetchval(ASIDE_CASES))
    show_refusing(service, await pool.fetchval(_REFUSING))
    show_undelivered(service, age(await pool.fetchval(_UNDELIVERED)))
    waiting = {row["bestemming"]: row["oldest"] for row in await pool.fetch(_OLDEST)}
    for destination in known | waiting.keys():
        show_oldest_request(service, destination, age(waiting.get(destination)))
    return set(waiting)
