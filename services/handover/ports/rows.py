"""The read tables of handover, a row each; an answer shows a row as it stands here."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.messages.documenten import Mediatype
from contracts.messages.handover import Kanaal, Overdrachtsoort, VbsUrgentie, Weigeringscode
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from services.handover.domain.casus import Aflevering, Overdrachtstatus, Retouruitkomst
from services.handover.domain.samenwerking import Samenwerkstatus
from services.runtime.unit.rows import HIDDEN, Moment, ReadRow, ReferredRow

AnderePartij = Annotated[
    PartijCode | None, Field(description="De partij die ontvangt, als dat niet het lokale team van de gemeente is.")
]


class Overdrachtregel(ReferredRow):
    """Een overdracht met haar vier ontvangsten: afgeleverd, ontvangen, opgepakt, teruggekoppeld."""

    table = "overdracht"
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    partij: AnderePartij
    team: str | None
    aangeboden_door: Annotated[
        PartijCode | None,
        Field(description="Wie meldt dat de ontvanger overneemt. Een aanbod, tot de ontvanger zelf aanvaardt."),
    ]
    aanvaard_volgens_bewijs: Annotated[
        str | None,
        Field(
            description="De functie van wie volgens een ander heeft aanvaard, zolang de ontvanger dat niet zelf zegt."
        ),
    ]
    soort: Annotated[Overdrachtsoort, Field(alias="overdrachtsoort")]
    kanaal: Kanaal
    status: Overdrachtstatus
    aflevering: Annotated[Aflevering, HIDDEN]
    melding_ontvangen_op: Annotated[Moment, HIDDEN]
    aangemaakt_op: Moment
    uiterlijk_op: Annotated[
        Moment, Field(description="Wanneer de gemeente het uiterlijk langs een andere weg moet horen.")
    ]
    afgeleverd_op: Annotated[Moment | None, Field(description="Het endpoint nam de bytes aan. Dit stopt geen termijn.")]
    ontvangen_op: Moment | None
    opgepakt_op: Moment | None
    teruggekoppeld_op: Moment | None
    gestagneerd_op: Moment | None
    geweigerd_op: Moment | None
    weigeringscode: Weigeringscode | None
    ingetrokken_op: Moment | None
    overgenomen_op: Annotated[
        Moment | None,
        Field(description="Een andere partij heeft de casus overgenomen; de ontvanger heeft haar niet meer."),
    ]
    verwittigd_op: Annotated[Moment | None, Field(alias="gemeenteVerwittigdOp")]
    betrokkenen_geinformeerd_op: Moment | None
    veiligheidsplan_op: Moment | None
    ronde: Annotated[
        int,
        Field(alias="generatie", description="De hoeveelste aflevering; een nieuwe heeft een eigen webhook-id."),
    ]
    pogingen: int
    laatste_poging_op: Moment | None
    laatste_fout: str | None

    @property
    def ontvanger(self) -> str:
        """The code of who receives it."""
        return self.partij or self.gemeente

    @property
    def is_aanvaard(self) -> bool:
        """Whether the receiver confirmed it or took it up."""
        return self.ontvangen_op is not None or self.opgepakt_op is not None

    @property
    def is_gevraagd(self) -> bool:
        """An offer that its receiver itself did not take up, whatever others say."""
        answered = self.opgepakt_op is not None and self.aanvaard_volgens_bewijs is None
        return self.aangeboden_door is not None and not answered

    @property
    def is_over(self) -> bool:
        """Given back, refused, taken back or taken over: nothing is asked of the receiver, and nothing shown to it."""
        ends = (self.teruggekoppeld_op, self.geweigerd_op, self.ingetrokken_op, self.overgenomen_op)
        return any(end is not None for end in ends)


class Documentregel(ReadRow):
    """The sealed document of the overdracht with this id; apart, so that a new status does not write it again."""

    table = "overdrachtsdocument"
    document: str


class Linkregel(ReadRow):
    """What a token in a mail leads to, and until when: the overdracht with this id."""

    table = "bevestiglink"
    digest: str
    geldig_tot: Moment


class Retourbriefregel(ReferredRow):
    """Wat er terugkwam op de mail met een overdracht, als daaruit niet blijkt of zij is bezorgd."""

    table = "retourbrief"
    ontvangen_op: Moment
    uitkomst: Retouruitkomst | None
    beoordeeld_op: Moment | None
    tekst: Annotated[str, HIDDEN]


class Bijlageregel(ReadRow):
    """A file of a case; its name and key are sealed in `geheim`. `grootte` in bytes."""

    table = "bijlage"
    mediatype: Mediatype
    grootte: int
    geheim: str


class Meegaandebijlage(ReadRow):
    """That a file goes along with an overdracht."""

    table = "overdrachtsbijlage"
    overdracht_id: UUID
    bijlage_id: UUID


class Gebeurtenis(ReferredRow):
    """Iets dat met een overdracht gebeurde."""

    table = "gebeurtenis"
    soort: Annotated[
        str, Field(alias="type", description="Het type van de gebeurtenis, `nl.sociaaldomein.overdrachten.…`.")
    ]
    overdracht_id: UUID
    regio: Annotated[RegioCode, HIDDEN]
    gemeente: GemeenteCode
    partij: AnderePartij
    op: Moment


class Gebeurtenisregel(Gebeurtenis):
    """Iets dat met een overdracht gebeurde."""

    nummer: int


class Samenwerking(ReferredRow):
    """Een verzoek om verbindend samenwerken (MB 4.2)."""

    dienst_id: UUID
    gemeente: GemeenteCode
    team: str | None
    urgentie: VbsUrgentie
    status: Samenwerkstatus
    gevraagd_op: Moment
    verdeeld_op: Moment | None
    eerste_contact_op: Moment | None
    contact_gelegd_op: Moment | None


class Samenwerkingregel(Samenwerking):
    """Een verzoek zoals de lijst het toont."""

    table = "samenwerking"
    regio: RegioCode
    capaciteit_gesignaleerd_op: Moment | None
    gestopt_op: Moment | None


TABLES = (
    Overdrachtregel,
    Documentregel,
    Linkregel,
    Retourbriefregel,
    Bijlageregel,
    Meegaandebijlage,
    Gebeurtenis,
    Samenwerkingregel,
)
