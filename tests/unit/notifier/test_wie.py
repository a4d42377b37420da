"""Who is told: those in the role who are there for whom the case asks. Over the sample register."""

import pytest

from contracts.afspraken import load_rule_book
from contracts.messages.notifier import Doelgroep
from contracts.rechten import HUB
from contracts.register import parse_register
from services.notifier.adapters import RegisterMensen
from services.notifier.domain import persoon_key
from tests.builders.events import MOMENT
from tests.unit.notifier.test_notificaties import register, sample_text, vraag

VT_MB = "veilig-thuis-midden-brabant"


def told(partij: str, rol: str, doelgroep: Doelgroep, regio: str = "midden-brabant") -> set[str]:
    """Whose keys are given, by party."""
    asked = vraag(partij=partij, rol=rol).model_copy(
        update={"doelgroep": doelgroep, "regio": regio, "gemeente": partij if partij.startswith("GM") else None}
    )
    return {mens.persoon for mens in RegisterMensen(register(), load_rule_book()).who(asked, at=MOMENT)}


@pytest.mark.parametrize(
    ("doelgroep", "names"),
    [
        (Doelgroep.JEUGD, {"Wieke Jansen"}),
        (Doelgroep.VOLWASSENEN, {"Wieke Wagemakers"}),
        (Doelgroep.ALLE, {"Wieke Jansen", "Wieke Wagemakers"}),
    ],
)
def test_a_gedragswetenschapper_is_told_of_cases_of_their_own_doelgroep(doelgroep: Doelgroep, names: set[str]) -> None:
    """D11; where it is not known for whom a case asks, both are told: rather one too many than none."""
    assert told(VT_MB, "gedragswetenschapper", doelgroep) == {persoon_key(VT_MB, naam) for naam in names}


def test_in_no_gemeente_somebody_for_the_other_doelgroep_is_told() -> None:
    for gemeente in register().gemeenten(MOMENT.date()):
        for doelgroep in (Doelgroep.JEUGD, Doelgroep.VOLWASSENEN):
            found = told(gemeente.code, "gedragswetenschapper", doelgroep, gemeente.regio)
            strangers = _people_of_the_other(gemeente.code, doelgroep)
            assert found
            assert not found & strangers


def _people_of_the_other(code: str, doelgroep: Doelgroep) -> set[str]:
    gemeente = register().gemeente(code, on=MOMENT.date())
    places = (gemeente, register().veilig_thuis(gemeente.regio))
    return {
        persoon_key(place.code, naam)
        for place in places
        for bezetting in place.rollen
        if bezetting.rol.value == "gedragswetenschapper" and not bezetting.doelgroep.serves(doelgroep)
        for naam in bezetting.personen
    }


def test_a_hole_in_a_rota_is_told_to_the_beheerder_and_stops_nothing() -> None:
    """Everybody in the role is told meanwhile."""
    rooster = (
        'begin = 2026-02-23\ndienst = [{ naam = "laat", dagen = ["zondag"], van = 20:00:00, tot = 22:00:00,'
        ' personen = ["Priya Timmermans"] }]\n'
    )
    start = '[[partij]]\ncode = "meldpunt-west-brabant"'
    text = sample_text().replace(start, f'[[partij.rooster]]\nrol = "coordinator"\n{rooster}\n{start}', 1)
    known = parse_register(text, bestand="register.toml", variabelen={"sandbox": "http://127.0.0.1:9"})
    mensen = RegisterMensen(known, load_rule_book())
    asked = vraag(partij="veilig-thuis-west-brabant", rol="coordinator")
    assert len(mensen.who(asked, at=MOMENT)) == 1
    tekort = mensen.tekort(asked, at=MOMENT)
    assert tekort is not None
    assert (tekort.partij, tekort.rol) == (HUB, "beheerder")
    assert tekort.onderwerp == "Het rooster van de rol coördinator bij Veilig Thuis West-Brabant heeft een gat"
    assert "Priya" not in tekort.model_dump_json()
    assert RegisterMensen(register(), load_rule_book()).tekort(asked, at=MOMENT) is None
