"""The triageadvies of a melding: what the contra-indicaties of its region say about the recorded facts (MB 4)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.afspraken import Afspraken, Bron, evaluate_triage
from contracts.afspraken import Triageadvies as Uitspraak
from contracts.messages.triage import Advies, Beoordeling, Besluit, Bronverwijzing, Reden, TriageadviesBepaald
from services.runtime.unit.decision import JournalLine, JsonObject
from services.triage.domain.casus import Adviesuitkomst, Grond

FITTING: dict[Advies, frozenset[Besluit]] = {
    Advies.DIRECTE_OVERDRACHT: frozenset({Besluit.DIRECTE_OVERDRACHT}),
    Advies.DIENST: frozenset({Besluit.DIENST_VOORWAARDEN_VERVOLG, Besluit.DIENST_ONDERZOEK}),
    Advies.AFSTEMMEN_GGZ: frozenset({Besluit.OVERLEG, Besluit.ACUTE_CRISIS}),
    Advies.OVERLEG: frozenset({Besluit.OVERLEG}),
}
"""Which decisions follow an advice; any other departs from it and says why."""


@dataclass(frozen=True, slots=True)
class Bepaling:
    """An advice as it was computed, with everything that is told about it."""

    uitkomst: Adviesuitkomst
    event: TriageadviesBepaald
    journal: tuple[JournalLine, ...]


def determine_advies(afspraken: Afspraken, feiten: dict[str, bool], *, melding_id: UUID, now: datetime) -> Bepaling:
    """Compute the advice. It advises; a professional decides."""
    uitspraak = evaluate_triage(afspraken, feiten)
    advies = Advies(uitspraak.uitkomst.value)
    uitkomst = Adviesuitkomst(
        advies=advies,
        afspraken_versie=afspraken.versie,
        bepaald_op=now,
        redenen=tuple(Grond(reden.regel_id, _names(reden.feiten)) for reden in uitspraak.redenen),
        te_beoordelen=tuple(Grond(vraag.regel_id, _names(vraag.feiten)) for vraag in uitspraak.te_beoordelen),
    )
    return Bepaling(uitkomst, _event(afspraken, uitspraak, advies, melding_id), _journal(uitkomst, feiten))


def departs(besluit: Besluit, advies: Advies) -> bool:
    """Whether a decision is another one than was advised."""
    return besluit not in FITTING[advies]


def _event(afspraken: Afspraken, uitspraak: Uitspraak, advies: Advies, melding_id: UUID) -> TriageadviesBepaald:
    return TriageadviesBepaald(
        melding_id=melding_id,
        advies=advies,
        afspraken_versie=afspraken.versie,
        redenen=tuple(
            Reden(
                regel_id=reden.regel_id,
                label=reden.label,
                bron=_bron(reden.bron),
                feiten=_names(reden.feiten),
                lezing=reden.lezing,
            )
            for reden in uitspraak.redenen
        ),
        te_beoordelen=tuple(
            Beoordeling(
                regel_id=vraag.regel_id,
                label=vraag.label,
                bron=_bron(vraag.bron),
                feiten=_names(vraag.feiten),
                oordeel=vraag.oordeel.value,
                vraag=vraag.vraag,
            )
            for vraag in uitspraak.te_beoordelen
        ),
    )


def _journal(uitkomst: Adviesuitkomst, feiten: dict[str, bool]) -> tuple[JournalLine, ...]:
    facts: JsonObject = {"advies": uitkomst.advies.value, "feiten": {**feiten}}
    return tuple(
        JournalLine("triageadvies-bepaald", grond.regel_id, uitkomst.afspraken_versie, facts)
        for grond in uitkomst.redenen
    )


def _bron(bron: Bron) -> Bronverwijzing:
    return Bronverwijzing(document=bron.document, paragraaf=bron.paragraaf, citaat=bron.citaat)


def _names(feiten: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(feit) for feit in feiten)
