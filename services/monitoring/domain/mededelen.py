"""When people are told something without a term: once per moment, and nothing that was settled meanwhile."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import takewhile

from contracts.afspraken import Kalender
from contracts.afspraken.mededelingen import Mededeling
from contracts.afspraken.model import Bericht
from services.monitoring.domain.toestand import Toezicht
from services.runtime.unit.frozen import replace


def due(item: Mededeling, toezicht: Toezicht, kalender: Kalender, *, until: datetime, now: datetime) -> datetime | None:
    """The last moment up to `until` for which this is still to be told, however many others went by."""
    passed = takewhile(lambda op: op <= until, _untold(item, toezicht, kalender, now=now))
    return max(passed, default=None)


def alarms(
    found: Iterable[Mededeling], toezicht: Toezicht, kalender: Kalender, *, now: datetime
) -> dict[str, datetime]:
    """By the name of its timer, when each of these is told next."""
    following = {item.name: next(_untold(item, toezicht, kalender, now=now), None) for item in found}
    return {f"mededeling:{name}": at for name, at in following.items() if at is not None}


def told(item: Mededeling, op: datetime, toezicht: Toezicht) -> Toezicht:
    """The case once this was told; who is to walk along reads along from now on."""
    known = replace(toezicht, verteld={**toezicht.verteld, item.name: op})
    over = item.gebeurd.onderwerp_id
    if not (isinstance(item.regel, Bericht) and item.regel.leest_mee) or over is None:
        return known
    return replace(known, meelezers={**known.meelezers, over: item.partij})


def _untold(item: Mededeling, toezicht: Toezicht, kalender: Kalender, *, now: datetime) -> Iterator[datetime]:
    told = toezicht.verteld.get(item.name)
    if item.is_settled(now) or (told is not None and isinstance(item.regel, Bericht)):
        return iter(())
    return (op for op in item.momenten(kalender) if told is None or op > told)
