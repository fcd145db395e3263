import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.envelope import Envelope, EventData, UnreadableEventError, read_envelope
from services.contracts.ingest import SubmissionReceived
from services.contracts.moderation import ReviewDecided
from services.contracts.topics import EVENT_CLASSES
from tests.records import EXAMPLES, Example

WORDS = st.text(max_size=40)
MAYBE = st.none() | WORDS
MOMENTS = st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001 - the strategy adds the zones
    datetime(9000, 1, 1),  # noqa: DTZ001 - the strategy adds the zones
    timezones=st.sampled_from(
        [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30))]
    ),
)
AUTHORS = st.fixed_dictionaries({"key": MAYBE, "handle": MAYBE, "name": MAYBE})
TAGS = st.fixed_dictionaries({"as_written": WORDS, "key": WORDS, "origin": st.just("text")})
MEDIA = st.fixed_dictionaries({"original": MAYBE, "alt": MAYBE})
DECISIONS: st.SearchStrategy[EventData] = st.fixed_dictionaries(
    {
        "item": WORDS,
        "campaign": WORDS,
        "before": st.just("pending"),
        "after": st.sampled_from(["approved", "rejected", "taken-down"]),
        "reasons": st.lists(WORDS, max_size=3),
    }
).map(ReviewDecided.model_validate)
SUBMISSIONS: st.SearchStrategy[EventData] = st.fixed_dictionaries(
    {
        "item": WORDS,
        "campaign": WORDS,
        "source": WORDS,
        "connector": WORDS,
        "native_id": WORDS,
        "revision": st.integers(0, 2**53),
        "author": AUTHORS,
        "text": WORDS,
        "tags": st.lists(TAGS, max_size=3),
        "media": st.lists(MEDIA, max_size=3),
        "published_at": st.none() | MOMENTS,
        "observed_at": MOMENTS,
    }
).map(SubmissionReceived.model_validate)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def envelopes(draw: st.DrawFn) -> Envelope[EventData]:
    data = draw(DECISIONS | SUBMISSIONS)
    return Envelope[EventData](
        id=draw(WORDS),
        source=draw(WORDS),
        type=data.TYPE,
        subject=draw(WORDS),
        time=draw(MOMENTS),
        subjectversion=draw(st.integers(1, 2**53)),
        correlationid=draw(WORDS),
        causationid=draw(MAYBE),
        actor=draw(WORDS),
        traceparent=draw(MAYBE),
        data=data,
    )


def an_example(kind: str = "dichtbij.item.received.v1") -> dict[str, Any]:
    return json.loads(next(e.wire for e in EXAMPLES if e.kind == kind))


def read(record: object) -> Envelope[EventData]:
    return read_envelope(json.dumps(record).encode(), EVENT_CLASSES)


@given(envelopes())
def test_what_is_written_is_read_again(event: Envelope[EventData]) -> None:
    assert read_envelope(event.to_wire(), EVENT_CLASSES) == event


@given(st.binary(max_size=200))
def test_random_bytes_are_unreadable_and_nothing_worse(wire: bytes) -> None:
    with pytest.raises(UnreadableEventError):
        read_envelope(wire, EVENT_CLASSES)


@given(st.sampled_from(EXAMPLES), st.data())
def test_a_damaged_record_is_read_or_unreadable_and_nothing_worse(
    example: Example, data: st.DataObject
) -> None:
    record: dict[str, Any] = json.loads(example.wire)
    place = record
    while data.draw(st.booleans()):
        inner = place[data.draw(st.sampled_from(sorted(place)))]
        if not isinstance(inner, dict) or not inner:
            break
        place = cast("dict[str, Any]", inner)
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JSON)

    with suppress(UnreadableEventError):
        assert read(record).subject is not None


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"{}", id="object"),
        pytest.param(b"[" * 200_000, id="deep lists"),
        pytest.param(b'{"data":' * 100_000, id="deep objects"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="deep and closed"),
        pytest.param(b'{"subjectversion": NaN}', id="nan"),
        pytest.param(b'{"subjectversion": ' + b"9" * 10_000 + b"}", id="huge number"),
        pytest.param(b'{"id": "' + b"x" * 5_000_000 + b'"}', id="huge text"),
        pytest.param(b'{"id": "\xff\xfe"}', id="not utf-8"),
        pytest.param(b'\xef\xbb\xbf{"id": "byte order mark"}', id="byte order mark"),
        pytest.param(b'{"id": "\\ud800"}', id="lone surrogate"),
        pytest.param(b"\x00" * 1000, id="zeros"),
    ],
)
def test_hostile_bytes_are_unreadable(wire: bytes) -> None:
    with pytest.raises(UnreadableEventError):
        read_envelope(wire, EVENT_CLASSES)


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2026-08-14T19:42:07",
        "31 februari 2026",
        "1e400",
        -1e300,
    ],
)
def test_a_time_that_cannot_be_is_unreadable(moment: object) -> None:
    with pytest.raises(UnreadableEventError):
        read(an_example() | {"time": moment})


def test_a_time_is_kept_in_utc() -> None:
    event = read(an_example() | {"time": "2026-08-14T21:42:07.12+02:00"})

    assert event.time == datetime(2026, 8, 14, 19, 42, 7, 120_000, tzinfo=UTC)
    assert b'"time":"2026-08-14T19:42:07.120000Z"' in event.to_wire()


def test_a_type_that_is_not_in_the_catalogue_is_named() -> None:
    with pytest.raises(UnreadableEventError, match=r"dichtbij\.item\.eaten\.v1"):
        read(an_example() | {"type": "dichtbij.item.eaten.v1"})


def test_what_is_said_of_an_unreadable_event_holds_nothing_of_its_content() -> None:
    record = an_example()
    record["data"]["item"]["revision"] = "Noor Janssens, noor@voorbeeld.be"

    with pytest.raises(UnreadableEventError) as caught:
        read(record)

    assert "item.revision" in str(caught.value)
    assert "Noor" not in str(caught.value)


def test_an_event_cannot_be_changed() -> None:
    event = read(an_example())

    with pytest.raises(ValueError, match="frozen"):
        event.subject = "another"
