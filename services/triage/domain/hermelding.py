"""A person links an earlier case that may be about the same people, or says that it is not (MB 3.1)."""

from contracts.messages.identifiers import CasusId, short_reference
from contracts.messages.triage import HermeldingHerkend
from services.runtime.unit.decision import Context, Decision, JournalLine, JsonObject, Outcome
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, iso, seal, unchanged
from services.triage.domain.antwoord import NOT_FOUND
from services.triage.domain.casus import Beoordeeld, Casus, Hermeldingoordeel, Melding, MogelijkeHermelding
from services.triage.domain.invoer import HermeldingInvoer
from services.triage.domain.kader import Kader
from services.triage.domain.melding import accessible_melding


def judge_hermelding(
    state: Casus | None, invoer: HermeldingInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Record who says so; what is linked is from then on a hermelding. A link is not taken back, a no can be."""
    if state is None or (melding := accessible_melding(state, context=context, kader=kader)) is None:
        return NOT_FOUND
    offered = next((item for item in melding.mogelijke_hermeldingen if item.casus_id == invoer.casus_id), None)
    if offered is None:
        return conflict(
            "Niet als mogelijke hermelding gevonden", "deze casus is bij deze melding niet gevonden", place="casusId"
        )
    earlier = offered.beoordeeld
    if earlier is not None and earlier.oordeel is invoer.oordeel:
        return unchanged(state, _answer(context.casus_id, melding, offered.casus_id, earlier))
    if earlier is not None and earlier.oordeel is Hermeldingoordeel.GEKOPPELD:
        return conflict("Al gekoppeld", "deze casussen zijn al gekoppeld; dat wordt niet teruggedraaid")
    medewerker = seal(context, invoer.medewerker)
    beoordeeld = Beoordeeld(invoer.oordeel, context.now, context.actor.partij, medewerker)
    judged = _with(melding, replace(offered, beoordeeld=beoordeeld))
    linked = invoer.oordeel is Hermeldingoordeel.GEKOPPELD
    facts: JsonObject = {
        "casus": str(offered.casus_id),
        "gronden": [grond.value for grond in offered.gronden],
        "oordeel": invoer.oordeel.value,
        "medewerker": medewerker.jwe,
    }
    return Decision(
        replace(state, melding=judged),
        events=(HermeldingHerkend(melding_id=melding.id, eerdere_casussen=(offered.casus_id,)),) if linked else (),
        journal=(JournalLine("mogelijke-hermelding-beoordeeld", facts=facts),),
        answer=_answer(context.casus_id, judged, offered.casus_id, beoordeeld),
    )


def _with(melding: Melding, judged: MogelijkeHermelding) -> Melding:
    others = melding.mogelijke_hermeldingen
    return replace(
        melding,
        mogelijke_hermeldingen=tuple(judged if item.casus_id == judged.casus_id else item for item in others),
        eerdere_casussen=(
            (*melding.eerdere_casussen, judged.casus_id)
            if judged.beoordeeld is not None and judged.beoordeeld.oordeel is Hermeldingoordeel.GEKOPPELD
            else melding.eerdere_casussen
        ),
    )


def _answer(casus_id: CasusId, melding: Melding, eerdere_casus: object, beoordeeld: Beoordeeld) -> JsonObject:
    return {
        "id": str(melding.id),
        "casusId": str(casus_id),
        "referentie": short_reference(casus_id),
        "eerdereCasus": str(eerdere_casus),
        "oordeel": beoordeeld.oordeel.value,
        "beoordeeldOp": iso(beoordeeld.op),
    }
