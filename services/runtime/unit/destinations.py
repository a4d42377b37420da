"""A destination in the outside world: how fast it may be called, and when it is left alone for a while.

`Tempo` and `Breaker` say what is agreed; how each destination stands is kept in the database (`bestemming`, `tempo`),
so that all copies of a service hold to it together. A destination `a/b` belongs to `a`: who stops `a` stops `a/b`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.messages.identifiers import CasusId
from services.runtime.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Tempo:
    """At most `per_second` requests in any second, and `at_once` under way; None is no bound."""

    per_second: float | None = None
    at_once: int = 8


@dataclass(frozen=True, slots=True)
class Breaker:
    """After `after` failures in a row a destination is left alone: for `first`, then twice as long, at most `longest`.

    Then one request tries. What a destination asks for itself (`Retry-After`) is honoured up to `most_asked`.
    """

    after: int = 5
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=5)
    most_asked: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """How one attempt ended, as far as it says something about its destination."""

    destination: str
    answered: bool
    hold_for: timedelta | None = None
    gone: str | None = None
    """Why it does not want to be called again."""
    kind: str = ""
    refused: str | None = None
    """Why it does not let us in, whatever we bring."""
    via: str | None = None
    """Who refused, where that is somebody on the way there who serves other destinations too."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a row of attempts says about one destination: `failures` since it last answered, if it did."""

    destination: str
    answered: bool = False
    failures: int = 0
    hold_for: timedelta | None = None
    gone: str | None = None
    kind: str = ""
    refused: str | None = None
    via: str | None = None


def tally(endings: Iterable[Ending]) -> tuple[Tally, ...]:
    """The sum per destination, in the order of their names."""
    found: dict[str, Tally] = {}
    for ending in endings:
        before = found.get(ending.destination, Tally(ending.destination))
        gone = ending.gone or before.gone
        if ending.answered:
            found[ending.destination] = Tally(ending.destination, answered=True, gone=gone)
        else:
            hold = max(ending.hold_for or timedelta(0), before.hold_for or timedelta(0)) or None
            failed = replace(before, failures=before.failures + 1, hold_for=hold, gone=gone)
            if ending.refused is not None:
                failed = replace(failed, kind=ending.kind, refused=ending.refused, via=ending.via)
            found[ending.destination] = failed
    return tuple(found[name] for name in sorted(found))


_RECOVERED = """
update bestemming b set mislukt = 0, keer_open = 0, open_tot = null,
                        geweigerd_op = null, weiger_reden = null, weiger_soort = null, weiger_via = null
from unnest($1::text[], $2::text[]) as t(naam, soort)
where b.naam = t.naam and (b.mislukt > 0 or b.open_tot is not null)
  and (b.geweigerd_op is null or b.weiger_soort = t.soort)
returning b.naam
"""
"""One that refuses us is not let go by an answer to another kind of request: reading may be allowed where writing is not."""
_RELEASED = """
update bestemming set mislukt = 0, keer_open = 0, open_tot = null,
                      geweigerd_op = null, weiger_reden = null, weiger_soort = null, weiger_via = null
where naam in (select naam from bestemming where weiger_via = any($1::text[]) for update skip locked) returning naam
"""
_KNOWN = "insert into bestemming (naam) select unnest($1::text[]) on conflict do nothing"
_FAILED = """
with telling as (
    select b.naam, t.houd_tot, t.weg, t.geweigerd, t.soort, t.via, b.geweigerd_op as sinds,
           greatest(case when t.antwoordde then 0 else b.mislukt end + t.mislukt,
                    case when t.geweigerd is not null then $7::int end) as mislukt,
           case when t.antwoordde then 0 else b.keer_open end as keer,
           case when t.antwoordde then null else b.open_tot end as open_tot
    from (select u.naam, u.antwoordde and b.geweigerd_op is null as antwoordde, u.mislukt, u.houd_tot, u.weg,
                 u.geweigerd, u.soort, u.via
          from unnest($1::text[], $2::boolean[], $3::int[], $4::timestamptz[], $5::text[], $10::text[], $11::text[],
                      $12::text[]) as u(naam, antwoordde, mislukt, houd_tot, weg, geweigerd, soort, via)
          join bestemming b on b.naam = u.naam) as t
    join bestemming b on b.naam = t.naam
    order by b.naam for update of b
), oordeel as (
    select *, mislukt >= $7::int and (open_tot is null or open_tot <= $6) as opent from telling
)
update bestemming b set
    mislukt = o.mislukt,
    keer_open = o.keer + o.opent::int,
    open_tot = greatest(
        o.houd_tot,
        case when o.opent then $6::timestamptz + least($9::interval, $8::interval * power(2, least(o.keer, 30)))
             else o.open_tot end
    ),
    gepauzeerd_op = case when o.weg is null then b.gepauzeerd_op else coalesce(b.gepauzeerd_op, $6) end,
    pauze_reden = coalesce(b.pauze_reden, o.weg),
    pauze_door = case when o.weg is null then b.pauze_door else coalesce(b.pauze_door, 'houvast') end,
    geweigerd_op = case when o.geweigerd is null then b.geweigerd_op else coalesce(b.geweigerd_op, $6) end,
    weiger_reden = coalesce(o.geweigerd, b.weiger_reden),
    weiger_soort = case when o.geweigerd is null then b.weiger_soort else o.soort end,
    weiger_via = case when o.geweigerd is null then b.weiger_via else o.via end
from oordeel o where b.naam = o.naam
returning b.naam, o.geweigerd is not null and o.sinds is null and o.via is null as begint
"""


async def note_endings(
    connection: Connection, endings: Iterable[Ending], breaker: Breaker, *, now: datetime
) -> Mapping[str, str]:
    """Keep how the destinations stand. A destination that keeps answering costs no write.

    Returns what refuses us since now, with the reason: once, for whoever has to mend it.
    """
    known = (*endings,)
    known = (*known, *(_of_via(ending, ending.via) for ending in known if ending.via is not None))
    totals = tally(known)
    well = {total.destination for total in totals if total.answered and not total.failures and not total.gone}
    others = [total for total in totals if total.failures or total.gone]
    began: Mapping[str, str] = {}
    if well:
        answered = sorted({(item.destination, item.kind) for item in known if item.destination in well})
        rows = await connection.fetch(_RECOVERED, *map(list, zip(*answered, strict=True)))
        await _release(connection, {ending.via for ending in known} & {row["naam"] for row in rows}, now=now)
    if others:
        names = [total.destination for total in others]
        await connection.execute(_KNOWN, names)
        rows = await connection.fetch(
            _FAILED,
            names,
            [total.answered for total in others],
            [total.failures for total in others],
            [_until(total.hold_for, breaker, now) for total in others],
            [total.gone for total in others],
            now,
            breaker.after,
            breaker.first,
            breaker.longest,
            [total.refused for total in others],
            [total.kind for total in others],
            [total.via for total in others],
        )
        reasons = {total.destination: total.refused or "" for total in others}
        began = {row["naam"]: reasons[row["naam"]] for row in rows if row["begint"]}
    return began


def _of_via(ending: Ending, via: str) -> Ending:
    """The same about who stands on the way: whatever passes there says that it lets us in."""
    return replace(ending, destination=via, kind=via, via=None, hold_for=None, gone=None)


async def _release(connection: Connection, vias: Iterable[str | None], *, now: datetime) -> None:
    """What waited because of somebody on the way may all go, now that one passed there."""
    for row in await connection.fetch(_RELEASED, [via for via in vias if via]):
        await bring_forward(connection, row["naam"], now=now)


_OTHERS_PASSED = """
select exists (
    select from poging p join opdracht o on o.id = p.opdracht_id
    where o.bestemming = $2 and o.soort = $3 and o.id <> $1 and p.resultaat = 'gelukt'
      and p.op > (select min(op) from poging where opdracht_id = $1 and status in (401, 403))
) as gingen
"""


async def others_passed(connection: Connection, request_id: UUID, destination: str, kind: str) -> bool:
    """Whether the destination took others of this kind after it had refused this one: then it is about this one."""
    row = await connection.fetchrow(_OTHERS_PASSED, request_id, destination, kind)
    return row is not None and row["gingen"]


def _until(hold_for: timedelta | None, breaker: Breaker, now: datetime) -> datetime | None:
    return None if hold_for is None else now + min(hold_for, breaker.most_asked)


async def set_tempos(connection: Connection, tempos: Mapping[str, Tempo]) -> None:
    """Lay down how fast each destination may be called; one that is gone from the list goes from the table."""
    names: Sequence[str] = sorted(tempos)
    await connection.execute("delete from tempo where naam <> all($1::text[])", names)
    await connection.execute(
        "insert into tempo (naam, per_seconde, tegelijk)"
        " select * from unnest($1::text[], $2::double precision[], $3::int[])"
        " on conflict (naam) do update set per_seconde = excluded.per_seconde, tegelijk = excluded.tegelijk"
        " where (tempo.per_seconde, tempo.tegelijk) is distinct from (excluded.per_seconde, excluded.tegelijk)",
        names,
        [tempos[name].per_second for name in names],
        [tempos[name].at_once for name in names],
    )


_PAUSE = """
insert into bestemming (naam, gepauzeerd_op, pauze_reden, pauze_door) values ($1, $2, $3, $4)
on conflict (naam) do update
    set gepauzeerd_op = excluded.gepauzeerd_op, pauze_reden = excluded.pauze_reden, pauze_door = excluded.pauze_door
    where bestemming.gepauzeerd_op is null
returning naam
"""
_RESUME = """
update bestemming set gepauzeerd_op = null, pauze_reden = null, pauze_door = null,
                      mislukt = 0, keer_open = 0, open_tot = null
where naam = $1 or split_part(naam, '/', 1) = $1 returning naam
"""
_BRING_FORWARD = """
with recursive namen(naam) as (
    (select bestemming from opdracht where status = 'open' order by bestemming limit 1)
    union all
    select (select o.bestemming from opdracht o where o.status = 'open' and o.bestemming > n.naam
            order by o.bestemming limit 1)
    from namen n where n.naam is not null
)
update opdracht set due_at = $2 where id in (
    select o.id from opdracht o
    where o.status = 'open' and o.due_at > $2 and (o.lease_tot is null or o.lease_tot < clock_timestamp())
      and o.bestemming = any(array(select naam from namen where naam = $1 or split_part(naam, '/', 1) = $1))
    for update skip locked)
returning id
"""


async def pause(connection: Connection, name: str, *, reason: str, by: str, now: datetime) -> bool:
    """Send nothing there until `resume`; what waits stays. False when it was stopped already."""
    return await connection.fetchrow(_PAUSE, name, now, reason, by) is not None


async def resume(connection: Connection, name: str, *, now: datetime) -> int:
    """Let everything for this destination go again, each within its tempo; returns how many requests waited longer."""
    await connection.fetch(_RESUME, name)
    return await bring_forward(connection, name, now=now)


async def bring_forward(connection: Connection, name: str, *, now: datetime) -> int:
    """What would be tried later because of former failures may go now; how many there were."""
    return len(await connection.fetch(_BRING_FORWARD, name, now))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a destination stands, for people. `waiting` counts what is not delivered, of which `oldest_at` the oldest."""

    name: str
    waiting: int
    under_way: int
    oldest_at: datetime | None
    failures: int
    open_until: datetime | None
    paused_at: datetime | None
    pause_reason: str | None
    per_second: float | None
    at_once: int | None
    refused_at: datetime | None = None
    refuse_reason: str | None = None
    """Since when it does not let us in, and what it says; it is tried now and then, and goes on by itself."""


_PAUSES = """
select o.id, coalesce(b.pauze_reden, 'wij worden daar niet toegelaten: ' || b.weiger_reden) as pauze_reden
from opdracht o
join bestemming b on b.naam in (o.bestemming, split_part(o.bestemming, '/', 1))
    and (b.gepauzeerd_op is not null or b.geweigerd_op is not null)
where o.casus_id = any($1) and o.status = 'open' order by o.id, b.naam
"""


async def pauses(connection: Connection, casus_ids: Sequence[CasusId]) -> Mapping[UUID, str]:
    """Of these cases the requests that wait because people, or a 410, stopped where they go, or because we are not let
    in there; each with the reason.
    """
    return {row["id"]: row["pauze_reden"] for row in await connection.fetch(_PAUSES, casus_ids)}


_STANDINGS = """
with wachtend as (
    select bestemming as naam, count(*)::int as aantal, min(gemaakt_op) as oudste,
           (count(*) filter (where lease_tot > clock_timestamp()))::int as bezig
    from opdracht where status = 'open' group by bestemming
)
select n.naam, coalesce(w.aantal, 0) as aantal, coalesce(w.bezig, 0) as bezig, w.oudste,
       coalesce(b.mislukt, 0) as mislukt, b.open_tot,
       coalesce(b.gepauzeerd_op, p.gepauzeerd_op) as gepauzeerd_op,
       coalesce(b.pauze_reden, p.pauze_reden) as pauze_reden,
       b.geweigerd_op, b.weiger_reden, t.per_seconde, t.tegelijk
from (select naam from tempo union select naam from bestemming union select naam from wachtend) n
left join wachtend w using (naam) left join bestemming b using (naam) left join tempo t using (naam)
left join bestemming p on p.naam = split_part(n.naam, '/', 1)
order by n.naam
"""


async def standings(connection: Connection) -> tuple[Standing, ...]:
    """Every destination that has something to tell, by name."""
    return tuple(
        Standing(
            name=row["naam"],
            waiting=row["aantal"],
            under_way=row["bezig"],
            oldest_at=row["oudste"],
            failures=row["mislukt"],
            open_until=row["open_tot"],
            paused_at=row["gepauzeerd_op"],
            pause_reason=row["pauze_reden"],
            per_second=row["per_seconde"],
            at_once=row["tegelijk"],
            refused_at=row["geweigerd_op"],
            refuse_reason=row["weiger_reden"],
        )
        for row in await connection.fetch(_STANDINGS)
    )
