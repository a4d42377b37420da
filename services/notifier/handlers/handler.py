"""Every message that the notifier handles: about one case, about one mailbox, or about the trying of one channel.

A case says what is to be told to whom; the mailbox of that person or channel, which all cases have in common, says
when it leaves and together with what. They tell each other in one transaction (docs/decisions/0007).
"""

from datetime import timedelta

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.notifier import IntrekkingGevraagd, NotificatieGevraagd
from services.notifier.domain import Bundeling, Casus, Schema
from services.notifier.handlers.casus import Casushandler
from services.notifier.handlers.commands import KeepProef, NotePoging, NoteVertrek, QueueZendingen, TakeOutZending
from services.notifier.handlers.intrekken import withdraw
from services.notifier.handlers.postvak import Postvakhandler
from services.notifier.handlers.proeven import Proefhandler
from services.notifier.ports import Mensen
from services.runtime.outbound.bounces import Bounce
from services.runtime.unit.decision import Context, Decision, Incoming, Outcome, Rejected, RequestAttempted, TimerDue


class Handlers:
    """The handler of this service, over who is who, the schedule of attempts, how long messages wait for others, and
    how often each channel is tried.
    """

    def __init__(
        self, mensen: Mensen, schema: Schema, bundeling: Bundeling | None = None, *, ritme: timedelta | None = None
    ) -> None:
        self._casus = Casushandler(mensen, schema)
        self._proef = Proefhandler(mensen, schema, ritme)
        self._postvak = Postvakhandler(mensen, schema, bundeling or Bundeling())

    def __call__(  # noqa: C901, PLR0911, PLR0912  a table of messages
        self, state: Casus | None, incoming: Incoming, context: Context
    ) -> Outcome[Casus]:
        """Give everything that follows from one message."""
        casus = state or Casus()
        match incoming.payload:
            case NotificatieGevraagd() as vraag:
                return self._casus.ask(casus, vraag, context)
            case IntrekkingGevraagd() as intrekking:
                return withdraw(casus, intrekking, context)
            case TakeOutZending() as command:
                return self._postvak.take_out(casus, command, context)
            case QueueZendingen() as command:
                return self._postvak.put(casus, command, context)
            case NoteVertrek() as command:
                return self._casus.note_departure(casus, command)
            case NotePoging() as command:
                return self._casus.note_attempt(casus, command, context)
            case KeepProef() as command:
                return self._proef.keep(casus, command, context)
            case RequestAttempted() as attempted if casus.proef is not None:
                return self._proef.on_attempt(casus, casus.proef, attempted, context)
            case TimerDue() if casus.proef is not None:
                return self._proef.on_timer(casus, casus.proef, context)
            case RequestAttempted() as attempted if casus.postvak is not None:
                return self._postvak.on_attempt(casus, casus.postvak, attempted, context)
            case RequestAttempted() as attempted:
                return self._casus.on_attempt(casus, attempted, context)
            case Bounce() as bounce:
                return self._casus.take_bounce(casus, bounce, context)
            case TimerDue() if casus.postvak is not None:
                return self._postvak.on_timer(casus, casus.postvak, context)
            case Gebeurtenis():
                return Decision(casus)
            case _:
                raise Rejected(f"notifier kent geen bericht {type(incoming.payload).__name__}")
