"""One case run through the real handler with the real agreements: deliver events, move the clock, see what follows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid5

from pydantic import BaseModel, TypeAdapter

from contracts.afspraken import Rol, load_rule_book
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.identifiers import CasusId
from contracts.messages.monitoring import Drager
from contracts.messages.notifier import NotificatieGevraagd
from contracts.messages.verzegeld import Verzegeld
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.handlers import Handlers
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import (
    Context,
    Decision,
    Incoming,
    JournalLine,
    Outcome,
    SetTimer,
    TimerDue,
    TooEarly,
)
from tests.builders.events import CASUS_ID, SEALED

STORED = TypeAdapter(Toezicht)
VT = "veilig-thuis-west-brabant"


@dataclass
class PartijenVoorTest:
    """Who is who by the rule of the sample register. `opvolgers`: who goes on with the cases of a gemeente."""

    opvolgers: dict[str, str] = field(default_factory=dict)

    def code(self, drager: Drager, *, regio: str, gemeente: str, partij: str | None = None) -> str:
        if drager is Drager.KETENPARTNER and partij is not None:
            return partij
        return gemeente if drager in {Drager.LOKAAL_TEAM, Drager.GEMEENTE} else f"{drager.value}-{regio}"

    def naam(self, code: str) -> str:
        return {"GM0758": "Breda", "GM0855": "Tilburg"}.get(code, code)

    def codes_of(self, code: str, *, on: date) -> frozenset[str]:
        del on
        before = {former for former, opvolger in self.opvolgers.items() if opvolger == code}
        return frozenset(before if code in self.opvolgers else {code, *before})

    def takes_over(self, code: str, *, on: date) -> bool:
        del on
        return code in {"safegroup", "ggz-crisisdienst"} or code.startswith(("raad-", "meldpunt-"))


class Zegel:
    """Seals into a fixed value; these tests look at what is not sealed."""

    def __init__(self) -> None:
        self.sealed: list[BaseModel] = []

    def seal(self, value: BaseModel) -> Verzegeld[BaseModel]:
        self.sealed.append(value)
        return Verzegeld(SEALED)

    def open(self, sealed: object, model: object) -> BaseModel:
        raise AssertionError(f"monitoring opens nothing, asked for {model} in {sealed}")


@dataclass
class Casusloop:
    """`state` goes through JSON after every message, as it does in the database."""

    now: datetime
    casus_id: CasusId = CASUS_ID
    state: Toezicht | None = None
    timers: dict[str, datetime] = field(default_factory=dict)
    events: list[Gebeurtenis] = field(default_factory=list)
    journal: list[JournalLine] = field(default_factory=list)
    waiting: list[Gebeurtenis] = field(default_factory=list)
    zegel: Zegel = field(default_factory=Zegel)
    handler: Handlers = field(default_factory=lambda: Handlers(load_rule_book(), PartijenVoorTest()))

    def deliver(self, *events: Gebeurtenis) -> list[Gebeurtenis]:
        """What these events lead to; an event that came too early waits for the next ones."""
        before = len(self.events)
        for event in events:
            if isinstance(self.handle(event), TooEarly):
                self.waiting.append(event)
                continue
            for early in list(self.waiting):
                if not isinstance(self.handle(early), TooEarly):
                    self.waiting.remove(early)
        return self.events[before:]

    def move_to(self, moment: datetime) -> list[Gebeurtenis]:
        """Let time pass, firing every timer at its own moment."""
        before = len(self.events)
        while due := [(at, name) for name, at in self.timers.items() if at <= moment]:
            at, name = min(due)
            self.now = max(self.now, at)
            self.fire(name)
        self.now = max(self.now, moment)
        return self.events[before:]

    def wake_at(self, moment: datetime) -> list[Gebeurtenis]:
        """Come back after downtime: all that was due meanwhile fires now."""
        self.now = moment
        return self.move_to(moment)

    def fire(self, name: str) -> None:
        self.handle(TimerDue(name, self.timers.pop(name), {}))

    def handle(
        self,
        payload: object,
        *,
        partij: str = "houvast-triage",
        key: UUID | None = None,
        rollen: frozenset[Rol] | None = None,
    ) -> Outcome[Toezicht]:
        zeventig = uuid5(self.casus_id, str(len(self.journal)))
        incoming = Incoming(key or zeventig, self.casus_id, payload, Actor(partij, rollen=rollen))
        context = Context(self.now, self.casus_id, incoming.actor, self.zegel, lambda: zeventig)
        outcome = self.handler(self.state, incoming, context)
        if isinstance(outcome, Decision):
            self._keep(outcome)
        return outcome

    def _keep(self, decision: Decision[Toezicht]) -> None:
        self.state = STORED.validate_json(STORED.dump_json(decision.state))
        assert self.state == decision.state
        self.events.extend(decision.events)
        self.journal.extend(decision.journal)
        for timer in decision.timers:
            if isinstance(timer, SetTimer):
                self.timers[timer.name] = timer.due_at
            else:
                self.timers.pop(timer.name, None)

    @property
    def toezicht(self) -> Toezicht:
        assert self.state is not None
        return self.state


def names(events: Iterable[Gebeurtenis]) -> list[str]:
    """The events by the last word of their type, without the requests to notify."""
    return [event.soort.split(".")[-2] for event in events if not isinstance(event, NotificatieGevraagd)]


def asked(events: Iterable[Gebeurtenis]) -> list[tuple[str, str]]:
    """Who was asked to be told something: role and party."""
    return [(event.rol, event.partij) for event in events if isinstance(event, NotificatieGevraagd)]
