"""Repeated misses of one party, over all its cases, and the signal to the gemeente that follows (FS, MB 6.2)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.afspraken import end_of
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.monitoring import Drager
from contracts.messages.signalen import Signaalmaatregel
from contracts.messages.verzegeld import Verzegeld
from services.monitoring.domain.vastlegging import Vastlegging
from services.runtime.unit.frozen import replace

if TYPE_CHECKING:
    from contracts.afspraken import Afspraken, Signaaldrempel, StructureelSignaal

COUNTED = {
    "veilig-thuis": frozenset({Drager.LOKAAL_TEAM}),
    "verantwoordelijke": frozenset({Drager.LOKAAL_TEAM, Drager.VEILIG_THUIS}),
}
"""Whose misses count: Veilig Thuis informs about the party of the gemeente (FS), or each about itself (MB 6.2)."""


@dataclass(frozen=True, slots=True)
class Misser:
    """A term that passed, and who should have kept it."""

    termijn_id: UUID
    drager: Drager
    regio: str
    gemeente: str
    op: datetime
    casus_id: UUID | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Partijmissers:
    """What one party failed lately in one gemeente, and the last signal about it.

    `gemeld`: the misses that an open signal rests on, each with the number of that signal; they count no more. `gevraagd`:
    the number of the last signal that the hub asked for; those that people drafted themselves do not stop it asking.
    """

    regio: str
    gemeente: str
    drager: Drager
    missers: Mapping[UUID, datetime] = field(default_factory=dict[UUID, datetime])
    signalen: int = 0
    signaal_op: datetime | None = None
    beantwoord: bool = False
    bewijs: Mapping[UUID, Misser] = field(default_factory=dict[UUID, Misser])
    gemeld: Mapping[UUID, int] = field(default_factory=dict[UUID, int])
    gevraagd: int | None = None


@dataclass(frozen=True, slots=True)
class Signaal:
    """A structureel signaal: about whom, who tells it, what it rests on, and what the gemeente answered.

    The hub or a person (`opgesteld_door`) drafts it (`opgesteld_op`); a person of `meldt` gives it (`afgegeven_op`, None
    until then). `vervallen_op`: what it rested on turned out to have been kept.
    """

    id: UUID
    over: str
    drager: Drager
    meldt: str
    regel_id: str
    afspraken_versie: str
    aantal: int
    sinds: datetime
    afgegeven_op: datetime | None
    maatregel: Signaalmaatregel | None = None
    beantwoord_op: datetime | None = None
    vastlegging: Verzegeld[Vastlegging] | None = None
    opgesteld_op: datetime | None = None
    van: Drager | None = None
    bewijs: tuple[Misser, ...] = ()
    verstuurd_door: str | None = None
    verzending: Verzegeld[Vastlegging] | None = None
    vervallen_op: datetime | None = None
    opgesteld_door: str | None = None
    opstelling: Verzegeld[Vastlegging] | None = None


def case_of_party(*, regio: str, gemeente: str, drager: Drager) -> CasusId:
    """Where the misses of a party are counted; it has no case of its own, and this is not one of a household."""
    return CasusId(derived_id("partij", regio, gemeente, drager.value))


def counted_at(misser: Misser) -> CasusId:
    """Where this miss is counted."""
    return case_of_party(regio=misser.regio, gemeente=misser.gemeente, drager=misser.drager)


def signal_id(of_party: UUID, number: int) -> CasusId:
    """The case of a signal about a party, by its number."""
    return CasusId(derived_id("signaal", str(of_party), str(number)))


def threshold(afspraken: "Afspraken") -> "Signaaldrempel":
    """From how many misses on somebody is asked."""
    return afspraken.signaaldrempels[0]


def signal_rule(afspraken: "Afspraken", drager: Drager) -> "StructureelSignaal | None":
    """The agreement that says when a party has failed too often, where it is about this party."""
    return next((regel for regel in afspraken.structurele_signalen if drager in COUNTED[regel.meldt]), None)


def informs(regel: "StructureelSignaal", drager: Drager) -> Drager:
    """Who tells the gemeente of what this party does not carry out: Veilig Thuis (FS), or the party itself (MB 6.2)."""
    return drager if regel.meldt == "verantwoordelijke" else Drager.VEILIG_THUIS


def needed(signaal: Signaal, regel: "Signaaldrempel") -> int:
    """How many misses are left at least in a draft: one where people drafted it, else as many as the hub asks from."""
    return regel.aantal if signaal.opgesteld_door is None else 1


def count(partij: Partijmissers, misser: Misser, afspraken: "Afspraken", regel: "Signaaldrempel") -> Partijmissers:
    """The party with this miss, and without those that are too long ago. While a signal stands nothing is counted."""
    if _stands(partij, misser.op, afspraken, regel):
        return partij
    missers = {**partij.missers, misser.termijn_id: misser.op}
    recent = {key: op for key, op in missers.items() if _within(op, misser.op, afspraken, regel)}
    known = {**partij.bewijs, misser.termijn_id: misser}
    return replace(partij, missers=recent, bewijs={key: item for key, item in known.items() if key in recent})


def is_repeated(partij: Partijmissers, regel: "Signaaldrempel") -> bool:
    """Whether this is often enough to ask somebody to tell the gemeente."""
    return len(partij.missers) >= regel.aantal


def signalled(partij: Partijmissers, now: datetime) -> Partijmissers:
    """The party after the hub asked for a signal about all that was counted: counting begins anew."""
    after = reported(partij, partij.missers)
    return replace(after, missers={}, bewijs={}, gevraagd=after.signalen, signaal_op=now, beantwoord=False)


def reported(partij: Partijmissers, missers: Collection[UUID]) -> Partijmissers:
    """The party after a signal about these misses was drafted; they stand in it until it is answered or lapses."""
    number = partij.signalen + 1
    after = partij
    for termijn_id in missers:
        after = without(after, termijn_id)
    return replace(after, signalen=number, gemeld={**after.gemeld, **dict.fromkeys(missers, number)})


def without(partij: Partijmissers, termijn_id: UUID) -> Partijmissers:
    """The party without a miss that turned out not to be one, or that is counted no more."""
    return replace(
        partij,
        missers={key: op for key, op in partij.missers.items() if key != termijn_id},
        bewijs={key: misser for key, misser in partij.bewijs.items() if key != termijn_id},
        gemeld={key: number for key, number in partij.gemeld.items() if key != termijn_id},
    )


def ended(partij: Partijmissers, number: int | None) -> Partijmissers:
    """The party after this signal was answered or lapsed. None: one from before they were told apart."""
    open_still = {key: other for key, other in partij.gemeld.items() if other != number}
    return replace(partij, gemeld=open_still, beantwoord=partij.beantwoord or number in {None, partij.gevraagd})


def _stands(partij: Partijmissers, now: datetime, afspraken: "Afspraken", regel: "Signaaldrempel") -> bool:
    """The gemeente knows, and has not answered; after the agreed time it is told again."""
    if partij.signaal_op is None or partij.beantwoord:
        return False
    return _within(partij.signaal_op, now, afspraken, regel)


def _within(op: datetime, now: datetime, afspraken: "Afspraken", regel: "Signaaldrempel") -> bool:
    return end_of(op, regel.binnen, afspraken.kalender, verlengen=False) > now
