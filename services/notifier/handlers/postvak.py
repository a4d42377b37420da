"""A mailbox: takes what cases have for it, lets it leave together, and tells them how that went."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from contracts.messages.notifier import NotificatieGebundeld
from services.notifier.domain import Bundel, Bundeling, Casus, Postvak, Schema, Stuk, leaves_from
from services.notifier.handlers.commands import NotePoging, NoteVertrek, QueueZendingen, TakeOutZending
from services.notifier.handlers.verzenden import request_for
from services.notifier.ports import Mensen
from services.runtime.unit.decision import (
    CancelRequest,
    CancelTimer,
    Context,
    Decision,
    Forward,
    JournalLine,
    JsonObject,
    Request,
    RequestAttempted,
    Result,
    RetryRequest,
    SetTimer,
)
from services.runtime.unit.frozen import replace

TIMER = "bundel"


class Postvakhandler:
    """What happens in one mailbox."""

    def __init__(self, mensen: Mensen, schema: Schema, bundeling: Bundeling) -> None:
        self._mensen = mensen
        self._schema = schema
        self._bundeling = bundeling

    def put(self, casus: Casus, command: QueueZendingen, context: Context) -> Decision[Casus]:
        """A message came: it leaves at once when nothing left just before or comes with it, else with what comes after it.

        What is not urgent waits until the first of those who read there reads it.
        """
        postvak = casus.postvak or Postvak(command.zendingen[0].kanaal, command.zendingen[0].partij)
        vraag, now = command.vraag, context.now
        niet_voor = min(
            leaves_from(
                vraag,
                now=now,
                reads_from=self._mensen.reads_from(vraag, zending.partij, zending.persoon, at=now),
            )
            for zending in command.zendingen
        )
        uiterlijk_op = max(niet_voor, self._bundeling.wait_until(vraag, last=postvak.vertrokken_op, now=now))
        for zending in command.zendingen:
            if not postvak.holds(zending.id):
                stuk = Stuk(zending.id, command.casus_id, zending.persoon, vraag, uiterlijk_op, niet_voor)
                postvak = postvak.put(stuk)
        return self._depart(casus, postvak, context)

    def take_out(self, casus: Casus, command: TakeOutZending, context: Context) -> Decision[Casus]:
        """A message is not to leave any more. Where it failed together with others, those are tried without it.

        Unless the next attempt may have begun: then it may have left already, and the others must not leave once more.
        """
        if casus.postvak is None:
            return Decision(casus)
        postvak = casus.postvak.without(command.zending_id)
        waiting = [
            bundel
            for bundel in postvak.onderweg.values()
            if bundel.waits(context.now) and any(stuk.zending_id == command.zending_id for stuk in bundel.stukken)
        ]
        decision = Decision(replace(casus, postvak=postvak))
        for bundel in waiting:
            decision = self._retry_without(decision, bundel, command.zending_id)
        assert decision.state.postvak is not None
        return replace(decision, timers=_timer(decision.state.postvak, context.now))

    def _retry_without(self, decision: Decision[Casus], bundel: Bundel, zending_id: UUID) -> Decision[Casus]:
        assert decision.state.postvak is not None
        postvak, left = decision.state.postvak.drop(bundel.id), bundel.without(zending_id)
        requests = (*decision.requests, CancelRequest(bundel.id))
        if left is None or left.volgende_op is None:
            return replace(decision, state=replace(decision.state, postvak=postvak), requests=requests)
        persoon = left.stukken[0].persoon
        again = request_for(
            left.id, postvak.kanaal, postvak.partij, persoon, vragen=left.vragen, due_at=left.volgende_op
        )
        moved = (Forward(stuk.casus_id, NoteVertrek(stuk.zending_id, left.id)) for stuk in left.stukken)
        return replace(
            decision,
            state=replace(decision.state, postvak=postvak.keep(left)),
            requests=(*requests, again),
            forwards=(*decision.forwards, *moved),
        )

    def on_timer(self, casus: Casus, postvak: Postvak, context: Context) -> Decision[Casus]:
        """Something has waited for as long as it may."""
        return self._depart(casus, postvak, context)

    def on_attempt(
        self, casus: Casus, postvak: Postvak, attempted: RequestAttempted, context: Context
    ) -> Decision[Casus]:
        """A mail or card was accepted, refused, or is tried again: every case in it hears so."""
        request, attempt = attempted.request, attempted.attempt
        bundel = postvak.onderweg.get(request.id)
        if bundel is None:
            return Decision(casus)
        since = bundel.eerste_poging_op or context.now
        due = None
        if attempt.result is Result.TEMPORARY:
            due = next_attempt(self._schema, attempted, now=context.now, since=since)
        told = [
            Forward(stuk.casus_id, NotePoging(stuk.zending_id, attempt, request.attempts, final=due is None))
            for stuk in bundel.stukken
        ]
        if due is not None:
            waits = postvak.keep(replace(bundel, eerste_poging_op=since, volgende_op=due))
            retry = RetryRequest(request.id, due)
            return Decision(replace(casus, postvak=waits), requests=(retry,), forwards=tuple(told))
        together = attempt.result is Result.DONE and len(bundel.vragen) > 1
        left, done = postvak.drop(bundel.id), attempt.result is Result.DONE
        return Decision(
            replace(casus, postvak=left.hurry(context.now) if done else left),
            requests=_hurry(left, context.now) if done else (),
            events=(_gebundeld(postvak, bundel, request, context.now),) if together else (),
            forwards=tuple(told),
        )

    def _depart(self, casus: Casus, postvak: Postvak, context: Context) -> Decision[Casus]:
        departed = postvak.depart(context.now, grootste=self._bundeling.grootste)
        if departed is None:
            return Decision(replace(casus, postvak=postvak), timers=_timer(postvak, context.now))
        left, bundel = departed
        # what was there more than could leave comes right after it
        left = replace(left, wachtend=tuple(_no_sooner(left.wachtend, context.now + self._bundeling.pauze)))
        left = left.hurry(context.now)
        first = bundel.stukken[0]
        request = request_for(
            bundel.id, left.kanaal, left.partij, first.persoon, vragen=bundel.vragen, due_at=context.now
        )
        facts: JsonObject = {"aantal": len(bundel.stukken), "kanaal": left.kanaal.value, "partij": left.partij}
        return Decision(
            replace(casus, postvak=left),
            timers=_timer(left, context.now),
            requests=(*_hurry(postvak, context.now), request),
            forwards=tuple(Forward(stuk.casus_id, NoteVertrek(stuk.zending_id, bundel.id)) for stuk in bundel.stukken),
            journal=(JournalLine("berichten gebundeld", facts=facts),) if len(bundel.stukken) > 1 else (),
        )


def next_attempt(schema: Schema, attempted: RequestAttempted, *, now: datetime, since: datetime) -> datetime | None:
    """When to try again; None when it has been tried for long enough.

    No sooner than the receiver asked, but nobody keeps a message for longer than the longest wait of ours.
    """
    request, wait = attempted.request, min(attempted.attempt.retry_after or timedelta(0), schema.longest)
    due = schema.next_at(request.id, attempts=max(request.attempts, 1), now=now, since=since)
    return due if due is None else max(due, now + wait)


def _hurry(postvak: Postvak, now: datetime) -> tuple[RetryRequest, ...]:
    """What failed before goes first to the same mailbox: it is tried again now, or the new would wait for it."""
    return tuple(RetryRequest(bundel.id, now) for bundel in postvak.onderweg.values() if bundel.waits(now))


def _no_sooner(wachtend: Iterable[Stuk], than: datetime) -> Iterable[Stuk]:
    return (replace(stuk, uiterlijk_op=max(stuk.uiterlijk_op, than)) for stuk in wachtend)


def _timer(postvak: Postvak, now: datetime) -> tuple[SetTimer | CancelTimer, ...]:
    due_at = postvak.due_at
    return (CancelTimer(TIMER),) if due_at is None else (SetTimer(TIMER, max(due_at, now)),)


def _gebundeld(postvak: Postvak, bundel: Bundel, request: Request, now: datetime) -> NotificatieGebundeld:
    return NotificatieGebundeld(
        bundel_id=bundel.id,
        partij=postvak.partij,
        kanaal=postvak.kanaal,
        notificaties=tuple(vraag.notificatie_id for vraag in bundel.vragen),
        verzonden_op=now,
        pogingen=request.attempts,
    )
