"""The household of a monitored case is reported again: one household, one bearer (MB 5)."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.afspraken import Anker
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.monitoring import HermeldingInMonitoring
from services.monitoring.domain.feiten import add_feit
from services.monitoring.domain.huishouden import join
from services.monitoring.domain.toestand import Feit, Toezicht
from services.monitoring.domain.verloop import Verloop
from services.monitoring.domain.vertellen import Uitleg
from services.monitoring.handlers.commands import NoteHermelding, ShareHuishouden
from services.monitoring.handlers.kader import Kader
from services.runtime.unit.decision import Context, Decision, Forward, Outcome, TooEarly
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import unchanged

_IN_MONITORING = frozenset({Anker.MONITORING_HERMELDING, Anker.MONITORING_HERMELDING_SPOED})


def note_hermelding(
    toezicht: Toezicht, command: NoteHermelding, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """The household was reported anew: whoever bears zicht hears so; while a case is monitored that says who does (MB 5).

    The new case tells it, and so does a case of the household that is monitored: which comes first makes no difference.
    A case that is closed records nothing more, and yet tells the new one what happened in it.
    """
    verloop = kader.verloop(toezicht, context)
    reported = derived_id("hermelding", str(command.nieuwe_casus))
    noted = {feit.anker for feit in toezicht.feiten if feit.bron_id == reported}
    is_closed = any(feit.anker is Anker.CASUS_GESLOTEN for feit in toezicht.feiten)
    shared = is_closed and command.nieuwe_casus in toezicht.huishouden
    if isinstance(verloop, TooEarly) or shared or not noted.isdisjoint(_IN_MONITORING):
        return unchanged(toezicht)
    if verloop.fase is None and not command.gemonitord:
        if noted or is_closed:
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
    reported = derived_id("hermelding", str(nieuwe_casus or context.casus_id))
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
