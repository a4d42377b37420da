"""Every message that the notifier handles: about one case, or about one mailbox.

A case says what is to be told to whom; the mailbox of that person or channel, which all cases have in common, says
when it leaves and together with what. They tell each other in one transaction (docs/decisions/0007).
"""

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.notifier import IntrekkingGevraagd, NotificatieGevraagd
from services.notifier.domain import Bundeling, Notificaties, Schema
from services.notifier.handlers import casus, postvak
from services.notifier.handlers.berichten import Bezorg, Bezorgd, Haal, Vertrokken
from services.notifier.handlers.casus import MAIL, reference_of
from services.notifier.handlers.intrekken import withdraw
from services.notifier.handlers.projection import project
from services.notifier.ports import Mensen
from services.runtime.outbound.bounces import Bounce
from services.runtime.unit.decision import Context, Decision, Incoming, Outcome, Rejected, RequestAttempted, TimerDue

__all__ = ["MAIL", "Handlers", "project", "reference_of"]


class Handlers:
    """The handler of this service, over who is who, the schedule of attempts, and how long messages wait for others."""

    def __init__(self, mensen: Mensen, schema: Schema, bundeling: Bundeling | None = None) -> None:
        self._zaak = casus.Casushandler(mensen, schema)
        self._postvak = postvak.Postvakhandler(schema, bundeling or Bundeling())

    def __call__(  # noqa: C901, PLR0911  a table of messages
        self, state: Notificaties | None, incoming: Incoming, context: Context
    ) -> Outcome[Notificaties]:
        """Give everything that follows from one message."""
        known = state or Notificaties()
        match incoming.payload:
            case NotificatieGevraagd() as vraag:
                return self._zaak.ask(known, vraag, context)
            case IntrekkingGevraagd() as told:
                return withdraw(known, told, context)
            case Haal() as told:
                return self._postvak.take_out(known, told, context)
            case Bezorg() as told:
                return self._postvak.put(known, told, context)
            case Vertrokken() as told:
                return self._zaak.note_departure(known, told)
            case Bezorgd() as told:
                return self._zaak.note_attempt(known, told, context)
            case RequestAttempted() as attempted if known.postvak is not None:
                return self._postvak.on_attempt(known, known.postvak, attempted, context)
            case RequestAttempted() as attempted:
                return self._zaak.on_attempt(known, attempted, context)
            case Bounce() as bounce:
                return self._zaak.take_back(known, bounce, context)
            case TimerDue() if known.postvak is not None:
                return self._postvak.on_timer(known, known.postvak, context)
            case Gebeurtenis():
                return Decision(known)
            case _:
                raise Rejected(f"notifier kent geen bericht {type(incoming.payload).__name__}")
