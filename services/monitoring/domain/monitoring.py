"""Monitoring after a dienst: when there is any, what each moment asks, and when it may stop (D10, MB 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from uuid import UUID

from contracts.afspraken import AMSTERDAM, MONITORING_STOPT, Afspraken, Duur, MonitoringRegel, Termijnstatus, end_of
from contracts.messages.monitoring import Gesprekswijze, Kindgesprek
from services.monitoring.domain.invoer import InstemmingInvoer
from services.monitoring.domain.toestand import Monitormoment, Toezicht


@dataclass(frozen=True, slots=True)
class Monitoringfase:
    """Monitoring that runs: by this rule, since this overdracht. `is_vast`: with the fixed moments of that rule."""

    regel: MonitoringRegel
    begint_op: datetime
    is_vast: bool = True


def monitoring_rule(afspraken: Afspraken, moment_regel_id: str | None = None) -> MonitoringRegel | None:
    """How this region monitors, if it does: by the rule that a moment comes from, else by its first."""
    known = None if moment_regel_id is None else afspraken.monitormomenten.get(moment_regel_id)
    return known or next(iter(afspraken.monitoring), None)


def phase_of(toezicht: Toezicht, afspraken: Afspraken) -> Monitoringfase | None:
    """The monitoring that runs in this case, if any."""
    if any(feit.anker in MONITORING_STOPT for feit in toezicht.feiten):
        return None
    begun = [
        termijn
        for moment_id in toezicht.momenten
        if _stands(toezicht, moment_id) and (termijn := toezicht.current(moment_id)) is not None
    ]
    if not begun:
        return None
    first = min(begun, key=lambda termijn: termijn.begint_op)
    regel = monitoring_rule(afspraken, first.regel_id)
    return (
        None if regel is None else Monitoringfase(regel, first.begint_op, first.regel_id in afspraken.monitormomenten)
    )


def _stands(toezicht: Toezicht, moment_id: UUID) -> bool:
    termijn = toezicht.current(moment_id)
    return termijn is not None and termijn.status is not Termijnstatus.VERVALLEN


def children_heard(toezicht: Toezicht) -> bool:
    """Whether in this monitoring the children were spoken with, or there are none (MB 5)."""
    enough = {Kindgesprek.GESPROKEN, Kindgesprek.GEEN_KINDEREN}
    return any(moment.kinderen in enough for moment in toezicht.momenten.values())


def physical_talks(toezicht: Toezicht) -> int:
    """How often the people involved were spoken with in person."""
    return sum(moment.wijze is Gesprekswijze.FYSIEK for moment in toezicht.momenten.values())


def open_moments(toezicht: Toezicht) -> list[Monitormoment]:
    """The moments that were not held yet and still have to be."""
    return [
        moment for moment in toezicht.momenten.values() if moment.gehouden_op is None and _stands(toezicht, moment.id)
    ]


def why_not_stop(
    toezicht: Toezicht, afspraken: Afspraken, fase: Monitoringfase, instemming: InstemmingInvoer, *, op: datetime
) -> list[str]:
    """Every reason why monitoring cannot stop at this moment; none when it can.

    `toezicht` already holds what came out of the moment at which this is asked. Before the last fixed moment stopping
    is early; between that and the mean duration those who have to agree still do.
    """
    reasons: list[str] = []
    if is_early(toezicht, afspraken, fase, op=op):
        reasons += _why_not_early(toezicht, afspraken, fase, instemming, op=op)
    elif open_moments(toezicht):
        agreed = fase.regel.instemming_van
        reasons += [f"instemming ontbreekt van: {name}" for name in (instemming.missing if agreed else ())]
        reasons += _why_not_stable(_held(toezicht))
    short = fase.regel.fysieke_gesprekken_minstens - physical_talks(toezicht)
    if short > 0:
        reasons.append("betrokkenen zijn in de looptijd van de monitoring nog niet fysiek gesproken")
    return reasons


def is_early(toezicht: Toezicht, afspraken: Afspraken, fase: Monitoringfase, *, op: datetime) -> bool:
    """Whether a fixed moment is still to come: it is open, or was held before its time came near."""
    if not fase.is_vast:
        return bool(open_moments(toezicht))
    vaste = [moment for moment in fase.regel.momenten if moment.na != fase.regel.gemiddelde_looptijd]
    names = {moment.id for moment in vaste}
    if any(moment.regel_id in names for moment in open_moments(toezicht)):
        return True
    return any(op < _comes_at(moment.na, afspraken, fase) for moment in vaste)


def _why_not_early(
    toezicht: Toezicht, afspraken: Afspraken, fase: Monitoringfase, instemming: InstemmingInvoer, *, op: datetime
) -> list[str]:
    """It was stable and safe after every time that is agreed, and the three agree (MB 5)."""
    asked = fase.regel.vervroegd_stoppen_na
    if not asked:
        return [f"de afspraken {afspraken.versie} kennen geen vervroegd stoppen"]
    reasons = [f"instemming ontbreekt van: {name}" for name in instemming.missing]
    last = max(_reached_at(fase.begint_op, duur, afspraken) for duur in asked)
    if op < last:
        reasons.append(f"dat kan op zijn vroegst vanaf {last.astimezone(AMSTERDAM):%d-%m-%Y}")
    held = _held(toezicht)
    begins = sorted((_comes_at(duur, afspraken, fase), str(duur)) for duur in asked)
    ends = [begin for begin, _ in begins[1:]]
    for (begin, duur), end in zip_longest(begins, ends):
        found = [moment for at, moment in held if at >= begin and (end is None or at < end)]
        if not found or not found[-1].stabiel_en_veilig:
            reasons.append(f"na {duur} is niet vastgesteld dat de casus stabiel en veilig is")
    return reasons


def _why_not_stable(held: Sequence[tuple[datetime, Monitormoment]]) -> list[str]:
    stable = bool(held) and held[-1][1].stabiel_en_veilig
    return [] if stable else ["de casus is niet stabiel en veilig bevonden"]


def _held(toezicht: Toezicht) -> list[tuple[datetime, Monitormoment]]:
    """The moments that were held, in order."""
    found = [(moment.gehouden_op, moment) for moment in toezicht.momenten.values() if moment.gehouden_op is not None]
    return sorted(found, key=lambda item: item[0])


def _comes_at(duur: Duur, afspraken: Afspraken, fase: Monitoringfase) -> datetime:
    """From when on something that was held counts as after this time: for a fixed moment, once that comes near."""
    if any(moment.na == duur for moment in fase.regel.momenten):
        end = end_of(fase.begint_op, duur, afspraken.kalender, verlengen=False)
        nears = fase.regel.nears_at(fase.begint_op, end)
        if nears is not None:
            return nears.astimezone(UTC)
    return _reached_at(fase.begint_op, duur, afspraken)


def _reached_at(begint_op: datetime, duur: Duur, afspraken: Afspraken) -> datetime:
    """The first moment of the day on which this time is full."""
    end = end_of(begint_op, duur, afspraken.kalender, verlengen=False)
    day = (end.astimezone(AMSTERDAM) - timedelta(microseconds=1)).date()
    return datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM).astimezone(UTC)
