"""Making read tables anew: a new column is filled, a killed rebuild goes on, one bad row keeps no other from being made."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

import pytest

from contracts.messages.identifiers import CasusId, derived_id
from services.runtime.unit.decision import ServiceDefinition, ViewRow
from services.runtime.unit.rebuild import SHARE, Rebuild
from services.runtime.unit.rows import row_of
from tests.fakes.desk import Desk, lay_schema, meld, open_desk
from tests.fakes.estafette import TRIAGE, Meldingen, Notitie, show_meldingen

pytestmark = [pytest.mark.anyio, pytest.mark.database]

SHOWN = replace(TRIAGE, tables=(Notitie,))


def casus(number: int) -> CasusId:
    return CasusId(UUID(int=number))


def row_id(number: int, note: int = 1) -> UUID:
    return derived_id(str(casus(number)), str(note))


async def fill(desk: Desk, cases: int) -> None:
    await asyncio.gather(*(desk.hub.submit(meld(casus(number))) for number in range(1, cases + 1)))


async def notes(desk: Desk) -> list[tuple[int, str]]:
    rows = await desk.pool.fetch("select casus_id, tekst from notitie order by casus_id, nummer")
    return [(row["casus_id"].int, row["tekst"]) for row in rows]


def rebuild_of(desk: Desk, definition: ServiceDefinition[Meldingen] = SHOWN) -> Rebuild[Meldingen]:
    return Rebuild(definition, desk.pool, desk.klok)


class LangeNotitie(Notitie):
    """A note as the next release shows it: with one more field."""

    lengte: int


def show_length(casus_id: CasusId, state: Meldingen) -> Iterable[ViewRow]:
    for view in show_meldingen(casus_id, state):
        yield ViewRow(LangeNotitie, view.id, _with_length, view.row)


def _with_length(row: Notitie) -> LangeNotitie:
    return row_of(LangeNotitie, row, lengte=len(row.tekst))


NEXT = replace(TRIAGE, project=show_length, tables=(LangeNotitie,))


async def test_a_field_that_a_release_adds_is_filled_for_cases_that_do_not_change(fresh_database: str) -> None:
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, SHOWN) as desk:
        await fill(desk, 3)
        await rebuild_of(desk).begin_if_outdated()
        await rebuild_of(desk).run()
        await desk.pool.execute("alter table notitie add column lengte int")
    async with open_desk(fresh_database, NEXT) as desk:
        await rebuild_of(desk, NEXT).begin_if_outdated()
        await rebuild_of(desk, NEXT).run()
        assert [row["lengte"] for row in await desk.pool.fetch("select lengte from notitie")] == [11, 11, 11]
        assert (await rebuild_of(desk, NEXT).progress()).finished


async def test_a_start_with_the_same_projection_makes_nothing_anew(fresh_database: str) -> None:
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, SHOWN) as desk:
        await fill(desk, 2)
        await rebuild_of(desk).begin_if_outdated()
        await rebuild_of(desk).run()
        await desk.pool.execute("update notitie set tekst = 'bedorven'")
        await rebuild_of(desk).begin_if_outdated()
        await rebuild_of(desk).run()
        assert await notes(desk) == [(1, "bedorven"), (2, "bedorven")]
        counted_anew = replace(SHOWN, projection=2)
        await rebuild_of(desk, counted_anew).begin_if_outdated()
        await rebuild_of(desk, counted_anew).run()
        assert await notes(desk) == [(1, "een melding"), (2, "een melding")]


async def test_a_rebuild_that_is_asked_for_mends_removes_and_adds(fresh_database: str) -> None:
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, SHOWN) as desk:
        await fill(desk, 3)
        await desk.pool.execute("update notitie set tekst = 'bedorven' where id = $1", row_id(1))
        await desk.pool.execute("delete from notitie where id = $1", row_id(2))
        await desk.pool.execute("insert into notitie values ($1, $2, 'te veel', 9)", UUID(int=99), casus(3))
        for _ in range(2):
            await rebuild_of(desk).begin()
            await rebuild_of(desk).run()
            assert await notes(desk) == [(number, "een melding") for number in (1, 2, 3)]


async def test_a_row_that_says_what_it_said_is_not_written_again(fresh_database: str) -> None:
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, SHOWN) as desk:
        await fill(desk, 2)
        await desk.pool.execute("update notitie set tekst = 'bedorven' where id = $1", row_id(1))
        written = "select xmin::text from notitie where id = $1"
        before = await desk.pool.fetchval(written, row_id(2))
        await rebuild_of(desk).begin()
        await rebuild_of(desk).run()
        assert await desk.pool.fetchval(written, row_id(2)) == before
        assert (await notes(desk))[0] == (1, "een melding")


async def test_a_rebuild_that_is_killed_goes_on_where_it_was(fresh_database: str) -> None:
    shown: list[int] = []

    def show(casus_id: CasusId, state: Meldingen) -> Iterable[ViewRow]:
        shown.append(casus_id.int)
        return show_meldingen(casus_id, state)

    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, SHOWN) as desk:
        await fill(desk, 2 * SHARE + 5)
        first = rebuild_of(desk, replace(SHOWN, project=show))
        await first.begin()
        assert await first.step()
        assert (await first.progress()).done == SHARE
        again = rebuild_of(desk, replace(SHOWN, project=show))
        await again.begin()
        await again.run()
        assert shown == list(range(1, 2 * SHARE + 6)), "every case once"
        progress = await again.progress()
        assert (progress.done, progress.finished) == (2 * SHARE + 5, True)


async def test_a_row_that_cannot_be_made_is_named_with_its_case_and_the_rest_is_made(fresh_database: str) -> None:
    """One case cannot be shown at all, one has a row that fails, of one the table refuses a row."""

    def show(casus_id: CasusId, state: Meldingen) -> Iterable[ViewRow]:
        if casus_id == casus(1):
            raise LookupError
        yield from show_meldingen(casus_id, state)
        if casus_id == casus(2):
            yield ViewRow(Notitie, UUID(int=22), _fail)
        if casus_id == casus(3):
            yield ViewRow(Notitie, UUID(int=33), _too_large, casus_id)

    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, SHOWN) as desk:
        await fill(desk, 4)
        await desk.pool.execute("update notitie set tekst = 'bedorven'")
        rebuild = rebuild_of(desk, replace(SHOWN, project=show))
        await rebuild.begin()
        await rebuild.run()
        assert await notes(desk) == [(1, "bedorven"), *((number, "een melding") for number in (2, 3, 4))]
        assert (await rebuild.progress()).faults == (
            f"casus {casus(1)}: alle leestabellen (LookupError)",
            f"casus {casus(2)}: notitie {UUID(int=22)} (ZeroDivisionError)",
            f"casus {casus(3)}: notitie {UUID(int=33)} (CheckViolationError 23514)",
        )
        await rebuild_of(desk).begin()
        await rebuild_of(desk).run()
        assert (await rebuild_of(desk).progress()).faults == ()


def _fail() -> Notitie:
    raise ZeroDivisionError


def _too_large(casus_id: CasusId) -> Notitie:
    return Notitie(id=UUID(int=33), casus_id=casus_id, tekst="x", nummer=5000)


async def test_copies_share_a_rebuild_while_the_service_goes_on(fresh_database: str) -> None:
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, SHOWN) as desk:
        await fill(desk, 3 * SHARE)
        await desk.pool.execute("update notitie set tekst = 'bedorven'")
        await rebuild_of(desk).begin()
        await asyncio.gather(
            rebuild_of(desk).run(),
            rebuild_of(desk).run(),
            *(desk.hub.submit(meld(casus(number), "nog een")) for number in range(1, 3 * SHARE + 3)),
        )
        expected = [(number, note) for number in range(1, 3 * SHARE + 1) for note in ("een melding", "nog een")]
        late = [(number, "nog een") for number in (3 * SHARE + 1, 3 * SHARE + 2)]
        assert await notes(desk) == expected + late


async def test_an_older_release_leaves_the_tables_to_the_newer_one(fresh_database: str) -> None:
    """It does not go on with a rebuild that is not its own."""
    await lay_schema(fresh_database, "triage")
    async with open_desk(fresh_database, SHOWN) as desk:
        await fill(desk, 2 * SHARE)
        older = rebuild_of(desk)
        await older.begin()
        assert await older.step()
        newer = rebuild_of(desk, replace(SHOWN, projection=2))
        await newer.begin_if_outdated()
        assert not await older.step()
        await newer.run()
        assert (await newer.progress()).done == 2 * SHARE
