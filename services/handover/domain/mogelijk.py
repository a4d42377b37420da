"""What an act on an overdracht or samenwerking would be refused for, whatever is filled in: told before it is filled in."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from contracts.afspraken import local_date
from contracts.afspraken.zinnen import write_date
from services.handover.domain.casus import Casus, Overdracht, Samenwerking
from services.handover.domain.kader import Kader
from services.handover.domain.ontvangst import why_not_give_back
from services.handover.domain.retour import why_not_judge
from services.handover.domain.samenwerken import NO_DIENST, why_not_step
from services.handover.domain.samenwerking import Samenwerkstatus
from services.handover.domain.terugnemen import (
    ended_because,
    taken_over,
    why_closed,
    why_not_refuse,
    why_not_withdrawn,
    why_over,
)
from services.runtime.unit.decision import Refused
from services.runtime.unit.outcomes import conflict


def why_not(naam: str, state: Casus, over_id: UUID, *, kader: Kader, now: datetime) -> Refused | None:
    """Why this act cannot be done now with this thing; None where it can, as far as the case says.

    `over_id` is that of an overdracht, of a samenwerking, or of the case.
    """
    overdracht, samenwerking = state.overdracht(over_id), state.samenwerking(over_id)
    if overdracht is not None and naam == "casus-teruggeven":
        return why_over(overdracht) or why_closed(state) or why_not_give_back(overdracht, kader=kader, now=now)
    if overdracht is not None and naam in _OVERDRACHT:
        return _OVERDRACHT[naam](state, overdracht)
    if samenwerking is not None and naam in _SAMENWERKING:
        return why_closed(state) or _why_not_again(samenwerking, _SAMENWERKING[naam])
    if naam == "samenwerking-vragen":
        return why_closed(state) or (NO_DIENST if state.running_dienst is None else None)
    return None


def _why_not_confirm(_: Casus, overdracht: Overdracht) -> Refused | None:
    ontvangst = overdracht.ontvangst
    return why_over(overdracht) or (
        None if ontvangst is None else _already("de ontvangst is al bevestigd", ontvangst.op)
    )


def _why_not_take_up(state: Casus, overdracht: Overdracht) -> Refused | None:
    taken = None if overdracht.is_op_bewijs else overdracht.verdeling
    already = None if taken is None else _already("deze overdracht is al opgepakt", taken.op)
    return why_over(overdracht) or already or why_closed(state)


def _already(what: str, op: datetime) -> Refused:
    return conflict("Al vastgelegd", f"{what}, op {write_date(local_date(op))}", code="al-vastgelegd")


def _why_not_again(samenwerking: Samenwerking, step: Samenwerkstatus) -> Refused | None:
    signalled = samenwerking.capaciteit_gesignaleerd_op
    if step is Samenwerkstatus.WACHT_OP_CAPACITEIT and signalled is not None:
        return _already("er is al gemeld dat er geen capaciteit is", signalled)
    return why_not_step(samenwerking, step)


_OVERDRACHT: Mapping[str, Callable[[Casus, Overdracht], Refused | None]] = {
    "ontvangst-bevestigen": _why_not_confirm,
    "casus-oppakken": _why_not_take_up,
    "overdracht-weigeren": why_not_refuse,
    "betrokkenen-informeren": lambda _, overdracht: ended_because(overdracht),
    "plan-vastleggen": lambda _, overdracht: why_over(overdracht),
    "overdracht-opnieuw-aanbieden": lambda state, overdracht: (
        ended_because(overdracht) or taken_over(overdracht) or why_closed(state)
    ),
    "overdracht-intrekken": lambda _, overdracht: why_not_withdrawn(overdracht),
    "retourmail-beoordelen": lambda _, overdracht: why_not_judge(overdracht),
}
_SAMENWERKING: Mapping[str, Samenwerkstatus] = {
    "geen-capaciteit-melden": Samenwerkstatus.WACHT_OP_CAPACITEIT,
    "samenwerking-verdelen": Samenwerkstatus.VERDEELD,
    "eerste-contact-vastleggen": Samenwerkstatus.EERSTE_CONTACT,
    "contact-vastleggen": Samenwerkstatus.CONTACT_GELEGD,
}
