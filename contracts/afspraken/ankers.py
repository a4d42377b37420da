"""The moments at which a term can start or stop, and the parties that can bear something. Both lists are closed."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Benoemd(StrEnum):
    """A closed list of which each value has its words in Dutch."""

    _value_: str
    label: str

    def __new__(cls, value: str, label: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Anker(StrEnum):
    """A moment in a case that a rule can refer to."""

    MELDING_ONTVANGEN = "melding-ontvangen"
    TRIAGEBESLUIT_GENOMEN = "triagebesluit-genomen"
    OVERDRACHT_AANGEMAAKT = "overdracht-aangemaakt"
    OVERDRACHT_AFGELEVERD = "overdracht-afgeleverd"
    ONTVANGST_BEVESTIGD = "ontvangst-bevestigd"
    OVERDRACHT_OPGEPAKT = "overdracht-opgepakt"
    OVERDRACHT_TERUGGEKOPPELD = "overdracht-teruggekoppeld"
    OVERDRACHT_GEWEIGERD = "overdracht-geweigerd"
    OVERDRACHT_INGETROKKEN = "overdracht-ingetrokken"
    BETROKKENEN_GEINFORMEERD = "betrokkenen-geinformeerd"
    MELDER_GEINFORMEERD = "melder-geinformeerd"
    DIENST_GESTART = "dienst-gestart"
    DIENST_AFGEROND = "dienst-afgerond"
    WARME_OVERDRACHT_GEHOUDEN = "warme-overdracht-gehouden"
    VBS_GEVRAAGD = "vbs-gevraagd"
    VBS_VERDEELD = "vbs-verdeeld"
    VBS_EERSTE_CONTACT = "vbs-eerste-contact"
    VBS_CONTACT_GELEGD = "vbs-contact-gelegd"
    MONITORMOMENT_GEHOUDEN = "monitormoment-gehouden"
    MONITORING_GESTOPT = "monitoring-gestopt"
    MONITORING_HERMELDING = "monitoring-hermelding"
    MELDPUNTMELDING_ONTVANGEN = "meldpuntmelding-ontvangen"
    MELDPUNTMELDING_OVERGENOMEN = "meldpuntmelding-overgenomen"
    JEUGDBESCHERMINGSTAFEL_INGEBRACHT = "jeugdbeschermingstafel-ingebracht"
    ANDERE_PARTIJ_AANVAARD = "andere-partij-aanvaard"
    HUISVERBOD_OPGELEGD = "huisverbod-opgelegd"
    MENINGSVERSCHIL_GEMELD = "meningsverschil-gemeld"
    STRUCTUREEL_SIGNAAL_AFGEGEVEN = "structureel-signaal-afgegeven"
    STRUCTUREEL_SIGNAAL_BEANTWOORD = "structureel-signaal-beantwoord"
    CASUS_GESLOTEN = "casus-gesloten"

    @property
    def label(self) -> str:
        """The moment in Dutch, as it fits after "vanaf" or "tot"."""
        return _ANKER_LABELS[self]


OVERDRACHT_KWAM_TERUG = frozenset(
    {Anker.OVERDRACHT_TERUGGEKOPPELD, Anker.OVERDRACHT_GEWEIGERD, Anker.OVERDRACHT_INGETROKKEN}
)
"""Given back with the form, refused with a code, or taken back by Veilig Thuis: the overdracht counts no more."""


class Drager(StrEnum):
    """A party that can bear zicht op veiligheid or be responsible for a term."""

    VEILIG_THUIS = "veilig-thuis"
    LOKAAL_TEAM = "lokaal-team"
    MELDPUNT = "meldpunt"
    GEMEENTE = "gemeente"
    RAAD_VOOR_DE_KINDERBESCHERMING = "raad-voor-de-kinderbescherming"
    KETENPARTNER = "ketenpartner"

    @property
    def label(self) -> str:
        """The party in Dutch, as it fits inside a sentence."""
        return _DRAGER_LABELS[self]

    @property
    def naam(self) -> str:
        """The party in Dutch as a heading or in a table, without an article."""
        return "lokaal team" if self is Drager.LOKAAL_TEAM else self.label.removeprefix("het ").removeprefix("de ")


class Rol(Benoemd):
    """A role that people fill according to the register; a rung of a ladder calls one."""

    LEIDINGGEVENDE = "leidinggevende", "leidinggevende"
    COORDINATOR = "coordinator", "coördinator"
    TEAMCOORDINATOR = "teamcoordinator", "teamcoördinator"
    GEDRAGSWETENSCHAPPER = "gedragswetenschapper", "gedragswetenschapper"
    TRIAGIST = "triagist", "triagist"
    GEMEENTE_AMBTELIJK = "gemeente-ambtelijk", "gemeente (ambtelijk)"
    GEMEENTE_BESTUURLIJK = "gemeente-bestuurlijk", "gemeente (bestuurlijk)"


class Berichtsoort(StrEnum):
    """About what people are told without a ladder; the agreements say which role that is (`aanspreekpunt`)."""

    HUISVERBOD = "huisverbod"
    STAGNATIE_IN_MONITORING = "stagnatie-in-monitoring"
    SIGNAAL_AFGEGEVEN = "signaal-afgegeven"
    SIGNAAL_BEANTWOORD = "signaal-beantwoord"
    INTREKKING_KOMT_NIET_AAN = "intrekking-komt-niet-aan"
    VBS_GEVRAAGD = "vbs-gevraagd"
    VBS_ZONDER_CAPACITEIT = "vbs-zonder-capaciteit"
    NIEMAND_BEREIKT = "niemand-bereikt"


_ANKER_LABELS = {
    Anker.MELDING_ONTVANGEN: "de melding",
    Anker.TRIAGEBESLUIT_GENOMEN: "het triagebesluit",
    Anker.OVERDRACHT_AANGEMAAKT: "het aanmaken van de overdracht",
    Anker.OVERDRACHT_AFGELEVERD: "de aflevering van de overdracht",
    Anker.ONTVANGST_BEVESTIGD: "de ontvangstbevestiging",
    Anker.OVERDRACHT_OPGEPAKT: "het oppakken van de overdracht",
    Anker.OVERDRACHT_TERUGGEKOPPELD: "de terugkoppeling",
    Anker.OVERDRACHT_GEWEIGERD: "de weigering van de overdracht",
    Anker.OVERDRACHT_INGETROKKEN: "de intrekking van de overdracht",
    Anker.BETROKKENEN_GEINFORMEERD: "het informeren van betrokkenen",
    Anker.MELDER_GEINFORMEERD: "het informeren van de melder",
    Anker.DIENST_GESTART: "de start van de dienst",
    Anker.DIENST_AFGEROND: "de afronding van de dienst",
    Anker.WARME_OVERDRACHT_GEHOUDEN: "de warme overdracht",
    Anker.VBS_GEVRAAGD: "het verzoek om verbindend samenwerken",
    Anker.VBS_VERDEELD: "de verdeling van de VBS-casus",
    Anker.VBS_EERSTE_CONTACT: "het eerste contact tussen team en Veilig Thuis",
    Anker.VBS_CONTACT_GELEGD: "het contact of huisbezoek",
    Anker.MONITORMOMENT_GEHOUDEN: "het monitormoment",
    Anker.MONITORING_GESTOPT: "het stoppen van de monitoring",
    Anker.MONITORING_HERMELDING: "de hermelding in de monitoringsfase",
    Anker.MELDPUNTMELDING_ONTVANGEN: "de melding bij het meldpunt",
    Anker.MELDPUNTMELDING_OVERGENOMEN: "de overname van de meldpuntmelding",
    Anker.JEUGDBESCHERMINGSTAFEL_INGEBRACHT: "de inbreng bij de jeugdbeschermingstafel",
    Anker.ANDERE_PARTIJ_AANVAARD: "de aanvaarding door een andere partij",
    Anker.HUISVERBOD_OPGELEGD: "het opleggen van een huisverbod",
    Anker.MENINGSVERSCHIL_GEMELD: "het gemelde meningsverschil",
    Anker.STRUCTUREEL_SIGNAAL_AFGEGEVEN: "het structureel signaal",
    Anker.STRUCTUREEL_SIGNAAL_BEANTWOORD: "het antwoord op het structureel signaal",
    Anker.CASUS_GESLOTEN: "het sluiten van de casus",
}
_DRAGER_LABELS = {
    Drager.VEILIG_THUIS: "Veilig Thuis",
    Drager.LOKAAL_TEAM: "het lokale team",
    Drager.MELDPUNT: "het Meldpunt Crisiszorg",
    Drager.GEMEENTE: "de gemeente",
    Drager.RAAD_VOOR_DE_KINDERBESCHERMING: "de Raad voor de Kinderbescherming",
    Drager.KETENPARTNER: "de ketenpartner",
}
