"""Figures about many cases, by receiver, team and month: how the agreements are kept, and nothing by which people are known.

What is fewer than `FEWEST` is not told, and neither is what it could be worked out from: of parts that together make a
whole, all are hidden where one of them, or what is left of the whole, is that small (D14).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from contracts.afspraken import Anker, Termijnstatus

FEWEST = 5
"""A number below this could be about people whom somebody knows."""


class Plaats(NamedTuple):
    """Whom a figure is about. `maand` is the first day of the month in which the overdracht was made, in Amsterdam."""

    ontvanger: str
    team: str | None
    maand: date


@dataclass(frozen=True, slots=True)
class Overdrachttelling:
    """What became of the overdrachten of one month. `mediaan`: half were taken up within so many days."""

    plaats: Plaats
    gemaakt: int
    opgepakt: int
    open: int
    mediaan: float | None


@dataclass(frozen=True, slots=True)
class Termijntelling:
    """How often a term of these overdrachten stands so."""

    plaats: Plaats
    regio: str
    regel_id: str
    status: Termijnstatus
    aantal: int


@dataclass(frozen=True, slots=True)
class Tijdigheid:
    """How often in time, and how often late or not at all yet; None is hidden."""

    op_tijd: int | None = 0
    te_laat: int | None = 0


@dataclass(frozen=True, slots=True)
class Kerncijfer:
    """The figures of one receiver, team and month; None where a number is too small to tell.

    `open`: neither taken up nor ended. `mediaan` in days, from made to taken up. `signalen` are about an organisation,
    and told however few.
    """

    plaats: Plaats
    overgedragen: int | None = 0
    bevestigd: Tijdigheid = field(default_factory=Tijdigheid)
    opgepakt: Tijdigheid = field(default_factory=Tijdigheid)
    mediaan: float | None = None
    open: int | None = 0
    signalen: int = 0


def add_up(
    overdrachten: Iterable[Overdrachttelling],
    termijnen: Iterable[Termijntelling],
    signalen: Mapping[Plaats, int],
    ends_of: Callable[[str, str, date], frozenset[Anker]],
) -> list[Kerncijfer]:
    """The figures, the newest month first. `ends_of` says what ends a term: by its region, rule and month."""
    made = {telling.plaats: telling for telling in overdrachten}
    kept: dict[tuple[Plaats, Anker], list[int]] = defaultdict(lambda: [0, 0])
    for termijn in termijnen:
        place = _IN_TIME.get(termijn.status)
        for anker in _TOLD & ends_of(termijn.regio, termijn.regel_id, termijn.plaats.maand):
            if place is not None:
                kept[termijn.plaats, anker][place] += termijn.aantal
    places = sorted(made.keys() | signalen.keys(), key=lambda plaats: (plaats.ontvanger, plaats.team or ""))
    found = [
        _hide(
            Kerncijfer(
                plaats,
                overgedragen=telling.gemaakt,
                bevestigd=Tijdigheid(*kept[plaats, Anker.ONTVANGST_BEVESTIGD]),
                opgepakt=Tijdigheid(*kept[plaats, Anker.OVERDRACHT_OPGEPAKT]),
                mediaan=telling.mediaan,
                open=telling.open,
                signalen=signalen.get(plaats, 0),
            ),
            taken_up=telling.opgepakt,
        )
        for plaats in places
        for telling in [made.get(plaats, Overdrachttelling(plaats, 0, 0, 0, None))]
    ]
    return sorted(found, key=lambda cijfer: cijfer.plaats.maand, reverse=True)


_IN_TIME = {Termijnstatus.GEHAALD: 0, Termijnstatus.TE_LAAT_GEHAALD: 1, Termijnstatus.VERSTREKEN: 1}
_TOLD = frozenset({Anker.ONTVANGST_BEVESTIGD, Anker.OVERDRACHT_OPGEPAKT})


def _hide(cijfer: Kerncijfer, *, taken_up: int) -> Kerncijfer:
    whole = cijfer.overgedragen or 0
    bevestigd, opgepakt = cijfer.bevestigd, cijfer.opgepakt
    return replace(
        cijfer,
        overgedragen=None if _is_few(whole) else whole,
        bevestigd=Tijdigheid(None, None) if _tells_of_few(whole, bevestigd.op_tijd, bevestigd.te_laat) else bevestigd,
        opgepakt=Tijdigheid(None, None) if _tells_of_few(whole, opgepakt.op_tijd, opgepakt.te_laat) else opgepakt,
        mediaan=cijfer.mediaan if taken_up >= FEWEST else None,
        open=None if _tells_of_few(whole, cijfer.open) else cijfer.open,
    )


def _is_few(number: int) -> bool:
    return 0 < number < FEWEST


def _tells_of_few(whole: int, *parts: int | None) -> bool:
    known = [part or 0 for part in parts]
    return any(_is_few(number) for number in (whole, whole - sum(known), *known))
