"""What is sent to handover: the body of every POST."""

from typing import Annotated

from pydantic import ConfigDict, Field, StrictBool, StringConstraints

from contracts.messages.documenten import Informeerwijze, Invoer, Professional, Tekst, Terugkoppelformulier, Toelichting
from contracts.messages.envelope import Bericht
from contracts.messages.gevraagd import absent, asked, given
from contracts.messages.handover import (
    Betrokkenenbrief,
    Contactwijze,
    Informatieonderwerp,
    Kanaal,
    Plansoort,
    Terugkoppelcriterium,
    VbsUrgentie,
    Weigeringscode,
)
from contracts.messages.identifiers import GemeenteCode
from contracts.messages.moment import Moment
from contracts.messages.tekens import NO_TEXT
from services.handover.domain.casus import Retouruitkomst


class OntvangstbevestigingInvoer(Invoer):
    """A person or their system saw the overdracht. Without a moment it is now."""

    bevestigd_op: Moment | None = None
    medewerker: Professional | None = None


class VerdelingInvoer(Invoer):
    """The case was taken up and assigned to a worker. Without a moment it is now."""

    opgepakt_op: Moment | None = None
    medewerker: Professional | None = None


class TerugkoppelingInvoer(Terugkoppelformulier):
    """The form of MB 7.1 with its boxes: the case is given back to Veilig Thuis."""

    model_config = ConfigDict(
        json_schema_extra=asked(
            anyOf=[given("gedragsdeskundigeToelichting"), given(gedragsdeskundigeGeraadpleegd=False)]
        )
    )

    criteria: Annotated[tuple[Terugkoppelcriterium, ...], Field(min_length=1, max_length=len(Terugkoppelcriterium))]

    def formulier(self) -> Terugkoppelformulier:
        """The part that is sealed."""
        return Terugkoppelformulier.model_validate(self.model_dump(exclude={"criteria"}))


class AfleveringInvoer(Invoer):
    """Offer the overdracht again now, for instance after an endpoint was put right.

    `kanaal` takes another road of the register. `opnieuw` sends what was delivered once more, as a new generation.
    """

    reden: Tekst | None = None
    kanaal: Kanaal | None = None
    opnieuw: StrictBool = False


class WeigeringInvoer(Invoer):
    """This overdracht is not for this gemeente, or not like this."""

    code: Weigeringscode
    toelichting: Tekst | None = None
    medewerker: Professional | None = None

    def sealed_part(self) -> Toelichting | None:
        """What people wrote."""
        return _sealed_part(self.toelichting, self.medewerker)


class IntrekkingInvoer(Invoer):
    """Veilig Thuis takes the overdracht back."""

    toelichting: Tekst | None = None
    medewerker: Professional | None = None

    def sealed_part(self) -> Toelichting | None:
        """What people wrote."""
        return _sealed_part(self.toelichting, self.medewerker)


def _sealed_part(toelichting: str | None, medewerker: Professional | None) -> Toelichting | None:
    return None if toelichting is None else Toelichting(toelichting=toelichting, afzender=medewerker)


class RetourbeoordelingInvoer(Invoer):
    """Somebody at Veilig Thuis read what came back on a mail: did the mail arrive?"""

    uitkomst: Retouruitkomst
    medewerker: Professional


class InformeringInvoer(Invoer):
    """The people involved were told. Without a moment it is now; `correctie` replaces what this party said before.

    `brief` is which letter Veilig Thuis sent; `onderwerpen` what they were told in person.
    """

    model_config = ConfigDict(json_schema_extra=asked(anyOf=[absent("brief"), given(wijze=Informeerwijze.BRIEF.value)]))

    medewerker: Professional
    wijze: Informeerwijze
    geinformeerd_op: Moment | None = None
    brief: Betrokkenenbrief | None = None
    onderwerpen: Annotated[tuple[Informatieonderwerp, ...], Field(max_length=len(Informatieonderwerp))] = ()
    correctie: StrictBool = False


class PlanInvoer(Invoer):
    """Plans for the household were drawn up. Without a moment it is now."""

    medewerker: Professional
    plannen: Annotated[tuple[Plansoort, ...], Field(min_length=1, max_length=len(Plansoort))]
    besproken_met_betrokkenen: StrictBool = False
    opgesteld_op: Moment | None = None


class SamenwerkingInvoer(Invoer):
    """Ask a team to walk along in the dienst that runs. `toestemming`: the client agrees, Veilig Thuis arranged it."""

    toestemming: StrictBool
    urgentie: VbsUrgentie = VbsUrgentie.REGULIER
    aanvrager: Professional
    gemeente: GemeenteCode | None = None
    team: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)] | None = None


class CapaciteitssignaalInvoer(Invoer):
    """The team has no staff for this now."""

    medewerker: Professional | None = None


class VbsVerdelingInvoer(Invoer):
    """The team assigned the case to a worker. Without a moment it is now."""

    verdeeld_op: Moment | None = None
    medewerker: Professional | None = None


class EersteContactInvoer(Invoer):
    """Team and Veilig Thuis spoke for the first time. Without a moment it is now."""

    contact_op: Moment | None = None


class ContactInvoer(Invoer):
    """The people involved were met. Without a moment it is now."""

    contact_op: Moment | None = None
    wijze: Contactwijze


_OF_TEXT = asked(pattern=f"^[^{NO_TEXT}]*$")
_Woord = Annotated[str, Field(max_length=100, json_schema_extra=_OF_TEXT)]
_Tekst = Annotated[str, Field(json_schema_extra=_OF_TEXT)]
_Kort = Annotated[str, Field(max_length=1000, json_schema_extra=_OF_TEXT)]


class Notificatie(Bericht):
    """What the Notificaties API sends. It has no id; the same words are the same notificatie."""

    kanaal: Annotated[str, Field(max_length=50, json_schema_extra=_OF_TEXT)]
    hoofd_object: _Kort
    resource: _Woord
    resource_url: _Kort
    actie: _Woord
    aanmaakdatum: Moment
    kenmerken: Annotated[dict[_Tekst, _Tekst | StrictBool | None], Field(max_length=50)] = Field(
        default_factory=dict[str, str | bool | None]
    )
