"""Letting go on what lies aside, in bulk: of a case, by reason, all of it; and what only a newer release knows."""

import asyncio
from contextlib import suppress

import orjson
import pytest

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.triage import MeldingOntvangen
from services.runtime.unit.decision import Record
from services.runtime.unit.releasing import Released, release_all, release_known
from tests.builders import build
from tests.fakes.desk import Desk, lay_schema, open_desk, record, until
from tests.fakes.estafette import HANDOVER

pytestmark = [pytest.mark.anyio, pytest.mark.database]

ONE, TWO, THREE = (CasusId(derived_id("casus", name)) for name in ("een", "twee", "drie"))
BY = "houvast (beheer)"


def melding(number: int) -> MeldingOntvangen:
    return build(MeldingOntvangen, melding_id=derived_id("melding", str(number)))


def changed(casus_id: CasusId, number: int, **how: object) -> Record:
    """An event of which something is not as this release knows it."""
    known = record(melding(number), casus_id, number)
    return Record(known.topic, 0, number, orjson.dumps(orjson.loads(known.raw) | how))


async def lay_aside(desk: Desk) -> None:
    await desk.hub.take(
        [
            changed(ONE, 1, data={}),
            changed(TWO, 2, data={}),
            changed(TWO, 3, type="nl.sociaaldomein.meldingen.melding-ontvangen.v2"),
            changed(THREE, 4, type="nl.sociaaldomein.meldingen.melding-ontvangen.v2"),
        ]
    )


async def mend(desk: Desk) -> None:
    """What could not be read can be now."""
    for row in await desk.pool.fetch("select key, casus_id, positie from geparkeerd"):
        raw = record(melding(row["positie"]), CasusId(row["casus_id"]), row["positie"]).raw
        await desk.pool.execute("update geparkeerd set bericht = $2 where key = $1", row["key"], raw)


async def test_what_people_name_goes_on_and_the_rest_stays(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    async with open_desk(fresh_database, HANDOVER) as desk:
        await lay_aside(desk)
        again = await release_all(desk.pool, desk.unit_of_work, casus_id=None, reason=None, actor=BY)
        assert again == Released(done=0, left=4), "what is not mended stays"
        await mend(desk)
        other = await release_all(desk.pool, desk.unit_of_work, casus_id=None, reason="schijf vol", actor=BY)
        assert other == Released(0, 0)
        assert await release_all(desk.pool, desk.unit_of_work, casus_id=ONE, reason=None, actor=BY) == Released(1, 0)
        by_reason = await release_all(desk.pool, desk.unit_of_work, casus_id=None, reason="type:", actor=BY)
        assert by_reason == Released(1, 1), "one waits for a dead letter of its case"
        assert await release_all(desk.pool, desk.unit_of_work, casus_id=None, reason=None, actor=BY) == Released(2, 0)
        assert await desk.count("geparkeerd") == 0


async def test_a_newer_release_handles_what_it_knows_when_it_starts(fresh_database: str) -> None:
    """A dead letter is for people; only what was unknown is tried again by itself."""
    await lay_schema(fresh_database, "handover")
    async with open_desk(fresh_database, HANDOVER) as desk:
        await lay_aside(desk)
        await mend(desk)
        starting = asyncio.create_task(release_known(desk.pool, desk.unit_of_work))

        async def nothing_is_left_of_the_third() -> bool:
            return await desk.pool.fetchval("select count(*) = 0 from geparkeerd where casus_id = $1", THREE)

        await until(nothing_is_left_of_the_third)
        starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting
        assert await desk.count("geparkeerd") == 3, "those of a held case wait for people"
