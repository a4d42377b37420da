"""The committed schemas are what the contracts say, and keep what was released."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from typer.testing import CliRunner

from contracts.messages.envelope import decode, encode
from contracts.messages.topics import CATALOGUE, TOPICS, WEBHOOKS, Service, topics_for
from services.cli.schemas import app, files
from services.cli.schemas.asyncapi import asyncapi
from services.cli.schemas.events import event_schema
from services.cli.schemas.openapi import openapi_documents
from tests.builders import build, cloud_event


def test_the_committed_schemas_are_what_the_contracts_say() -> None:
    """`houvast schemas write` makes them so; the change then shows in review."""
    assert files.differences(files.SCHEMAS) == []


def test_nothing_that_was_released_is_broken() -> None:
    assert files.broken_promises(files.SCHEMAS) == []


def test_the_same_contracts_give_the_same_text() -> None:
    first = files.generate()
    event_schema.cache_clear()
    openapi_documents.cache_clear()
    assert files.generate() == first


def test_a_schema_refuses_what_the_contract_refuses() -> None:
    """The schema is no looser than the reader on what a sender most often gets wrong."""
    soort = "nl.sociaaldomein.meldingen.melding-ontvangen.v1"
    document = orjson.loads(encode(cloud_event(build(CATALOGUE[soort]))))
    validator = jsonschema.Draft202012Validator(event_schema(CATALOGUE[soort]))
    assert validator.is_valid(document)
    for change in (
        {"gemeente": "Breda"},
        {"urgentie": "haast"},
        {"aantalBetrokkenen": "drie"},
        {"persoonsgegevens": "open"},
    ):
        broken = document | {"data": document["data"] | change}
        assert not validator.is_valid(broken), change
    assert not validator.is_valid({key: value for key, value in document.items() if key != "subject"})


def test_a_schema_allows_fields_of_later_versions() -> None:
    for soort, event in files.EVENTS.items():
        document = orjson.loads(encode(cloud_event(build(event))))
        document["data"]["laterVeld"] = {"laterVeld": 1}
        validator = jsonschema.Draft202012Validator(event_schema(event))
        assert validator.is_valid(document), soort
        assert "additionalProperties" not in json.dumps(event_schema(event)).replace('"additionalProperties": true', "")


def test_every_event_and_field_group_says_what_it_means() -> None:
    """A description is the docstring of the class: none may be missing, none may name a field as Python does."""
    for soort, event in files.EVENTS.items():
        schema = event_schema(event)
        described = [schema, *schema.get("$defs", {}).values()]
        assert all(part.get("description") for part in described), soort
        assert not any("_" in part["description"] for part in described), soort


class TestAsyncApi:
    @pytest.fixture(name="document")
    def _document(self) -> dict[str, Any]:
        return asyncapi("1.2.3")

    def test_it_holds_every_topic_and_event(self, document: dict[str, Any]) -> None:
        assert list(document["channels"]) == [topic.name for topic in TOPICS]
        assert {message["name"] for message in document["components"]["messages"].values()} == set(CATALOGUE)

    def test_every_message_says_how_it_is_recognised_as_a_cloud_event(self, document: dict[str, Any]) -> None:
        """The Kafka binding of CloudEvents: structured mode is told by this header."""
        for message in document["components"]["messages"].values():
            header = message["headers"]["properties"]["content-type"]
            assert header["const"] == "application/cloudevents+json; charset=UTF-8"

    def test_every_reference_leads_somewhere(self, document: dict[str, Any]) -> None:
        references = _references(document)
        assert references
        for reference in references:
            if reference.startswith("#/"):
                assert _found(document, reference), reference
            else:
                assert (files.SCHEMAS / reference).is_file(), reference

    def test_a_service_sends_and_receives_what_the_map_says(self, document: dict[str, Any]) -> None:
        operations = document["operations"]
        for service in Service:
            received = [name for name in operations if name.startswith(f"{service.value}.receive.")]
            assert received == [f"{service.value}.receive.{topic.name}" for topic in topics_for(service)]
        assert operations["triage.send.houvast.triage.v1"]["action"] == "send"
        assert not [name for name in operations if ".send.houvast.meldpunt.in.v1" in name]


def test_every_event_is_on_one_topic_or_leaves_by_webhook() -> None:
    published = [event for topic in TOPICS for event in topic.events] + list(WEBHOOKS)
    assert len(published) == len(set(published)) == len({event.soort for event in published})
    assert len({event.__name__ for event in published}) == len(published)


def test_a_topic_has_an_owner_or_names_its_guests() -> None:
    for topic in TOPICS:
        assert not (topic.owner and topic.guests), topic.name
        assert topic.senders or topic.name == "houvast.meldpunt.in.v1", topic.name


class TestCommands:
    def test_write_makes_an_empty_folder_complete(self, tmp_path: Path) -> None:
        assert CliRunner().invoke(app, ["write", "--folder", str(tmp_path)]).exit_code == 0
        assert files.differences(tmp_path) == []
        assert CliRunner().invoke(app, ["check", "--folder", str(tmp_path)]).exit_code == 0

    def test_check_names_every_file_that_is_not_right(self, tmp_path: Path) -> None:
        files.write(tmp_path)
        (tmp_path / "asyncapi.json").unlink()
        left_over = tmp_path / "events" / "nl.sociaaldomein.oud.v1.json"
        left_over.write_text("{}", encoding="utf-8")
        drifted = tmp_path / "events" / f"{min(CATALOGUE)}.json"
        drifted.write_text("{}", encoding="utf-8")
        result = CliRunner().invoke(app, ["check", "--folder", str(tmp_path)])
        assert result.exit_code == 1
        assert "asyncapi.json: ontbreekt" in result.output
        assert "nl.sociaaldomein.oud.v1.json: hoort nergens meer bij" in result.output
        assert f"{min(CATALOGUE)}.json: is niet wat de contracten zeggen" in result.output
        (tmp_path / "asyncapi.json").write_text("{}", encoding="utf-8")
        assert "3 bestanden bijgewerkt." in CliRunner().invoke(app, ["write", "--folder", str(tmp_path)]).output
        (tmp_path / "asyncapi.json").unlink()
        assert "1 bestand bijgewerkt." in CliRunner().invoke(app, ["write", "--folder", str(tmp_path)]).output
        assert not left_over.exists()
        assert files.differences(tmp_path) == []

    def test_a_released_promise_holds_check_and_release_back(self, tmp_path: Path) -> None:
        files.write(tmp_path)
        assert CliRunner().invoke(app, ["release", "--folder", str(tmp_path)]).exit_code == 0
        promised = tmp_path / "released" / "events" / "nl.sociaaldomein.meldingen.melding-ontvangen.v1.json"
        schema = json.loads(promised.read_text(encoding="utf-8"))
        schema["properties"]["data"]["properties"]["weggelaten"] = {"type": "string"}
        promised.write_text(json.dumps(schema), encoding="utf-8")
        (promised.parent / "nl.sociaaldomein.vroeger.gebeurd.v1.json").write_text("{}", encoding="utf-8")
        for command in ("check", "release"):
            result = CliRunner().invoke(app, [command, "--folder", str(tmp_path)])
            assert result.exit_code == 1, command
            assert "melding-ontvangen.v1: $.data.weggelaten: field removed" in result.output
            assert "vroeger.gebeurd.v1: the event is gone" in result.output


def test_a_record_that_satisfies_the_released_schema_is_still_read() -> None:
    """The promise, by example: what a sender builds by the schema alone is an event."""
    for soort, event in files.EVENTS.items():
        raw = encode(cloud_event(build(event)))
        assert jsonschema.Draft202012Validator(event_schema(event)).is_valid(orjson.loads(raw)), soort
        assert decode(raw, files.EVENTS).data.soort == soort


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []


def _found(document: Any, reference: str) -> bool:
    for part in reference.removeprefix("#/").split("/"):
        if part not in document:
            return False
        document = document[part]
    return True
