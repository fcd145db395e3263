"""The page of events: every topic with its producer, its consumers and its events' fields."""

from typing import Any

from docs.writers.page import first_sentence, page, table
from docs.writers.schemas import schema_of
from services.contracts.envelope import Envelope, EventData
from services.contracts.topics import CATALOGUE, EVENT_CLASSES, PRIVATE_EVENTS, Topic

_LEAD = """\
What the services say to each other. Every record is a CloudEvent 1.0 in structured JSON, its key
is the event's `subject`, and it carries the headers `Correlation-Id`, `Timestamp` and
`Content-Type`. `stad` stands for the name of the installation. The machine-readable description is
[asyncapi.json](../services/contracts/asyncapi.json); each event links to its JSON Schema, and
[examples](../services/contracts/examples) are records as they stand in the log."""


_SCHEMAS = "../services/contracts/schemas"


def written() -> dict[str, str]:
    """Give the page as a file."""
    parts = [
        "## The envelope",
        first_sentence(Envelope.__doc__),
        _fields(_envelope_schema()),
        *(part for topic in CATALOGUE for part in _topic(topic)),
        "## Kept by a service",
        "Facts that a service writes into its own history and tells nobody.",
        *(part for event in PRIVATE_EVENTS for part in _event(event)),
        "## Parts of events",
        *_parts(),
    ]
    return {"docs/events.md": page("Events", _LEAD, "services/contracts", *parts)}


def _topic(topic: Topic) -> list[str]:
    kept = (
        f"for {topic.retention.days} days"
        if topic.retention
        else "the last event of each subject, until a tombstone clears it"
    )
    facts = [
        ("Producer", topic.producer),
        ("Consumers", ", ".join(topic.consumers)),
        ("Partitions", str(topic.partitions)),
        ("Kept", kept),
        ("Dead letters", ", ".join(f"`{topic.dead_name('stad', c)}`" for c in topic.consumers)),
    ]
    return [
        f"## `{topic.name('stad')}`",
        topic.sentence,
        table(("", ""), facts),
        *(part for event in topic.events for part in _event(event)),
    ]


def _event(event: type[EventData]) -> list[str]:
    schema = schema_of(event)
    return [
        f"### `{event.TYPE}`",
        f"{first_sentence(event.__doc__)} [Schema]({_SCHEMAS}/{event.TYPE}.json).",
        _fields(schema["$defs"][event.__name__]),
    ]


def _parts() -> list[str]:
    found: dict[str, dict[str, Any]] = {}
    for event in EVENT_CLASSES.values():
        found |= schema_of(event)["$defs"]
    records = {name: found[name] for name in sorted(set(found) - _event_names())}
    return [
        part
        for name, schema in records.items()
        for part in (f"### {name}", first_sentence(schema.get("description")), _fields(schema))
    ]


def _event_names() -> set[str]:
    return {event.__name__ for event in EVENT_CLASSES.values()}


def _envelope_schema() -> dict[str, Any]:
    schema = Envelope[EventData].model_json_schema(by_alias=True)
    schema["properties"]["data"] = {"type": "the fields of its type"}
    return schema


def _fields(schema: dict[str, Any]) -> str:
    needed = schema.get("required", ())
    return table(
        ("Field", "Type", "Needed"),
        (
            (f"`{name}`", _type(field), "yes" if name in needed else "no")
            for name, field in schema.get("properties", {}).items()
        ),
    )


def _type(field: dict[str, Any]) -> str:
    match field:
        case {"const": value}:
            named = f"`{value}`"
        case {"enum": values}:
            named = " or ".join(f"`{value}`" for value in values)
        case {"$ref": target}:
            named = f"[{_last(target)}](#{_last(target).lower()})"
        case {"anyOf": choices}:
            named = " or ".join(_type(choice) for choice in choices if choice.get("type") != "null")
        case {"type": "array", "items": items}:
            named = f"list of {_type(items)}"
        case {"type": "object", "additionalProperties": {"type": kind}}:
            named = f"{kind} by language"
        case _:
            named = str(field.get("format") or field.get("type", "any"))
    return named


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
