"""Whether a case can be closed, and when a closure turns out to be none: it is open again.

A closure on hearsay is none where the party it was about contradicts it. Neither is one that was overtaken: something
had begun in the case that whoever closed it could not know, for the services tell each other a moment later.
"""

from datetime import datetime

from contracts.afspraken import Anker
from contracts.afspraken.gebeurd import Woord, goes_on, rests_on_a_word
from contracts.afspraken.stilte import find_crises
from contracts.messages.monitoring import Drager
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.monitoring import Monitoringfase
from services.monitoring.domain.relaties import stands_by_proof
from services.monitoring.domain.toestand import Feit, Overgang, Toezicht
from services.monitoring.domain.wie import Wie
from services.runtime.unit.frozen import replace


def why_not_close(casus: Casus, fase: Monitoringfase | None, bearer: Overgang, *, wie: Wie) -> str | None:
    """What has to be done in this case first and by whom, in Dutch; None where it can be closed by who asks now."""
    toezicht = casus.toezicht
    if bearer.partij is not None and stands_by_proof(toezicht, bearer.partij):
        naam = casus.partijen.naam(bearer.partij)
        return f"dat {naam} zicht op veiligheid draagt, zegt alleen een ander; sluiten kan als {naam} zelf aanvaardt of weigert"
    if _is_still_weighed(toezicht, wie):
        return "Veilig Thuis weegt deze melding nog; sluiten kan na het triagebesluit"
    if reason := _why_not_theirs(casus, bearer, wie):
        return reason
    if fase is not None:
        return "de monitoring loopt nog; stop die eerst bij een monitormoment"
    if bearer.drager is not Drager.MELDPUNT and any(end is None for _, end in find_crises(casus)):
        return "in deze crisis is nog geen vervolgstap gezet; neem een besluit of leg vast welke stap is gezet"
    return None


def _why_not_theirs(casus: Casus, bearer: Overgang, wie: Wie) -> str | None:
    """Whoever bears zicht op veiligheid says that it is safe. Where a partner took over, Veilig Thuis closes (MB 6)."""
    if bearer.partij is None or bearer.partij in wie.codes:
        return None
    naam = casus.partijen.naam(bearer.partij)
    match bearer.drager:
        case Drager.KETENPARTNER if wie.is_veilig_thuis and _took_over_itself(casus.toezicht, bearer.partij):
            return None
        case Drager.MELDPUNT:
            return f"{naam} draagt zicht op veiligheid en sluit zelf; neem de meldpuntmelding eerst over als u wilt sluiten"
        case _:
            return f"{naam} draagt zicht op veiligheid; alleen {naam} sluit deze casus"


def _took_over_itself(toezicht: Toezicht, partij: str) -> bool:
    """Whether this party was asked to take over and did so by its own act."""
    offers = (beeld for beeld in toezicht.overdrachten.values() if beeld.aangeboden_door is not None)
    return any(beeld.zelf_aanvaard and beeld.ontvanger == partij for beeld in offers)


def _is_still_weighed(toezicht: Toezicht, wie: Wie) -> bool:
    """Whether another than Veilig Thuis would close a melding that it has not weighed yet: that stays its task."""
    ankers = {feit.anker for feit in toezicht.feiten}
    waits = Anker.MELDING_ONTVANGEN in ankers and Anker.TRIAGEBESLUIT_GENOMEN not in ankers
    return waits and not wie.is_veilig_thuis


def without_closures_on_hearsay(toezicht: Toezicht) -> Toezicht:
    """The case without a closure from the time in which others said that a party bore it, and it did not: open again."""
    woorden = _contradicted(toezicht)
    kept = tuple(feit for feit in toezicht.feiten if not rests_on_a_word(feit.anker, feit.op, woorden))
    return toezicht if len(kept) == len(toezicht.feiten) else replace(toezicht, feiten=kept, sluitreden=None)


def without_overtaken_closure(before: Casus, after: Casus) -> Toezicht:
    """The case without its closure where somebody goes on with it later: open again, and never in silence.

    What happened before it was closed, or ends the case itself, changes nothing however late it is heard of.
    """
    closed, toezicht = closure_of(before.toezicht), after.toezicht
    known = {feit.key for feit in before.toezicht.feiten}
    news = (feit for feit in toezicht.feiten if feit.key not in known and goes_on(feit, after.omstandigheden(feit)))
    if closed is None or all(feit.op < closed.op for feit in news):
        return toezicht
    return replace(toezicht, feiten=tuple(feit for feit in toezicht.feiten if feit.key != closed.key), sluitreden=None)


def is_overtaken(casus: Casus, op: datetime) -> bool:
    """Whether somebody is known to have gone on with the case after this moment: it was not closed then."""
    return any(feit.op > op and goes_on(feit, casus.omstandigheden(feit)) for feit in casus.toezicht.feiten)


def is_closed(toezicht: Toezicht) -> bool:
    """Whether it was closed, or ended by a besluit that nothing follows."""
    return any(feit.anker is Anker.CASUS_GESLOTEN for feit in toezicht.feiten)


def closure_of(toezicht: Toezicht) -> Feit | None:
    """That somebody closed the case; a besluit that nothing follows ends it in triage and is something else."""
    return next((feit for feit in toezicht.feiten if feit.anker is Anker.CASUS_GESLOTEN and feit.bron_id is None), None)


def _contradicted(toezicht: Toezicht) -> list[Woord]:
    """From when to when others said so, and the party had not contradicted it."""
    ended = {Anker.OVERDRACHT_GEWEIGERD, Anker.OVERDRACHT_INGETROKKEN}
    refused = {feit.onderwerp_id: feit.op for feit in toezicht.feiten if feit.anker in ended}
    return [
        (beeld.bewijs_op, refused[beeld.overdracht_id])
        for beeld in toezicht.overdrachten.values()
        if beeld.betwist and beeld.bewijs_op is not None and beeld.overdracht_id in refused
    ]
