"""What a connector is: how it asks a source, what it hands over, how it says what is wrong.

Errors: FetchRefusedError and FetchFailedError come from the fetch that a connector is given;
UnreadableSourceError is a connector's own.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from pydantic import BaseModel, ConfigDict

from services.contracts.ids import CampaignId, SourceId, item_id
from services.contracts.ingest import Hashtag, SubmissionReceived, SubmissionRetracted

RefusedFetch = Literal[
    "address-not-public",
    "name-not-found",
    "not-decodable",
    "port-not-allowed",
    "scheme-not-allowed",
    "too-large",
    "too-many-redirects",
    "too-slow",
    "url-not-readable",
    "userinfo-not-allowed",
]

#: The most bytes that are read of an answer where the caller does not say.
LARGEST_ANSWER = 10_000_000
#: What counts as an answer where the caller does not say: it is here, or it has not changed.
FOUND_OR_UNCHANGED = frozenset({200, 304})

_NO_HEADERS: Mapping[str, str] = {}


class FetchRefusedError(Exception):
    """We did not ask, or stopped reading, because it could do harm; only the host is told."""

    def __init__(self, host: str, reason: RefusedFetch) -> None:
        """Say which host it was about, and why."""
        super().__init__(f"{reason}: {host}")
        self.reason = reason
        self.host = host


class FetchFailedError(Exception):
    """The server answered something else than was hoped for, or nothing (`status` is None)."""

    def __init__(self, status: int | None, retry_after: float | None = None) -> None:
        """Say what the server answered, and after how many seconds it wants to be asked again."""
        super().__init__("no answer" if status is None else f"status {status}")
        self.status = status
        self.retry_after = retry_after


class UnreadableSourceError(ValueError):
    """A connector cannot read what its source gave; the message is a sentence for people."""


@dataclass(frozen=True)
class Fetched:
    """An answer: `url` is where it came from in the end, the names of `headers` are in lower case.

    `moved_to` is the new address, when the old one was left for good (301 or 308 all the way).
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    moved_to: str | None = None


class Fetch(Protocol):
    """The only way for a connector to the outside: guarded, bounded and without memory."""

    async def __call__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        largest: int = LARGEST_ANSWER,
        accept_status: frozenset[int] = FOUND_OR_UNCHANGED,
    ) -> Fetched:
        """Get what is at an address. Raises FetchRefusedError and FetchFailedError."""
        ...


class ConnectorSettings(BaseModel):
    """The settings of a source; every connector has its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)


#: How far a source was read: JSON, private to its connector, kept with what it covers.
Checkpoint: TypeAlias = Mapping[str, Any]
Submission: TypeAlias = SubmissionReceived | SubmissionRetracted


@dataclass(frozen=True)
class SourceContext:
    """One source at one moment: read for which campaign, with which settings, at what time."""

    campaign: CampaignId
    source: SourceId
    hashtags: tuple[Hashtag, ...]
    settings: BaseModel
    now: datetime
    poll_seconds: float = 60

    def retraction(self, native_id: str) -> SubmissionRetracted:
        """Say that a post of this source is gone there."""
        return SubmissionRetracted(
            item=item_id(self.campaign, self.source, native_id),
            campaign=self.campaign,
            source=self.source,
            reason="source",
            observed_at=self.now,
        )


@dataclass(frozen=True)
class Health:
    """How a source is, in a sentence for the campaign maker; `until` is when to ask again."""

    state: Literal["ok", "degraded", "rate-limited", "auth-expired", "gap", "gone", "disabled"]
    detail: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Batch:
    """What one poll found; `more` asks to be polled again at once."""

    events: tuple[Submission, ...]
    checkpoint: Checkpoint
    health: Health
    more: bool = False


@dataclass(frozen=True)
class Capabilities:
    """What a connector can do, and which hard cases cannot happen at its sources, and why.

    `knows_accounts`: its server has seen whose account posted. Elsewhere an author is only a name
    that anybody can write, and no post counts for a curator because of it.
    """

    edits: bool
    retractions: bool
    look_back: str
    knows_accounts: bool = False
    not_applicable: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Example:
    """What a source gives, and what its connector must make of it.

    Every mapping of `expected` names the fields of one submission, as they stand on the wire.
    """

    sentence: str
    given: bytes
    expected: tuple[Mapping[str, Any], ...]
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


#: Asks a source once, from a checkpoint on.
Poll: TypeAlias = Callable[[Fetch, SourceContext, Checkpoint], Awaitable[Batch]]


@dataclass(frozen=True)
class Connector:
    """One kind of source.

    `normalise` turns what a source gives into submissions and does nothing else; it raises
    UnreadableSourceError. `poll` is None where content comes to us by itself.

    `look_again` takes the place of `poll` while the campaign is not live: it hands over edits and
    deletions of what was handed over before and nothing else, and leaves in the checkpoint how far
    the source was read, so that `poll` finds afterwards what was posted meanwhile.
    """

    name: str
    title: str
    settings: type[BaseModel]
    normalise: Callable[[SourceContext, bytes], tuple[SubmissionReceived, ...]]
    poll: Poll | None
    look_again: Poll | None
    capabilities: Capabilities
    examples: tuple[Example, ...]


#: The hard cases that every connector must pass, or declare as not applicable with the reason.
HARD_CASES: Mapping[str, str] = {
    "crash": "A crash between reading and keeping loses nothing and doubles nothing.",
    "deletion-order": "Deleted before it was made, deleted twice, made late: it stays deleted.",
    "account": "An account goes and comes back.",
    "edit": "An edit adds or removes the hashtag.",
    "not-live": "While its campaign is not live, edits and deletions come and nothing new does.",
    "outage": "An outage is longer than the source looks back.",
    "silence": "A stream stays open and says nothing.",
    "throttling": "The source asks to slow down.",
    "tags": "Hashtags in every script and spelling.",
    "times": "Times that cannot be.",
    "media": "Media that is hostile or broken.",
    "doubles": "The same post comes many times and in many ways.",
    "not-for-us": "What is not public, or not allowed, is not handed over as public.",
}
