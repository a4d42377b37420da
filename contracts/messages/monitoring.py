"""Events of the service monitoring: termijnen, zicht op veiligheid, escalaties, monitormomenten, signalen, casussen."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.afspraken.ankers import Drager
from contracts.messages.documenten import Aanvaardingsbewijs
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.identifiers import GemeenteCode, PartijCode, RegioCode
from contracts.messages.moment import Moment
from contracts.messages.signalen import EVENTS as SIGNALEN


class Escalatieresultaat(StrEnum):
    """How an escalatie can end: a closed list, because free text could say something about people."""

    ALSNOG_GEDAAN = "alsnog-gedaan"
    ALSNOG_BESLOTEN = "alsnog-besloten"
    ALSNOG_BEVESTIGD = "alsnog-bevestigd"
    ALSNOG_OPGEPAKT = "alsnog-opgepakt"
    WERKAFSPRAAK_GEMAAKT = "werkafspraak-gemaakt"
    ANDERE_PARTIJ_NEEMT_OVER = "andere-partij-neemt-over"
    OVEREENSTEMMING_BEREIKT = "overeenstemming-bereikt"
    GEEN_ACTIE_NODIG = "geen-actie-nodig"
    TERMIJN_VERVALLEN = "termijn-vervallen"


class Gesprekswijze(StrEnum):
    """How the people involved were spoken with at a monitormoment; at least once it has to be physically (MB 5)."""

    FYSIEK = "fysiek"
    DIGITAAL = "digitaal"
    TELEFONISCH = "telefonisch"
    SCHRIFTELIJK = "schriftelijk"


class Kindgesprek(StrEnum):
    """Whether the children were spoken with at a monitormoment; if not, the reason is recorded (MB 5)."""

    GESPROKEN = "gesproken"
    NIET_GESPROKEN = "niet-gesproken"
    GEEN_KINDEREN = "geen-kinderen"


class Stopreden(StrEnum):
    """Why monitoring stops."""

    VERVROEGD = "vervroegd"
    AFGEROND = "afgerond"
    JEUGDBESCHERMINGSTAFEL = "jeugdbeschermingstafel"


class Stand(StrEnum):
    """What a party says about where it stands in a case, besides what is about one overdracht or dienst."""

    ZICHT_BEVESTIGD = "zicht-bevestigd"
    WACHTLIJST = "wachtlijst"
    NIET_OP_TE_PAKKEN = "niet-op-te-pakken"
    CRISISCONTACT = "crisiscontact"
    CRISISSTAP = "crisisstap"


class Dwangmaatregel(StrEnum):
    """A coercive measure that was taken or asked for (D13, MB 6)."""

    JEUGDBESCHERMINGSTAFEL = "jeugdbeschermingstafel"
    VERZOEK_TOT_ONDERZOEK = "verzoek-tot-onderzoek"
    HUISVERBOD = "huisverbod"


class Sluitreden(StrEnum):
    """Why a case is closed (AEF C)."""

    STABIELE_VEILIGHEID = "stabiele-veiligheid"
    GEEN_HGKM = "geen-hgkm"
    ANDERE_PARTIJ_DRAAGT = "andere-partij-draagt"
    SITUATIE_GENORMALISEERD = "situatie-genormaliseerd"


class Termijngebeurtenis(Gebeurtenis):
    """What every event of a termijn says. `onderwerp_id` is the melding, overdracht or meldpuntmelding it is about.

    `partij` where that is an overdracht to another party than a lokaal team.
    """

    termijn_id: UUID
    regel_id: str
    afspraken_versie: str
    label: str
    regio: RegioCode
    gemeente: GemeenteCode
    partij: PartijCode | None = None
    verantwoordelijke: Drager
    onderwerp_id: UUID
    begint_op: Moment
    eindigt_op: Moment


class TermijnGestart(Termijngebeurtenis):
    """A termijn of the afspraken began to run; `eindigt_op` is its legal moment (D16)."""

    soort: ClassVar[str] = "nl.sociaaldomein.termijnen.termijn-gestart.v1"


class TermijnNadert(Termijngebeurtenis):
    """A termijn has nearly run out: the early warning to whoever is responsible (D12)."""

    soort: ClassVar[str] = "nl.sociaaldomein.termijnen.termijn-nadert.v1"


class TermijnGehaald(Termijngebeurtenis):
    """What had to happen has happened; `te_laat` when that was after the legal moment."""

    soort: ClassVar[str] = "nl.sociaaldomein.termijnen.termijn-gehaald.v1"
    gehaald_op: Moment
    te_laat: bool = False
    gehaald_door: str | None = None


class TermijnVerstreken(Termijngebeurtenis):
    """The legal moment passed and it had not happened; from here it is escalated (D11)."""

    soort: ClassVar[str] = "nl.sociaaldomein.termijnen.termijn-verstreken.v1"
    vastgesteld_op: Moment


class TermijnVervallen(Termijngebeurtenis):
    """The termijn no longer applies, with the reason."""

    soort: ClassVar[str] = "nl.sociaaldomein.termijnen.termijn-vervallen.v1"
    vervallen_op: Moment
    reden: str


class ZichtOpVeiligheidOvergegaan(Gebeurtenis):
    """From `op` on `naar` bears zicht op veiligheid, by this rule and on this act. `van` is empty at the start.

    `herziening` says that it replaces what was established before about the time from `op` on: a fact came late.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.zicht-op-veiligheid.overgegaan.v1"
    regio: RegioCode
    gemeente: GemeenteCode
    van: Drager | None = None
    van_partij: PartijCode | None = None
    naar: Drager | None = None
    naar_partij: PartijCode | None = None
    op: Moment
    regel_id: str
    afspraken_versie: str
    handeling: str
    vastgesteld_op: Moment | None = None
    herziening: bool = False


class Escalatiegebeurtenis(Gebeurtenis):
    """What every event of an escalatie says; `onderwerp_id` is the melding, overdracht or meldpuntmelding concerned."""

    escalatie_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    team: str | None = None
    partij: PartijCode | None = None
    regel_id: str
    ladder_id: str
    afspraken_versie: str
    termijn_id: UUID | None = None
    onderwerp_id: UUID


class EscalatieGestart(Escalatiegebeurtenis):
    """A missed term or a difference of opinion reached the first rung of the region's ladder (D11, MB 6, AEF F)."""

    soort: ClassVar[str] = "nl.sociaaldomein.escalaties.gestart.v1"
    gestart_op: Moment
    trede: int
    rol: str
    bij: PartijCode
    ook_bij: tuple[PartijCode, ...] = ()


class EscalatieOpgeschaald(Escalatiegebeurtenis):
    """Nobody resolved it in the time of the rung, or `opgeschaald_door` said so; the next rung was told (D11, MB 6.1)."""

    soort: ClassVar[str] = "nl.sociaaldomein.escalaties.opgeschaald.v1"
    opgeschaald_op: Moment
    trede: int
    rol: str
    bij: PartijCode
    ook_bij: tuple[PartijCode, ...] = ()
    opgeschaald_door: str | None = None


class EscalatieOpgepakt(Escalatiegebeurtenis):
    """Someone takes the escalatie; the ladder waits (D11)."""

    soort: ClassVar[str] = "nl.sociaaldomein.escalaties.opgepakt.v1"
    opgepakt_op: Moment
    opgepakt_door: str


class EscalatieAfgehandeld(Escalatiegebeurtenis):
    """The escalatie was closed with a result (D11)."""

    soort: ClassVar[str] = "nl.sociaaldomein.escalaties.afgehandeld.v1"
    afgehandeld_op: Moment
    resultaat: str


class Monitorgebeurtenis(Gebeurtenis):
    """What every event of the monitoring after a dienst says (D10, MB 5)."""

    regio: RegioCode
    gemeente: GemeenteCode
    afspraken_versie: str


class MonitormomentGepland(Monitorgebeurtenis):
    """A monitormoment is to be held before `gepland_op`; `plant` plans it, `voert_uit` holds it."""

    soort: ClassVar[str] = "nl.sociaaldomein.monitormomenten.gepland.v1"
    monitormoment_id: UUID
    regel_id: str
    label: str
    gepland_op: Moment
    plant: Drager
    voert_uit: Drager


class MonitormomentIngepland(Monitorgebeurtenis):
    """A monitormoment that is to be held was planned for a day, by who plans it (MB 5)."""

    soort: ClassVar[str] = "nl.sociaaldomein.monitormomenten.ingepland.v1"
    monitormoment_id: UUID
    regel_id: str
    ingepland_voor: Moment
    ingepland_op: Moment
    ingepland_door: str


class MonitormomentGehouden(Monitorgebeurtenis):
    """A monitormoment was held: how, whether the children were heard, and whether it is stable and safe."""

    soort: ClassVar[str] = "nl.sociaaldomein.monitormomenten.gehouden.v1"
    monitormoment_id: UUID
    regel_id: str
    gehouden_op: Moment
    wijze: Gesprekswijze
    kinderen: Kindgesprek
    stabiel_en_veilig: bool


class MonitoringGestopt(Monitorgebeurtenis):
    """Monitoring stops: early with everybody's consent, after the last moment, or because coercion takes over."""

    soort: ClassVar[str] = "nl.sociaaldomein.monitormomenten.gestopt.v1"
    regel_id: str
    gestopt_op: Moment
    reden: Stopreden


class StagnatiestapGezet(Monitorgebeurtenis):
    """Help stagnates during monitoring and a step was taken; the last one reports the case again (MB 5)."""

    soort: ClassVar[str] = "nl.sociaaldomein.monitormomenten.stagnatiestap-gezet.v1"
    regel_id: str
    stap: int
    gezet_op: Moment
    hermelding: bool


class HermeldingInMonitoring(Monitorgebeurtenis):
    """The household was reported again while it is monitored; zicht stays where it is for the agreed time (MB 5)."""

    soort: ClassVar[str] = "nl.sociaaldomein.monitormomenten.hermelding-gemeld.v1"
    gemeld_op: Moment
    nieuwe_casus: UUID | None = None


class Casusgebeurtenis(Gebeurtenis):
    """What every event about a case as a whole says. `door` is a function and a party; the name stays sealed."""

    regio: RegioCode
    gemeente: GemeenteCode
    door: str


class DwangmaatregelIngezet(Casusgebeurtenis):
    """A coercive measure was taken; `regel_id` is the agreement that says whose initiative it is (D13, MB 6)."""

    soort: ClassVar[str] = "nl.sociaaldomein.casussen.dwangmaatregel-ingezet.v1"
    maatregel: Dwangmaatregel
    ingezet_op: Moment
    regel_id: str | None = None


class AnderePartijAanvaard(Casusgebeurtenis):
    """Another party accepted the case or joined in (D13, AEF C)."""

    soort: ClassVar[str] = "nl.sociaaldomein.casussen.andere-partij-aanvaard.v1"
    partij: PartijCode
    aanvaard_op: Moment


class ZorgAangeboden(Gebeurtenis):
    """Somebody in the case says that this party takes over: it is asked by the offer `overdracht_id`, or has accepted."""

    soort: ClassVar[str] = "nl.sociaaldomein.casussen.zorg-aangeboden.v1"
    overdracht_id: UUID
    melding_id: UUID
    regio: RegioCode
    gemeente: GemeenteCode
    partij: PartijCode
    melding_ontvangen_op: Moment
    aangeboden_op: Moment
    aangeboden_door: PartijCode
    bewijs: Aanvaardingsbewijs | None = None


class ZorgAanvaard(Gebeurtenis):
    """The party that was offered the care said itself, at monitoring, that it takes over."""

    soort: ClassVar[str] = "nl.sociaaldomein.casussen.zorg-aanvaard.v1"
    overdracht_id: UUID
    regio: RegioCode
    partij: PartijCode
    aanvaard_op: Moment


class StandGemeld(Casusgebeurtenis):
    """A party said where it stands. `verwacht_op`: until when a waiting list is expected; `partij`: who takes the step."""

    soort: ClassVar[str] = "nl.sociaaldomein.casussen.stand-gemeld.v1"
    stand: Stand
    gemeld_op: Moment
    overdracht_id: UUID | None = None
    verwacht_op: Moment | None = None
    partij: PartijCode | None = None


class CasusGesloten(Casusgebeurtenis):
    """The case is closed, and nobody needs to bear zicht op veiligheid any more (D6, AEF C)."""

    soort: ClassVar[str] = "nl.sociaaldomein.casussen.casus-gesloten.v1"
    reden: Sluitreden
    gesloten_op: Moment


class FeitGecorrigeerd(Casusgebeurtenis):
    """The moment of a fact was put right on purpose; terms and zicht op veiligheid follow from the new one."""

    soort: ClassVar[str] = "nl.sociaaldomein.casussen.feit-gecorrigeerd.v1"
    feit: str
    onderwerp_id: UUID | None = None
    was_op: Moment
    op: Moment
    gecorrigeerd_op: Moment


EVENTS: tuple[type[Gebeurtenis], ...] = (
    TermijnGestart,
    TermijnNadert,
    TermijnGehaald,
    TermijnVerstreken,
    TermijnVervallen,
    ZichtOpVeiligheidOvergegaan,
    EscalatieGestart,
    EscalatieOpgeschaald,
    EscalatieOpgepakt,
    EscalatieAfgehandeld,
    MonitormomentGepland,
    MonitormomentIngepland,
    MonitormomentGehouden,
    MonitoringGestopt,
    StagnatiestapGezet,
    HermeldingInMonitoring,
    *SIGNALEN,
    DwangmaatregelIngezet,
    AnderePartijAanvaard,
    StandGemeld,
    CasusGesloten,
    FeitGecorrigeerd,
)
