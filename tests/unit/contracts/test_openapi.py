"""The published APIs keep the NL API Design Rules that can be seen in their description."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from contracts.messages.topics import Service
from services.cli.schemas.files import SCHEMAS

DOCUMENTS: dict[Service, dict[str, Any]] = {
    service: orjson.loads((SCHEMAS / "openapi" / f"{service.value}.json").read_bytes()) for service in Service
}
"""As published. That this is what the services themselves say is in `test_schemas`."""

METHODS = {"get", "post", "put", "patch", "delete"}
SEGMENT = re.compile(r"[a-z]+(-[a-z]+)*|\{[a-z][A-Za-z0-9]*\}")
CAMEL = re.compile(r"[a-z][A-Za-z0-9]*")


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for service, document in DOCUMENTS.items():
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if method in METHODS:
                    yield f"{service.value}: {method.upper()} {path}", operation


OPERATIONS = dict(_operations())


@pytest.mark.parametrize("service", Service)
def test_an_api_says_its_version_its_contact_and_where_it_is(service: Service) -> None:
    document = DOCUMENTS[service]
    assert document["openapi"].startswith("3.")
    assert re.fullmatch(r"\d+\.\d+\.\d+", document["info"]["version"])
    contact = document["info"]["contact"]
    assert contact.keys() >= {"name", "url", "email"}
    assert re.fullmatch(r"[^@\s]+@[^@\s]+", contact["email"])
    major = document["info"]["version"].partition(".")[0]
    assert [server["url"].rpartition("/")[2] for server in document["servers"]] == [f"v{major}"]


def test_paths_are_kebab_case_and_end_without_a_slash() -> None:
    wrong = [
        f"{service.value}: {path}"
        for service, document in DOCUMENTS.items()
        for path in document["paths"]
        if path.endswith("/") or not all(SEGMENT.fullmatch(part) for part in path.strip("/").split("/"))
    ]
    assert wrong == []


def test_parameters_in_path_and_query_are_camel_case() -> None:
    wrong = [
        f"{name}: {parameter['name']}"
        for name, operation in OPERATIONS.items()
        for parameter in operation.get("parameters", [])
        if parameter.get("in") in {"path", "query"} and not CAMEL.fullmatch(parameter["name"])
    ]
    assert wrong == []


OF_OTHERS = {"Sleutel.key_ops"}
"""Names that a standard gives (JWK, RFC 7517)."""


def test_fields_are_camel_case() -> None:
    wrong = [
        f"{service.value}: {name}.{field}"
        for service, document in DOCUMENTS.items()
        for name, schema in document.get("components", {}).get("schemas", {}).items()
        for field in schema.get("properties", {})
        if not CAMEL.fullmatch(field) and f"{name}.{field}" not in OF_OTHERS
    ]
    assert wrong == []


def test_nothing_about_a_person_is_asked_in_an_address() -> None:
    """A URI is logged by everything between caller and hub."""
    personal = re.compile(r"bsn|naam|geboorte|telefoon|email|postcode|huisnummer", re.IGNORECASE)
    asked = [
        f"{name}: {parameter['name']}"
        for name, operation in OPERATIONS.items()
        for parameter in operation.get("parameters", [])
        if parameter.get("in") in {"path", "query"} and personal.search(parameter["name"])
    ]
    assert asked == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_what_it_does_and_answers_errors_as_problems(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation.get("summary")
    errors = {status: response for status, response in operation["responses"].items() if status[0] in "45"}
    assert {"400", "401", "403", "404"} <= errors.keys()
    assert [
        status for status, response in errors.items() if "application/problem+json" not in response["content"]
    ] == []


CALLBACKS = {
    "handover: POST /notificaties",
    "handover: POST /onbestelbare-mails",
    "notifier: POST /onbestelbare-mails",
}
"""Their form is that of a standard of others."""


@pytest.mark.parametrize(
    "name",
    [name for name in OPERATIONS if " POST " in f" {name.split(': ')[1]} " and name not in CALLBACKS],
)
def test_a_create_call_answers_201_and_takes_an_idempotency_key(name: str) -> None:
    operation = OPERATIONS[name]
    assert "201" in operation["responses"]
    assert "422" in operation["responses"]
    assert {"$ref": "#/components/parameters/Idempotency-Key"} in operation["parameters"]
    for document in DOCUMENTS.values():
        assert document["components"]["parameters"]["Idempotency-Key"]["in"] == "header"


@pytest.mark.parametrize("name", sorted(CALLBACKS))
def test_a_callback_answers_204_and_asks_for_no_key_that_its_sender_does_not_know(name: str) -> None:
    """STANDARDS: a notificatie has no id; it is recognised by its words."""
    operation = OPERATIONS[name]
    assert "204" in operation["responses"]
    assert "parameters" not in operation


NOUN = re.compile(r"([A-Z][a-z]+)+")


@pytest.mark.parametrize("service", Service)
def test_a_schema_is_called_by_a_noun_and_not_by_where_its_code_stands(service: Service) -> None:
    assert [name for name in DOCUMENTS[service]["components"]["schemas"] if not NOUN.fullmatch(name)] == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_tells_the_version_and_every_error_what_is_wrong(name: str) -> None:
    service = Service(name.partition(":")[0])
    components = DOCUMENTS[service]["components"]
    responses = OPERATIONS[name]["responses"]
    assert [status for status, response in responses.items() if "API-Version" not in response["headers"]] == []
    problem = components["schemas"]["Probleem"]
    assert {"status", "title", "detail"} <= set(problem["required"])
    for status, response in responses.items():
        if status[0] in "45":
            schema = response["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Probleem"}, status


def test_what_is_called_a_date_is_a_date() -> None:
    """And a moment has its zone: `date-time`, never a local one."""
    formats = {
        f"{service.value}: {name}.{field}": str(found)
        for service, document in DOCUMENTS.items()
        for name, schema in document["components"]["schemas"].items()
        for field, found in schema.get("properties", {}).items()
        if re.search(r"(^d|D)(atum|ate)$|datum$|Dag$", field) or "'format': 'time'" in str(found)
    }
    of_others = "handover: Notificatie.aanmaakdatum"  # ZGW: a moment with that name
    assert "'date-time'" in formats.pop(of_others)
    assert formats.keys() == {"handover: Betrokkene.geboortedatum", "monitoring: Termijnberekening.laatsteDag"} | {
        "triage: Betrokkene.geboortedatum"
    }
    assert all("'format': 'date'" in found for found in formats.values())


PLACEHOLDER = re.compile(r"\{([^}]+)\}")


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_parts_of_a_path_are_described_and_bounded_as_everything_that_is_asked(name: str) -> None:
    """A parameter has a closed set, a form, a format, limits or two values: nothing is any text."""
    parameters = [parameter for parameter in OPERATIONS[name].get("parameters", []) if "$ref" not in parameter]
    in_path = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
    assert in_path == set(PLACEHOLDER.findall(name))
    service = Service(name.partition(":")[0])
    unbounded = [parameter["name"] for parameter in parameters if not _is_bounded(parameter["schema"], service)]
    assert unbounded == []


def _is_bounded(schema: dict[str, Any], service: Service) -> bool:
    if "anyOf" in schema:
        return all(_is_bounded(variant, service) for variant in schema["anyOf"])
    if "$ref" in schema:
        return _is_bounded(DOCUMENTS[service]["components"]["schemas"][schema["$ref"].rpartition("/")[2]], service)
    if schema["type"] in {"boolean", "null"}:
        return True
    return bool(schema.keys() & {"enum", "const", "pattern", "format"}) or {"minimum", "maximum"} <= schema.keys()


def test_a_key_of_a_repeated_call_has_its_form() -> None:
    for document in DOCUMENTS.values():
        schema = document["components"]["parameters"]["Idempotency-Key"]["schema"]
        assert (schema["minLength"], schema["maxLength"]) == (1, 200)
        for key, is_one in (("a", True), ("a b", True), (" a", False), ("a ", False), ("é", False), ("a\tb", False)):
            assert bool(re.search(schema["pattern"], key)) is is_one, key


def test_operations_have_ids_of_their_own() -> None:
    for document in DOCUMENTS.values():
        ids = [
            operation["operationId"]
            for methods in document["paths"].values()
            for method, operation in methods.items()
            if method in METHODS
        ]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("service", Service)
def test_every_pattern_can_be_read(service: Service) -> None:
    written = (SCHEMAS / "openapi" / f"{service.value}.json").read_text(encoding="utf-8")
    patterns: list[str] = [orjson.loads(text) for text in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', written)]
    assert patterns
    assert all(re.compile(pattern) for pattern in patterns)


@pytest.mark.parametrize(
    ("disposition", "is_one"),
    [
        ("attachment; filename=bijlage.txt", True),
        ('attachment; filename="Verslag huisbezoek.pdf"', True),
        ("attachment; filename*=UTF-8''Verslag%20huisbezoek-1.pdf", True),
        ('attachment; filename=".verborgen.pdf"', False),
        ('attachment; filename="../a.pdf"', False),
        ("attachment", False),
        ("inline; filename=a.pdf", False),
    ],
)
def test_the_name_of_a_file_is_described(disposition: str, *, is_one: bool) -> None:
    parameters = OPERATIONS["handover: POST /casussen/{id}/bijlagen"]["parameters"]
    (asked,) = (parameter for parameter in parameters if parameter.get("name") == "Content-Disposition")
    assert bool(re.search(asked["schema"]["pattern"], disposition)) is is_one
