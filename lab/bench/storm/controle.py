"""The auditor: reads what anybody outside may read – Kafka as a listener, the API of monitoring, the book of the
receiver – and says what was lost, doubled, out of order or wrongly held against somebody.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import orjson
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from contracts.afspraken import GeenAfspraken, load_rule_book, local_date
from contracts.messages.handover import (
    OntvangstBevestigd,
    OverdrachtAangemaakt,
    OverdrachtAfgeleverd,
    OverdrachtOpgepakt,
)
from contracts.messages.monitoring import TermijnGehaald, TermijnVerstreken
from contracts.messages.topics import Service
from contracts.messages.triage import MeldingOntvangen, TriagebesluitGenomen
from lab.bench.storm.huis import Huis, moment
from lab.bench.storm.melders import Gemeld
from services.cli.ground import TOPIC_NAMES

_ONCE_PER_CASE = (MeldingOntvangen.soort, TriagebesluitGenomen.soort)
_ONCE_EACH = {
    OverdrachtAangemaakt.soort: "overdrachtId",
    OntvangstBevestigd.soort: "overdrachtId",
    OverdrachtOpgepakt.soort: "overdrachtId",
    TermijnVerstreken.soort: "termijnId",
    TermijnGehaald.soort: "termijnId",
}
_MOMENT_OF = {
    TriagebesluitGenomen.soort: ("triagebesluit-genomen", "genomenOp"),
    OverdrachtAfgeleverd.soort: ("overdracht-afgeleverd", "afgeleverdOp"),
    OntvangstBevestigd.soort: ("ontvangst-bevestigd", "bevestigdOp"),
    OverdrachtOpgepakt.soort: ("overdracht-opgepakt", "opgepaktOp"),
}
"""What can have been done within a termijn: the anchor of the agreements, and where the event tells when."""
_SENDERS = tuple(f"houvast-{service.value}" for service in Service)


@dataclass(slots=True)
class Gezien:
    """What Kafka told about one case."""

    numbers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list[int]))
    """Per sender the sequence of each event, in the order in which it was first seen."""
    said: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """How many events with an id of their own said the same."""
    missed: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    done_at: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list[datetime]))


@dataclass(slots=True)
class Oordeel:
    """What is wrong with one melding. Empty where nothing is."""

    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    out_of_order: list[str] = field(default_factory=list[str])
    accused: list[str] = field(default_factory=list[str])


class Luisteraar:
    """Reads every topic from its beginning, as any listener that goes on after whatever befalls Kafka."""

    def __init__(self, huis: Huis) -> None:
        self.cases: dict[str, Gezien] = defaultdict(Gezien)
        self.repeated = 0
        self.changed: list[str] = []
        self._bootstrap = f"127.0.0.1:{huis.to_kafka.port}"
        self._poisoned = huis.poisoned
        self._content: dict[str, bytes] = {}
        self._places: set[tuple[str, int, int, str]] = set()
        self._anew = False

    async def run(self) -> None:
        """Until cancelled. A consumer that fails is made anew and reads all of it again: what was seen is known."""
        while True:
            consumer: Any = AIOKafkaConsumer(
                *TOPIC_NAMES,
                bootstrap_servers=self._bootstrap,
                group_id=None,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                metadata_max_age_ms=5000,
            )
            try:
                await consumer.start()
                self._anew = False
                while not self._anew:
                    found = await consumer.getmany(timeout_ms=500)
                    for partition, records in found.items():
                        for record in records:
                            self._see(record.value or b"", (partition.topic, partition.partition, record.offset))
            except (KafkaError, OSError):
                await asyncio.sleep(1)
            finally:
                with suppress(Exception):
                    async with asyncio.timeout(2):
                        await consumer.stop()

    def begin_anew(self) -> None:
        """Where a topic lost its end and got another, a position says nothing any more: read it from the beginning."""
        self._anew = True

    def _see(self, raw: bytes, place: tuple[str, int, int]) -> None:
        try:
            event: dict[str, Any] = orjson.loads(raw)
            identifier, source, subject = f"{event['source']} {event['id']}", event["source"], event["subject"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return
        sender = str(source).rpartition(":")[2]
        if sender not in _SENDERS:
            return
        digest = hashlib.sha256(raw).digest()
        if (known := self._content.get(identifier)) is not None:
            self.repeated += (*place, identifier) not in self._places
            self._places.add((*place, identifier))
            if known != digest and identifier not in self._poisoned:
                self.changed.append(f"{identifier} ({event['type']})")
            return
        self._content[identifier] = digest
        self._places.add((*place, identifier))
        self._note(self.cases[subject], sender, event)

    def _note(self, case: Gezien, sender: str, event: dict[str, Any]) -> None:
        soort, data = event["type"], event["data"]
        if event.get("sequence") is not None:
            case.numbers[sender].append(int(event["sequence"]))
        if soort in _ONCE_PER_CASE:
            case.said[(soort, "")] += 1
        if soort in _ONCE_EACH:
            case.said[(soort, data[_ONCE_EACH[soort]])] += 1
        if soort == TermijnVerstreken.soort:
            case.missed.append(data)
        elif soort in _MOMENT_OF:
            anker, name = _MOMENT_OF[soort]
            case.done_at[anker].append(moment(data[name]))


class Controleur:
    """Judges meldingen by what was told about them."""

    def __init__(self, huis: Huis, luisteraar: Luisteraar) -> None:
        self._huis = huis
        self._listener = luisteraar

    async def unsettled(self, gemeld: Iterable[Gemeld], client: httpx.AsyncClient) -> list[Gemeld]:
        """Those that were accepted and are not yet told everywhere: receiver, Kafka and monitoring."""
        accepted = [melding for melding in gemeld if melding.accepted_at is not None]
        waiting = [melding for melding in accepted if self._lacks(melding)]
        if waiting:
            return waiting
        shown = await asyncio.gather(*(self._shown(melding, client) for melding in accepted))
        return [melding for melding, ready in zip(accepted, shown, strict=True) if not ready]

    async def judge(self, gemeld: Sequence[Gemeld], client: httpx.AsyncClient) -> list[Oordeel]:
        accepted = [melding for melding in gemeld if melding.accepted_at is not None]
        return list(await asyncio.gather(*(self._judge(melding, client) for melding in accepted)))

    async def _judge(self, melding: Gemeld, client: httpx.AsyncClient) -> Oordeel:
        oordeel = Oordeel(lost=self._lacks(melding))
        if not oordeel.lost and not await self._shown(melding, client):
            oordeel.lost.append("niet opgepakt volgens monitoring")
        case = self._listener.cases.get(melding.casus_id or "", Gezien())
        offered = self._huis.ontvanger.offered.get(melding.casus_id or "")
        if offered is not None and len(offered.overdrachten) > 1:
            oordeel.doubled.append(f"{len(offered.overdrachten)} overdrachten bij de ontvanger")
        if offered is not None and len(offered.bezorgingen) > 1:
            oordeel.doubled.append(f"{len(offered.bezorgingen)} bezorgingen onder een ander id")
        oordeel.doubled += [f"{number} keer {soort}" for (soort, _), number in case.said.items() if number > 1]
        for sender, numbers in case.numbers.items():
            if len(set(numbers)) < len(numbers):
                oordeel.doubled.append(f"volgnummer van {sender} twee keer: {numbers}")
            elif sorted(numbers) != numbers:
                oordeel.out_of_order.append(f"{sender}: {numbers}")
            elif numbers != list(range(1, len(numbers) + 1)):
                oordeel.lost.append(f"gebeurtenissen van {sender}: {numbers}")
        oordeel.accused += [missed["label"] for missed in case.missed if _was_done(missed, case)]
        return oordeel

    def _lacks(self, melding: Gemeld) -> list[str]:
        casus_id = melding.casus_id or ""
        offered = self._huis.ontvanger.offered.get(casus_id)
        case = self._listener.cases.get(casus_id, Gezien())
        lacks = [] if offered is not None else ["niet bij de ontvanger"]
        told = {soort for soort, _ in case.said}
        wanted = (*_ONCE_PER_CASE, OverdrachtAangemaakt.soort, OntvangstBevestigd.soort, OverdrachtOpgepakt.soort)
        return lacks + [f"niet op Kafka: {soort}" for soort in wanted if soort not in told]

    async def _shown(self, melding: Gemeld, client: httpx.AsyncClient) -> bool:
        """What monitoring tells to Veilig Thuis: everything was taken up."""
        for kopie in self._huis.of(Service.MONITORING):
            with suppress(httpx.HTTPError):
                answer = await client.get(
                    f"{kopie.url}/monitoring/v1/casussen/{melding.casus_id}",
                    headers={"Authorization": f"Bearer {self._huis.token}"},
                    timeout=10,
                )
                if answer.status_code == 200:
                    rows = answer.json()["overdrachten"]
                    return bool(rows) and all(row["opgepaktOp"] for row in rows)
        return False


_RULES = load_rule_book()


def _was_done(missed: dict[str, Any], case: Gezien) -> bool:
    """Whether Kafka says that what a termijn asks, by the agreements, had been done by its end."""
    ends, begins = moment(missed["eindigtOp"]), moment(missed["begintOp"])
    try:
        afspraken = _RULES.for_case(regio=missed["regio"], gemeente=missed["gemeente"], on=local_date(begins))
    except GeenAfspraken:
        return False
    rule = next((termijn for termijn in afspraken.termijnen if termijn.id == missed["regelId"]), None)
    asked = () if rule is None else tuple(rule.tot)
    return any(done <= ends for anker in asked for done in case.done_at[anker])
