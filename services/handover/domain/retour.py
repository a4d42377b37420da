"""A mail that its relay accepted and that came back: it was never delivered (G8), and everybody hears so.

What counts as delivered by mail is that the relay took it. When the mail server of the receiver gives it back later,
that receipt is taken back: Veilig Thuis still bears zicht op veiligheid, and people are asked to use another road.
"""

from contracts.messages.handover import Kanaal
from services.handover.domain.aflevering import afgeleverd_event, stagnatie_event, timer_name
from services.handover.domain.antwoord import unchanged
from services.handover.domain.casus import Aflevering, Casus, Overdracht
from services.handover.domain.kader import Kader, iso
from services.handover.domain.terugnemen import ended_because
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
)
from services.runtime.unit.frozen import replace

MAIL = "o"
"""The kind of mail that a return address of an overdracht is about; the next is of one that was taken back."""
MAIL_INTREKKING = "i"


def reference_of(mail: MailNumber) -> tuple[str, str] | None:
    """How a mail with an overdracht leads to its case."""
    return ("overdracht", str(mail.id)) if mail.kind in {MAIL, MAIL_INTREKKING} else None


def take_back(state: Casus | None, bounce: Bounce, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """A mail server says what became of the mail with this overdracht, of the generation that the bounce names.

    What people reported outweighs it: who confirmed has received. Of an overdracht that ended nothing follows either.
    """
    overdracht = None if state is None else state.overdracht(bounce.mail.id)
    if state is None or overdracht is None:
        return unchanged(state)
    if bounce.kind is BounceKind.DELAYED:
        return Decision(state, journal=(_line("mail-vertraagd", overdracht, bounce),))
    if bounce.mail.kind == MAIL_INTREKKING:
        line = _line("mail-over-intrekking-teruggekomen", overdracht, bounce)
        noted = note_return(state, overdracht, Kanaal.E_MAIL, _reden(bounce), context=context, kader=kader)
        return replace(noted, journal=(line,))
    if not _matters(overdracht):
        return Decision(state, journal=(_line("mail-teruggekomen-zonder-gevolg", overdracht, bounce),))
    if bounce.mail.round == overdracht.ronde:
        return _refuse(state, overdracht, bounce, context=context)
    return _of_former_generation(state, overdracht, bounce, context=context)


def _matters(overdracht: Overdracht) -> bool:
    answered = (overdracht.ontvangst, overdracht.verdeling, overdracht.terugkoppeling)
    return ended_because(overdracht) is None and all(antwoord is None for antwoord in answered)


def _refuse(state: Casus, overdracht: Overdracht, bounce: Bounce, *, context: Context) -> Decision[Casus]:
    """The mail that counts came back, perhaps before we heard that the relay had taken it."""
    if overdracht.aflevering is Aflevering.GEWEIGERD:
        return Decision(state, journal=(_line("mail-teruggekomen-zonder-gevolg", overdracht, bounce),))
    reden = _reden(bounce)
    waits = overdracht.aflevering in {Aflevering.ONDERWEG, Aflevering.GESTAGNEERD}
    refused = replace(
        overdracht.moved_to(Aflevering.GEWEIGERD),
        laatste_fout=reden,
        fout_bij_houvast=False,
        gestagneerd_op=context.now,
        afgeleverd_op=None,
        afgeleverde_ronde=None,
    )
    event = stagnatie_event(refused, reden=reden, now=context.now, teruggekomen_op=overdracht.afgeleverd_op)
    return Decision(
        state.with_overdracht(refused),
        events=(event,),
        requests=(CancelRequest(overdracht.opdracht_id),) if waits else (),
        timers=(CancelTimer(timer_name(refused)),),
        journal=(_line("mail-teruggekomen", refused, bounce),),
    )


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
    return "de mail kwam terug als onbestelbaar" + ("" if bounce.status is None else f" ({bounce.status})")


def _line(what: str, overdracht: Overdracht, bounce: Bounce) -> JournalLine:
    facts: JsonObject = {
        "overdracht": str(overdracht.id),
        "gemeente": overdracht.gemeente,
        "ronde": bounce.mail.round,
        "status": bounce.status,
        "afgeleverdOp": None if overdracht.afgeleverd_op is None else iso(overdracht.afgeleverd_op),
    }
    return JournalLine(what, overdracht.uiterlijk_regel, overdracht.afspraken_versie, facts)
