"""What happened elsewhere in the case, and keeps a triagebesluit from ending it: a crisis without a step, a proof of others.

The same holds where a case is closed at monitoring: no crisis is left without a next step, and nobody bears zicht op
veiligheid on the word of another alone when a case ends (docs/decisions/0019).
"""

from contracts.messages.doorgegeven import CrisisstapDoorgegeven
from contracts.messages.handover import OverdrachtGeweigerd, OverdrachtIngetrokken, OverdrachtOpgepakt
from contracts.messages.triage import Besluit
from services.runtime.unit.decision import Decision, JournalLine, Outcome, Refused
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, joined, unchanged
from services.triage.domain.casus import Casus, Fase
from services.triage.domain.meldpunt import note_answer

_STAPPEN = frozenset(
    {Besluit.DIRECTE_OVERDRACHT, Besluit.DIENST_VOORWAARDEN_VERVOLG, Besluit.DIENST_ONDERZOEK, Besluit.GEEN_VERVOLG}
)
"""The besluiten after which an acute crisis has a next step, or had one."""


def note_stap(state: Casus | None, event: CrisisstapDoorgegeven) -> Outcome[Casus]:
    """A step was taken in a crisis: it is no longer without one."""
    if state is None or (state.crisisstap_op is not None and state.crisisstap_op >= event.gezet_op):
        return unchanged(state)
    return Decision(replace(state, crisisstap_op=event.gezet_op))


def note_aanbod(
    state: Casus | None, event: OverdrachtOpgepakt | OverdrachtGeweigerd | OverdrachtIngetrokken
) -> Outcome[Casus]:
    """What became of an offer, whoever made it; of one by the meldpunt also what that is to its melding."""
    noted = note_answer(state, event)
    if state is None or event.aangeboden_door is None or not isinstance(noted, Decision):
        return noted
    known = noted.state
    others = {key: op for key, op in known.volgens_anderen.items() if key != event.overdracht_id}
    if isinstance(event, OverdrachtOpgepakt) and event.bewijs is not None:
        return replace(noted, state=replace(known, volgens_anderen={**others, event.overdracht_id: event.opgepakt_op}))
    if isinstance(event, OverdrachtOpgepakt):
        step = max(event.opgepakt_op, known.crisisstap_op or event.opgepakt_op)  # and no word of others stands any more
        return replace(noted, state=replace(known, volgens_anderen={}, crisisstap_op=step))
    return joined(noted, _reopened(replace(known, volgens_anderen=others), known, event))


def why_not_end(state: Casus) -> Refused | None:
    """What has to be done before a besluit that nothing follows; None where nothing has."""
    if state.volgens_anderen or (state.meldpuntmelding is not None and state.meldpuntmelding.op_bewijs):
        message = (
            "een andere partij draagt zicht op veiligheid alleen volgens een ander; dit besluit kan als die partij zelf "
            "aanvaardt of weigert"
        )
        return conflict("Nog niet bevestigd", message, code="niet-bevestigd")
    crises = [index for index, item in enumerate(state.besluiten) if item.besluit is Besluit.ACUTE_CRISIS]
    if not crises:
        return None
    crisis, later = state.besluiten[crises[-1]], state.besluiten[crises[-1] + 1 :]
    stepped = state.crisisstap_op is not None and state.crisisstap_op >= crisis.genomen_op
    if stepped or any(item.besluit in _STAPPEN for item in later):
        return None
    message = (
        "in deze acute crisis is nog geen vervolgstap gezet; leg vast welke stap is gezet, of besluit tot een dienst of "
        "een overdracht"
    )
    return conflict("De crisis is nog niet voorbij", message, code="crisis-zonder-stap")


def _reopened(noted: Casus, known: Casus, event: OverdrachtGeweigerd | OverdrachtIngetrokken) -> Decision[Casus]:
    """What was ended on a word is weighed again: that party contradicts it, or who gave the word takes it back."""
    said, last = known.volgens_anderen.get(event.overdracht_id), noted.last_besluit
    ended = noted.fase is Fase.GEEN_VERVOLG and last is not None and last.besluit is Besluit.GEEN_VERVOLG
    if not (event.betwist and ended and said is not None and last is not None and said <= last.genomen_op):
        return Decision(noted)
    line = JournalLine("nieuwe-weging-gevraagd", facts={"overdracht": str(event.overdracht_id), "betwist": True})
    return Decision(replace(noted, fase=Fase.TERUGGEKOPPELD), journal=(line,))
