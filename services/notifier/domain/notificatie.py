"""Who is told about one case, by which channel, and when it is tried again."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.messages.identifiers import derived_id
from contracts.messages.notifier import IntrekkingGevraagd, NotificatieGevraagd, Notificatiekanaal
from services.notifier.domain.postvak import Postvak
from services.notifier.domain.proef import Proef
from services.runtime.unit.frozen import replace


class Zendingstatus(StrEnum):
    """Where a message to one person by one channel stands. Sent is not read."""

    OPEN = "gevraagd"
    VERZONDEN = "verzonden"
    MISLUKT = "mislukt"
    VERVALLEN = "vervallen"


TRANSITIONS: Mapping[Zendingstatus, frozenset[Zendingstatus]] = {
    Zendingstatus.OPEN: frozenset({Zendingstatus.VERZONDEN, Zendingstatus.MISLUKT, Zendingstatus.VERVALLEN}),
    Zendingstatus.VERZONDEN: frozenset({Zendingstatus.MISLUKT}),
    Zendingstatus.MISLUKT: frozenset(),
    Zendingstatus.VERVALLEN: frozenset({Zendingstatus.VERZONDEN}),
}
"""From verzonden to mislukt: the relay accepted the mail and gave it back later.

From vervallen to verzonden: it was just leaving when it was withdrawn.
"""


@dataclass(frozen=True, slots=True)
class Bereikbaar:
    """A person that a role means today: whose person, under which key, and by which channels. No name, no address.

    `postvakken` is the key of the mailbox of each channel, which more people may have in common.
    """

    partij: str
    persoon: str
    postvakken: Mapping[Notificatiekanaal, str]


@dataclass(frozen=True, slots=True)
class Zending:
    """One message to one person by one channel. `postvak` is the key of the mailbox it goes to.

    `opdracht_id` is under which it left, alone or together with others.
    """

    id: UUID
    kanaal: Notificatiekanaal
    partij: str
    persoon: str
    postvak: str = ""
    opdracht_id: UUID | None = None
    status: Zendingstatus = Zendingstatus.OPEN
    pogingen: int = 0
    eerste_poging_op: datetime | None = None
    afgelopen_op: datetime | None = None
    reden: str | None = None


@dataclass(frozen=True, slots=True)
class Notificatie:
    """What was asked and what became of it. `uitgeweken`: the people asked for could not be reached, so others were.

    `ingetrokken`: it is no longer so. `vervallen_op`: it was over before anybody could be told.
    """

    vraag: NotificatieGevraagd
    gevraagd_op: datetime
    zendingen: Mapping[UUID, Zending] = field(default_factory=dict[UUID, Zending])
    uitgeweken: bool = False
    ingetrokken: IntrekkingGevraagd | None = None
    vervallen_op: datetime | None = None

    @property
    def hopeless(self) -> bool:
        """Whether nothing was sent and nothing can still be."""
        return all(zending.status is Zendingstatus.MISLUKT for zending in self.zendingen.values())


@dataclass(frozen=True, slots=True)
class Casus:
    """Everything people were told about one case; or, where `postvak` is set, what waits for one mailbox; or how it goes
    with the trying of one channel (`proef`).
    """

    alle: Mapping[UUID, Notificatie] = field(default_factory=dict[UUID, Notificatie])
    postvak: Postvak | None = None
    proef: Proef | None = None

    def put(self, notificatie: Notificatie) -> "Casus":
        """The same with this one in it."""
        return replace(self, alle={**self.alle, notificatie.vraag.notificatie_id: notificatie})

    def of_zending(self, zending_id: UUID) -> Notificatie | None:
        """The notificatie that a message belongs to."""
        return next((item for item in self.alle.values() if zending_id in item.zendingen), None)

    def left_as(self, opdracht_id: UUID) -> tuple[UUID, ...]:
        """The messages of this case that left under this id."""
        return tuple(
            zending.id
            for item in self.alle.values()
            for zending in item.zendingen.values()
            if zending.opdracht_id == opdracht_id
        )


@dataclass(frozen=True, slots=True)
class Schema:
    """When a message that failed is tried again: doubling up to `longest`, and no longer than `persist` in all.

    Counted from the first attempt: what waited while this service was down has not been tried for a moment.
    """

    first: timedelta
    longest: timedelta
    persist: timedelta

    def next_at(self, zending_id: UUID, *, attempts: int, now: datetime, since: datetime) -> datetime | None:
        """When to try again after `attempts` attempts, or None when it has been tried for long enough.

        Spread by up to a fifth, always the same for the same attempt, so that not everything knocks at once.
        """
        wait = min(self.first * 2 ** min(attempts - 1, 20), self.longest)
        due = now + wait * (0.9 + 0.2 * _spread(zending_id, attempts))
        return due if due <= since + self.persist else None


def _spread(zending_id: UUID, attempts: int) -> float:
    digest = hashlib.blake2b(zending_id.bytes + attempts.to_bytes(4, "big"), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


def persoon_key(partij: str, naam: str) -> str:
    """What stands for a person in what is stored: tells nothing, and is the same tomorrow."""
    return derived_id("persoon", partij, naam).hex[:16]


def postvak_key(kanaal: Notificatiekanaal, adres: str, *, persoon: str) -> str:
    """What stands for a mailbox: that of one person, or of everybody with the same address where it can be shared."""
    return derived_id(f"{kanaal.value}-kanaal", adres).hex[:16] if kanaal.vorm.gedeeld else persoon


def address(notificatie: Notificatie, mensen: Iterable[Bereikbaar]) -> tuple[Notificatie, tuple[Zending, ...]]:
    """The notificatie with a message for every person and channel that had none yet, and those new messages."""
    notificatie_id = str(notificatie.vraag.notificatie_id)
    wanted = [
        Zending(
            id=derived_id("zending", notificatie_id, kanaal.value, mens.persoon),
            kanaal=kanaal,
            partij=mens.partij,
            persoon=mens.persoon,
            postvak=postvak,
        )
        for mens in mensen
        for kanaal, postvak in mens.postvakken.items()
    ]
    fresh = tuple(zending for zending in wanted if zending.id not in notificatie.zendingen)
    zendingen = {**notificatie.zendingen, **{zending.id: zending for zending in fresh}}
    return replace(notificatie, zendingen=zendingen), fresh


def leave(notificatie: Notificatie, zending_id: UUID, opdracht_id: UUID) -> Notificatie:
    """The notificatie with the id under which one of its messages left."""
    left = replace(notificatie.zendingen[zending_id], opdracht_id=opdracht_id)
    return replace(notificatie, zendingen={**notificatie.zendingen, zending_id: left})


def attempted_again(
    notificatie: Notificatie, zending_id: UUID, *, attempts: int, reden: str, now: datetime
) -> Notificatie:
    """The notificatie after an attempt that did not succeed yet."""
    zending = notificatie.zendingen[zending_id]
    tried = replace(zending, pogingen=attempts, reden=reden, eerste_poging_op=zending.eerste_poging_op or now)
    return replace(notificatie, zendingen={**notificatie.zendingen, zending_id: tried})


def finish(
    notificatie: Notificatie,
    zending_id: UUID,
    status: Zendingstatus,
    *,
    attempts: int,
    now: datetime,
    reden: str | None = None,
) -> Notificatie:
    """The notificatie after a message was sent, or failed for good."""
    zending = notificatie.zendingen[zending_id]
    assert status in TRANSITIONS[zending.status]
    ended = replace(zending, status=status, pogingen=attempts, afgelopen_op=now, reden=reden)
    return replace(notificatie, zendingen={**notificatie.zendingen, zending_id: ended})
