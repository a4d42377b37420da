"""Holes in the rotas of a register: when nobody is on duty who is there, or who is replaced."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from contracts.afspraken import AMSTERDAM, Kalender, local_date
from contracts.register.model import Gemeente, Partij
from contracts.register.register import Register
from contracts.register.rooster import Beurt, Bezet, Rooster, find_beurten
from contracts.register.vervanging import find_vervanging
from contracts.register.werktijd import period

VOORUIT = timedelta(weeks=8)
"""How far ahead a rota has to be filled."""
_Span = tuple[datetime, datetime]
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Gat:
    """From when until when, in UTC, nobody is on duty in a role at a party."""

    partij: str
    naam: str
    rol: str
    team: str | None
    van: datetime
    tot: datetime

    def __str__(self) -> str:
        van, tot = (f"{moment.astimezone(AMSTERDAM):%d-%m-%Y %H:%M}" for moment in (self.van, self.tot))
        team = "" if self.team is None else f", team {self.team}"
        return f"{self.naam} ({self.partij}{team}): het rooster van de rol {self.rol} is leeg van {van} tot {tot}"


def find_gaten(register: Register, kalender: Kalender, *, on: date, vooruit: timedelta = VOORUIT) -> tuple[Gat, ...]:
    """Every hole that begins or goes on from a day on, as far as is looked ahead."""
    return tuple(
        gat
        for organisatie in (*register.gemeenten(on), *register.partijen())
        for roosters in _by_plek(organisatie.roosters)
        for gat in _gaten(register, organisatie, roosters, kalender, (on, on + vooruit))
    )


def _by_plek(roosters: Iterable[Rooster]) -> Iterator[Sequence[Rooster]]:
    def key(rooster: Rooster) -> tuple[str, ...]:
        return tuple(str(part) for part in rooster.plek)

    for _, found in groupby(sorted(roosters, key=key), key=key):
        yield tuple(found)


def _gaten(
    register: Register,
    organisatie: Gemeente | Partij,
    roosters: Sequence[Rooster],
    kalender: Kalender,
    days: tuple[date, date],
) -> Iterator[Gat]:
    first, last = max(days[0], min(rooster.begin for rooster in roosters)), days[1]
    if last <= first:
        return
    beurten = find_beurten(roosters, first - timedelta(days=1), last, kalender)
    covered = sorted(span for beurt in beurten for span in _manned(register, organisatie.code, beurt))
    always = max(roosters, key=lambda rooster: rooster.begin).bezet is Bezet.ALTIJD
    whole = (period(first, _MIDNIGHT, _MIDNIGHT)[0], period(last, _MIDNIGHT, _MIDNIGHT)[0])
    hours = (organisatie.werktijd.on(first + timedelta(days=number), kalender) for number in range((last - first).days))
    for span in (whole,) if always else (found for found in hours if found is not None):
        for van, tot in _uncovered(span, covered):
            yield Gat(organisatie.code, organisatie.naam, roosters[0].rol.value, roosters[0].team, van, tot)


def _manned(register: Register, partij: str, beurt: Beurt) -> Iterator[_Span]:
    """The parts of a shift in which somebody of it is there: who is away is so for whole days."""
    organisatie, start = register.organisatie(partij, on=local_date(beurt.van)), beurt.van
    while start < beurt.tot:
        day = local_date(start)
        end = min(beurt.tot, period(day, _MIDNIGHT, _MIDNIGHT)[1])
        people = (organisatie.persoon(naam) for naam in beurt.personen)
        if any(who is not None and find_vervanging(register, partij, who, day).er_is is not None for who in people):
            yield start, end
        start = end


def _uncovered(span: _Span, covered: Sequence[_Span]) -> Iterator[_Span]:
    """What of a stretch of time no other covers; `covered` in the order in which they begin."""
    start, end = span
    for van, tot in covered:
        if van >= end:
            break
        if van > start:
            yield start, van
        start = max(start, tot)
    if start < end:
        yield start, end
