import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from docs.writers.compatibility import breaks
from docs.writers.schemas import schema_of
from services.contracts.topics import EVENT_CLASSES
from tests.records import schema_path

Schema = dict[str, Any]

SCHEMA: Schema = schema_of(EVENT_CLASSES["dichtbij.item.received.v1"])


def fields(schema: Schema, record: str = "Item") -> Schema:
    return schema["$defs"][record]["properties"]


def remove_a_field(schema: Schema) -> None:
    del fields(schema)["text"]
    schema["$defs"]["Item"]["required"].remove("text")


def remove_an_optional_field(schema: Schema) -> None:
    del fields(schema)["url"]


def demand_a_new_field(schema: Schema) -> None:
    fields(schema)["mood"] = {"type": "string"}
    schema["$defs"]["Item"]["required"].append("mood")


def demand_an_optional_field(schema: Schema) -> None:
    schema["$defs"]["Item"]["required"].append("url")


def relax_a_needed_field(schema: Schema) -> None:
    schema["$defs"]["Item"]["required"].remove("author")


def change_a_type(schema: Schema) -> None:
    fields(schema)["revision"]["type"] = "string"


def change_a_type_deep_inside(schema: Schema) -> None:
    fields(schema, "Rendition")["width"]["type"] = "number"


def change_a_type_inside_an_optional_record(schema: Schema) -> None:
    fields(schema, "Consent")["made"]["type"] = "string"


def add_a_choice(schema: Schema) -> None:
    fields(schema)["kind"]["enum"].append("map")


def rename_a_type_constant(schema: Schema) -> None:
    schema["properties"]["type"]["const"] = "dichtbij.item.arrived.v1"


def forbid_null(schema: Schema) -> None:
    del fields(schema)["url"]["anyOf"][1]


def remove_an_attribute_of_the_envelope(schema: Schema) -> None:
    del schema["properties"]["causationid"]


def add_an_optional_field(schema: Schema) -> None:
    fields(schema)["mood"] = {"type": "string", "default": ""}


def add_an_optional_record(schema: Schema) -> None:
    schema["$defs"]["Mood"] = {"type": "object", "properties": {"word": {"type": "string"}}}
    fields(schema)["mood"] = {"$ref": "#/$defs/Mood"}


def explain_better(schema: Schema) -> None:
    fields(schema)["text"]["description"] = "What the author wrote."
    schema["description"] = "Another sentence."


def rename_a_record(schema: Schema) -> None:
    schema["$defs"]["Picture"] = schema["$defs"].pop("Attachment")
    fields(schema)["attachments"]["items"]["$ref"] = "#/$defs/Picture"


def changed(by: Callable[[Schema], None]) -> Schema:
    schema = deepcopy(SCHEMA)
    by(schema)
    return schema


@pytest.mark.parametrize("kind", sorted(EVENT_CLASSES))
def test_an_event_has_only_grown_since_its_schema_was_checked_in(kind: str) -> None:
    before = json.loads(schema_path(kind).read_text(encoding="utf-8"))

    assert breaks(before, schema_of(EVENT_CLASSES[kind])) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (remove_a_field, "loses the field text"),
        (remove_an_optional_field, "loses the field url"),
        (demand_a_new_field, "demands the field mood"),
        (demand_an_optional_field, "demands the field url"),
        (relax_a_needed_field, "may lack the field author"),
        (change_a_type, "revision type changed from integer to string"),
        (change_a_type_deep_inside, "width type changed from integer to number"),
        (change_a_type_inside_an_optional_record, "made type changed from boolean to string"),
        (add_a_choice, "kind enum changed"),
        (rename_a_type_constant, "type const changed"),
        (forbid_null, "url anyOf changed"),
        (remove_an_attribute_of_the_envelope, "loses the field causationid"),
    ],
)
def test_a_breaking_change_is_named(change: Callable[[Schema], None], said: str) -> None:
    [fault] = breaks(SCHEMA, changed(change))

    assert said in fault


@pytest.mark.parametrize(
    "change", [add_an_optional_field, add_an_optional_record, explain_better, rename_a_record]
)
def test_growing_and_explaining_break_nothing(change: Callable[[Schema], None]) -> None:
    assert breaks(SCHEMA, changed(change)) == []
