"""One overdracht on its way to one zaaksysteem: what it is called there, and what goes along."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.messages.identifiers import CasusId, short_reference
from contracts.register import ZgwEndpoint
from services.handover.adapters.zgw.client import Api, ZgwClient
from services.runtime.unit.decision import JsonObject


@dataclass(frozen=True, slots=True)
class Stuk:
    """A document of the overdracht. It is written only when it is not there yet; `nummer` never changes its meaning."""

    nummer: int
    titel: str
    formaat: str
    extensie: str
    write: Callable[[], Awaitable[bytes]]
    naam: str | None = None
    """What a bijlage is called; None for what an overdracht cannot do without."""


@dataclass(frozen=True, slots=True)
class Levering:
    """`gemeente` is who receives it by now; `team` its code and name, where it is for one team. `is_first`: nobody
    tried before.
    """

    client: ZgwClient
    overdracht_id: UUID
    casus_id: CasusId
    gemeente: str
    afzender: str
    team: tuple[str, str] | None
    is_first: bool
    aangemaakt_op: datetime
    stukken: tuple[Stuk, ...]

    @property
    def endpoint(self) -> ZgwEndpoint:
        return self.client.endpoint

    @property
    def identificatie(self) -> str:
        return identify_zaak(self.overdracht_id)

    def name_document(self, stuk: Stuk) -> str:
        """What it is called over there, always."""
        return f"{self.identificatie}-{stuk.nummer}"

    @property
    def referentie(self) -> str:
        return short_reference(self.casus_id)


def identify_zaak(overdracht_id: UUID) -> str:
    """What the zaak of an overdracht is called everywhere and always: 35 of the 40 characters that are allowed."""
    return f"HV-{overdracht_id.hex}"


async def find_zaak(client: ZgwClient, overdracht_id: UUID, **criteria: str) -> JsonObject | None:
    """The zaak of an overdracht, if it is there. Raises `ZaaksysteemWeigert` or `ZaaksysteemOnbereikbaar`."""
    naam = identify_zaak(overdracht_id)
    zaken = await client.find(Api.ZAKEN, "zaken", stap="zaak opzoeken", identificatie=naam, **criteria)
    return next((zaak for zaak in zaken if zaak.get("identificatie") == naam), None)
