"""Cases that are one household: what happens to zicht op veiligheid in one of them happens in all (MB 5).

Each case keeps what the others told it, and works out who bears zicht from everything together: the same facts by the
same rules give the same bearer. That a case is closed is said of that case alone.
"""

from datetime import datetime
from uuid import UUID

from contracts.afspraken import Anker
from services.monitoring.domain.handtekening import without_assignee, without_name
from services.monitoring.domain.toestand import Toezicht
from services.runtime.unit.frozen import replace

MOST = 3
"""So many open cases are worked out as one household. Each tells each other, so the work grows with the third power of
their number: without an end somebody who reports one household time and again would keep everybody waiting.
"""


def share_of(toezicht: Toezicht) -> Toezicht:
    """What the other cases of the household are told of this one: no names, which open in this case alone."""
    return Toezicht(
        regio=toezicht.regio,
        gemeente=toezicht.gemeente,
        melding_op=toezicht.melding_op,
        feiten=tuple(without_name(feit) for feit in toezicht.feiten if feit.anker is not Anker.CASUS_GESLOTEN),
        overdrachten={key: without_assignee(beeld) for key, beeld in toezicht.overdrachten.items()},
        ketenpartners=toezicht.ketenpartners,
    )


def join(toezicht: Toezicht, other: UUID, share: Toezicht, *, sinds: datetime) -> Toezicht:
    """The case with what another case of its household told; what happened before `sinds` stays its own.

    Beyond `MOST` cases it stands by itself.
    """
    if other not in toezicht.huishouden and len(toezicht.huishouden) >= MOST:
        return toezicht
    since = sinds if toezicht.huishouden_sinds is None else min(sinds, toezicht.huishouden_sinds)
    return replace(toezicht, huishouden={**toezicht.huishouden, other: share}, huishouden_sinds=since)


def to_tell(before: Toezicht, after: Toezicht) -> tuple[UUID, ...]:
    """The cases that have to hear of this one: all of them where it changed, else those that are new to it."""
    if not after.huishouden:
        return ()
    if share_of(before) != share_of(after):
        return tuple(after.huishouden)
    return tuple(casus for casus in after.huishouden if casus not in before.huishouden)
