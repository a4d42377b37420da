"""Who may give which role: never one above the own, never one that does not exist at the organisation."""

from datetime import date

import pytest

from contracts.afspraken import Rol
from contracts.rechten import HUB, ROL_GEEFT, ROL_MAG, Daad
from contracts.rechten.geven import may_keep, roles_at, roles_to_give
from contracts.register import Organisatie
from tests.unit.triage.road import sample_register

ON = date(2026, 3, 2)
BREDA = sample_register().gemeente("GM0758", on=ON)
VT = sample_register().partij("veilig-thuis-west-brabant")


def everybody() -> list[Organisatie]:
    return [*sample_register().gemeenten(ON), *sample_register().partijen()]


def test_who_keeps_people_gives_roles_and_nobody_else_does() -> None:
    assert set(ROL_GEEFT) == {rol for rol in Rol if Daad.MENSEN_BEHEREN in ROL_MAG[rol]}


@pytest.mark.parametrize("rol", [rol for rol in Rol if rol is not Rol.BEHEERDER])
def test_nobody_makes_somebody_beheerder_but_a_beheerder(rol: Rol) -> None:
    assert all(Rol.BEHEERDER not in roles_to_give([rol], organisatie) for organisatie in everybody())


def test_the_roles_of_the_sample_exist_where_they_are_filled() -> None:
    for organisatie in everybody():
        assert {bezetting.rol for bezetting in organisatie.rollen} <= roles_at(organisatie), organisatie.naam
    assert roles_at(sample_register().partij(HUB)) == {Rol.BEHEERDER}
    assert Rol.TRIAGIST not in roles_at(BREDA)
    assert Rol.TEAMCOORDINATOR not in roles_at(VT)


def test_a_role_that_one_does_not_give_is_not_to_be_reached_by_who_has_it() -> None:
    """A mail address lets its owner sign in: whoever changes that of the leidinggevende would be the leidinggevende."""
    assert roles_to_give([Rol.TEAMCOORDINATOR], BREDA) == {Rol.TEAMCOORDINATOR, Rol.GEDRAGSWETENSCHAPPER}
    assert may_keep([Rol.TEAMCOORDINATOR], BREDA, "Saskia Lauwers")
    assert not may_keep([Rol.TEAMCOORDINATOR], BREDA, "Frank van Rijckevorsel")
    assert may_keep([Rol.LEIDINGGEVENDE], BREDA, "Frank van Rijckevorsel")
    assert may_keep([Rol.TEAMCOORDINATOR], BREDA, "iemand zonder rol")
    assert not may_keep([Rol.TRIAGIST], VT, "Elise Bastiaansen")
    assert may_keep([Rol.COORDINATOR], VT, "Elise Bastiaansen")
