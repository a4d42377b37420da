"""The examples in `deploy/voorbeeld`: a valid body for every POST, about people who do not exist."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from contracts.afspraken import evaluate_triage, load_rule_book
from contracts.messages.documenten import Invoer
from contracts.messages.identifiers import passes_bsn_check
from contracts.register import parse_register
from services.handover.domain.invoer import (
    AfleveringInvoer,
    CapaciteitssignaalInvoer,
    ContactInvoer,
    EersteContactInvoer,
    IntrekkingInvoer,
    OntvangstbevestigingInvoer,
    SamenwerkingInvoer,
    TerugkoppelingInvoer,
    VbsVerdelingInvoer,
    VerdelingInvoer,
    WeigeringInvoer,
)
from services.monitoring.domain.invoer import (
    AanvaardingInvoer,
    AfhandelingInvoer,
    AfsluitingInvoer,
    CorrectieInvoer,
    DwangmaatregelInvoer,
    MeningsverschilInvoer,
    MonitormomentInvoer,
    OppakkingInvoer,
    SignaalantwoordInvoer,
    SignaalInvoer,
    StagnatiestapInvoer,
    StandInvoer,
    UitkomstInvoer,
    VerzendingInvoer,
)
from services.triage.domain.invoer import (
    AdviesvraagInvoer,
    AfrondingInvoer,
    DienstInvoer,
    FeitenAanvulling,
    GespreksverslagInvoer,
    MeldingInvoer,
    MeldpuntmeldingInvoer,
    OvernameInvoer,
    TriagebesluitInvoer,
)

DEPLOY = Path(__file__).parents[2] / "deploy"
FOLDER = DEPLOY / "voorbeeld"
ON = date(2026, 3, 2)
BREDA = load_rule_book().for_case(regio="west-brabant", gemeente="GM0758", on=ON)

MODELS: dict[str, type[Invoer]] = {
    "aanvaarding": AanvaardingInvoer,
    "adviesvraag": AdviesvraagInvoer,
    "afhandeling": AfhandelingInvoer,
    "aflevering": AfleveringInvoer,
    "afronding": AfrondingInvoer,
    "afronding-tilburg": AfrondingInvoer,
    "afsluiting": AfsluitingInvoer,
    "capaciteitssignaal": CapaciteitssignaalInvoer,
    "contact": ContactInvoer,
    "correctie": CorrectieInvoer,
    "dienst": DienstInvoer,
    "dwangmaatregel": DwangmaatregelInvoer,
    "eerste-contact": EersteContactInvoer,
    "feiten": FeitenAanvulling,
    "intrekking": IntrekkingInvoer,
    "melding": MeldingInvoer,
    "melding-tilburg": MeldingInvoer,
    "meldpuntmelding": MeldpuntmeldingInvoer,
    "meningsverschil": MeningsverschilInvoer,
    "monitormoment": MonitormomentInvoer,
    "monitoruitkomst": UitkomstInvoer,
    "ontvangstbevestiging": OntvangstbevestigingInvoer,
    "oppakking": OppakkingInvoer,
    "overdrachtsgesprek": GespreksverslagInvoer,
    "overname": OvernameInvoer,
    "samenwerking": SamenwerkingInvoer,
    "signaal": SignaalInvoer,
    "signaalantwoord": SignaalantwoordInvoer,
    "signaalverzending": VerzendingInvoer,
    "stagnatiestap": StagnatiestapInvoer,
    "stand": StandInvoer,
    "terugkoppeling": TerugkoppelingInvoer,
    "triagebesluit": TriagebesluitInvoer,
    "triagebesluit-dienst": TriagebesluitInvoer,
    "triagebesluit-onvolledig": TriagebesluitInvoer,
    "vbs-verdeling": VbsVerdelingInvoer,
    "verdeling": VerdelingInvoer,
    "weigering": WeigeringInvoer,
}


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text(encoding="utf-8")


def missing_fields(body: dict[str, Any], soort: str) -> list[str]:
    document = body["overdrachtsdocument"]
    return [veld.veld for veld in BREDA.document_velden(soort) if veld.verplicht and veld.veld not in document]


def test_every_example_has_its_model() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(MODELS)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_an_example_is_what_its_post_takes(name: str) -> None:
    MODELS[name].model_validate_json(text_of(name))


@pytest.mark.parametrize("name", sorted(MODELS))
def test_an_example_with_a_misspelt_field_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="misspeld"):
        MODELS[name].model_validate_json(json.dumps(json.loads(text_of(name)) | {"misspeld": 1}))


def test_the_example_melding_is_advised_to_go_to_the_lokaal_team() -> None:
    melding = MeldingInvoer.model_validate_json(text_of("melding"))
    advies = evaluate_triage(BREDA, melding.known_feiten())
    assert (advies.uitkomst, advies.te_beoordelen) == ("directe-overdracht", ())


def test_the_example_documents_are_complete_and_the_incomplete_one_is_not() -> None:
    """MB 4.1, and after a dienst MB 4.3."""
    assert missing_fields(json.loads(text_of("triagebesluit")), "direct") == []
    assert missing_fields(json.loads(text_of("afronding")), "na-dienst") == []
    assert missing_fields(json.loads(text_of("triagebesluit-onvolledig")), "direct") == ["grootsteZorg", "verrijking"]


def test_the_examples_name_parties_that_the_sample_register_knows() -> None:
    register = parse_register(
        (DEPLOY / "register.toml").read_text(),
        bestand="register.toml",
        variabelen={"sandbox": "http://127.0.0.1:1"},
    )
    breda = register.gemeente("GM0758", on=ON)
    for name in ("triagebesluit", "afronding"):
        for ontvanger in json.loads(text_of(name))["ontvangers"]:
            assert ontvanger["gemeente"] == breda.code
            assert breda.team(ontvanger["team"]) is not None
    assert register.partij(json.loads(text_of("overname"))["door"]) is register.veilig_thuis("west-brabant")


def test_the_people_in_the_examples_do_not_exist() -> None:
    numbers = {found for name in MODELS for found in re.findall(r'"bsn": "(\d+)"', text_of(name))}
    assert numbers
    assert all(number.startswith("9999") and passes_bsn_check(number) for number in numbers)
    addresses = {found for name in MODELS for found in re.findall(r"[\w.]+@[\w.]+", text_of(name))}
    assert all(address.endswith(".example") for address in addresses)


def test_examples_are_written_in_the_case_of_the_api() -> None:
    keys = TypeAdapter(set[str])
    found = keys.validate_python({key for name in MODELS for key in re.findall(r'"(\w+)":', text_of(name))})
    assert {key for key in found if to_camel(key) != key} == set()
