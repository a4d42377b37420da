"""What a system may do: the scopes of its token, and which of them an act asks for.

For people there is nothing beside the table: what a session may do is asked of it each time, within what its party may.
"""

from collections.abc import Mapping
from enum import StrEnum

from contracts.rechten.tabel import Daad


class Scope(StrEnum):
    """What a caller may do."""

    MELDINGEN_SCHRIJVEN = "meldingen:schrijven"
    MELDINGEN_LEZEN = "meldingen:lezen"
    TRIAGE_BESLUITEN = "triage:besluiten"
    MELDPUNT_SCHRIJVEN = "meldpunt:schrijven"
    OVERDRACHTEN_LEZEN = "overdrachten:lezen"
    OVERDRACHTEN_BEVESTIGEN = "overdrachten:bevestigen"
    MONITORING_LEZEN = "monitoring:lezen"
    ESCALATIES_AFHANDELEN = "escalaties:afhandelen"
    NOTIFICATIES_LEZEN = "notificaties:lezen"
    ZAKEN_MELDEN = "zaken:melden"
    """Say that something happened to a zaak: all that a zaaksysteem may do with the token of its abonnement."""
    MAIL_TERUGMELDEN = "mail:terugmelden"
    """Hand over mail that came back: for the mail server of the house."""
    BEHEER = "beheer"


_ACTS: Mapping[Scope, tuple[Daad, ...]] = {
    Scope.MELDINGEN_SCHRIJVEN: (Daad.MELDING_REGISTREREN, Daad.MELDING_AANVULLEN, Daad.ADVIESVRAAG_VASTLEGGEN),
    Scope.MELDINGEN_LEZEN: (
        Daad.MELDINGENLIJST_LEZEN,
        Daad.MELDINGSTATUS_LEZEN,
        Daad.MELDING_LEZEN,
        Daad.MELDPUNTSTATUS_LEZEN,
        Daad.ADVIESVRAAG_LEZEN,
    ),
    Scope.TRIAGE_BESLUITEN: (Daad.MELDING_BEHANDELEN, Daad.BIJLAGE_TOEVOEGEN, Daad.SAMENWERKING_VRAGEN),
    Scope.MELDPUNT_SCHRIJVEN: (Daad.MELDPUNTMELDING_REGISTREREN, Daad.MELDPUNTMELDING_OVERNEMEN),
    Scope.OVERDRACHTEN_LEZEN: (
        Daad.OVERDRACHTENLIJST_LEZEN,
        Daad.OVERDRACHT_LEZEN,
        Daad.BETROKKENENBRIEF_LEZEN,
        Daad.RETOURBRIEF_LEZEN,
        Daad.SAMENWERKING_LEZEN,
    ),
    Scope.OVERDRACHTEN_BEVESTIGEN: (
        Daad.OVERDRACHT_BEANTWOORDEN,
        Daad.OVERDRACHT_AANBIEDEN,
        Daad.OVERDRACHT_INTREKKEN,
        Daad.RETOURBRIEF_BEHANDELEN,
        Daad.BETROKKENEN_INFORMEREN,
        Daad.PLAN_VASTLEGGEN,
        Daad.SAMENWERKING_BEANTWOORDEN,
        Daad.SAMENWERKCONTACT_MELDEN,
        Daad.MELDPUNTMELDING_OVERNEMEN,
    ),
    Scope.MONITORING_LEZEN: (
        Daad.WERKPLEK_OPENEN,
        Daad.CASUS_LEZEN,
        Daad.CASUSLIJST_LEZEN,
        Daad.ESCALATIELIJST_LEZEN,
        Daad.SIGNALENLIJST_LEZEN,
        Daad.KERNCIJFERS_LEZEN,
        Daad.TERMIJN_BEREKENEN,
    ),
    Scope.ESCALATIES_AFHANDELEN: (
        Daad.CASUS_BEHANDELEN,
        Daad.MENINGSVERSCHIL_MELDEN,
        Daad.FEIT_CORRIGEREN,
        Daad.CASUS_SLUITEN,
        Daad.ZORG_AANVAARDEN,
        Daad.ZICHT_BEVESTIGEN,
        Daad.WACHTLIJST_MELDEN,
        Daad.CRISISSTAP_MELDEN,
        Daad.ESCALATIE_BEHANDELEN,
        Daad.SIGNAAL_OPSTELLEN,
        Daad.SIGNAAL_VERSTUREN,
        Daad.SIGNAAL_BEANTWOORDEN,
    ),
    Scope.NOTIFICATIES_LEZEN: (Daad.NOTIFICATIES_LEZEN,),
    Scope.ZAKEN_MELDEN: (Daad.ZAAK_MELDEN,),
    Scope.MAIL_TERUGMELDEN: (Daad.MAIL_TERUGMELDEN,),
    Scope.BEHEER: (
        Daad.REGISTER_BEHEREN,
        Daad.ENDPOINTS_BEHEREN,
        Daad.DODE_BERICHTEN_BEHANDELEN,
        Daad.TOKENS_BEHEREN,
    ),
}

SCOPES: Mapping[Daad, tuple[Scope, ...]] = {
    daad: tuple(scope for scope, acts in _ACTS.items() if daad in acts) for daad in Daad
}
"""By act: the scopes of which one is enough for a system; where there is none, only people do it."""
