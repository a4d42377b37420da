"""Acts about a case as a whole: coercion, closure, and putting a moment right."""

from datetime import UTC, datetime

from contracts.afspraken import Anker, Berichtsoort, Initiatief
from contracts.afspraken.initiatief import find_initiatief
from contracts.afspraken.overname import find_overtaken
from contracts.messages.doorgegeven import CorrectieDoorgegeven, SluitingDoorgegeven
from contracts.messages.envelope import Gebeurtenis, Problem
from contracts.messages.monitoring import (
    CasusGesloten,
    Drager,
    Dwangmaatregel,
    DwangmaatregelIngezet,
    Escalatieresultaat,
    FeitGecorrigeerd,
    Stopreden,
)
from contracts.rechten import Daad
from services.monitoring.domain import correcties
from services.monitoring.domain.antwoord import CLOSED, conflict, invalid, not_theirs, unknown
from services.monitoring.domain.berichten import Boodschap, about_casus
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.escalaties import reopen
from services.monitoring.domain.feiten import add_feit
from services.monitoring.domain.herrekening import recompute
from services.monitoring.domain.invoer import AfsluitingInvoer, CorrectieInvoer, DwangmaatregelInvoer
from services.monitoring.domain.sluiten import (
    closure_of,
    is_closed,
    is_overtaken,
    why_not_close,
    without_overtaken_closure,
)
from services.monitoring.domain.toestand import Feit, Toezicht
from services.monitoring.domain.verloop import Verloop
from services.monitoring.domain.verschuiven import tell_shift
from services.monitoring.domain.vertellen import Uitleg
from services.monitoring.domain.zicht import zicht_at
from services.monitoring.handlers.kader import Kader, keep_words, may_act, who
from services.monitoring.handlers.monitormomenten import stop_monitoring
from services.monitoring.handlers.overnames import is_offered, offer
from services.runtime.unit.decision import Context, JsonObject, Outcome, Refused, Rejected, TooEarly
from services.runtime.unit.frozen import replace

FEITEN = {
    Dwangmaatregel.JEUGDBESCHERMINGSTAFEL: Anker.JEUGDBESCHERMINGSTAFEL_INGEBRACHT,
    Dwangmaatregel.HUISVERBOD: Anker.HUISVERBOD_OPGELEGD,
}
"""The moments that agreements refer to; a VTO itself is recorded, and what follows from it comes with the table."""


def report_dwangmaatregel(
    toezicht: Toezicht, invoer: DwangmaatregelInvoer, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """A coercive measure; at the jeugdbeschermingstafel monitoring ends, and the Raad may be asked to take over (MB 6)."""
    verloop, op = _begin(toezicht, invoer.op, context=context, kader=kader)
    if not isinstance(verloop, Verloop):
        return verloop
    if is_closed(toezicht):
        return CLOSED
    fase = verloop.fase
    regel = find_initiatief(toezicht.feiten, verloop.afspraken, op, aangeboden=toezicht.aangeboden)
    anker = FEITEN.get(invoer.maatregel)
    door = who(invoer.door, context)
    if anker is not None and any(feit.anker is anker for feit in toezicht.feiten):
        return conflict(f"{anker.label} is al vastgelegd")
    event = DwangmaatregelIngezet(
        regio=verloop.regio,
        gemeente=toezicht.gemeente or "",
        door=door,
        maatregel=invoer.maatregel,
        ingezet_op=op,
        regel_id=None if regel is None else regel.id,
    )
    verloop.tell(event, Uitleg("dwangmaatregel", event.regel_id, {"maatregel": invoer.maatregel.value, "door": door}))
    if anker is not None:
        verloop.toezicht = add_feit(
            verloop.toezicht, Feit(anker, op, door, medewerker=context.sealer.seal(invoer.door))
        )
    if invoer.maatregel is Dwangmaatregel.JEUGDBESCHERMINGSTAFEL and fase is not None:
        stop_monitoring(verloop, fase, op, Stopreden.JEUGDBESCHERMINGSTAFEL, door=door)
    if invoer.maatregel is Dwangmaatregel.HUISVERBOD:
        verloop.events.extend(_tell_of_huisverbod(verloop, context=context, kader=kader))
    if anker is not None:
        _offer_as_agreed(verloop, anker, context=context, kader=kader)
    keep_words(verloop, context, invoer.door, invoer.toelichting)
    verloop.follow_facts()
    return kader.decide(toezicht, verloop, answer=_dwang_answer(invoer, op, regel, verloop))


def _offer_as_agreed(verloop: Verloop, anker: Anker, *, context: Context, kader: Kader) -> None:
    """Whoever bears zicht and does this, asks the party that the agreements name to take over (MB 6)."""
    bearer = zicht_at(verloop.toezicht.zicht, context.now)
    if bearer is None or bearer.partij not in kader.codes(context):
        return
    for regel in verloop.afspraken.aanbiedingen:
        partij = kader.partijen.code(regel.aan, regio=verloop.regio, gemeente=verloop.toezicht.gemeente or "")
        if regel.bij is anker and regel.door is bearer.drager and is_offered(partij, context=context, kader=kader):
            offer(verloop, partij, context=context, kader=kader)
            verloop.uitleg.append(Uitleg("een andere partij is gevraagd over te nemen", regel.id, {"partij": partij}))


def close_casus(toezicht: Toezicht, invoer: AfsluitingInvoer, *, context: Context, kader: Kader) -> Outcome[Toezicht]:
    """Whoever bears zicht op veiligheid decides that it is stably safe; nobody bears it from then on (AEF C)."""
    verloop, op = _begin(toezicht, invoer.op, context=context, kader=kader)
    if not isinstance(verloop, Verloop):
        return verloop
    if any(feit.anker is Anker.CASUS_GESLOTEN for feit in toezicht.feiten):
        return conflict("deze casus is al gesloten")
    bearer = zicht_at(toezicht.zicht, context.now)
    if bearer is None or not may_act(toezicht, context=context, kader=kader, daad=Daad.CASUS_SLUITEN):
        return not_theirs("alleen wie zicht op veiligheid draagt sluit een casus")
    if reason := why_not_close(verloop.casus, verloop.fase, bearer, wie=kader.wie(toezicht, context)):
        return conflict(reason)
    if invoer.op is not None and is_overtaken(verloop.casus, op):
        return invalid(Problem("op", "ligt vóór een moment waarop nog iemand met deze casus verderging"))
    door = who(invoer.door, context)
    gemeente = toezicht.gemeente or ""
    event = CasusGesloten(regio=verloop.regio, gemeente=gemeente, door=door, reden=invoer.reden, gesloten_op=op)
    verloop.tell(event, Uitleg("casus gesloten", None, {"reden": invoer.reden.value, "door": door}))
    verloop.events.append(SluitingDoorgegeven(regio=verloop.regio, gemeente=gemeente, door=door, gesloten_op=op))
    closed = replace(verloop.toezicht, sluitreden=invoer.reden)
    verloop.toezicht = add_feit(
        closed, Feit(Anker.CASUS_GESLOTEN, op, door, medewerker=context.sealer.seal(invoer.door))
    )
    keep_words(verloop, context, invoer.door, invoer.toelichting)
    verloop.follow_facts()
    return kader.decide(toezicht, verloop, answer={"reden": invoer.reden.value, "geslotenOp": op.isoformat()})


def follow_heropening(before: Toezicht, verloop: Verloop) -> None:
    """A closure turned out to be none: what it ended runs on, and the other services and Veilig Thuis hear that."""
    was = Casus(verloop.casus_id, before, verloop.partijen)
    verloop.toezicht = toezicht = without_overtaken_closure(was, verloop.casus)
    closed = closure_of(before)
    if closed is None or closure_of(toezicht) is not None:
        return
    newest = toezicht.feiten[-1]
    gemeente = toezicht.gemeente or ""
    event = SluitingDoorgegeven(
        regio=verloop.regio, gemeente=gemeente, door=closed.door, gesloten_op=closed.op, vervallen_op=verloop.now
    )
    facts = {"gesloten": closed.op.isoformat(), "door": closed.door, "feit": newest.anker.label}
    verloop.tell(event, Uitleg("sluiting vervallen: er was al iets begonnen", None, {**facts}))
    aanspreekpunt = verloop.afspraken.aanspreekpunt(Berichtsoort.SLUITING_VERVALLEN)
    message = Boodschap(
        "sluiting-vervallen",
        closed.op.isoformat(),
        "De casus is weer open",
        "De casus werd gesloten terwijl er al iets in begon. Kijk in Houvast wat er nu loopt en wie zicht draagt.",
        urgentie="spoed",
    )
    partij = verloop.partijen.code(Drager.VEILIG_THUIS, regio=verloop.regio, gemeente=gemeente)
    told = about_casus(
        message,
        partij=partij,
        rol=aanspreekpunt.rol,
        toezicht=toezicht,
        casus_id=verloop.casus_id,
        regel=aanspreekpunt,
    )
    verloop.events.append(told)
    recompute(verloop)
    _resume_ladders(verloop, closed)


def _resume_ladders(verloop: Verloop, closed: Feit) -> None:
    """Whom a ladder called last heard that nobody is called any more: they are called again, and it climbs on.

    A ladder about a term begins anew with that term.
    """
    for escalatie in verloop.toezicht.escalaties.values():
        ended_with_it = escalatie.afgehandeld_op is not None and escalatie.afgehandeld_op >= closed.op
        by_itself = escalatie.resultaat == Escalatieresultaat.GEEN_ACTIE_NODIG.value and escalatie.termijn_id is None
        if ended_with_it and by_itself:
            ladder = verloop.afspraken.ladder(escalatie.ladder_id)
            verloop.call_again(reopen(escalatie), ladder, is_last=False)


def correct_feit(toezicht: Toezicht, invoer: CorrectieInvoer, *, context: Context, kader: Kader) -> Outcome[Toezicht]:
    """Put the moment of a fact right: terms and zicht are computed anew, with a line that says what they were."""
    if not may_act(toezicht, context=context, kader=kader):
        return unknown("casus")
    feit = correcties.find(toezicht, invoer.feit, invoer.onderwerp_id)
    if isinstance(feit, str):
        return invalid(Problem("onderwerpId", feit))
    op = invoer.op.astimezone(UTC)
    if refused := _why_not_correct(toezicht, feit, op, context=context, kader=kader):
        return refused
    before = kader.verloop(toezicht, context)
    try:
        verloop = kader.verloop(correcties.put_right(toezicht, feit, op), context)
        _keep_overtaken(before, verloop)
    except Rejected as error:
        return invalid(Problem("op", str(error)))
    if isinstance(before, TooEarly) or isinstance(verloop, TooEarly):
        return conflict("de melding van deze casus is nog niet bekend")
    _tell_correction(verloop, feit, op, invoer, context)
    if before.afspraken.versie != verloop.afspraken.versie:
        versions = {"was": before.afspraken.versie, "is": verloop.afspraken.versie}
        verloop.uitleg.append(Uitleg("andere afspraken gelden op de juiste datum van de melding", None, {**versions}))
    keep_words(verloop, context, invoer.door, invoer.toelichting)
    recompute(verloop)
    verloop.follow_facts()
    tell_shift(verloop, toezicht, feit)
    answer: JsonObject = {"feit": feit.anker.value, "was": feit.op.isoformat(), "op": op.isoformat()}
    return kader.decide(toezicht, verloop, answer=answer)


def _why_not_correct(toezicht: Toezicht, feit: Feit, op: datetime, *, context: Context, kader: Kader) -> Refused | None:
    anyones = may_act(toezicht, context=context, kader=kader, daad=Daad.FEIT_CORRIGEREN)
    if not anyones and not correcties.is_own(feit, kader.codes(context)):
        return conflict("dit feit komt van een andere partij; laat die het corrigeren")
    if reasons := correcties.why_not(toezicht, feit, op, now=context.now):
        return invalid(*(Problem("op", reason) for reason in reasons))
    return conflict("dit feit heeft dit moment al") if op == feit.op else None


def _keep_overtaken(before: Verloop | TooEarly, after: Verloop | TooEarly) -> None:
    """A word of others that an act of another party overtook stays so, whatever is put right; raises `Rejected`."""
    if isinstance(before, TooEarly) or isinstance(after, TooEarly):
        return
    if find_overtaken(before.casus) - find_overtaken(after.casus):
        raise Rejected(correcties.VOLGORDE)


def _tell_correction(verloop: Verloop, feit: Feit, op: datetime, invoer: CorrectieInvoer, context: Context) -> None:
    door = who(invoer.door, context)
    kinds = (FeitGecorrigeerd, CorrectieDoorgegeven)
    noted, passed_on = (
        kind(
            regio=verloop.regio,
            gemeente=verloop.toezicht.gemeente or "",
            door=door,
            feit=feit.anker.value,
            onderwerp_id=feit.onderwerp_id,
            was_op=feit.op,
            op=op,
            gecorrigeerd_op=context.now,
        )
        for kind in kinds
    )
    facts = {"feit": feit.anker.value, "was": feit.op.isoformat(), "is": op.isoformat(), "door": door}
    verloop.tell(noted, Uitleg("feit gecorrigeerd", None, {**facts}))
    verloop.events.append(passed_on)


def _begin(
    toezicht: Toezicht, given: datetime | None, *, context: Context, kader: Kader
) -> tuple[Verloop | Refused | TooEarly, datetime]:
    op = (given or context.now).astimezone(UTC)
    if not may_act(toezicht, context=context, kader=kader):
        return unknown("casus"), op
    if op > context.now:
        return invalid(Problem("op", "ligt in de toekomst")), op
    if toezicht.peilmoment is not None and op < toezicht.peilmoment:
        return invalid(Problem("op", "ligt vóór de melding")), op
    return kader.verloop(toezicht, context), op


def _tell_of_huisverbod(verloop: Verloop, *, context: Context, kader: Kader) -> list[Gebeurtenis]:
    """The lokaal team is told in time of a huisverbod (AEF 2.4), and so is a ketenpartner that bears zicht."""
    toezicht = verloop.toezicht
    codes = [kader.partijen.code(Drager.LOKAAL_TEAM, regio=verloop.regio, gemeente=toezicht.gemeente or "")]
    bearer = zicht_at(toezicht.zicht, context.now)
    if bearer is not None and bearer.drager is Drager.KETENPARTNER and bearer.partij is not None:
        codes.append(bearer.partij)
    message = Boodschap(
        "huisverbod",
        "opgelegd",
        "Tijdelijk huisverbod opgelegd",
        "Stem af met Veilig Thuis welke hulp nodig is; er is vaak al hulp ingezet. In Houvast hoeft u daarvoor niets vast te "
        "leggen.",
    )
    regel = next((item for item in verloop.afspraken.partijrollen if item.id == "partij-huisverbod"), None)
    rol = verloop.afspraken.rol_voor(Berichtsoort.HUISVERBOD)
    return [
        about_casus(message, partij=code, rol=rol, toezicht=toezicht, casus_id=context.casus_id, regel=regel)
        for code in codes
    ]


def _dwang_answer(invoer: DwangmaatregelInvoer, op: datetime, regel: Initiatief | None, verloop: Verloop) -> JsonObject:
    return {
        "maatregel": invoer.maatregel.value,
        "ingezetOp": op.isoformat(),
        "initiatief": None if regel is None else regel.initiatief.value,
        "initiatiefRegel": None if regel is None else regel.id,
        "monitoring": "loopt" if verloop.fase is not None else "geen",
    }
