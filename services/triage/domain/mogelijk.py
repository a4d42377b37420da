"""What an act on a melding or dienst would be refused for, whatever is filled in: told before it is filled in."""

from uuid import UUID

from contracts.messages.identifiers import PartijCode
from services.runtime.unit.decision import Refused
from services.runtime.unit.outcomes import conflict
from services.triage.domain.besluit import why_decided
from services.triage.domain.casus import Casus, Dienst
from services.triage.domain.dienst import FINISHED, why_not_start
from services.triage.domain.informeren import UNDECIDED
from services.triage.domain.melding import why_no_more_feiten
from services.triage.domain.meldpunt import why_not_from
from services.triage.domain.overdrachtsgesprek import why_no_gesprek
from services.triage.domain.sluiting import why_closed


def why_not(naam: str, state: Casus, over_id: UUID, *, partij: PartijCode) -> Refused | None:  # noqa: PLR0911  a table
    """Why this party cannot do this act now; None where it can, as far as the case says. `over_id` is that of a dienst,
    of a melding, or of the case.
    """
    dienst = state.dienst(over_id)
    match naam:
        case "feiten-toevoegen":
            return why_closed(state) or why_no_more_feiten(state)
        case "hermelding-beoordelen":
            return _why_nothing_to_compare(state)
        case "triagebesluit-nemen" | "directe-overdracht":
            return why_closed(state) or why_decided(state)
        case "melder-informeren":
            return UNDECIDED if state.last_besluit is None else None
        case "dienst-starten":
            return why_closed(state) or _why_runs(state) or why_not_start(state)
        case "dienst-afronden" if dienst is not None:
            return (FINISHED if dienst.afgerond_op is not None else None) or why_closed(state)
        case "overdrachtsgesprek-vastleggen" if dienst is not None:
            return why_closed(state) or why_no_gesprek(dienst)
        case "meldpuntmelding-overnemen":
            return _why_taken(state, partij) or why_closed(state)
        case _:
            return None


def _why_nothing_to_compare(state: Casus) -> Refused | None:
    offered = () if state.melding is None else state.melding.mogelijke_hermeldingen
    if any(one.beoordeeld is None for one in offered):
        return None
    return conflict("Niets te vergelijken", "er is geen eerdere casus die nog vergeleken moet worden")


def _why_runs(state: Casus) -> Refused | None:
    running: Dienst | None = next((dienst for dienst in state.diensten if dienst.afgerond_op is None), None)
    return None if running is None else conflict("Al gestart", "deze dienst is al gestart", code="al-gestart")


def _why_taken(state: Casus, partij: PartijCode) -> Refused | None:
    """The meldpunt itself asks others, until somebody has it; who took it over has nothing to do again."""
    melding = state.meldpuntmelding
    if melding is None or melding.overgenomen_door is None or partij == melding.meldpunt:
        return None
    if melding.overgenomen_door != partij:
        return why_not_from(melding, partij)
    return None if melding.op_bewijs else conflict("Al overgenomen", "u hebt deze melding al overgenomen")
