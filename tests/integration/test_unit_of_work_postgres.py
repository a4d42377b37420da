"""The unit of work over real PostgreSQL: everything of a message, once, or nothing."""

import asyncio
from collections import Counter
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from contracts.messages.handover import OverdrachtAfgeleverd
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.triage import MeldingOntvangen
from services.runtime.unit.decision import Record, Refused
from services.runtime.unit.fold import Done
from tests.builders import build
from tests.fakes.desk import Desk, lay_schema, meld, open_desk, record
from tests.fakes.estafette import HANDOVER, MONITORING, TRIAGE, Meld

pytestmark = [pytest.mark.anyio, pytest.mark.database]

CASUS = CasusId(derived_id("casus", "een"))
OTHER = CasusId(derived_id("casus", "twee"))


def melding(number: int = 1) -> MeldingOntvangen:
    return build(MeldingOntvangen, melding_id=UUID(int=number))


def delivery(number: int = 1) -> OverdrachtAfgeleverd:
    return build(OverdrachtAfgeleverd, overdracht_id=UUID(int=number))


async def parked(desk: Desk) -> list[tuple[CasusId | None, str]]:
    rows = await desk.pool.fetch("select casus_id, soort from geparkeerd order by nummer")
    return [(row["casus_id"], row["soort"]) for row in rows]


async def test_a_message_leaves_all_its_traces(fresh_database: str) -> None:
    """G1: state, journal, outbox, reference, read row and answer are there together."""
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, TRIAGE) as desk:
        reply = await desk.hub.submit(meld(CASUS))
        assert reply == Done({"nummer": 1})
        tables = ("aggregaat", "inbox", "journaal", "outbox", "verwijzing", "notitie")
        assert [await desk.count(table) for table in tables] == [1] * 6
        assert await desk.hub.find("notitie", "een melding") == (CASUS,)


async def test_the_same_message_after_a_restart_gets_the_same_answer(fresh_database: str) -> None:
    """G2: the inbox outlives the process."""
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, TRIAGE) as desk:
        await desk.hub.submit(meld(CASUS))
    async with open_desk(fresh_database, TRIAGE) as desk:
        assert await desk.hub.submit(meld(CASUS)) == Done({"nummer": 1}, replayed=True)
        assert await desk.count("outbox") == 1


async def test_a_key_used_for_something_else_is_refused(fresh_database: str) -> None:
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, TRIAGE) as desk:
        await desk.hub.submit(meld(CASUS))
        reply = await desk.hub.submit(meld(CASUS, fingerprint="iets anders"))
        assert isinstance(reply, Refused)
        assert reply.status == 422


async def test_a_refused_message_leaves_nothing(fresh_database: str) -> None:
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, TRIAGE) as desk:
        assert isinstance(await desk.hub.submit(meld(CASUS, "weiger")), Refused)
        assert [await desk.count(table) for table in ("inbox", "aggregaat", "journaal", "outbox")] == [0] * 4


async def test_two_copies_on_one_case_lose_no_update(fresh_database: str) -> None:
    """Every effect of both, numbered without gap or repetition, whoever began the case."""
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, TRIAGE) as one, open_desk(fresh_database, TRIAGE) as two:
        replies = await asyncio.gather(
            *(desk.hub.submit(meld(CASUS, f"{index}", key=desk.url)) for index in range(40) for desk in (one, two)),
            *(desk.hub.submit(meld(CASUS, f"los {name}")) for name, desk in (("een", one), ("twee", two))),
        )
        numbers = Counter(reply.answer["nummer"] for reply in replies if isinstance(reply, Done) and reply.answer)
        assert sum(numbers.values()) == 82
        assert await one.count("notitie") == await one.count("outbox") == 42
        assert set(numbers) == set(range(1, 43))
        sequence = await one.pool.fetchval("select volgnummer from aggregaat")
        assert sequence == 42


@pytest.mark.parametrize("note", ["met een nul \x00 erin", "met een half teken \ud800"])
async def test_one_unwritable_message_does_not_take_the_batch_along(fresh_database: str, note: str) -> None:
    """What PostgreSQL or the wire cannot keep fails by itself; its neighbours are done."""
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, TRIAGE) as desk:
        messages = [
            meld(CASUS, "voor"),
            replace(meld(CASUS, "zij"), payload=Meld(note)),
            meld(OTHER),
        ]
        good, bad, other = await asyncio.gather(*(desk.hub.submit(message) for message in messages))
        assert isinstance(good, Done)
        assert isinstance(other, Done)
        assert isinstance(bad, Refused)
        assert bad.status == 500
        assert await desk.count("notitie") == 2


async def test_an_unwritable_record_is_parked_and_holds_only_its_case(fresh_database: str) -> None:
    """The thousandth melding breaks a rule of the read table: a dead letter, once, however often it comes."""
    definition = replace(TRIAGE, handle=_note_too_many)
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, definition) as desk:
        bad = record(delivery(1), CASUS, 1, service="handover")
        fine = record(delivery(2), OTHER, 2, service="handover")
        await desk.hub.take([bad, fine])
        await desk.hub.take([bad])
        assert await parked(desk) == [(CASUS, "dode-brief")]
        assert await desk.pool.fetchval("select casus_id from aggregaat") == OTHER
        assert await desk.pool.fetchval("select topic from outbox") == "houvast.dlq.v1"


def _note_too_many(state: object, incoming: object, context: object) -> object:
    outcome = TRIAGE.handle(state, incoming, context)  # type: ignore[arg-type]
    if context.casus_id == CASUS:  # type: ignore[attr-defined]
        return replace(outcome, state=replace(outcome.state, notes=("x",) * 1001))  # type: ignore[union-attr]
    return outcome


async def test_a_dead_letter_holds_its_case_and_no_other(fresh_database: str) -> None:
    """G7: the second melding with the same id can never be handled; later events of its case wait behind it."""
    await lay_schema(fresh_database, "handover")
    async with open_desk(fresh_database, HANDOVER) as desk:
        await desk.hub.take([record(melding(1), CASUS, 1), record(melding(1), CASUS, 2), record(melding(3), CASUS, 3)])
        await desk.hub.take([record(melding(4), CASUS, 4), record(melding(5), OTHER, 5)])
        assert await parked(desk) == [(CASUS, "dode-brief"), (CASUS, "vastgehouden"), (CASUS, "vastgehouden")]
        asked = {row["casus_id"] for row in await desk.pool.fetch("select casus_id from opdracht")}
        assert asked == {CASUS, OTHER}


async def test_what_cannot_be_read_keeps_its_place_among_the_rest(fresh_database: str) -> None:
    """What came before a broken record is done; a record that does not even tell its case holds nothing."""
    await lay_schema(fresh_database, "handover")
    async with open_desk(fresh_database, HANDOVER) as desk:
        good = record(melding(1), CASUS, 1)
        broken = replace(record(melding(2), CASUS, 2), raw=record(melding(2), CASUS, 2).raw.replace(b'"GM0758"', b"7"))
        later = record(melding(3), CASUS, 3)
        await desk.hub.take([good, Record(good.topic, 0, 9, b"geen json"), broken, later])
        assert await parked(desk) == [(None, "dode-brief"), (CASUS, "dode-brief"), (CASUS, "vastgehouden")]
        assert await desk.count("opdracht") == 1


async def test_an_event_that_comes_before_its_cause_waits_for_it(fresh_database: str) -> None:
    await lay_schema(fresh_database, "monitoring")
    async with open_desk(fresh_database, MONITORING) as desk:
        await desk.hub.take([record(delivery(1), CASUS, 1, service="handover")])
        assert await parked(desk) == [(CASUS, "te-vroeg")]
        await desk.hub.take([record(melding(1), CASUS, 2)])
        assert await parked(desk) == []
        state = await desk.pool.fetchval("select toestand from aggregaat")
        assert '"open":[]' in state
        assert await desk.count("timer") == 0


async def test_cause_and_event_side_by_side_find_each_other(fresh_database: str) -> None:
    """Two copies take them at the same moment, while the case does not exist yet: neither stays behind."""
    await lay_schema(fresh_database, "monitoring")
    async with open_desk(fresh_database, MONITORING) as one, open_desk(fresh_database, MONITORING) as two:
        cases = [CasusId(derived_id("samen", str(index))) for index in range(60)]
        for index, casus_id in enumerate(cases, 1):
            await asyncio.gather(
                one.hub.take([record(delivery(index), casus_id, index, service="handover")]),
                two.hub.take([record(melding(index), casus_id, index)]),
            )
        assert await parked(one) == []
        assert await one.count("timer") == 0


async def test_what_waited_and_then_fails_becomes_a_dead_letter(fresh_database: str) -> None:
    """It does not stay behind in silence."""
    await lay_schema(fresh_database, "monitoring")
    async with open_desk(fresh_database, MONITORING) as desk:
        early = [record(delivery(1), CASUS, number, service="handover") for number in (1, 2)]
        await desk.hub.take(early)
        await desk.hub.take([record(melding(1), CASUS, 3)])
        assert await parked(desk) == [(CASUS, "dode-brief")]
        assert await desk.pool.fetchval("select topic from outbox") == "houvast.dlq.v1"


async def test_the_journal_can_only_grow(fresh_database: str) -> None:
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, TRIAGE) as desk:
        await desk.hub.submit(meld(CASUS))
        for statement in ("update journaal set wat = 'iets anders'", "delete from journaal", "truncate journaal"):
            with pytest.raises(asyncpg.PostgresError, match="alleen aan te vullen"):
                await desk.pool.execute(statement)
        assert await desk.count("journaal") == 1


async def test_a_connection_that_dies_halfway_loses_nothing(fresh_database: str) -> None:
    """G1, G2: everybody who was told so is on disk, once; the desk recovers by itself."""
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, TRIAGE) as desk:
        admin = await asyncpg.connect(fresh_database)
        sending = [asyncio.create_task(_persist(desk, number)) for number in range(300)]
        for _ in range(8):
            await asyncio.sleep(0.005)
            await admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()",
            )
        answers = await asyncio.gather(*sending)
        await admin.close()
        assert len(answers) == 300
        assert await desk.count("notitie") == await desk.count("outbox") == 300


async def _persist(desk: Desk, number: int) -> Done:
    """A caller who asks again until it is told that it is done."""
    while True:
        reply = await desk.hub.submit(meld(CasusId(UUID(int=number + 1))))
        if isinstance(reply, Done):
            return reply
        assert reply.status == 503
        await asyncio.sleep(0.01)


async def test_a_dead_letter_whose_cause_was_mended_goes_on_with_what_waited_behind_it(fresh_database: str) -> None:
    """G7: parked, never dropped: in the order in which they came, each once."""
    broken = replace(HANDOVER, handle=_away)
    records = [record(melding(number), CASUS, number) for number in (1, 2, 3)]
    await lay_schema(fresh_database, "handover")
    async with open_desk(fresh_database, broken) as desk:
        await desk.hub.take(records)
        assert [kind for _, kind in await parked(desk)] == ["dode-brief", "vastgehouden", "vastgehouden"]
        key = await desk.pool.fetchval("select key from geparkeerd where soort = 'dode-brief'")
    async with open_desk(fresh_database, HANDOVER) as desk:
        assert isinstance(await desk.unit_of_work.release(key), Done)
        await desk.hub.take(records)
        assert await parked(desk) == []
        asked = await desk.pool.fetch("select id from opdracht order by nummer")
        assert [row["id"].int for row in asked] == [1, 2, 3]
        assert await desk.unit_of_work.release(key) is None


async def test_a_dead_letter_that_fails_again_stays_where_it_is(fresh_database: str) -> None:
    await lay_schema(fresh_database, "handover")
    async with open_desk(fresh_database, replace(HANDOVER, handle=_away)) as desk:
        await desk.hub.take([record(melding(number), CASUS, number) for number in (1, 2)])
        key = await desk.pool.fetchval("select key from geparkeerd where soort = 'dode-brief'")
        assert not isinstance(await desk.unit_of_work.release(key), Done)
        assert [kind for _, kind in await parked(desk)] == ["dode-brief", "vastgehouden"]


async def test_a_dead_letter_can_be_left_aside_by_a_person(fresh_database: str) -> None:
    """The journal keeps who did so and why; what waited behind it goes on."""
    await lay_schema(fresh_database, "handover")
    async with open_desk(fresh_database, HANDOVER) as desk:
        await desk.hub.take([record(melding(1), CASUS, 1), record(melding(1), CASUS, 2), record(melding(3), CASUS, 3)])
        key = await desk.pool.fetchval("select key from geparkeerd where soort = 'dode-brief'")
        await desk.unit_of_work.release(key, drop_because="dubbel gestuurd", actor="beheerder")
        assert await parked(desk) == []
        assert await desk.count("opdracht") == 2
        line = await desk.pool.fetchrow("select actor, feiten from journaal")
        assert line["actor"] == "beheerder"
        assert "dubbel gestuurd" in line["feiten"]


def _away(*_: object) -> object:
    raise ZeroDivisionError
