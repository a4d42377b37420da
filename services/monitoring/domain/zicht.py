"""Who bears zicht op veiligheid: exactly one party, at every moment from melding to closure (DOMAIN D6).

The ledger is only added to. A line says who bears it from a moment on; a later line that reaches back replaces what was
said about the time from there on, and the earlier line stays readable: who bore it, and since when that is known.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from contracts.afspraken import Afspraken
from contracts.afspraken.toepassing import Beweging, Wisseling, find_bewegingen, follow_zicht
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.toestand import Overgang
from services.runtime.unit.frozen import replace


def expected(casus: Casus, bewegingen: Iterable[Beweging], afspraken: Afspraken, *, now: datetime) -> list[Overgang]:
    """The succession of bearers up to `now`, as the agreements have it.

    Of a case that became one household with others, what it was by itself up to then.
    """
    lines = _lines(follow_zicht(casus, bewegingen, until=now), afspraken, now)
    sinds = casus.toezicht.huishouden_sinds
    if sinds is None or sinds > now:
        return lines
    alone = casus.alone
    own = _lines(follow_zicht(alone, find_bewegingen(alone, afspraken), until=now), afspraken, now)
    taken = [line for line in lines if line.vanaf <= sinds][-1:]
    return _collapse(
        [
            *(line for line in own if line.vanaf < sinds),
            *(_as_household(line, sinds, afspraken) for line in taken),
            *(line for line in lines if line.vanaf > sinds),
        ]
    )


def _as_household(line: Overgang, sinds: datetime, afspraken: Afspraken) -> Overgang:
    """Who bore it in the household when this case joined it."""
    if line.vanaf == sinds:
        return line
    regel_id = next((regel.id for regel in afspraken.huishoudens), line.regel_id)
    return replace(line, vanaf=sinds, regel_id=regel_id, handeling=f"één huishouden: {line.handeling}")


def _lines(wisselingen: Iterable[Wisseling], afspraken: Afspraken, now: datetime) -> list[Overgang]:
    return [
        Overgang(
            vanaf=wisseling.op,
            drager=wisseling.regel.naar,
            partij=wisseling.partij,
            regel_id=wisseling.regel.id,
            afspraken_versie=afspraken.versie,
            handeling=f"{wisseling.gebeurd.anker.label} ({wisseling.gebeurd.door})",
            vastgesteld_op=now,
        )
        for wisseling in wisselingen
    ]


def timeline(ledger: Iterable[Overgang], *, known_at: datetime | None = None) -> list[Overgang]:
    """Who bears it when, according to the ledger as it stands (or stood at `known_at`), without repetitions."""
    lines: list[Overgang] = []
    for line in ledger:
        if known_at is not None and line.vastgesteld_op > known_at:
            continue
        while lines and lines[-1].vanaf >= line.vanaf:
            lines.pop()
        lines.append(line)
    return _collapse(lines)


def _collapse(lines: list[Overgang]) -> list[Overgang]:
    kept: list[Overgang] = []
    for line in lines:
        bearer = (kept[-1].drager, kept[-1].partij) if kept else (None, None)
        if (line.drager, line.partij) != bearer:
            kept.append(line)
    return kept


def zicht_at(ledger: Iterable[Overgang], op: datetime, *, known_at: datetime | None = None) -> Overgang | None:
    """Who bore zicht op veiligheid at `op`, by which rule and on whose act; None before the melding."""
    return next((line for line in reversed(timeline(ledger, known_at=known_at)) if line.vanaf <= op), None)


def additions(ledger: Sequence[Overgang], wanted: Sequence[Overgang], *, now: datetime) -> list[Overgang]:
    """The lines to add so that the ledger says what the facts say; none when it does already."""
    current = timeline(ledger)
    same = 0
    while same < min(len(current), len(wanted)) and current[same].says_same_as(wanted[same]):
        same += 1
    rest = list(wanted[same:])
    if same < len(current) and (not rest or rest[0].vanaf > current[same].vanaf):
        rest.insert(0, _restated(wanted[same - 1] if same else None, current[same], now))
    return rest


def _restated(before: Overgang | None, replaced: Overgang, now: datetime) -> Overgang:
    """A line that takes back a movement: who bore it before bears it still, or nobody did yet."""
    if before is None:
        return replace(replaced, drager=None, partij=None, vastgesteld_op=now)
    return replace(before, vanaf=replaced.vanaf, vastgesteld_op=now)
