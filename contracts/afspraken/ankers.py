"""The moments at which a term can start or stop, and the parties that can bear something. Both lists are closed."""

from __future__ import annotations

from collections.abc import Mapping
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

    _value_: str
    label: str
    """The moment in Dutch, as it fits after "vanaf" or "tot"."""
    soort: str
    """The kind of thing that it is about."""

    def __new__(cls, value: str, label: str, soort: str = "casus") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label, member.soort = label, soort
        return member

    __hash__ = str.__hash__  # the rules of a case are looked up by it all the time; that of Enum is a call in Python

    MELDING_ONTVANGEN = "melding-ontvangen", "de melding", "melding"
    TRIAGEBESLUIT_GENOMEN = "triagebesluit-genomen", "het triagebesluit", "melding"
    ACUTE_CRISIS_VASTGESTELD = "acute-crisis-vastgesteld", "het besluit dat dit een acute crisis is", "melding"
    OVERDRACHT_AANGEMAAKT = "overdracht-aangemaakt", "het aanmaken van de overdracht", "overdracht"
    OVERDRACHT_AFGELEVERD = "overdracht-afgeleverd", "de aflevering van de overdracht", "overdracht"
    AFLEVERING_GESTAGNEERD = "aflevering-gestagneerd", "het uitblijven van de aflevering", "overdracht"
    ONTVANGST_BEVESTIGD = "ontvangst-bevestigd", "de ontvangstbevestiging", "overdracht"
    OVERDRACHT_OPGEPAKT = "overdracht-opgepakt", "het oppakken van de overdracht", "overdracht"
    OVERDRACHT_TERUGGEKOPPELD = "overdracht-teruggekoppeld", "de terugkoppeling", "overdracht"
    OVERDRACHT_GEWEIGERD = "overdracht-geweigerd", "de weigering van de overdracht", "overdracht"
    OVERDRACHT_INGETROKKEN = "overdracht-ingetrokken", "de intrekking van de overdracht", "overdracht"
    BETROKKENEN_GEINFORMEERD = "betrokkenen-geinformeerd", "het informeren van betrokkenen", "overdracht"
    BRIEF_ZONDER_CONTACT_GESTUURD = (
        "brief-zonder-contact-gestuurd",
        "de brief zonder contact aan betrokkenen",
        "overdracht",
    )
    VEILIGHEIDSPLAN_OPGESTELD = "veiligheidsplan-opgesteld", "het opstellen van het veiligheidsplan", "overdracht"
    MELDER_GEINFORMEERD = "melder-geinformeerd", "het informeren van de melder", "melding"
    DIENST_GESTART = "dienst-gestart", "de start van de dienst", "dienst"
    DIENST_AFGEROND = "dienst-afgerond", "de afronding van de dienst", "dienst"
    WARME_OVERDRACHT_GEHOUDEN = "warme-overdracht-gehouden", "de warme overdracht", "dienst"
    OVERDRACHTSGESPREK_GEPLAND = "overdrachtsgesprek-gepland", "het geplande overdrachtsgesprek", "gesprek"
    OVERDRACHTSGESPREK_VERVALLEN = (
        "overdrachtsgesprek-vervallen",
        "het verzetten of vervallen van het overdrachtsgesprek",
        "gesprek",
    )
    VBS_GEVRAAGD = "vbs-gevraagd", "het verzoek om verbindend samenwerken", "samenwerking"
    VBS_VERDEELD = "vbs-verdeeld", "de verdeling van de VBS-casus", "samenwerking"
    VBS_EERSTE_CONTACT = "vbs-eerste-contact", "het eerste contact tussen team en Veilig Thuis", "samenwerking"
    VBS_CONTACT_GELEGD = "vbs-contact-gelegd", "het contact of huisbezoek", "samenwerking"
    MONITORMOMENT_INGEPLAND = "monitormoment-ingepland", "het inplannen van het monitormoment", "monitormoment"
    MONITORMOMENT_GEHOUDEN = "monitormoment-gehouden", "het monitormoment", "monitormoment"
    MONITORING_GESTOPT = "monitoring-gestopt", "het stoppen van de monitoring"
    MONITORING_HERMELDING = "monitoring-hermelding", "de hermelding in de monitoringsfase"
    MONITORING_HERMELDING_SPOED = (
        "monitoring-hermelding-spoed",
        "de hermelding met spoed of crisis in de monitoringsfase",
    )
    HUISHOUDEN_OPNIEUW_GEMELD = "huishouden-opnieuw-gemeld", "de nieuwe melding over het huishouden"
    HUISHOUDEN_IN_CRISIS = "huishouden-in-crisis", "de crisis in een andere casus van het huishouden"
    MELDPUNTMELDING_ONTVANGEN = "meldpuntmelding-ontvangen", "de melding bij het meldpunt", "meldpuntmelding"
    MELDPUNTMELDING_OVERGENOMEN = "meldpuntmelding-overgenomen", "de overname van de meldpuntmelding", "meldpuntmelding"
    JEUGDBESCHERMINGSTAFEL_INGEBRACHT = "jeugdbeschermingstafel-ingebracht", "de inbreng bij de jeugdbeschermingstafel"
    ANDERE_PARTIJ_AANVAARD = "andere-partij-aanvaard", "de aanvaarding door een andere partij"
    HUISVERBOD_OPGELEGD = "huisverbod-opgelegd", "het opleggen van een huisverbod"
    MENINGSVERSCHIL_GEMELD = "meningsverschil-gemeld", "het gemelde meningsverschil", "meningsverschil"
    STRUCTUREEL_SIGNAAL_OPGESTELD = (
        "structureel-signaal-opgesteld",
        "het opstellen van het structureel signaal",
        "signaal",
    )
    STRUCTUREEL_SIGNAAL_AFGEGEVEN = "structureel-signaal-afgegeven", "het structureel signaal", "signaal"
    STRUCTUREEL_SIGNAAL_BEANTWOORD = (
        "structureel-signaal-beantwoord",
        "het antwoord op het structureel signaal",
    )
    ZICHT_BEVESTIGD = "zicht-bevestigd", "de bevestiging door wie zicht op veiligheid draagt"
    WACHTLIJST_GEMELD = "wachtlijst-gemeld", "de melding van een wachtlijst", "overdracht"
    NIET_OP_TE_PAKKEN = "niet-op-te-pakken", "de melding dat de casus niet opgepakt kan worden", "overdracht"
    CRISISCONTACT_GELEGD = "crisiscontact-gelegd", "het contact in de crisis"
    CRISISSTAP_GEZET = "crisisstap-gezet", "de eerste stap in de crisis"
    CASUS_GESLOTEN = "casus-gesloten", "het sluiten van de casus"


OVERDRACHT_KWAM_TERUG = (Anker.OVERDRACHT_TERUGGEKOPPELD, Anker.OVERDRACHT_GEWEIGERD, Anker.OVERDRACHT_INGETROKKEN)
"""Given back with the form, refused with a code, or taken back by Veilig Thuis: the overdracht counts no more."""

MONITORING_STOPT = (Anker.MONITORING_GESTOPT, Anker.CASUS_GESLOTEN, Anker.JEUGDBESCHERMINGSTAFEL_INGEBRACHT)
"""After these moments nobody monitors any more."""


class Drager(Benoemd):
    """Who can bear zicht op veiligheid, or owe something within a term."""

    VEILIG_THUIS = "veilig-thuis", "Veilig Thuis"
    LOKAAL_TEAM = "lokaal-team", "het lokale team"
    MELDPUNT = "meldpunt", "het Meldpunt Crisiszorg"
    GEMEENTE = "gemeente", "de gemeente"
    RAAD_VOOR_DE_KINDERBESCHERMING = "raad-voor-de-kinderbescherming", "de Raad voor de Kinderbescherming"
    KETENPARTNER = "ketenpartner", "de ketenpartner"

    @property
    def naam(self) -> str:
        """The party in Dutch as a heading or in a table, without an article."""
        return "lokaal team" if self is Drager.LOKAAL_TEAM else self.label.removeprefix("het ").removeprefix("de ")


ONTVANGERS = (Drager.LOKAAL_TEAM, Drager.KETENPARTNER)
"""Who an overdracht can go to."""

_VAN_DE_ONTVANGER = frozenset(
    {
        Anker.ONTVANGST_BEVESTIGD,
        Anker.OVERDRACHT_OPGEPAKT,
        Anker.OVERDRACHT_TERUGGEKOPPELD,
        Anker.OVERDRACHT_GEWEIGERD,
        Anker.WACHTLIJST_GEMELD,
        Anker.NIET_OP_TE_PAKKEN,
    }
)
HANDELINGEN: Mapping[Drager, frozenset[Anker]] = {
    Drager.VEILIG_THUIS: frozenset(
        {
            Anker.MELDING_ONTVANGEN,
            Anker.TRIAGEBESLUIT_GENOMEN,
            Anker.ACUTE_CRISIS_VASTGESTELD,
            Anker.OVERDRACHT_AANGEMAAKT,
            Anker.OVERDRACHT_INGETROKKEN,
            Anker.DIENST_GESTART,
            Anker.DIENST_AFGEROND,
            Anker.WARME_OVERDRACHT_GEHOUDEN,
            Anker.VBS_GEVRAAGD,
            Anker.MELDPUNTMELDING_OVERGENOMEN,
        }
    ),
    Drager.LOKAAL_TEAM: _VAN_DE_ONTVANGER,
    Drager.KETENPARTNER: _VAN_DE_ONTVANGER,
    Drager.MELDPUNT: frozenset({Anker.MELDPUNTMELDING_ONTVANGEN}),
}
"""What this party does itself, whoever is named with it: who did that need not be told of it."""


_PROFESSIONALS = frozenset(set(Drager) - {Drager.GEMEENTE})
_VEILIG_THUIS = frozenset({Drager.VEILIG_THUIS})
_NERGENS = frozenset[Drager]()


class Rol(StrEnum):
    """A role that people fill according to the register; a rung of a ladder calls one."""

    _value_: str
    label: str
    bij: frozenset[Drager]
    """At which parties people in this role can do something with a case."""
    dienst_bij: frozenset[Drager]
    """At which parties somebody in this role is there day and night, and weighs what comes in."""

    def __new__(cls, value: str, label: str, bij: frozenset[Drager], dienst_bij: frozenset[Drager] = _NERGENS) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label, member.bij, member.dienst_bij = label, bij, dienst_bij
        return member

    LEIDINGGEVENDE = "leidinggevende", "leidinggevende", _PROFESSIONALS
    COORDINATOR = "coordinator", "coördinator", _PROFESSIONALS
    TEAMCOORDINATOR = "teamcoordinator", "teamcoördinator", frozenset({Drager.LOKAAL_TEAM})
    GEDRAGSWETENSCHAPPER = "gedragswetenschapper", "gedragswetenschapper", _PROFESSIONALS
    TRIAGIST = "triagist", "triagist", _VEILIG_THUIS, _VEILIG_THUIS
    GEMEENTE_AMBTELIJK = "gemeente-ambtelijk", "gemeente (ambtelijk)", frozenset({Drager.GEMEENTE})
    GEMEENTE_BESTUURLIJK = "gemeente-bestuurlijk", "gemeente (bestuurlijk)", frozenset({Drager.GEMEENTE})
    MELDPUNTMEDEWERKER = "meldpuntmedewerker", "meldpuntmedewerker", frozenset({Drager.MELDPUNT})
    BELEIDSMEDEWERKER = "beleidsmedewerker", "beleidsmedewerker", _NERGENS
    BEHEERDER = "beheerder", "beheerder van Houvast", _NERGENS


_TEAM = frozenset({Drager.LOKAAL_TEAM})


class Berichtsoort(StrEnum):
    """About what people are told without a ladder; the agreements say which role that is (`aanspreekpunt`)."""

    _value_: str
    aan: frozenset[Drager]
    """At which parties; at none: whoever runs Houvast."""

    def __new__(cls, value: str, aan: frozenset[Drager]) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.aan = aan
        return member

    HUISVERBOD = "huisverbod", _TEAM
    STAGNATIE_IN_MONITORING = "stagnatie-in-monitoring", _VEILIG_THUIS | _TEAM
    SIGNAAL_GEVRAAGD = "signaal-gevraagd", _VEILIG_THUIS | _TEAM
    SIGNAAL_AFGEGEVEN = "signaal-afgegeven", frozenset({Drager.GEMEENTE})
    SIGNAAL_BEANTWOORD = "signaal-beantwoord", _VEILIG_THUIS | _TEAM
    INTREKKING_KOMT_NIET_AAN = "intrekking-komt-niet-aan", _VEILIG_THUIS
    AFLEVERING_GESTAGNEERD = "aflevering-gestagneerd", _VEILIG_THUIS
    VBS_GEVRAAGD = "vbs-gevraagd", _TEAM
    VBS_ZONDER_CAPACITEIT = "vbs-zonder-capaciteit", _VEILIG_THUIS
    NIEMAND_BEREIKT = "niemand-bereikt", _VEILIG_THUIS
    NIET_BEKEND = "niet-bekend", _VEILIG_THUIS
    BEHEER_GEVRAAGD = "beheer-gevraagd", _NERGENS
    LADDER_TEN_EINDE = "ladder-ten-einde", _VEILIG_THUIS
    SLUITING_VERVALLEN = "sluiting-vervallen", _VEILIG_THUIS
