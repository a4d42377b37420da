"""What a hub still has to do, as its databases tell it: due, and no further than the moment that was asked for."""

from datetime import timedelta

import pytest

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import Service
from lab.quiescence import Outstanding, next_due, outstanding
from tests.fakes.desk import START, Desk, lay_schema, meld, open_desk
from tests.fakes.estafette import TRIAGE

pytestmark = [pytest.mark.anyio, pytest.mark.database]

CASUS = CasusId(derived_id("casus", "rust"))
OTHER = CasusId(derived_id("casus", "rust", "ander"))
HOUR = timedelta(hours=1)
HERE = (TRIAGE.service,)
PLAN = (
    "insert into opdracht (id, casus_id, soort, bestemming, inhoud, due_at, pogingen, status, gemaakt_op)"
    " values (gen_random_uuid(), $1, 'bellen', $2, '{}', $3, 0, 'open', $3)"
)
STAND = "insert into bestemming (naam, mislukt, open_tot, gepauzeerd_op) values ($1, 1, $2, $3)"


async def told(desk: Desk, at: timedelta = timedelta()) -> dict[str, int]:
    found = await outstanding(desk.pool, at=START + at, services=HERE)
    return {item.wat: item.aantal for item in found}


async def test_an_event_is_outstanding_until_every_listener_has_it(fresh_database: str) -> None:
    await lay_schema(fresh_database, TRIAGE.service.value)
    async with open_desk(fresh_database, TRIAGE) as desk:
        assert await told(desk) == {}
        await desk.hub.submit(meld(CASUS))
        (event,) = await outstanding(desk.pool, at=START, services=HERE)
        assert event == Outstanding(TRIAGE.service.value, "gebeurtenissen", 1, START)
        await desk.pool.execute(
            "with weg as (delete from te_verzenden returning positie) insert into onderweg select positie from weg"
        )
        assert await told(desk) == {"gebeurtenissen": 1}, "published, and not taken yet"
        await desk.pool.execute("delete from onderweg")
        assert await told(desk) == {}


async def test_a_timer_is_outstanding_from_its_moment_on(fresh_database: str) -> None:
    await lay_schema(fresh_database, TRIAGE.service.value)
    async with open_desk(fresh_database, TRIAGE) as desk:
        assert await next_due(desk.pool, services=HERE) is None
        await desk.pool.execute("insert into timer values ($1, 'een', $2, '{}')", CASUS, START + HOUR)
        assert await told(desk, HOUR - timedelta(microseconds=1)) == {}
        assert await told(desk, HOUR) == {"wekkers": 1}
        assert await next_due(desk.pool, services=HERE) == START + HOUR


async def test_a_request_is_outstanding_when_its_turn_has_come_and_its_endpoint_may_be_tried(
    fresh_database: str,
) -> None:
    await lay_schema(fresh_database, TRIAGE.service.value)
    async with open_desk(fresh_database, TRIAGE) as desk:
        for casus_id, destination, due in ((CASUS, "a", HOUR), (CASUS, "a", timedelta()), (OTHER, "b", timedelta())):
            await desk.pool.execute(PLAN, casus_id, destination, START + due)
        assert await told(desk) == {"opdrachten": 1}, "what stands behind another waits for that one"
        await desk.pool.execute(STAND, "b", START + 2 * HOUR, None)
        assert await told(desk) == {}, "a breaker that is open lets nothing through before its moment"
        assert await told(desk, 2 * HOUR) == {"opdrachten": 2}
        await desk.pool.execute("update bestemming set gepauzeerd_op = $1", START)
        assert await told(desk, 2 * HOUR) == {"opdrachten": 1}, "what is stopped waits for a person"
        assert await next_due(desk.pool, services=HERE) == START + HOUR
        await desk.pool.execute("update opdracht set lease_tot = now() + interval '1 minute' where bestemming = 'b'")
        assert await told(desk) == {"opdrachten": 1}, "an attempt that is under way is one to wait for"


async def test_the_sentence_says_who_what_and_since_when() -> None:
    item = Outstanding(Service.MONITORING.value, "wekkers", 3, START)
    assert str(item) == "monitoring: 3 wekkers sinds 2026-03-02 08:00 UTC"
