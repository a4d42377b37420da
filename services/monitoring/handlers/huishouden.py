"""The household of a monitored case is reported again: one household, one bearer (MB 5)."""

from datetime import UTC, datetime

from contracts.afspraken import Anker
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.monitoring import HermeldingInMonitoring
from services.monitoring.domain import Feit, Toezicht, Uitleg, Verloop, add_feit
from services.monitoring.domain.huishouden import join
from services.monitoring.handlers.commands import DeelHuishouden, NoteerHermelding
from services.monitoring.handlers.werkbank import Werkbank
from services.runtime.unit.decision import Context, Decision, Forward, Outcome, TooEarly
from services.runtime.unit.frozen import replace


def note_hermelding(
    bank: Werkbank, toezicht: Toezicht, command: NoteerHermelding, context: Context
) -> Outcome[Toezicht]:
    """The household was reported anew; while a case of it is monitored that says who bears zicht (MB 5)."""
    verloop = bank.verloop(toezicht, context)
    reported = derived_id("hermelding", str(command.nieuwe_casus))
    known = any(feit.bron_id == reported or feit.anker is Anker.CASUS_GESLOTEN for feit in toezicht.feiten)
    if isinstance(verloop, TooEarly) or known or not (verloop.fase or command.gemonitord):
        return Decision(toezicht)
    anker = Anker.MONITORING_HERMELDING_SPOED if command.spoed else Anker.MONITORING_HERMELDING
    report_again(verloop, command.op, context.actor.partij, nieuwe_casus=command, context=context, anker=anker)
    others = tuple(verloop.toezicht.huishouden)
    if any(anker in regel.bij for regel in verloop.afspraken.huishoudens):
        verloop.toezicht = join(verloop.toezicht, command.nieuwe_casus, Toezicht(), sinds=command.op.astimezone(UTC))
    verloop.follow_facts()
    decision = bank.decide(toezicht, verloop)
    told = replace(command, gemonitord=True)
    return replace(decision, forwards=(*(Forward(CasusId(casus), told) for casus in others), *decision.forwards))


def note_huishouden(bank: Werkbank, toezicht: Toezicht, command: DeelHuishouden, context: Context) -> Outcome[Toezicht]:
    """What happened in another case of the household counts here too, from when they became one (MB 5)."""
    sinds = toezicht.huishouden_sinds or toezicht.melding_op or command.sinds
    joined = join(toezicht, command.casus, command.deel, sinds=max(sinds, command.sinds))
    if joined is toezicht:
        return Decision(toezicht)
    verloop = bank.verloop(joined, context)
    if isinstance(verloop, TooEarly):
        return Decision(joined)
    verloop.follow_facts()
    return bank.decide(toezicht, verloop)


def report_again(
    verloop: Verloop,
    op: datetime,
    door: str,
    *,
    nieuwe_casus: NoteerHermelding | None,
    context: Context,
    anker: Anker = Anker.MONITORING_HERMELDING,
) -> None:
    """Record once that the household was reported again, and tell it."""
    key = context.casus_id if nieuwe_casus is None else nieuwe_casus.nieuwe_casus
    feit = Feit(anker, op.astimezone(UTC), door, bron_id=derived_id("hermelding", str(key)))
    feiten = verloop.toezicht.feiten
    if any(known.key == feit.key or known.anker is Anker.CASUS_GESLOTEN for known in feiten):
        return
    verloop.toezicht = add_feit(verloop.toezicht, feit)
    event = HermeldingInMonitoring(
        regio=verloop.regio,
        gemeente=verloop.toezicht.gemeente or "",
        afspraken_versie=verloop.afspraken.versie,
        gemeld_op=op,
        nieuwe_casus=None if nieuwe_casus is None else nieuwe_casus.nieuwe_casus,
    )
    verloop.tell(event, Uitleg("hermelding in de monitoringsfase", None, {"door": door}))
