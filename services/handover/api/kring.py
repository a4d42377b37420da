"""What a caller may see: a receiver its own overdrachten, a Veilig Thuis those of its region."""

from contracts.register import NietInRegister
from services.handover.domain.kader import Kader
from services.handover.ports import Kring
from services.runtime.toegang import Caller


def kring_of(wie: Caller, kader: Kader) -> Kring | None:
    """The circle of this caller; None for who has none."""
    if wie.gemeente is not None:
        return Kring(ontvanger=wie.gemeente)
    try:
        regio = kader.register.partij(wie.partij).regio
    except NietInRegister:
        return None
    return Kring(regio=regio) if kader.is_veilig_thuis_of(wie.actor, regio) else Kring(ontvanger=wie.partij)
