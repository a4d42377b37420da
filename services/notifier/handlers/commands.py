"""What a case asks of a mailbox, and a mailbox of a case; handled in the transaction of what it follows from."""

from dataclasses import dataclass
from uuid import UUID

from contracts.messages.identifiers import CasusId
from contracts.messages.notifier import NotificatieGevraagd, Notificatiekanaal
from services.notifier.domain import Zending
from services.runtime.unit.decision import Attempt


@dataclass(frozen=True, slots=True)
class QueueZendingen:
    """To a mailbox: this message of this case is for you; once, also where more people read it."""

    zendingen: tuple[Zending, ...]
    casus_id: CasusId
    vraag: NotificatieGevraagd


@dataclass(frozen=True, slots=True)
class NoteVertrek:
    """To a case: your message is on its way, under this id."""

    zending_id: UUID
    opdracht_id: UUID


@dataclass(frozen=True, slots=True)
class NotePoging:
    """To a case: how an attempt ended; `final` when there will be no other."""

    zending_id: UUID
    attempt: Attempt
    attempts: int
    final: bool


@dataclass(frozen=True, slots=True)
class KeepProef:
    """A process begins: this channel is tried from time to time."""

    kanaal: Notificatiekanaal


@dataclass(frozen=True, slots=True)
class TakeOutZending:
    """To a mailbox: this message is not to leave any more."""

    zending_id: UUID
