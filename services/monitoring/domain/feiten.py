"""From an event to facts: what happened, about what, when in the real world. The order of arrival does not matter."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.afspraken import Anker
from contracts.messages.documenten import Aanvaardingsbewijs
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.handover import (
    AfleveringGestagneerd,
    Betrokkenenbrief,
    BetrokkenenGeinformeerd,
    OntvangstBevestigd,
    OverdrachtAangemaakt,
    OverdrachtAfgeleverd,
    OverdrachtGeweigerd,
    OverdrachtIngetrokken,
    OverdrachtOpgepakt,
    OverdrachtTeruggekoppeld,
    PlanOpgesteld,
    Plansoort,
    VbsContactGelegd,
    VbsEersteContact,
    VbsGevraagd,
    VbsVerdeeld,
)
from contracts.messages.identifiers import derived_id
from contracts.messages.notifier import Doelgroep
from contracts.messages.triage import (
    Besluit,
    DienstAfgerond,
    DienstGestart,
    MelderGeinformeerd,
    MeldingOntvangen,
    MeldpuntmeldingDoorgezet,
    MeldpuntmeldingOntvangen,
    MeldpuntmeldingOvergenomen,
    OverdrachtsgesprekGepland,
    OverdrachtsgesprekVervallen,
    TriagebesluitGenomen,
    WarmeOverdrachtGehouden,
)
from services.monitoring.domain.handtekening import sign
from services.monitoring.domain.sluiten import without_closures_on_hearsay
from services.monitoring.domain.toestand import Besluitbeeld, Feit, Overdrachtbeeld, Samenwerkbeeld, Toezicht
from services.runtime.unit.frozen import replace

OverdrachtEvent = (
    OverdrachtAangemaakt
    | OverdrachtAfgeleverd
    | AfleveringGestagneerd
    | OntvangstBevestigd
    | OverdrachtOpgepakt
    | OverdrachtTeruggekoppeld
    | OverdrachtGeweigerd
    | OverdrachtIngetrokken
)

SamenwerkEvent = VbsGevraagd | VbsVerdeeld | VbsEersteContact | VbsContactGelegd
Gesprekevent = OverdrachtsgesprekGepland | OverdrachtsgesprekVervallen
DienstEvent = DienstGestart | DienstAfgerond | WarmeOverdrachtGehouden | Gesprekevent


def note(toezicht: Toezicht, event: Gebeurtenis, *, door: str) -> Toezicht | None:
    """The case with what this event says in it, or None for an event that monitoring does not look at.

    Events may come twice and in any order: the outcome is the same.
    """
    noted = _note(toezicht, event, door)
    return None if noted is None else without_closures_on_hearsay(sign(toezicht, noted, event))


def _note(toezicht: Toezicht, event: Gebeurtenis, door: str) -> Toezicht | None:  # noqa: PLR0911  a table of events
    match event:
        case MeldingOntvangen():
            doelgroep = Doelgroep.of_melding(minderjarigen_betrokken=event.minderjarigen_betrokken)
            known = replace(
                toezicht,
                bron=event.bron.value,
                urgentie=event.urgentie,
                doelgroep=doelgroep.along_with(toezicht.doelgroep),
            )
            known = _note_melding(known, event, event.ontvangen_op)
            return add_feit(known, Feit(Anker.MELDING_ONTVANGEN, utc(event.ontvangen_op), door, event.melding_id))
        case TriagebesluitGenomen():
            return _note_triagebesluit(toezicht, event, door)
        case _ if isinstance(event, DienstEvent):
            return _note_dienst(toezicht, event, door)
        case VbsGevraagd() | VbsVerdeeld() | VbsEersteContact() | VbsContactGelegd():
            return _note_samenwerking(toezicht, event, door)
        case MeldpuntmeldingOntvangen() | MeldpuntmeldingDoorgezet() | MeldpuntmeldingOvergenomen():
            return _note_meldpuntmelding(toezicht, event, door)
        case BetrokkenenGeinformeerd() | MelderGeinformeerd():
            return _note_informed(toezicht, event, door)
        case PlanOpgesteld():
            return _note_plan(toezicht, event)
        case _ if isinstance(event, OverdrachtEvent):
            return _note_overdracht(toezicht, event, door)
        case _:
            return None


def add_feit(toezicht: Toezicht, feit: Feit) -> Toezicht:
    """The case with this fact.

    Told again, the earliest moment counts, unless somebody put it right; a real fact replaces an inferred one.
    """
    others = toezicht.feiten
    for known in others:
        if known.key == feit.key:
            if known.was_op is not None or known.op <= feit.op:
                return toezicht
            others = tuple(other for other in others if other is not known)
    if feit.anker is Anker.MELDING_ONTVANGEN:
        if feit.onderwerp_id is None and any(known.anker is feit.anker for known in others):
            return toezicht
        others = tuple(known for known in others if known.anker is not feit.anker or known.onderwerp_id is not None)
    return replace(toezicht, feiten=(*others, feit))


def utc(moment: datetime) -> datetime:
    """The same moment, in UTC."""
    return moment.astimezone(UTC)


def _note_melding(
    toezicht: Toezicht, event: MeldingOntvangen | TriagebesluitGenomen | DienstEvent, op: datetime
) -> Toezicht:
    known = replace(
        toezicht,
        regio=event.regio,
        gemeente=event.gemeente,
        gemeente_van_melding=True,
        melding_op=toezicht.melding_op if _is_corrected(toezicht) else utc(op),
        melding_id=event.melding_id,
    )
    return add_feit(known, Feit(Anker.MELDING_ONTVANGEN, utc(op), "houvast-triage"))


def _is_corrected(toezicht: Toezicht) -> bool:
    """Whether somebody put the moment of the melding right."""
    return any(feit.anker is Anker.MELDING_ONTVANGEN and feit.was_op is not None for feit in toezicht.feiten)


def _note_triagebesluit(toezicht: Toezicht, event: TriagebesluitGenomen, door: str) -> Toezicht:
    """An overleg decides nothing yet: the term of the veiligheidsbeoordeling runs on."""
    known = _note_melding(toezicht, event, event.melding_ontvangen_op)
    known = add_feit(known, Feit(Anker.MELDING_ONTVANGEN, utc(event.melding_ontvangen_op), door, event.melding_id))
    if event.besluit is Besluit.OVERLEG:
        return known
    op, wie = utc(event.genomen_op), event.functie
    beeld = Besluitbeeld(event.besluit, event.informeert, event.melder)
    known = replace(known, besluiten={**known.besluiten, event.triagebesluit_id: beeld})
    known = add_feit(
        known, Feit(Anker.TRIAGEBESLUIT_GENOMEN, op, wie, event.melding_id, bron_id=event.triagebesluit_id)
    )
    if event.besluit is Besluit.ACUTE_CRISIS:
        crisis = Feit(Anker.ACUTE_CRISIS_VASTGESTELD, op, wie, event.melding_id, bron_id=event.triagebesluit_id)
        return add_feit(known, crisis)
    if event.besluit is Besluit.GEEN_VERVOLG:
        return add_feit(known, Feit(Anker.CASUS_GESLOTEN, op, wie, bron_id=event.triagebesluit_id))
    return known


def _note_dienst(toezicht: Toezicht, event: DienstEvent, door: str) -> Toezicht:
    known = _note_melding(toezicht, event, event.melding_ontvangen_op)
    if isinstance(event, Gesprekevent):
        return _note_gesprek(known, event, door)
    if isinstance(event, WarmeOverdrachtGehouden):
        if event.partij is not None:
            known = replace(known, ketenpartners={**known.ketenpartners, event.dienst_id: event.partij})
        return add_feit(known, Feit(Anker.WARME_OVERDRACHT_GEHOUDEN, utc(event.gehouden_op), door, event.dienst_id))
    if isinstance(event, DienstGestart):
        return add_feit(known, Feit(Anker.DIENST_GESTART, utc(event.gestart_op), door, event.dienst_id))
    return add_feit(known, Feit(Anker.DIENST_AFGEROND, utc(event.afgerond_op), door, event.dienst_id))


def _note_gesprek(toezicht: Toezicht, event: Gesprekevent, door: str) -> Toezicht:
    """Every moment that a conversation was planned for is a thing of its own; it ends where another takes its place."""
    known, said = toezicht, utc(event.vastgelegd_op)
    if event.was_op is not None:
        was = _gesprek_id(event.dienst_id, event.was_op)
        known = add_feit(known, Feit(Anker.OVERDRACHTSGESPREK_VERVALLEN, said, door, was))
    if isinstance(event, OverdrachtsgesprekVervallen):
        return known
    planned = _gesprek_id(event.dienst_id, event.gesprek_op)
    return add_feit(known, Feit(Anker.OVERDRACHTSGESPREK_GEPLAND, said, door, planned, voor=utc(event.gesprek_op)))


def _gesprek_id(dienst_id: UUID, op: datetime) -> UUID:
    return derived_id("overdrachtsgesprek", str(dienst_id), utc(op).isoformat())


def _note_meldpuntmelding(
    toezicht: Toezicht,
    event: MeldpuntmeldingOntvangen | MeldpuntmeldingDoorgezet | MeldpuntmeldingOvergenomen,
    door: str,
) -> Toezicht:
    known = replace(toezicht, regio=toezicht.regio or event.regio)
    if isinstance(event, MeldpuntmeldingOvergenomen):
        op = utc(event.overgenomen_op)
        return add_feit(known, Feit(Anker.MELDPUNTMELDING_OVERGENOMEN, op, event.door, event.meldpuntmelding_id))
    known = replace(known, gemeente=toezicht.gemeente or event.gemeente, meldpunt_acuut=event.crisis)
    if isinstance(event, MeldpuntmeldingOntvangen):
        known = replace(known, meldpunt_hgkm=event.vermoeden_hgkm)
    op = utc(event.ontvangen_op)
    return add_feit(known, Feit(Anker.MELDPUNTMELDING_ONTVANGEN, op, door, event.meldpuntmelding_id))


def _note_samenwerking(toezicht: Toezicht, event: SamenwerkEvent, door: str) -> Toezicht:
    known = toezicht.samenwerkingen.get(event.samenwerking_id)
    beeld = Samenwerkbeeld(
        event.samenwerking_id,
        event.gemeente,
        event.team,
        event.urgentie if isinstance(event, VbsGevraagd) else None if known is None else known.urgentie,
        event.medewerker if isinstance(event, VbsVerdeeld) else None if known is None else known.verdeeld_aan,
    )
    op = utc(event.melding_ontvangen_op)
    seen = replace(
        toezicht,
        regio=toezicht.regio or event.regio,
        gemeente=toezicht.gemeente or event.gemeente,
        melding_op=toezicht.melding_op or op,
        samenwerkingen={**toezicht.samenwerkingen, event.samenwerking_id: beeld},
    )
    seen = add_feit(seen, Feit(Anker.MELDING_ONTVANGEN, op, "houvast-triage"))
    return add_feit(seen, _feit_of_samenwerking(event, door))


def _note_informed(toezicht: Toezicht, event: BetrokkenenGeinformeerd | MelderGeinformeerd, door: str) -> Toezicht:
    """Somebody was told, each party by itself; a correction takes the place of what that party said before."""
    wie, op = event.geinformeerd_door or door, utc(event.geinformeerd_op)
    if isinstance(event, MelderGeinformeerd):
        feit = Feit(Anker.MELDER_GEINFORMEERD, op, wie, event.melding_id)
    elif event.brief is Betrokkenenbrief.ZONDER_CONTACT:
        feit = Feit(Anker.BRIEF_ZONDER_CONTACT_GESTUURD, op, wie, event.overdracht_id)
    else:
        bron = derived_id("geinformeerd", wie)
        feit = Feit(Anker.BETROKKENEN_GEINFORMEERD, op, wie, event.overdracht_id, bron_id=bron)
    if event.was_op is None:
        return add_feit(toezicht, feit)
    others = tuple(known for known in toezicht.feiten if known.key != feit.key)
    return replace(toezicht, feiten=(*others, replace(feit, was_op=utc(event.was_op))))


def _note_plan(toezicht: Toezicht, event: PlanOpgesteld) -> Toezicht:
    """It is the veiligheidsplan that has a term; the other plans follow it."""
    if Plansoort.VEILIGHEIDSPLAN not in event.plannen:
        return toezicht
    op, over = utc(event.opgesteld_op), event.overdracht_id
    return add_feit(toezicht, Feit(Anker.VEILIGHEIDSPLAN_OPGESTELD, op, event.opgesteld_door, over))


def _feit_of_samenwerking(event: SamenwerkEvent, door: str) -> Feit:
    over = event.samenwerking_id
    match event:
        case VbsGevraagd():
            return Feit(Anker.VBS_GEVRAAGD, utc(event.gevraagd_op), door, over)
        case VbsVerdeeld():
            return Feit(Anker.VBS_VERDEELD, utc(event.verdeeld_op), event.verdeeld_door, over)
        case VbsEersteContact():
            return Feit(Anker.VBS_EERSTE_CONTACT, utc(event.contact_op), event.gemeld_door, over)
        case VbsContactGelegd():
            return Feit(Anker.VBS_CONTACT_GELEGD, utc(event.contact_op), event.gemeld_door, over)


def accepted_instead(toezicht: Toezicht, event: MeldpuntmeldingOvergenomen) -> Toezicht:
    """The case in which another party than Veilig Thuis took a meldpuntmelding over: that party bears it (BK 4.4.1)."""
    over = event.meldpuntmelding_id
    others = tuple(
        feit for feit in toezicht.feiten if (feit.anker, feit.onderwerp_id) != (Anker.MELDPUNTMELDING_OVERGENOMEN, over)
    )
    feit = Feit(Anker.ANDERE_PARTIJ_AANVAARD, utc(event.overgenomen_op), event.door, over)
    return add_feit(replace(toezicht, feiten=others), feit)


def _note_overdracht(toezicht: Toezicht, event: OverdrachtEvent, door: str) -> Toezicht:
    op = utc(event.melding_ontvangen_op)
    beeld = toezicht.overdrachten.get(event.overdracht_id) or Overdrachtbeeld(
        event.overdracht_id, event.gemeente, partij=event.partij
    )
    beeld = replace(_seen(beeld, event), aangeboden_door=event.aangeboden_door or beeld.aangeboden_door)
    known = replace(toezicht, overdrachten={**toezicht.overdrachten, event.overdracht_id: beeld})
    if event.aangeboden_door is None:  # an offer says nothing of a melding: the meldpunt makes one without
        known = replace(
            known,
            regio=toezicht.regio or event.regio,
            gemeente=toezicht.gemeente or event.gemeente,
            melding_op=toezicht.melding_op or op,
        )
        known = add_feit(known, Feit(Anker.MELDING_ONTVANGEN, op, "houvast-triage"))
    known = _without_what_came_back(known, event)
    feit = _feit_of(event, door, event.overdracht_id)
    if feit is None or _came_back(known, feit):
        return known
    return note_aanvaard(known, feit, event.bewijs) if isinstance(event, OverdrachtOpgepakt) else add_feit(known, feit)


def note_aanvaard(toezicht: Toezicht, feit: Feit, bewijs: Aanvaardingsbewijs | None) -> Toezicht:
    """It was taken up: by the receiver itself, or as others say until the receiver says so or contradicts it.

    Both are facts: when others say that it was, and when the receiver did so itself.
    """
    assert feit.onderwerp_id is not None
    beeld = toezicht.overdrachten[feit.onderwerp_id]
    if bewijs is None:
        noted, said = replace(beeld, op_bewijs=False, zelf_aanvaard=True), feit
    else:
        noted = replace(beeld, op_bewijs=not (beeld.zelf_aanvaard or beeld.betwist))
        said = replace(
            feit,
            door=f"{bewijs.functie} van {beeld.ontvanger}, volgens {beeld.aangeboden_door}",
            volgens=beeld.aangeboden_door,
            bron_id=derived_id("bewijs", str(beeld.overdracht_id)),
        )
        noted = replace(noted, bewijs_op=min(said.op, beeld.bewijs_op or said.op))
    known = replace(toezicht, overdrachten={**toezicht.overdrachten, beeld.overdracht_id: noted})
    return known if beeld.betwist else add_feit(known, said)


def _without_what_was_contradicted(toezicht: Toezicht, overdracht_id: UUID) -> Toezicht:
    """The case in which the party that others said had accepted, did not, as it or they say now: nothing ever went over."""
    beeld = replace(toezicht.overdrachten[overdracht_id], betwist=True, op_bewijs=False)
    gone = (Anker.OVERDRACHT_OPGEPAKT, overdracht_id)
    feiten = tuple(feit for feit in toezicht.feiten if (feit.anker, feit.onderwerp_id) != gone)
    return replace(toezicht, feiten=feiten, overdrachten={**toezicht.overdrachten, overdracht_id: beeld})


def _without_what_came_back(toezicht: Toezicht, event: OverdrachtEvent) -> Toezicht:
    """The case without what this event takes back, also where it is still to be heard of: a delivery, an acceptance."""
    if isinstance(event, OverdrachtGeweigerd | OverdrachtIngetrokken) and event.betwist:
        return _without_what_was_contradicted(toezicht, event.overdracht_id)
    if not isinstance(event, OverdrachtAfgeleverd | AfleveringGestagneerd) or event.teruggekomen_op is None:
        return toezicht
    beeld, op = toezicht.overdrachten[event.overdracht_id], utc(event.teruggekomen_op)
    seen = replace(beeld, teruggekomen_op=max(op, beeld.teruggekomen_op or op))
    known = replace(toezicht, overdrachten={**toezicht.overdrachten, beeld.overdracht_id: seen})
    return replace(known, feiten=tuple(feit for feit in known.feiten if not _came_back(known, feit)))


def _came_back(toezicht: Toezicht, feit: Feit) -> bool:
    """Whether this delivery turned out to be none."""
    if feit.anker is not Anker.OVERDRACHT_AFGELEVERD or feit.onderwerp_id is None:
        return False
    beeld = toezicht.overdrachten.get(feit.onderwerp_id)
    if beeld is None or beeld.teruggekomen_op is None:
        return False
    return min(feit.op, feit.was_op or feit.op) <= beeld.teruggekomen_op


def _seen(beeld: Overdrachtbeeld, event: OverdrachtEvent) -> Overdrachtbeeld:
    team = event.team or beeld.team
    match event:
        case OverdrachtAangemaakt() | OverdrachtAfgeleverd():
            return replace(beeld, team=team, soort=event.overdrachtsoort.value, kanaal=event.kanaal.value)
        case AfleveringGestagneerd():
            return replace(
                beeld,
                team=team,
                soort=event.overdrachtsoort.value,
                kanaal=event.kanaal.value,
                gestagneerd_op=beeld.gestagneerd_op or utc(event.gestagneerd_op),
            )
        case OverdrachtOpgepakt():
            return replace(beeld, team=team, verdeeld_aan=event.medewerker or beeld.verdeeld_aan)
        case _:
            return beeld if team == beeld.team else replace(beeld, team=team)


def _feit_of(event: OverdrachtEvent, door: str, overdracht_id: UUID) -> Feit | None:  # noqa: PLR0911  a table of events
    match event:
        case OverdrachtAangemaakt():
            return Feit(Anker.OVERDRACHT_AANGEMAAKT, utc(event.aangemaakt_op), door, overdracht_id)
        case OverdrachtAfgeleverd():
            return Feit(Anker.OVERDRACHT_AFGELEVERD, utc(event.afgeleverd_op), door, overdracht_id)
        case OntvangstBevestigd():
            return Feit(Anker.ONTVANGST_BEVESTIGD, utc(event.bevestigd_op), event.bevestigd_door, overdracht_id)
        case OverdrachtOpgepakt():
            return Feit(Anker.OVERDRACHT_OPGEPAKT, utc(event.opgepakt_op), event.opgepakt_door, overdracht_id)
        case OverdrachtTeruggekoppeld():
            op, wie = utc(event.teruggekoppeld_op), event.teruggekoppeld_door
            return Feit(Anker.OVERDRACHT_TERUGGEKOPPELD, op, wie, overdracht_id)
        case OverdrachtGeweigerd():
            op, wie = utc(event.geweigerd_op), event.geweigerd_door
            return Feit(Anker.OVERDRACHT_GEWEIGERD, op, wie, overdracht_id, betwist=event.betwist)
        case OverdrachtIngetrokken():
            return Feit(Anker.OVERDRACHT_INGETROKKEN, utc(event.ingetrokken_op), event.ingetrokken_door, overdracht_id)
        case AfleveringGestagneerd():
            return Feit(Anker.AFLEVERING_GESTAGNEERD, utc(event.gestagneerd_op), door, overdracht_id)
