"""Faults of the world are never those of a message: a right, a table or the disk is mended, and then everything goes on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.triage import MeldingOntvangen
from services.runtime.database.roles import ensure_role
from services.runtime.process.metrics import REGISTRY
from services.runtime.unit.decision import Record, Refused
from services.runtime.unit.fold import Done
from tests.builders import build
from tests.fakes.desk import Desk, lay_schema, meld, open_desk, record, until
from tests.fakes.estafette import HANDOVER, TRIAGE

pytestmark = [pytest.mark.anyio, pytest.mark.database]


@asynccontextmanager
async def somebody_else(url: str) -> AsyncGenerator[Any, None]:
    """Whoever keeps the database."""
    connection: Any = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def event(number: int) -> Record:
    made = build(MeldingOntvangen, melding_id=derived_id("wereld", str(number)))
    return record(made, CasusId(derived_id("wereld-casus", str(number))), number)


def faults(service: str, sqlstate: str) -> float:
    labels = {"service": service, "sqlstate": sqlstate}
    return REGISTRY.get_sample_value("houvast_store_faults_total", labels) or 0.0


async def struck(desk: Desk, taking: "asyncio.Future[Any]") -> None:
    """Until the fault was met, by a message that still waits."""

    async def told() -> bool:
        return desk.store.trouble.told() is not None

    await until(told)
    assert not taking.done()


async def test_a_right_that_is_missing_for_a_while_costs_no_message(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    async with somebody_else(fresh_database) as keeper:
        role = await ensure_role(keeper, "handover")
        async with open_desk(f"{fresh_database}&role={role}", HANDOVER) as desk:
            await desk.hub.take([event(1)])
            await keeper.execute(f'revoke insert on handover.opdracht from "{role}"')
            before = faults("handover", "42501")
            taking = asyncio.ensure_future(desk.hub.take([event(number) for number in range(2, 9)]))
            await struck(desk, taking)
            assert faults("handover", "42501") > before
            assert "42501" in (desk.store.trouble.told() or "")
            await keeper.execute(f'grant insert on handover.opdracht to "{role}"')
            await asyncio.wait_for(taking, 30)
            assert await desk.count("opdracht") == 8
            assert await desk.count("geparkeerd") == 0


@pytest.mark.parametrize("sqlstate", ["42P01", "42703", "53100", "58030", "XX000", "25006"])
async def test_what_is_wrong_with_the_world_is_told_and_tried_again(fresh_database: str, sqlstate: str) -> None:
    """A table or column that is gone, a disk that is full or fails, an index that is broken, a server that only reads."""
    await lay_schema(fresh_database, "handover")
    async with somebody_else(fresh_database) as keeper, open_desk(fresh_database, HANDOVER) as desk:
        await raise_from(keeper, "handover", sqlstate)
        taking = asyncio.ensure_future(desk.hub.take([event(1), event(2)]))
        await struck(desk, taking)
        await keeper.execute("drop trigger storing on handover.aggregaat")
        await asyncio.wait_for(taking, 30)
        assert await desk.count("opdracht") == 2
        assert await desk.count("geparkeerd") == 0


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "55P03", "57014"])
async def test_giving_way_is_no_fault_of_anybody(fresh_database: str, sqlstate: str) -> None:
    await lay_schema(fresh_database, "triage")
    async with somebody_else(fresh_database) as keeper, open_desk(fresh_database, TRIAGE) as desk:
        await raise_from(keeper, "triage", sqlstate)
        (casus_id,) = (CasusId(derived_id("wereld-casus", "balie")),)
        reply = await desk.hub.submit(meld(casus_id))
        assert isinstance(reply, Refused)
        assert reply.status == 503
        assert desk.store.trouble.told() is None
        await keeper.execute("drop trigger storing on triage.aggregaat")
        assert isinstance(await desk.hub.submit(meld(casus_id)), Done)


async def test_what_is_wrong_with_a_message_is_held_against_that_message(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    async with somebody_else(fresh_database) as keeper, open_desk(fresh_database, HANDOVER) as desk:
        await raise_from(keeper, "handover", "23514")
        labels = {"service": "handover", "topic": "houvast.triage.v1"}
        before = REGISTRY.get_sample_value("houvast_dead_letters_total", labels) or 0.0
        await asyncio.wait_for(desk.hub.take([event(1)]), 30)
        assert await desk.pool.fetchval("select soort from geparkeerd") == "dode-brief"
        assert desk.store.trouble.told() is None
        assert REGISTRY.get_sample_value("houvast_dead_letters_total", labels) == before + 1


async def raise_from(keeper: Any, schema: str, sqlstate: str) -> None:
    """Let the database say this of every case that is written."""
    await keeper.execute(
        f"""
        create function {schema}.storing() returns trigger language plpgsql as
        $$ begin raise exception 'proef' using errcode = '{sqlstate}'; end $$;
        create trigger storing before insert or update on {schema}.aggregaat
        for each row execute function {schema}.storing()
        """
    )
