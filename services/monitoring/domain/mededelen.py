"""When people are told something without a term: once per moment, and nothing that was settled meanwhile.

A reminder is said by what its people are told at that moment anyway: nobody gets two messages of one case at once.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import TypeVar
from uuid import UUID

from contracts.afspraken import Kalender
from contracts.afspraken.mededelingen import Mededeling
from contracts.afspraken.model import Bericht, Herinnering, Zichtbericht
from services.monitoring.domain.toestand import Toezicht
from services.runtime.unit.frozen import replace

T = TypeVar("T")
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
    return sorted(told.values(), key=only_reminds)


def only_reminds(gelijk: Gelijk) -> bool:
    """Whether these ask again what was asked before, and nothing new."""
    return all(isinstance(item.regel, Herinnering) for item, _ in gelijk)


def is_reread(item: Mededeling, wekkers: Mapping[str, datetime], now: datetime) -> bool:
    """Whether this reminds of a moment for which no timer ran: only by what is known now should it have been told then."""
    planned = wekkers.get(_timer_of(item.name))
    return isinstance(item.regel, Herinnering) and (planned is None or planned > now)


def _timer_of(name: str) -> str:
    return f"mededeling:{name}"


def alarms(
    found: Iterable[Mededeling], toezicht: Toezicht, kalender: Kalender, *, now: datetime
) -> dict[str, datetime]:
    """By the name of its timer, when each of these is told next."""
    following = {item.name: next(_untold(item, toezicht, kalender, now=now), None) for item in found}
    return {_timer_of(name): at for name, at in following.items() if at is not None}


def told(gelijk: Gelijk, toezicht: Toezicht, under: UUID | None) -> Toezicht:
    """The case once this was told in one message; who is to walk along reads along from now on.

    `under` is None where a message said it that stands by itself: that is not taken back when this is.
    """
    under_each = {} if under is None else {item.name: under for item, _ in gelijk}
    meelezers = {
        item.gebeurd.onderwerp_id: item.partij
        for item, _ in gelijk
        if isinstance(item.regel, Bericht) and item.regel.leest_mee and item.gebeurd.onderwerp_id is not None
    }
    return replace(
        toezicht,
        verteld={**toezicht.verteld, **{item.name: op for item, op in gelijk}},
        verteld_in={**_without(toezicht.verteld_in, [item.name for item, _ in gelijk]), **under_each},
        meelezers={**toezicht.meelezers, **meelezers},
    )


def settled(
    found: Iterable[Mededeling], toezicht: Toezicht, herinneringen: Collection[str], *, now: datetime
) -> frozenset[str]:
    """What people were told and is no longer so: it need not leave any more, and would be told anew.

    Neither is that zicht goes over where that turns out to have been later: it is told again at the moment it then is.
    Where it was earlier it is the same news, and told once. Of a reminder (by the ids of their rules) only the message
    is no longer so.
    """
    if not toezicht.verteld:
        return frozenset()
    standing = {
        item.name
        for item in found
        if not item.is_settled(now) and (not isinstance(item.regel, Zichtbericht) or is_known(item, toezicht))
    }
    told = (name for name in toezicht.verteld if name in toezicht.verteld_in or not _is_of(name, herinneringen))
    return frozenset(told) - standing


def is_known(item: Mededeling, toezicht: Toezicht) -> bool:
    """Whether people heard this at its moment or after it."""
    heard = toezicht.verteld.get(item.name)
    return heard is not None and heard >= item.vanaf


def taken_back(
    toezicht: Toezicht, gone: Collection[str], herinneringen: Collection[str]
) -> tuple[Toezicht, list[UUID]]:
    """The case without this, and the messages of which nothing is left that is so.

    Up to when people were reminded is kept: what turns out to stand after all reminds nobody of the same moment again.
    """
    left = _without(toezicht.verteld_in, gone)
    was_in = (under for name, under in toezicht.verteld_in.items() if name in gone)
    messages = [under for under in dict.fromkeys(was_in) if under not in left.values()]
    after = replace(
        toezicht,
        verteld=_without(toezicht.verteld, [name for name in gone if not _is_of(name, herinneringen)]),
        verteld_in=left,
        herroepen=toezicht.herroepen | set(messages),
    )
    return after, messages


def _is_of(name: str, regels: Collection[str]) -> bool:
    """Whether what goes by this name (`Mededeling.name`) is told by one of these rules."""
    return name.partition(":")[0] in regels


def _without(known: Mapping[str, T], names: Collection[str]) -> dict[str, T]:
    return {name: value for name, value in known.items() if name not in names}


def _untold(item: Mededeling, toezicht: Toezicht, kalender: Kalender, *, now: datetime) -> Iterator[datetime]:
    told = toezicht.verteld.get(item.name)
    if item.is_settled(now) or (told is not None and not isinstance(item.regel, Herinnering)):
        return iter(())
    return item.momenten(kalender, na=told)
