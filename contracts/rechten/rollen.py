"""The second half of the table: which role lets a person do which act, and in which relations of its party it stands.

A person acts for its party: what the party may not, no role makes possible. A system has no role and is limited by its
scopes alone. Least privilege with one floor (G12): who is called by a message may do what that message asks.
"""

from collections.abc import Collection, Iterable, Mapping

from contracts.afspraken.ankers import Drager, Rol
from contracts.rechten.tabel import MAG, Daad, Relatie, Toegang, decide_for_party

_D, _R = Daad, Relatie

_KIJKT = frozenset(
    {_D.WERKPLEK_OPENEN, _D.CASUS_LEZEN, _D.ESCALATIELIJST_LEZEN, _D.SIGNALENLIJST_LEZEN, _D.TERMIJN_BEREKENEN}
)
"""Who works with cases at all. Nothing here tells of people."""
_LEEST_OVER_MENSEN = frozenset(
    {
        _D.MELDINGSTATUS_LEZEN,
        _D.MELDING_LEZEN,
        _D.MELDPUNTSTATUS_LEZEN,
        _D.OVERDRACHT_LEZEN,
        _D.BETROKKENENBRIEF_LEZEN,
        _D.SAMENWERKING_LEZEN,
        _D.ADVIESVRAAG_LEZEN,
        _D.MELDINGENLIJST_LEZEN,
        _D.OVERDRACHTENLIJST_LEZEN,
    }
)
_STUURT = frozenset(
    {
        _D.CASUSLIJST_LEZEN,
        _D.CASUS_BEHANDELEN,
        _D.MENINGSVERSCHIL_MELDEN,
        _D.FEIT_CORRIGEREN,
        _D.CASUS_SLUITEN,
        _D.ZORG_AANVAARDEN,
        _D.ZICHT_BEVESTIGEN,
        _D.CRISISSTAP_MELDEN,
        _D.WACHTLIJST_MELDEN,
        _D.ESCALATIE_BEHANDELEN,
        _D.NOTIFICATIES_LEZEN,
    }
)
"""What is decided about the course of a case."""
_BESLIST = frozenset(
    {
        _D.MELDING_AANVULLEN,
        _D.MELDING_BEHANDELEN,
        _D.MELDPUNTMELDING_OVERNEMEN,
        _D.OVERDRACHT_AANBIEDEN,
        _D.OVERDRACHT_INTREKKEN,
        _D.SAMENWERKING_VRAGEN,
        _D.SAMENWERKCONTACT_MELDEN,
    }
)
"""What is decided about a melding, and about how a case goes on."""
_NEEMT_AAN = frozenset(
    {
        _D.MELDING_REGISTREREN,
        _D.ADVIESVRAAG_VASTLEGGEN,
        _D.RETOURBRIEF_LEZEN,
        _D.RETOURBRIEF_BEHANDELEN,
        _D.BIJLAGE_TOEVOEGEN,
    }
)
_ONTVANGT = frozenset(
    {
        _D.OVERDRACHT_BEANTWOORDEN,
        _D.OVERDRACHT_AANBIEDEN,
        _D.OVERDRACHT_INTREKKEN,
        _D.SAMENWERKING_BEANTWOORDEN,
        _D.SAMENWERKCONTACT_MELDEN,
        _D.MELDPUNTMELDING_OVERNEMEN,
        _D.PLAN_VASTLEGGEN,
    }
)
"""What whoever a case is handed to says of it."""
_INTAKE = frozenset({_D.MELDPUNTMELDING_REGISTREREN, _D.MELDPUNTSTATUS_LEZEN, _D.MELDPUNTMELDING_OVERNEMEN})

ROL_MAG: Mapping[Rol, frozenset[Daad]] = {
    Rol.TRIAGIST: _KIJKT | _LEEST_OVER_MENSEN | _STUURT | _BESLIST | _NEEMT_AAN | {_D.BETROKKENEN_INFORMEREN},
    Rol.COORDINATOR: _KIJKT
    | _LEEST_OVER_MENSEN
    | _STUURT
    | _BESLIST
    | _NEEMT_AAN
    | _ONTVANGT
    | _INTAKE
    | {_D.BETROKKENEN_INFORMEREN, _D.KERNCIJFERS_LEZEN, _D.MENSEN_BEHEREN, _D.SIGNAAL_OPSTELLEN, _D.SIGNAAL_VERSTUREN},
    Rol.TEAMCOORDINATOR: _KIJKT
    | _LEEST_OVER_MENSEN
    | _STUURT
    | _ONTVANGT
    | {_D.BETROKKENEN_INFORMEREN, _D.MENSEN_BEHEREN},
    Rol.GEDRAGSWETENSCHAPPER: _KIJKT | _LEEST_OVER_MENSEN | _STUURT | _BESLIST | _ONTVANGT,
    Rol.LEIDINGGEVENDE: _KIJKT
    | _LEEST_OVER_MENSEN
    | _STUURT
    | _BESLIST
    | _ONTVANGT
    | {_D.BETROKKENEN_INFORMEREN, _D.KERNCIJFERS_LEZEN, _D.MENSEN_BEHEREN, _D.SIGNAAL_OPSTELLEN, _D.SIGNAAL_VERSTUREN},
    Rol.MELDPUNTMEDEWERKER: _KIJKT
    | _INTAKE
    | {
        _D.CASUSLIJST_LEZEN,
        _D.CASUS_BEHANDELEN,
        _D.ZORG_AANVAARDEN,
        _D.ZICHT_BEVESTIGEN,
        _D.CRISISSTAP_MELDEN,
        _D.MENINGSVERSCHIL_MELDEN,
        _D.OVERDRACHT_INTREKKEN,
    },
    Rol.GEMEENTE_AMBTELIJK: _KIJKT
    | {_D.ESCALATIE_BEHANDELEN, _D.SIGNAAL_BEANTWOORDEN, _D.KERNCIJFERS_LEZEN, _D.MENSEN_BEHEREN},
    Rol.GEMEENTE_BESTUURLIJK: _KIJKT | {_D.ESCALATIE_BEHANDELEN, _D.SIGNAAL_BEANTWOORDEN, _D.KERNCIJFERS_LEZEN},
    Rol.BELEIDSMEDEWERKER: frozenset(
        {
            _D.WERKPLEK_OPENEN,
            _D.KERNCIJFERS_LEZEN,
            _D.SIGNALENLIJST_LEZEN,
            _D.SIGNAAL_OPSTELLEN,
            _D.TERMIJN_BEREKENEN,
        }
    ),
    Rol.BEHEERDER: frozenset(
        {
            _D.WERKPLEK_OPENEN,
            _D.CASUS_LEZEN,
            _D.CASUSLIJST_LEZEN,
            _D.ESCALATIELIJST_LEZEN,
            _D.NOTIFICATIES_LEZEN,
            _D.OVERDRACHT_AANBIEDEN,
            _D.TERMIJN_BEREKENEN,
            _D.MENSEN_BEHEREN,
            _D.REGISTER_BEHEREN,
            _D.ENDPOINTS_BEHEREN,
            _D.DODE_BERICHTEN_BEHANDELEN,
            _D.TOKENS_BEHEREN,
        }
    ),
}
"""By role. An act that stands with no role is for systems alone.

A leidinggevende reads and decides as its people do: where it is the first rung of a ladder, it is the one who is asked
to see to it and to record it.
"""

_ALL = frozenset(Relatie)
GEROEPEN_ALS: Mapping[Rol, Relatie] = {
    Rol.GEMEENTE_AMBTELIJK: _R.AMBTELIJK_GEROEPEN,
    Rol.GEMEENTE_BESTUURLIJK: _R.BESTUURLIJK_GEROEPEN,
}
"""The roles that are there for the gemeente itself, and how it stands to a case of which a rung calls them."""
_ADDRESSED = frozenset({_R.PARTIJ, _R.AANGESPROKEN, _R.GEADRESSEERDE, _R.VOORBIJ, _R.BESTUURLIJK_GEROEPEN})
STAAT_IN: Mapping[Rol, frozenset[Relatie]] = dict.fromkeys(Rol, _ALL - {_R.BEHEER, _R.AANGESPROKEN}) | {
    Rol.GEMEENTE_AMBTELIJK: _ADDRESSED | {_R.AMBTELIJK_GEROEPEN, _R.INGELICHT},
    Rol.GEMEENTE_BESTUURLIJK: _ADDRESSED,
    Rol.BELEIDSMEDEWERKER: frozenset({_R.PARTIJ, _R.INFORMEERT, _R.VEILIG_THUIS}),
    Rol.BEHEERDER: frozenset({_R.BEHEER}),
}
"""In which relations of its party somebody in this role stands.

A gemeente is one party with its lokaal team: who is there for the gemeente itself sees a case when the gemeente is
called, told or addressed, and not because its team has the case.
"""

WERKT_BIJ: Mapping[Rol, frozenset[Drager]] = {rol: rol.bij for rol in Rol} | {
    Rol.BELEIDSMEDEWERKER: frozenset({Drager.VEILIG_THUIS, Drager.GEMEENTE}),
}
"""At which kind of party the role exists; that of whoever runs the hub exists at no other."""


_IN_TEAM = frozenset({Rol.TEAMCOORDINATOR, Rol.GEDRAGSWETENSCHAPPER})
_AAN_HET_WERK = _IN_TEAM | {Rol.COORDINATOR, Rol.TRIAGIST, Rol.MELDPUNTMEDEWERKER}
ROL_GEEFT: Mapping[Rol, frozenset[Rol]] = {
    Rol.TEAMCOORDINATOR: _IN_TEAM,
    Rol.COORDINATOR: _AAN_HET_WERK,
    Rol.LEIDINGGEVENDE: _AAN_HET_WERK | {Rol.LEIDINGGEVENDE, Rol.BELEIDSMEDEWERKER},
    Rol.GEMEENTE_AMBTELIJK: _AAN_HET_WERK
    | {Rol.LEIDINGGEVENDE, Rol.BELEIDSMEDEWERKER, Rol.GEMEENTE_AMBTELIJK, Rol.GEMEENTE_BESTUURLIJK},
    Rol.BEHEERDER: frozenset({Rol.BEHEERDER}),
}
"""By role of who gives; only of those in `ROL_MAG` who keep people at all. Nobody gives a role above the own one."""


def standing(relaties: Collection[Relatie], rollen: Collection[Rol] | None) -> frozenset[Relatie]:
    """What is left of the relations of a party for one of its people in these roles; all of it for a system."""
    if rollen is None:
        return frozenset(relaties)
    return frozenset(relatie for relatie in relaties if any(relatie in STAAT_IN[rol] for rol in rollen))


def decide(daad: Daad, relaties: Collection[Relatie], rollen: Collection[Rol] | None = None) -> Toegang:
    """Whether who acts may do this now; the one place where that is decided.

    `relaties` are those of the party; `rollen` those in which a person acts for it, and None for a system.
    """
    party = decide_for_party(daad, relaties)
    if rollen is None or party is not Toegang.MAG:
        return party
    able = any(daad in ROL_MAG[rol] and not MAG[daad].isdisjoint(STAAT_IN[rol] & set(relaties)) for rol in rollen)
    return Toegang.MAG if able else Toegang.ROL


def may(daad: Daad, relaties: Collection[Relatie], rollen: Collection[Rol] | None = None) -> bool:
    """The same as a yes or a no."""
    return decide(daad, relaties, rollen) is Toegang.MAG


def roles_for(daad: Daad, relaties: Collection[Relatie] = _ALL) -> tuple[Rol, ...]:
    """In which roles a person may do this, where its party is in one of these relations."""
    return tuple(rol for rol in Rol if may(daad, relaties, (rol,)))


def acts_of(rollen: Iterable[Rol]) -> frozenset[Daad]:
    """All that these roles together let somebody do, in some relation or other."""
    return frozenset(daad for rol in rollen for daad in ROL_MAG[rol])
