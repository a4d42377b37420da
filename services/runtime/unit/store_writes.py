"""Everything a unit of work writes, as one statement: a round trip costs more than the rows do.

Each table has its part, left out when nothing is written there. The parts see the database as it was before the
statement and not each other's rows, so what belongs together in one row is put together here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import orjson

from contracts.messages.identifiers import CasusId
from services.runtime.unit.rows import ReadRow, columns
from services.runtime.unit.writes import Case, Writes

S = TypeVar("S")


class _Statement:
    """Parts with their arguments; `{0}` in a part is the first argument it was added with."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.arguments: list[Any] = []

    def add(self, sql: str, *arguments: Any) -> str:
        """The name under which later parts can read what this one returns."""
        places = [f"${len(self.arguments) + number}" for number in range(1, len(arguments) + 1)]
        name = f"deel{len(self._parts)}"
        self._parts.append(f"{name} as ({sql.format(*places)})")
        self.arguments += arguments
        return name

    def text(self, wake: str, channel: str) -> str | None:
        """The statement, which ends by waking who waits; None where there is nothing to do."""
        if not self._parts:
            return None
        if not wake:
            return f"with {', '.join(self._parts)} select 1"
        place = len(self.arguments) + 1
        self.arguments += [channel, wake]
        return f"with {', '.join(self._parts)} select pg_notify(${place}, ${place + 1})"


def write_statement(
    writes: Writes[S], now: datetime, states: Mapping[CasusId, str], *, channel: str
) -> tuple[str, list[Any]] | None:
    """The statement and its arguments; None where nothing is written. Keys of new cases are written before it.

    `states` are the new states of the cases that have one, as they are kept.
    """
    statement = _Statement()
    _add_states(statement, writes, now, states)
    _add_journal(statement, writes, now)
    _add_timers(statement, writes)
    _add_requests(statement, writes, now)
    _add_attempts(statement, writes, now)
    _add_references(statement, writes)
    _add_views(statement, writes)
    _add_parked(statement, writes, now)
    _add_inbox(statement, writes)
    _add_outbox(statement, writes, now)
    text = statement.text(_wake(writes), channel)
    return None if text is None else (text, statement.arguments)


def _wake(writes: Writes[S]) -> str:
    kinds = (
        ("outbox", bool(writes.outbox)),
        ("timers", bool(writes.timers or writes.released)),
        ("work", bool(writes.requests or writes.retries or writes.finished)),
    )
    return " ".join(kind for kind, written in kinds if written)


def _add_states(statement: _Statement, writes: Writes[S], now: datetime, states: Mapping[CasusId, str]) -> None:
    """Two transactions that both begin the same case: the second is retried and then finds it."""
    cases = sorted(writes.states.values(), key=lambda case: case.casus_id.int)
    new, known = [case for case in cases if not case.stored], [case for case in cases if case.stored]
    if new:
        statement.add(
            "insert into aggregaat (casus_id, toestand, versie, volgnummer, gewijzigd_op)"
            " select c, t, v, n, {4} from unnest({0}::uuid[], {1}::text[], {2}::int[], {3}::int[]) as u(c, t, v, n)",
            *_state_columns(new, states),
            now,
        )
    if known:
        statement.add(
            "update aggregaat a set toestand = t, versie = v, volgnummer = n, gewijzigd_op = {4}"
            " from unnest({0}::uuid[], {1}::text[], {2}::int[], {3}::int[]) as u(c, t, v, n) where a.casus_id = u.c",
            *_state_columns(known, states),
            now,
        )


def _state_columns(cases: Sequence[Case[S]], states: Mapping[CasusId, str]) -> tuple[list[Any], ...]:
    return (
        [case.casus_id for case in cases],
        [states[case.casus_id] for case in cases],
        [case.version for case in cases],
        [case.sequence for case in cases],
    )


def _add_journal(statement: _Statement, writes: Writes[S], now: datetime) -> None:
    rows = writes.journal
    if rows:
        statement.add(
            "insert into journaal (casus_id, op, wat, regel_id, regel_versie, feiten, actor, oorzaak)"
            " select c, {7}, w, r, rv, f::jsonb, a, o from"
            " unnest({0}::uuid[], {1}::text[], {2}::text[], {3}::text[], {4}::text[], {5}::text[], {6}::text[])"
            " with ordinality as t(c, w, r, rv, f, a, o, n) order by n",
            [row.casus_id for row in rows],
            [row.line.what for row in rows],
            [row.line.rule_id for row in rows],
            [row.line.rule_version for row in rows],
            [dumps(row.line.facts) for row in rows],
            [row.actor for row in rows],
            [row.cause for row in rows],
            now,
        )


def _add_timers(statement: _Statement, writes: Writes[S]) -> None:
    kept = [(key, value) for key, value in writes.timers.items() if value is not None]
    gone = [key for key, value in writes.timers.items() if value is None]
    if kept:
        statement.add(
            "insert into timer (casus_id, naam, due_at, gegevens, ongehoord_op)"
            " select * from unnest({0}::uuid[], {1}::text[], {2}::timestamptz[], {3}::text[], {4}::timestamptz[])"
            " on conflict (casus_id, naam) do update set due_at = excluded.due_at, gegevens = excluded.gegevens,"
            " ongehoord_op = excluded.ongehoord_op",
            [key[0] for key, _ in kept],
            [key[1] for key, _ in kept],
            [timer.due_at for _, timer in kept],
            [dumps(timer.data) for _, timer in kept],
            [timer.unheard_at for _, timer in kept],
        )
    if gone:
        statement.add(
            "delete from timer using unnest({0}::uuid[], {1}::text[]) as t(c, n)"
            " where timer.casus_id = t.c and timer.naam = t.n",
            [key[0] for key in gone],
            [key[1] for key in gone],
        )


def _add_requests(statement: _Statement, writes: Writes[S], now: datetime) -> None:
    """A request that is put off or cancelled by what came after it in the same batch begins as that."""
    if writes.requests:
        requests = [request for _, request in writes.requests]
        statement.add(
            "insert into opdracht (id, casus_id, soort, bestemming, inhoud, due_at, pogingen, status, traceparent, gemaakt_op)"
            " select i, c, s, b, h, d, 0, t, p, {8} from unnest({0}::uuid[], {1}::uuid[], {2}::text[], {3}::text[],"
            " {4}::text[], {5}::timestamptz[], {6}::text[], {7}::text[])"
            " with ordinality as u(i, c, s, b, h, d, t, p, n) order by n"
            " on conflict (id) do nothing",
            [request.id for request in requests],
            [casus_id for casus_id, _ in writes.requests],
            [request.kind for request in requests],
            [request.destination for request in requests],
            [dumps(request.content) for request in requests],
            [writes.retries.get(request.id, request.due_at) for request in requests],
            [writes.finished.get(request.id, "open") for request in requests],
            [request.traceparent for request in requests],
            now,
        )
    if writes.retries:  # whoever has it under way keeps it; only the report of an attempt gives it back
        reported = {row.request.id for row in writes.attempts}
        statement.add(
            "update opdracht set due_at = t.d, lease_tot = case when t.r then null else lease_tot end, status = 'open'"
            " from unnest({0}::uuid[], {1}::timestamptz[], {2}::boolean[]) as t(i, d, r)"
            " where id = t.i and status = 'open'",
            list(writes.retries),
            list(writes.retries.values()),
            [request_id in reported for request_id in writes.retries],
        )
    finished = {key: status for key, status in writes.finished.items() if key not in writes.retries}
    if finished:
        statement.add(
            "update opdracht set status = t.s, lease_tot = null"
            " from unnest({0}::uuid[], {1}::text[]) as t(i, s) where id = t.i and status = 'open'",
            list(finished),
            list(finished.values()),
        )


def _add_attempts(statement: _Statement, writes: Writes[S], now: datetime) -> None:
    rows = writes.attempts
    if rows:
        statement.add(
            "insert into poging (opdracht_id, nummer, op, resultaat, status, toelichting, ontvangen, verzonden,"
            " antwoord, duur_ms) select i, n, {9}, r, s, t, o::jsonb, v::jsonb, a, d from unnest({0}::uuid[], {1}::int[],"
            " {2}::text[], {3}::int[], {4}::text[], {5}::text[], {6}::text[], {7}::text[], {8}::int[])"
            " as u(i, n, r, s, t, o, v, a, d) on conflict do nothing",
            [row.request.id for row in rows],
            [row.request.attempts for row in rows],
            [row.attempt.result.value for row in rows],
            [row.attempt.status for row in rows],
            [row.attempt.detail for row in rows],
            [dumps(row.attempt.receipt) for row in rows],
            [dumps(row.attempt.sent) for row in rows],
            [row.attempt.answer for row in rows],
            [row.attempt.duration_ms for row in rows],
            now,
        )


def _add_references(statement: _Statement, writes: Writes[S]) -> None:
    rows = [(ref.kind, ref.key, casus_id) for ref, cases in writes.references.items() for casus_id in cases]
    if rows:
        statement.add(
            "insert into verwijzing select * from unnest({0}::text[], {1}::text[], {2}::uuid[]) on conflict do nothing",
            *map(list, zip(*rows, strict=True)),
        )


def _add_views(statement: _Statement, writes: Writes[S]) -> None:
    rows: dict[type[ReadRow], dict[UUID, ReadRow | None]] = {}
    for (kind, identifier), row in writes.views.items():
        rows.setdefault(kind, {})[identifier] = row
    for kind in sorted(rows, key=attrgetter("table")):
        _add_view(statement, kind, rows[kind])


def _add_view(statement: _Statement, kind: type[ReadRow], rows: Mapping[UUID, ReadRow | None]) -> None:
    kept = [row for row in rows.values() if row is not None]
    gone = [identifier for identifier, row in rows.items() if row is None]
    if gone:
        statement.add(f'delete from "{kind.table}" where id = any({{0}}::uuid[])', gone)  # noqa: S608  a table of our own
    if kept:
        statement.add(upsert(kind, "{0}"), dumps(kept))


def upsert(kind: type[ReadRow], rows: str) -> str:
    """The statement that writes rows of this kind; `rows` is the parameter that holds them, as JSON."""
    names = columns(kind)
    return (
        f'insert into "{kind.table}" ({names})'  # noqa: S608  names of our own tables and columns
        f' select {names} from jsonb_populate_recordset(null::"{kind.table}", {rows}::jsonb)'
        f" on conflict (id) do update set ({names}) = ({columns(kind, 'excluded')})"
    )


def _add_parked(statement: _Statement, writes: Writes[S], now: datetime) -> None:
    rows = writes.parked
    if rows:
        statement.add(
            "insert into geparkeerd (key, casus_id, soort, reden, topic, partitie, positie, bericht, op)"
            " select k, c, s, r, t, p, o, b, {8} from unnest({0}::uuid[], {1}::uuid[], {2}::text[], {3}::text[],"
            " {4}::text[], {5}::int[], {6}::bigint[], {7}::bytea[]) with ordinality as u(k, c, s, r, t, p, o, b, n)"
            " order by n on conflict (key) do update set soort = excluded.soort, reden = excluded.reden",
            [row.key for row in rows],
            [row.casus_id for row in rows],
            [row.kind.value for row in rows],
            [row.reason for row in rows],
            [row.record.topic for row in rows],
            [row.record.partition for row in rows],
            [row.record.offset for row in rows],
            [row.record.raw for row in rows],
            now,
        )
    if writes.released:
        statement.add("delete from geparkeerd where key = any({0}::uuid[])", writes.released)


def _add_inbox(statement: _Statement, writes: Writes[S]) -> None:
    answers = {key: answer for key, answer in writes.answers.items() if key not in writes.forgotten}
    if answers:
        statement.add(
            "update inbox set antwoord = t.a from unnest({0}::uuid[], {1}::text[]) as t(k, a) where inbox.key = t.k",
            list(answers),
            [dumps(answer) for answer in answers.values()],
        )
    if writes.forgotten:
        statement.add("delete from inbox where key = any({0}::uuid[])", list(writes.forgotten))


def _add_outbox(statement: _Statement, writes: Writes[S], now: datetime) -> None:
    rows = writes.outbox
    if rows:
        written = statement.add(
            "insert into outbox (id, topic, casus_id, bericht, gemaakt_op)"
            " select i, t, c, b, {4} from unnest({0}::uuid[], {1}::text[], {2}::uuid[], {3}::bytea[])"
            " with ordinality as u(i, t, c, b, n) order by n on conflict (id) do nothing returning positie",
            [row.id for row in rows],
            [row.topic for row in rows],
            [row.casus_id for row in rows],
            [row.payload for row in rows],
            now,
        )
        statement.add(f"insert into te_verzenden select positie from {written}")  # noqa: S608  a name of our own


def dumps(value: Any) -> str:
    """As JSON; also what orjson does not know of itself."""
    return orjson.dumps(value, default=_as_json).decode()


def _as_json(value: object) -> str:
    if isinstance(value, UUID):  # asyncpg has a kind of its own
        return str(value)
    raise TypeError(f"{type(value).__name__} is no value of a row")
