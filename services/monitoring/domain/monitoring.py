"""Monitoring after a dienst: when there is any, what each moment asks, and when it may stop (D10, MB 5)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.afspraken import AMSTERDAM, MONITORING_STOPT, Afspraken, Duur, MonitoringRegel, Termijnstatus, end_of
from contracts.messages.monitoring import Gesprekswijze, Kindgesprek
from services.monitoring.domain.toestand import Monitormoment, Toezicht


@dataclass(frozen=True, slots=True)
class Fase:
    """Monitoring that runs: by this rule, since this overdracht."""

    regel: MonitoringRegel
    begint_op: datetime


@dataclass(frozen=True, slots=True)
class Instemming:
    """Who agrees that monitoring stops early: each of the three that MB 5 names."""

    betrokkenen: bool
    lokaal_team: bool
    veilig_thuis: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """Who does not agree, or was not asked."""
        asked = {
            "direct betrokkenen": self.betrokkenen,
            "lokaal team": self.lokaal_team,
            "Veilig Thuis": self.veilig_thuis,
        }
        return tuple(name for name, agrees in asked.items() if not agrees)


def monitoring_rule(afspraken: Afspraken, moment_regel_id: str | None = None) -> MonitoringRegel | None:
    """How this region monitors, if it does: by the rule that a moment comes from, else by its first."""
    known = None if moment_regel_id is None else afspraken.monitormomenten.get(moment_regel_id)
    return known or next(iter(afspraken.monitoring), None)


def phase_of(toezicht: Toezicht, afspraken: Afspraken) -> Fase | None:
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
    return None if regel is None else Fase(regel, first.begint_op)


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
    toezicht: Toezicht, afspraken: Afspraken, fase: Fase, instemming: Instemming, *, op: datetime
) -> list[str]:
    """Every reason why monitoring cannot stop at this moment; none when it can.

    `toezicht` already holds what came out of the moment at which this is asked.
    """
    reasons: list[str] = []
    if open_moments(toezicht):
        reasons += _why_not_early(toezicht, afspraken, fase, instemming, op=op)
    short = fase.regel.fysieke_gesprekken_minstens - physical_talks(toezicht)
    if short > 0:
        reasons.append("betrokkenen zijn in de looptijd van de monitoring nog niet fysiek gesproken")
    return reasons


def _why_not_early(
    toezicht: Toezicht, afspraken: Afspraken, fase: Fase, instemming: Instemming, *, op: datetime
) -> list[str]:
    if not fase.regel.vervroegd_stoppen_na:
        return [f"de afspraken {afspraken.versie} kennen geen vervroegd stoppen"]
    reasons = [f"instemming ontbreekt van: {name}" for name in instemming.missing]
    first = min(_reached_at(fase.begint_op, duur, afspraken) for duur in fase.regel.vervroegd_stoppen_na)
    if op < first:
        reasons.append(f"dat kan op zijn vroegst vanaf {first.astimezone(AMSTERDAM):%d-%m-%Y}")
    last = max(
        (moment for moment in toezicht.momenten.values() if moment.gehouden_op is not None),
        key=lambda moment: moment.gehouden_op or op,
        default=None,
    )
    if last is None or not last.stabiel_en_veilig:
        reasons.append("de casus is niet stabiel en veilig bevonden")
    return reasons


def _reached_at(begint_op: datetime, duur: Duur, afspraken: Afspraken) -> datetime:
    """The first moment of the day on which this time is full."""
    end = end_of(begint_op, duur, afspraken.kalender, verlengen=False)
    day = (end.astimezone(AMSTERDAM) - timedelta(microseconds=1)).date()
    return datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM).astimezone(UTC)
