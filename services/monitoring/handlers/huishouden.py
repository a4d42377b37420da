"""The household of a monitored case is reported again: one household, one bearer (MB 5)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from contracts.afspraken import Anker
from contracts.messages.documenten import Urgentie
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.monitoring import HermeldingInMonitoring
from contracts.messages.triage import HermeldingHerkend
from services.monitoring.domain.feiten import add_feit
from services.monitoring.domain.huishouden import join
from services.monitoring.domain.sluiten import is_closed
from services.monitoring.domain.toestand import Feit, Toezicht
from services.monitoring.domain.verloop import Verloop
from services.monitoring.domain.vertellen import Uitleg
from services.monitoring.handlers.commands import (
    NoteHermelding,
    NoteHuishoudencrisis,
    NoteHuishoudenGesloten,
    ShareHuishouden,
)
from services.monitoring.handlers.kader import Kader
from services.runtime.unit.decision import Context, Decision, Forward, Outcome, TooEarly
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import unchanged

_OF_ANOTHER = frozenset({Anker.HUISHOUDEN_OPNIEUW_GEMELD, Anker.HUISHOUDEN_IN_CRISIS})
_IN_MONITORING = frozenset({Anker.MONITORING_HERMELDING, Anker.MONITORING_HERMELDING_SPOED})


def note_hermelding(
    toezicht: Toezicht, command: NoteHermelding, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """The household was reported anew: whoever bears zicht hears so, and whether it is a crisis.

    While a case is monitored that says who bears it (MB 5).
    The new case tells it, and so does a case of the household that is monitored: which comes first makes no difference.
    A case that is closed records nothing more, and yet tells the new one what happened in it.
    """
    toezicht = _knowing(toezicht, command.nieuwe_casus)
    verloop = kader.verloop(toezicht, context)
    reported = _reported_by(command.nieuwe_casus)
    noted = {feit.anker for feit in toezicht.feiten if feit.bron_id == reported}
    closed = is_closed(toezicht)
    shared = closed and command.nieuwe_casus in toezicht.huishouden
    if isinstance(verloop, TooEarly) or shared or not noted.isdisjoint(_IN_MONITORING):
        return unchanged(toezicht)
    verloop.ook_elders = command.samen
    if command.crisis and not closed:
        _note_crisis(verloop, command.nieuwe_casus, command.op, context.actor.partij)
    if verloop.fase is None and not command.gemonitord:
        if noted or closed:
            return unchanged(toezicht)
        _note_again(verloop, command.op, context.actor.partij, reported)
        verloop.follow_facts()
        return kader.decide(toezicht, verloop)
    anker = Anker.MONITORING_HERMELDING_SPOED if command.spoed else Anker.MONITORING_HERMELDING
    report_again(
        verloop, command.op, context.actor.partij, nieuwe_casus=command.nieuwe_casus, context=context, anker=anker
    )
    others = tuple(verloop.toezicht.huishouden)
    if any(anker in regel.bij for regel in verloop.afspraken.huishoudens):
        verloop.toezicht = join(verloop.toezicht, command.nieuwe_casus, Toezicht(), sinds=command.op.astimezone(UTC))
    verloop.follow_facts()
    decision = kader.decide(toezicht, verloop)
    in_monitoring = replace(command, gemonitord=True)
    forwards = (Forward(CasusId(casus), in_monitoring) for casus in others)
    return replace(decision, forwards=(*forwards, *decision.forwards))


def note_huishoudencrisis(
    toezicht: Toezicht, command: NoteHuishoudencrisis, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """Another case about the household is an acute crisis: whoever bears zicht here hears so at once."""
    verloop = kader.verloop(toezicht, context)
    if isinstance(verloop, TooEarly) or is_closed(toezicht):
        return unchanged(toezicht)
    verloop.ook_elders = command.samen
    _note_crisis(verloop, command.casus_id, command.op, context.actor.partij)
    verloop.follow_facts()
    return kader.decide(toezicht, verloop)


def note_gesloten(
    toezicht: Toezicht, command: NoteHuishoudenGesloten, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """Another case about the household is closed, or open again: whoever comes to bear zicht here need not hear of it."""
    of_it = {_reported_by(command.casus_id), _crisis_of(command.casus_id)}
    feiten = tuple(
        replace(feit, voor=command.op) if feit.anker in _OF_ANOTHER and feit.bron_id in of_it else feit
        for feit in toezicht.feiten
    )
    if feiten == toezicht.feiten:
        return unchanged(toezicht)
    verloop = kader.verloop(replace(toezicht, feiten=feiten), context)
    if isinstance(verloop, TooEarly):
        return verloop
    verloop.follow_facts()
    return kader.decide(toezicht, verloop)


def tell_earlier(toezicht: Toezicht, event: HermeldingHerkend, context: Context) -> Outcome[Toezicht]:
    """The earlier cases of the household hear that it was reported again (MB 5), and what is a crisis by now."""
    if toezicht.melding_op is None or toezicht.urgentie is None:
        return TooEarly("de melding van deze casus")
    earlier = tuple(casus for casus in event.eerdere_casussen if casus != context.casus_id)
    hermelding = NoteHermelding(
        context.casus_id,
        toezicht.melding_op,
        spoed=toezicht.urgentie is not Urgentie.REGULIER,
        crisis=toezicht.urgentie is Urgentie.CRISIS,
        samen=len(earlier) > 1,
    )
    knows = _knowing(toezicht, *earlier)
    told = Decision(knows, forwards=tuple(Forward(CasusId(casus), hermelding) for casus in earlier))
    return _tell_crises(told, _crises_of(knows), earlier, context)


def tell_crises(before: Toezicht, decision: Decision[Toezicht], context: Context) -> Decision[Toezicht]:
    """The other cases about the household hear it when this one becomes an acute crisis."""
    known = {feit.key for feit in _crises_of(before)}
    fresh = [feit for feit in _crises_of(decision.state) if feit.key not in known]
    return _tell_crises(decision, fresh, decision.state.ook_gemeld, context)


def _tell_crises(
    decision: Decision[Toezicht], crises: Iterable[Feit], others: Sequence[UUID], context: Context
) -> Decision[Toezicht]:
    """After what the cases of one household tell each other: by then it is known who bears zicht in them."""
    notes = (NoteHuishoudencrisis(context.casus_id, feit.op, samen=len(others) > 1) for feit in crises)
    forwards = (Forward(CasusId(casus), note) for note in notes for casus in others)
    return replace(decision, forwards=(*decision.forwards, *forwards))


def _crises_of(toezicht: Toezicht) -> list[Feit]:
    return [feit for feit in toezicht.feiten if feit.anker is Anker.ACUTE_CRISIS_VASTGESTELD]


def _knowing(toezicht: Toezicht, *casussen: UUID) -> Toezicht:
    """The case that knows of these as well that they are about its household."""
    fresh = tuple(casus for casus in casussen if casus not in toezicht.ook_gemeld)
    return replace(toezicht, ook_gemeld=(*toezicht.ook_gemeld, *fresh)) if fresh else toezicht


def _note_crisis(verloop: Verloop, andere_casus: UUID, op: datetime, door: str) -> None:
    """Once for each other case, however often it is said to be one."""
    feit = Feit(Anker.HUISHOUDEN_IN_CRISIS, op.astimezone(UTC), door, bron_id=_crisis_of(andere_casus))
    if any(known.key == feit.key for known in verloop.toezicht.feiten):
        return
    verloop.toezicht = add_feit(verloop.toezicht, feit)
    verloop.uitleg.append(Uitleg("in een andere casus van het huishouden is een crisis", None, {"door": door}))


def _reported_by(casus: UUID) -> UUID:
    return derived_id("hermelding", str(casus))


def _crisis_of(casus: UUID) -> UUID:
    return derived_id("huishoudencrisis", str(casus))


def _note_again(verloop: Verloop, op: datetime, door: str, reported: UUID) -> None:
    feit = Feit(Anker.HUISHOUDEN_OPNIEUW_GEMELD, op.astimezone(UTC), door, bron_id=reported)
    verloop.toezicht = add_feit(verloop.toezicht, feit)
    verloop.uitleg.append(Uitleg("over het huishouden is opnieuw gemeld", None, {"door": door}))


def share_huishouden(
    toezicht: Toezicht, command: ShareHuishouden, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """What happened in another case of the household counts here too, from when they became one (MB 5)."""
    sinds = toezicht.huishouden_sinds or toezicht.melding_op or command.sinds
    joined = join(toezicht, command.casus_id, command.deel, sinds=max(sinds, command.sinds))
    if joined is toezicht:
        return unchanged(toezicht)
    verloop = kader.verloop(joined, context)
    if isinstance(verloop, TooEarly):
        return Decision(joined)
    verloop.follow_facts()
    return kader.decide(toezicht, verloop)


def report_again(
    verloop: Verloop,
    op: datetime,
    door: str,
    *,
    nieuwe_casus: UUID | None,
    context: Context,
    anker: Anker = Anker.MONITORING_HERMELDING,
) -> None:
    """Record once that the household was reported again, and tell it."""
    reported = _reported_by(nieuwe_casus or context.casus_id)
    feit = Feit(anker, op.astimezone(UTC), door, bron_id=reported)
    feiten = verloop.toezicht.feiten
    if any(earlier.key == feit.key or earlier.anker is Anker.CASUS_GESLOTEN for earlier in feiten):
        return
    _note_again(verloop, op, door, reported)
    verloop.toezicht = add_feit(verloop.toezicht, feit)
    event = HermeldingInMonitoring(
        regio=verloop.regio,
        gemeente=verloop.toezicht.gemeente or "",
        afspraken_versie=verloop.afspraken.versie,
        gemeld_op=op,
        nieuwe_casus=nieuwe_casus,
    )
    verloop.tell(event, Uitleg("hermelding in de monitoringsfase", None, {"door": door}))
