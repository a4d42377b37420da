"""The table of rights: complete, and closed where nothing is said."""

from datetime import date

import pytest

from contracts.rechten import HUB, MAG, Daad, Kring, Relatie, Toegang, decide, is_veilig_thuis_of, kring_of, may
from contracts.register import Register
from tests.unit.triage.road import sample_register

ON = date(2026, 3, 2)
VT = "veilig-thuis-west-brabant"
OF_THE_HUB = (
    Daad.WERKPLEK_OPENEN,
    Daad.CASUSLIJST_LEZEN,
    Daad.ESCALATIELIJST_LEZEN,
    Daad.SIGNALENLIJST_LEZEN,
    Daad.TERMIJN_BEREKENEN,
    Daad.MENSEN_BEHEREN,
    Daad.REGISTER_BEHEREN,
    Daad.ENDPOINTS_BEHEREN,
    Daad.DODE_BERICHTEN_BEHANDELEN,
    Daad.TOKENS_BEHEREN,
    Daad.MAIL_TERUGMELDEN,
)
"""What whoever runs the hub does there, in no case."""


def test_every_act_has_its_row() -> None:
    assert set(MAG) == set(Daad)


@pytest.mark.parametrize("daad", Daad)
def test_who_has_nothing_to_do_with_it_may_nothing(daad: Daad) -> None:
    assert decide(daad, ()) is Toegang.GEEN
    assert not may(daad, {Relatie.VOORBIJ})


def test_what_has_ended_is_over_and_what_never_was_does_not_exist() -> None:
    assert decide(Daad.OVERDRACHT_LEZEN, {Relatie.VOORBIJ}) is Toegang.VOORBIJ
    assert decide(Daad.OVERDRACHT_LEZEN, {Relatie.AFZENDER}) is Toegang.GEEN


def test_one_relation_that_stands_is_enough() -> None:
    """Given back, and handed over again."""
    assert may(Daad.OVERDRACHT_LEZEN, {Relatie.VOORBIJ, Relatie.AANGEBODEN})


def test_after_take_over_a_meldpunt_knows_the_status_and_nothing_else() -> None:
    """BK part II 4.2."""
    assert [daad for daad in Daad if may(daad, {Relatie.MELDPUNT_NA_OVERNAME})] == [Daad.MELDPUNTSTATUS_LEZEN]


def test_whoever_runs_the_hub_acts_in_no_case() -> None:
    """G5: people decide. It reads what says nothing about people, and has what waits offered again."""
    assert [daad for daad in Daad if may(daad, {Relatie.BEHEER})] == [
        Daad.OVERDRACHT_AANBIEDEN,
        Daad.CASUS_LEZEN,
        Daad.NOTIFICATIES_LEZEN,
        *OF_THE_HUB,
    ]


def test_the_circle_of_a_party_is_its_region_its_own_cases_or_everything() -> None:
    register = sample_register()

    def circle(partij: str, daad: Daad = Daad.CASUS_LEZEN) -> Kring | None:
        return kring_of(daad, partij, register, on=ON)

    assert circle(VT) == Kring(regio="west-brabant")
    assert circle("GM0758") == Kring(partijen=frozenset({"GM0758"}))
    assert circle("safegroup") == Kring(partijen=frozenset({"safegroup"}))
    assert circle(HUB) == Kring()
    assert circle(HUB, Daad.OVERDRACHT_LEZEN) is None
    assert circle(VT, Daad.OVERDRACHT_BEANTWOORDEN) is None


def test_the_cases_of_a_gemeente_go_along_to_who_goes_on_for_it() -> None:
    """And the former has no circle any more."""
    sample = sample_register()
    ended = {"geldig_tot": ON, "opvolger": "GM0758"}
    entries = [entry.model_copy(update=ended) if entry.code == "GM0840" else entry for entry in sample.entries()]
    register = Register(gemeenten=entries, partijen=sample.partijen())
    after = date(2026, 3, 3)
    both = Kring(partijen=frozenset({"GM0758", "GM0840"}))
    assert kring_of(Daad.CASUS_LEZEN, "GM0758", register, on=after) == both
    assert kring_of(Daad.CASUS_LEZEN, "GM0840", register, on=after) is None


def test_veilig_thuis_is_that_of_its_own_region() -> None:
    register = sample_register()
    assert is_veilig_thuis_of(VT, "west-brabant", register)
    assert not is_veilig_thuis_of(VT, "midden-brabant", register)
    assert not is_veilig_thuis_of("safegroup", "west-brabant", register)
    assert not is_veilig_thuis_of("GM0758", "west-brabant", register)
