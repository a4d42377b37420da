"""The queries of the home page and the list of cases over many cases: complete, exact, in order and by an index."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from contracts.rechten import Kring
from lab.bench.casusrijen import make_rows
from services.monitoring.adapters import PostgresBord
from services.monitoring.adapters.bord import MOST_COUNTED
from services.monitoring.domain.werk import Werksoort
from services.monitoring.ports import Casusstand, Casusvraag, Eigen, Plek, Telling, Werkvraag, Zoekterm
from services.runtime.database.migrate import migrate

pytestmark = [pytest.mark.anyio, pytest.mark.database]

CASES = 8000
EARLIER = timedelta(days=4)
"""So that some of what is asked is late, and some is not."""
GEMEENTEN = ["GM0758", "GM0748", "GM1674", "GM0826"]
VT = "veilig-thuis-west-brabant"
NU = datetime.now(UTC)  # noqa: TID251  the rows are made by the clock of the database
MINE = Werkvraag(
    aan=frozenset({VT, "veilig-thuis@west-brabant"}), soorten=frozenset(Werksoort), rollen=None, nu=NU, limiet=1000
)
REGIO = Kring(regio="west-brabant")


class Watched:
    """Connections that keep the plan of every statement that asks for rows."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.plans: list[str] = []

    async def fetch(self, statement: str, *values: object) -> Any:
        plan = await self._pool.fetch(f"explain {statement}", *values)
        self.plans.append("\n".join(row[0] for row in plan))
        return await self._pool.fetch(statement, *values)


@pytest.fixture
async def watched(fresh_database: str) -> AsyncIterator[Watched]:
    connection = await asyncpg.connect(fresh_database)
    folders = [
        ("runtime", "services.runtime.database.migrations.dienst"),
        ("monitoring", "services.monitoring.migrations"),
    ]
    await migrate(connection, "monitoring", folders)
    await connection.execute('set search_path to "monitoring"')
    await make_rows(
        connection,
        CASES,
        regio="west-brabant",
        gemeenten=GEMEENTEN,
        veilig_thuis=VT,
        versie="west-brabant-2022",
    )
    await connection.execute(
        "update werk set uiterlijk_op = uiterlijk_op - $1::interval, rang = rang - $1::interval", EARLIER
    )
    await connection.execute("vacuum analyze werk")
    await connection.close()
    settings = {"search_path": "monitoring", "jit": "off", "plan_cache_mode": "force_generic_plan"}
    async with asyncpg.create_pool(fresh_database, min_size=1, max_size=2, server_settings=settings) as pool:
        yield Watched(pool)


async def test_paging_shows_every_question_once_the_first_due_first(watched: Watched) -> None:
    bord = PostgresBord(watched)  # type: ignore[arg-type]
    seen: list[tuple[datetime, UUID]] = []
    na: Plek | None = None
    while page := await bord.werk(replace(MINE, na=na)):
        seen += [(row.rang, row.id) for row in page]
        na = Plek(*seen[-1])
    counts = await bord.tel_werk(MINE)
    assert len(seen) == CASES + await _in_the_table(watched, "soort = 'escalatie'")
    assert (counts[Werksoort.TRIAGE].totaal, counts[Werksoort.TRIAGE].meer) == (MOST_COUNTED, True)
    assert Werksoort.AANBOD not in counts, "that is asked of others"
    assert seen == sorted(set(seen))


async def test_what_people_can_oversee_is_counted_exactly(watched: Watched) -> None:
    """Above it a page says that there are more, and how many are late at least."""
    bord = PostgresBord(watched)  # type: ignore[arg-type]
    called = replace(MINE, rollen=frozenset({"leidinggevende"}), soorten=frozenset({Werksoort.ESCALATIE}))
    of_breda = (await bord.tel_werk(replace(called, gemeente="GM0758")))[Werksoort.ESCALATIE]
    mine = "soort = 'escalatie' and gemeente = 'GM0758'"
    late = await _in_the_table(watched, f"{mine} and uiterlijk_op <= $1", NU)
    assert of_breda == Telling(await _in_the_table(watched, mine), late)
    assert late > 0
    whole = (await bord.tel_werk(MINE))[Werksoort.TRIAGE]
    late = await _in_the_table(watched, "soort = 'triage' and uiterlijk_op <= $1", NU)
    assert whole.te_laat == min(MOST_COUNTED, late)


async def _in_the_table(watched: Watched, condition: str, *values: object) -> int:
    found = await watched.fetch(f"select count(*) as aantal from werk where {condition}", *values)
    return int(found[0]["aantal"])


async def test_paging_shows_every_case_once_and_its_terms_and_overdrachten(watched: Watched) -> None:
    bord = PostgresBord(watched)  # type: ignore[arg-type]
    vraag = Casusvraag(nu=NU, limiet=1000)
    seen: list[UUID] = []
    na: Plek | None = None
    while page := await bord.casussen(replace(vraag, na=na), REGIO):
        seen += [item.casus.id for item in page]
        assert all(len(item.termijnen) == len(item.overdrachten) == 1 for item in page)
        na = Plek(page[-1].casus.eerste_einde, page[-1].casus.id)
    assert len(seen) == len(set(seen)) == CASES
    assert (await bord.tel_casussen(vraag, REGIO)) == Telling(MOST_COUNTED, 0, meer=True)
    closed = Casusvraag(nu=NU, stand=Casusstand.GESLOTEN)
    await watched.fetch("update casus set gesloten_op = now() where get_byte(uuid_send(id), 15) = 7")
    counted = await bord.tel_casussen(closed, REGIO)
    assert 0 < counted.totaal < MOST_COUNTED
    assert {item.casus.id for item in await bord.casussen(replace(closed, limiet=CASES), REGIO)} < set(seen)
    assert len(await bord.casussen(replace(closed, stand=Casusstand.ALLE, limiet=2 * CASES), REGIO)) == CASES


async def test_filters_and_search_keep_to_who_asks(watched: Watched) -> None:
    bord = PostgresBord(watched)  # type: ignore[arg-type]
    breda = replace(MINE, gemeente="GM0758")
    assert {row.gemeente for row in await bord.werk(breda)} == {"GM0758"}
    late = await bord.tel_werk(replace(MINE, te_laat=True))
    assert late[Werksoort.TRIAGE].totaal == late[Werksoort.TRIAGE].te_laat > 0
    (some, *_) = await bord.werk(MINE)
    for zoek in (Zoekterm(some.referentie), Zoekterm(id=some.casus_id)):
        assert some.id in {row.id for row in await bord.werk(replace(MINE, zoek=zoek))}
    asked = replace(MINE, rollen=frozenset({"triagist"}))
    assert Werksoort.ESCALATIE not in await bord.tel_werk(asked), "that calls another role"
    own = replace(MINE, eigen=Eigen(frozenset(), frozenset({"leidinggevende"})))
    assert set(await bord.tel_werk(own)) == {Werksoort.ESCALATIE}
    mine = Kring(partijen=frozenset({"GM0758"}))
    found = await bord.casussen(Casusvraag(nu=NU, zoek=Zoekterm("HV-"), limiet=20), mine)
    assert {item.casus.gemeente for item in found} == {"GM0758"}
    assert (await bord.tel_casussen(Casusvraag(nu=NU), Kring(partijen=frozenset()))).totaal == 0


async def test_no_page_reads_a_whole_table(watched: Watched) -> None:
    """At 100,000 open cases that would be seconds."""
    bord = PostgresBord(watched)  # type: ignore[arg-type]
    first = replace(MINE, limiet=51)
    await bord.werk(first)
    await bord.werk(replace(first, gemeente="GM0758"))
    await bord.werk(replace(first, zoek=Zoekterm("HV-0A1B")))
    await bord.werk(replace(first, na=Plek(NU, UUID(int=0))))
    await bord.casussen(Casusvraag(nu=NU, limiet=26), REGIO)
    await bord.casussen(Casusvraag(nu=NU, limiet=26, te_laat=True), REGIO)
    await bord.casussen(Casusvraag(nu=NU, limiet=26, zoek=Zoekterm("HV-0A1B")), REGIO)
    await bord.casussen(Casusvraag(nu=NU, limiet=26), Kring(partijen=frozenset({"GM0758"})))
    await bord.casussen(Casusvraag(nu=NU, limiet=26), Kring())
    for asked in (MINE, replace(MINE, gemeente="GM0758"), replace(MINE, zoek=Zoekterm("HV-0A1B"))):
        await bord.tel_werk(asked)
    await bord.tel_werk(replace(MINE, zoek=Zoekterm(id=UUID(int=1))))
    for stand in Casusstand:
        await bord.tel_casussen(Casusvraag(nu=NU, stand=stand), REGIO)
    assert [plan for plan in watched.plans if "Seq Scan" in plan] == []
