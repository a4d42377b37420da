"""When people are told something without a term: once per moment, and nothing that was settled meanwhile."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from uuid import UUID

from contracts.afspraken import Kalender
from contracts.afspraken.mededelingen import Mededeling
from contracts.afspraken.model import Bericht, Herinnering, Zichtbericht
from services.monitoring.domain.toestand import Toezicht
from services.runtime.unit.frozen import replace

Gelijk = Sequence[tuple[Mededeling, datetime]]
"""What one role is told at one moment, and for which moment of each."""


def due(
    found: Iterable[Mededeling], toezicht: Toezicht, kalender: Kalender, *, until: datetime, now: datetime
) -> list[Gelijk]:
    """What is now to be told of this: of each the last moment up to `until`, however many others went by.

    Together where it is for the same role at the same place: nobody gets two messages of one case at once.
    """
    told: dict[tuple[str, str, tuple[str, str | None]], list[tuple[Mededeling, datetime]]] = {}
    for item in found:
        passed = takewhile(lambda op: op <= until, _untold(item, toezicht, kalender, now=now))
        op = max(passed, default=None)
        if op is not None:
            key = (item.partij, item.regel.rol.value, toezicht.place_of(item.over))
            told.setdefault(key, []).append((item, op))
    return list(told.values())


def alarms(
    found: Iterable[Mededeling], toezicht: Toezicht, kalender: Kalender, *, now: datetime
) -> dict[str, datetime]:
    """By the name of its timer, when each of these is told next."""
    following = {item.name: next(_untold(item, toezicht, kalender, now=now), None) for item in found}
    return {f"mededeling:{name}": at for name, at in following.items() if at is not None}


def told(gelijk: Gelijk, toezicht: Toezicht, under: UUID) -> Toezicht:
    """The case once this was told in one message; who is to walk along reads along from now on."""
    meelezers = {
        item.gebeurd.onderwerp_id: item.partij
        for item, _ in gelijk
        if isinstance(item.regel, Bericht) and item.regel.leest_mee and item.gebeurd.onderwerp_id is not None
    }
    return replace(
        toezicht,
        verteld={**toezicht.verteld, **{item.name: op for item, op in gelijk}},
        verteld_in={**toezicht.verteld_in, **{item.name: under for item, _ in gelijk}},
        meelezers={**toezicht.meelezers, **meelezers},
    )


def settled(found: Iterable[Mededeling], toezicht: Toezicht, *, now: datetime) -> frozenset[str]:
    """What people were told and is no longer so: it need not leave any more, and would be told anew.

    Neither is that zicht goes over where the moment of that was put right: it is told again at the moment it then is.
    """
    if not toezicht.verteld:
        return frozenset()
    found = list(found)
    moments = {(item.name, item.vanaf) for item in found}
    standing = {
        item.name
        for item in found
        if not item.is_settled(now)
        and (not isinstance(item.regel, Zichtbericht) or (item.name, toezicht.verteld.get(item.name)) in moments)
    }
    return frozenset(toezicht.verteld) - standing


def taken_back(toezicht: Toezicht, gone: Collection[str]) -> tuple[Toezicht, list[UUID]]:
    """The case without this, and the messages of which nothing is left that is so."""
    left = {name: under for name, under in toezicht.verteld_in.items() if name not in gone}
    was_in = (under for name, under in toezicht.verteld_in.items() if name in gone)
    messages = [under for under in dict.fromkeys(was_in) if under not in left.values()]
    after = replace(
        toezicht,
        verteld={name: op for name, op in toezicht.verteld.items() if name not in gone},
        verteld_in=left,
        herroepen=toezicht.herroepen | set(messages),
    )
    return after, messages


def _untold(item: Mededeling, toezicht: Toezicht, kalender: Kalender, *, now: datetime) -> Iterator[datetime]:
    told = toezicht.verteld.get(item.name)
    if item.is_settled(now) or (told is not None and not isinstance(item.regel, Herinnering)):
        return iter(())
    return item.momenten(kalender, na=told)
