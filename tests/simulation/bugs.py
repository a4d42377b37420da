"""Mistakes that were made, or could be, planted one at a time: each must be found by some seed.

A bug is a change of source, applied while the module is imported. Where it is a change of SQL, what the statement means
to the simulated PostgreSQL changes with it.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType
from typing import Any

CONSUMERS = "services.runtime.kafka.consumers"
RELAY = "services.runtime.kafka.relay"
PUBLISHING = "services.runtime.kafka.publishing"
WATERMARK = "services.runtime.kafka.watermark"
WORKER = "services.runtime.outbound.worker"
LEASE = "services.runtime.database.lease"
UNIT = "services.runtime.unit.unit_of_work"
FOLD = "services.runtime.unit.fold"
TIMERS = "services.runtime.unit.timers"
INTAKE = "services.runtime.unit.intake"
STORE = "services.runtime.unit.store_postgres"
WRITES = "services.runtime.unit.store_writes"
MEANING = "tests.simulation.statements"


@dataclass(frozen=True, slots=True)
class Edit:
    module: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Bug:
    """`kinds` are the kinds of weather in which it shows."""

    name: str
    kinds: tuple[str, ...]
    edits: tuple[Edit, ...]


def _bug(name: str, kinds: str, *edits: tuple[str, str, str]) -> Bug:
    return Bug(name, tuple(kinds.split()), tuple(Edit(*edit) for edit in edits))


_NO_LEASE_CHECK = (
    LEASE,
    "        if asyncio.get_running_loop().time() >= self._until:\n            raise LeaseLost(self._name)",
    "        return",
)
_NO_FENCE = (
    MEANING,
    '    if row is None or row["epoch"] != epoch:\n        return False\n    call.tx.lock((houder.name, "relay"), shared=True)',
    "    return True",
)
_NO_FENCE_SQL = (RELAY, "where naam = 'relay' and epoch = $1 for share", "where $1::bigint is not null")

BUGS = (
    _bug(
        "offsets are committed before the transaction",
        "kill",
        (
            CONSUMERS,
            "        await take(records)\n        try:\n            await message.ack()",
            "        try:\n            await message.ack()\n            await take(records)",
        ),
    ),
    _bug(
        "there is no inbox",
        "mild",
        (
            UNIT,
            "            known = await transaction.enter(firsts, now)\n",
            "            await transaction.enter(firsts, now)\n            known = {}\n",
        ),
    ),
    _bug(
        "what was seen is recognised by the wrong key",
        "mild",
        (INTAKE, "key=derived_id(event.source, event.id)", "key=derived_id(event.source, str(event.casus_id))"),
    ),
    _bug(
        "what was seen is recognised by its place on the topic",
        "network kill",
        (
            INTAKE,
            "key=derived_id(event.source, event.id)",
            "key=derived_id(record.topic, str(record.partition), str(record.offset))",
        ),
    ),
    _bug(
        "the answer to a caller is not kept",
        "mild",
        (
            WRITES,
            "    answers = {key: answer for key, answer in writes.answers.items() if key not in writes.forgotten}\n",
            "    answers = {}\n",
        ),
    ),
    _bug(
        "the relay forgets a row that did not arrive",
        "network",
        (
            RELAY,
            "        await self._note_published(sent)\n        if sent.refused:",
            "        sent.arrived = [(row, None) for row in rows]\n"
            "        await self._note_published(sent)\n        if sent.refused:",
        ),
    ),
    _bug(
        "the relay notes before it publishes",
        "kill network",
        (
            RELAY,
            "        sent = await publisher.send(rows, may_go_on=self._lease.check)\n",
            "        await self._note_published(Sent([(row, None) for row in rows]))\n"
            "        sent = await publisher.send(rows, may_go_on=self._lease.check)\n",
        ),
    ),
    _bug(
        "events leave before their transaction commits",
        "store network",
        (
            MEANING,
            '        call.tx.put(call.table("outbox"), position, row)\n'
            '        call.tx.put(call.table("te_verzenden"), position, {"positie": position})\n',
            '        call.table("outbox").rows[position] = row\n'
            '        call.table("te_verzenden").rows[position] = {"positie": position}\n',
        ),
    ),
    _bug(
        "every copy is the relay",
        "mild",
        (
            RELAY,
            "        async with self._lease.held():\n            await self._publish_from_start()",
            "        await self._publish_from_start()",
        ),
        _NO_LEASE_CHECK,
        _NO_FENCE_SQL,
        _NO_FENCE,
    ),
    _bug("the lease of the relay has no fence", "freeze", _NO_LEASE_CHECK, _NO_FENCE_SQL, _NO_FENCE),
    _bug(
        "the order of a case is broken in the outbox",
        "mild",
        (RELAY, "order by t.positie limit $1", "order by t.positie desc limit $1"),
        (
            MEANING,
            'positions = sorted(key for key, _ in call.tx.items(call.table("te_verzenden")))',
            'positions = sorted((key for key, _ in call.tx.items(call.table("te_verzenden"))), reverse=True)',
        ),
    ),
    _bug(
        "NOTIFY is lost",
        "mild",
        (WRITES, 'return " ".join(kind for kind, written in kinds if written)', "return kinds and ''"),
    ),
    _bug(
        "a timer fires early",
        "mild",
        (
            TIMERS,
            "        now = hub.klok.now()\n",
            "        from datetime import timedelta\n        now = hub.klok.now() + timedelta(hours=6)\n",
        ),
        (
            UNIT,
            "        now = self._klok.now()\n        heard =",
            "        now = self._klok.now() + timedelta(hours=6)\n        heard =",
        ),
        (STORE, "where due_at <= least($1::timestamptz, $3::timestamptz)", "where due_at <= $1::timestamptz"),
        (MEANING, 'if row["due_at"] <= min(now, until) and not aside:', 'if row["due_at"] <= now and not aside:'),
    ),
    _bug(
        "a timer is gone before it was handled",
        "kill network store",
        (
            UNIT,
            "            due = await transaction.take_due(list(cases), now, heard)\n            writes = await self._fold_due",
            "            due = await transaction.take_due(list(cases), now, heard)\n"
            '            await transaction._connection.execute("commit")\n'
            '            await transaction._connection.execute("begin")\n'
            "            writes = await self._fold_due",
        ),
    ),
    _bug(
        "two copies fire the same timer",
        "mild",
        (STORE, '_LOCK_FREE = _LOCK.rstrip() + " skip locked"', '_LOCK_FREE = _LOCK.replace(" for update", "")'),
        (
            MEANING,
            "    return _cases(call, [casus_id for casus_id in there if _is_free(tx, (aggregaat.name, casus_id))])",
            "    return _cases(call, there)",
        ),
        (
            MEANING,
            '    for row in due:\n        call.tx.lock((timer.name, (row["casus_id"], row["naam"])))\n'
            '    for row in due:\n        call.tx.put(timer, (row["casus_id"], row["naam"]), None)\n',
            "    mine = call.tx.changes.setdefault(timer, {})\n"
            '    for row in due:\n        mine[(row["casus_id"], row["naam"])] = None\n',
        ),
    ),
    _bug(
        "a verdict rests on stale knowledge",
        "mild network all",
        (
            UNIT,
            "heard = await self._store.heard(self._definition.must_hear) if self._definition.must_hear else None",
            "heard = None",
        ),
    ),
    _bug(
        "a watermark does not wait for the listener",
        "freeze store all",
        (WATERMARK, "        await _until(lambda: self._is_taken(consumption, ends))\n", ""),
    ),
    _bug(
        "a watermark does not wait for the outbox",
        "network kill all",
        (WATERMARK, "        await _until(lambda: self._pool.fetchval(_SENT, last))\n", ""),
    ),
    _bug(
        "a case that is held lets later events pass",
        "poison",
        (
            FOLD,
            "if incoming.record is not None and case.held and not isinstance(incoming.payload, _ABOUT_HOLDING):",
            "if incoming.record is None and case.held:",
        ),
    ),
    _bug(
        "a request is claimed by two",
        "mild",
        (WORKER, "and (o.lease_tot is null or o.lease_tot < clock_timestamp())\n      and o.nummer", "and o.nummer"),
        (
            MEANING,
            'free = [row for row in first.values() if row["lease_tot"] is None or row["lease_tot"] < call.now()]',
            "free = list(first.values())",
        ),
    ),
    _bug(
        "a claim is not renewed",
        "mild",
        (
            WORKER,
            "rows = await self._hub.pool.fetch(_RENEW, list(held), numbers, LEASE_SECONDS) if held else ()",
            'rows = [{"id": one} for one in held]',
        ),
    ),
    _bug(
        "a claim has no fence",
        "freeze",
        (WORKER, 'if again := [row for row in rows if row["pogingen"] > 1]:', "if again := rows[:0]:"),
    ),
    _bug(
        "a copy that starts frees the claims of others",
        "mild kill",
        (WORKER, '"update opdracht set lease_tot = null where lease_van = $1", self', "_FREE, self"),
        (
            WORKER,
            "_CLOSE_FORMER =",
            '_FREE = "update opdracht set lease_tot = null where $1::text is not null"\n_CLOSE_FORMER =',
        ),
        (MEANING, '@means("update opdracht set lease_tot = null where lease_van = $1")', "@means(worker._FREE)"),
        (MEANING, ' if row["lease_van"] == holder]', "]"),
    ),
    _bug(
        "the worker says that it is done before it is",
        "kill freeze",
        (
            WORKER,
            "        task = asyncio.ensure_future(self._perform(request, casus_id, sealers))\n",
            '        await self._record(casus_id, request, Attempt(Result.DONE, "aangenomen", 202))\n'
            "        task = asyncio.ensure_future(self._perform(request, casus_id, sealers))\n",
        ),
    ),
    _bug(
        "a request is tried again under another id",
        "mild",
        (WORKER, '            id=row["id"],\n', '            id=derived_id(str(row["id"]), str(row["pogingen"])),\n'),
    ),
)


class _Planting(SourceFileLoader):
    """Gives a module with its edits."""

    edits: Sequence[Edit] = ()

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_source(fullname)
        assert source is not None
        for edit in self.edits:
            if source.count(edit.old) != 1:
                raise ImportError(f"{fullname} holds {source.count(edit.old)} times what is to be changed:\n{edit.old}")
            source = source.replace(edit.old, edit.new)
        return compile(source, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        mine = [edit for edit in self._edits if edit.module == fullname]
        if not mine:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        loader = _Planting(fullname, spec.origin)
        loader.edits = mine
        spec.loader = loader if isinstance(loader, Loader) else None
        return spec


def plant(bug: Bug) -> None:
    """Call before anything of the hub was imported."""
    early = [edit.module for edit in bug.edits if edit.module in sys.modules]
    assert not early, f"imported already: {early}"
    sys.meta_path.insert(0, _Finder(bug.edits))
