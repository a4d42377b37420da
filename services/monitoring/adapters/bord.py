"""The queries of the home page and the list of cases, over the read tables of this service.

Statements are put together out of what is asked: they are planned once for all values, and a condition that holds for
everything would keep them from the index that answers the question.

What a page costs does not grow with how many cases there are: it reads what it shows, and counts no further than people
read a count. What it shows is always what is due first, and paging goes on to the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from contracts.afspraken.ankers import Rol
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
    sum_of,
)
from services.runtime.database.connection import Connection, Row
from services.runtime.unit.rows import columns, read_row, select

MOST_COUNTED = 1000
"""Of one kind, asked of one name in one role. Above it a page says that there are more."""

_OPEN = ("lopend", "verstreken")
_NO_ROLE = ""


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
        """What is due first of each part, and of those what is due first."""
        where = _of_werk(vraag)
        _after(where, "rang", vraag.na)
        parts, kept, _ = _parts(where, vraag)
        most = where.value(vraag.limiet)
        statement = (
            f"select {columns(rows.Werk, 'w')} from {parts} (select * from"  # noqa: S608  our own
            f" (select * from werk where {where} {kept}) found order by rang, id limit {most}) w"
            f" order by w.rang, w.id limit {most}"
        )
        return [read_row(rows.Werk, row) for row in await self._pool.fetch(statement, *where.values)]

    async def tel_werk(self, vraag: Werkvraag) -> Mapping[Werksoort, Telling]:
        """Of each part what is due first, as far as a count goes."""
        where = _of_werk(vraag)
        parts, _, until = _parts(where, vraag)
        late = where.value(vraag.nu)
        statement = (
            f"select w.soort, {_SUMMED} from {parts} (select soort, {_counted(late, 'uiterlijk_op')} from"  # noqa: S608  our own
            f" (select soort, uiterlijk_op from werk where {where} {until}) found group by soort) w group by w.soort"
        )
        found = await self._pool.fetch(statement, *where.values)
        return {Werksoort(row["soort"]): _telling(row) for row in found}

    async def casussen(self, vraag: Casusvraag, kring: Kring) -> Sequence[Lijstcasus]:
        """With the open terms and the overdrachten of each."""
        found = [casus for one in _standen(vraag) for casus in await self._casussen(one, kring)]
        found = sorted(found, key=lambda casus: (casus.eerste_einde, casus.id))[: vraag.limiet]
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

    async def _casussen(self, vraag: Casusvraag, kring: Kring) -> Sequence[rows.Casusregel]:
        where = _of_casussen(vraag, kring)
        _after(where, "eerste_einde", vraag.na)
        kept = _ALL_FIRST if _is_few(vraag, kring) else ""
        statement = (
            f"select {columns(rows.Casusregel, 'c')} from (select * from casus where {where} {kept}) c"  # noqa: S608  our own
            f" order by eerste_einde, id limit {where.value(vraag.limiet)}"
        )
        return [read_row(rows.Casusregel, row) for row in await self._pool.fetch(statement, *where.values)]

    async def tel_casussen(self, vraag: Casusvraag, kring: Kring) -> Telling:
        """Open and closed ones each as far as a count goes."""
        return sum_of([await self._tel_casussen(one, kring) for one in _standen(vraag)])

    async def _tel_casussen(self, vraag: Casusvraag, kring: Kring) -> Telling:
        where = _of_casussen(vraag, kring)
        until = _ALL_FIRST if _is_few(vraag, kring) else f"order by eerste_einde, id limit {MOST_COUNTED + 1}"
        (row,) = await self._pool.fetch(
            f"select {_SUMMED} from (select {_counted(where.value(vraag.nu), 'eerste_einde')} from"  # noqa: S608  our own
            f" (select eerste_einde from casus where {where} {until}) found) w",
            *where.values,
        )
        return _telling(row)


_ALL_FIRST = "offset 0"
"""Find all of it by what it is asked by, and order that: the few are not looked for among all in order."""
_SUMMED = (
    f"sum(least(w.totaal, {MOST_COUNTED}))::bigint as totaal, sum(w.te_laat)::bigint as te_laat,"
    f" bool_or(w.totaal > {MOST_COUNTED}) as meer"
)


def _counted(now: str, until: str) -> str:
    return f"count(*) as totaal, least(count(*) filter (where {until} <= {now}), {MOST_COUNTED}) as te_laat"


def _telling(row: Row) -> Telling:
    return Telling(row["totaal"], row["te_laat"], meer=row["meer"])


def _parts(where: _Where, vraag: Werkvraag) -> tuple[str, str, str]:
    """What to take `werk` from, one part after the other: each name, role and kind is a stretch of an index, in order.

    With it how its rows are found, and how far they are counted. Where anybody is meant and where is searched there are
    no parts: the one has no names, and to the other what is searched for leads.
    """
    if vraag.aan is None or vraag.zoek is not None:
        if vraag.aan is not None:
            where.add("aan = any({}::text[])", sorted(vraag.aan))
        if vraag.rollen is not None:
            where.add("(rol is null or rol = any({}::text[]))", sorted(vraag.rollen))
        where.add("soort = any({}::text[])", sorted(vraag.soorten))
        found = "" if vraag.zoek is None else _ALL_FIRST
        return "", found, found
    parts = {"voor(aan)": vraag.aan, "als(rol)": _roles(vraag), "dit(soort)": vraag.soorten}
    where.conditions += ["werk.aan = voor.aan", "coalesce(werk.rol, '') = als.rol", "werk.soort = dit.soort"]
    unnested = [f"unnest({where.value(sorted(values))}::text[]) as {name}" for name, values in parts.items()]
    return f"{' cross join '.join(unnested)} cross join lateral", "", f"order by rang, id limit {MOST_COUNTED + 1}"


def _roles(vraag: Werkvraag) -> set[str]:
    """In which roles what they look for can be asked; also in none."""
    called = {rol.value for rol in Rol} if vraag.rollen is None else set(vraag.rollen)
    if vraag.eigen is None:
        return called | {_NO_ROLE}
    return called | {_NO_ROLE} if vraag.eigen.teams else called & vraag.eigen.rollen


def _of_werk(vraag: Werkvraag) -> _Where:
    where = _Where()
    if vraag.gemeente is not None:
        where.add("gemeente = {}", vraag.gemeente)
    if vraag.team is not None:
        where.add("team = {}", vraag.team)
    if vraag.te_laat:
        where.add("uiterlijk_op <= {} and rang <= {}", vraag.nu, vraag.nu)  # the second ends the stretch of the index
    if vraag.eigen is not None:
        own = "(team = any({}::text[]) or rol = any({}::text[]))"
        where.add(own, sorted(vraag.eigen.teams), sorted(vraag.eigen.rollen))
    if vraag.zoek is not None:
        _search(where, vraag.zoek, "casus_id")
    return where


def _standen(vraag: Casusvraag) -> list[Casusvraag]:
    """Open and closed cases have an index each."""
    if vraag.stand is not Casusstand.ALLE:
        return [vraag]
    return [replace(vraag, stand=stand) for stand in (Casusstand.OPEN, Casusstand.GESLOTEN)]


def _is_few(vraag: Casusvraag, kring: Kring) -> bool:
    """Whether what is asked is found faster by what it is asked by than in the order in which it is shown."""
    return vraag.zoek is not None or kring.partijen is not None


def _of_casussen(vraag: Casusvraag, kring: Kring) -> _Where:
    where = _Where()
    sees, values = may_see(kring, casus=True, first=1)
    where.values += values
    where.conditions += [sees.removeprefix("and ")] if sees else []
    where.conditions.append(
        f"soort = 'casus' and gesloten_op is {'' if vraag.stand is Casusstand.OPEN else 'not '}null"
    )
    if vraag.gemeente is not None:
        where.add("gemeente = {}", vraag.gemeente)
    if vraag.team is not None:
        where.add("exists (select from overdracht o where o.casus_id = casus.id and o.team = {})", vraag.team)
    if vraag.te_laat:
        where.add("eerste_einde <= {}", vraag.nu)
    if vraag.zoek is not None:
        _search(where, vraag.zoek, "id")
    return where


def _search(where: _Where, zoek: Zoekterm, casus: str) -> None:
    if zoek.id is not None:
        where.add(f"{casus} in ({_CASUS_WITH.replace('?', where.value(zoek.id))})")
    else:
        # not `like`: its pattern is not known when the statement is planned, and so it would find no index
        where.add("referentie ~>=~ {} and referentie ~<~ {}", zoek.referentie, f"{zoek.referentie}~")


_CASUS_WITH = (
    "select id from casus where id = ? or melding_id = ? union select casus_id from overdracht where id = ?"
    " union select casus_id from escalatie where id = ?"
)


def _after(where: _Where, column: str, na: Plek | None) -> None:
    if na is not None:
        where.add(f"({column}, id) > ({{}}, {{}})", na.rang, na.id)
