"""What a caller may see: a receiver its own overdrachten, a Veilig Thuis those of its region."""

from datetime import datetime

from contracts.register import NietInRegister
from services.handover.domain.kader import Kader, local_date
from services.handover.ports import Kring
from services.runtime.toegang import Caller


def kring_of(wie: Caller, kader: Kader, at: datetime) -> Kring | None:
    """The circle of this caller at this moment; None for who has none."""
    if wie.gemeente is not None:
        codes = kader.register.codes_of(wie.gemeente, on=local_date(at))
        return Kring(ontvangers=codes) if codes else None
    try:
        regio = kader.register.partij(wie.partij).regio
    except NietInRegister:
        return None
    return (
        Kring(regio=regio) if kader.is_veilig_thuis_of(wie.actor, regio) else Kring(ontvangers=frozenset({wie.partij}))
    )
