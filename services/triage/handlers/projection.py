"""The rows that the GETs read, made of the state of a case."""

from collections.abc import Iterable

from contracts.messages.identifiers import CasusId
from services.runtime.unit.decision import ViewRow
from services.runtime.unit.rows import row_of
from services.triage.domain.antwoord import advies_answer, meldpunt_status
from services.triage.domain.casus import (
    Adviesvraag,
    Casus,
    Dienst,
    Melding,
    Meldpuntmelding,
    MogelijkeHermelding,
    Triagebesluit,
)
from services.triage.ports import rows


def project(casus_id: CasusId, state: Casus) -> Iterable[ViewRow]:
    """The rows that the GETs read."""
    if state.melding is not None:
        yield ViewRow(rows.Melding, state.melding.id, _melding_row, casus_id, state, state.melding)
    if state.meldpuntmelding is not None:
        yield ViewRow(rows.Meldpuntmelding, state.meldpuntmelding.id, _meldpunt_row, casus_id, state.meldpuntmelding)
    if state.adviesvraag is not None:
        yield ViewRow(rows.Adviesvraag, state.adviesvraag.id, _adviesvraag_row, casus_id, state.adviesvraag)
    for besluit in state.besluiten:
        yield ViewRow(rows.Besluitregel, besluit.id, _besluit_row, casus_id, besluit)
    for dienst in state.diensten:
        yield ViewRow(rows.Dienst, dienst.id, _dienst_row, casus_id, dienst)


def _melding_row(casus_id: CasusId, state: Casus, melding: Melding) -> rows.Melding:
    informed = melding.melder_geinformeerd
    return row_of(
        rows.Melding,
        melding,
        casus_id=casus_id,
        status=state.fase,
        melder_geinformeerd_op=informed and informed.op,
        mogelijke_hermeldingen=tuple(map(_mogelijke_row, melding.mogelijke_hermeldingen)),
        triageadvies=state.advies and advies_answer(state.advies),
        persoonsgegevens=melding.persoonsgegevens.jwe,
    )


def _mogelijke_row(found: MogelijkeHermelding) -> rows.MogelijkeHermelding:
    said = found.beoordeeld
    return rows.MogelijkeHermelding(
        casus_id=found.casus_id,
        gronden=found.gronden,
        oordeel=None if said is None else said.oordeel,
        beoordeeld_op=None if said is None else said.op,
    )


def _meldpunt_row(casus_id: CasusId, melding: Meldpuntmelding) -> rows.Meldpuntmelding:
    return row_of(rows.Meldpuntmelding, melding, casus_id=casus_id, status=meldpunt_status(melding))


def _adviesvraag_row(casus_id: CasusId, vraag: Adviesvraag) -> rows.Adviesvraag:
    return row_of(rows.Adviesvraag, vraag, casus_id=casus_id)


def _besluit_row(casus_id: CasusId, besluit: Triagebesluit) -> rows.Besluitregel:
    return row_of(rows.Besluitregel, besluit, casus_id=casus_id, ontvangers=_ontvangers(besluit))


def _dienst_row(casus_id: CasusId, dienst: Dienst) -> rows.Dienst:
    return row_of(rows.Dienst, dienst, casus_id=casus_id, ontvangers=_ontvangers(dienst))


def _ontvangers(of: Triagebesluit | Dienst) -> tuple[rows.Ontvanger, ...]:
    return tuple(rows.Ontvanger(gemeente=to.gemeente, team=to.team, partij=to.partij) for to in of.ontvangers)
