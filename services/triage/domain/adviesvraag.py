"""A question for advice is counted, and holds nothing about a person (AEF 2.2)."""

from contracts.afspraken import local_date
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import CasusId, RegioCode, short_reference
from contracts.messages.triage import AdviesvraagGeregistreerd
from services.runtime.unit.decision import Context, Decision, JournalLine, JsonObject, Outcome
from services.runtime.unit.outcomes import invalid, iso, unchanged
from services.triage.domain.antwoord import occupied, reused
from services.triage.domain.casus import Adviesvraag, Casus
from services.triage.domain.invoer import AdviesvraagInvoer
from services.triage.domain.kader import Kader


def register_adviesvraag(
    state: Casus | None, invoer: AdviesvraagInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Record the question, in the region of its gemeente or else of the Veilig Thuis that was asked."""
    vingerafdruk = kader.fingerprint(invoer)
    if state is not None:
        if (earlier := state.adviesvraag) is None:
            return occupied()
        if earlier.vingerafdruk != vingerafdruk:
            return reused("adviesvraag")
        return unchanged(state, adviesvraag_answer(context.casus_id, earlier))
    regio = _find_regio(invoer, context=context, kader=kader)
    problems = kader.check_moment("gesteldOp", invoer.gesteld_op, context.now)
    if isinstance(regio, Problem):
        return invalid((*problems, regio))
    if problems:
        return invalid(problems)
    vraag = Adviesvraag(
        id=context.new_id(),
        regio=regio,
        gemeente=invoer.gemeente,
        bron=invoer.bron,
        onderwerp=invoer.onderwerp.value,
        gesteld_op=invoer.gesteld_op or context.now,
        vingerafdruk=vingerafdruk,
    )
    return Decision(
        Casus(adviesvraag=vraag),
        events=(_registered(vraag),),
        journal=(JournalLine("adviesvraag-geregistreerd", facts={"onderwerp": vraag.onderwerp}),),
        answer=adviesvraag_answer(context.casus_id, vraag),
    )


def adviesvraag_answer(casus_id: CasusId, vraag: Adviesvraag) -> JsonObject:
    """What whoever records an adviesvraag gets back."""
    return {
        "id": str(vraag.id),
        "casusId": str(casus_id),
        "referentie": short_reference(casus_id),
        "regio": vraag.regio,
        "onderwerp": vraag.onderwerp,
        "gesteldOp": iso(vraag.gesteld_op),
    }


def _find_regio(invoer: AdviesvraagInvoer, *, context: Context, kader: Kader) -> RegioCode | Problem:
    regio = _name_regio(invoer, context=context, kader=kader)
    if isinstance(regio, str) and kader.is_veilig_thuis_elsewhere(context.actor, regio):
        place = "regio" if invoer.gemeente is None else "gemeente"
        return Problem(place, f"hoort bij de regio {regio}; leg de adviesvraag daar vast")
    return regio


def _name_regio(invoer: AdviesvraagInvoer, *, context: Context, kader: Kader) -> RegioCode | Problem:
    if invoer.gemeente is not None:
        return kader.find_regio(invoer.gemeente, local_date(invoer.gesteld_op or context.now))
    regio = invoer.regio or kader.regio_of(context.actor.partij)
    if regio is None:
        return Problem("regio", "ontbreekt: geef een gemeente of een regio")
    if regio not in kader.rule_book.regios:
        return Problem("regio", f"{regio} is geen regio met afspraken; bekend is {', '.join(kader.rule_book.regios)}")
    return regio


def _registered(vraag: Adviesvraag) -> AdviesvraagGeregistreerd:
    return AdviesvraagGeregistreerd(
        adviesvraag_id=vraag.id,
        regio=vraag.regio,
        gemeente=vraag.gemeente,
        bron=vraag.bron,
        onderwerp=vraag.onderwerp,
        gesteld_op=vraag.gesteld_op,
    )
