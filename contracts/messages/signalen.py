"""Events of the service monitoring about a structureel signaal: drafted, given, answered (FS, MB 6.2)."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.afspraken.ankers import Drager
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from contracts.messages.moment import Moment


class Signaalmaatregel(StrEnum):
    """What the gemeente will do about a structureel signaal: a closed list, what it adds in words is sealed (MB 6.2)."""

    EXTRA_CAPACITEIT = "extra-capaciteit"
    WERKAFSPRAKEN = "werkafspraken"
    SCHOLING = "scholing"
    BESTUURLIJK_OVERLEG = "bestuurlijk-overleg"
    GEEN_MAATREGEL = "geen-maatregel"
    ANDERS = "anders"


class StructureelSignaalOpgesteld(Gebeurtenis):
    """A signal to the gemeente is drafted, with what it rests on; a person of `meldt` sends it (FS, MB 6.2)."""

    soort: ClassVar[str] = "nl.sociaaldomein.signalen.structureel-signaal-opgesteld.v1"
    signaal_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    over: PartijCode
    drager: Drager
    regel_id: str
    afspraken_versie: str
    termijnen: tuple[UUID, ...]
    opgesteld_op: Moment
    meldt: PartijCode
    opgesteld_door: str | None = None


class StructureelSignaalAfgegeven(Gebeurtenis):
    """The gemeente is informed that a party does not carry out the agreements, by `afgegeven_door` (FS, MB 6.2)."""

    soort: ClassVar[str] = "nl.sociaaldomein.signalen.structureel-signaal-afgegeven.v1"
    signaal_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    over: PartijCode
    drager: Drager
    regel_id: str
    afspraken_versie: str
    aantal: int
    sinds: Moment
    afgegeven_op: Moment
    meldt: PartijCode
    afgegeven_door: str | None = None


class StructureelSignaalBeantwoord(Gebeurtenis):
    """The gemeente says what it will do (MB 6.2)."""

    soort: ClassVar[str] = "nl.sociaaldomein.signalen.structureel-signaal-beantwoord.v1"
    signaal_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    over: PartijCode
    maatregel: Signaalmaatregel
    beantwoord_op: Moment
    beantwoord_door: PartijCode


EVENTS: tuple[type[Gebeurtenis], ...] = (
    StructureelSignaalOpgesteld,
    StructureelSignaalAfgegeven,
    StructureelSignaalBeantwoord,
)
