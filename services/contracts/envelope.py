"""The envelope of every event: CloudEvents 1.0 in structured JSON, readable alone.

The extension attributes `subjectversion`, `correlationid`, `causationid`, `actor` and `traceparent`
follow the naming rule of CloudEvents 1.0 (lower-case letters and digits); `traceparent` is its
distributed tracing extension.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, SerializeAsAny, ValidationError
from pydantic.alias_generators import to_camel

_TYPE = re.compile(r"dichtbij(\.[a-z-]{1,40}){1,3}\.v\d{1,3}")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        message = "a time needs its offset; add Z or +02:00"
        raise ValueError(message)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # Otherwise one record of the year 1 would be an error that nobody expects.
        message = "a time must lie in the years 1 to 9999 in UTC"
        raise ValueError(message) from None


#: An instant in UTC; written as RFC 3339 on the wire.
Instant = Annotated[datetime, AfterValidator(_in_utc)]


class Record(BaseModel):
    """A piece of an event: immutable, camelCase on the wire, unknown fields ignored."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore"
    )


class EventData(Record):
    """The facts of one kind of event; a subclass names its type and version.

    `OVERTAKES` marks what takes something away for good reason: it is handled even while an earlier
    record of its subject waits as a dead letter, since a person must not wait for a repair.
    """

    TYPE: ClassVar[str]
    OVERTAKES: ClassVar[bool] = False


DataT_co = TypeVar("DataT_co", bound=EventData, covariant=True)


class Envelope(BaseModel, Generic[DataT_co]):
    """An event with its identity: who said it, about what, when, and because of what.

    `subjectversion` counts the events of one subject from 1: a consumer that has seen a higher one
    knows that this one is old.
    """

    model_config = ConfigDict(frozen=True)

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    subjectversion: int
    correlationid: str
    causationid: str | None = None
    actor: str
    traceparent: str | None = None
    data: SerializeAsAny[DataT_co]

    def to_wire(self) -> bytes:
        """Give the record's value as it stands in the topic."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


class UnreadableEventError(ValueError):
    """A record is not an event that this catalogue knows how to read."""


def read_envelope(wire: bytes, known: dict[str, type[EventData]]) -> Envelope[EventData]:
    """Read one record's value.

    Raises UnreadableEventError when it is not JSON, not an envelope, or its data do not fit its
    type.
    """
    try:
        raw = Envelope[_Unread].model_validate_json(wire)
        data = _known(raw.type, known).model_validate(raw.data.model_extra or {})
    except UnreadableEventError:
        raise
    except ValidationError as error:
        raise UnreadableEventError(misfits(error)) from None
    except (ValueError, RecursionError) as error:
        raise UnreadableEventError(type(error).__name__) from None
    head: dict[str, Any] = {name: getattr(raw, name) for name in Envelope.model_fields}
    head["data"] = data
    return Envelope[EventData].model_construct(None, **head)


def _known(kind: str, known: dict[str, type[EventData]]) -> type[EventData]:
    found = known.get(kind)
    if found is None:
        # Something else may stand in its place, and what that is nobody knows.
        named = f"the event type {kind}" if _TYPE.fullmatch(kind) else "its event type"
        message = f"{named} is not in the catalogue"
        raise UnreadableEventError(message)
    return found


class _Unread(EventData):
    model_config = ConfigDict(extra="allow", frozen=True)


def misfits(error: ValidationError) -> str:
    """Describe a validation error by its fields and kinds only: its input may be personal data.

    So may be its messages, which can quote the input, and places that are no names of fields.
    """
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{_place(e['loc'])}: {e['type']}" for e in found[:5])


def _place(steps: tuple[int | str, ...]) -> str:
    named = (str(s) if isinstance(s, int) or _FIELD.fullmatch(s) else "*" for s in steps)
    return ".".join(named) or "record"
