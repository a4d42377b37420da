"""One message for one case: somebody has to be told something, or an attempt to tell them was made."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.identifiers import CasusId
from contracts.messages.notifier import (
    NotificatieGevraagd,
    Notificatiekanaal,
    NotificatieMislukt,
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
)
from services.notifier.ports import Mensen
from services.runtime.decision import (
    Context,
    Decision,
    Incoming,
    JournalLine,
    JsonObject,
    Outcome,
    Rejected,
    Request,
    RequestAttempted,
    Result,
    RetryRequest,
    ViewRow,
)

NOBODY = "niemand in het register vervult deze rol"


class Handlers:
    """The handler of this service, over who is who and the schedule of attempts."""

    def __init__(self, mensen: Mensen, schema: Schema) -> None:
        self._mensen = mensen
        self._schema = schema

    def __call__(self, state: Notificaties | None, incoming: Incoming, context: Context) -> Outcome[Notificaties]:
        """Give everything that follows from one message."""
        known = state or Notificaties()
        match incoming.payload:
            case NotificatieGevraagd() as vraag:
                return self._ask(known, vraag, context)
            case RequestAttempted() as attempted:
                return self._on_attempt(known, attempted, context)
            case Gebeurtenis():
                return Decision(known)
            case _:
                raise Rejected(f"notifier kent geen bericht {type(incoming.payload).__name__}")

    def _ask(self, known: Notificaties, vraag: NotificatieGevraagd, context: Context) -> Decision[Notificaties]:
        if vraag.notificatie_id in known.alle:
            return Decision(known)
        notificatie = Notificatie(vraag, context.now)
        mensen = self._mensen.who(vraag, at=context.now)
        notificatie, fresh = address(notificatie, mensen)
        if not fresh:
            return self._turn_elsewhere(known, notificatie, None, context)
        line = JournalLine("notificatie gevraagd", facts=_facts(vraag, mensen))
        return Decision(known.put(notificatie), requests=_requests(notificatie, fresh, context.now), journal=(line,))

    def _on_attempt(self, known: Notificaties, attempted: RequestAttempted, context: Context) -> Decision[Notificaties]:
        request, attempt = attempted.request, attempted.attempt
        notificatie = known.of_zending(request.id)
        if notificatie is None:
            raise Rejected("een poging voor een zending die niet bestaat")
        if notificatie.zendingen[request.id].status is not Zendingstatus.OPEN:
            return Decision(known)
        if attempt.result is Result.DONE:
            return _sent(known, notificatie, request, context.now)
        if attempt.result is Result.TEMPORARY:
            due = self._next_at(notificatie, attempted, context.now)
            if due is not None:
                tried = attempted_again(notificatie, request.id, attempts=request.attempts, reden=attempt.detail)
                return Decision(known.put(tried), requests=(RetryRequest(request.id, due),))
        failed = finish(
            notificatie,
            request.id,
            Zendingstatus.MISLUKT,
            attempts=request.attempts,
            now=context.now,
            reden=attempt.detail,
        )
        if failed.hopeless:
            return self._turn_elsewhere(known, failed, failed.zendingen[request.id], context)
        event = _mislukt(failed, failed.zendingen[request.id], context.now, niemand_bereikt=False)
        return Decision(known.put(failed), events=(event,), journal=(_failed_line(failed, attempt.detail),))

    def _next_at(self, notificatie: Notificatie, attempted: RequestAttempted, now: datetime) -> datetime | None:
        request, wait = attempted.request, attempted.attempt.retry_after
        due = self._schema.next_at(
            request.id, attempts=max(request.attempts, 1), now=now, asked_at=notificatie.gevraagd_op
        )
        return max(due, now + wait) if due is not None and wait is not None else due

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
        return Decision(
            known.put(notificatie),
            events=(event,),
            requests=_requests(notificatie, fresh, context.now),
            journal=tuple(lines),
        )


def _sent(known: Notificaties, notificatie: Notificatie, request: Request, now: datetime) -> Decision[Notificaties]:
    done = finish(notificatie, request.id, Zendingstatus.VERZONDEN, attempts=request.attempts, now=now)
    zending = done.zendingen[request.id]
    event = NotificatieVerzonden(
        notificatie_id=done.vraag.notificatie_id,
        partij=zending.partij,
        rol=done.vraag.rol,
        kanaal=zending.kanaal,
        referentie=done.vraag.referentie,
        verzonden_op=now,
        pogingen=request.attempts,
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


def _requests(notificatie: Notificatie, zendingen: Iterable[Zending], now: datetime) -> tuple[Request, ...]:
    """One request per message. Nobody waits behind somebody else whose mailbox is full."""
    return tuple(
        Request(
            id=zending.id,
            kind=zending.kanaal.value,
            destination=f"{zending.kanaal.value}/{zending.partij}/{zending.persoon}",
            content=_content(notificatie.vraag, zending),
            due_at=now,
        )
        for zending in zendingen
    )


def _content(vraag: NotificatieGevraagd, zending: Zending) -> JsonObject:
    content: JsonObject = vraag.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {"vraag": content, "partij": zending.partij, "persoon": zending.persoon}


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


def project(casus_id: CasusId, notificaties: Notificaties) -> Iterator[ViewRow]:
    """Give a row per person and channel; one row without channel where nobody could be asked."""
    for notificatie in notificaties.alle.values():
        if not notificatie.zendingen:
            yield ViewRow("notificatie", notificatie.vraag.notificatie_id, _row(casus_id, notificatie, None))
        for zending in notificatie.zendingen.values():
            yield ViewRow("notificatie", zending.id, _row(casus_id, notificatie, zending))


def _row(casus_id: UUID, notificatie: Notificatie, zending: Zending | None) -> JsonObject:
    vraag = notificatie.vraag
    sent = zending is not None and zending.status is Zendingstatus.VERZONDEN
    return {
        "casus_id": str(casus_id),
        "notificatie_id": str(vraag.notificatie_id),
        "escalatie_id": None if vraag.escalatie_id is None else str(vraag.escalatie_id),
        "regio": vraag.regio,
        "gemeente": vraag.gemeente,
        "rol": vraag.rol,
        "partij": vraag.partij if zending is None else zending.partij,
        "kanaal": None if zending is None else zending.kanaal.value,
        "status": Zendingstatus.MISLUKT.value if zending is None else zending.status.value,
        "urgentie": vraag.urgentie.value,
        "aanleiding": vraag.aanleiding.value,
        "gevraagd_op": notificatie.gevraagd_op.isoformat(),
        "verzonden_op": zending.afgelopen_op.isoformat() if sent and zending and zending.afgelopen_op else None,
        "onderwerp": vraag.onderwerp,
        "referentie": vraag.referentie,
        "link": vraag.link,
        "wettelijk_moment": None if vraag.wettelijk_moment is None else vraag.wettelijk_moment.isoformat(),
        "pogingen": 0 if zending is None else zending.pogingen,
        "reden": NOBODY if zending is None else zending.reden,
    }
