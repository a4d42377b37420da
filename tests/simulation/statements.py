"""What the statements of the runtime mean, one function each, for the simulated PostgreSQL.

They are found by their very text: whoever changes a statement must say here what it means now, and
`tests/contract/store` holds both against the real PostgreSQL. A statement takes its locks before it changes anything,
because it begins anew after it waited.
"""

import math
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.runtime.database import lease
from services.runtime.kafka import backlog, relay, watermark
from services.runtime.outbound import worker
from services.runtime.unit import destinations, heard, releasing, store_postgres
from tests.simulation.postgres import Call, Row, Transaction, WouldBlock

Meaning = Callable[..., list[Row]]
MEANINGS: dict[str, Meaning] = {}


def means(*texts: str) -> Callable[[Meaning], Meaning]:
    def note(meaning: Meaning) -> Meaning:
        for text in texts:
            MEANINGS[text] = meaning
        return meaning

    return note


def mean(call: Call) -> list[Row]:
    meaning = MEANINGS.get(call.text)
    if meaning is not None:
        return meaning(call, *call.arguments)
    if call.text.startswith("with deel0 as ("):
        return _write(call)
    raise NotImplementedError(f"say in tests/simulation/statements.py what this means:\n{call.text}")


def _is_free(tx: Transaction, resource: Any) -> bool:
    try:
        tx.lock(resource)
    except WouldBlock:
        return False
    return True


# the unit of work


@means(store_postgres._ENTER)
def _enter(
    call: Call, keys: list[UUID], casus_ids: list[UUID], prints: list[str | None], now: datetime, cases: list[UUID]
) -> list[Row]:
    inbox, aggregaat, tx = call.table("inbox"), call.table("aggregaat"), call.tx
    there = call.seen("inbox", lambda: {key: row for key in keys if (row := tx.get(inbox, key)) is not None})
    born = call.seen("aggregaat", lambda: {casus_id for casus_id in cases if tx.get(aggregaat, casus_id) is not None})
    fresh = [number for number, key in enumerate(keys) if key not in there]
    for number in fresh:
        tx.lock((inbox.name, keys[number]))
    for casus_id in cases:
        if casus_id in born:
            tx.lock((aggregaat.name, casus_id))
    inserted = 0
    for number in fresh:
        if tx.get(inbox, keys[number]) is None:
            row = {"casus_id": casus_ids[number], "vingerafdruk": prints[number], "antwoord": None, "xid": tx.xid}
            tx.put(inbox, keys[number], row)
            inserted += 1
    found: list[Row] = [_entered("nieuw", versie=inserted)]
    found += [_entered("inbox", key, soort=row["vingerafdruk"], tekst=row["antwoord"]) for key, row in there.items()]
    for casus_id in cases:
        row = tx.get(aggregaat, casus_id) if casus_id in born else None
        if row is not None:
            found.append(
                _entered("casus", casus_id, tekst=row["toestand"], versie=row["versie"], volgnummer=row["volgnummer"])
            )
    return found


def _entered(what: str, identifier: UUID | None = None, **columns: Any) -> Row:
    empty = {"soort": None, "tekst": None, "versie": None, "volgnummer": None}
    return {"wat": what, "id": identifier} | empty | columns


@means(
    "select key, vingerafdruk, antwoord from inbox"
    " where key = any($1::uuid[]) and xmin::text <> pg_current_xact_id_if_assigned()::xid::text"
)
def _known(call: Call, keys: list[UUID]) -> list[Row]:
    rows = {key: call.tx.get(call.table("inbox"), key) for key in keys}
    return [
        {"key": key, "vingerafdruk": row["vingerafdruk"], "antwoord": row["antwoord"]}
        for key, row in rows.items()
        if row is not None and row["xid"] != call.tx.xid
    ]


@means(store_postgres._LOCK)
def _lock(call: Call, casus_ids: list[UUID]) -> list[Row]:
    aggregaat, tx = call.table("aggregaat"), call.tx
    born = call.seen("born", lambda: [casus_id for casus_id in casus_ids if tx.get(aggregaat, casus_id) is not None])
    for casus_id in born:
        tx.lock((aggregaat.name, casus_id))
    return _cases(call, born)


@means(store_postgres._LOCK_FREE)
def _lock_free(call: Call, casus_ids: list[UUID]) -> list[Row]:
    aggregaat, tx = call.table("aggregaat"), call.tx
    there = [casus_id for casus_id in casus_ids if tx.get(aggregaat, casus_id) is not None]
    return _cases(call, [casus_id for casus_id in there if _is_free(tx, (aggregaat.name, casus_id))])


def _cases(call: Call, casus_ids: Iterable[UUID]) -> list[Row]:
    rows = {casus_id: call.tx.get(call.table("aggregaat"), casus_id) for casus_id in casus_ids}
    return [
        {"id": casus_id, "tekst": row["toestand"], "versie": row["versie"], "volgnummer": row["volgnummer"]}
        for casus_id, row in rows.items()
        if row is not None
    ]


@means(store_postgres._CLAIM_UNBORN)
def _claim_unborn(call: Call, casus_ids: list[UUID]) -> list[Row]:
    """Nobody restores an older backup here: of a case that is not there nothing was told."""
    for casus_id in sorted(casus_ids):
        call.tx.lock(("unborn", call.schema, casus_id))
    return [{"casus_id": casus_id, "volgnummer": None} for casus_id in sorted(casus_ids)]


def _aside(call: Call, casus_ids: Iterable[UUID]) -> list[Row]:
    parked = call.tx.rows(call.table("geparkeerd"))
    if not parked:
        return []
    wanted = set(casus_ids)
    rows = [row for row in parked if row["casus_id"] in wanted]
    return sorted(rows, key=lambda row: row["nummer"])


@means(store_postgres._BESIDE_NO_KEYS)
def _beside_no_keys(call: Call, casus_ids: list[UUID]) -> list[Row]:
    return [{"casus_id": None, "gewikkeld": None}] if _aside(call, casus_ids) else []


@means(store_postgres._BESIDE)
def _beside(call: Call, casus_ids: list[UUID]) -> list[Row]:
    return [*_load_keys(call, casus_ids), *_beside_no_keys(call, casus_ids)]


@means("SELECT casus_id, gewikkeld FROM houvast.sleutel WHERE casus_id = ANY($1::uuid[])")
def _load_keys(call: Call, casus_ids: list[UUID]) -> list[Row]:
    rows = [call.tx.get(call.shared("sleutel"), casus_id) for casus_id in dict.fromkeys(casus_ids)]
    return [row for row in rows if row is not None]


@means(
    "INSERT INTO houvast.sleutel (casus_id, gewikkeld, gemaakt_op)"
    " SELECT id, gewikkeld, $3 FROM unnest($1::uuid[], $2::bytea[]) AS nieuw (id, gewikkeld)"
    " ON CONFLICT (casus_id) DO NOTHING RETURNING casus_id"
)
def _insert_keys(call: Call, casus_ids: list[UUID], wrapped: list[bytes], now: datetime) -> list[Row]:
    del now
    sleutel, tx = call.shared("sleutel"), call.tx
    for casus_id in casus_ids:
        tx.lock((sleutel.name, casus_id))
    added: list[Row] = []
    for casus_id, key in zip(casus_ids, wrapped, strict=True):
        if tx.get(sleutel, casus_id) is None:
            tx.put(sleutel, casus_id, {"casus_id": casus_id, "gewikkeld": key})
            added.append({"casus_id": casus_id})
    return added


@means(store_postgres._PARKED)
def _parked(call: Call, casus_ids: list[UUID]) -> list[Row]:
    return _aside(call, casus_ids)


@means("select key, casus_id, soort, reden, topic, partitie, positie, bericht from geparkeerd where key = $1")
def _parked_one(call: Call, key: UUID) -> list[Row]:
    row = call.tx.get(call.table("geparkeerd"), key)
    return [] if row is None else [row]


@means(releasing._UNKNOWN)
def _unknown(call: Call, kinds: list[str]) -> list[Row]:
    rows = [row for row in call.tx.rows(call.table("geparkeerd")) if row["soort"] in kinds]
    return sorted(rows, key=lambda row: row["nummer"])


@means(releasing._MATCHING)
def _matching(call: Call, kinds: list[str], casus_id: UUID | None, reason: str | None) -> list[Row]:
    return [
        {"key": row["key"]}
        for row in _unknown(call, kinds)
        if casus_id in (None, row["casus_id"]) and row["reden"].startswith(reason or "")
    ]


# timers


def _timers(call: Call) -> list[Row]:
    return call.tx.rows(call.table("timer"))


@means("select due_at from timer order by due_at limit 1")
def _next_due(call: Call) -> list[Row]:
    moments = [row["due_at"] for row in _timers(call)]
    return [{"due_at": min(moments)}] if moments else []


def _by_case(due: Iterable[tuple[datetime, UUID]], limit: int) -> list[Row]:
    return [{"casus_id": casus_id} for casus_id in dict.fromkeys(casus_id for _, casus_id in sorted(due)[:limit])]


@means(store_postgres._DUE_CASES)
def _due_cases(call: Call, now: datetime, limit: int) -> list[Row]:
    return _by_case(((row["due_at"], row["casus_id"]) for row in _timers(call) if row["due_at"] <= now), limit)


def _may_come(call: Call, row: Row, now: datetime, until: datetime, kinds: list[str], *, still: bool) -> bool:
    if row["due_at"] > now and (row["ongehoord_op"] is None or row["ongehoord_op"] > now):
        return False
    aside = any(parked["soort"] in kinds for parked in _aside(call, [row["casus_id"]]))
    if row["due_at"] <= min(now, until) and not aside:
        return True
    return row["ongehoord_op"] is not None and row["ongehoord_op"] <= now and (still or aside)


@means(store_postgres._HEARD_CASES)
def _heard_cases(
    call: Call,
    now: datetime,
    limit: int,
    until: datetime,
    still: bool,
    kinds: list[str],
) -> list[Row]:
    due = [row for row in _timers(call) if _may_come(call, row, now, until, kinds, still=still)]
    return _by_case(((row["due_at"], row["casus_id"]) for row in due), limit)


def _take(call: Call, due: list[Row]) -> list[Row]:
    timer = call.table("timer")
    for row in due:
        call.tx.lock((timer.name, (row["casus_id"], row["naam"])))
    for row in due:
        call.tx.put(timer, (row["casus_id"], row["naam"]), None)
    return due


@means(store_postgres._TAKE_DUE)
def _take_due(call: Call, casus_ids: list[UUID], now: datetime) -> list[Row]:
    return _take(call, [row for row in _timers(call) if row["casus_id"] in casus_ids and row["due_at"] <= now])


@means(store_postgres._TAKE_HEARD)
def _take_heard(
    call: Call,
    casus_ids: list[UUID],
    now: datetime,
    until: datetime,
    still: bool,
    kinds: list[str],
) -> list[Row]:
    mine = [row for row in _timers(call) if row["casus_id"] in casus_ids]
    return _take(call, [row for row in mine if _may_come(call, row, now, until, kinds, still=still)])


@means(heard._HEARD)
def _heard(call: Call, listener: str, senders: list[str], seconds: int) -> list[Row]:
    rows = [
        row
        for (sender, hearer), row in call.tx.items(call.shared("watermerk"))
        if hearer == listener and sender in senders
    ]
    if not rows:
        return [{"tot": None, "aantal": 0, "staat_stil": None}]
    limit = call.now() - timedelta(seconds=seconds)
    still = any(row["gemeten_op"] < limit for row in rows)
    return [{"tot": min(row["tot"] for row in rows), "aantal": len(rows), "staat_stil": still}]


@means("select pg_notify(c, 'silence') from unnest($1::text[]) as t(c)")
def _ask_silence(call: Call, channels: list[str]) -> list[Row]:
    for channel in channels:
        call.notify(channel, "silence")
    return []


@means("select pg_notify($1, 'timers')")
def _wake_timers(call: Call, channel: str) -> list[Row]:
    call.notify(channel, "timers")
    return []


# what a unit of work writes

_PART = re.compile(r"(?:^with |, )deel\d+ as \(")
_PLACE = re.compile(r"\$(\d+)")
_END = re.compile(r"\) select (?:1|pg_notify\(\$\d+, \$\d+\))$")


@cache
def _parts(text: str) -> tuple[tuple[tuple[str, tuple[int, ...]], ...], int | None]:
    """Each part with its arguments, in the order in which they were given, and where the channel stands."""
    end = _END.search(text)
    assert end is not None, text
    parts = _PART.split(text[: end.start()])[1:]
    parts = [part.removesuffix(")") if number < len(parts) - 1 else part for number, part in enumerate(parts)]
    found = tuple((part, tuple(sorted({int(place) - 1 for place in _PLACE.findall(part)}))) for part in parts)
    places = _PLACE.findall(end.group())
    return found, int(places[0]) - 1 if places else None


def _write(call: Call) -> list[Row]:
    parts, channel = _parts(call.text)
    for part, places in parts:
        for begin, meaning in WRITES.items():
            if part.startswith(begin):
                meaning(call, part, *(call.arguments[place] for place in places))
                break
        else:
            raise NotImplementedError(f"say in tests/simulation/statements.py what this means:\n{part}")
    if channel is not None:
        call.notify(call.arguments[channel], call.arguments[channel + 1])
    return [{"deel": 1}]


def _insert_states(call: Call, part: str, ids: Any, texts: Any, versions: Any, numbers: Any, now: datetime) -> None:
    del part, now
    aggregaat = call.table("aggregaat")
    for casus_id in ids:
        call.tx.lock((aggregaat.name, casus_id))
    for casus_id, text, version, number in zip(ids, texts, versions, numbers, strict=True):
        if call.tx.get(aggregaat, casus_id) is not None:
            raise _duplicate("aggregaat")
        call.tx.put(aggregaat, casus_id, {"toestand": text, "versie": version, "volgnummer": number})


def _duplicate(table: str) -> asyncpg.UniqueViolationError:
    error = asyncpg.UniqueViolationError("duplicate key value violates unique constraint")
    error.table_name = table
    return error


def _update_states(call: Call, part: str, ids: Any, texts: Any, versions: Any, numbers: Any, now: datetime) -> None:
    del part, now
    aggregaat = call.table("aggregaat")
    for casus_id, text, version, number in zip(ids, texts, versions, numbers, strict=True):
        if call.tx.get(aggregaat, casus_id) is not None:
            call.tx.put(aggregaat, casus_id, {"toestand": text, "versie": version, "volgnummer": number})


def _insert_journal(call: Call, part: str, ids: Any, what: Any, *columns: Any) -> None:
    del part
    journal = call.table("journaal")
    for place, (casus_id, word) in enumerate(zip(ids, what, strict=True)):
        row = {"casus_id": casus_id, "wat": word, "regel_id": columns[0][place], "feiten": columns[2][place]}
        call.tx.put(journal, call.number("journaal"), row)


def _insert_timers(call: Call, part: str, ids: Any, names: Any, dues: Any, data: Any, unheard: Any) -> None:
    del part
    timer = call.table("timer")
    for casus_id, name, due_at, text, unheard_at in zip(ids, names, dues, data, unheard, strict=True):
        row = {"casus_id": casus_id, "naam": name, "due_at": due_at, "gegevens": text, "ongehoord_op": unheard_at}
        call.tx.put(timer, (casus_id, name), row)


def _delete_timers(call: Call, part: str, ids: Any, names: Any) -> None:
    del part
    for key in zip(ids, names, strict=True):
        if call.tx.get(call.table("timer"), key) is not None:
            call.tx.put(call.table("timer"), key, None)


def _insert_requests(  # noqa: PLR0913  the columns of a request
    call: Call,
    part: str,
    ids: Any,
    cases: Any,
    kinds: Any,
    places: Any,
    contents: Any,
    dues: Any,
    statuses: Any,
    traces: Any,
    now: datetime,
) -> None:
    del part
    opdracht = call.table("opdracht")
    for identifier in ids:
        call.tx.lock((opdracht.name, identifier))
    columns = (ids, cases, kinds, places, contents, dues, statuses, traces)
    for identifier, casus_id, kind, place, content, due_at, status, trace in zip(*columns, strict=True):
        number = call.number("opdracht")
        if call.tx.get(opdracht, identifier) is None:
            row = {
                "id": identifier,
                "nummer": number,
                "casus_id": casus_id,
                "soort": kind,
                "bestemming": place,
                "inhoud": content,
                "due_at": due_at,
                "pogingen": 0,
                "status": status,
                "lease_tot": None,
                "lease_van": None,
                "traceparent": trace,
                "gemaakt_op": now,
            }
            call.tx.put(opdracht, identifier, row)


def _put_off_requests(call: Call, part: str, ids: Any, dues: Any, reported: Any) -> None:
    del part
    for identifier, due_at, given_back in zip(ids, dues, reported, strict=True):
        _change_request(call, identifier, due_at=due_at, **({"lease_tot": None} if given_back else {}))


def _end_requests(call: Call, part: str, ids: Any, statuses: Any) -> None:
    del part
    for identifier, status in zip(ids, statuses, strict=True):
        _change_request(call, identifier, status=status, lease_tot=None)


def _change_request(call: Call, identifier: UUID, **changes: Any) -> None:
    opdracht = call.table("opdracht")
    row = call.tx.get(opdracht, identifier)
    if row is not None and row["status"] == "open":
        call.tx.lock((opdracht.name, identifier))
        call.tx.put(opdracht, identifier, row | changes)


def _insert_attempts(call: Call, part: str, ids: Any, numbers: Any, results: Any, statuses: Any, *others: Any) -> None:
    del part
    poging = call.table("poging")
    for key, result, status in zip(zip(ids, numbers, strict=True), results, statuses, strict=True):
        call.tx.lock((poging.name, key))
        if call.tx.get(poging, key) is None:
            call.tx.put(poging, key, {"resultaat": result, "status": status, "op": others[-1]})


def _insert_references(call: Call, part: str, kinds: Any, keys: Any, cases: Any) -> None:
    del part
    for key in zip(kinds, keys, cases, strict=True):
        call.tx.lock((call.table("verwijzing").name, key))
        call.tx.put(call.table("verwijzing"), key, {"casus_id": key[2]})


_VIEW = re.compile(r'^(?:insert into|delete from) "([^"]+)"')


def _view(part: str) -> str:
    found = _VIEW.match(part)
    assert found is not None, part
    return f"view:{found.group(1)}"


def _upsert_views(call: Call, part: str, rows: str) -> None:
    table = call.table(_view(part))
    for row in orjson.loads(rows):
        call.tx.put(table, row["id"], row)


def _delete_views(call: Call, part: str, ids: list[UUID]) -> None:
    for identifier in ids:
        call.tx.put(call.table(_view(part)), str(identifier), None)


def _insert_parked(  # noqa: PLR0913  the columns of a record set aside
    call: Call,
    part: str,
    keys: Any,
    cases: Any,
    kinds: Any,
    reasons: Any,
    topics: Any,
    partitions: Any,
    positions: Any,
    raws: Any,
    now: datetime,
) -> None:
    del part, now
    table = call.table("geparkeerd")
    columns = (keys, cases, kinds, reasons, topics, partitions, positions, raws)
    for key, casus_id, kind, reason, topic, partition, position, raw in zip(*columns, strict=True):
        call.tx.lock((table.name, key))
        number = call.number("geparkeerd")
        new = {
            "nummer": number,
            "key": key,
            "casus_id": casus_id,
            "topic": topic,
            "partitie": partition,
            "positie": position,
            "bericht": raw,
        }
        row = call.tx.get(table, key) or new
        call.tx.put(table, key, row | {"soort": kind, "reden": reason})


def _delete_parked(call: Call, part: str, keys: list[UUID]) -> None:
    del part
    for key in keys:
        call.tx.put(call.table("geparkeerd"), key, None)


def _answer_inbox(call: Call, part: str, keys: Any, answers: Any) -> None:
    del part
    for key, answer in zip(keys, answers, strict=True):
        row = call.tx.get(call.table("inbox"), key)
        if row is not None:
            call.tx.put(call.table("inbox"), key, row | {"antwoord": answer})


def _delete_inbox(call: Call, part: str, keys: list[UUID]) -> None:
    del part
    for key in keys:
        call.tx.put(call.table("inbox"), key, None)


def _insert_outbox(call: Call, part: str, ids: Any, topics: Any, cases: Any, raws: Any, now: datetime) -> None:
    del part, now
    known = call.table("outbox:id")
    for identifier in ids:
        call.tx.lock((known.name, identifier))
    for identifier, topic, casus_id, raw in zip(ids, topics, cases, raws, strict=True):
        position = call.number("outbox")
        if call.tx.get(known, identifier) is not None:
            continue
        call.tx.put(known, identifier, {"positie": position})
        row = {"id": identifier, "positie": position, "topic": topic, "casus_id": casus_id, "bericht": raw}
        call.tx.put(call.table("outbox"), position, row)
        call.tx.put(call.table("te_verzenden"), position, {"positie": position})
        call.database.written[raw] = call.database.loop.time()


def _nothing(call: Call, part: str, *arguments: Any) -> None:
    """Done together with the part before it."""
    del call, part, arguments


WRITES: dict[str, Callable[..., None]] = {
    "insert into aggregaat": _insert_states,
    "update aggregaat": _update_states,
    "insert into journaal": _insert_journal,
    "insert into timer": _insert_timers,
    "delete from timer": _delete_timers,
    "insert into opdracht": _insert_requests,
    "update opdracht set due_at": _put_off_requests,
    "update opdracht set status": _end_requests,
    "insert into poging": _insert_attempts,
    "insert into verwijzing": _insert_references,
    'insert into "': _upsert_views,
    'delete from "': _delete_views,
    "insert into geparkeerd": _insert_parked,
    "delete from geparkeerd": _delete_parked,
    "update inbox": _answer_inbox,
    "delete from inbox": _delete_inbox,
    "insert into outbox": _insert_outbox,
    "insert into te_verzenden": _nothing,
}


# leases and the relay


@means(lease._TAKE)
def _take_lease(call: Call, name: str, holder: str, seconds: float, first: bool) -> list[Row]:
    houder = call.table("houder")
    call.tx.lock((houder.name, name))
    row, now = call.tx.get(houder, name), call.now()
    if row is not None and not (row["tot"] < now or (first and row["van"] == holder)):
        return []
    epoch = 1 if row is None else row["epoch"] + 1
    call.tx.put(houder, name, {"epoch": epoch, "van": holder, "tot": now + timedelta(seconds=seconds)})
    return [{"epoch": epoch}]


@means(lease._RENEW)
def _renew_lease(call: Call, name: str, epoch: int, seconds: float) -> list[Row]:
    houder = call.table("houder")
    call.tx.lock((houder.name, name))
    row = call.tx.get(houder, name)
    if row is None or row["epoch"] != epoch:
        return []
    call.tx.put(houder, name, row | {"tot": call.now() + timedelta(seconds=seconds)})
    return [{"epoch": epoch}]


@means(lease._GIVE_BACK)
def _give_back(call: Call, name: str, epoch: int) -> list[Row]:
    houder = call.table("houder")
    call.tx.lock((houder.name, name))
    row = call.tx.get(houder, name)
    if row is not None and row["epoch"] == epoch:
        call.tx.put(houder, name, row | {"tot": call.now()})
    return []


def _holds_relay(call: Call, epoch: int) -> bool:
    houder = call.table("houder")
    row = call.tx.get(houder, "relay")
    if row is None or row["epoch"] != epoch:
        return False
    call.tx.lock((houder.name, "relay"), shared=True)
    row = call.tx.get(houder, "relay")
    return row is not None and row["epoch"] == epoch


def _waiting(call: Call) -> list[Row]:
    positions = sorted(key for key, _ in call.tx.items(call.table("te_verzenden")))
    rows = [call.tx.get(call.table("outbox"), position) for position in positions]
    return [row for row in rows if row is not None]


@means(relay._NEXT)
def _next_outbox(call: Call, limit: int, held: list[UUID], upto: int) -> list[Row]:
    rows = [row for row in _waiting(call) if row["casus_id"] not in held and row["positie"] <= upto]
    return rows[:limit]


@means(
    "select distinct on (casus_id) positie, topic, casus_id, bericht from te_verzenden join outbox using (positie)"
    " where casus_id = any($1::uuid[]) order by casus_id, positie"
)
def _first_of_each(call: Call, casus_ids: list[UUID]) -> list[Row]:
    first: dict[UUID, Row] = {}
    for row in _waiting(call):
        if row["casus_id"] in casus_ids:
            first.setdefault(row["casus_id"], row)
    return [first[casus_id] for casus_id in sorted(first)]


@means(relay._SEND_AGAIN)
def _send_again(call: Call, epoch: int) -> list[Row]:
    if _holds_relay(call, epoch):
        onderweg, waiting = call.table("onderweg"), call.table("te_verzenden")
        for position, row in call.tx.items(onderweg):
            call.tx.put(onderweg, position, None)
            call.tx.put(waiting, position, row)
    return []


@means(relay._NOTE_SENT)
def _note_sent(call: Call, epoch: int, positions: list[int], under_way: list[int]) -> list[Row]:
    mine = _holds_relay(call, epoch)
    if mine:
        note_sent(call, positions, under_way)
    return [{"exists": mine}]


def note_sent(call: Call, positions: list[int], under_way: list[int]) -> None:
    for position in positions:
        call.tx.put(call.table("te_verzenden"), position, None)
    for position in under_way:
        call.tx.put(call.table("onderweg"), position, {"positie": position})


@means(backlog._CASES)
def _backlog_cases(call: Call, upto: int) -> list[Row]:
    cases = dict.fromkeys(row["casus_id"] for row in _waiting(call) if row["positie"] <= upto)
    return [{"casus_id": casus_id} for casus_id in cases]


# watermarks


@means(watermark._NUMBER)
def _number(call: Call) -> list[Row]:
    return [{"op": call.now(), "nummer": call.tx.xid}]


@means(watermark._ENDED)
def _ended(call: Call, number: int) -> list[Row]:
    """A statement that only reads takes no number, so it does not wait for itself."""
    others = [xid for xid in call.database.running() if xid != call.tx.xid]
    return [{"ended": all(xid > number for xid in others)}]


@means("select coalesce(max(positie), 0) from outbox")
def _last_position(call: Call) -> list[Row]:
    return [{"coalesce": max(call.table("outbox").rows, default=0)}]


@means(watermark._SENT)
def _sent(call: Call, upto: int) -> list[Row]:
    left = [*call.tx.items(call.table("te_verzenden")), *call.tx.items(call.table("onderweg"))]
    return [{"sent": all(position > upto for position, _ in left)}]


@means(relay._NOTED_ENDS)
def _noted_ends(call: Call, service: str) -> list[Row]:
    """Nobody restores an older backup here, so nobody notes how far Kafka is."""
    return []


@means(relay._FORGOT)
def _forgot(call: Call, service: str) -> list[Row]:
    watermerk = call.shared("watermerk")
    for (sender, listener), row in list(call.tx.items(watermerk)):
        if sender == service:
            call.tx.lock((watermerk.name, (sender, listener)))
            call.tx.put(watermerk, (sender, listener), {**row, "verloren": True})
    return []


@means(watermark._KNOWN)
def _known_ends(call: Call, sender: str, listener: str) -> list[Row]:
    row = call.tx.get(call.shared("watermerk"), (sender, listener))
    return [] if row is None else [{"verloren": False, **row}]


@means(watermark._NOTE)
def _note_watermark(
    call: Call, sender: str, listener: str, until: datetime, measured: datetime, ends: str
) -> list[Row]:
    watermerk = call.shared("watermerk")
    call.tx.lock((watermerk.name, (sender, listener)))
    row = call.tx.get(watermerk, (sender, listener))
    if row is None or (row["tot"] <= until and not row.get("verloren", False)):
        call.tx.put(watermerk, (sender, listener), {"tot": until, "gemeten_op": measured, "einden": ends})
    return []


# requests to the outside world and where they go


def _open(call: Call) -> list[Row]:
    return sorted(call.tx.open(call.table("opdracht")), key=lambda row: (row["due_at"], row["nummer"]))


def _is_leased(call: Call, row: Row) -> bool:
    return row["lease_tot"] is not None and row["lease_tot"] > call.now()


def _standings(call: Call, rows: list[Row]) -> list[Row]:
    found: list[Row] = []
    for name in sorted({row["bestemming"] for row in rows}):
        place = call.tx.get(call.table("bestemming"), name) or {}
        parent = call.tx.get(call.table("bestemming"), name.partition("/")[0]) or {}
        if place.get("gepauzeerd_op") or parent.get("gepauzeerd_op"):
            continue
        tempo = call.tx.get(call.table("tempo"), name)
        busy = sum(row["bestemming"] == name and _is_leased(call, row) for row in rows)
        at_once = worker.MAX_PER_DESTINATION if tempo is None else tempo["tegelijk"]
        failed = place.get("mislukt", 0)
        if place.get("open_tot") is not None:
            at_once = 1
        elif failed > 0:
            at_once = min(worker.AFTER_A_FAILURE, at_once)
        credit, gain = None, None
        if tempo is not None and tempo["per_seconde"] is not None:
            full = max(1, math.floor(tempo["per_seconde"] / 10))
            gain = 0.9 * tempo["per_seconde"] - full + 1
            credit = min(full, tempo["tegoed"] + gain * (call.now() - tempo["tegoed_op"]).total_seconds())
        found.append(
            {
                "naam": name,
                "bezig": busy,
                "open_tot": place.get("open_tot"),
                "mislukt": failed,
                "plaatsen": at_once - busy,
                "tegoed": credit,
                "erbij": gain,
            }
        )
    return found


def _heads(call: Call, rows: list[Row], name: str) -> list[Row]:
    first: dict[UUID, Row] = {}
    for row in sorted(rows, key=lambda row: row["nummer"]):
        if row["bestemming"] == name:
            first.setdefault(row["casus_id"], row)
    free = [row for row in first.values() if row["lease_tot"] is None or row["lease_tot"] < call.now()]
    return sorted(free, key=lambda row: (row["due_at"], row["nummer"]))


@means(worker._CLAIM)
def _claim(call: Call, now: datetime, free: int, seconds: float, holder: str) -> list[Row]:
    return claim(call, now, free, seconds, holder, heads=_heads)


def claim(call: Call, now: datetime, free: int, seconds: float, holder: str, *, heads: Any) -> list[Row]:
    rows, opdracht = _open(call), call.table("opdracht")
    candidates: list[tuple[int, datetime, int, Row, Row]] = []
    for standing in _standings(call, rows):
        if standing["open_tot"] is not None and standing["open_tot"] > now:
            continue
        credit = 1_000_000 if standing["tegoed"] is None else math.floor(standing["tegoed"])
        due = [row for row in heads(call, rows, standing["naam"]) if row["due_at"] <= now]
        for place, row in enumerate(due[: max(0, min(standing["plaatsen"], credit))], 1):
            candidates.append((standing["bezig"] + place, row["due_at"], row["nummer"], row, standing))
    candidates.sort(key=lambda item: item[:3])
    taken: list[Row] = []
    for *_, row, standing in candidates[:free]:
        if _is_free(call.tx, (opdracht.name, row["id"])):
            until = call.now() + timedelta(seconds=seconds)
            new = row | {"lease_tot": until, "lease_van": holder, "pogingen": row["pogingen"] + 1}
            call.tx.put(opdracht, row["id"], new)
            taken.append(new | {"mislukt": standing["mislukt"]})
            if standing["tegoed"] is not None:
                _pay(call, standing)
    return taken


def _pay(call: Call, standing: Row) -> None:
    tempo = call.tx.get(call.table("tempo"), standing["naam"])
    assert tempo is not None
    standing["tegoed"] -= 1
    call.tx.put(call.table("tempo"), standing["naam"], tempo | {"tegoed": standing["tegoed"], "tegoed_op": call.now()})


@means(worker._NEXT)
def _next_request(call: Call, now: datetime) -> list[Row]:
    rows = _open(call)
    at: list[datetime] = []
    waits: list[float] = []
    for standing in _standings(call, rows):
        first = next(iter(_heads(call, rows, standing["naam"])), None)
        if first is None or standing["plaatsen"] <= 0:
            continue
        moment = max(first["due_at"], standing["open_tot"] or first["due_at"])
        credit = 1 if standing["tegoed"] is None else standing["tegoed"]
        wait = 0.0 if credit >= 1 else (1 - credit) / standing["erbij"]
        if wait == 0 or moment > now:
            at.append(moment)
        else:
            waits.append(wait)
    return [{"op": min(at, default=None), "wacht": min(waits, default=None)}]


@means(worker._ONE_AT_A_TIME)
def _one_at_a_time(call: Call) -> list[Row]:
    call.tx.lock(("opdrachten", call.schema))
    return []


@means(worker._CLOSE_FORMER)
def _close_former(call: Call, keys: list[UUID], casus_ids: list[UUID], now: datetime) -> list[Row]:
    del now
    inbox = call.table("inbox")
    for key in sorted(keys):
        call.tx.lock((inbox.name, key))
    for key, casus_id in zip(keys, casus_ids, strict=True):
        if call.tx.get(inbox, key) is None:
            row = {"casus_id": casus_id, "vingerafdruk": None, "antwoord": None, "xid": call.tx.xid}
            call.tx.put(inbox, key, row)
    return []


@means(worker._RENEW)
def _renew_claims(call: Call, ids: list[UUID], attempts: list[int], seconds: float) -> list[Row]:
    opdracht = call.table("opdracht")
    for identifier in ids:
        call.tx.lock((opdracht.name, identifier))
    renewed: list[Row] = []
    for identifier, attempt in zip(ids, attempts, strict=True):
        row = call.tx.get(opdracht, identifier)
        if row is not None and row["pogingen"] == attempt and row["lease_tot"] is not None and row["status"] == "open":
            call.tx.put(opdracht, identifier, row | {"lease_tot": call.now() + timedelta(seconds=seconds)})
            renewed.append({"id": identifier})
    return renewed


@means("update opdracht set lease_tot = null where lease_van = $1")
def _release_own(call: Call, holder: str) -> list[Row]:
    opdracht = call.table("opdracht")
    mine = [(key, row) for key, row in call.tx.items(opdracht) if row["lease_van"] == holder]
    for key, _ in mine:
        call.tx.lock((opdracht.name, key))
    for key, row in mine:
        call.tx.put(opdracht, key, row | {"lease_tot": None})
    return []


@means("delete from tempo where naam <> all($1::text[])")
def _drop_tempos(call: Call, names: list[str]) -> list[Row]:
    for key, _ in call.tx.items(call.table("tempo")):
        if key not in names:
            call.tx.put(call.table("tempo"), key, None)
    return []


@means(
    "insert into tempo (naam, per_seconde, tegelijk)"
    " select * from unnest($1::text[], $2::double precision[], $3::int[])"
    " on conflict (naam) do update set per_seconde = excluded.per_seconde, tegelijk = excluded.tegelijk"
    " where (tempo.per_seconde, tempo.tegelijk) is distinct from (excluded.per_seconde, excluded.tegelijk)"
)
def _set_tempos(call: Call, names: list[str], speeds: list[float | None], at_once: list[int]) -> list[Row]:
    tempo = call.table("tempo")
    for name, speed, number in zip(names, speeds, at_once, strict=True):
        before = call.tx.get(tempo, name) or {"tegoed": 1.0, "tegoed_op": call.now()}
        call.tx.put(tempo, name, before | {"per_seconde": speed, "tegelijk": number})
    return []


@means(destinations._OTHERS_PASSED)
def _others_passed(call: Call, request_id: UUID, name: str, kind: str) -> list[Row]:
    poging, opdracht = call.table("poging"), call.table("opdracht")
    refused = [
        row["op"] for (owner, _), row in call.tx.items(poging) if owner == request_id and row["status"] in {401, 403}
    ]
    for (owner, _), row in call.tx.items(poging):
        asked = call.tx.get(opdracht, owner)
        if (
            asked is not None
            and owner != request_id
            and (asked["bestemming"], asked["soort"]) == (name, kind)
            and row["resultaat"] == "gelukt"
            and refused
            and row["op"] > min(refused)
        ):
            return [{"gingen": True}]
    return [{"gingen": False}]


@means(destinations._BRING_FORWARD)
def _bring_forward(call: Call, name: str, now: datetime) -> list[Row]:
    opdracht = call.table("opdracht")
    found: list[Row] = []
    for row in _open(call):
        here = name in (row["bestemming"], row["bestemming"].partition("/")[0])
        if here and row["due_at"] > now and not _is_leased(call, row) and _is_free(call.tx, (opdracht.name, row["id"])):
            call.tx.put(opdracht, row["id"], row | {"due_at": now})
            found.append({"id": row["id"]})
    return found


@means(destinations._KNOWN)
def _know_places(call: Call, names: list[str]) -> list[Row]:
    bestemming = call.table("bestemming")
    for name in names:
        call.tx.lock((bestemming.name, name))
    for name in names:
        if call.tx.get(bestemming, name) is None:
            call.tx.put(bestemming, name, dict(_WELL))
    return []


_WELL: Row = {
    "mislukt": 0,
    "keer_open": 0,
    "open_tot": None,
    "gepauzeerd_op": None,
    "pauze_reden": None,
    "pauze_door": None,
    "geweigerd_op": None,
    "weiger_reden": None,
    "weiger_soort": None,
    "weiger_via": None,
}
_RECOVERY: Row = {
    key: value for key, value in _WELL.items() if key not in {"gepauzeerd_op", "pauze_reden", "pauze_door"}
}


@means(destinations._RECOVERED)
def _recovered(call: Call, names: list[str], kinds: list[str]) -> list[Row]:
    bestemming = call.table("bestemming")
    found: list[Row] = []
    for name, kind in zip(names, kinds, strict=True):
        row = call.tx.get(bestemming, name)
        if row is None or not (row["mislukt"] > 0 or row["open_tot"] is not None):
            continue
        if row["geweigerd_op"] is None or row["weiger_soort"] == kind:
            call.tx.put(bestemming, name, row | _RECOVERY)
            found.append({"naam": name})
    return found


@means(destinations._RELEASED)
def _released(call: Call, vias: list[str]) -> list[Row]:
    bestemming = call.table("bestemming")
    found = [(name, row) for name, row in call.tx.items(bestemming) if row["weiger_via"] in vias]
    found = [(name, row) for name, row in found if _is_free(call.tx, (bestemming.name, name))]
    for name, row in found:
        call.tx.put(bestemming, name, row | _RECOVERY)
    return [{"naam": name} for name, _ in found]


@means(destinations._FAILED)
def _failed(  # noqa: PLR0913  as the statement has them
    call: Call,
    names: list[str],
    answered: list[bool],
    failures: list[int],
    holds: list[datetime | None],
    gones: list[str | None],
    now: datetime,
    after: int,
    first: timedelta,
    longest: timedelta,
    refusals: list[str | None],
    kinds: list[str],
    vias: list[str | None],
) -> list[Row]:
    bestemming = call.table("bestemming")
    for name in names:
        call.tx.lock((bestemming.name, name))
    found: list[Row] = []
    columns = (names, answered, failures, holds, gones, refusals, kinds, vias)
    for name, told, number, hold, gone, refused, kind, via in zip(*columns, strict=True):
        row = call.tx.get(bestemming, name)
        assert row is not None
        afresh = told and row["geweigerd_op"] is None
        failed = (0 if afresh else row["mislukt"]) + number
        failed = max(failed, after) if refused is not None else failed
        times = 0 if afresh else row["keer_open"]
        until = None if afresh else row["open_tot"]
        opens = failed >= after and (until is None or until <= now)
        opened = now + min(longest, first * 2 ** min(times, 30)) if opens else until
        moments = [moment for moment in (hold, opened) if moment is not None]
        changes: Row = {"mislukt": failed, "keer_open": times + opens, "open_tot": max(moments, default=None)}
        if gone is not None:
            changes["gepauzeerd_op"] = row["gepauzeerd_op"] or now
            changes["pauze_door"] = row["pauze_door"] or "houvast"
        changes["pauze_reden"] = row["pauze_reden"] or gone
        if refused is not None:
            changes |= {"geweigerd_op": row["geweigerd_op"] or now, "weiger_soort": kind, "weiger_via": via}
        changes["weiger_reden"] = refused or row["weiger_reden"]
        call.tx.put(bestemming, name, row | changes)
        found.append({"naam": name, "begint": refused is not None and row["geweigerd_op"] is None and via is None})
    return found
