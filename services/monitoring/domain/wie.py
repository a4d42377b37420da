"""Who looks at a case, or acts in it."""

from dataclasses import dataclass
from datetime import date

from contracts.afspraken import Rol
from contracts.messages.monitoring import Drager
from contracts.rechten import HUB
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import Toezicht


@dataclass(frozen=True, slots=True)
class Wie:
    """A party, under the codes that it stands in cases with today.

    `is_veilig_thuis`: of the region of this case. `is_beheer`: it runs the hub. `rollen`: those of the person that acts
    for it; None for a system.
    """

    codes: frozenset[str]
    is_veilig_thuis: bool = False
    is_beheer: bool = False
    rollen: frozenset[Rol] | None = None


def wie_of(
    partij: str, toezicht: Toezicht, partijen: Partijen, *, on: date, rollen: frozenset[Rol] | None = None
) -> Wie:
    """This party, as this case knows it on this day."""
    regio, gemeente = toezicht.regio or "", toezicht.gemeente or ""
    veilig_thuis = partijen.code(Drager.VEILIG_THUIS, regio=regio, gemeente=gemeente)
    return Wie(partijen.codes_of(partij, on=on), partij == veilig_thuis, partij == HUB, rollen)
