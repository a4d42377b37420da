"""The map of topics as AsyncAPI 3.0: channels are topics, and each service sends to and receives from them."""

from collections.abc import Iterable
from typing import Any

from contracts.messages.envelope import CONTENT_TYPE, KAFKA_CONTENT_TYPE, Gebeurtenis
from contracts.messages.topics import TOPICS, Service, Topic

JsonObject = dict[str, Any]

_HEADERS: JsonObject = {
    "type": "object",
    "properties": {
        "content-type": {
            "const": KAFKA_CONTENT_TYPE,
            "description": "On every record of the hub: CloudEvents in structured mode. It need not be on yours.",
        }
    },
}
SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"


def asyncapi(version: str) -> JsonObject:
    """The whole map. Schemas stay in `events/`, one file per event."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Houvast",
            "version": version,
            "description": (
                "Everything that travels between the services of Houvast: CloudEvents 1.0 in structured JSON, by the "
                "NL GOV profile. The key of every record is the casusId, so events of one case keep their order. "
                "A message grows by optional fields; anything else is a new type. Personal data travels only inside "
                "a sealed field."
            ),
            "license": {"name": "EUPL-1.2", "url": "https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": dict(_operations(TOPICS)),
        "components": {
            "messages": {event.__name__: _message(event) for topic in TOPICS for event in topic.events},
        },
    }


def _channel(topic: Topic) -> JsonObject:
    return {
        "address": topic.name,
        "description": _sentence(topic),
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"} for event in topic.events},
        "bindings": {"kafka": {"topic": topic.name, "bindingVersion": "0.5.0"}},
    }


def _sentence(topic: Topic) -> str:
    senders = _names(topic.senders) or "systems outside the hub"
    listeners = _names(topic.listeners) or "nobody inside the hub"
    return f"Published by {senders}; read by {listeners}."


def _names(services: Iterable[Service]) -> str:
    return ", ".join(service.value for service in services)


def _operations(topics: Iterable[Topic]) -> Iterable[tuple[str, JsonObject]]:
    for topic in topics:
        for service in topic.senders:
            yield f"{service.value}.send.{topic.name}", _operation("send", service, topic)
        for service in topic.listeners:
            yield f"{service.value}.receive.{topic.name}", _operation("receive", service, topic)


def _operation(action: str, service: Service, topic: Topic) -> JsonObject:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/" + topic.name},
        "tags": [{"name": service.value}],
        "messages": [{"$ref": f"#/channels/{topic.name}/messages/{event.__name__}"} for event in topic.events],
    }


def _message(event: type[Gebeurtenis]) -> JsonObject:
    return {
        "name": event.soort,
        "title": event.__name__,
        "contentType": CONTENT_TYPE,
        "headers": _HEADERS,
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": {"$ref": f"./events/{event.soort}.json"}},
        "correlationId": {"description": "The casusId.", "location": "$message.payload#/subject"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "format": "uuid", "description": "The casusId."},
                "bindingVersion": "0.5.0",
            }
        },
    }
