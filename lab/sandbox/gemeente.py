"""A gemeente or other party as the hub meets it: an endpoint that verifies, and people who answer after a while."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.envelope import CloudEvent, decode
from contracts.messages.handover import AanbodIngetrokken, OverdrachtAangeboden
from contracts.messages.topics import WEBHOOKS
from lab.sandbox.gedrag import Gedrag
from lab.sandbox.geheugen import Geheugen, Ontvangen, Stap
from services.runtime.outbound.webhooks import WebhookNotVerified, WebhookVerifier
from services.runtime.process.clock import Klok

_CATALOGUE = {event.soort: event for event in WEBHOOKS}
_KEPT_REFUSALS = 200


@dataclass(slots=True)
class Ontvangst:
    """An overdracht that this gemeente received, and what it did with it. `aangeboden` counts the times it came."""

    webhook_id: str
    ontvangen_op: datetime
    aanbod: OverdrachtAangeboden
    digest: bytes
    aangeboden: int = 1
    bevestigd_op: datetime | None = None
    verdeeld_op: datetime | None = None
    ingetrokken_op: datetime | None = None
    antwoordfout: str | None = None
    opgehaald: set[UUID] = field(default_factory=set[UUID])
    """The bijlagen that were fetched, and are what the document says; their content is not kept."""

    @property
    def overdracht_id(self) -> UUID:
        return self.aanbod.overdracht_id

    @property
    def ontvanger(self) -> str:
        """The code of who it is for."""
        return self.aanbod.partij or self.aanbod.gemeente

    def note(self, stap: Stap, op: datetime) -> None:
        match stap:
            case Stap.BEVESTIGD:
                self.bevestigd_op = op
            case Stap.VERDEELD:
                self.verdeeld_op = op


@dataclass(frozen=True, slots=True)
class Weigering:
    """A delivery that was not accepted, and why."""

    op: datetime
    reden: str


class OtherContent(Exception):
    """The same webhook-id or overdracht came before with other content."""


class WrongAddress(Exception):
    """The overdracht is for somebody else."""


@dataclass(slots=True)
class SandboxGemeente:
    """A gemeente or party of the register. All it received is kept, by overdracht; after a restart without documents.

    `wall` is the time that signatures are judged by, `klok` the one that people live by.
    """

    code: str
    naam: str
    klok: Klok
    wall: Klok
    keys: Callable[[], Sequence[str]]
    geheugen: Geheugen
    gedrag: Gedrag = field(default_factory=Gedrag)
    ontvangsten: dict[UUID, Ontvangst] = field(default_factory=dict[UUID, Ontvangst])
    weigeringen: list[Weigering] = field(default_factory=list[Weigering])
    _by_webhook: dict[str, Ontvangst] = field(default_factory=dict[str, Ontvangst])

    def receive(self, headers: Mapping[str, str], body: bytes) -> tuple[Ontvangst | None, bool]:
        """What was received, and whether it is new; nothing for a delivery that only tests the connection.

        Raises `WebhookNotVerified`, `MalformedMessage`, `WrongAddress` or `OtherContent`.
        """
        try:
            verified = WebhookVerifier(self.keys()).verify(headers, body, now=self.wall.now())
        except WebhookNotVerified as error:
            self.note_refusal(error.reden.value)
            raise
        digest = hashlib.sha256(body).digest()
        if (known := self._by_webhook.get(verified.id)) is not None:
            return self._again(known, digest)
        return self._take(verified.id, body, digest)

    def note_answer(self, ontvangst: Ontvangst, stap: Stap) -> None:
        """The hub took this answer just now."""
        ontvangst.note(stap, self.klok.now())
        self.geheugen.answered(ontvangst.overdracht_id, stap, op=self.klok.now())

    def remember(self, regel: Ontvangen) -> Ontvangst:
        """Take back what was received before a restart."""
        known = Ontvangst(regel.webhook_id, regel.op, regel.aanbod, bytes.fromhex(regel.digest))
        self.ontvangsten[known.overdracht_id] = self._by_webhook[known.webhook_id] = known
        return known

    def note_refusal(self, reden: str) -> None:
        """Keep that something was refused; the oldest are forgotten."""
        self.weigeringen.append(Weigering(self.klok.now(), reden))
        del self.weigeringen[:-_KEPT_REFUSALS]

    def _take(self, webhook_id: str, body: bytes, digest: bytes) -> tuple[Ontvangst | None, bool]:
        event: CloudEvent[Any] = decode(body, _CATALOGUE)
        if (event.data.partij or event.data.gemeente) != self.code:
            self.note_refusal("deze overdracht is voor een ander")
            raise WrongAddress
        if isinstance(event.data, AanbodIngetrokken):
            return self._forget(event.data), False
        if not isinstance(event.data, OverdrachtAangeboden):
            return None, False
        if (known := self.ontvangsten.get(event.data.overdracht_id)) is not None:
            return self._next_generation(known, event.data), False
        new = Ontvangst(webhook_id, self.klok.now(), event.data, digest)
        self.ontvangsten[new.overdracht_id] = self._by_webhook[webhook_id] = new
        self.geheugen.received(webhook_id=webhook_id, op=new.ontvangen_op, digest=digest, aanbod=event.data)
        return new, True

    def _next_generation(self, known: Ontvangst, aanbod: OverdrachtAangeboden) -> Ontvangst:
        """What it has already, under a new id; after a restart the document is no longer there to compare with."""
        known.aangeboden += 1
        before = known.aanbod.overdrachtsdocument
        if before not in (Overdrachtsdocument(), aanbod.overdrachtsdocument):
            self.note_refusal("dezelfde overdracht met een andere inhoud")
            raise OtherContent
        return known

    def _forget(self, ingetrokken: AanbodIngetrokken) -> Ontvangst | None:
        """Veilig Thuis took it back; perhaps it never arrived."""
        known = self.ontvangsten.get(ingetrokken.overdracht_id)
        if known is not None:
            known.ingetrokken_op = ingetrokken.ingetrokken_op
        return known

    def _again(self, known: Ontvangst, digest: bytes) -> tuple[Ontvangst, bool]:
        known.aangeboden += 1
        if known.digest != digest:
            self.note_refusal("hetzelfde kenmerk met een andere inhoud")
            raise OtherContent
        return known, False
