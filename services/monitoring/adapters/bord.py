"""The queries of the home page and the list of cases, over the read tables of this service.

Statements are put together out of what is asked: they are planned once for all values, and a condition that holds for
everything would keep them from the index that answers the question.
"""

from collections.abc import Mapping, Sequence
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


class PostgresBord:
    """`BordQueries` in PostgreSQL."""

    def __init__(self, pool: Connection) -> None:
        self._pool = pool

    async def werk(self, vraag: Werkvraag) -> Sequence[rows.Werk]:
        """Per name under which it is asked, so that each is read from its index in order."""
        where = _of_werk(vraag)
        _after(where, "rang", vraag.na)
        names, most = where.value(sorted(vraag.aan)), where.value(vraag.limiet)
        statement = (
            f"select {columns(rows.Werk, 'w')} from unnest({names}::text[]) as naam(aan) cross join lateral"  # noqa: S608
            f" (select * from werk where werk.aan = naam.aan and {where} order by rang, id limit {most}) w"
            f" order by w.rang, w.id limit {most}"
        )
        return [read_row(rows.Werk, row) for row in await self._pool.fetch(statement, *where.values)]

    async def tel_werk(self, vraag: Werkvraag) -> Mapping[Werksoort, Telling]:
        """All of it, whichever page is shown."""
        where = _of_werk(vraag)
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
        """All of them, whichever page is shown."""
        where = _of_casussen(vraag, kring)
        late = f"count(*) filter (where eerste_einde <= {where.value(vraag.nu)}) as te_laat"
        (row,) = await self._pool.fetch(
            f"select count(*) as totaal, {late} from casus where {where}",  # noqa: S608  our own
            *where.values,
        )
        return Telling(row["totaal"], row["te_laat"])


def _of_werk(vraag: Werkvraag) -> _Where:
    where = _Where()
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
        where.add("referentie like {}", f"{zoek.referentie}%")


def _after(where: _Where, column: str, na: Plek | None) -> None:
    if na is not None:
        where.add(f"({column}, id) > ({{}}, {{}})", na.rang, na.id)
