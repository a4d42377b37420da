"""One case: who is told something about it, and how that went, mail that came back later included."""

from datetime import datetime
from uuid import UUID

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.identifiers import CasusId
from contracts.messages.notifier import NotificatieGevraagd, Notificatiekanaal, NotificatieMislukt, NotificatieVerzonden
from services.notifier.domain import (
    Bereikbaar,
    Casus,
    Notificatie,
    Schema,
    Zending,
    Zendingstatus,
    address,
    attempted_again,
    finish,
    leave,
)
from services.notifier.handlers.commands import NotePoging, NoteVertrek
from services.notifier.handlers.intrekken import is_over, let_go, tell_back
from services.notifier.handlers.postvak import next_attempt
from services.notifier.handlers.verzenden import REFERENCE, goes_alone, send
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
from services.runtime.unit.outcomes import joined

MAIL = "n"
"""The kind of mail that a return address of this service is about."""
_DONE_WITH = frozenset({Zendingstatus.MISLUKT, Zendingstatus.VERVALLEN})
NOBODY = "niemand in het register vervult deze rol"


class Casushandler:
    """What happens in one case."""

    def __init__(self, mensen: Mensen, schema: Schema) -> None:
        self._mensen = mensen
        self._schema = schema

    def ask(self, casus: Casus, vraag: NotificatieGevraagd, context: Context) -> Decision[Casus]:
        """Somebody has to be told something; asked twice, they are told once."""
        if vraag.notificatie_id in casus.alle:
            return Decision(casus)
        notificatie = Notificatie(vraag, context.now)
        if is_over(vraag, context.now):
            return let_go(casus, notificatie, context.now)
        mensen = self._mensen.who(vraag, at=context.now)
        notificatie, fresh = address(notificatie, mensen)
        if not fresh:
            return self._tell_of_register(self._turn_elsewhere(casus, notificatie, None, context), vraag, context)
        line = JournalLine("notificatie gevraagd", facts=_facts(vraag, mensen))
        asked = send(Decision(casus.put(notificatie), journal=(line,)), notificatie, fresh, context)
        return self._tell_of_register(asked, vraag, context)

    def _tell_of_register(
        self, decision: Decision[Casus], vraag: NotificatieGevraagd, context: Context
    ) -> Decision[Casus]:
        """What lacks in the register is told by itself, once for all cases that meet it on a day."""
        tekort = self._mensen.tekort(vraag, at=context.now)
        if tekort is None:
            return decision
        told = Forward(CasusId(tekort.notificatie_id), tekort)
        return replace(decision, forwards=(*decision.forwards, told))

    def note_departure(self, casus: Casus, command: NoteVertrek) -> Decision[Casus]:
        """A message left its mailbox: should it come back, it is found by the id under which it left."""
        notificatie = casus.of_zending(command.zending_id)
        if notificatie is None:
            return Decision(casus)
        left = leave(notificatie, command.zending_id, command.opdracht_id)
        return Decision(casus.put(left), references=(Reference(REFERENCE, str(command.opdracht_id)),))

    def note_attempt(self, casus: Casus, command: NotePoging, context: Context) -> Decision[Casus]:
        """How it went with a message that left by way of its mailbox."""
        notificatie = casus.of_zending(command.zending_id)
        if notificatie is None:
            return Decision(casus)
        status, done = notificatie.zendingen[command.zending_id].status, command.attempt.result is Result.DONE
        if status is Zendingstatus.VERVALLEN and done:
            return _sent(casus, notificatie, command.zending_id, attempts=command.attempts, context=context)
        if status is not Zendingstatus.OPEN:
            return Decision(casus)
        if not command.final:
            tried = attempted_again(
                notificatie,
                command.zending_id,
                attempts=command.attempts,
                reden=command.attempt.detail,
                now=context.now,
            )
            return Decision(casus.put(tried))
        if done:
            return _sent(casus, notificatie, command.zending_id, attempts=command.attempts, context=context)
        return self._failed(
            casus,
            notificatie,
            command.zending_id,
            attempts=command.attempts,
            reden=command.attempt.detail,
            context=context,
        )

    def on_attempt(self, casus: Casus, attempted: RequestAttempted, context: Context) -> Decision[Casus]:
        """How it went with a message that left without waiting for any other."""
        request, attempt = attempted.request, attempted.attempt
        notificatie = casus.of_zending(request.id)
        if notificatie is None:
            raise Rejected("een poging voor een zending die niet bestaat")
        zending = notificatie.zendingen[request.id]
        if zending.status is Zendingstatus.VERVALLEN and attempt.result is Result.DONE:
            return _sent(casus, notificatie, zending.id, attempts=request.attempts, context=context)
        if zending.status is not Zendingstatus.OPEN:
            return Decision(casus)
        if attempt.result is Result.DONE:
            return _sent(casus, notificatie, zending.id, attempts=request.attempts, context=context)
        if attempt.result is Result.TEMPORARY:
            since = zending.eerste_poging_op or context.now
            due = next_attempt(self._schema, attempted, now=context.now, since=since)
            if due is not None:
                tried = attempted_again(
                    notificatie, zending.id, attempts=request.attempts, reden=attempt.detail, now=context.now
                )
                return Decision(casus.put(tried), requests=(RetryRequest(request.id, due),))
        return self._failed(
            casus, notificatie, zending.id, attempts=request.attempts, reden=attempt.detail, context=context
        )

    def take_bounce(self, casus: Casus, bounce: Bounce, context: Context) -> Decision[Casus]:
        """A mail came back: whoever it was for was not told, also where the relay had accepted it. Delay is noted.

        What came back unclear counts as failed: rather somebody else too than nobody.
        """
        if bounce.kind is BounceKind.DELIVERED:
            return Decision(casus)
        decision = Decision(casus)
        for zending_id in casus.left_as(bounce.mail.id):
            decision = joined(decision, self._take_back(decision.state, zending_id, bounce, context))
        return decision

    def _take_back(self, casus: Casus, zending_id: UUID, bounce: Bounce, context: Context) -> Decision[Casus]:
        notificatie = casus.of_zending(zending_id)
        if notificatie is None or notificatie.zendingen[zending_id].status in _DONE_WITH:
            return Decision(casus)
        reden = bounce_reden(bounce)
        if bounce.kind is BounceKind.DELAYED:
            return Decision(casus, journal=(JournalLine("mail vertraagd", facts={"reden": reden}),))
        zending = notificatie.zendingen[zending_id]
        failed = self._failed(
            casus, notificatie, zending_id, attempts=zending.pogingen, reden=reden, context=context, came_back=True
        )
        under_way = zending.status is Zendingstatus.OPEN and zending.opdracht_id == zending.id
        stopped = (CancelRequest(zending.id),) if under_way and goes_alone(notificatie) else ()
        return replace(failed, requests=(*stopped, *failed.requests))

    def _failed(
        self,
        casus: Casus,
        notificatie: Notificatie,
        zending_id: UUID,
        *,
        attempts: int,
        reden: str,
        context: Context,
        came_back: bool = False,
    ) -> Decision[Casus]:
        """No way to this person by this channel: others are asked once nobody is left."""
        failed = finish(notificatie, zending_id, Zendingstatus.MISLUKT, attempts=attempts, now=context.now, reden=reden)
        zending = failed.zendingen[zending_id]
        if failed.hopeless:
            decision = self._turn_elsewhere(casus, failed, zending, context)
        else:
            event = _mislukt(failed, zending, context.now, niemand_bereikt=False)
            decision = Decision(casus.put(failed), events=(event,), journal=(_failed_line(failed, reden),))
        return _marked_as_back(decision) if came_back else decision

    def _turn_elsewhere(
        self, casus: Casus, notificatie: Notificatie, zending: Zending | None, context: Context
    ) -> Decision[Casus]:
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
        decision = Decision(casus.put(notificatie), events=(event,), journal=tuple(lines))
        return send(decision, notificatie, fresh, context)


def reference_of(mail: MailNumber) -> tuple[str, str] | None:
    """How a mail of this service leads to the cases that it was about."""
    return (REFERENCE, str(mail.id)) if mail.kind == MAIL else None


def bounce_reden(bounce: Bounce) -> str:
    """What a mail server said, in words and without what it wrote: that tends to name the address."""
    code = "" if bounce.status is None else f" ({bounce.status})"
    if bounce.kind is BounceKind.DELAYED:
        return f"de mailserver van de ontvanger neemt de mail nog niet aan{code}"
    if bounce.kind is BounceKind.UNCLEAR:
        return "op de mail kwam een bericht terug dat niet zegt of zij is bezorgd"
    return f"de mail kwam terug als onbestelbaar{code}"


def _sent(
    casus: Casus, notificatie: Notificatie, zending_id: UUID, *, attempts: int, context: Context
) -> Decision[Casus]:
    """It left; where it was withdrawn while it was leaving, that follows it."""
    now = context.now
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
    sent = Decision(casus.put(done), events=(event,), journal=(JournalLine("notificatie verzonden", facts=facts),))
    return joined(sent, tell_back(sent.state, done, context))


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


def _marked_as_back(decision: Decision[Casus]) -> Decision[Casus]:
    events: tuple[Gebeurtenis, ...] = tuple(
        event.model_copy(update={"teruggekomen": True}) if isinstance(event, NotificatieMislukt) else event
        for event in decision.events
    )
    return replace(decision, events=events)


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
