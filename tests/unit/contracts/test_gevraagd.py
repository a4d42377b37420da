"""What a description asks of callers is what the hub takes: the verdict of the schema is that of the model."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from contracts.messages.documenten import Bijlage, Invoer, Melder
from contracts.messages.topics import Service
from services.cli.schemas.events import event_schema
from services.cli.schemas.files import EVENTS
from services.cli.schemas.openapi import openapi_documents
from services.handover.domain.invoer import AfleveringInvoer
from services.monitoring.domain.invoer import StagnatiestapInvoer
from services.triage.domain.invoer import MeldingInvoer, MeldpuntmeldingInvoer, OntvangerInvoer
from tests.unit.test_voorbeelden import MODELS, text_of
from tests.unit.triage.road import example

DOCUMENTS = openapi_documents()
ORDER = (Service.HANDOVER, Service.TRIAGE, Service.MONITORING)
DOOR = {"naam": "Robin Zandbak", "functie": "triagist"}
GEMEENTE, PARTIJ = {"gemeente": "GM0758"}, {"partij": "safegroup"}


def without(body: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != field}


def validator(name: str) -> Draft202012Validator:
    """Of a body by the name of its schema, in the first of the four that has it."""
    documents = (DOCUMENTS[service]["components"]["schemas"] for service in ORDER)
    schemas = next(schemas for schemas in documents if name in schemas)
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}})


def takes(model: type[Invoer], body: Any) -> bool:
    try:
        model.model_validate(body)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", sorted(MODELS))
def test_an_example_is_what_the_description_asks(name: str) -> None:
    body = MODELS[name].model_validate_json(text_of(name)).model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert [error.message for error in validator(MODELS[name].__name__).iter_errors(body)] == []


@pytest.mark.parametrize(
    ("model", "body", "is_taken"),
    [
        (OntvangerInvoer, GEMEENTE, True),
        (OntvangerInvoer, PARTIJ, True),
        (OntvangerInvoer, GEMEENTE | {"team": "breda-noord", "partij": None}, True),
        (OntvangerInvoer, PARTIJ | {"gemeente": None, "team": None}, True),
        (OntvangerInvoer, {}, False),
        (OntvangerInvoer, GEMEENTE | PARTIJ, False),
        (OntvangerInvoer, PARTIJ | {"team": "breda-noord"}, False),
        (OntvangerInvoer, {"team": "breda-noord"}, False),
        (OntvangerInvoer, {"gemeente": None, "partij": None}, False),
        (Melder, {"naam": " \t"}, False),
        (Melder, {"naam": " Robin "}, True),
        (Melder, {"naam": "Robin", "wilAnoniemBlijven": 0}, False),
        (Melder, {"naam": "Robin", "wilAnoniemBlijven": "ja"}, False),
        (AfleveringInvoer, {"opnieuw": "true"}, False),
        (AfleveringInvoer, {"opnieuw": True}, True),
        (StagnatiestapInvoer, {"door": DOOR, "stap": 3}, True),
        (StagnatiestapInvoer, {"door": DOOR, "stap": 3.0}, True),
        (StagnatiestapInvoer, {"door": DOOR, "stap": "3"}, False),
        (StagnatiestapInvoer, {"door": DOOR, "stap": True}, False),
        (StagnatiestapInvoer, {"door": DOOR, "stap": 10}, False),
        (MeldingInvoer, example("melding", ontvangenOp="2026-03-02T09:00:00Z"), True),
        (MeldingInvoer, example("melding", ontvangenOp=1772442000), False),
        (MeldingInvoer, example("melding", ontvangenOp="0999-03-02T09:00:00Z"), False),
        (MeldingInvoer, example("melding", ontvangenOp="3000-03-02T09:00:00Z"), False),
        (MeldpuntmeldingInvoer, example("meldpuntmelding", crisis="true"), False),
    ],
)
def test_schema_and_model_agree(model: type[Invoer], body: Any, *, is_taken: bool) -> None:
    assert takes(model, body) is is_taken
    assert validator(model.__name__).is_valid(body) is is_taken


GESPREK = {"uitkomst": "gehouden", "op": "2026-03-20T10:00:00Z"}


@pytest.mark.parametrize(
    ("name", "body", "is_allowed"),
    [
        ("Melder", {"wilAnoniemBlijven": True}, True),
        ("Melder", {"functie": "huisarts"}, False),
        ("Melder", {"naam": None, "wilAnoniemBlijven": False}, False),
        ("GespreksverslagInvoer", GESPREK | {"door": DOOR}, True),
        ("GespreksverslagInvoer", {"door": DOOR, "uitkomst": "gepland"}, False),
        ("GespreksverslagInvoer", {"door": DOOR, "uitkomst": "niet-haalbaar"}, False),
        ("GespreksverslagInvoer", GESPREK | {"door": DOOR, "uitkomst": "niet-haalbaar", "reden": "Ziek."}, False),
        ("GespreksverslagInvoer", {"door": DOOR, "uitkomst": "niet-haalbaar", "reden": "Ziek."}, True),
        ("FeitenAanvulling", {"vastgesteldDoor": DOOR, "feiten": {}}, False),
        ("FeitenAanvulling", {"vastgesteldDoor": DOOR, "feiten": {"stalking": None}}, False),
        ("FeitenAanvulling", {"vastgesteldDoor": DOOR, "feiten": {"stalking": False}}, True),
        ("AfrondingInvoer", {"afgerondDoor": DOOR}, False),
        ("AfrondingInvoer", {"afgerondDoor": DOOR, "redenGeenOverdracht": "Verhuisd."}, True),
        (
            "AfrondingInvoer",
            {"afgerondDoor": DOOR, "redenGeenOverdracht": "Verhuisd.", "ontvangers": [GEMEENTE]},
            False,
        ),
        ("AfrondingInvoer", example("afronding", redenGeenOverdracht="Verhuisd."), False),
        ("AfrondingInvoer", without(example("afronding"), "overdrachtsgesprek"), False),
        ("TriagebesluitInvoer", without(example("triagebesluit"), "overdrachtsdocument"), False),
        ("TriagebesluitInvoer", example("triagebesluit", besluit="geen-vervolg"), False),
        ("TriagebesluitInvoer", example("triagebesluit", ontvangers=[GEMEENTE, GEMEENTE]), False),
        ("TerugkoppelingInvoer", without(example("terugkoppeling"), "gedragsdeskundigeToelichting"), False),
        ("InformeringInvoer", {"medewerker": DOOR, "wijze": "telefoon", "brief": "betrokkenen-met-document"}, False),
        ("Betrokkene", {"naam": "Noor", "rol": "kind", "geboortedatum": "1899-12-31"}, False),
        ("Betrokkene", {"naam": "Noor\u0000", "rol": "kind"}, False),
        ("Betrokkene", {"naam": "Noor", "rol": "kind", "bsn": "99991200"}, False),
    ],
)
def test_a_description_tells_what_the_domain_refuses(name: str, body: Any, *, is_allowed: bool) -> None:
    """What the answers to these are is in the tests of each service."""
    assert validator(name).is_valid(body) is is_allowed


def test_an_event_promises_its_readers_what_it_promised_before() -> None:
    """What is asked of callers narrows no schema that was released."""
    for soort, event in EVENTS.items():
        assert "x-gevraagd" not in str(event_schema(event)), soort
    assert "x-gevraagd" not in str(DOCUMENTS)
    assert "x-gevraagd" in str(Bijlage.model_json_schema())
