"""Invented meldingen: valid, repeatable, and no two about the same household."""

from datetime import date
from pathlib import Path

import pytest

from contracts.afspraken import evaluate_triage, load_rule_book
from contracts.register import Register, parse_register
from lab.invented import VerzonnenMelding, verzin_meldingen
from services.triage.domain.invoer import MeldingInvoer, MeldpuntmeldingInvoer, TriagebesluitInvoer

ON = date(2026, 3, 2)
BOOK = load_rule_book()


@pytest.fixture(scope="module")
def register() -> Register:
    path = Path(__file__).parents[2] / "deploy" / "register.toml"
    return parse_register(path.read_text(), bestand=path.name, variabelen={"sandbox": "http://127.0.0.1:1"})


def make(register: Register, aantal: int = 60, seed: int = 1, **limits: object) -> list[VerzonnenMelding]:
    return list(verzin_meldingen(register, aantal=aantal, seed=seed, on=ON, **limits))  # type: ignore[arg-type]


def test_the_same_seed_makes_the_same_and_another_seed_something_else(register: Register) -> None:
    assert make(register) == make(register)
    assert make(register) != make(register, seed=2)


def test_every_body_is_what_its_post_takes_and_leads_to_a_directe_overdracht(register: Register) -> None:
    for made in make(register, 200):
        melding = MeldingInvoer.model_validate(made.melding)
        besluit = TriagebesluitInvoer.model_validate(made.triagebesluit)
        gemeente = register.gemeente(melding.gemeente, on=ON)
        assert [ontvanger.gemeente for ontvanger in besluit.ontvangers] == [gemeente.code]
        assert gemeente.team(besluit.ontvangers[0].team or "") is not None
        afspraken = BOOK.for_case(regio=gemeente.regio, gemeente=gemeente.code, on=ON)
        assert evaluate_triage(afspraken, melding.known_feiten()).uitkomst == "directe-overdracht"
        assert _missing(made, register) == []


def _missing(made: VerzonnenMelding, register: Register) -> list[str]:
    regio = register.gemeente(made.gemeente, on=ON).regio
    velden = BOOK.for_case(regio=regio, gemeente=made.gemeente, on=ON).document_velden("direct")
    document = made.triagebesluit["overdrachtsdocument"]
    assert isinstance(document, dict)
    return [veld.veld for veld in velden if veld.verplicht and veld.veld not in document]


def test_no_two_are_about_the_same_household(register: Register) -> None:
    """By BSN, by name and date of birth, and by address: what the radarfunctie (MB 3.1) looks at."""
    meldingen = [MeldingInvoer.model_validate(made.melding) for made in make(register, 3000)]
    people = [betrokkene for melding in meldingen for betrokkene in melding.betrokkenen]
    assert len({(who.naam, who.geboortedatum) for who in people}) == len(people)
    bsns = [who.bsn for who in people if who.bsn is not None]
    assert len(set(bsns)) == len(bsns) > 1000
    assert all(bsn.startswith("9999") for bsn in bsns)
    assert len({melding.adres for melding in meldingen}) == len({melding.kenmerk for melding in meldingen}) == 3000


def test_every_gemeente_gets_its_share_and_a_choice_can_be_made(register: Register) -> None:
    of_region = [made.gemeente for made in make(register, 42, regio="west-brabant")]
    assert {of_region.count(code) for code in set(of_region)} == {3}
    assert {made.gemeente for made in make(register, 9, gemeenten=["GM0758", "GM0855"])} == {"GM0758", "GM0855"}


def test_the_variants_of_the_demo_are_valid_and_what_they_say(register: Register) -> None:
    (made,) = make(register, 1)
    anonymous = MeldingInvoer.model_validate(made.anonymous_with_closed_family().melding)
    afspraken = BOOK.for_case(regio="midden-brabant", gemeente="GM0855", on=ON)
    assert evaluate_triage(afspraken, anonymous.known_feiten()).uitkomst == "dienst"
    TriagebesluitInvoer.model_validate(made.incomplete().triagebesluit)
    assert _missing(made.incomplete(), register) == ["grootsteZorg", "verrijking"]
    assert _missing(made.incomplete("conclusie"), register) == []
    meldpunt = MeldpuntmeldingInvoer.model_validate(made.to_meldpuntmelding(crisis=True))
    assert (meldpunt.crisis, meldpunt.vermoeden_hgkm) == (True, True)
