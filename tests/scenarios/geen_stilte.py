"""G10 over what the services did: whoever bears zicht was told by a channel that accepted it, and something is to come.

What the rules plan is looked at in `contracts.afspraken.stilte`; here is looked at what left, and at the timers that run.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.afspraken import Afspraken, GeenAfspraken, Kalender, RuleBook, end_of, local_date
from contracts.afspraken.mededelingen import is_own
from contracts.afspraken.stilte import HOOGSTENS, HOOGSTENS_IN_CRISIS, find_crises
from contracts.afspraken.toepassing import find_bewegingen, follow_zicht
from contracts.messages.monitoring import Drager
from contracts.messages.notifier import NotificatieUrgentie
from contracts.register.werktijd import STANDAARD
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import Feit, Toezicht
from services.monitoring.domain.zicht import timeline, zicht_at
from tests.scenarios.blijkt import as_moment
from tests.scenarios.wereld import Rij

WAITS = timedelta(minutes=10)
"""How long a message at most waits in a mailbox for what leaves with it."""
_UNDER_WAY = "gevraagd"


def find_silences(
    casus_id: UUID,
    toezicht: Toezicht,
    notificaties: Iterable[Rij],
    *,
    others: Iterable[Toezicht],
    partijen: Partijen,
    rule_book: RuleBook,
    now: datetime,
) -> Iterator[str]:
    """Give what is wrong with this case now; nothing where it is closed, or is no case of a household.

    `others` are the other cases of its household, and `notificaties` the rows of the notifier about all of them: where
    one tells, or is to come with something, that is for all.
    """
    bears = zicht_at(toezicht.zicht, now)
    if toezicht.signaal is not None or bears is None or bears.partij is None:
        return
    casus = Casus(casus_id, toezicht, partijen)
    afspraken = _afspraken(toezicht, rule_book)
    if afspraken is None:
        return
    for partij, drager in _concerned(toezicht, now):
        if not _knows(casus, afspraken, notificaties, partij, drager, now=now):
            bears_or_bore = "draagt" if partij == bears.partij else "droeg tot dan"
            yield f"{partij} {bears_or_bore} zicht sinds {bears.vanaf.isoformat()} ({bears.regel_id}) en hoorde dat niet"
    alarms = [at for case in (toezicht, *others) for at in case.wekkers.values()]
    yield from _nothing_to_come(casus, afspraken, min(alarms, default=None), now)


def _afspraken(toezicht: Toezicht, rule_book: RuleBook) -> Afspraken | None:
    if toezicht.regio is None or toezicht.gemeente is None or toezicht.peilmoment is None:
        return None
    try:
        return rule_book.for_case(regio=toezicht.regio, gemeente=toezicht.gemeente, on=local_date(toezicht.peilmoment))
    except GeenAfspraken:
        return None


def _concerned(toezicht: Toezicht, now: datetime) -> Iterator[tuple[str, Drager]]:
    """Who bears it, and who bore it just before."""
    for line in [line for line in timeline(toezicht.zicht) if line.vanaf <= now][-2:]:
        if line.partij is not None and line.drager is not None:
            yield line.partij, line.drager


def _knows(
    casus: Casus, afspraken: Afspraken, notificaties: Iterable[Rij], partij: str, drager: Drager, *, now: datetime
) -> bool:
    """Whether this party moved it itself, or a message of that moment or later left to its people.

    Where the ledger was put right since, it was thought to be elsewhere: then only a message from then on counts. Where
    what moved it was put right to a later moment, people were told at the moment that was known then.
    """
    line = follow_zicht(casus, find_bewegingen(casus, afspraken), until=now)[-1]
    again = _put_right_at(casus.toezicht, line.op, partij)
    if again is None and is_own(casus, drager, partij, line.gebeurd):
        return True
    said = line.gebeurd.was_op if isinstance(line.gebeurd, Feit) else None
    since = min(line.op, said or line.op) if again is None else again
    return any(
        row["partij"] == partij and as_moment(row["gevraagd_op"]) >= since and _left(row, afspraken.kalender, now)
        for row in notificaties
    )


def _put_right_at(toezicht: Toezicht, op: datetime, partij: str) -> datetime | None:
    """When it turned out that this party had borne it since `op` all along, where somebody else was told to meanwhile."""
    last = toezicht.zicht[-1]
    return last.vastgesteld_op if last.partij == partij and last.vanaf > op else None


def _left(row: Rij, kalender: Kalender, now: datetime) -> bool:
    """Whether a channel accepted it, or it waits for what leaves with it: what is not urgent until people read it."""
    leaves_from = as_moment(row["gevraagd_op"])
    if row["urgentie"] == NotificatieUrgentie.GEWOON:
        leaves_from = STANDAARD.next_from(leaves_from, kalender)
    return row["status"] == "verzonden" or (row["status"] == _UNDER_WAY and now - leaves_from <= WAITS)


def _nothing_to_come(casus: Casus, afspraken: Afspraken, first: datetime | None, now: datetime) -> Iterator[str]:
    crisis = any(begin <= now and (end is None or now < end) for begin, end in find_crises(casus))
    hoogstens = HOOGSTENS_IN_CRISIS if crisis else HOOGSTENS
    if first is None or first > end_of(now, hoogstens, afspraken.kalender, verlengen=False).astimezone(UTC):
        what = "niets meer" if first is None else f"pas op {first.isoformat()} weer iets"
        yield f"er komt {what}{' in een crisis' if crisis else ''}, terwijl het {now.isoformat()} is"
