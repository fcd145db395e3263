import json
from collections.abc import Mapping
from typing import Any, cast, get_args, get_type_hints

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from services.contracts.envelope import Envelope, EventData, read_envelope
from services.contracts.topics import CATALOGUE, EVENT_CLASSES, TOPIC_OF
from services.gallery import stream as gallery
from services.ingest import stream as ingest
from services.ingest.app import TABLES
from services.moderation import stream as moderation
from tests.records import EXAMPLES, Example, examples_of, schema_path

SUBSCRIPTIONS: dict[str, Mapping[type[EventData], Any]] = {
    "ingest": ingest.SUBSCRIPTIONS,
    "moderation": moderation.SUBSCRIPTIONS,
    "gallery": gallery.SUBSCRIPTIONS,
}
HEARD = [
    pytest.param(service, event, handler, id=f"{service} {event.TYPE}")
    for service, subscriptions in SUBSCRIPTIONS.items()
    for event, handler in subscriptions.items()
]
#: Gallery's web processes read their own topic by a tail, not by an agent.
TAILS = {("gallery", "galleries")}


def faults_of(kind: str, record: object) -> list[str]:
    schema = json.loads(schema_path(kind).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    # The validator's own types leave what it reads partly unknown.
    validator: Any = Draft202012Validator(schema, format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(record)]


def is_within(part: Any, whole: Any) -> bool:
    """Whether everything that an example says is still said: new optional fields may be there."""
    if isinstance(part, dict):
        said = cast("dict[str, Any]", part)
        return all(k in whole and is_within(v, whole[k]) for k, v in said.items())
    if isinstance(part, list):
        listed = cast("list[Any]", part)
        return len(listed) == len(whole) and all(map(is_within, listed, whole))
    return part == whole


@pytest.mark.parametrize("kind", sorted(EVENT_CLASSES))
def test_every_event_type_has_an_example(kind: str) -> None:
    assert examples_of(kind)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_is_what_a_producer_writes(example: Example) -> None:
    compact = json.dumps(json.loads(example.wire), ensure_ascii=False, separators=(",", ":"))

    assert example.wire == compact.encode()


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_fits_the_schema_of_its_type(example: Example) -> None:
    assert faults_of(example.kind, json.loads(example.wire)) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_is_read_and_written_without_loss(example: Example) -> None:
    event = read_envelope(example.wire, EVENT_CLASSES)

    assert type(event.data) is EVENT_CLASSES[example.kind]
    assert is_within(json.loads(example.wire), json.loads(event.to_wire()))


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_schema_of_a_type_refuses_an_example_without_its_data(example: Example) -> None:
    record = json.loads(example.wire)
    field = next(iter(record["data"]))

    without_data = record | {"data": {k: v for k, v in record["data"].items() if k != field}}

    assert faults_of(example.kind, without_data)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_a_later_producers_unknown_fields_change_nothing(example: Example) -> None:
    record = json.loads(example.wire)
    grown = record | {"later": 1, "data": record["data"] | {"later": {"deep": [1, None]}}}

    read = read_envelope(json.dumps(grown).encode(), EVENT_CLASSES)

    assert read == read_envelope(example.wire, EVENT_CLASSES)


@pytest.mark.parametrize(("service", "event", "handler"), HEARD)
def test_a_consumer_reads_every_example_it_subscribes_to(
    service: str, event: type[EventData], handler: object
) -> None:
    hint = get_type_hints(handler)["event"]
    declared = [of.__pydantic_generic_metadata__["args"][0] for of in get_args(hint) or (hint,)]

    assert event in declared, f"{service} takes another event than the one it subscribed to"
    for example in examples_of(event.TYPE):
        heard = read_envelope(example.wire, EVENT_CLASSES)
        assert Envelope[event].model_validate_json(example.wire).data == heard.data


def test_the_catalogue_names_exactly_the_services_that_listen() -> None:
    readers = {
        (service, TOPIC_OF[event.TYPE].subject)
        for service, subscriptions in SUBSCRIPTIONS.items()
        for event in subscriptions
    }
    readers |= {("ingest", TOPIC_OF[event.TYPE].subject) for event, _ in TABLES.feeds.values()}

    declared = {(consumer, topic.subject) for topic in CATALOGUE for consumer in topic.consumers}

    assert readers | TAILS == declared


def test_no_event_travels_on_two_topics() -> None:
    travelling = [event for topic in CATALOGUE for event in topic.events]

    assert len(travelling) == len(set(travelling))
