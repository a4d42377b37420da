"""A mail that its relay accepted and that came back: it was never delivered (G8), and everybody hears so.

What counts as delivered by mail is that the relay took it. When the mail server of the receiver gives it back later,
that receipt is taken back: Veilig Thuis still bears zicht op veiligheid, and people are asked to use another road. The
same while the mail is held up, and where nobody can tell what became of it: then a person reads what came back.
"""

from collections.abc import Mapping
from uuid import UUID

from contracts.messages.documenten import Toelichting
from contracts.messages.handover import Kanaal
from contracts.rechten import Daad
from services.handover.domain.aflevering import afgeleverd_event, stagnatie_event
from services.handover.domain.antwoord import NOT_FOUND, receipt
from services.handover.domain.casus import Aflevering, Casus, Overdracht, Retourbrief, Retouroordeel, Retouruitkomst
from services.handover.domain.invoer import RetourbeoordelingInvoer
from services.handover.domain.kader import Kader
from services.handover.domain.opdracht import timer_name
from services.handover.domain.terugnemen import ended_because, refuse_act
from services.handover.domain.verwittigen import note_return
from services.runtime.outbound.bounces import Bounce, BounceKind, MailNumber
from services.runtime.unit.decision import (
    CancelRequest,
    CancelTimer,
    Context,
    Decision,
    JournalLine,
    JsonObject,
    Outcome,
    Refused,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, iso, seal, unchanged

MAIL = "o"
"""The kind of mail that a return address of an overdracht is about; the next is of one that was taken back."""
MAIL_INTREKKING = "i"

_SAYS: Mapping[Retouruitkomst, BounceKind] = {
    Retouruitkomst.BEZORGD: BounceKind.DELIVERED,
    Retouruitkomst.ONBESTELBAAR: BounceKind.FAILED,
}


def reference_of(mail: MailNumber) -> tuple[str, str] | None:
    """How a mail with an overdracht leads to its case."""
    return ("overdracht", str(mail.id)) if mail.kind in {MAIL, MAIL_INTREKKING} else None


def take_bounce(state: Casus | None, bounce: Bounce, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """A mail server says what became of the mail with this overdracht, of the generation that the bounce names.

    What people reported outweighs it: who confirmed has received. Of an overdracht that ended nothing follows either.
    """
    overdracht = None if state is None else state.overdracht(bounce.mail.id)
    if state is None or overdracht is None:
        return unchanged(state)
    if bounce.mail.kind == MAIL_INTREKKING:
        return _of_intrekking(state, overdracht, bounce, context=context, kader=kader)
    return _of_overdracht(state, overdracht, bounce, context=context)


def _of_overdracht(state: Casus, overdracht: Overdracht, bounce: Bounce, *, context: Context) -> Decision[Casus]:
    if bounce.kind is BounceKind.DELIVERED:
        return _arrive(state, overdracht, bounce, context=context)
    if not _matters(overdracht):
        return Decision(state, journal=(_line("mail-teruggekomen-zonder-gevolg", overdracht, bounce),))
    if bounce.mail.round != overdracht.ronde:
        return _of_former_generation(state, overdracht, bounce, context=context)
    if bounce.kind is BounceKind.FAILED:
        return _refuse(state, overdracht, bounce, context=context)
    return _doubt(state, overdracht, bounce, context=context)


def why_not_judge(overdracht: Overdracht) -> Refused | None:
    """Why there is nothing to judge of what came back on its mail, or no more; None while there is."""
    brief = overdracht.retourbrief
    if brief is None or brief.ronde != overdracht.ronde:
        return ended_because(overdracht) or _NOTHING_TO_JUDGE
    if brief.oordeel is None:
        return ended_because(overdracht)
    return conflict("Al beoordeeld", f"er is al vastgelegd: {brief.oordeel.uitkomst.value}", code="al-beoordeeld")


_NOTHING_TO_JUDGE = conflict(
    "Niets te beoordelen", "op deze mail kwam niets onduidelijks terug", code="geen-retourbrief"
)


def judge_retour(
    state: Casus | None, overdracht_id: UUID, invoer: RetourbeoordelingInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """A person read what came back and says whether the mail arrived."""
    overdracht = None if state is None else state.overdracht(overdracht_id)
    if state is None or overdracht is None:
        return NOT_FOUND
    if refused := refuse_act(Daad.RETOURBRIEF_BEHANDELEN, overdracht, context=context, kader=kader):
        return refused
    brief = overdracht.retourbrief
    if brief is None or brief.ronde != overdracht.ronde:
        return _NOTHING_TO_JUDGE
    if brief.oordeel is not None and brief.oordeel.uitkomst is not invoer.uitkomst:
        return conflict("Al beoordeeld", f"er is al vastgelegd: {brief.oordeel.uitkomst.value}", code="al-beoordeeld")
    if brief.oordeel is not None:
        return unchanged(state, _judged(context, overdracht, brief.oordeel))
    sealed = seal(context, invoer.medewerker)
    oordeel = Retouroordeel(invoer.uitkomst, context.now, context.actor.partij, sealed)
    bounce = Bounce(MailNumber(MAIL, overdracht.id, brief.ronde), _SAYS[invoer.uitkomst])
    judged = replace(overdracht, retourbrief=replace(brief, oordeel=oordeel))
    decision = _of_overdracht(state.with_overdracht(judged), judged, bounce, context=context)
    return replace(decision, answer=_judged(context, overdracht, oordeel))


def _judged(context: Context, overdracht: Overdracht, oordeel: Retouroordeel) -> JsonObject:
    answer = receipt(context.casus_id, overdracht, moment="beoordeeldOp", op=oordeel.op)
    return answer | {"uitkomst": oordeel.uitkomst.value}


def _of_intrekking(
    state: Casus, overdracht: Overdracht, bounce: Bounce, *, context: Context, kader: Kader
) -> Decision[Casus]:
    """The mail that told of a withdrawal: people call whoever does not get it."""
    if bounce.kind in {BounceKind.DELAYED, BounceKind.DELIVERED}:
        return Decision(state, journal=(_line(f"mail-over-intrekking-{bounce.kind.value}", overdracht, bounce),))
    line = _line("mail-over-intrekking-teruggekomen", overdracht, bounce)
    noted = note_return(state, overdracht, Kanaal.E_MAIL, _reden(bounce), context=context, kader=kader)
    return replace(noted, journal=(line,))


def _matters(overdracht: Overdracht) -> bool:
    answered = (overdracht.ontvangst, overdracht.verdeling, overdracht.terugkoppeling)
    return ended_because(overdracht) is None and all(antwoord is None for antwoord in answered)


def _refuse(state: Casus, overdracht: Overdracht, bounce: Bounce, *, context: Context) -> Decision[Casus]:
    """The mail that counts came back, perhaps before we heard that the relay had taken it."""
    if overdracht.aflevering is Aflevering.GEWEIGERD:
        return Decision(state, journal=(_line("mail-teruggekomen-zonder-gevolg", overdracht, bounce),))
    refused = replace(overdracht.moved_to(Aflevering.GEWEIGERD), onzeker_sinds=None)
    return _not_delivered(state, overdracht, refused, bounce, context=context)


def _doubt(state: Casus, overdracht: Overdracht, bounce: Bounce, *, context: Context) -> Decision[Casus]:
    """The mail that counts is held up, or nobody can tell: not delivered until that is sure, and zicht stays (G8).

    Its mail server goes on trying by itself; nothing is sent again before people ask for it.
    """
    kept = _with_letter(overdracht, bounce, context)
    if overdracht.aflevering is Aflevering.GEWEIGERD or overdracht.onzeker_sinds is not None:
        line = _line(f"mail-{bounce.kind.value}", overdracht, bounce)
        return Decision(state.with_overdracht(kept), journal=(line,))
    stalled = kept if kept.aflevering is Aflevering.GESTAGNEERD else kept.moved_to(Aflevering.GESTAGNEERD)
    doubtful = replace(stalled, onzeker_sinds=context.now)
    return _not_delivered(state, overdracht, doubtful, bounce, context=context)


def _not_delivered(
    state: Casus, was: Overdracht, changed: Overdracht, bounce: Bounce, *, context: Context
) -> Decision[Casus]:
    """Take the delivery back where there was one, and tell people."""
    reden = _reden(bounce)
    returned = replace(
        changed,
        laatste_fout=reden,
        fout_bij_houvast=False,
        gestagneerd_op=context.now,
        afgeleverd_op=None,
        afgeleverde_ronde=None,
    )
    event = stagnatie_event(returned, reden=reden, now=context.now, teruggekomen_op=was.afgeleverd_op)
    what = "mail-teruggekomen" if bounce.kind is BounceKind.FAILED else f"mail-{bounce.kind.value}"
    return Decision(
        state.with_overdracht(returned),
        events=(event,),
        requests=(CancelRequest(was.opdracht_id),) if was.waits else (),
        timers=(CancelTimer(timer_name(returned)),),
        journal=(_line(what, was, bounce),),
    )


def _with_letter(overdracht: Overdracht, bounce: Bounce, context: Context) -> Overdracht:
    """With what a person has to read, sealed; a newer letter takes the place of one that nobody judged yet."""
    if bounce.letter is None:
        return overdracht
    tekst = seal(context, Toelichting(toelichting=bounce.letter))
    return replace(overdracht, retourbrief=Retourbrief(context.now, bounce.mail.round, tekst))


def _arrive(state: Casus, overdracht: Overdracht, bounce: Bounce, *, context: Context) -> Decision[Casus]:
    """It has arrived after all: delivered from the moment that this is known."""
    line = _line("mail-bezorgd", overdracht, bounce)
    if overdracht.onzeker_sinds is None or bounce.mail.round != overdracht.ronde or not _matters(overdracht):
        return Decision(state, journal=(line,))
    delivered = replace(
        overdracht.moved_to(Aflevering.AFGELEVERD),
        onzeker_sinds=None,
        laatste_fout=None,
        afgeleverd_op=context.now,
        afgeleverde_ronde=overdracht.ronde,
    )
    event = afgeleverd_event(delivered, op=context.now)
    return Decision(state.with_overdracht(delivered), events=(event,), journal=(line,))


def _of_former_generation(state: Casus, overdracht: Overdracht, bounce: Bounce, *, context: Context) -> Decision[Casus]:
    """It was offered again meanwhile. Only where the mail that came back was the delivery that counted, it matters."""
    was = overdracht.afgeleverd_op
    if was is None or overdracht.afgeleverde_ronde != bounce.mail.round:
        return Decision(state, journal=(_line("mail-teruggekomen-zonder-gevolg", overdracht, bounce),))
    line = _line("mail-teruggekomen", overdracht, bounce)
    if overdracht.aflevering is Aflevering.AFGELEVERD and overdracht.laatste_poging_op is not None:
        later = overdracht.laatste_poging_op
        moved = replace(overdracht, afgeleverd_op=later, afgeleverde_ronde=overdracht.ronde)
        event = afgeleverd_event(moved, op=later, teruggekomen_op=was)
        return Decision(state.with_overdracht(moved), events=(event,), journal=(line,))
    waits = replace(overdracht, gestagneerd_op=context.now, afgeleverd_op=None, afgeleverde_ronde=None)
    if waits.aflevering is Aflevering.ONDERWEG:
        waits = waits.moved_to(Aflevering.GESTAGNEERD)
    stalled = stagnatie_event(waits, reden=_reden(bounce), now=context.now, teruggekomen_op=was)
    return Decision(state.with_overdracht(waits), events=(stalled,), journal=(line,))


def _reden(bounce: Bounce) -> str:
    """In words, and without what the mail server wrote: that tends to name the address."""
    code = "" if bounce.status is None else f" ({bounce.status})"
    if bounce.kind is BounceKind.DELAYED:
        return f"de mail is nog niet bezorgd bij de ontvanger{code}"
    if bounce.kind is BounceKind.UNCLEAR:
        return "op de mail kwam een bericht terug waaruit niet blijkt of zij is bezorgd"
    return f"de mail kwam terug als onbestelbaar{code}"


def _line(what: str, overdracht: Overdracht, bounce: Bounce) -> JournalLine:
    facts: JsonObject = {
        "overdracht": str(overdracht.id),
        "gemeente": overdracht.gemeente,
        "ronde": bounce.mail.round,
        "status": bounce.status,
        "afgeleverdOp": None if overdracht.afgeleverd_op is None else iso(overdracht.afgeleverd_op),
    }
    return JournalLine(what, overdracht.uiterlijk_regel, overdracht.afspraken_versie, facts)
