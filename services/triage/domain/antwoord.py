"""How triage answers: decisions without effect, refusals in words a caller can act on, and what a caller gets back."""

from typing import TypeVar

from pydantic import BaseModel

from contracts.messages.envelope import Problem
from contracts.messages.identifiers import CasusId, short_reference
from services.runtime.unit.decision import JsonObject, Refused
from services.runtime.unit.outcomes import conflict, iso
from services.triage.domain.casus import Adviesuitkomst, Casus, Dienst, Grond, Melding, Meldpuntmelding, Triagebesluit

M = TypeVar("M", bound=BaseModel)

NOT_FOUND = Refused(
    404, "Niet gevonden", (Problem("id", "is niet bekend, of niet bij deze afnemer"),), code="niet-gevonden"
)


def reused(wat: str) -> Refused:
    """The reference of a sender was used before, for something else."""
    message = f"hiermee is al een {wat} met een andere inhoud ontvangen"
    return conflict("Dit kenmerk is al gebruikt", message, place="kenmerk", code="kenmerk-hergebruikt")


def occupied() -> Refused:
    """A case begins once; what is about another household or of another kind gets a case of its own."""
    return conflict("Deze casus bestaat al", "een casus begint maar één keer", code="casus-bestaat-al")


def melding_answer(casus_id: CasusId, state: Casus, melding: Melding) -> JsonObject:
    """What whoever sends a melding gets back: no personal data, and what can be looked up later."""
    return {
        "id": str(melding.id),
        "casusId": str(casus_id),
        "referentie": short_reference(casus_id),
        "regio": melding.regio,
        "gemeente": melding.gemeente,
        "ontvangenOp": iso(melding.ontvangen_op),
        "hermelding": bool(melding.eerdere_casussen),
        "mogelijkeHermeldingen": len(melding.mogelijke_hermeldingen),
        "triageadvies": advies_answer(state.advies) if state.advies is not None else None,
    }


def advies_answer(advies: Adviesuitkomst) -> JsonObject:
    """The advice by rule id; the sentences stand in the afspraken."""
    return {
        "advies": advies.advies.value,
        "afsprakenVersie": advies.afspraken_versie,
        "bepaaldOp": iso(advies.bepaald_op),
        "redenen": [_grond(grond) for grond in advies.redenen],
        "teBeoordelen": [_grond(grond) for grond in advies.te_beoordelen],
    }


def besluit_answer(casus_id: CasusId, state: Casus, besluit: Triagebesluit) -> JsonObject:
    """What whoever records a triagebesluit gets back."""
    return {
        "id": str(besluit.id),
        "casusId": str(casus_id),
        "referentie": short_reference(casus_id),
        "besluit": besluit.besluit.value,
        "genomenOp": iso(besluit.genomen_op),
        "wijktAfVanAdvies": besluit.wijkt_af_van_advies,
        "ontvangers": [ontvanger.model_dump(mode="json", exclude_none=True) for ontvanger in besluit.ontvangers],
        "status": state.fase.value if state.fase else None,
    }


def dienst_answer(casus_id: CasusId, dienst: Dienst) -> JsonObject:
    """What whoever starts or finishes a dienst gets back."""
    return {
        "id": str(dienst.id),
        "casusId": str(casus_id),
        "referentie": short_reference(casus_id),
        "dienstsoort": dienst.dienstsoort.value,
        "gestartOp": iso(dienst.gestart_op),
        "afgerondOp": iso(dienst.afgerond_op) if dienst.afgerond_op is not None else None,
        "ontvangers": [ontvanger.model_dump(mode="json", exclude_none=True) for ontvanger in dienst.ontvangers],
        "overdrachtsgesprek": dienst.overdrachtsgesprek.value if dienst.overdrachtsgesprek is not None else None,
    }


def meldpunt_answer(casus_id: CasusId, melding: Meldpuntmelding) -> JsonObject:
    """What the meldpunt may know: the status, never the content (BK 4.2)."""
    answer: JsonObject = {
        "id": str(melding.id),
        "casusId": str(casus_id),
        "referentie": short_reference(casus_id),
        "uitkomst": melding.uitkomst.value,
        "crisis": melding.crisis,
        "ontvangenOp": iso(melding.ontvangen_op),
        "status": meldpunt_status(melding),
    }
    if melding.doorgezet_naar is not None and melding.doorgezet_op is not None:
        answer |= {"doorgezetNaar": melding.doorgezet_naar.value, "doorgezetOp": iso(melding.doorgezet_op)}
    if melding.overgenomen_door is not None and melding.overgenomen_op is not None:
        answer |= {"overgenomenDoor": melding.overgenomen_door, "overgenomenOp": iso(melding.overgenomen_op)}
    elif melding.aanbiedingen:
        answer |= {"openAanbiedingen": [*sorted(set(melding.aanbiedingen.values()))]}
    return answer


def meldpunt_status(melding: Meldpuntmelding) -> str:
    """Recorded, forwarded, or taken over by another party."""
    if melding.overgenomen_op is not None:
        return "overgenomen"
    return "vastgelegd" if melding.doorgezet_naar is None else "doorgezet"


def _grond(grond: Grond) -> JsonObject:
    return {"regelId": grond.regel_id, "feiten": list(grond.feiten)}
