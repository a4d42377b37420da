"""The mailbox of a person or a Teams channel: what arrives together leaves together, and nothing urgent waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.notifier import Aanleiding, NotificatieGevraagd, Notificatiekanaal, NotificatieUrgentie
from services.runtime.unit.frozen import replace

LEESRUIMTE = timedelta(hours=1)
"""How long before a moment somebody has to have a message at least, to do something about it."""
_HURRIED = frozenset({Aanleiding.ESCALATIE, Aanleiding.AFLEVERING_GESTAGNEERD, Aanleiding.INGETROKKEN})


@dataclass(frozen=True, slots=True)
class Bundeling:
    """How long a message may wait for others, after the last one that left for the same mailbox.

    `pauze` for what is urgent or somebody's turn on a ladder, `verzamel` for the rest. A crisis waits for neither (D12).
    `samen` is within what time it is here when more was asked for the same people at one moment, of one case or several.
    `grootste` is how many messages leave together.
    """

    samen: timedelta = timedelta(seconds=1)
    pauze: timedelta = timedelta(minutes=1)
    verzamel: timedelta = timedelta(minutes=10)
    grootste: int = 50

    def wait_until(self, vraag: NotificatieGevraagd, *, last: datetime | None, now: datetime) -> datetime:
        """Until when this waits in a mailbox for which something left at `last`."""
        soonest = now + self.samen if vraag.samen else now
        if last is None or vraag.urgentie is NotificatieUrgentie.CRISIS:
            return soonest
        return max(soonest, last + (self.pauze if is_hurried(vraag) else self.verzamel))


@dataclass(frozen=True, slots=True)
class Stuk:
    """A message in a mailbox: whose, of which case, what it says, and until when it may wait for others.

    `niet_voor`: it does not leave sooner, for it is not urgent and nobody reads it now.
    """

    zending_id: UUID
    casus_id: CasusId
    persoon: str
    vraag: NotificatieGevraagd
    uiterlijk_op: datetime
    niet_voor: datetime | None = None

    def may_leave(self, now: datetime) -> bool:
        return self.niet_voor is None or self.niet_voor <= now


@dataclass(frozen=True, slots=True)
class Bundel:
    """What left together, until it is known whether it was accepted. `volgende_op`: it failed, and is tried again."""

    id: UUID
    stukken: tuple[Stuk, ...]
    eerste_poging_op: datetime | None = None
    volgende_op: datetime | None = None

    @property
    def vragen(self) -> tuple[NotificatieGevraagd, ...]:
        """What it says: people who share a Teams channel are told once there."""
        return tuple({stuk.vraag.notificatie_id: stuk.vraag for stuk in self.stukken}.values())

    def waits(self, now: datetime) -> bool:
        """Whether it failed and is not yet tried again. From that moment on an attempt may be under way."""
        return self.volgende_op is not None and self.volgende_op > now

    def without(self, zending_id: UUID) -> "Bundel | None":
        """The rest of it, under an id of its own; None where nothing is left. A rest may have left by itself before."""
        left = tuple(stuk for stuk in self.stukken if stuk.zending_id != zending_id)
        return (
            replace(self, id=derived_id("bundel-zonder", str(self.id), str(zending_id)), stukken=left) if left else None
        )


@dataclass(frozen=True, slots=True)
class Postvak:
    """What waits for one mailbox, when something last left for it, and what is under way there."""

    kanaal: Notificatiekanaal
    partij: str
    wachtend: tuple[Stuk, ...] = ()
    vertrokken_op: datetime | None = None
    onderweg: Mapping[UUID, Bundel] = field(default_factory=dict[UUID, Bundel])

    def holds(self, zending_id: UUID) -> bool:
        """Whether this message waits here or is under way."""
        under_way = (stuk for bundel in self.onderweg.values() for stuk in bundel.stukken)
        return any(stuk.zending_id == zending_id for stuk in (*self.wachtend, *under_way))

    @property
    def due_at(self) -> datetime | None:
        """When the next bundle leaves; None while nothing waits."""
        return min((stuk.uiterlijk_op for stuk in self.wachtend), default=None)

    def put(self, stuk: Stuk) -> "Postvak":
        return replace(self, wachtend=(*self.wachtend, stuk))

    def without(self, zending_id: UUID) -> "Postvak":
        """The same, when this message did not come to wait here."""
        return replace(self, wachtend=tuple(stuk for stuk in self.wachtend if stuk.zending_id != zending_id))

    def depart(self, now: datetime, *, grootste: int) -> tuple["Postvak", Bundel] | None:
        """Once something may wait no longer everything leaves that may, what may wait longest last; None until then.

        What waits for the morning stays: it is not to be found at night below what is urgent.
        """
        if self.due_at is None or self.due_at > now:
            return None
        ordered = sorted((stuk for stuk in self.wachtend if stuk.may_leave(now)), key=lambda stuk: stuk.uiterlijk_op)
        leaving = tuple(ordered[:grootste])
        staying = (*ordered[grootste:], *(stuk for stuk in self.wachtend if not stuk.may_leave(now)))
        bundel = Bundel(_bundel_id(leaving), leaving)
        left = replace(self, wachtend=staying, vertrokken_op=now, onderweg={**self.onderweg, bundel.id: bundel})
        return left, bundel

    def keep(self, bundel: Bundel) -> "Postvak":
        return replace(self, onderweg={**self.onderweg, bundel.id: bundel})

    def hurry(self, now: datetime) -> "Postvak":
        """The same, with what failed before tried again now."""
        tried = {bundel.id: replace(bundel, volgende_op=now) for bundel in self.onderweg.values() if bundel.waits(now)}
        return replace(self, onderweg={**self.onderweg, **tried})

    def drop(self, bundel_id: UUID) -> "Postvak":
        return replace(self, onderweg={key: bundel for key, bundel in self.onderweg.items() if key != bundel_id})


def leaves_from(vraag: NotificatieGevraagd, *, now: datetime, reads_from: datetime) -> datetime:
    """From when on a message may leave for somebody who reads what is not urgent from `reads_from` on (D12).

    What is urgent leaves now, and so does what names a moment to come that would be over before it could be acted on.
    """
    if vraag.urgentie is not NotificatieUrgentie.GEWOON:
        return now
    until = vraag.wettelijk_moment
    too_late = until is not None and now < until < reads_from + LEESRUIMTE
    return now if too_late else max(now, reads_from)


def is_hurried(vraag: NotificatieGevraagd) -> bool:
    """Whether somebody is waited for: it is urgent, or it is their turn on a ladder."""
    return vraag.urgentie is not NotificatieUrgentie.GEWOON or vraag.aanleiding in _HURRIED


def _bundel_id(stukken: tuple[Stuk, ...]) -> UUID:
    """A message by itself leaves under its own id."""
    if len(stukken) == 1:
        return stukken[0].zending_id
    return derived_id("bundel", *(str(stuk.zending_id) for stuk in stukken))
