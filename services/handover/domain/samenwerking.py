"""The state of verbindend samenwerken (VBS): which dienst runs, and how far team and Veilig Thuis are with it (D9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.messages.documenten import Professional
from contracts.messages.handover import VbsUrgentie
from contracts.messages.identifiers import GemeenteCode, RegioCode
from contracts.messages.verzegeld import Verzegeld


class Samenwerkstatus(StrEnum):
    """The furthest thing that happened."""

    GEVRAAGD = "gevraagd"
    WACHT_OP_CAPACITEIT = "wacht-op-capaciteit"
    VERDEELD = "verdeeld"
    EERSTE_CONTACT = "eerste-contact"
    CONTACT_GELEGD = "contact-gelegd"
    NIET_AANGESLOTEN = "niet-aangesloten"


TRANSITIONS: Mapping[Samenwerkstatus, frozenset[Samenwerkstatus]] = {
    Samenwerkstatus.GEVRAAGD: frozenset(
        {Samenwerkstatus.WACHT_OP_CAPACITEIT, Samenwerkstatus.VERDEELD, Samenwerkstatus.NIET_AANGESLOTEN}
    ),
    Samenwerkstatus.WACHT_OP_CAPACITEIT: frozenset({Samenwerkstatus.VERDEELD, Samenwerkstatus.NIET_AANGESLOTEN}),
    Samenwerkstatus.VERDEELD: frozenset({Samenwerkstatus.EERSTE_CONTACT}),
    Samenwerkstatus.EERSTE_CONTACT: frozenset({Samenwerkstatus.CONTACT_GELEGD}),
    Samenwerkstatus.CONTACT_GELEGD: frozenset(),
    Samenwerkstatus.NIET_AANGESLOTEN: frozenset(),
}
"""A team that has no staff may still join, as long as the dienst runs; after that the normal road holds (MB 4.2)."""


@dataclass(frozen=True, slots=True)
class Dienst:
    """A dienst of Veilig Thuis as handover heard of it."""

    id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    melding_ontvangen_op: datetime
    gestart_op: datetime | None = None
    afgerond_op: datetime | None = None


@dataclass(frozen=True, slots=True)
class Samenwerking:
    """One request to a team to walk along, and what became of it. `aanvrager` arranged the consent of the client."""

    id: UUID
    dienst_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None
    urgentie: VbsUrgentie
    melding_ontvangen_op: datetime
    gevraagd_op: datetime
    aanvrager: Verzegeld[Professional]
    status: Samenwerkstatus = Samenwerkstatus.GEVRAAGD
    capaciteit_gesignaleerd_op: datetime | None = None
    verdeeld_op: datetime | None = None
    eerste_contact_op: datetime | None = None
    contact_gelegd_op: datetime | None = None
    gestopt_op: datetime | None = None
    verdeeld_aan: Verzegeld[Professional] | None = None
    """The worker, where one was named."""

    @property
    def is_over(self) -> bool:
        """The team never joined and the dienst has ended."""
        return self.gestopt_op is not None
