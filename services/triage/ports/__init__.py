"""What triage asks of the world outside: its own read tables."""

from collections.abc import Sequence
from typing import Annotated, Protocol
from uuid import UUID

from contracts.messages.identifiers import CasusId, RegioCode
from services.runtime.unit.rows import HIDDEN
from services.triage.domain.casus import Casus
from services.triage.domain.huishouden import Gevonden
from services.triage.ports import rows


class Regiodienst(rows.Dienst):
    """A dienst with the region of its case."""

    regio: Annotated[RegioCode, HIDDEN]


class Queries(Protocol):
    """The read tables. An id is that of the melding (or meldpuntmelding) or of its case."""

    async def earlier_cases(self, sleutels: Sequence[str]) -> tuple[Gevonden, ...]: ...

    async def toestand(self, casus_id: UUID) -> Casus | None:
        """Everything that is known of this case, for judging what can be done in it; not for showing."""
        ...

    async def melding(self, identifier: UUID) -> rows.Melding | None: ...

    async def meldingen(
        self, *, regio: str, status: str | None, te_vergelijken: bool | None, na: UUID | None, limiet: int
    ) -> tuple[rows.Melding, ...]: ...

    async def meldpuntmelding(self, identifier: UUID) -> rows.Meldpuntmelding | None: ...

    async def besluiten(self, casus_id: CasusId) -> tuple[rows.Besluitregel, ...]: ...

    async def dienst(self, identifier: UUID) -> Regiodienst | None: ...

    async def adviesvraag(self, identifier: UUID) -> rows.Adviesvraag | None: ...
