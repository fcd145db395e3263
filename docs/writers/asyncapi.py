"""The AsyncAPI 3 document: which topics there are, who says what on them and who hears it."""

import re
from typing import Any, cast

from docs.writers.schemas import as_text
from services.chassis.kafka import declared_topics
from services.chassis.settings import ServiceSettings
from services.contracts.envelope import EventData
from services.contracts.topics import CATALOGUE, ServiceName, Topic

#: Where the document is kept, within the checkout; schemas are referred to from there.
PATH = "services/contracts/asyncapi.json"
#: The binding of AsyncAPI for Kafka that the document is written to.
_BINDING = "0.5.0"
_SERVICES: tuple[ServiceName, ...] = ("ingest", "moderation", "gallery")


def written() -> dict[str, str]:
    """Give the document as a file."""
    return {PATH: as_text(document())}


def document() -> dict[str, Any]:
    """Describe every topic of the catalogue."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:dichtbij:events",
        "info": {
            "title": "Dichtbij events",
            "version": "1",
            "description": "What the services say to each other. Every record is a CloudEvent in"
            " structured JSON; its key is the subject of the event.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {topic.subject: _channel(topic) for topic in CATALOGUE},
        "operations": dict(_operations()),
        "components": {
            "messages": {_name(e): _message(e) for topic in CATALOGUE for e in topic.events},
            "messageTraits": {"record": _TRAIT},
        },
    }


_TRAIT: dict[str, Any] = {
    "headers": {
        "type": "object",
        "required": ["Correlation-Id", "Timestamp", "Content-Type"],
        "properties": {
            "Correlation-Id": {
                "type": "string",
                "description": "The same for all events that one action led to.",
            },
            "Timestamp": {"type": "string", "format": "date-time"},
            "Content-Type": {"const": "application/cloudevents+json; charset=utf-8"},
        },
    },
    "correlationId": {"location": "$message.header#/Correlation-Id"},
    "bindings": {
        "kafka": {
            "key": {"type": "string", "description": "The subject: what the event is about."},
            "bindingVersion": _BINDING,
        }
    },
}


def _channel(topic: Topic) -> dict[str, Any]:
    tenant = {"description": "The name of the installation, DICHTBIJ_TENANT.", "default": "stad"}
    return {
        "address": topic.name("{tenant}"),
        "description": topic.sentence,
        "parameters": {"tenant": tenant},
        "messages": {_name(e): {"$ref": f"#/components/messages/{_name(e)}"} for e in topic.events},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": _configuration(topic),
                "bindingVersion": _BINDING,
            }
        },
    }


def _configuration(topic: Topic) -> dict[str, Any]:
    """Give what the topic is created with, as the binding types it."""
    named = topic.name("stad")
    settings = ServiceSettings.model_construct(tenant="stad", kafka_replication=1)
    [created] = [t for t in declared_topics(settings, {}) if t.name == named]
    given = cast("dict[str, str]", created.topic_configs)  # pyright: ignore[reportUnknownMemberType]
    configuration: dict[str, Any] = {}
    for key, value in given.items():
        if key == "cleanup.policy":
            configuration[key] = value.split(",")
        elif re.fullmatch(r"\d+", value):
            configuration[key] = int(value)
    return configuration


def _message(event: type[EventData]) -> dict[str, Any]:
    return {
        "name": event.TYPE,
        "title": event.__name__,
        "summary": (event.__doc__ or "").split("\n\n")[0],
        "contentType": "application/cloudevents+json",
        "traits": [{"$ref": "#/components/messageTraits/record"}],
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"schemas/{event.TYPE}.json"},
        },
    }


def _operations() -> list[tuple[str, dict[str, Any]]]:
    operations: list[tuple[str, dict[str, Any]]] = []
    for topic in CATALOGUE:
        channel = {"$ref": f"#/channels/{topic.subject}"}
        for service in _SERVICES:
            if service == topic.producer:
                said = {"action": "send", "channel": channel, "tags": [{"name": service}]}
                operations.append((f"{service}-says-{topic.subject}", said))
            if service in topic.consumers:
                heard = {"action": "receive", "channel": channel, "tags": [{"name": service}]}
                operations.append((f"{service}-hears-{topic.subject}", heard))
    return operations


def _name(event: type[EventData]) -> str:
    return event.__name__
