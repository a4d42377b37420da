"""Diensten of Veilig Thuis (MB 4.2): start after the besluit, end with a warm overdracht (MB 4.3) or without one."""

from uuid import UUID

from contracts.afspraken import local_date
from contracts.messages.documenten import Professional
from contracts.messages.door_mensen import who_did
from contracts.messages.envelope import Problem
from contracts.messages.handover import Overdrachtsoort
from contracts.messages.triage import Besluit, DienstAfgerond, DienstGestart, Dienstsoort, Ontvanger
from services.runtime.unit.decision import Context, Decision, JournalLine, JsonObject, Outcome, Reference, Refused
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, invalid, seal, unchanged
from services.triage.domain.antwoord import NOT_FOUND, dienst_answer
from services.triage.domain.casus import Casus, Dienst, Fase, Melding
from services.triage.domain.invoer import AfrondingInvoer, DienstInvoer
from services.triage.domain.kader import Kader
from services.triage.domain.melding import accessible_melding
from services.triage.domain.overdracht import (
    DOCUMENT,
    check_bijlagen,
    check_document,
    check_ontvangers,
    choose_ontvangers,
    ids_of_bijlagen,
    name_ontvangers,
)
from services.triage.domain.overdrachtsgesprek import PLACE as GESPREK
from services.triage.domain.overdrachtsgesprek import check_gesprek, gesprek_events, with_gesprek
from services.triage.domain.sluiting import why_closed

REDEN = "redenGeenOverdracht"
_NEITHER = "ontbreekt: draag de casus over, of zeg waarom er geen overdracht is"
FINISHED = conflict("Al afgerond", "deze dienst is al afgerond")
_UNDECIDED = conflict("Geen dienst mogelijk", "een dienst start na een triagebesluit dat daartoe besluit")
DIENST_OF: dict[Besluit, Dienstsoort] = {
    Besluit.DIENST_VOORWAARDEN_VERVOLG: Dienstsoort.VOORWAARDEN_VERVOLG,
    Besluit.DIENST_ONDERZOEK: Dienstsoort.ONDERZOEK,
}


def start_dienst(state: Casus | None, invoer: DienstInvoer, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """Start the dienst that was decided on."""
    if state is None or (melding := accessible_melding(state, context=context, kader=kader)) is None:
        return NOT_FOUND
    running = next((dienst for dienst in state.diensten if dienst.afgerond_op is None), None)
    if running is not None and running.dienstsoort is invoer.dienstsoort:
        return _started_before(running, invoer, context) or unchanged(state, dienst_answer(context.casus_id, running))
    if closed := why_closed(state):
        return closed
    besluit = state.last_besluit
    if (refused := why_not_start(state)) or besluit is None:
        return refused or _UNDECIDED
    if DIENST_OF[besluit.besluit] is not invoer.dienstsoort:
        message = f"besloten is tot de dienst {DIENST_OF[besluit.besluit].value}"
        return conflict("Een andere dienst", message, place="dienstsoort")
    return _start(state, melding, invoer, context=context)


def why_not_start(state: Casus) -> Refused | None:
    """That nobody decided on a dienst; None where a dienst can start."""
    return None if state.fase is Fase.DIENST_BESLOTEN else _UNDECIDED


def _started_before(running: Dienst, invoer: DienstInvoer, context: Context) -> Refused | None:
    """Of two people who start one dienst, the second hears whose it is."""
    known = context.sealer.open(running.verantwoordelijke, Professional)
    if known.naam == invoer.verantwoordelijke.naam:
        return None
    return conflict("Al gestart", f"deze dienst is al gestart; verantwoordelijk is {known.naam}", code="al-gestart")


def finish_dienst(
    state: Casus | None, dienst_id: UUID, invoer: AfrondingInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Finish a dienst: with a complete document the case is handed over, otherwise the reason is recorded."""
    melding = None if state is None else accessible_melding(state, context=context, kader=kader)
    dienst = None if state is None else state.dienst(dienst_id)
    if state is None or melding is None or dienst is None:
        return NOT_FOUND
    vingerafdruk = kader.fingerprint(invoer)
    if dienst.afgerond_op is not None:
        if dienst.afronding_vingerafdruk == vingerafdruk:
            return unchanged(state, dienst_answer(context.casus_id, dienst))
        return FINISHED
    if closed := why_closed(state):
        return closed
    ontvangers = () if invoer.overdrachtsdocument is None else choose_ontvangers(invoer.ontvangers, melding)
    if problems := _check(invoer, ontvangers, dienst, melding, context=context, kader=kader):
        return invalid(problems)
    finished = replace(dienst, afgerond_op=context.now, afronding_vingerafdruk=vingerafdruk, ontvangers=ontvangers)
    if invoer.overdrachtsgesprek is not None:
        finished = with_gesprek(finished, invoer.overdrachtsgesprek, door=invoer.afgerond_door, context=context)
    return _finish(state, melding, finished, invoer, context=context)


def _start(state: Casus, melding: Melding, invoer: DienstInvoer, *, context: Context) -> Decision[Casus]:
    dienst = Dienst(
        id=context.new_id(),
        dienstsoort=invoer.dienstsoort,
        gestart_op=context.now,
        verantwoordelijke=seal(context, invoer.verantwoordelijke),
    )
    event = DienstGestart(
        dienst_id=dienst.id,
        melding_id=melding.id,
        dienstsoort=dienst.dienstsoort,
        regio=melding.regio,
        gemeente=melding.gemeente,
        melding_ontvangen_op=melding.ontvangen_op,
        gestart_op=dienst.gestart_op,
        medewerker=seal(context, who_did(context.actor)),
    )
    facts: JsonObject = {"dienstsoort": dienst.dienstsoort.value, "functie": invoer.verantwoordelijke.functie}
    return Decision(
        replace(state, fase=Fase.IN_DIENST, diensten=(*state.diensten, dienst)),
        events=(event,),
        journal=(JournalLine("dienst-gestart", facts=facts),),
        references=(Reference("dienst", str(dienst.id)),),
        answer=dienst_answer(context.casus_id, dienst),
    )


def _check(
    invoer: AfrondingInvoer,
    ontvangers: tuple[Ontvanger, ...],
    dienst: Dienst,
    melding: Melding,
    *,
    context: Context,
    kader: Kader,
) -> list[Problem]:
    if invoer.overdrachtsdocument is None:
        missing = [] if invoer.reden_geen_overdracht else [Problem(DOCUMENT, _NEITHER)]
        given = {"ontvangers": bool(invoer.ontvangers), GESPREK: invoer.overdrachtsgesprek is not None}
        return [
            *missing,
            *(Problem(name, "hoort alleen bij een overdracht") for name, there in given.items() if there),
        ]
    if invoer.reden_geen_overdracht is not None:
        return [Problem(REDEN, "hoort niet bij een overdracht: schrijf de reden, of draag over")]
    afspraken = kader.afspraken(regio=melding.regio, gemeente=melding.gemeente, ontvangen_op=melding.ontvangen_op)
    return [
        *check_ontvangers(ontvangers, melding, now=context.now, kader=kader),
        *check_document(
            invoer.overdrachtsdocument, Overdrachtsoort.NA_DIENST, afspraken, today=local_date(context.now)
        ),
        *check_bijlagen(invoer.overdrachtsdocument, actor=context.actor, casus_id=context.casus_id, kader=kader),
        *kader.check_size(DOCUMENT, invoer.overdrachtsdocument),
        *_check_gesprek(invoer, dienst, context=context, kader=kader),
    ]


def _check_gesprek(invoer: AfrondingInvoer, dienst: Dienst, *, context: Context, kader: Kader) -> list[Problem]:
    if invoer.overdrachtsgesprek is None:
        return [Problem(GESPREK, "ontbreekt: is er een gesprek gehouden of gepland, of waarom niet (MB 4.3)?")]
    problems = check_gesprek(invoer.overdrachtsgesprek, dienst, now=context.now, kader=kader)
    return [Problem(f"{GESPREK}.{problem.place}", problem.message) for problem in problems]


def _finish(
    state: Casus, melding: Melding, dienst: Dienst, invoer: AfrondingInvoer, *, context: Context
) -> Decision[Casus]:
    document = invoer.overdrachtsdocument
    event = DienstAfgerond(
        dienst_id=dienst.id,
        melding_id=melding.id,
        dienstsoort=dienst.dienstsoort,
        regio=melding.regio,
        gemeente=melding.gemeente,
        melding_ontvangen_op=melding.ontvangen_op,
        afgerond_op=dienst.afgerond_op or context.now,
        ontvangers=dienst.ontvangers,
        overdrachtsdocument=seal(context, document.as_sent()) if document is not None else None,
        overdrachtsgesprek=dienst.overdrachtsgesprek,
        bijlagen=ids_of_bijlagen(document),
        medewerker=seal(context, who_did(context.actor, invoer.afgerond_door)),
    )
    fase = Fase.OVERGEDRAGEN if dienst.ontvangers else Fase.GEEN_VERVOLG
    diensten = tuple(dienst if other.id == dienst.id else other for other in state.diensten)
    facts: JsonObject = {
        "dienstsoort": dienst.dienstsoort.value,
        "functie": invoer.afgerond_door.functie,
        "ontvangers": [*name_ontvangers(dienst.ontvangers)],
        "overdrachtsgesprek": dienst.overdrachtsgesprek.value if dienst.overdrachtsgesprek is not None else None,
    }
    return Decision(
        replace(state, fase=fase, diensten=diensten),
        events=(event, *gesprek_events(dienst, melding, door=invoer.afgerond_door, context=context)),
        journal=(JournalLine("dienst-afgerond", facts=facts),),
        answer=dienst_answer(context.casus_id, dienst),
    )
