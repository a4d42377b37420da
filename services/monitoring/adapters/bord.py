"""The queries of the home page and the list of cases, over the read tables of this service.

Statements are put together out of what is asked: they are planned once for all values, and a condition that holds for
everything would keep them from the index that answers the question.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from contracts.rechten import Kring
from services.monitoring.adapters.queries import may_see
from services.monitoring.domain.werk import Werksoort
from services.monitoring.ports import (
    Casusstand,
    Casusvraag,
    Lijstcasus,
    Plek,
    Telling,
    Werkvraag,
    Zoekterm,
    rows,
)
from services.runtime.database.connection import Connection
from services.runtime.unit.rows import columns, read_row, select

T = TypeVar("T")

_ANY_TIME = datetime.min.replace(tzinfo=UTC)
_OPEN = ("lopend", "verstreken")


class _Where:
    """Conditions and their values, numbered as they are added."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.values: list[object] = []

    def add(self, condition: str, *values: object) -> None:
        """A condition in which `{}` stands for each value."""
        first = len(self.values) + 1
        self.conditions.append(condition.format(*(f"${number}" for number in range(first, first + len(values)))))
        self.values += values

    def value(self, value: object) -> str:
        """A value that stands elsewhere in the statement."""
        self.values.append(value)
        return f"${len(self.values)}"

    def __str__(self) -> str:
        return " and ".join(self.conditions) or "true"


class Counted:
    """Counts that many pages ask for at the same time, each counted once and kept for a few seconds.

    Counting a hundred thousand rows is most of what a page costs, and whoever looks for a party asks the same.
    """

    def __init__(self, *, seconds: float = 3.0, most: int = 500) -> None:
        self._seconds = seconds
        self._most = most
        self._kept: dict[Hashable, tuple[float, asyncio.Task[Any]]] = {}

    async def get(self, question: Hashable, count: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer; whoever asks while it is counted waits for the same."""
        now = asyncio.get_running_loop().time()
        at, task = self._kept.get(question, (0.0, None))
        if task is None or now - at > self._seconds or (task.done() and (task.cancelled() or task.exception())):
            if len(self._kept) >= self._most:
                self._kept.clear()
            task = asyncio.create_task(count())
            self._kept[question] = now, task
        found: T = await asyncio.shield(task)
        return found


class PostgresBord:
    """`BordQueries` in PostgreSQL."""

    def __init__(self, pool: Connection) -> None:
        self._pool = pool
        self._counted = Counted()

    async def werk(self, vraag: Werkvraag) -> Sequence[rows.Werk]:
        """Per name under which it is asked, so that each is read from its index in order."""
        where = _of_werk(vraag)
        _after(where, "rang", vraag.na)
        if vraag.aan is None:
            rest = f"where {where} order by rang, id limit {where.value(vraag.limiet)}"
            return await select(self._pool, rows.Werk, rest, *where.values)
        names, most = where.value(sorted(vraag.aan)), where.value(vraag.limiet)
        statement = (
            f"select {columns(rows.Werk, 'w')} from unnest({names}::text[]) as naam(aan) cross join lateral"  # noqa: S608
            f" (select * from werk where werk.aan = naam.aan and {where} order by rang, id limit {most}) w"
            f" order by w.rang, w.id limit {most}"
        )
        return [read_row(rows.Werk, row) for row in await self._pool.fetch(statement, *where.values)]

    async def tel_werk(self, vraag: Werkvraag) -> Mapping[Werksoort, Telling]:
        """All of it, whichever page is shown; as it was counted a few seconds ago at most."""
        question = replace(vraag, nu=_ANY_TIME, na=None, limiet=0)
        return await self._counted.get(question, lambda: self._tel_werk(vraag))

    async def _tel_werk(self, vraag: Werkvraag) -> Mapping[Werksoort, Telling]:
        where = _of_werk(vraag)
        if vraag.aan is not None:
            where.add("aan = any({}::text[])", sorted(vraag.aan))
        late = f"count(*) filter (where uiterlijk_op <= {where.value(vraag.nu)}) as te_laat"
        found = await self._pool.fetch(
            f"select soort, count(*) as totaal, {late} from werk where {where} group by soort",  # noqa: S608  our own
            *where.values,
        )
        return {Werksoort(row["soort"]): Telling(row["totaal"], row["te_laat"]) for row in found}

    async def casussen(self, vraag: Casusvraag, kring: Kring) -> Sequence[Lijstcasus]:
        """With the open terms and the overdrachten of each."""
        where = _of_casussen(vraag, kring)
        _after(where, "eerste_einde", vraag.na)
        most = where.value(vraag.limiet)
        rest = f"where {where} order by eerste_einde, id limit {most}"
        found = await select(self._pool, rows.Casusregel, rest, *where.values)
        ids = [casus.id for casus in found]
        of_them = "where casus_id = any($1::uuid[])"
        termijnen = await select(
            self._pool,
            rows.Termijn,
            f"{of_them} and status = any($2::text[]) and vervangen_door is null order by eindigt_op, id",
            ids,
            list(_OPEN),
        )
        overdrachten = await select(self._pool, rows.Overdracht, f"{of_them} order by aangemaakt_op, id", ids)
        return [
            Lijstcasus(
                casus,
                [termijn for termijn in termijnen if termijn.casus_id == casus.id],
                [overdracht for overdracht in overdrachten if overdracht.casus_id == casus.id],
            )
            for casus in found
        ]

    async def tel_casussen(self, vraag: Casusvraag, kring: Kring) -> Telling:
        """All of them, whichever page is shown; as they were counted a few seconds ago at most."""
        question = (replace(vraag, nu=_ANY_TIME, na=None, limiet=0), kring)
        return await self._counted.get(question, lambda: self._tel_casussen(vraag, kring))

    async def _tel_casussen(self, vraag: Casusvraag, kring: Kring) -> Telling:
        where = _of_casussen(vraag, kring)
        late = f"count(*) filter (where eerste_einde <= {where.value(vraag.nu)}) as te_laat"
        (row,) = await self._pool.fetch(
            f"select count(*) as totaal, {late} from casus where {where}",  # noqa: S608  our own
            *where.values,
        )
        return Telling(row["totaal"], row["te_laat"])


def _of_werk(vraag: Werkvraag) -> _Where:
    where = _Where()
    if len(vraag.soorten) == 1:
        where.add("soort = {}", *vraag.soorten)
    else:
        where.add("soort = any({}::text[])", sorted(vraag.soorten))
    if vraag.rollen is not None:
        where.add("(rol is null or rol = any({}::text[]))", sorted(vraag.rollen))
    if vraag.gemeente is not None:
        where.add("gemeente = {}", vraag.gemeente)
    if vraag.team is not None:
        where.add("team = {}", vraag.team)
    if vraag.te_laat:
        where.add("uiterlijk_op <= {}", vraag.nu)
    if vraag.eigen is not None:
        own = "(team = any({}::text[]) or rol = any({}::text[]))"
        where.add(own, sorted(vraag.eigen.teams), sorted(vraag.eigen.rollen))
    if vraag.zoek is not None:
        _search(where, vraag.zoek, ("casus_id", "onderwerp_id"))
    return where


def _of_casussen(vraag: Casusvraag, kring: Kring) -> _Where:
    where = _Where()
    sees, values = may_see(kring, casus=True, first=1)
    where.values += values
    where.conditions += [sees.removeprefix("and ")] if sees else []
    where.add("soort = 'casus'")
    if vraag.stand is not Casusstand.ALLE:
        where.add(f"gesloten_op is {'not ' if vraag.stand is Casusstand.GESLOTEN else ''}null")
    if vraag.gemeente is not None:
        where.add("gemeente = {}", vraag.gemeente)
    if vraag.team is not None:
        where.add("exists (select from overdracht o where o.casus_id = casus.id and o.team = {})", vraag.team)
    if vraag.te_laat:
        where.add("eerste_einde <= {}", vraag.nu)
    if vraag.zoek is not None:
        _search(where, vraag.zoek, ("id", "melding_id"))
    return where


def _search(where: _Where, zoek: Zoekterm, ids: tuple[str, str]) -> None:
    if zoek.id is not None:
        values: tuple[UUID, UUID] = (zoek.id, zoek.id)
        where.add(f"({ids[0]} = {{}} or {ids[1]} = {{}})", *values)
    else:
        # not `like`: its pattern is not known when the statement is planned, and so it would find no index
        where.add("referentie ~>=~ {} and referentie ~<~ {}", zoek.referentie, f"{zoek.referentie}~")


def _after(where: _Where, column: str, na: Plek | None) -> None:
    if na is not None:
        where.add(f"({column}, id) > ({{}}, {{}})", na.rang, na.id)
