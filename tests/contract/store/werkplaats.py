"""A service that does whatever a message asks of the runtime, so that one step can leave every trace there is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from contracts.messages.envelope import Problem
from contracts.messages.handover import OverdrachtAfgeleverd
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import Service
from contracts.messages.triage import MeldingOntvangen
from services.runtime.unit.decision import (
    CancelRequest,
    CancelTimer,
    Context,
    Decision,
    Forward,
    Incoming,
    JournalLine,
    Outcome,
    Reference,
    Refused,
    Rejected,
    Request,
    RequestAttempted,
    RetryRequest,
    ServiceDefinition,
    SetTimer,
    TimerDue,
    TooEarly,
    ViewRow,
)
from tests.builders import build
from tests.fakes.estafette import Notitie, note_row

KIND = "werk"
AGAIN = timedelta(hours=1)
_MELDING = build(MeldingOntvangen)


@dataclass(frozen=True, slots=True)
class Doe:
    """What one message asks. Timers by name and hours from now; requests by number, each to its own place."""

    note: str = ""
    events: int = 0
    timers: tuple[tuple[str, float], ...] = ()
    stop_timers: tuple[str, ...] = ()
    requests: tuple[tuple[int, str], ...] = ()
    stop_requests: tuple[int, ...] = ()
    hurry: tuple[int, ...] = ()
    tell: tuple[CasusId, ...] = ()
    refuse: bool = False


@dataclass(frozen=True, slots=True)
class Gehoord:
    """What another case tells."""

    number: int


@dataclass(frozen=True, slots=True)
class Werk:
    """What a case remembers of its messages, in order."""

    done: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def request_id(number: int) -> UUID:
    """Of the request with this number."""
    return derived_id("werk", str(number))


def work(state: Werk | None, incoming: Incoming, context: Context) -> Outcome[Werk]:  # noqa: PLR0911  one per kind
    """Does it. An event that was delivered before its melding comes too early; a melding 13 can never be handled."""
    state = state or Werk()
    match incoming.payload:
        case Doe(refuse=True):
            return Refused(422, "Niet gedaan", (Problem("$", "zo wil de proef het"),))
        case Doe() as asked:
            return _decide(state, asked, context)
        case TimerDue(name=name, data=data):
            fired = _noted(state, f"timer {name} {data['nummer']}")
            again = (SetTimer(name, context.now + AGAIN, {"nummer": 0}),) if data["nummer"] == 1 else ()
            return Decision(fired, timers=again, journal=(JournalLine("timer", rule_id="r", facts={"naam": name}),))
        case RequestAttempted(request=request, attempt=attempt):
            retry = (RetryRequest(request.id, context.now + AGAIN),) if attempt.status is None else ()
            return Decision(_noted(state, f"poging {request.attempts} {attempt.result.value}"), requests=retry)
        case Gehoord(number=number):
            return Decision(_noted(state, f"gehoord {number}"), events=(_melding(context),))
        case MeldingOntvangen(melding_id=melding_id):
            if melding_id == UUID(int=13):
                raise Rejected("dertien")
            return Decision(_noted(state, f"melding {melding_id.int}"))
        case OverdrachtAfgeleverd(overdracht_id=melding_id):
            if f"melding {melding_id.int}" not in state.done:
                return TooEarly("de melding")
            return Decision(_noted(state, f"afgeleverd {melding_id.int}"))
        case other:
            raise Rejected(type(other).__name__)


def _decide(state: Werk, asked: Doe, context: Context) -> Decision[Werk]:
    done = _noted(state, f"doe {asked.note}")
    if asked.note:
        done = replace(done, notes=(*done.notes, asked.note))
    number = len(done.done)
    return Decision(
        done,
        events=tuple(_melding(context) for _ in range(asked.events)),
        timers=(
            *(
                SetTimer(
                    name,
                    context.now + timedelta(hours=hours),
                    {"nummer": order},
                    unheard_at=context.now + timedelta(hours=hours + 10) if name == "lang" else None,
                )
                for order, (name, hours) in enumerate(asked.timers)
            ),
            *(CancelTimer(name) for name in asked.stop_timers),
        ),
        requests=(
            *(
                Request(request_id(order), KIND, place, {"nummer": order}, context.now)
                for order, place in asked.requests
            ),
            *(CancelRequest(request_id(order)) for order in asked.stop_requests),
            *(RetryRequest(request_id(order), context.now) for order in asked.hurry),
        ),
        journal=(JournalLine("gedaan", rule_id="werk", rule_version="1", facts={"nummer": number}),),
        references=(Reference("notitie", asked.note),) if asked.note else (),
        forwards=tuple(Forward(casus_id, Gehoord(number)) for casus_id in asked.tell),
        answer={"nummer": number},
    )


def _noted(state: Werk, what: str) -> Werk:
    return replace(state, done=(*state.done, what))


def _melding(context: Context) -> MeldingOntvangen:
    return _MELDING.model_copy(update={"melding_id": context.new_id()})


def _show(casus_id: CasusId, state: Werk) -> Iterable[ViewRow]:
    for number, note in enumerate(state.notes, 1):
        identifier = derived_id(str(casus_id), str(number))
        yield ViewRow(Notitie, identifier, note_row, identifier, casus_id, note, number)


WERKPLAATS = ServiceDefinition(Service.MONITORING, Werk, work, _show)
