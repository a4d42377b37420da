"""Verbindend samenwerken, VBS: asked with consent, assigned, in contact, or back to the normal road (D9, MB 4.2)."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from contracts.afspraken import Afspraken, Anker, Berichtsoort, GeenAfspraken, local_date
from contracts.afspraken.model import Aanspreekpunt
from contracts.messages.door_mensen import who_did
from contracts.messages.envelope import Gebeurtenis, Problem
from contracts.messages.handover import (
    VbsCapaciteitGesignaleerd,
    VbsContactGelegd,
    VbsEersteContact,
    VbsGevraagd,
    VbsUrgentie,
    VbsVerdeeld,
)
from contracts.messages.identifiers import CasusId, derived_id, short_reference
from contracts.messages.notifier import NotificatieGevraagd, NotificatieUrgentie
from contracts.messages.triage import DienstAfgerond, DienstGestart
from contracts.rechten import Daad, may
from contracts.register import NietInRegister
from services.handover.domain.antwoord import NOT_FOUND, why_otherwise
from services.handover.domain.casus import Casus
from services.handover.domain.invoer import (
    CapaciteitssignaalInvoer,
    ContactInvoer,
    EersteContactInvoer,
    SamenwerkingInvoer,
    VbsVerdelingInvoer,
)
from services.handover.domain.kader import Kader
from services.handover.domain.relaties import of_casus, of_samenwerking
from services.handover.domain.samenwerking import TRANSITIONS, Dienst, Samenwerking, Samenwerkstatus
from services.handover.domain.terugnemen import why_closed
from services.runtime.unit.decision import Context, Decision, JournalLine, JsonObject, Outcome, Reference, Refused
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, invalid, iso, seal, unchanged

_URGENTIE = {VbsUrgentie.CRISIS: NotificatieUrgentie.CRISIS, VbsUrgentie.REGULIER: NotificatieUrgentie.GEWOON}


def note_dienst(state: Casus | None, event: DienstGestart | DienstAfgerond) -> Decision[Casus]:
    """Remember which dienst runs; one that ended lets a team that never joined go back to the normal road."""
    casus = state or Casus()
    dienst = casus.dienst(event.dienst_id) or Dienst(
        event.dienst_id, event.regio, event.gemeente, event.melding_ontvangen_op
    )
    if isinstance(event, DienstGestart):
        return Decision(casus.with_dienst(replace(dienst, gestart_op=dienst.gestart_op or event.gestart_op)))
    ended = casus.with_dienst(replace(dienst, afgerond_op=dienst.afgerond_op or event.afgerond_op))
    lines: list[JournalLine] = []
    for samenwerking in ended.samenwerkingen:
        joins_no_more = Samenwerkstatus.NIET_AANGESLOTEN in TRANSITIONS[samenwerking.status]
        if samenwerking.dienst_id == event.dienst_id and joins_no_more:
            stopped = replace(samenwerking, status=Samenwerkstatus.NIET_AANGESLOTEN, gestopt_op=event.afgerond_op)
            ended = ended.with_samenwerking(stopped)
            lines.append(_line("vbs-niet-aangesloten", stopped, event.afgerond_op))
    return Decision(ended, journal=tuple(lines))


def ask_samenwerking(
    state: Casus | None, invoer: SamenwerkingInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Ask the team to walk along in the dienst that runs. Without consent the normal road holds."""
    if state is None or not may(Daad.SAMENWERKING_VRAGEN, of_casus(context.actor, state, kader=kader)):
        return NOT_FOUND
    if (dienst := state.running_dienst) is None:
        return why_closed(state) or NO_DIENST
    gemeente = invoer.gemeente or dienst.gemeente
    earlier = next((item for item in state.samenwerkingen if _is_same(item, dienst, gemeente, invoer.team)), None)
    if earlier is not None:
        return unchanged(state, samenwerking_answer(context.casus_id, earlier))
    if problems := _check_receiver(gemeente, invoer.team, now=context.now, kader=kader):
        return invalid(problems)
    try:
        afspraken = kader.rule_book.for_case(
            regio=dienst.regio, gemeente=gemeente, on=local_date(dienst.melding_ontvangen_op)
        )
    except GeenAfspraken as error:
        return invalid((Problem("gemeente", str(error)),))
    refused = why_closed(state) or _check_consent(invoer, afspraken)
    return refused or _ask(state, dienst, invoer, gemeente, afspraken, context=context)


def _check_consent(invoer: SamenwerkingInvoer, afspraken: Afspraken) -> Refused | None:
    vorm = next(iter(afspraken.samenwerkvormen), None)
    if vorm is None:
        message = f"de afspraken {afspraken.versie} kennen geen verbindend samenwerken; de gewone weg geldt"
        return conflict("Geen verbindend samenwerken", message, code="geen-samenwerkvorm")
    if vorm.toestemming_client and not invoer.toestemming:
        message = f"zonder toestemming van de cliënt kan dit niet ({vorm.vindplaats}): "
        return conflict("Geen toestemming", message + vorm.zonder_toestemming, code="geen-toestemming")
    return None


def _ask(
    state: Casus, dienst: Dienst, invoer: SamenwerkingInvoer, gemeente: str, afspraken: Afspraken, *, context: Context
) -> Decision[Casus]:
    asked = Samenwerking(
        id=context.new_id(),
        dienst_id=dienst.id,
        regio=dienst.regio,
        gemeente=gemeente,
        team=invoer.team,
        urgentie=invoer.urgentie,
        melding_ontvangen_op=dienst.melding_ontvangen_op,
        gevraagd_op=context.now,
        aanvrager=seal(context, invoer.aanvrager),
    )
    event = VbsGevraagd(
        **_common(asked), urgentie=asked.urgentie, gevraagd_op=asked.gevraagd_op, medewerker=asked.aanvrager
    )
    until = _assign_before(asked, afspraken)
    line = JournalLine(
        "vbs-gevraagd",
        afspraken.samenwerkvormen[0].id,
        afspraken.versie,
        {"samenwerking": str(asked.id), "gemeente": gemeente, "urgentie": asked.urgentie.value, "toestemming": True},
    )
    tell = _tell_team(asked, afspraken.aanspreekpunt(Berichtsoort.VBS_GEVRAAGD), context.casus_id, until)
    return Decision(
        state.with_samenwerking(asked),
        events=(event, tell),
        journal=(line,),
        references=(Reference("samenwerking", str(asked.id)),),
        answer=samenwerking_answer(context.casus_id, asked),
    )


def signal_capacity(
    state: Casus | None, samenwerking_id: UUID, invoer: CapaciteitssignaalInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """The team has no staff and says so at once; Veilig Thuis may start alone and the team joins later."""
    samenwerking = _find(state, samenwerking_id, Daad.SAMENWERKING_BEANTWOORDEN, context=context, kader=kader)
    if state is None or samenwerking is None:
        return NOT_FOUND
    if samenwerking.capaciteit_gesignaleerd_op is not None:
        return unchanged(state, samenwerking_answer(context.casus_id, samenwerking))
    if refused := why_closed(state) or why_not_step(samenwerking, Samenwerkstatus.WACHT_OP_CAPACITEIT):
        return refused
    signalled = replace(
        samenwerking, status=Samenwerkstatus.WACHT_OP_CAPACITEIT, capaciteit_gesignaleerd_op=context.now
    )
    door, wie = context.actor.partij, seal(context, who_did(context.actor, invoer.medewerker))
    event = VbsCapaciteitGesignaleerd(
        **_common(signalled), gesignaleerd_op=context.now, gesignaleerd_door=door, medewerker=wie
    )
    tell = _tell_veilig_thuis(signalled, context.casus_id, kader)
    return _decide(state, signalled, event, "vbs-capaciteit-gesignaleerd", context.now, context=context, tell=tell)


def assign(
    state: Casus | None, samenwerking_id: UUID, invoer: VbsVerdelingInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """The team assigned the case to a worker."""
    samenwerking = _find(state, samenwerking_id, Daad.SAMENWERKING_BEANTWOORDEN, context=context, kader=kader)
    if state is None or samenwerking is None:
        return NOT_FOUND
    if samenwerking.verdeeld_op is not None:
        known, said = (samenwerking.verdeeld_op, samenwerking.verdeeld_aan), (invoer.verdeeld_op, invoer.medewerker)
        otherwise = why_otherwise(known, said, wat="verdeeld", context=context, bij="aan")
        return otherwise or unchanged(state, samenwerking_answer(context.casus_id, samenwerking))
    if refused := why_closed(state) or why_not_step(samenwerking, Samenwerkstatus.VERDEELD):
        return refused
    op = invoer.verdeeld_op or context.now
    if problems := _check_moment("verdeeldOp", op, samenwerking.gevraagd_op, context=context, kader=kader):
        return invalid(problems)
    medewerker = seal(context, invoer.medewerker)
    assigned = replace(samenwerking, status=Samenwerkstatus.VERDEELD, verdeeld_op=op, verdeeld_aan=medewerker)
    door = context.actor.partij
    event = VbsVerdeeld(
        **_common(assigned),
        verdeeld_op=op,
        verdeeld_door=door,
        medewerker=medewerker,
        verdeler=seal(context, who_did(context.actor)),
    )
    return _decide(state, assigned, event, "vbs-verdeeld", op, context=context)


def note_eerste_contact(
    state: Casus | None, samenwerking_id: UUID, invoer: EersteContactInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Team and Veilig Thuis spoke: from here the week runs in which the family is met."""
    samenwerking = _find(state, samenwerking_id, Daad.SAMENWERKCONTACT_MELDEN, context=context, kader=kader)
    if state is None or samenwerking is None:
        return NOT_FOUND
    if samenwerking.eerste_contact_op is not None:
        return _said_before(samenwerking.eerste_contact_op, invoer.contact_op) or unchanged(
            state, samenwerking_answer(context.casus_id, samenwerking)
        )
    if refused := why_closed(state) or why_not_step(samenwerking, Samenwerkstatus.EERSTE_CONTACT):
        return refused
    op = invoer.contact_op or context.now
    if problems := _check_moment("contactOp", op, samenwerking.gevraagd_op, context=context, kader=kader):
        return invalid(problems)
    spoken = replace(samenwerking, status=Samenwerkstatus.EERSTE_CONTACT, eerste_contact_op=op)
    door, wie = context.actor.partij, seal(context, who_did(context.actor))
    event = VbsEersteContact(**_common(spoken), contact_op=op, gemeld_door=door, medewerker=wie)
    return _decide(state, spoken, event, "vbs-eerste-contact", op, context=context)


def note_contact(
    state: Casus | None, samenwerking_id: UUID, invoer: ContactInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """The people involved were met, at home or otherwise."""
    samenwerking = _find(state, samenwerking_id, Daad.SAMENWERKCONTACT_MELDEN, context=context, kader=kader)
    if state is None or samenwerking is None:
        return NOT_FOUND
    if samenwerking.contact_gelegd_op is not None:
        return _said_before(samenwerking.contact_gelegd_op, invoer.contact_op) or unchanged(
            state, samenwerking_answer(context.casus_id, samenwerking)
        )
    if refused := why_closed(state) or why_not_step(samenwerking, Samenwerkstatus.CONTACT_GELEGD):
        return refused
    assert samenwerking.eerste_contact_op is not None, "the table knows no other road here"
    op = invoer.contact_op or context.now
    if problems := _check_moment("contactOp", op, samenwerking.eerste_contact_op, context=context, kader=kader):
        return invalid(problems)
    met = replace(samenwerking, status=Samenwerkstatus.CONTACT_GELEGD, contact_gelegd_op=op)
    door, wie = context.actor.partij, seal(context, who_did(context.actor))
    event = VbsContactGelegd(**_common(met), contact_op=op, wijze=invoer.wijze, gemeld_door=door, medewerker=wie)
    return _decide(state, met, event, "vbs-contact-gelegd", op, context=context)


def _said_before(known: datetime, said: datetime | None) -> Refused | None:
    """Another moment than the one that is known is not swallowed."""
    if said is None or said == known:
        return None
    message = f"dit contact is al vastgelegd, op {iso(known)}; klopt dat niet, corrigeer dan het moment"
    return conflict("Al vastgelegd", message, code="al-vastgelegd")


def samenwerking_answer(casus_id: CasusId, samenwerking: Samenwerking) -> JsonObject:
    """What whoever asks or answers gets back, the first time and every next one."""
    return {
        "id": str(samenwerking.id),
        "casusId": str(casus_id),
        "referentie": short_reference(casus_id),
        "dienstId": str(samenwerking.dienst_id),
        "gemeente": samenwerking.gemeente,
        "team": samenwerking.team,
        "urgentie": samenwerking.urgentie.value,
        "status": samenwerking.status.value,
        "gevraagdOp": iso(samenwerking.gevraagd_op),
        "verdeeldOp": _moment(samenwerking.verdeeld_op),
        "eersteContactOp": _moment(samenwerking.eerste_contact_op),
        "contactGelegdOp": _moment(samenwerking.contact_gelegd_op),
    }


def _decide(
    state: Casus,
    changed: Samenwerking,
    event: Gebeurtenis,
    what: str,
    op: datetime,
    *,
    context: Context,
    tell: NotificatieGevraagd | None = None,
) -> Decision[Casus]:
    return Decision(
        state.with_samenwerking(changed),
        events=(event,) if tell is None else (event, tell),
        journal=(_line(what, changed, op),),
        answer=samenwerking_answer(context.casus_id, changed),
    )


def _tell_team(
    asked: Samenwerking, aanspreekpunt: Aanspreekpunt, casus_id: CasusId, until: datetime | None
) -> NotificatieGevraagd:
    return NotificatieGevraagd(
        notificatie_id=derived_id("notificatie", str(asked.id), "vbs-gevraagd"),
        regio=asked.regio,
        partij=asked.gemeente,
        gemeente=asked.gemeente,
        team=asked.team,
        rol=aanspreekpunt.rol.value,
        urgentie=_URGENTIE[asked.urgentie],
        onderwerp="Verzoek om verbindend samenwerken",
        gevraagd="Verdeel deze casus aan een medewerker, of meld meteen dat er geen capaciteit is.",
        referentie=short_reference(casus_id),
        wettelijk_moment=until,
        bron=aanspreekpunt.herkomst,
        link=f"/casus/{casus_id}",
    )


def _tell_veilig_thuis(told: Samenwerking, casus_id: CasusId, kader: Kader) -> NotificatieGevraagd | None:
    on = local_date(told.melding_ontvangen_op)
    try:
        partij = kader.register.veilig_thuis(told.regio).code
    except NietInRegister:
        return None
    aanspreekpunt = kader.rule_book.aanspreekpunt(Berichtsoort.VBS_ZONDER_CAPACITEIT, regio=told.regio, on=on)
    return NotificatieGevraagd(
        notificatie_id=derived_id("notificatie", str(told.id), "vbs-capaciteit"),
        regio=told.regio,
        partij=partij,
        gemeente=told.gemeente,
        team=told.team,
        rol=aanspreekpunt.rol.value,
        urgentie=_URGENTIE[told.urgentie],
        onderwerp="Geen capaciteit voor verbindend samenwerken",
        gevraagd="Beslis of Veilig Thuis de dienst alvast alleen start; het team sluit later aan.",
        referentie=short_reference(casus_id),
        bron=aanspreekpunt.herkomst,
        link=f"/casus/{casus_id}",
    )


def _assign_before(asked: Samenwerking, afspraken: Afspraken) -> datetime | None:
    situatie = {"vbs_urgentie": asked.urgentie.value}
    ends = [
        regel.end(asked.gevraagd_op, afspraken.kalender)
        for regel in afspraken.termijnen_from(Anker.VBS_GEVRAAGD)
        if regel.applies(situatie)
    ]
    return min(ends, default=None)


def _check_receiver(gemeente: str, team: str | None, *, now: datetime, kader: Kader) -> list[Problem]:
    try:
        receiver = kader.register.gemeente(gemeente, on=local_date(now))
    except NietInRegister as error:
        return [Problem("gemeente", str(error))]
    if team is not None and receiver.team(team) is None:
        return [Problem("team", f"is geen team van {receiver.naam}")]
    return []


def why_not_step(samenwerking: Samenwerking, step: Samenwerkstatus) -> Refused | None:
    """Why this is not the next step of it; None where it is."""
    if step in TRANSITIONS[samenwerking.status]:
        return None
    message = f"deze samenwerking is {samenwerking.status.value}"
    return conflict("Past niet bij de huidige toestand", message, code="conflict")


def _check_moment(place: str, op: datetime, not_before: datetime, *, context: Context, kader: Kader) -> list[Problem]:
    if op > context.now + kader.moment_vooruit:
        return [Problem(place, "ligt in de toekomst")]
    if op < not_before - kader.moment_vooruit:
        return [Problem(place, f"ligt vóór {iso(not_before)}, toen dit nog niet kon")]
    return []


def _find(
    state: Casus | None, samenwerking_id: UUID, daad: Daad, *, context: Context, kader: Kader
) -> Samenwerking | None:
    """The samenwerking, for whom it is with; for anyone else, also whom it was with, it does not exist."""
    samenwerking = None if state is None else state.samenwerking(samenwerking_id)
    if samenwerking is None:
        return None
    relaties = of_samenwerking(context.actor, samenwerking, kader=kader, at=context.now)
    return samenwerking if may(daad, relaties) else None


def _is_same(item: Samenwerking, dienst: Dienst, gemeente: str, team: str | None) -> bool:
    return (item.dienst_id, item.gemeente, item.team) == (dienst.id, gemeente, team)


NO_DIENST = conflict("Geen dienst", "verbindend samenwerken hoort bij een dienst die loopt", code="geen-dienst")


class _Velden(TypedDict):
    samenwerking_id: UUID
    dienst_id: UUID
    regio: str
    gemeente: str
    team: str | None
    melding_ontvangen_op: datetime


def _common(samenwerking: Samenwerking) -> _Velden:
    return _Velden(
        samenwerking_id=samenwerking.id,
        dienst_id=samenwerking.dienst_id,
        regio=samenwerking.regio,
        gemeente=samenwerking.gemeente,
        team=samenwerking.team,
        melding_ontvangen_op=samenwerking.melding_ontvangen_op,
    )


def _line(what: str, samenwerking: Samenwerking, op: datetime) -> JournalLine:
    facts: JsonObject = {"samenwerking": str(samenwerking.id), "gemeente": samenwerking.gemeente, "op": iso(op)}
    return JournalLine(what, facts=facts)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else iso(at)
