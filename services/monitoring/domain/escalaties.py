"""Climbing a ladder: who is called, when the next one is, and how it ends (DOMAIN D11)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict
from uuid import UUID

from contracts.afspraken import Afspraken, Berichtsoort, LadderRegel, Rol, Trede
from contracts.afspraken.model import Opschaling
from contracts.messages.identifiers import derived_id
from contracts.messages.monitoring import (
    Drager,
    EscalatieAfgehandeld,
    EscalatieGestart,
    EscalatieOpgepakt,
    EscalatieOpgeschaald,
)
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import (
    ESCALATIE_TRANSITIONS,
    Escalatie,
    Escalatiestatus,
    Feit,
    Termijn,
    Toezicht,
)
from services.monitoring.domain.wie import Wie
from services.runtime.unit.frozen import replace


@dataclass(frozen=True, slots=True)
class Escalatiegrond:
    """What an escalatie is about.

    `regel_id` is the rule that was not kept, or the ladder where there is no such rule.
    """

    id: UUID
    regel_id: str
    onderwerp_id: UUID
    gemeente: str
    team: str | None = None
    verantwoordelijke: Drager | None = None
    termijn_id: UUID | None = None
    partij: str | None = None


def grond_of(termijn: Termijn) -> Escalatiegrond:
    """A missed termijn as the cause of an escalatie; the same termijn never causes two."""
    return Escalatiegrond(
        id=derived_id("escalatie", str(termijn.id)),
        regel_id=termijn.regel_id,
        onderwerp_id=termijn.onderwerp_id,
        gemeente=termijn.gemeente,
        team=termijn.team,
        verantwoordelijke=termijn.verantwoordelijke,
        termijn_id=termijn.id,
        partij=termijn.partij,
    )


def grond_bij(feit: Feit, regel: Opschaling, toezicht: Toezicht, *, casus_id: UUID) -> Escalatiegrond:
    """Something that happened and is raised at once as the cause of an escalatie."""
    gemeente, team = toezicht.place_of(feit.onderwerp_id)
    identifier = derived_id("escalatie", str(casus_id), regel.id, str(feit.bron_id or feit.onderwerp_id))
    return Escalatiegrond(
        id=identifier,
        regel_id=regel.id,
        onderwerp_id=feit.onderwerp_id or identifier,
        gemeente=gemeente,
        team=team,
        verantwoordelijke=regel.verantwoordelijke,
        partij=toezicht.ketenpartner_of(feit.onderwerp_id),
    )


def parties_of(trede: Trede, about: Escalatiegrond | Escalatie, *, regio: str, partijen: Partijen) -> tuple[str, ...]:
    """The parties where a rung is called, the one it belongs to first."""
    dragers = (trede.bij, *trede.ook_bij)
    codes = (partijen.code(drager, regio=regio, gemeente=about.gemeente, partij=about.partij) for drager in dragers)
    return tuple(dict.fromkeys(codes))


def start(
    grond: Escalatiegrond, afspraken: Afspraken, ladder: LadderRegel, *, bij: tuple[str, ...], now: datetime
) -> Escalatie:
    """An escalatie on the first rung of its ladder, called at the parties `bij`."""
    first = ladder.treden[0]
    return Escalatie(
        id=grond.id,
        ladder_id=ladder.id,
        regel_id=grond.regel_id,
        afspraken_versie=afspraken.versie,
        onderwerp_id=grond.onderwerp_id,
        gemeente=grond.gemeente,
        team=grond.team,
        verantwoordelijke=grond.verantwoordelijke,
        termijn_id=grond.termijn_id,
        partij=grond.partij,
        gestart_op=now,
        trede=0,
        trede_op=now,
        rol=first.rol.value,
        bij=bij[0],
        volgende_op=_next_at(afspraken, ladder, 0, now),
        notificaties=_notificaties(grond.id, 0, bij),
    )


def climb(
    escalatie: Escalatie, afspraken: Afspraken, ladder: LadderRegel, *, bij: tuple[str, ...], now: datetime
) -> Escalatie:
    """The escalatie one rung higher, called at the parties `bij`.

    The waiting time of a rung counts from when its people were called.
    """
    number = escalatie.trede + 1
    trede = ladder.treden[number]
    return replace(
        escalatie,
        trede=number,
        trede_op=now,
        rol=trede.rol.value,
        bij=bij[0],
        volgende_op=_next_at(afspraken, ladder, number, now),
        notificaties=_notificaties(escalatie.id, number, bij),
        status=Escalatiestatus.OPEN,
        herhaald=0,
        herhaald_op=None,
    )


def call_again(
    escalatie: Escalatie, afspraken: Afspraken, ladder: LadderRegel, *, bij: tuple[str, ...], now: datetime
) -> Escalatie:
    """The escalatie of which the same rung is called once more."""
    return replace(
        escalatie,
        herhaald=escalatie.herhaald + 1,
        herhaald_op=now,
        volgende_op=_next_at(afspraken, ladder, escalatie.trede, now),
        notificaties=_notificaties(escalatie.id, escalatie.trede, bij, again_at=now),
    )


def take_up(escalatie: Escalatie, afspraken: Afspraken, ladder: LadderRegel, *, door: str, now: datetime) -> Escalatie:
    """Someone works on it: the rung gets its waiting time anew, and after that it climbs on after all."""
    assert Escalatiestatus.OPGEPAKT in ESCALATIE_TRANSITIONS[escalatie.status]
    return replace(
        escalatie,
        status=Escalatiestatus.OPGEPAKT,
        opgepakt_op=now,
        opgepakt_door=door,
        herhaald=0,
        volgende_op=_next_at(afspraken, ladder, escalatie.trede, now),
    )


def close(escalatie: Escalatie, *, resultaat: str, now: datetime) -> Escalatie:
    """The escalatie with its result; nobody is called about it any more."""
    assert Escalatiestatus.AFGEHANDELD in ESCALATIE_TRANSITIONS[escalatie.status]
    return replace(
        escalatie, status=Escalatiestatus.AFGEHANDELD, afgehandeld_op=now, resultaat=resultaat, volgende_op=None
    )


def come_back(escalatie: Escalatie, afspraken: Afspraken, *, now: datetime) -> Escalatie:
    """The same, settled by people while what it is about is still not done: its rung is called again in its time."""
    ladder = afspraken.ladder(escalatie.ladder_id)
    return replace(escalatie, volgende_op=_next_at(afspraken, ladder, escalatie.trede, now))


def reopen(escalatie: Escalatie) -> Escalatie:
    """It was settled, and that time passed: what it is about is still not done."""
    assert Escalatiestatus.OPEN in ESCALATIE_TRANSITIONS[escalatie.status]
    return replace(escalatie, status=Escalatiestatus.OPEN, afgehandeld_op=None, resultaat=None)


def why_not_theirs(escalatie: Escalatie, afspraken: Afspraken, wie: Wie) -> str | None:
    """Why this person does not take it up or settle it, in Dutch: it calls another role; None for a system.

    The rung that was called decides, or a higher one (MB 6.1). Above the last there is whom Veilig Thuis has for that.
    """
    if wie.rollen is None:
        return None
    decides = {trede.rol for trede in afspraken.ladder(escalatie.ladder_id).treden[escalatie.trede :]}
    above = {afspraken.rol_voor(Berichtsoort.LADDER_TEN_EINDE)} if wie.is_veilig_thuis else set[Rol]()
    if wie.rollen & (decides | above):
        return None
    return (
        f"deze escalatie roept de {Rol(escalatie.rol).label}; wie in die rol staat, of een trede hoger, handelt haar af"
    )


def is_due(escalatie: Escalatie, now: datetime) -> bool:
    """Whether the next rung is to be called."""
    return escalatie.volgende_op is not None and escalatie.volgende_op <= now


def _notificaties(
    escalatie_id: UUID, trede: int, bij: tuple[str, ...], *, again_at: datetime | None = None
) -> tuple[UUID, ...]:
    """The one message to each party about a rung each time that it is called.

    When it is called again counts, not how often: that begins anew once somebody takes the escalatie up, and a message
    under an id that was used before would not leave.
    """
    again = () if again_at is None else (f"opnieuw {again_at.astimezone(UTC).isoformat()}",)
    return tuple(derived_id("notificatie", str(escalatie_id), str(trede), *again, partij) for partij in bij)


def gestart(escalatie: Escalatie, regio: str, ook_bij: tuple[str, ...]) -> EscalatieGestart:
    """The event that an escalatie began. Rungs count from 1 for people."""
    return EscalatieGestart(
        **_common(escalatie, regio),
        gestart_op=escalatie.trede_op,
        trede=escalatie.trede + 1,
        rol=escalatie.rol,
        bij=escalatie.bij,
        ook_bij=ook_bij,
    )


def opgeschaald(
    escalatie: Escalatie, regio: str, ook_bij: tuple[str, ...], *, door: str | None
) -> EscalatieOpgeschaald:
    """The event that an escalatie climbed to its present rung."""
    return EscalatieOpgeschaald(
        **_common(escalatie, regio),
        opgeschaald_op=escalatie.trede_op,
        opgeschaald_door=door,
        trede=escalatie.trede + 1,
        rol=escalatie.rol,
        bij=escalatie.bij,
        ook_bij=ook_bij,
    )


def opgepakt(escalatie: Escalatie, regio: str) -> EscalatieOpgepakt:
    """The event that someone took an escalatie."""
    assert escalatie.opgepakt_op is not None
    return EscalatieOpgepakt(
        **_common(escalatie, regio), opgepakt_op=escalatie.opgepakt_op, opgepakt_door=escalatie.opgepakt_door or ""
    )


def afgehandeld(escalatie: Escalatie, regio: str) -> EscalatieAfgehandeld:
    """The event that an escalatie was closed."""
    assert escalatie.afgehandeld_op is not None
    return EscalatieAfgehandeld(
        **_common(escalatie, regio), afgehandeld_op=escalatie.afgehandeld_op, resultaat=escalatie.resultaat or ""
    )


class _Velden(TypedDict):
    escalatie_id: UUID
    regio: str
    gemeente: str
    team: str | None
    partij: str | None
    regel_id: str
    ladder_id: str
    afspraken_versie: str
    termijn_id: UUID | None
    onderwerp_id: UUID


def _common(escalatie: Escalatie, regio: str) -> _Velden:
    return _Velden(
        escalatie_id=escalatie.id,
        regio=regio,
        gemeente=escalatie.gemeente,
        team=escalatie.team,
        partij=escalatie.partij,
        regel_id=escalatie.regel_id,
        ladder_id=escalatie.ladder_id,
        afspraken_versie=escalatie.afspraken_versie,
        termijn_id=escalatie.termijn_id,
        onderwerp_id=escalatie.onderwerp_id,
    )


def _next_at(afspraken: Afspraken, ladder: LadderRegel, number: int, now: datetime) -> datetime:
    return ladder.next_at(number, now, afspraken.kalender).astimezone(UTC)
