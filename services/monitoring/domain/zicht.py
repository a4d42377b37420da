"""Who bears zicht op veiligheid: exactly one party, at every moment from melding to closure (DOMAIN D6).

The ledger is only added to. A line says who bears it from a moment on; a later line that reaches back replaces what was
said about the time from there on, and the earlier line stays readable: who bore it, and since when that is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from contracts.afspraken import OVERDRACHT_KWAM_TERUG, Anker, Ontvangersoort, ZichtRegel, local_date
from contracts.afspraken import Drager as AgreedDrager
from contracts.messages.monitoring import Drager
from services.monitoring.domain.feiten import soort_onderwerp
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import Feit, Overgang, Toezicht
from services.runtime.unit.frozen import replace

if TYPE_CHECKING:
    from contracts.afspraken import Afspraken, Kalender

Zichtregels = Mapping[Anker, tuple[ZichtRegel, ...]]

_RANK = {anker: rank for rank, anker in enumerate(Anker, start=1)} | {Anker.MELDPUNTMELDING_ONTVANGEN: 0}
_HANDED_OVER = frozenset({"overdracht", "dienst"})
"""Kinds of things that go to a receiver."""
_DRAGERS = {drager: Drager(drager.value) for drager in AgreedDrager}
"""The bearers of the agreements as messages name them."""
_RECEIVERS = frozenset({Drager.LOKAAL_TEAM, Drager.KETENPARTNER})
_PROOFS_OF_DELIVERY = (Anker.OVERDRACHT_AFGELEVERD, Anker.ONTVANGST_BEVESTIGD, Anker.OVERDRACHT_OPGEPAKT)


@dataclass(frozen=True, slots=True)
class Beweging:
    """A rule that would move zicht op veiligheid at `at`, on this fact, if the right party bears it by then."""

    at: datetime
    regel: ZichtRegel
    feit: Feit

    @property
    def name(self) -> str:
        """What tells this movement from every other of its case."""
        return f"zicht:{self.regel.id}:{self.feit.onderwerp_id or '-'}:{self.feit.bron_id or '-'}"


def situatie_of(toezicht: Toezicht, feit: Feit) -> dict[str, str]:
    """The circumstances that a rule may be limited to, as far as this case tells them."""
    found: dict[str, str] = {}
    if toezicht.meldpunt_acuut is not None:
        found["meldpunt_urgentie"] = "acuut" if toezicht.meldpunt_acuut else "niet-acuut"
    if soort_onderwerp(feit.anker) in _HANDED_OVER:
        partner = toezicht.ketenpartner_of(feit.onderwerp_id)
        found["ontvanger"] = (Ontvangersoort.LOKAAL_TEAM if partner is None else Ontvangersoort.KETENPARTNER).value
    beeld = toezicht.overdrachten.get(feit.onderwerp_id) if feit.onderwerp_id is not None else None
    if beeld is not None and beeld.soort is not None:
        found["soort_overdracht"] = beeld.soort
    asked = toezicht.samenwerkingen.get(feit.onderwerp_id) if feit.onderwerp_id is not None else None
    if asked is not None and asked.urgentie is not None:
        found["vbs_urgentie"] = asked.urgentie.value
    return found


def index_regels(afspraken: "Afspraken") -> Zichtregels:
    """The rules of these agreements by the moment at which they start."""
    found: dict[Anker, tuple[ZichtRegel, ...]] = {}
    for regel in afspraken.zicht:
        found[regel.vanaf] = (*found.get(regel.vanaf, ()), regel)
    return found


def bewegingen(toezicht: Toezicht, regels: Zichtregels, kalender: "Kalender") -> list[Beweging]:
    """Every movement that the facts give rise to, past and to come, in order."""
    found = [
        Beweging(regel.moves_at(feit.op, kalender).astimezone(UTC), regel, feit)
        for feit in toezicht.feiten
        for regel in regels.get(feit.anker, ())
        if regel.alleen_bij is None or regel.applies(situatie_of(toezicht, feit))
    ]
    standing = [beweging for beweging in found if _stands(toezicht, beweging)]
    return sorted(standing, key=_order)


def _order(beweging: Beweging) -> tuple[datetime, int, datetime, str]:
    return (beweging.at, _RANK[beweging.feit.anker], beweging.feit.op, beweging.name)


def _stands(toezicht: Toezicht, beweging: Beweging) -> bool:
    """A movement falls away when its overdracht came back before it was due, or was never delivered."""
    feit = beweging.feit
    if any(_voids(beweging, other) for other in toezicht.feiten if other.anker in beweging.regel.vervalt_bij):
        return False
    if soort_onderwerp(feit.anker) != "overdracht" or beweging.regel.naar not in _RECEIVERS:
        return True
    returned = (toezicht.first(anker, feit.onderwerp_id) for anker in OVERDRACHT_KWAM_TERUG)
    if any(back is not None and back.op <= beweging.at for back in returned):
        return False
    return any(toezicht.first(proof, feit.onderwerp_id) is not None for proof in _PROOFS_OF_DELIVERY)


def _voids(beweging: Beweging, feit: Feit) -> bool:
    """Whether this fact, of a kind that the rule names, came in time and is about the same thing or the case."""
    if soort_onderwerp(feit.anker) == soort_onderwerp(beweging.feit.anker):
        return feit.onderwerp_id == beweging.feit.onderwerp_id and feit.op <= beweging.at
    return beweging.feit.op <= feit.op <= beweging.at


def expected(
    toezicht: Toezicht, found: Iterable[Beweging], partijen: Partijen, *, versie: str, now: datetime
) -> list[Overgang]:
    """The succession of bearers up to `now`, as the movements in their order have it."""
    lines: list[Overgang] = []
    for beweging in found:
        current = lines[-1].drager if lines else None
        if beweging.at > now:
            break
        van = None if beweging.regel.van is None else _DRAGERS[beweging.regel.van]
        if van != current or (van is None and lines) or not _is_of_bearer(toezicht, beweging, lines, partijen):
            continue
        drager = None if beweging.regel.naar is None else _DRAGERS[beweging.regel.naar]
        lines.append(
            Overgang(
                vanaf=beweging.at,
                drager=drager,
                partij=None if drager is None else _partij_of(toezicht, beweging.feit, drager, partijen),
                regel_id=beweging.regel.id,
                afspraken_versie=versie,
                handeling=f"{beweging.feit.anker.label} ({beweging.feit.door})",
                vastgesteld_op=now,
            )
        )
    return lines


def _is_of_bearer(toezicht: Toezicht, beweging: Beweging, lines: Sequence[Overgang], partijen: Partijen) -> bool:
    """An overdracht takes zicht away only from who received that very overdracht: another may bear it by now.

    Where the rule asks for it, the act is that of the bearer.
    """
    feit, bearer = beweging.feit, lines[-1] if lines else None
    if beweging.regel.door_drager and (bearer is None or not _did(bearer.partij, feit, partijen)):
        return False
    if (
        bearer is None
        or bearer.drager is None
        or bearer.drager not in _RECEIVERS
        or soort_onderwerp(feit.anker) != "overdracht"
    ):
        return True
    return bearer.partij == _partij_of(toezicht, feit, bearer.drager, partijen)


def _did(partij: str | None, feit: Feit, partijen: Partijen) -> bool:
    """Whether this party did it, or who goes on with its cases.

    What people report says their function first, and their party between brackets.
    """
    door = feit.door.removesuffix(")").rpartition("(")[2]
    return partij in partijen.codes_of(door, on=local_date(feit.op))


def _partij_of(toezicht: Toezicht, feit: Feit, drager: Drager, partijen: Partijen) -> str:
    """The party that this bearer is; another party that accepted is that very party."""
    assert toezicht.regio is not None
    if drager is Drager.KETENPARTNER and feit.anker is Anker.ANDERE_PARTIJ_AANVAARD:
        return feit.door
    gemeente, _ = toezicht.place_of(feit.onderwerp_id)
    partner = toezicht.ketenpartner_of(feit.onderwerp_id)
    return partijen.code(drager, regio=toezicht.regio, gemeente=gemeente, partij=partner)


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
