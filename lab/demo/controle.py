"""Checking the promises G1–G4 on what really happened: in the databases, at the gemeenten and in the mailboxes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contracts.messages.envelope import decode
from contracts.messages.monitoring import TermijnVerstreken
from contracts.messages.topics import CATALOGUE

if TYPE_CHECKING:
    from lab.stack import Stack

Row = Mapping[str, Any]


@dataclass(slots=True)
class Told:
    """What the hub accepted: the promises are checked against this."""

    meldingen: dict[int, str] = field(default_factory=dict[int, str])
    casussen: dict[int, str] = field(default_factory=dict[int, str])
    besluiten: dict[int, str] = field(default_factory=dict[int, str])
    accepted: int = 0
    refused_as_expected: list[str] = field(default_factory=list[str])
    surprises: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of the design, what was measured, and every case in which it did not hold."""

    id: str
    text: str
    measured: str
    failures: tuple[str, ...]

    @property
    def kept(self) -> bool:
        return not self.failures


async def check_promises(hub: "Stack", told: Told) -> list[Promise]:
    """G1–G4, on the data of this hub."""
    fetch = Fetch(hub)
    return [
        await _nothing_lost(fetch, hub, told),
        await _nothing_twice(fetch, hub, told),
        await _one_bearer(fetch, hub),
        await _every_termijn(fetch, hub),
    ]


class Fetch:
    """Reads from the database of one service."""

    def __init__(self, hub: "Stack") -> None:
        self._pools = {running.process.service.value: running.process.hub.pool for running in hub.services}

    async def __call__(self, service: str, query: str) -> list[Any]:
        return list(await self._pools[service].fetch(query))

    @property
    def services(self) -> Iterable[str]:
        return self._pools


async def _nothing_lost(fetch: Fetch, hub: "Stack", told: Told) -> Promise:
    """Whatever was answered with 201 is there, and so is everything that follows from it."""
    meldingen = {str(row["id"]) for row in await fetch("triage", "select id from melding")}
    overdrachten = {row["id"]: row for row in await fetch("handover", "select * from overdracht")}
    watched = {str(row["id"]) for row in await fetch("monitoring", "select id from casus")}
    handed_over = {row["melding_id"] for row in overdrachten.values()}
    failures = [f"melding {number} is zoek" for number, melding in told.meldingen.items() if melding not in meldingen]
    failures += [
        f"casus {number} wordt niet bewaakt" for number, casus in told.casussen.items() if casus not in watched
    ]
    failures += [
        f"het besluit over melding {number} leidde niet tot een overdracht"
        for number in told.besluiten
        if told.meldingen[number] not in {str(melding) for melding in handed_over}
    ]
    received = hub.sandbox.bereikt.keys()
    failures += [f"overdracht {overdracht} bereikte de gemeente niet" for overdracht in overdrachten.keys() - received]
    for service in fetch.services:
        (parked,) = await fetch(service, "select count(*) as number from geparkeerd")
        (unsent,) = await fetch(service, "select count(*) as number from te_verzenden")
        failures += [f"{service}: {parked['number']} bericht(en) terzijde"] if parked["number"] else []
        failures += [f"{service}: {unsent['number']} gebeurtenis(sen) niet verzonden"] if unsent["number"] else []
    measured = f"{told.accepted} aanvragen aanvaard, {len(overdrachten)} overdrachten, alle terug te vinden"
    return Promise("G1", "Niets wat is aanvaard raakt zoek", measured, tuple(failures))


async def _nothing_twice(fetch: Fetch, hub: "Stack", told: Told) -> Promise:
    """One case per melding, one overdracht per besluit, one receipt at the gemeente, one mail per reason and person."""
    cases = Counter(told.casussen.values())
    meldingen = Counter(row["casus_id"] for row in await fetch("triage", "select casus_id from melding"))
    overdrachten = Counter(
        (row["melding_id"], row["partij"] or row["gemeente"], row["team"])
        for row in await fetch("handover", "select melding_id, gemeente, partij, team from overdracht")
    )
    received = hub.sandbox.bereikt
    mails = Counter(mail.message_id for mail in hub.sandbox.mail.mails)
    requests = await fetch(
        "handover", "select opdracht_id, count(*) as number from poging where resultaat = 'gelukt' group by 1"
    )
    failures = [
        *_more_than_one("casus", cases),
        *_more_than_one("melding in casus", meldingen),
        *_more_than_one("overdracht", overdrachten),
        *_more_than_one("ontvangst bij de gemeente", received),
        *(f"zaak {zaak.referentie} heeft iets dubbel" for zaak in hub.sandbox.zgw.ontvangen if zaak.is_doubled),
        *_more_than_one("mail", mails),
        *(f"opdracht {row['opdracht_id']} slaagde {row['number']} keer" for row in requests if row["number"] > 1),
    ]
    sandbox = hub.sandbox
    again = sum(item.aangeboden - 1 for item in (*sandbox.ontvangsten, *sandbox.postbussen.post))
    measured = (
        f"{len(mails)} mails en {len(received)} ontvangsten, elk één keer ({len(received) + again} keer aangeboden)"
    )
    return Promise("G2", "Geen gevolg gebeurt twee keer", measured, tuple(failures))


async def _one_bearer(fetch: Fetch, hub: "Stack") -> Promise:
    """From melding until now the ledger of every case is one line after another, without gap or overlap."""
    now = hub.klok.now()
    casussen = await fetch(
        "monitoring", "select id, melding_ontvangen_op, gesloten_op from casus where soort = 'casus'"
    )
    ledger: dict[object, list[Row]] = defaultdict(list)
    for row in await fetch(
        "monitoring", "select * from zicht where not vervangen order by casus_id, vanaf, volgnummer"
    ):
        ledger[row["casus_id"]].append(row)
    failures: list[str] = []
    for casus in casussen:
        failures += _gaps(
            str(casus["id"]), casus["melding_ontvangen_op"], ledger[casus["id"]], casus["gesloten_op"] or now
        )
    lines = sum(map(len, ledger.values()))
    measured = f"{len(casussen)} casussen, {lines} overgangen, op elk moment precies één"
    return Promise("G3", "Eén partij draagt zicht op veiligheid", measured, tuple(failures))


def _gaps(casus: str, since: datetime, lines: list[Row], until: datetime) -> list[str]:
    if not lines or lines[0]["vanaf"] > since:
        return [f"casus {casus}: niemand droeg zicht vanaf de melding"]
    found: list[str] = []
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        ends = line["geldt_tot"]
        expected = after["vanaf"] if after is not None else None
        if ends != expected:
            found.append(f"casus {casus}: gat of overlap bij {line['regel_id']}")
        if line["partij"] is None and line["vanaf"] < until:
            found.append(f"casus {casus}: niemand vanaf {line['vanaf']}")
    return found


async def _every_termijn(fetch: Fetch, hub: "Stack") -> Promise:
    """Every term that passed was met or noted as missed: once, and not a moment too early."""
    now = hub.klok.now()
    termijnen = await fetch("monitoring", "select * from termijn")
    events = await fetch("monitoring", "select bericht from outbox where topic = 'houvast.monitoring.v1'")
    missed = [
        event.data
        for event in (decode(bytes(row["bericht"]), CATALOGUE) for row in events)
        if isinstance(event.data, TermijnVerstreken)
    ]
    fired = Counter(event.termijn_id for event in missed)
    early = [event for event in missed if event.vastgesteld_op < event.eindigt_op]
    timers = await fetch("monitoring", "select due_at from timer")
    due = sum(row["due_at"] <= now for row in timers)
    failures = [
        *(f"termijn {row['id']} had moeten verstrijken" for row in termijnen if _overdue(row, now)),
        *(f"termijn {event.termijn_id} verstreek te vroeg" for event in early),
        *_more_than_one("verstreken termijn", fired),
        *([f"{due} wekker(s) zijn niet afgegaan"] if due else []),
    ]
    failures += [
        f"termijn {row['id']} is {row['status']} zonder gebeurtenis"
        for row in termijnen
        if row["status"] in {"verstreken", "te-laat-gehaald"} and row["id"] not in fired
    ]
    late = max(((event.vastgesteld_op - event.eindigt_op).total_seconds() / 60 for event in missed), default=0)
    measured = (
        f"{len(termijnen)} termijnen, {len(missed)} verstreken en elk één keer gemeld,"
        f" ten hoogste {late:.0f} demo-minuten later"
    )
    return Promise("G4", "Elke termijn gaat af: één keer, nooit te vroeg", measured, tuple(failures))


def _overdue(row: Row, now: datetime) -> bool:
    return row["status"] == "lopend" and row["eindigt_op"] <= now


def _more_than_one(what: str, counted: Mapping[Any, int]) -> list[str]:
    return [f"{what} {key} komt {number} keer voor" for key, number in counted.items() if number > 1]
