"""Events of the service handover: the overdracht and its four receipts, never mixed up, and samenwerken.

In all of them `gemeente` is where the case belongs and `team` which lokaal team of it receives; where another party
than a lokaal team receives, `partij` says which (D13). `aangeboden_door`: it was not handed over by Veilig Thuis, but
this party said that the receiver takes over; an offer until the receiver acts (docs/decisions/0019).
"""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.afspraken.feiten import VbsUrgentie
from contracts.messages.documenten import (
    Aanvaardingsbewijs,
    Overdrachtsdocument,
    Professional,
    Terugkoppelformulier,
    Toelichting,
)
from contracts.messages.door_mensen import DoorMensen
from contracts.messages.envelope import Bericht, Gebeurtenis
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from contracts.messages.moment import Moment
from contracts.messages.verzegeld import Verzegeld


class Overdrachtsoort(StrEnum):
    """Whether a case is handed over after triage (MB 4.1) or after a dienst (MB 4.3)."""

    DIRECT = "direct"
    NA_DIENST = "na-dienst"


class Kanaal(StrEnum):
    """The kind of endpoint an overdracht leaves by."""

    REST = "rest"
    ZGW = "zgw"
    E_MAIL = "e-mail"


class Terugkoppelcriterium(StrEnum):
    """The boxes of the form (MB 7.1)."""

    GEEN_CONTACT = "geen-contact"
    NIET_OPEN_VOOR_HULP = "niet-open-voor-hulp"
    ZORGEN_GROTER = "zorgen-groter"
    ZORGEN_KLEINER = "zorgen-kleiner"
    HULP_BETROKKEN = "hulp-betrokken"


class Contactwijze(StrEnum):
    """How the people involved were met for the first time in verbindend samenwerken (MB 4.2)."""

    HUISBEZOEK = "huisbezoek"
    CONTACT = "contact"


class Weigeringscode(StrEnum):
    """Why a gemeente does not take an overdracht: about the sending, not about the case. For that there is the form.

    The last two are for an offer (`aangeboden_door`): there is no form for what nobody handed over yet.
    """

    GEEN_INWONER = "geen-inwoner"
    GEEN_ENDPOINT = "geen-endpoint"
    ONVOLLEDIG = "onvolledig"
    DUBBEL = "dubbel"
    GEEN_CAPACITEIT = "geen-capaciteit"
    NIET_PASSEND = "niet-passend"


class Betrokkenenbrief(StrEnum):
    """Which letter Veilig Thuis sends the people involved: what was handed over, or only that it was (MB 4.1)."""

    MET_DOCUMENT = "betrokkenen-met-document"
    ZONDER_CONTACT = "betrokkenen-zonder-contact"


class Informatieonderwerp(StrEnum):
    """What the team tells the people involved where Veilig Thuis had no contact with them (MB 4.1)."""

    IDENTITEIT_MELDER = "identiteit-melder"
    INHOUD_MELDING = "inhoud-melding"
    AANLEIDING_AFSPRAAK = "aanleiding-afspraak"


class Plansoort(StrEnum):
    """What the receiving party draws up for the household it received (FS, MB 4.3)."""

    VEILIGHEIDSPLAN = "veiligheidsplan"
    HULPVERLENINGSPLAN = "hulpverleningsplan"
    HERSTELPLAN = "herstelplan"


class OverdrachtAangemaakt(Gebeurtenis):
    """A case is to be handed to this gemeente or party; the document leaves by `kanaal` (D4)."""

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.overdracht-aangemaakt.v1"
    overdracht_id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None
    aangeboden_door: PartijCode | None = None
    overdrachtsoort: Overdrachtsoort
    kanaal: Kanaal
    melding_ontvangen_op: Moment
    aangemaakt_op: Moment


class OverdrachtAfgeleverd(Gebeurtenis):
    """The endpoint took the bytes. A technical receipt; it stops no human clock.

    `teruggekomen_op` is the moment of an earlier delivery by mail that came back: this one takes its place.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.overdracht-afgeleverd.v1"
    overdracht_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None
    aangeboden_door: PartijCode | None = None
    overdrachtsoort: Overdrachtsoort
    kanaal: Kanaal
    melding_ontvangen_op: Moment
    afgeleverd_op: Moment
    pogingen: int
    teruggekomen_op: Moment | None = None


class AfleveringGestagneerd(Gebeurtenis):
    """Nothing is dropped: it stays parked and is tried again, and people are told in time to use another road.

    `teruggekomen_op` is the moment of the delivery by mail that was told before and came back: it was none.
    `bij_houvast`: a setting of the hub is missing or wrong; the system of the receiver has nothing to do with it.
    `tot_hervatten`: its endpoint says that it is no more; nothing is tried until people start it again.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.aflevering-gestagneerd.v1"
    overdracht_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None
    aangeboden_door: PartijCode | None = None
    overdrachtsoort: Overdrachtsoort
    kanaal: Kanaal
    melding_ontvangen_op: Moment
    gestagneerd_op: Moment
    pogingen: int
    reden: str
    blijvend: bool
    uiterlijk_op: Moment | None = None
    teruggekomen_op: Moment | None = None
    bij_houvast: bool = False
    tot_hervatten: bool = False


class OntvangstBevestigd(DoorMensen):
    """A person of the receiving party, or its system, says the overdracht was received (D5, FS)."""

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.ontvangst-bevestigd.v1"
    overdracht_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None
    aangeboden_door: PartijCode | None = None
    overdrachtsoort: Overdrachtsoort | None = None
    melding_ontvangen_op: Moment
    bevestigd_op: Moment
    bevestigd_door: PartijCode


class OverdrachtOpgepakt(Gebeurtenis):
    """The receiving party assigned the overdracht to a worker (D5, MB 4.1: oppakken, verdelen).

    `medewerker` is who goes on with it, `verdeler` who said so where that person signed in. With `bewijs` it did not say
    so itself: `aangeboden_door` says who there accepted, and when.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.overdracht-opgepakt.v1"
    overdracht_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None
    aangeboden_door: PartijCode | None = None
    overdrachtsoort: Overdrachtsoort | None = None
    melding_ontvangen_op: Moment
    opgepakt_op: Moment
    opgepakt_door: PartijCode
    medewerker: Verzegeld[Professional] | None = None
    verdeler: Verzegeld[Professional] | None = None
    bewijs: Aanvaardingsbewijs | None = None


class OverdrachtTeruggekoppeld(DoorMensen):
    """The team gives the case back with the form; Veilig Thuis weighs again (D7, MB 4.1 and 7.1)."""

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.overdracht-teruggekoppeld.v1"
    overdracht_id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None
    aangeboden_door: PartijCode | None = None
    overdrachtsoort: Overdrachtsoort | None = None
    melding_ontvangen_op: Moment
    teruggekoppeld_op: Moment
    teruggekoppeld_door: PartijCode
    criteria: tuple[Terugkoppelcriterium, ...]
    formulier: Verzegeld[Terugkoppelformulier]


class OverdrachtGeweigerd(DoorMensen):
    """The gemeente does not take it, with a code; Veilig Thuis weighs again and bears zicht op veiligheid (D5)."""

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.overdracht-geweigerd.v1"
    overdracht_id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None
    aangeboden_door: PartijCode | None = None
    overdrachtsoort: Overdrachtsoort | None = None
    melding_ontvangen_op: Moment
    geweigerd_op: Moment
    geweigerd_door: PartijCode
    code: Weigeringscode
    toelichting: Verzegeld[Toelichting] | None = None
    betwist: bool = False
    """What others said that it accepted, it did not: nothing ever went over."""


class OverdrachtIngetrokken(DoorMensen):
    """Veilig Thuis takes its overdracht back before it was taken up, and bears zicht op veiligheid (D5).

    `betwist`: who said that its receiver accepted takes that back; it never went over (docs/decisions/0023).
    """

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.overdracht-ingetrokken.v1"
    overdracht_id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None
    aangeboden_door: PartijCode | None = None
    overdrachtsoort: Overdrachtsoort | None = None
    melding_ontvangen_op: Moment
    ingetrokken_op: Moment
    ingetrokken_door: PartijCode
    toelichting: Verzegeld[Toelichting] | None = None
    betwist: bool = False


class BetrokkenenGeinformeerd(DoorMensen):
    """The people involved were told of the overdracht, by the document or a letter, or in person (D4, MB 4.1).

    `was_op`: this puts right what the same party said before.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.betrokkenen-geinformeerd.v1"
    overdracht_id: UUID
    geinformeerd_op: Moment
    wijze: str
    brief: Betrokkenenbrief | None = None
    onderwerpen: tuple[Informatieonderwerp, ...] = ()
    geinformeerd_door: PartijCode | None = None
    was_op: Moment | None = None


class PlanOpgesteld(DoorMensen):
    """The receiving party drew up these plans; what they say stays with it (D8, FS, MB 4.3)."""

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.plan-opgesteld.v1"
    overdracht_id: UUID
    plannen: tuple[Plansoort, ...]
    besproken_met_betrokkenen: bool
    opgesteld_op: Moment
    opgesteld_door: PartijCode


class Samenwerkgebeurtenis(Gebeurtenis):
    """What every event of verbindend samenwerken says: about which dienst, with which gemeente and team (D9)."""

    samenwerking_id: UUID
    dienst_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None = None
    melding_ontvangen_op: Moment


class VbsGevraagd(Samenwerkgebeurtenis, DoorMensen):
    """Veilig Thuis asks the team to walk along from the start; the client has given consent (D9, MB 4.2)."""

    soort: ClassVar[str] = "nl.sociaaldomein.samenwerken.vbs-gevraagd.v1"
    urgentie: VbsUrgentie
    gevraagd_op: Moment


class VbsCapaciteitGesignaleerd(Samenwerkgebeurtenis, DoorMensen):
    """The team says at once that it has no staff. Veilig Thuis may start alone, the team joins later (D9, MB 4.2)."""

    soort: ClassVar[str] = "nl.sociaaldomein.samenwerken.vbs-capaciteit-gesignaleerd.v1"
    gesignaleerd_op: Moment
    gesignaleerd_door: PartijCode


class VbsVerdeeld(Samenwerkgebeurtenis):
    """The team assigned the case to a worker: `medewerker`. `verdeler` is who said so, where that person signed in (D9, MB
    4.2).
    """

    soort: ClassVar[str] = "nl.sociaaldomein.samenwerken.vbs-verdeeld.v1"
    verdeeld_op: Moment
    verdeeld_door: PartijCode
    medewerker: Verzegeld[Professional] | None = None
    verdeler: Verzegeld[Professional] | None = None


class VbsEersteContact(Samenwerkgebeurtenis, DoorMensen):
    """Team and Veilig Thuis spoke for the first time; the week to a contact with the family starts (D9, MB 4.2)."""

    soort: ClassVar[str] = "nl.sociaaldomein.samenwerken.vbs-eerste-contact.v1"
    contact_op: Moment
    gemeld_door: PartijCode


class VbsContactGelegd(Samenwerkgebeurtenis, DoorMensen):
    """The people involved were spoken with, at home or otherwise (D9, MB 4.2)."""

    soort: ClassVar[str] = "nl.sociaaldomein.samenwerken.vbs-contact-gelegd.v1"
    contact_op: Moment
    wijze: Contactwijze
    gemeld_door: PartijCode


class Reactie(Bericht):
    """Where the receiving gemeente answers: the ontvangstbevestiging, the verdeling, and giving the case back."""

    ontvangstbevestiging: str
    verdeling: str
    terugkoppeling: str | None = None
    weigering: str | None = None


class OverdrachtAangeboden(Gebeurtenis):
    """What the endpoint of a gemeente receives, open over TLS. It travels by webhook and is on no topic."""

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.overdracht-aangeboden.v1"
    overdracht_id: UUID
    casus_id: UUID
    referentie: str
    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None
    overdrachtsoort: Overdrachtsoort
    aangemaakt_op: Moment
    reactie: Reactie
    overdrachtsdocument: Overdrachtsdocument


class AanbodIngetrokken(Gebeurtenis):
    """What the endpoint of a gemeente receives when Veilig Thuis takes an overdracht back. On no topic."""

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.aanbod-ingetrokken.v1"
    overdracht_id: UUID
    casus_id: UUID
    referentie: str
    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None
    ingetrokken_op: Moment


EVENTS: tuple[type[Gebeurtenis], ...] = (
    OverdrachtAangemaakt,
    OverdrachtAfgeleverd,
    AfleveringGestagneerd,
    OntvangstBevestigd,
    OverdrachtOpgepakt,
    OverdrachtTeruggekoppeld,
    OverdrachtGeweigerd,
    OverdrachtIngetrokken,
    BetrokkenenGeinformeerd,
    PlanOpgesteld,
    VbsGevraagd,
    VbsCapaciteitGesignaleerd,
    VbsVerdeeld,
    VbsEersteContact,
    VbsContactGelegd,
)
