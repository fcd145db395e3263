"""The JSON Schema of every event: the whole record as it stands in its topic."""

import json
from typing import Any

from services.contracts.envelope import Envelope, EventData
from services.contracts.topics import EVENT_CLASSES

#: Where the schemas are kept, within the checkout.
FOLDER = "services/contracts/schemas"


def written() -> dict[str, str]:
    """Give the schema of every event type as a file."""
    return {f"{FOLDER}/{kind}.json": as_text(schema_of(e)) for kind, e in EVENT_CLASSES.items()}


def schema_of(event: type[EventData]) -> dict[str, Any]:
    """Give the schema by which a record of this event type can be checked without our code."""
    schema = Envelope[event].model_json_schema(by_alias=True)
    schema["properties"]["type"] = {"const": event.TYPE, "title": "Type", "type": "string"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:dichtbij:schema:{event.TYPE}",
        **schema,
        "title": event.__name__,
        "description": (event.__doc__ or "").split("\n\n")[0],
    }


def as_text(document: object) -> str:
    """Write a JSON document so that a change to it shows as few changed lines."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
