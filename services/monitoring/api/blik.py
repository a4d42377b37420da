"""A case as whoever calls looks at it now: what its page shows them, and what its forms offer them."""

from datetime import datetime

from contracts.afspraken import local_date
from services.monitoring.api.presentation import Verwijzer
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.mogelijkheden import Blik
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.domain.wie import wie_of
from services.monitoring.ports import rows
from services.runtime.access.tokens import Caller


def look_at(
    casus: rows.Casus, toezicht: Toezicht, wie: Caller, *, verwijzer: Verwijzer, partijen: Partijen, now: datetime
) -> Blik | None:
    """None where no agreements hold for it."""
    afspraken = verwijzer.afspraken(casus)
    if afspraken is None:
        return None
    who = wie_of(wie.partij, toezicht, partijen, on=local_date(now), rollen=wie.rollen_now)
    return Blik(Casus(casus.id, toezicht, partijen), afspraken, who, now)
