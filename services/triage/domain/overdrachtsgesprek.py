"""The conversation in which a dienst is handed over warm: held, planned, or why it cannot be (MB 4.3)."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from contracts.messages.documenten import Professional, Toelichting
from contracts.messages.door_mensen import who_did
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import GemeenteCode, RegioCode
from contracts.messages.triage import (
    Overdrachtsgesprek,
    OverdrachtsgesprekGepland,
    OverdrachtsgesprekVervallen,
    WarmeOverdrachtGehouden,
)
from contracts.messages.verzegeld import Verzegeld
from services.runtime.unit.decision import Context, Decision, JournalLine, Outcome, Refused
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, invalid, iso, seal, unchanged
from services.triage.domain.antwoord import NOT_FOUND, dienst_answer
from services.triage.domain.casus import Casus, Dienst, Melding
from services.triage.domain.invoer import GesprekInvoer, GespreksverslagInvoer
from services.triage.domain.kader import Kader
from services.triage.domain.melding import accessible_melding
from services.triage.domain.sluiting import why_closed

PLACE = "overdrachtsgesprek"

Gespreksgebeurtenis = WarmeOverdrachtGehouden | OverdrachtsgesprekGepland | OverdrachtsgesprekVervallen


class Gesprekvelden(TypedDict):
    """What every event about the conversation says."""

    dienst_id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    melding_ontvangen_op: datetime
    medewerker: Verzegeld[Professional] | None


def check_gesprek(invoer: GesprekInvoer, dienst: Dienst, *, now: datetime, kader: Kader) -> list[Problem]:
    """What does not fit: a conversation has a moment, and one that cannot be held has a reason."""
    if invoer.uitkomst is Overdrachtsgesprek.NIET_HAALBAAR:
        missing = [] if invoer.reden else [Problem("reden", "ontbreekt: waarom is een gesprek niet haalbaar?")]
        return [*missing, *([Problem("op", "hoort niet bij niet-haalbaar")] if invoer.op else [])]
    if invoer.op is None:
        return [Problem("op", "ontbreekt: wanneer is of wordt het gesprek gehouden?")]
    if invoer.uitkomst is Overdrachtsgesprek.GEPLAND:
        return [] if invoer.op > now else [Problem("op", "ligt niet in de toekomst; meld het als gehouden")]
    if invoer.op > now + kader.grenzen.vooruit:
        return [Problem("op", "ligt in de toekomst; meld het als gepland")]
    return [] if invoer.op >= dienst.gestart_op else [Problem("op", "ligt voor de start van de dienst")]


def with_gesprek(dienst: Dienst, invoer: GesprekInvoer, *, door: Professional, context: Context) -> Dienst:
    """The dienst with what became of its conversation; the reason is sealed."""
    words = None if invoer.reden is None else seal(context, Toelichting(toelichting=invoer.reden, afzender=door))
    return replace(dienst, overdrachtsgesprek=invoer.uitkomst, gesprek_op=invoer.op, gesprek_toelichting=words)


def gesprek_events(
    dienst: Dienst, melding: Melding, *, door: Professional, context: Context, was_op: datetime | None = None
) -> tuple[Gespreksgebeurtenis, ...]:
    """What is told of the conversation: held, to be held, or that it will not be after all (`was_op`)."""
    about = Gesprekvelden(
        dienst_id=dienst.id,
        melding_id=melding.id,
        regio=melding.regio,
        gemeente=dienst.ontvangers[0].gemeente if dienst.ontvangers else melding.gemeente,
        melding_ontvangen_op=melding.ontvangen_op,
        medewerker=seal(context, who_did(context.actor, door)),
    )
    match dienst.overdrachtsgesprek, dienst.gesprek_op:
        case Overdrachtsgesprek.GEHOUDEN, datetime() as op:
            partij = dienst.ontvangers[0].partij if dienst.ontvangers else None
            return (WarmeOverdrachtGehouden(**about, partij=partij, gehouden_op=op),)
        case Overdrachtsgesprek.GEPLAND, datetime() as op:
            return (OverdrachtsgesprekGepland(**about, gesprek_op=op, was_op=was_op, vastgelegd_op=context.now),)
        case Overdrachtsgesprek.NIET_HAALBAAR, _ if was_op is not None:
            return (OverdrachtsgesprekVervallen(**about, was_op=was_op, vastgelegd_op=context.now),)
        case _:
            return ()


def report_gesprek(
    state: Casus | None,
    dienst_id: UUID,
    invoer: GespreksverslagInvoer,
    *,
    context: Context,
    kader: Kader,
) -> Outcome[Casus]:
    """What became of a conversation that was planned when the dienst ended."""
    if state is None or (melding := accessible_melding(state, context=context, kader=kader)) is None:
        return NOT_FOUND
    if (dienst := state.dienst(dienst_id)) is None:
        return NOT_FOUND
    if (dienst.overdrachtsgesprek, dienst.gesprek_op) == (invoer.uitkomst, invoer.op):
        return unchanged(state, dienst_answer(context.casus_id, dienst))
    if refused := why_closed(state) or why_no_gesprek(dienst):
        return refused
    if problems := check_gesprek(invoer, dienst, now=context.now, kader=kader):
        return invalid(problems)
    return _report(state, melding, dienst, invoer, context=context)


def why_no_gesprek(dienst: Dienst) -> Refused | None:
    """Why there is no conversation to report about; None where there is."""
    if dienst.afgerond_op is None or not dienst.ontvangers:
        message = "een overdrachtsgesprek hoort bij een afgeronde dienst met een overdracht"
        return conflict("Geen overdracht", message, code="geen-overdracht")
    if dienst.overdrachtsgesprek is Overdrachtsgesprek.GEPLAND:
        return None
    return conflict("Al vastgelegd", "hoe dit overdrachtsgesprek liep is al vastgelegd", code="al-vastgelegd")


def _report(
    state: Casus, melding: Melding, dienst: Dienst, invoer: GespreksverslagInvoer, *, context: Context
) -> Decision[Casus]:
    reported = with_gesprek(dienst, invoer, door=invoer.door, context=context)
    line = JournalLine(
        "overdrachtsgesprek-vastgelegd",
        facts={
            "uitkomst": invoer.uitkomst.value,
            "op": iso(invoer.op) if invoer.op is not None else None,
            "functie": invoer.door.functie,
        },
    )
    diensten = tuple(reported if other.id == dienst.id else other for other in state.diensten)
    return Decision(
        replace(state, diensten=diensten),
        events=gesprek_events(reported, melding, door=invoer.door, context=context, was_op=dienst.gesprek_op),
        journal=(line,),
        answer=dienst_answer(context.casus_id, reported),
    )
