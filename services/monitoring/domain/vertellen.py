"""How a step of a case is told: why it happened, and the event that says so."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from contracts.afspraken import Termijnstatus
from contracts.afspraken.mededelingen import Mededeling
from contracts.afspraken.toepassing import Afloop
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.monitoring import (
    Drager,
    MonitormomentGepland,
    TermijnGehaald,
    TermijnVervallen,
    ZichtOpVeiligheidOvergegaan,
)
from services.monitoring.domain import termijnen, zicht
from services.monitoring.domain.toestand import Monitormoment, Overgang, Termijn, Toezicht

if TYPE_CHECKING:
    from contracts.afspraken import MonitoringRegel

FactValue = str | int | bool | None

ASKED = "bericht aan mensen gevraagd"
"""What the journal says where people are told something without a term."""


@dataclass(frozen=True, slots=True)
class Uitleg:
    """Why something happened: a sentence, the rule, and the facts it rests on."""

    wat: str
    regel_id: str | None = None
    feiten: dict[str, FactValue] = field(default_factory=dict[str, FactValue])


def overgegaan(toezicht: Toezicht, line: Overgang, *, regio: str, now: datetime) -> ZichtOpVeiligheidOvergegaan:
    """The event of a new line of the ledger; a revision where it says something else about time already told."""
    before = zicht.zicht_at(toezicht.zicht, line.vanaf)
    return ZichtOpVeiligheidOvergegaan(
        regio=regio,
        gemeente=toezicht.gemeente or "",
        van=None if before is None else before.drager,
        van_partij=None if before is None else before.partij,
        naar=line.drager,
        naar_partij=line.partij,
        op=line.vanaf,
        regel_id=line.regel_id,
        afspraken_versie=line.afspraken_versie,
        handeling=line.handeling,
        vastgesteld_op=now,
        herziening=any(old.vanaf >= line.vanaf for old in toezicht.zicht),
    )


def moved(line: Overgang, *, herziening: bool) -> Uitleg:
    """Why zicht op veiligheid went over."""
    how = "herzien: een feit kwam later binnen" if herziening else "overgegaan"
    facts: dict[str, FactValue] = {"naar": line.partij, "vanaf": line.vanaf.isoformat(), "handeling": line.handeling}
    return Uitleg(f"zicht op veiligheid {how}", line.regel_id, facts)


def asked(mededeling: Mededeling) -> Uitleg:
    """Why people are told something without a term."""
    facts: dict[str, FactValue] = {"partij": mededeling.partij, "rol": mededeling.regel.rol.value}
    return Uitleg(ASKED, mededeling.regel.id, facts)


def settled(termijn: Termijn, afloop: Afloop, *, regio: str) -> tuple[Gebeurtenis, str]:
    """The event of a term that was met or lapsed, and what happened in words."""
    common = velden_of(termijn, regio)
    if afloop.vervallen:
        reden = termijnen.reden_of(afloop)
        return TermijnVervallen(**common, vervallen_op=afloop.gebeurd.op, reden=reden), f"termijn vervallen: {reden}"
    te_laat = termijn.status is Termijnstatus.TE_LAAT_GEHAALD
    event = TermijnGehaald(
        **common, gehaald_op=afloop.gebeurd.op, te_laat=te_laat, gehaald_door=afloop.gebeurd.anker.value
    )
    return event, "termijn te laat gehaald" if te_laat else "termijn gehaald"


def gepland(
    moment: Monitormoment, termijn: Termijn, regel: "MonitoringRegel", *, regio: str, versie: str
) -> MonitormomentGepland:
    """The event of a moment of monitoring that is to be held."""
    return MonitormomentGepland(
        regio=regio,
        gemeente=termijn.gemeente,
        afspraken_versie=versie,
        monitormoment_id=moment.id,
        regel_id=moment.regel_id,
        label=moment.label,
        gepland_op=moment.gepland_op,
        plant=regel.plant,
        voert_uit=regel.voert_uit,
    )


def about(afloop: Afloop) -> dict[str, FactValue]:
    """The fact behind how a term ended."""
    return {"feit": afloop.gebeurd.anker.value, "op": afloop.gebeurd.op.isoformat()}


def as_it_was(termijn: Termijn, begin: str = "begon", end: str = "eindigde") -> dict[str, FactValue]:
    """The audit line of a recomputation: what a term was before."""
    return {begin: termijn.begint_op.isoformat(), end: termijn.eindigt_op.isoformat(), "was": termijn.status.value}


class Termijnvelden(TypedDict):
    """What every event of a term says."""

    termijn_id: UUID
    regel_id: str
    afspraken_versie: str
    label: str
    regio: str
    gemeente: str
    partij: str | None
    verantwoordelijke: Drager
    onderwerp_id: UUID
    begint_op: datetime
    eindigt_op: datetime


def velden_of(termijn: Termijn, regio: str) -> Termijnvelden:
    """What every event of a term says."""
    return Termijnvelden(
        termijn_id=termijn.id,
        regel_id=termijn.regel_id,
        afspraken_versie=termijn.afspraken_versie,
        label=termijn.label,
        regio=regio,
        gemeente=termijn.gemeente,
        partij=termijn.partij,
        verantwoordelijke=termijn.verantwoordelijke,
        onderwerp_id=termijn.onderwerp_id,
        begint_op=termijn.begint_op,
        eindigt_op=termijn.eindigt_op,
    )
