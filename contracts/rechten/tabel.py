"""The table: which relation to a case, as it is now, allows which act.

A service derives the relations of a party from its own state (`domain/relaties`) and asks `decide`. A party can stand
in more than one relation to a case; one that allows the act is enough. What is not in the table is not allowed.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum


class Relatie(StrEnum):
    """How a party stands to a case, or to one thing in it, at this moment."""

    VEILIG_THUIS = "veilig-thuis"
    """Veilig Thuis of the region of the case."""
    AANGEBODEN = "aangeboden"
    """It is offered an overdracht and has not answered yet."""
    GEVRAAGD = "gevraagd"
    """Somebody else says that it takes over, and it has not said so itself: it may read what it is asked, and answer."""
    AANBIEDER = "aanbieder"
    """It said that another party takes over, and that party has the offer."""
    ONTVANGER = "ontvanger"
    """It confirmed the overdracht or took it up."""
    DRAGER = "drager"
    """It bears zicht op veiligheid, or bore it last."""
    SAMENWERKER = "samenwerker"
    """It was asked to walk along in a dienst, and did not drop out."""
    GEROEPEN = "geroepen"
    """An escalatie that is not closed calls it."""
    AMBTELIJK_GEROEPEN = "ambtelijk-geroepen"
    """The same, and it calls the gemeente itself: its officials."""
    BESTUURLIJK_GEROEPEN = "bestuurlijk-geroepen"
    """The same, and it calls the gemeente itself: its board."""
    INGELICHT = "ingelicht"
    """It was told something about the case that asks it to coordinate."""
    INFORMEERT = "informeert"
    """It has to inform the gemeente by a structureel signaal."""
    AANGESPROKEN = "aangesproken"
    """A structureel signaal was given to it."""
    GEADRESSEERDE = "geadresseerde"
    """The message was for its own people."""
    AFZENDER = "afzender"
    """It sent the melding."""
    MELDPUNT = "meldpunt"
    """It took in the meldpuntmelding and nobody took over yet."""
    MELDPUNT_NA_OVERNAME = "meldpunt-na-overname"
    """It took in the meldpuntmelding and another party took over (BK part II 4.2)."""
    VOORBIJ = "voorbij"
    """It had a part that has ended: refused, given back, withdrawn, dropped out, handed on."""
    BEHEER = "beheer"
    """It runs the hub."""
    PARTIJ = "partij"
    """It is in the register: it has cases of its own to look among, whichever those are."""


class Toegang(StrEnum):
    """What the table answers."""

    MAG = "mag"
    VOORBIJ = "voorbij"
    """Not any more: there was a relation, and it has ended."""
    ROL = "rol"
    """Its party may, and this person may not in the roles that it has there."""
    GEEN = "geen"
    """What is asked for does not exist for this party."""


class Daad(StrEnum):
    """What can be done with a case or read of it, and what is done at the hub outside any case."""

    MELDINGSTATUS_LEZEN = "meldingstatus-lezen"
    MELDING_LEZEN = "melding-lezen"
    MELDING_AANVULLEN = "melding-aanvullen"
    MELDING_BEHANDELEN = "melding-behandelen"
    MELDPUNTSTATUS_LEZEN = "meldpuntstatus-lezen"
    MELDPUNTMELDING_OVERNEMEN = "meldpuntmelding-overnemen"
    OVERDRACHT_LEZEN = "overdracht-lezen"
    BETROKKENENBRIEF_LEZEN = "betrokkenenbrief-lezen"
    OVERDRACHT_BEANTWOORDEN = "overdracht-beantwoorden"
    OVERDRACHT_AANBIEDEN = "overdracht-aanbieden"
    OVERDRACHT_INTREKKEN = "overdracht-intrekken"
    RETOURBRIEF_LEZEN = "retourbrief-lezen"
    RETOURBRIEF_BEHANDELEN = "retourbrief-behandelen"
    BETROKKENEN_INFORMEREN = "betrokkenen-informeren"
    PLAN_VASTLEGGEN = "plan-vastleggen"
    BIJLAGE_TOEVOEGEN = "bijlage-toevoegen"
    SAMENWERKING_VRAGEN = "samenwerking-vragen"
    SAMENWERKING_LEZEN = "samenwerking-lezen"
    SAMENWERKING_BEANTWOORDEN = "samenwerking-beantwoorden"
    SAMENWERKCONTACT_MELDEN = "samenwerkcontact-melden"
    CASUS_LEZEN = "casus-lezen"
    CASUS_BEHANDELEN = "casus-behandelen"
    MENINGSVERSCHIL_MELDEN = "meningsverschil-melden"
    FEIT_CORRIGEREN = "feit-corrigeren"
    CASUS_SLUITEN = "casus-sluiten"
    ZORG_AANVAARDEN = "zorg-aanvaarden"
    ZICHT_BEVESTIGEN = "zicht-bevestigen"
    WACHTLIJST_MELDEN = "wachtlijst-melden"
    CRISISSTAP_MELDEN = "crisisstap-melden"
    ESCALATIE_BEHANDELEN = "escalatie-behandelen"
    SIGNAAL_OPSTELLEN = "signaal-opstellen"
    SIGNAAL_VERSTUREN = "signaal-versturen"
    SIGNAAL_BEANTWOORDEN = "signaal-beantwoorden"
    NOTIFICATIES_LEZEN = "notificaties-lezen"
    MELDING_REGISTREREN = "melding-registreren"
    ADVIESVRAAG_VASTLEGGEN = "adviesvraag-vastleggen"
    ADVIESVRAAG_LEZEN = "adviesvraag-lezen"
    MELDPUNTMELDING_REGISTREREN = "meldpuntmelding-registreren"
    WERKPLEK_OPENEN = "werkplek-openen"
    MELDINGENLIJST_LEZEN = "meldingenlijst-lezen"
    OVERDRACHTENLIJST_LEZEN = "overdrachtenlijst-lezen"
    CASUSLIJST_LEZEN = "casuslijst-lezen"
    ESCALATIELIJST_LEZEN = "escalatielijst-lezen"
    SIGNALENLIJST_LEZEN = "signalenlijst-lezen"
    KERNCIJFERS_LEZEN = "kerncijfers-lezen"
    TERMIJN_BEREKENEN = "termijn-berekenen"
    MENSEN_BEHEREN = "mensen-beheren"
    REGISTER_BEHEREN = "register-beheren"
    ENDPOINTS_BEHEREN = "endpoints-beheren"
    DODE_BERICHTEN_BEHANDELEN = "dode-berichten-behandelen"
    TOKENS_BEHEREN = "tokens-beheren"
    ZAAK_MELDEN = "zaak-melden"
    MAIL_TERUGMELDEN = "mail-terugmelden"


_R = Relatie
_ENDED = frozenset({_R.VOORBIJ, _R.MELDPUNT_NA_OVERNAME})

_VEILIG_THUIS = frozenset({_R.VEILIG_THUIS})
_RECEIVES = frozenset({_R.AANGEBODEN, _R.ONTVANGER})
_BEHEER = frozenset({_R.BEHEER})
_ANY_PARTIJ = frozenset({_R.PARTIJ})
_CALLED = frozenset({_R.GEROEPEN, _R.AMBTELIJK_GEROEPEN, _R.BESTUURLIJK_GEROEPEN})
_AT_WORK = _VEILIG_THUIS | _RECEIVES | {_R.DRAGER, _R.SAMENWERKER}
"""Who has a part of its own in the case."""

MAG: Mapping[Daad, frozenset[Relatie]] = {
    Daad.MELDINGSTATUS_LEZEN: _VEILIG_THUIS | {_R.AFZENDER},
    Daad.MELDING_LEZEN: _VEILIG_THUIS,
    Daad.MELDING_AANVULLEN: _VEILIG_THUIS,
    Daad.MELDING_BEHANDELEN: _VEILIG_THUIS,
    Daad.MELDPUNTSTATUS_LEZEN: _VEILIG_THUIS | {_R.MELDPUNT, _R.MELDPUNT_NA_OVERNAME},
    Daad.MELDPUNTMELDING_OVERNEMEN: _VEILIG_THUIS | {_R.MELDPUNT, _R.GEVRAAGD},
    Daad.OVERDRACHT_LEZEN: _VEILIG_THUIS | _RECEIVES | {_R.GEVRAAGD},
    Daad.BETROKKENENBRIEF_LEZEN: _VEILIG_THUIS,
    Daad.OVERDRACHT_BEANTWOORDEN: _RECEIVES | {_R.GEVRAAGD},
    Daad.OVERDRACHT_AANBIEDEN: _VEILIG_THUIS | _RECEIVES | {_R.BEHEER},
    Daad.OVERDRACHT_INTREKKEN: _VEILIG_THUIS | {_R.AANBIEDER},
    Daad.RETOURBRIEF_LEZEN: _VEILIG_THUIS,
    Daad.RETOURBRIEF_BEHANDELEN: _VEILIG_THUIS,
    Daad.BETROKKENEN_INFORMEREN: _VEILIG_THUIS | _RECEIVES,
    Daad.PLAN_VASTLEGGEN: _RECEIVES,
    Daad.BIJLAGE_TOEVOEGEN: _VEILIG_THUIS,
    Daad.SAMENWERKING_VRAGEN: _VEILIG_THUIS,
    Daad.SAMENWERKING_LEZEN: _VEILIG_THUIS | {_R.SAMENWERKER},
    Daad.SAMENWERKING_BEANTWOORDEN: frozenset({_R.SAMENWERKER}),
    Daad.SAMENWERKCONTACT_MELDEN: _VEILIG_THUIS | {_R.SAMENWERKER},
    Daad.CASUS_LEZEN: _AT_WORK | _CALLED | {_R.GEVRAAGD, _R.INGELICHT, _R.INFORMEERT, _R.AANGESPROKEN, _R.BEHEER},
    Daad.CASUS_BEHANDELEN: _AT_WORK,
    Daad.MENINGSVERSCHIL_MELDEN: _AT_WORK | {_R.GEROEPEN, _R.INGELICHT},
    Daad.FEIT_CORRIGEREN: _VEILIG_THUIS,
    Daad.ZORG_AANVAARDEN: _AT_WORK | {_R.GEVRAAGD},
    Daad.CASUS_SLUITEN: _VEILIG_THUIS | {_R.DRAGER},
    Daad.ZICHT_BEVESTIGEN: frozenset({_R.DRAGER}),
    Daad.WACHTLIJST_MELDEN: _RECEIVES,
    Daad.CRISISSTAP_MELDEN: _VEILIG_THUIS | {_R.DRAGER},
    Daad.ESCALATIE_BEHANDELEN: _AT_WORK | _CALLED,
    Daad.SIGNAAL_OPSTELLEN: frozenset({_R.INFORMEERT}),
    Daad.SIGNAAL_VERSTUREN: frozenset({_R.INFORMEERT}),
    Daad.SIGNAAL_BEANTWOORDEN: frozenset({_R.AANGESPROKEN}),
    Daad.NOTIFICATIES_LEZEN: _VEILIG_THUIS | {_R.GEADRESSEERDE, _R.BEHEER},
    Daad.MELDING_REGISTREREN: _VEILIG_THUIS,
    Daad.ADVIESVRAAG_VASTLEGGEN: _VEILIG_THUIS,
    Daad.ADVIESVRAAG_LEZEN: _VEILIG_THUIS,
    Daad.MELDPUNTMELDING_REGISTREREN: frozenset({_R.MELDPUNT}),
    Daad.WERKPLEK_OPENEN: _ANY_PARTIJ | _BEHEER,
    Daad.MELDINGENLIJST_LEZEN: _VEILIG_THUIS,
    Daad.OVERDRACHTENLIJST_LEZEN: _ANY_PARTIJ,
    Daad.CASUSLIJST_LEZEN: _ANY_PARTIJ | _BEHEER,
    Daad.ESCALATIELIJST_LEZEN: _ANY_PARTIJ | _BEHEER,
    Daad.SIGNALENLIJST_LEZEN: _ANY_PARTIJ | _BEHEER,
    Daad.KERNCIJFERS_LEZEN: _ANY_PARTIJ,
    Daad.TERMIJN_BEREKENEN: _ANY_PARTIJ | _BEHEER,
    Daad.MENSEN_BEHEREN: _ANY_PARTIJ | _BEHEER,
    Daad.REGISTER_BEHEREN: _BEHEER,
    Daad.ENDPOINTS_BEHEREN: _BEHEER,
    Daad.DODE_BERICHTEN_BEHANDELEN: _BEHEER,
    Daad.TOKENS_BEHEREN: _BEHEER,
    Daad.ZAAK_MELDEN: _ANY_PARTIJ,
    Daad.MAIL_TERUGMELDEN: _BEHEER,
}
"""By act. What stands below `notificaties-lezen` is done outside any case: there counts what a party is."""


def decide_for_party(daad: Daad, relaties: Collection[Relatie]) -> Toegang:
    """Whether a party in these relations may do this now."""
    if not MAG[daad].isdisjoint(relaties):
        return Toegang.MAG
    return Toegang.GEEN if _ENDED.isdisjoint(relaties) else Toegang.VOORBIJ
