"""Where the agreements and the vangnet leave an open case silent (G10).

At every moment whoever bears zicht op veiligheid was told so or did it itself, and something is still to come for it
within seven days, in a crisis within four hours. Which rules see to that is data; what silence is, is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG, Anker, Drager, Rol
from contracts.afspraken.berekening import end_of
from contracts.afspraken.duur import Duur, Eenheid
from contracts.afspraken.feiten import Casusurgentie, MeldpuntUrgentie, MeldpuntVermoeden, SoortOverdracht
from contracts.afspraken.mededelingen import find_mededelingen, is_own, settles
from contracts.afspraken.model import Herinnering
from contracts.afspraken.oproepen import follow_ladder
from contracts.afspraken.situatie import is_offered, situatie_of
from contracts.afspraken.toepassing import find_bewegingen, follow_termijnen, follow_zicht

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contracts.afspraken.gebeurd import Gebeurd
    from contracts.afspraken.kalender import Kalender
    from contracts.afspraken.mededelingen import Mededeling
    from contracts.afspraken.rule_book import Afspraken
    from contracts.afspraken.situatie import Casus
    from contracts.afspraken.toepassing import Wisseling

HOOGSTENS = Duur(7, Eenheid.DAGEN)
"""How long nothing may come for whoever bears zicht."""
HOOGSTENS_IN_CRISIS = Duur(4, Eenheid.UREN)
_AT_LEAST = {HOOGSTENS: timedelta(days=6), HOOGSTENS_IN_CRISIS: timedelta(hours=4)}
"""How long these last on any day: only for what takes longer the calendar is asked."""
ROLLEN_BIJ: Mapping[Drager, frozenset[Rol]] = {
    drager: frozenset(rol for rol in Rol if drager in rol.bij) for drager in Drager
}
"""Which roles at a party can do something with a case: who tells another told nobody."""
CRISIS_VOORBIJ = frozenset(
    {
        Anker.TRIAGEBESLUIT_GENOMEN,
        Anker.DIENST_GESTART,
        Anker.OVERDRACHT_AANGEMAAKT,
        Anker.ANDERE_PARTIJ_AANVAARD,
        Anker.OVERDRACHT_OPGEPAKT,
        Anker.CRISISSTAP_GEZET,
        Anker.CASUS_GESLOTEN,
    }
)
"""A next step: after it a crisis is looked after as any other case is."""
CRISIS_ONTVANGEN = frozenset(
    (CRISIS_VOORBIJ - {Anker.TRIAGEBESLUIT_GENOMEN, Anker.OVERDRACHT_AANGEMAAKT})
    | {Anker.ONTVANGST_BEVESTIGD, *OVERDRACHT_KWAM_TERUG}
)
"""A crisis that was handed over goes on until its receiver says that it has it. A waiting list says no such thing."""
MELDPUNT_VOORBIJ = frozenset(
    {
        Anker.MELDPUNTMELDING_OVERGENOMEN,
        Anker.ANDERE_PARTIJ_AANVAARD,
        Anker.OVERDRACHT_OPGEPAKT,
        Anker.CASUS_GESLOTEN,
    }
)


@dataclass(frozen=True, slots=True)
class Stilte:
    """From `vanaf` on whoever bears zicht op veiligheid was not told so, or had nothing to come in time."""

    vanaf: datetime
    partij: str
    waarom: str


def find_stiltes(casus: Casus, afspraken: Afspraken, *, until: datetime) -> Iterator[Stilte]:
    """Give every silence of this case up to `until`, as the agreements have it."""
    bewegingen = find_bewegingen(casus, afspraken)
    mededelingen = find_mededelingen(casus, bewegingen, afspraken)
    calls = list(_calls(casus, afspraken))
    crises = list(find_crises(casus))
    for line, following in pairwise((*follow_zicht(casus, bewegingen, until=until), None)):
        if line is None or line.partij is None:
            continue
        over = until if following is None else following.op
        mine = [item for item in mededelingen if item.partij == line.partij and _is_for_professionals(item)]
        if not _knows(casus, line, mine, over):
            yield Stilte(line.op, line.partij, f"niemand vertelt dat zicht op veiligheid daar ligt ({line.regel.id})")
        for item in _contradicted(casus, line, over):
            if not _is_told(item, item.op, mine):
                waarom = f"niemand vertelt dat zicht op veiligheid daar toch ligt ({line.regel.id})"
                yield Stilte(item.op, line.partij, waarom)
        signs = _signs(casus, line, mine, calls, afspraken.kalender, over)
        yield from _silent(line, signs, over, HOOGSTENS, afspraken.kalender)
        for begin, end in crises:
            since, till = max(begin, line.op), min(over, end or over)
            if since < till:
                within = [since, *(op for op in signs if op > since)]
                yield from _silent(line, within, till, HOOGSTENS_IN_CRISIS, afspraken.kalender)


def _contradicted(casus: Casus, line: Wisseling, over: datetime) -> Iterator[Gebeurd]:
    """Where another party says that it never took over what the bearer was told that it had."""
    drager, partij = line.regel.naar, line.partij
    assert drager is not None, "somebody bears it"
    assert partij is not None, "somebody bears it"
    for item in casus.gebeurd:
        if item.betwist and line.op <= item.op < over and not is_own(casus, drager, partij, item):
            yield item


def _is_for_professionals(item: Mededeling) -> bool:
    return item.regel.rol in ROLLEN_BIJ[item.drager]


def _knows(casus: Casus, line: Wisseling, mine: Iterable[Mededeling], over: datetime) -> bool:
    """Whether the bearer did it itself, or is told at that very moment; where it loses zicht at once nobody need be."""
    drager, partij = line.regel.naar, line.partij
    assert drager is not None, "somebody bears it"
    assert partij is not None, "somebody bears it"
    if over <= line.op or is_own(casus, drager, partij, line.gebeurd):
        return True
    return _is_told(line.gebeurd, line.op, mine)


def _is_told(gebeurd: Gebeurd, op: datetime, mine: Iterable[Mededeling]) -> bool:
    return any(
        item.gebeurd is gebeurd and item.vanaf <= op and not isinstance(item.regel, Herinnering) for item in mine
    )


def _signs(
    casus: Casus,
    line: Wisseling,
    mine: Iterable[Mededeling],
    calls: Iterable[tuple[str, datetime]],
    kalender: Kalender,
    over: datetime,
) -> list[datetime]:
    """Every moment at which the bearer hears of the case, or does something in it, in order."""
    drager, partij = line.regel.naar, line.partij
    assert drager is not None, "somebody bears it"
    assert partij is not None, "somebody bears it"
    found = [line.op, *(op for who, op in calls if who == partij)]
    found += [item.op for item in casus.gebeurd if is_own(casus, drager, partij, item)]
    for item in mine:
        since = line.op if isinstance(item.regel, Herinnering) and item.vanaf < line.op else None
        found += takewhile(lambda op: op <= over, item.momenten(kalender, na=since))
    return sorted(op for op in set(found) if line.op <= op <= over)


def _calls(casus: Casus, afspraken: Afspraken) -> Iterator[tuple[str, datetime]]:
    """Who is warned or called about a term, and when."""
    by_id = {(item.anker, item.onderwerp_id): item for item in casus.gebeurd}
    for termijn in follow_termijnen(casus, afspraken):
        begin = by_id[termijn.vanaf, termijn.onderwerp_id]
        nears = termijn.regel.nears_at(max(termijn.begint_op, termijn.geteld_vanaf), termijn.eindigt_op)
        if nears is not None and (termijn.klaar_op is None or nears < termijn.klaar_op):
            yield casus.partij(termijn.regel.verantwoordelijke, begin), nears
        for oproep in follow_ladder(termijn, afspraken):
            for drager in (oproep.trede.bij, *oproep.trede.ook_bij):
                yield casus.partij(drager, begin), oproep.op


def _silent(
    line: Wisseling, signs: Sequence[datetime], over: datetime, hoogstens: Duur, kalender: Kalender
) -> Iterator[Stilte]:
    assert line.partij is not None, "somebody bears it"
    for sign, following in pairwise((*(sign for sign in signs if sign < over), over)):
        if following - sign <= _AT_LEAST[hoogstens]:
            continue
        if following > end_of(sign, hoogstens, kalender, verlengen=False).astimezone(UTC):
            yield Stilte(sign, line.partij, f"daarna is binnen {hoogstens} niets te verwachten ({line.regel.id})")


def find_crises(casus: Casus) -> Iterator[tuple[datetime, datetime | None]]:
    """From when to when this is a crisis in which no next step was taken; what others say of a party is no step."""
    for item in casus.gebeurd:
        ends = _ends_of_crisis(casus, item)
        if ends is not None:
            yield item.op, _first_end(casus, item, ends)


def next_step(casus: Casus, item: Gebeurd) -> datetime | None:
    """When the crisis that begins with this ended; at once where it is none."""
    ends = _ends_of_crisis(casus, item)
    return item.op if ends is None else _first_end(casus, item, ends)


def _first_end(casus: Casus, item: Gebeurd, ends: frozenset[Anker]) -> datetime | None:
    after = (
        other.op
        for other in casus.gebeurd
        if other.op >= item.op
        and settles(casus, other, ends)
        and other.volgens is None
        and other is not item
        and (item.bron_id is None or other.bron_id != item.bron_id)
    )
    return min(after, default=None)


def _ends_of_crisis(casus: Casus, item: Gebeurd) -> frozenset[Anker] | None:
    situatie = situatie_of(casus, item)
    if item.anker is Anker.MELDPUNTMELDING_ONTVANGEN:
        return MELDPUNT_VOORBIJ if situatie.get("meldpunt_urgentie") == MeldpuntUrgentie.ACUUT else None
    if item.anker is Anker.ACUTE_CRISIS_VASTGESTELD:
        return CRISIS_VOORBIJ
    if item.anker is Anker.MELDPUNTMELDING_OVERGENOMEN:
        return CRISIS_VOORBIJ if _is_taken_over_as_crisis(situatie) else None
    is_crisis = situatie.get("urgentie") == Casusurgentie.CRISIS
    if item.anker is Anker.OVERDRACHT_AFGELEVERD:
        is_direct = situatie.get("soort_overdracht") == SoortOverdracht.DIRECT
        return CRISIS_ONTVANGEN if is_crisis and is_direct and not is_offered(casus, item) else None
    return CRISIS_VOORBIJ if is_crisis and _begins_crisis(casus, item) else None


def _is_taken_over_as_crisis(situatie: Mapping[str, str]) -> bool:
    """With a suspicion there is a melding, whose crisis began when that came in."""
    acuut = situatie.get("meldpunt_urgentie") == MeldpuntUrgentie.ACUUT
    return acuut and situatie.get("meldpunt_vermoeden") != MeldpuntVermoeden.HGKM


def _begins_crisis(casus: Casus, item: Gebeurd) -> bool:
    """It came in or came back. An offer that is not accepted went nowhere."""
    if item.anker in {Anker.OVERDRACHT_GEWEIGERD, Anker.OVERDRACHT_INGETROKKEN}:
        return not is_offered(casus, item)
    return item.anker in {Anker.MELDING_ONTVANGEN, Anker.OVERDRACHT_TERUGGEKOPPELD}
