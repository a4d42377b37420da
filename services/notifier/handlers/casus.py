"""One case: who is told something about it, and how that went, mail that came back later included."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.notifier import (
    NotificatieGevraagd,
    Notificatiekanaal,
    NotificatieMislukt,
    NotificatieUrgentie,
    NotificatieVerzonden,
)
from services.notifier.domain import (
    Bereikbaar,
    Notificatie,
    Notificaties,
    Schema,
    Zending,
    Zendingstatus,
    address,
    attempted_again,
    finish,
    leave,
)
from services.notifier.handlers.berichten import Bezorg, Bezorgd, Vertrokken, case_of_postvak, request_for
from services.notifier.handlers.postvak import next_attempt
from services.notifier.ports import Mensen
from services.runtime.outbound.bounces import Bounce, BounceKind, MailNumber
from services.runtime.unit.decision import (
    CancelRequest,
    Context,
    Decision,
    Forward,
    JournalLine,
    JsonObject,
    Reference,
    Rejected,
    RequestAttempted,
    Result,
    RetryRequest,
)
from services.runtime.unit.frozen import replace

MAIL = "n"
"""The kind of mail that a return address of this service is about."""
REFERENCE = "zending"
"""How the id under which something left leads to the cases that it was about."""
NOBODY = "niemand in het register vervult deze rol"


class Casushandler:
    """What happens in one case."""

    def __init__(self, mensen: Mensen, schema: Schema) -> None:
        self._mensen = mensen
        self._schema = schema

    def ask(self, known: Notificaties, vraag: NotificatieGevraagd, context: Context) -> Decision[Notificaties]:
        """Somebody has to be told something; asked twice, they are told once."""
        if vraag.notificatie_id in known.alle:
            return Decision(known)
        notificatie = Notificatie(vraag, context.now)
        mensen = self._mensen.who(vraag, at=context.now)
        notificatie, fresh = address(notificatie, mensen)
        if not fresh:
            return self._turn_elsewhere(known, notificatie, None, context)
        line = JournalLine("notificatie gevraagd", facts=_facts(vraag, mensen))
        return _send(Decision(known.put(notificatie), journal=(line,)), notificatie, fresh, context)

    def note_departure(self, known: Notificaties, told: Vertrokken) -> Decision[Notificaties]:
        """A message left its mailbox: should it come back, it is found by the id under which it left."""
        notificatie = known.of_zending(told.zending_id)
        if notificatie is None:
            return Decision(known)
        left = leave(notificatie, told.zending_id, told.opdracht_id)
        return Decision(known.put(left), references=(Reference(REFERENCE, str(told.opdracht_id)),))

    def note_attempt(self, known: Notificaties, told: Bezorgd, context: Context) -> Decision[Notificaties]:
        """How it went with a message that left by way of its mailbox."""
        notificatie = known.of_zending(told.zending_id)
        if notificatie is None or notificatie.zendingen[told.zending_id].status is not Zendingstatus.OPEN:
            return Decision(known)
        if not told.final:
            tried = attempted_again(
                notificatie, told.zending_id, attempts=told.attempts, reden=told.attempt.detail, now=context.now
            )
            return Decision(known.put(tried))
        if told.attempt.result is Result.DONE:
            return _sent(known, notificatie, told.zending_id, attempts=told.attempts, now=context.now)
        return self._failed(
            known, notificatie, told.zending_id, attempts=told.attempts, reden=told.attempt.detail, context=context
        )

    def on_attempt(self, known: Notificaties, attempted: RequestAttempted, context: Context) -> Decision[Notificaties]:
        """How it went with a message that left without waiting for any other."""
        request, attempt = attempted.request, attempted.attempt
        notificatie = known.of_zending(request.id)
        if notificatie is None:
            raise Rejected("een poging voor een zending die niet bestaat")
        zending = notificatie.zendingen[request.id]
        if zending.status is not Zendingstatus.OPEN:
            return Decision(known)
        if attempt.result is Result.DONE:
            return _sent(known, notificatie, zending.id, attempts=request.attempts, now=context.now)
        if attempt.result is Result.TEMPORARY:
            since = zending.eerste_poging_op or context.now
            due = next_attempt(self._schema, attempted, now=context.now, since=since)
            if due is not None:
                tried = attempted_again(
                    notificatie, zending.id, attempts=request.attempts, reden=attempt.detail, now=context.now
                )
                return Decision(known.put(tried), requests=(RetryRequest(request.id, due),))
        return self._failed(
            known, notificatie, zending.id, attempts=request.attempts, reden=attempt.detail, context=context
        )

    def take_back(self, known: Notificaties, bounce: Bounce, context: Context) -> Decision[Notificaties]:
        """A mail came back: whoever it was for was not told, also where the relay had accepted it. Delay is noted."""
        decision = Decision(known)
        for zending_id in known.left_as(bounce.mail.id):
            decision = _followed_by(decision, self._take_back(decision.state, zending_id, bounce, context))
        return decision

    def _take_back(
        self, known: Notificaties, zending_id: UUID, bounce: Bounce, context: Context
    ) -> Decision[Notificaties]:
        notificatie = known.of_zending(zending_id)
        if notificatie is None or notificatie.zendingen[zending_id].status is Zendingstatus.MISLUKT:
            return Decision(known)
        reden = bounce_reden(bounce)
        if bounce.kind is BounceKind.DELAYED:
            return Decision(known, journal=(JournalLine("mail vertraagd", facts={"reden": reden}),))
        zending = notificatie.zendingen[zending_id]
        failed = self._failed(
            known, notificatie, zending_id, attempts=zending.pogingen, reden=reden, context=context, came_back=True
        )
        under_way = zending.status is Zendingstatus.OPEN and zending.opdracht_id == zending.id
        stopped = (CancelRequest(zending.id),) if under_way and _goes_alone(notificatie) else ()
        return replace(failed, requests=(*stopped, *failed.requests))

    def _failed(
        self,
        known: Notificaties,
        notificatie: Notificatie,
        zending_id: UUID,
        *,
        attempts: int,
        reden: str,
        context: Context,
        came_back: bool = False,
    ) -> Decision[Notificaties]:
        """No way to this person by this channel: others are asked once nobody is left."""
        failed = finish(notificatie, zending_id, Zendingstatus.MISLUKT, attempts=attempts, now=context.now, reden=reden)
        zending = failed.zendingen[zending_id]
        if failed.hopeless:
            decision = self._turn_elsewhere(known, failed, zending, context)
        else:
            event = _mislukt(failed, zending, context.now, niemand_bereikt=False)
            decision = Decision(known.put(failed), events=(event,), journal=(_failed_line(failed, reden),))
        return _marked_as_back(decision) if came_back else decision

    def _turn_elsewhere(
        self, known: Notificaties, notificatie: Notificatie, zending: Zending | None, context: Context
    ) -> Decision[Notificaties]:
        """Nobody of the role can be reached: once, others are asked; after that it is said that nobody was."""
        fresh: tuple[Zending, ...] = ()
        mensen: tuple[Bereikbaar, ...] = ()
        if not notificatie.uitgeweken:
            mensen = self._mensen.instead(notificatie.vraag, at=context.now)
            notificatie, fresh = address(replace(notificatie, uitgeweken=True), mensen)
        reden = NOBODY if zending is None or zending.reden is None else zending.reden
        event = _mislukt(notificatie, zending, context.now, niemand_bereikt=not fresh, reden=reden)
        lines = [_failed_line(notificatie, reden)]
        if fresh:
            lines.append(JournalLine("uitgeweken naar anderen", facts=_facts(notificatie.vraag, mensen)))
        told = Decision(known.put(notificatie), events=(event,), journal=tuple(lines))
        return _send(told, notificatie, fresh, context)


def reference_of(mail: MailNumber) -> tuple[str, str] | None:
    """How a mail of this service leads to the cases that it was about."""
    return (REFERENCE, str(mail.id)) if mail.kind == MAIL else None


def bounce_reden(bounce: Bounce) -> str:
    """What a mail server said, in words and without what it wrote: that tends to name the address."""
    code = "" if bounce.status is None else f" ({bounce.status})"
    if bounce.kind is BounceKind.DELAYED:
        return f"de mailserver van de ontvanger neemt de mail nog niet aan{code}"
    return f"de mail kwam terug als onbestelbaar{code}"


def _send(
    decision: Decision[Notificaties], notificatie: Notificatie, zendingen: Iterable[Zending], context: Context
) -> Decision[Notificaties]:
    """A crisis leaves at once and alone; everything else goes by the mailbox of whoever it is for."""
    fresh = tuple(zendingen)
    if not _goes_alone(notificatie):
        boxes = dict.fromkeys(case_of_postvak(zending) for zending in fresh)
        told = (
            Forward(
                box,
                Bezorg(
                    tuple(zending for zending in fresh if case_of_postvak(zending) == box),
                    context.casus_id,
                    notificatie.vraag,
                ),
            )
            for box in boxes
        )
        return replace(decision, forwards=(*decision.forwards, *told))
    state = decision.state
    for zending in fresh:
        state = state.put(leave(state.alle[notificatie.vraag.notificatie_id], zending.id, zending.id))
    requests = (
        request_for(
            zending.id,
            zending.kanaal,
            zending.partij,
            zending.persoon,
            vragen=(notificatie.vraag,),
            due_at=context.now,
        )
        for zending in fresh
    )
    references = (Reference(REFERENCE, str(zending.id)) for zending in fresh)
    return replace(
        decision,
        state=state,
        requests=(*decision.requests, *requests),
        references=(*decision.references, *references),
    )


def _goes_alone(notificatie: Notificatie) -> bool:
    return notificatie.vraag.urgentie is NotificatieUrgentie.CRISIS


def _sent(
    known: Notificaties, notificatie: Notificatie, zending_id: UUID, *, attempts: int, now: datetime
) -> Decision[Notificaties]:
    done = finish(notificatie, zending_id, Zendingstatus.VERZONDEN, attempts=attempts, now=now)
    zending = done.zendingen[zending_id]
    event = NotificatieVerzonden(
        notificatie_id=done.vraag.notificatie_id,
        partij=zending.partij,
        rol=done.vraag.rol,
        kanaal=zending.kanaal,
        referentie=done.vraag.referentie,
        verzonden_op=now,
        pogingen=attempts,
    )
    facts: JsonObject = {"kanaal": zending.kanaal.value, "rol": done.vraag.rol, "partij": zending.partij}
    return Decision(known.put(done), events=(event,), journal=(JournalLine("notificatie verzonden", facts=facts),))


def _mislukt(
    notificatie: Notificatie, zending: Zending | None, now: datetime, *, niemand_bereikt: bool, reden: str | None = None
) -> NotificatieMislukt:
    return NotificatieMislukt(
        notificatie_id=notificatie.vraag.notificatie_id,
        partij=notificatie.vraag.partij if zending is None else zending.partij,
        rol=notificatie.vraag.rol,
        kanaal=Notificatiekanaal.E_MAIL if zending is None else zending.kanaal,
        referentie=notificatie.vraag.referentie,
        mislukt_op=now,
        pogingen=0 if zending is None else zending.pogingen,
        reden=reden or (zending.reden if zending is not None else None) or NOBODY,
        niemand_bereikt=niemand_bereikt,
    )


def _marked_as_back(decision: Decision[Notificaties]) -> Decision[Notificaties]:
    events: tuple[Gebeurtenis, ...] = tuple(
        event.model_copy(update={"teruggekomen": True}) if isinstance(event, NotificatieMislukt) else event
        for event in decision.events
    )
    return replace(decision, events=events)


def _followed_by(first: Decision[Notificaties], second: Decision[Notificaties]) -> Decision[Notificaties]:
    return Decision(
        second.state,
        events=(*first.events, *second.events),
        requests=(*first.requests, *second.requests),
        journal=(*first.journal, *second.journal),
        references=(*first.references, *second.references),
        forwards=(*first.forwards, *second.forwards),
    )


def _failed_line(notificatie: Notificatie, reden: str) -> JournalLine:
    facts: JsonObject = {"rol": notificatie.vraag.rol, "partij": notificatie.vraag.partij, "reden": reden}
    return JournalLine("notificatie mislukt", facts=facts)


def _facts(vraag: NotificatieGevraagd, mensen: tuple[Bereikbaar, ...]) -> JsonObject:
    bij = sorted({mens.partij for mens in mensen})
    return {
        "rol": vraag.rol,
        "partij": vraag.partij,
        "onderwerp": vraag.onderwerp,
        "bij": [*bij],
        "aantal": len(mensen),
    }
