"""Three small services that hand a case to each other, to test how services run rather than what they decide.

triage takes a melding and sends it on; handover delivers it to a gemeente in the outside world; monitoring keeps
who has zicht, and a termijn that ends when the delivery is known. The delivery is on another topic than the melding,
so it may overtake it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.messages.envelope import Problem
from contracts.messages.handover import OverdrachtAfgeleverd
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import Service
from contracts.messages.triage import MeldingOntvangen
from services.runtime.access.sealing import Sealer
from services.runtime.unit.decision import (
    Attempt,
    CancelTimer,
    Context,
    Decision,
    Incoming,
    JournalLine,
    Outcome,
    Reference,
    Refused,
    Rejected,
    Request,
    RequestAttempted,
    Result,
    RetryRequest,
    ServiceDefinition,
    SetTimer,
    TimerDue,
    TooEarly,
    ViewRow,
)
from services.runtime.unit.rows import ReadRow
from tests.builders import build

AFTER = timedelta(days=7)
AGAIN = timedelta(hours=1)
VT = "veilig-thuis-west-brabant"
GEMEENTE = "GM0758"
KIND = "aflevering"

_MELDING = build(MeldingOntvangen)
_AFGELEVERD = build(OverdrachtAfgeleverd)


@dataclass(frozen=True, slots=True)
class Meld:
    """Somebody reports; `note` goes into the read table, `answer` comes back."""

    note: str = "een melding"


@dataclass(frozen=True, slots=True)
class Meldingen:
    notes: tuple[str, ...] = ()
    delivered: int = 0


def take_melding(state: Meldingen | None, incoming: Incoming, context: Context) -> Outcome[Meldingen]:
    """triage: every melding is numbered, journalled, answered and sent on."""
    state = state or Meldingen()
    match incoming.payload:
        case Meld(note="weiger"):
            return Refused(422, "Niet aangenomen", (Problem("note", "staat er niet naar"),))
        case Meld(note="stuk"):
            raise ZeroDivisionError
        case Meld(note=note):
            new = replace(state, notes=(*state.notes, note))
            return Decision(
                new,
                events=(_MELDING.model_copy(update={"melding_id": context.new_id()}),),
                journal=(JournalLine("melding-aangenomen", facts={"nummer": len(new.notes)}),),
                references=(Reference("notitie", note),),
                answer={"nummer": len(new.notes)},
            )
        case OverdrachtAfgeleverd():
            return Decision(replace(state, delivered=state.delivered + 1))
        case other:
            raise Rejected(type(other).__name__)


def show_meldingen(casus_id: CasusId, state: Meldingen) -> Iterable[ViewRow]:
    for number, note in enumerate(state.notes, 1):
        identifier = derived_id(str(casus_id), str(number))
        yield ViewRow(Notitie, identifier, note_row, identifier, casus_id, note, number)


class Notitie(ReadRow):
    """A note as it is read."""

    table = "notitie"
    tekst: str
    nummer: int


def note_row(identifier: UUID, casus_id: CasusId, tekst: str, nummer: int) -> Notitie:
    return Notitie(id=identifier, casus_id=casus_id, tekst=tekst, nummer=nummer)


@dataclass(frozen=True, slots=True)
class Leveringen:
    asked: tuple[UUID, ...] = ()
    delivered: tuple[UUID, ...] = ()


def deliver(state: Leveringen | None, incoming: Incoming, context: Context) -> Outcome[Leveringen]:
    """handover: one request per melding, again after an hour as long as the gemeente is away."""
    state = state or Leveringen()
    match incoming.payload:
        case MeldingOntvangen(melding_id=melding_id, gemeente=gemeente):
            if melding_id in state.asked:
                raise Rejected("dezelfde melding voor de tweede keer")
            request = Request(melding_id, KIND, gemeente, {"melding": str(melding_id)}, context.now)
            return Decision(replace(state, asked=(*state.asked, melding_id)), requests=(request,))
        case RequestAttempted(request=request, attempt=Attempt(result=Result.DONE)):
            if request.id in state.delivered:
                raise Rejected("tweemaal afgeleverd")
            afgeleverd = _AFGELEVERD.model_copy(update={"overdracht_id": request.id, "afgeleverd_op": context.now})
            return Decision(replace(state, delivered=(*state.delivered, request.id)), events=(afgeleverd,))
        case RequestAttempted(request=request):
            return Decision(state, requests=(RetryRequest(request.id, context.now + AGAIN),))
        case other:
            raise Rejected(type(other).__name__)


@dataclass(frozen=True, slots=True)
class Rung:
    name: str
    due_at: datetime
    fired_at: datetime


@dataclass(frozen=True, slots=True)
class Zicht:
    """`ledger` tells who holds zicht from when; `open` the meldingen that are not delivered yet."""

    ledger: tuple[tuple[str, datetime], ...] = ()
    open: tuple[UUID, ...] = ()
    known: tuple[UUID, ...] = ()
    fired: tuple[Rung, ...] = ()
    started: tuple[tuple[str, datetime], ...] = ()
    cancelled: tuple[str, ...] = ()


def watch(state: Zicht | None, incoming: Incoming, context: Context) -> Outcome[Zicht]:
    """monitoring: Veilig Thuis holds zicht until all is delivered; a termijn per melding."""
    match incoming.payload:
        case MeldingOntvangen(melding_id=melding_id):
            state = state or Zicht(ledger=((VT, context.now),))
            if melding_id in state.known:
                raise Rejected("dezelfde melding voor de tweede keer")
            if not state.open and state.ledger[-1][0] != VT:
                state = replace(state, ledger=(*state.ledger, (VT, context.now)))
            timer = SetTimer(f"levering-{melding_id}", context.now + AFTER, {"melding": str(melding_id)})
            return Decision(
                replace(
                    state,
                    open=(*state.open, melding_id),
                    known=(*state.known, melding_id),
                    started=(*state.started, (timer.name, timer.due_at)),
                ),
                timers=(timer,),
                journal=(JournalLine("termijn-gestart", rule_id="estafette-7-dagen"),),
            )
        case OverdrachtAfgeleverd(overdracht_id=melding_id):
            if state is None or melding_id not in state.known:
                return TooEarly("de melding van deze aflevering")
            return _delivered(state, melding_id, context)
        case TimerDue(name=name, due_at=due_at) if state is not None:
            rung = Rung(name, due_at, context.now)
            return Decision(
                replace(state, fired=(*state.fired, rung)),
                journal=(JournalLine("termijn-verstreken", facts={}),),
            )
        case other:
            raise Rejected(type(other).__name__)


def _delivered(state: Zicht, melding_id: UUID, context: Context) -> Decision[Zicht]:
    if melding_id not in state.open:
        raise Rejected("tweemaal afgeleverd")
    name = f"levering-{melding_id}"
    still_open = tuple(other for other in state.open if other != melding_id)
    ledger = state.ledger if still_open else (*state.ledger, (GEMEENTE, context.now))
    late = name in {rung.name for rung in state.fired}
    cancelled = state.cancelled if late else (*state.cancelled, name)
    return Decision(
        replace(state, open=still_open, ledger=ledger, cancelled=cancelled),
        timers=() if late else (CancelTimer(name),),
    )


async def reach_gemeente(request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
    """A gemeente that is always there."""
    del request, casus_id, sealer
    return Attempt(Result.DONE, "aangenomen", status=202)


def nothing_to_show(casus_id: CasusId, state: object) -> Iterable[ViewRow]:
    del casus_id, state
    return ()


TRIAGE = ServiceDefinition(Service.TRIAGE, Meldingen, take_melding, show_meldingen)
HANDOVER = ServiceDefinition(Service.HANDOVER, Leveringen, deliver, nothing_to_show, {KIND: reach_gemeente})
MONITORING = ServiceDefinition(Service.MONITORING, Zicht, watch, nothing_to_show)
ESTAFETTE = (TRIAGE, HANDOVER, MONITORING)

NOTITIE_SQL = """
create table notitie (
    id uuid primary key, casus_id uuid not null, tekst text not null, nummer int not null check (nummer < 1000)
)
"""
