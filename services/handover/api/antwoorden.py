"""What handover answers, as its API describes it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.messages.documenten import Informeerwijze, Mediatype, Overdrachtsdocument
from contracts.messages.doorgegeven import GESLOTEN_SINDS
from contracts.messages.handover import (
    Betrokkenenbrief,
    Informatieonderwerp,
    Plansoort,
)
from services.handover.domain.casus import Retouruitkomst
from services.handover.ports import rows
from services.runtime.http.answers import Antwoord, Moment

Referentie = Annotated[str, Field(description="Wat mensen op papier schrijven; zegt niets over iemand.")]


class VanOverdracht(Antwoord):
    """Waar het antwoord over gaat."""

    overdracht_id: UUID
    casus_id: UUID
    referentie: Referentie
    casus_gesloten_op: Moment | None = Field(default=None, description=GESLOTEN_SINDS)


class Ontvangstbevestiging(VanOverdracht):
    """De ontvangst is bevestigd. Een tweede keer geeft hetzelfde antwoord."""

    bevestigd_op: Moment


class Verdeling(VanOverdracht):
    """De casus is opgepakt."""

    opgepakt_op: Moment


class Terugkoppeling(VanOverdracht):
    """De casus is teruggegeven aan Veilig Thuis."""

    teruggekoppeld_op: Moment


class Aflevering(VanOverdracht):
    """De overdracht wordt (opnieuw) aangeboden."""

    aangeboden_op: Moment


class Weigering(VanOverdracht):
    """De overdracht is geweigerd."""

    geweigerd_op: Moment


class Intrekking(VanOverdracht):
    """De overdracht is teruggenomen."""

    ingetrokken_op: Moment
    gemeente_wordt_verwittigd: bool | None = Field(
        default=None, description="Of de gemeente het langs haar eigen weg hoort."
    )


class Informering(VanOverdracht):
    """Vastgelegd is dat de betrokkenen zijn geïnformeerd (MB 4.1)."""

    geinformeerd_op: Moment
    wijze: Informeerwijze
    brief: Betrokkenenbrief | None
    onderwerpen: tuple[Informatieonderwerp, ...]


class Planopstelling(VanOverdracht):
    """Vastgelegd is dat de ontvanger plannen voor het gezin heeft opgesteld (FS, MB 4.3)."""

    opgesteld_op: Moment
    plannen: tuple[Plansoort, ...]
    besproken_met_betrokkenen: bool


class Overdracht(rows.Overdrachtregel):
    """Een overdracht met haar document, zolang de sleutel van de casus bestaat."""

    overdrachtsdocument: Overdrachtsdocument | None


class Overdrachten(Antwoord):
    """Overdrachten, oudste eerst."""

    overdrachten: tuple[rows.Overdrachtregel, ...]


class Gebeurtenisregel(rows.Gebeurtenisregel):
    """Iets dat met een overdracht gebeurde."""

    overdracht: Annotated[str, Field(description="Waar de overdracht staat.")]


class Gebeurtenissen(Antwoord):
    """Wat na een nummer gebeurde. Geef `laatste` de volgende keer mee als `na`."""

    gebeurtenissen: tuple[Gebeurtenisregel, ...]
    laatste: int


class Retourbrief(rows.Retourbriefregel):
    """Wat er terugkwam, zoals het geschreven is."""

    tekst: str  # pyright: ignore[reportIncompatibleVariableOverride]  open where the row has it sealed


class Retourbeoordeling(VanOverdracht):
    """Vastgelegd is of de mail is bezorgd."""

    beoordeeld_op: Moment
    uitkomst: Retouruitkomst


class BewaardeBijlage(Antwoord):
    """De bijlage wordt bewaard. Neem haar zo over in `overdrachtsdocument.bijlagen`, met `bewijs`."""

    id: UUID
    naam: str
    mediatype: Mediatype
    grootte: int = Field(description="In bytes.")
    sha256: str = Field(description="Van de inhoud, hexadecimaal.")
    bewijs: str = Field(description="Dat deze bijlage voor deze casus wordt bewaard; voor wie haar toevoegde.")


class Samenwerkingen(Antwoord):
    """Verzoeken, nieuwste eerst."""

    samenwerkingen: tuple[rows.Samenwerkingregel, ...]
