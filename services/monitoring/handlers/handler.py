"""One message for one case: an event, a timer that came due, or someone who acts."""

from uuid import UUID

from contracts.afspraken import Afspraken, Anker, LadderRegel, RuleBook
from contracts.messages.dlq import DodeBrief, DodeBriefAfgehandeld
from contracts.messages.documenten import Professional, Urgentie
from contracts.messages.envelope import Gebeurtenis, Problem
from contracts.messages.handover import AfleveringGestagneerd, OverdrachtAfgeleverd, OverdrachtGeweigerd
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.monitoring import Drager
from contracts.messages.notifier import NotificatieMislukt
from contracts.messages.triage import HermeldingHerkend, MeldpuntmeldingOvergenomen
from contracts.rechten import Daad, may
from services.monitoring.domain import (
    Aanleiding,
    Escalatie,
    Escalatiestatus,
    Feit,
    Partijen,
    Toezicht,
    accepted_instead,
    add_feit,
    follow_retour,
    note,
    of_escalatie,
    tell_stalled,
)
from services.monitoring.handlers.casussen import close_casus, correct_feit, report_dwangmaatregel
from services.monitoring.handlers.commands import (
    BeantwoordSignaal,
    CorrigeerFeit,
    DeelHuishouden,
    GeefSignaalAf,
    HandelEscalatieAf,
    HoudMonitormoment,
    MeldAanvaarding,
    MeldDwangmaatregel,
    MeldMeningsverschil,
    MeldStand,
    NoteerAntwoord,
    NoteerHermelding,
    PakEscalatieOp,
    PlanMomentIn,
    PlanMonitormoment,
    SchaalEscalatieOp,
    SluitCasus,
    StelSignaalOp,
    StreepMisserDoor,
    TelMisser,
    VerstuurSignaal,
    ZetStagnatiestap,
)
from services.monitoring.handlers.huishouden import note_hermelding, note_huishouden
from services.monitoring.handlers.missers import compose_signaal, count_misser, note_antwoord, strike_misser
from services.monitoring.handlers.monitormomenten import hold_moment, plan_moment, plan_moment_in, take_step
from services.monitoring.handlers.overnames import follow_betwisting, report_aanvaarding
from services.monitoring.handlers.signalen import (
    answer_signaal,
    draft_signaal,
    send_signaal,
    strike_bewijs,
)
from services.monitoring.handlers.standen import report_stand
from services.monitoring.handlers.stilstand import go_on, stop_at
from services.monitoring.handlers.werkbank import Werkbank, conflict, invalid, may_act, seal, unknown, who
from services.runtime.unit.decision import (
    Context,
    Decision,
    Forward,
    Incoming,
    JsonObject,
    Outcome,
    Refused,
    Rejected,
    TimerDue,
    TooEarly,
)
from services.runtime.unit.frozen import replace

MENINGSVERSCHIL = "meningsverschil"
"""The ladder for a difference of opinion; a region without one uses its first."""
OPSCHALEN_KETENPARTNER = "opschalen-ketenpartner"
"""The same where it is about an overdracht to another party than a lokaal team."""


Verteld = TelMisser | StreepMisserDoor | GeefSignaalAf | NoteerAntwoord | NoteerHermelding | DeelHuishouden
"""What cases tell each other."""

Handeling = (
    HoudMonitormoment
    | PlanMomentIn
    | PlanMonitormoment
    | ZetStagnatiestap
    | MeldDwangmaatregel
    | MeldAanvaarding
    | SluitCasus
    | CorrigeerFeit
    | StelSignaalOp
    | VerstuurSignaal
    | BeantwoordSignaal
)
"""What people do besides acting on an escalatie."""


class Handlers:
    """The handler of this service, over the agreements and who is who."""

    def __init__(self, rule_book: RuleBook, partijen: Partijen) -> None:
        self._bank = Werkbank(rule_book, partijen)

    def __call__(  # noqa: C901, PLR0911, PLR0912  a table of messages
        self, state: Toezicht | None, incoming: Incoming, context: Context
    ) -> Outcome[Toezicht]:
        """Give everything that follows from one message."""
        toezicht = state or Toezicht()
        match incoming.payload:
            case TimerDue() as timer:
                return self._on_timer(toezicht, timer, context)
            case PakEscalatieOp() as command:
                return self._take_up(toezicht, command, context)
            case HandelEscalatieAf() as command:
                return self._close(toezicht, command, context)
            case SchaalEscalatieOp() as command:
                return self._climb(toezicht, command, context)
            case MeldMeningsverschil() as command:
                return self._disagree(toezicht, command, context, key=incoming.key)
            case MeldStand() as command:
                return report_stand(self._bank, toezicht, command, context, key=incoming.key)
            case (
                TelMisser()
                | StreepMisserDoor()
                | GeefSignaalAf()
                | NoteerAntwoord()
                | NoteerHermelding()
                | DeelHuishouden()
            ) as told:
                return self._hear(toezicht, told, context)
            case (
                HoudMonitormoment()
                | PlanMomentIn()
                | PlanMonitormoment()
                | ZetStagnatiestap()
                | MeldDwangmaatregel()
                | MeldAanvaarding()
                | SluitCasus()
                | CorrigeerFeit()
                | StelSignaalOp()
                | VerstuurSignaal()
                | BeantwoordSignaal()
            ) as command:
                return self._act(toezicht, command, context)
            case DodeBrief() as brief:
                return stop_at(self._bank, toezicht, brief, incoming, context)
            case DodeBriefAfgehandeld() as event:
                return go_on(toezicht, event)
            case HermeldingHerkend() as event:
                return self._tell_earlier(toezicht, event, context)
            case NotificatieMislukt() as event:
                return self._on_notificatie_mislukt(toezicht, event, context)
            case Gebeurtenis() as event:
                return self._on_event(toezicht, event, context)
            case _:
                raise Rejected(f"monitoring kent geen bericht {type(incoming.payload).__name__}")

    def _act(  # noqa: C901, PLR0911  a table
        self, toezicht: Toezicht, command: "Handeling", context: Context
    ) -> Outcome[Toezicht]:
        bank = self._bank
        match command:
            case HoudMonitormoment():
                return hold_moment(bank, toezicht, command, context)
            case PlanMomentIn():
                return plan_moment_in(bank, toezicht, command, context)
            case PlanMonitormoment():
                return plan_moment(bank, toezicht, command, context)
            case ZetStagnatiestap():
                return take_step(bank, toezicht, command, context)
            case MeldDwangmaatregel():
                return report_dwangmaatregel(bank, toezicht, command, context)
            case MeldAanvaarding():
                return report_aanvaarding(bank, toezicht, command, context)
            case SluitCasus():
                return close_casus(bank, toezicht, command, context)
            case CorrigeerFeit():
                return correct_feit(bank, toezicht, command, context)
            case StelSignaalOp():
                return compose_signaal(bank, toezicht, command, context)
            case VerstuurSignaal():
                return send_signaal(bank, toezicht, command, context)
            case BeantwoordSignaal():
                return answer_signaal(bank, toezicht, command, context)

    def _hear(  # noqa: PLR0911  a table
        self, toezicht: Toezicht, told: "Verteld", context: Context
    ) -> Outcome[Toezicht]:
        """What another case of this service tells."""
        bank = self._bank
        match told:
            case TelMisser():
                return count_misser(bank, toezicht, told, context)
            case StreepMisserDoor():
                if toezicht.signaal is not None:
                    return strike_bewijs(bank, toezicht, told, context)
                return strike_misser(toezicht, told, context)
            case GeefSignaalAf():
                return draft_signaal(bank, toezicht, told, context)
            case NoteerAntwoord():
                return note_antwoord(toezicht, told, context)
            case NoteerHermelding():
                return note_hermelding(bank, toezicht, told, context)
            case DeelHuishouden():
                return note_huishouden(bank, toezicht, told, context)

    def _tell_earlier(self, toezicht: Toezicht, event: HermeldingHerkend, context: Context) -> Outcome[Toezicht]:
        """The earlier cases of the household hear that it was reported again (MB 5)."""
        if toezicht.melding_op is None or toezicht.urgentie is None:
            return TooEarly("de melding van deze casus")
        told = NoteerHermelding(context.casus_id, toezicht.melding_op, toezicht.urgentie is not Urgentie.REGULIER)
        earlier = [casus for casus in event.eerdere_casussen if casus != context.casus_id]
        return Decision(toezicht, forwards=tuple(Forward(CasusId(casus), told) for casus in earlier))

    def _note(self, toezicht: Toezicht, event: Gebeurtenis, context: Context) -> Toezicht | None:
        """What the event says. A party other than Veilig Thuis that takes over from the meldpunt has accepted."""
        noted = note(toezicht, event, door=context.actor.partij)
        if not isinstance(event, MeldpuntmeldingOvergenomen) or noted is None:
            return noted
        code = self._bank.partijen.code(Drager.VEILIG_THUIS, regio=event.regio, gemeente=noted.gemeente or "")
        return noted if event.door == code else accepted_instead(noted, event)

    def _on_event(self, toezicht: Toezicht, event: Gebeurtenis, context: Context) -> Outcome[Toezicht]:
        noted = self._note(toezicht, event, context)
        if noted is None:
            return Decision(toezicht)
        verloop = self._bank.verloop(noted, context)
        if isinstance(verloop, TooEarly):
            return verloop
        if isinstance(event, AfleveringGestagneerd | OverdrachtAfgeleverd):
            follow_retour(verloop, event.overdracht_id)
        if isinstance(event, OverdrachtGeweigerd) and event.betwist:
            follow_betwisting(verloop)
        verloop.follow_facts()
        if isinstance(event, AfleveringGestagneerd):
            tell_stalled(verloop, event)
        return self._bank.decide(toezicht, verloop)

    def _on_timer(self, toezicht: Toezicht, timer: TimerDue, context: Context) -> Outcome[Toezicht]:
        rung = {name: at for name, at in toezicht.wekkers.items() if name != timer.name}
        known = replace(toezicht, wekkers=rung)
        verloop = self._bank.verloop(known, context, now=max(context.now, timer.due_at))
        if isinstance(verloop, TooEarly):
            return Decision(known)
        verloop.follow_facts()
        verloop.run_due(verloop.now if context.heard_until is None else context.heard_until)
        return self._bank.decide(known, verloop)

    def _on_notificatie_mislukt(
        self, toezicht: Toezicht, event: NotificatieMislukt, context: Context
    ) -> Outcome[Toezicht]:
        """Nobody on this rung can be reached: the next one is called at once, or the last one again in its time."""
        escalatie = next(
            (item for item in toezicht.escalaties.values() if event.notificatie_id in item.notificaties[:1]), None
        )
        if escalatie is None or not event.niemand_bereikt or escalatie.status is not Escalatiestatus.OPEN:
            return Decision(toezicht)
        verloop = self._bank.verloop(toezicht, context)
        if isinstance(verloop, TooEarly):
            return verloop
        if escalatie.trede + 1 >= len(verloop.afspraken.ladder(escalatie.ladder_id).treden):
            return Decision(toezicht)
        verloop.climb(escalatie)
        return self._bank.decide(toezicht, verloop)

    def _take_up(self, toezicht: Toezicht, command: PakEscalatieOp, context: Context) -> Outcome[Toezicht]:
        escalatie = self._escalatie_for(toezicht, command.escalatie_id, context)
        if isinstance(escalatie, Refused):
            return escalatie
        if escalatie.status is not Escalatiestatus.OPEN:
            return conflict(f"deze escalatie is al {escalatie.status.value}")
        verloop = self._bank.verloop(toezicht, context)
        if isinstance(verloop, TooEarly):
            return verloop
        taken = verloop.take_up_escalatie(escalatie, door=who(command.door, context))
        verloop.keep_escalatie(_with_vastlegging(taken, command.door, command.toelichting, context))
        return self._bank.decide(toezicht, verloop, answer=_answer(taken))

    def _close(self, toezicht: Toezicht, command: HandelEscalatieAf, context: Context) -> Outcome[Toezicht]:
        escalatie = self._escalatie_for(toezicht, command.escalatie_id, context)
        if isinstance(escalatie, Refused):
            return escalatie
        if escalatie.status is Escalatiestatus.AFGEHANDELD:
            return conflict("deze escalatie is al afgehandeld")
        verloop = self._bank.verloop(toezicht, context)
        if isinstance(verloop, TooEarly):
            return verloop
        facts = {"door": who(command.door, context)}
        closed = verloop.close_escalatie(escalatie, command.resultaat.value, {**facts})
        verloop.keep_escalatie(_with_vastlegging(closed, command.door, command.toelichting, context))
        return self._bank.decide(toezicht, verloop, answer=_answer(closed))

    def _climb(self, toezicht: Toezicht, command: SchaalEscalatieOp, context: Context) -> Outcome[Toezicht]:
        """They solve it and decide (MB 6.1); the next rung is called when they say so, or when their time passes."""
        escalatie = self._escalatie_for(toezicht, command.escalatie_id, context)
        if isinstance(escalatie, Refused):
            return escalatie
        if escalatie.status is Escalatiestatus.AFGEHANDELD:
            return conflict("deze escalatie is al afgehandeld")
        verloop = self._bank.verloop(toezicht, context)
        if isinstance(verloop, TooEarly):
            return verloop
        climbed = verloop.climb(escalatie, door=who(command.door, context))
        if climbed is escalatie:
            return conflict("deze escalatie staat al op de hoogste trede")
        verloop.keep_escalatie(_with_vastlegging(climbed, command.door, command.toelichting, context))
        return self._bank.decide(toezicht, verloop, answer=_answer(climbed))

    def _escalatie_for(self, toezicht: Toezicht, escalatie_id: UUID, context: Context) -> Escalatie | Refused:
        escalatie = toezicht.escalaties.get(escalatie_id)
        if escalatie is None:
            return unknown("escalatie")
        relaties = of_escalatie(self._bank.codes(context), self._bank.relaties(toezicht, context), escalatie)
        return escalatie if may(Daad.ESCALATIE_BEHANDELEN, relaties) else unknown("escalatie")

    def _disagree(
        self, toezicht: Toezicht, command: MeldMeningsverschil, context: Context, *, key: UUID
    ) -> Outcome[Toezicht]:
        if not may_act(self._bank, toezicht, context, daad=Daad.MENINGSVERSCHIL_MELDEN):
            return unknown("casus")
        if command.overdracht_id is not None and command.overdracht_id not in toezicht.overdrachten:
            return invalid(Problem("overdrachtId", "is geen overdracht van deze casus"))
        identifier = derived_id("meningsverschil", str(context.casus_id), str(key))
        feit = Feit(Anker.MENINGSVERSCHIL_GEMELD, context.now, context.actor.partij, identifier)
        verloop = self._bank.verloop(add_feit(toezicht, feit), context)
        if isinstance(verloop, TooEarly):
            return verloop
        verloop.follow_facts()
        aanleiding = _aanleiding(toezicht, command, identifier)
        escalatie = verloop.start_escalatie(aanleiding, _ladder_for(aanleiding, verloop.afspraken))
        verloop.keep_escalatie(_with_vastlegging(escalatie, command.door, command.toelichting, context))
        return self._bank.decide(toezicht, verloop, answer=_answer(escalatie))


def _aanleiding(toezicht: Toezicht, command: MeldMeningsverschil, identifier: UUID) -> Aanleiding:
    assert toezicht.gemeente is not None
    beeld = toezicht.overdrachten.get(command.overdracht_id) if command.overdracht_id is not None else None
    return Aanleiding(
        id=derived_id("escalatie", str(identifier)),
        regel_id=MENINGSVERSCHIL if beeld is None or beeld.partij is None else OPSCHALEN_KETENPARTNER,
        onderwerp_id=command.overdracht_id or identifier,
        gemeente=toezicht.gemeente if beeld is None else beeld.gemeente,
        team=None if beeld is None else beeld.team,
        partij=None if beeld is None else beeld.partij,
    )


def _ladder_for(aanleiding: Aanleiding, afspraken: Afspraken) -> LadderRegel:
    return next((ladder for ladder in afspraken.ladders if ladder.id == aanleiding.regel_id), afspraken.ladders[0])


def _with_vastlegging(escalatie: Escalatie, door: Professional, toelichting: str | None, context: Context) -> Escalatie:
    sealed = seal(context, door, toelichting)
    return replace(escalatie, vastleggingen=(*escalatie.vastleggingen, sealed))


def _answer(escalatie: Escalatie) -> JsonObject:
    return {
        "id": str(escalatie.id),
        "status": escalatie.status.value,
        "trede": escalatie.trede + 1,
        "rol": escalatie.rol,
        "bij": escalatie.bij,
        "resultaat": escalatie.resultaat,
    }
