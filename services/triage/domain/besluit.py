"""The triagebesluit: taken by a named professional, checked before anything leaves (MB 4, 4.1)."""

from collections.abc import Sequence
from uuid import UUID

from pydantic.alias_generators import to_camel

from contracts.afspraken import Afspraken, Triagefeit, evaluate_triage, local_date
from contracts.afspraken.feiten import Informant, Meldersoort
from contracts.messages.documenten import Bron, Overdrachtsdocument
from contracts.messages.envelope import Problem
from contracts.messages.handover import Overdrachtsoort
from contracts.messages.triage import Advies, Besluit, Besluittoelichting, Ontvanger, TriagebesluitGenomen
from contracts.messages.verzegeld import Verzegeld
from services.runtime.unit.decision import Context, Decision, JournalLine, Outcome, Refused
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, invalid, seal, unchanged
from services.triage.domain.advies import Bepaling, departs, determine_advies
from services.triage.domain.antwoord import NOT_FOUND, besluit_answer
from services.triage.domain.casus import AWAITING_BESLUIT, FASE_AFTER, Casus, Melding, Triagebesluit
from services.triage.domain.elders import why_not_end
from services.triage.domain.invoer import TriagebesluitInvoer
from services.triage.domain.kader import Kader
from services.triage.domain.melding import accessible_melding
from services.triage.domain.meldpunt import take_over_with_besluit
from services.triage.domain.overdracht import (
    DOCUMENT,
    check_bijlagen,
    check_document,
    check_ontvangers,
    choose_ontvangers,
    ids_of_bijlagen,
    name_ontvangers,
)
from services.triage.domain.sluiting import why_closed

WITHOUT_OORDEEL = frozenset({Besluit.OVERLEG, Besluit.ACUTE_CRISIS})
"""Decisions that do not wait for what professionals must conclude together: overleg is how they do, a crisis first."""


def take_besluit(state: Casus | None, invoer: TriagebesluitInvoer, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """Record the decision and let follow what it asks; refused with every reason at once, and then nothing leaves."""
    if state is None or (melding := accessible_melding(state, context=context, kader=kader)) is None:
        return NOT_FOUND
    vingerafdruk = kader.fingerprint(invoer)
    last = state.last_besluit
    if last is not None and last.vingerafdruk == vingerafdruk and state.fase is FASE_AFTER[last.besluit]:
        return unchanged(state, besluit_answer(context.casus_id, state, last))
    if refused := why_closed(state) or _why_not_now(state, invoer):
        return refused
    afspraken = kader.afspraken(regio=melding.regio, gemeente=melding.gemeente, ontvangen_op=melding.ontvangen_op)
    feiten = melding.feiten | invoer.oordelen.known()
    bepaling = determine_advies(afspraken, feiten, melding_id=melding.id, now=context.now)
    ontvangers = choose_ontvangers(invoer.ontvangers, melding) if _hands_over(invoer) else ()
    departing = _departs(invoer, bepaling, ontvangers, kader)
    problems = [
        *_check_weighing(invoer, bepaling, afspraken, feiten, departing=departing),
        *_check_overdracht(invoer, ontvangers, melding, afspraken, context=context, kader=kader),
    ]
    if problems:
        return invalid(problems)
    weighed = replace(state, melding=replace(melding, feiten=feiten), advies=bepaling.uitkomst)
    return _record(
        weighed, invoer, bepaling, ontvangers, departing=departing, vingerafdruk=vingerafdruk, context=context
    )


def _why_not_now(state: Casus, invoer: TriagebesluitInvoer) -> Refused | None:
    if decided := why_decided(state):
        return decided
    return why_not_end(state) if invoer.besluit is Besluit.GEEN_VERVOLG else None


def why_decided(state: Casus) -> Refused | None:
    """That there is nothing to decide about this melding now; None where there is."""
    if state.fase in AWAITING_BESLUIT:
        return None
    message = "over deze melding is al besloten; na een terugkoppeling kan opnieuw worden besloten"
    return conflict("Er is al een triagebesluit", message, code="al-besloten")


def _hands_over(invoer: TriagebesluitInvoer) -> bool:
    return invoer.besluit is Besluit.DIRECTE_OVERDRACHT


def _departs(invoer: TriagebesluitInvoer, bepaling: Bepaling, ontvangers: Sequence[Ontvanger], kader: Kader) -> bool:
    """To align with the GGZ is to find where the case is best taken up; handing it to the GGZ follows that (MB 4)."""
    advies = bepaling.uitkomst.advies
    if advies is Advies.AFSTEMMEN_GGZ and any(kader.is_ggz(item.partij) for item in ontvangers if item.partij):
        return False
    return departs(invoer.besluit, advies)


def _check_weighing(
    invoer: TriagebesluitInvoer, bepaling: Bepaling, afspraken: Afspraken, feiten: dict[str, bool], *, departing: bool
) -> list[Problem]:
    """What only professionals can conclude is answered, and a decision against the advice says why."""
    if invoer.besluit not in WITHOUT_OORDEEL and bepaling.uitkomst.te_beoordelen:
        asked = {vraag.oordeel.value: vraag.vraag for vraag in evaluate_triage(afspraken, feiten).te_beoordelen}
        return [Problem(f"oordelen.{to_camel(oordeel)}", f"ontbreekt: {vraag}") for oordeel, vraag in asked.items()]
    advies = bepaling.uitkomst.advies
    if departing and invoer.reden_afwijking is None:
        return [Problem("redenAfwijking", f"ontbreekt: het besluit wijkt af van het triageadvies ({advies.value})")]
    return []


def _check_overdracht(
    invoer: TriagebesluitInvoer,
    ontvangers: Sequence[Ontvanger],
    melding: Melding,
    afspraken: Afspraken,
    *,
    context: Context,
    kader: Kader,
) -> list[Problem]:
    if _hands_over(invoer):
        return [
            *check_ontvangers(ontvangers, melding, now=context.now, kader=kader),
            *check_document(
                invoer.overdrachtsdocument, Overdrachtsoort.DIRECT, afspraken, today=local_date(context.now)
            ),
            *check_bijlagen(invoer.overdrachtsdocument, actor=context.actor, casus_id=context.casus_id, kader=kader),
            *kader.check_size(DOCUMENT, invoer.overdrachtsdocument, _toelichting(invoer)),
        ]
    given = {"ontvangers": bool(invoer.ontvangers), DOCUMENT: invoer.overdrachtsdocument is not None}
    return [Problem(place, "hoort alleen bij een directe-overdracht") for place, present in given.items() if present]


def _record(
    state: Casus,
    invoer: TriagebesluitInvoer,
    bepaling: Bepaling,
    ontvangers: tuple[Ontvanger, ...],
    *,
    departing: bool,
    vingerafdruk: str,
    context: Context,
) -> Decision[Casus]:
    besluit = Triagebesluit(
        id=context.new_id(),
        besluit=invoer.besluit,
        genomen_op=context.now,
        functie=invoer.genomen_door.functie,
        wijkt_af_van_advies=departing,
        vingerafdruk=vingerafdruk,
        genomen_door=seal(context, invoer.genomen_door),
        toelichting=seal(context, _toelichting(invoer)),
        ontvangers=ontvangers,
    )
    decided = replace(state, fase=FASE_AFTER[invoer.besluit], besluiten=(*state.besluiten, besluit))
    taken_over, overname = take_over_with_besluit(decided, door=invoer.genomen_door, context=context)
    document = seal(context, invoer.overdrachtsdocument.as_sent()) if invoer.overdrachtsdocument is not None else None
    readvised = bool(invoer.oordelen.known())
    return Decision(
        taken_over,
        events=(
            *((bepaling.event,) if readvised else ()),
            *overname,
            _taken(taken_over, besluit, document, ids_of_bijlagen(invoer.overdrachtsdocument)),
        ),
        journal=(
            *(bepaling.journal if readvised else ()),
            _line(besluit, bepaling),
        ),
        answer=besluit_answer(context.casus_id, taken_over, besluit),
    )


def _taken(
    state: Casus,
    besluit: Triagebesluit,
    document: Verzegeld[Overdrachtsdocument] | None,
    bijlagen: tuple[UUID, ...],
) -> TriagebesluitGenomen:
    melding = state.melding
    assert melding is not None, "a triagebesluit is about a melding"
    return TriagebesluitGenomen(
        triagebesluit_id=besluit.id,
        melding_id=melding.id,
        regio=melding.regio,
        gemeente=melding.gemeente,
        melding_ontvangen_op=melding.ontvangen_op,
        besluit=besluit.besluit,
        genomen_op=besluit.genomen_op,
        genomen_door=besluit.genomen_door,
        functie=besluit.functie,
        wijkt_af_van_advies=besluit.wijkt_af_van_advies,
        toelichting=besluit.toelichting,
        ontvangers=besluit.ontvangers,
        overdrachtsdocument=document,
        bijlagen=bijlagen,
        informeert=_informant(melding),
        melder=Meldersoort.AMBTSHALVE if melding.bron is Bron.AMBTSHALVE else Meldersoort.EXTERN,
    )


def _informant(melding: Melding) -> Informant:
    """Where a team is at work with the family already, telling them is normally its task (AEF A)."""
    betrokken = melding.feiten.get(Triagefeit.LOKAAL_TEAM_BETROKKEN.value, False)
    return Informant.LOKAAL_TEAM if betrokken else Informant.VEILIG_THUIS


def _line(besluit: Triagebesluit, bepaling: Bepaling) -> JournalLine:
    uitkomst = bepaling.uitkomst
    return JournalLine(
        "triagebesluit-genomen",
        uitkomst.redenen[0].regel_id,
        uitkomst.afspraken_versie,
        {
            "besluit": besluit.besluit.value,
            "advies": uitkomst.advies.value,
            "wijktAf": besluit.wijkt_af_van_advies,
            "functie": besluit.functie,
            "ontvangers": [*name_ontvangers(besluit.ontvangers)],
        },
    )


def _toelichting(invoer: TriagebesluitInvoer) -> Besluittoelichting:
    return Besluittoelichting(afwegingen=invoer.afwegingen, reden_afwijking=invoer.reden_afwijking)
