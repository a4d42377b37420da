"""Trying each channel by the clock, on who runs the hub, by the road of every message.

One that is not taken stays a request that is tried: so a channel that fails raises the alarm of what is not delivered
(`HouvastNietAfgeleverd`), and it ends when the channel takes it.
"""

from datetime import timedelta

from contracts.messages.identifiers import derived_id
from services.notifier.domain import Casus, Proef, Schema, write_proefbericht
from services.notifier.handlers.commands import KeepProef
from services.notifier.handlers.verzenden import request_for
from services.notifier.ports import Mensen
from services.runtime.unit.decision import (
    CancelRequest,
    CancelTimer,
    Context,
    Decision,
    Request,
    RequestAttempted,
    Result,
    RetryRequest,
    SetTimer,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import iso

TIMER = "proef"
_WHY = "Houvast stuurt dit bericht vanzelf, om te zien of dit kanaal werkt. Het gaat over geen casus."
NOBODY = "geen beheerder heeft voor dit kanaal een adres in het register"


class Proefhandler:
    """`ritme` is how long after each other; None where channels are not tried by the clock."""

    def __init__(self, mensen: Mensen, schema: Schema, ritme: timedelta | None) -> None:
        self._mensen = mensen
        self._schema = schema
        self._ritme = ritme

    def keep(self, casus: Casus, command: KeepProef, context: Context) -> Decision[Casus]:
        """At every start: the first comes one rhythm from now, the next no later than the rhythm says by now."""
        if self._ritme is None:
            return Decision(casus, timers=(CancelTimer(TIMER),))
        latest = context.now + self._ritme
        proef = casus.proef or Proef(command.kanaal, latest)
        return self._wait(casus, replace(proef, volgende_op=min(proef.volgende_op, latest)))

    def on_timer(self, casus: Casus, proef: Proef, context: Context) -> Decision[Casus]:
        """The next one leaves, in the place of one that was never taken."""
        if self._ritme is None:
            return Decision(casus)
        stopped = () if proef.opdracht_id is None else (CancelRequest(proef.opdracht_id),)
        wie = self._mensen.who_runs_hub(proef.kanaal, at=context.now)
        follows = replace(proef, volgende_op=context.now + self._ritme, opdracht_id=None)
        if wie is None:
            nobody = replace(follows, mislukt_op=context.now, reden=NOBODY)
            return replace(self._wait(casus, nobody), requests=stopped)
        proef_id = derived_id("proef", proef.kanaal.value, iso(context.now))
        request: Request = request_for(
            proef_id,
            proef.kanaal,
            wie.partij,
            wie.persoon,
            vragen=(write_proefbericht(proef_id, wie.partij, wie.rol, waarom=_WHY),),
            due_at=context.now,
        )
        sent = replace(follows, opdracht_id=proef_id, gestuurd_op=context.now)
        return replace(self._wait(casus, sent), requests=(*stopped, request))

    def on_attempt(self, casus: Casus, proef: Proef, attempted: RequestAttempted, context: Context) -> Decision[Casus]:
        """Taken, or tried again until it is: a refusal for good says as little of tomorrow as one for now.

        What is missing at the hub itself, such as a mail server, is told elsewhere (`/gezond/klaar`).
        """
        request, attempt = attempted.request, attempted.attempt
        if request.id != proef.opdracht_id:
            return Decision(casus)
        if attempt.result is Result.DONE:
            done = replace(proef, opdracht_id=None, gelukt_op=context.now, reden=None)
            return Decision(replace(casus, proef=done))
        failed = replace(proef, mislukt_op=context.now, reden=attempt.detail)
        if attempt.ours and not attempt.refused:
            return Decision(replace(casus, proef=replace(failed, opdracht_id=None)))
        due = self._schema.next_at(request.id, attempts=max(request.attempts, 1), now=context.now, since=context.now)
        again = RetryRequest(request.id, due or context.now + self._schema.longest)
        return Decision(replace(casus, proef=failed), requests=(again,))

    def _wait(self, casus: Casus, proef: Proef) -> Decision[Casus]:
        return Decision(replace(casus, proef=proef), timers=(SetTimer(TIMER, proef.volgende_op),))
