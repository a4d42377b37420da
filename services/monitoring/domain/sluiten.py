"""Whether a case can be closed, and that a closure on hearsay is none where the party it was about contradicts it."""

from collections.abc import Collection

from contracts.afspraken import Anker
from contracts.afspraken.gebeurd import Woord, rests_on_a_word
from contracts.afspraken.stilte import find_crises
from contracts.messages.monitoring import Drager
from contracts.rechten import Relatie
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.monitoring import Monitoringfase
from services.monitoring.domain.toestand import Overgang, Toezicht
from services.runtime.unit.frozen import replace


def why_not_close(
    casus: Casus, fase: Monitoringfase | None, bearer: Overgang, *, relaties: Collection[Relatie]
) -> str | None:
    """What has to be done in this case first, in Dutch. A meldpunt says itself that its crisis is over."""
    toezicht = casus.toezicht
    if bearer.partij is not None and toezicht.stands_by_proof(bearer.partij):
        naam = casus.partijen.naam(bearer.partij)
        return f"dat {naam} zicht op veiligheid draagt, zegt alleen een ander; sluiten kan als {naam} zelf aanvaardt of weigert"
    if _is_still_weighed(toezicht, relaties):
        return "Veilig Thuis weegt deze melding nog; sluiten kan na het triagebesluit"
    if fase is not None:
        return "de monitoring loopt nog; stop die eerst bij een monitormoment"
    if bearer.drager is not Drager.MELDPUNT and any(end is None for _, end in find_crises(casus)):
        return "in deze crisis is nog geen vervolgstap gezet; neem een besluit of leg vast welke stap is gezet"
    return None


def _is_still_weighed(toezicht: Toezicht, relaties: Collection[Relatie]) -> bool:
    """Whether another than Veilig Thuis would close a melding that it has not weighed yet: that stays its task."""
    ankers = {feit.anker for feit in toezicht.feiten}
    waits = Anker.MELDING_ONTVANGEN in ankers and Anker.TRIAGEBESLUIT_GENOMEN not in ankers
    return waits and Relatie.VEILIG_THUIS not in relaties


def without_closures_on_hearsay(toezicht: Toezicht) -> Toezicht:
    """The case without a closure from the time in which others said that a party bore it, and it did not: open again."""
    woorden = _contradicted(toezicht)
    kept = tuple(feit for feit in toezicht.feiten if not rests_on_a_word(feit.anker, feit.op, woorden))
    return toezicht if len(kept) == len(toezicht.feiten) else replace(toezicht, feiten=kept, sluitreden=None)


def _contradicted(toezicht: Toezicht) -> list[Woord]:
    """From when to when others said so, and the party had not contradicted it."""
    refused = {feit.onderwerp_id: feit.op for feit in toezicht.feiten if feit.anker is Anker.OVERDRACHT_GEWEIGERD}
    return [
        (beeld.bewijs_op, refused[beeld.overdracht_id])
        for beeld in toezicht.overdrachten.values()
        if beeld.betwist and beeld.bewijs_op is not None and beeld.overdracht_id in refused
    ]
