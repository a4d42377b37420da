"""What is sent to monitoring: the body of every POST."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt

from contracts.afspraken import Anker
from contracts.messages.documenten import WHOLE, Aanvaardingsbewijs, Invoer, Professional, Tekst
from contracts.messages.identifiers import PartijCode
from contracts.messages.moment import Moment
from contracts.messages.monitoring import (
    Drager,
    Dwangmaatregel,
    Escalatieresultaat,
    Gesprekswijze,
    Kindgesprek,
    Sluitreden,
    Stand,
)
from contracts.messages.signalen import Signaalmaatregel


class OppakkingInvoer(Invoer):
    """Wie de escalatie oppakt."""

    door: Professional
    toelichting: Tekst | None = None


class OpschalingInvoer(Invoer):
    """Wie geroepen is komt er niet uit, of is het er niet mee eens: de volgende trede beslist."""

    door: Professional
    toelichting: Tekst | None = None


class AfhandelingInvoer(Invoer):
    """Hoe de escalatie is afgelopen. Wat mensen erbij schrijven gaat verzegeld mee in `toelichting`."""

    door: Professional
    resultaat: Escalatieresultaat
    toelichting: Tekst | None = None


class MeningsverschilInvoer(Invoer):
    """Veilig Thuis en het lokale team verschillen van inzicht."""

    door: Professional
    overdracht_id: UUID | None = None
    toelichting: Tekst | None = None


class InstemmingInvoer(Invoer):
    """Wie ermee instemt dat de monitoring stopt."""

    betrokkenen: StrictBool
    lokaal_team: StrictBool
    veilig_thuis: StrictBool

    @property
    def missing(self) -> tuple[str, ...]:
        """Who does not agree, or was not asked."""
        asked = {
            "direct betrokkenen": self.betrokkenen,
            "lokaal team": self.lokaal_team,
            "Veilig Thuis": self.veilig_thuis,
        }
        return tuple(name for name, agrees in asked.items() if not agrees)


class UitkomstInvoer(Invoer):
    """Wat er uit een monitormoment kwam. Met `stoppen` eindigt de monitoring; anders is er altijd een volgend moment."""

    door: Professional
    gehouden_op: Moment | None = None
    wijze: Gesprekswijze
    kinderen: Kindgesprek
    stabiel_en_veilig: StrictBool
    toelichting: Tekst | None = None
    stoppen: InstemmingInvoer | None = None
    volgende_op: Moment | None = None


class InplanningInvoer(Invoer):
    """Voor welke dag een monitormoment is ingepland (MB 5)."""

    door: Professional
    ingepland_voor: Moment
    toelichting: Tekst | None = None


class MonitormomentInvoer(Invoer):
    """Een extra monitormoment, uiterlijk op die dag. Na een directe overdracht alleen met de reden erbij (FS)."""

    door: Professional
    gepland_op: Moment
    reden: Tekst | None = None


class StagnatiestapInvoer(Invoer):
    """Een van de stappen bij stagnatie, op volgorde (MB 5)."""

    door: Professional
    stap: Annotated[StrictInt, Field(ge=1, le=9), WHOLE]
    toelichting: Tekst | None = None


class DwangmaatregelInvoer(Invoer):
    """Een dwangmaatregel die is ingezet of gevraagd."""

    door: Professional
    maatregel: Dwangmaatregel
    op: Moment | None = None
    toelichting: Tekst | None = None


class AanvaardingInvoer(Invoer):
    """Een partij neemt de zorg om de veiligheid over.

    Meldt die partij het zelf, dan is het meteen aanvaard. Meldt een ander het, dan is het een aanbod, tot zij zelf
    aanvaardt of weigert; met een bewijs geldt het als aanvaard zolang zij het niet betwist.
    """

    door: Professional
    partij: PartijCode
    op: Moment | None = None
    toelichting: Tekst | None = None
    bewijs: Aanvaardingsbewijs | None = None


class StandInvoer(Invoer):
    """Waar een partij staat. `verwachtOp` alleen bij een wachtlijst; `partij`: wie de stap in een crisis zet."""

    door: Professional
    stand: Stand
    op: Moment | None = None
    verwacht_op: Moment | None = None
    partij: PartijCode | None = None
    toelichting: Tekst | None = None


class AfsluitingInvoer(Invoer):
    """De casus wordt gesloten, door wie en waarom."""

    door: Professional
    reden: Sluitreden
    op: Moment | None = None
    toelichting: Tekst | None = None


class CorrectieInvoer(Invoer):
    """Het moment van een feit was onjuist. `toelichting`: waarom; gaat verzegeld mee."""

    door: Professional
    feit: Anker
    onderwerp_id: UUID | None = None
    op: Moment
    toelichting: Tekst


class SignaalInvoer(Invoer):
    """Over wie het gaat, en in welke casussen zij de afspraken nog meer niet uitvoerde. Eén casus is genoeg (FS)."""

    door: Professional
    over: Drager
    ook_in: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    toelichting: Tekst | None = None


class VerzendingInvoer(Invoer):
    """Wie de gemeente informeert. Wat mensen erbij schrijven gaat verzegeld mee in `toelichting`."""

    door: Professional
    toelichting: Tekst | None = None


class SignaalantwoordInvoer(Invoer):
    """Wat de gemeente gaat doen. Wat mensen erbij schrijven gaat verzegeld mee in `toelichting`."""

    door: Professional
    maatregel: Signaalmaatregel
    toelichting: Tekst | None = None
