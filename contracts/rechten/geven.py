"""Which roles somebody may give to the people of the own organisation, and whose entry they may change."""

from collections.abc import Collection, Mapping

from contracts.afspraken.ankers import Drager, Rol
from contracts.rechten.kring import HUB
from contracts.rechten.rollen import ROL_GEEFT, ROL_MAG, WERKT_BIJ
from contracts.rechten.tabel import Daad
from contracts.register import Gemeente, Organisatie, Partij, Partijsoort

_PARTIJ_IS: Mapping[Partijsoort, Drager] = {
    Partijsoort.VEILIG_THUIS: Drager.VEILIG_THUIS,
    Partijsoort.MELDPUNT: Drager.MELDPUNT,
    Partijsoort.RVDK: Drager.RAAD_VOOR_DE_KINDERBESCHERMING,
}


def roles_at(organisatie: Organisatie) -> frozenset[Rol]:
    """The roles that exist at an organisation."""
    match organisatie:
        case Gemeente():
            is_here = frozenset({Drager.LOKAAL_TEAM, Drager.GEMEENTE})
        case Partij(code=code) if code == HUB:
            return frozenset(rol for rol in Rol if not WERKT_BIJ[rol])
        case Partij(soort=soort):
            is_here = frozenset({_PARTIJ_IS.get(soort, Drager.KETENPARTNER)})
        case _:
            return frozenset()
    return frozenset(rol for rol in Rol if not WERKT_BIJ[rol].isdisjoint(is_here))


def roles_to_give(rollen: Collection[Rol], organisatie: Organisatie) -> frozenset[Rol]:
    """Which roles somebody in these roles may give and take there."""
    givers = [rol for rol in rollen if Daad.MENSEN_BEHEREN in ROL_MAG[rol]]
    given = frozenset(rol for giver in givers for rol in ROL_GEEFT.get(giver, ()))
    return given & roles_at(organisatie)


def may_keep(rollen: Collection[Rol], organisatie: Organisatie, naam: str) -> bool:
    """Whether they may change what stands there of this person: whoever could give all the roles that the person has.

    A mail address lets its owner sign in: whoever changes it could act in the roles that go with it.
    """
    has = {bezetting.rol for bezetting in organisatie.rollen if naam in bezetting.personen}
    return has <= roles_to_give(rollen, organisatie)
