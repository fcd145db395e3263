"""What a source's checkpoint remembers: how far each hashtag was read, and which posts are live."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.ingest.connectors.mastodon.status import Status
from services.ingest.domain.connector import Checkpoint

#: The most posts that are remembered, and how many of them, the newest, are looked at again.
MOST_REMEMBERED = 500
MOST_WATCHED = 200
#: The most posts that one question is about; so many questions are a round of all watched posts.
MOST_AT_ONCE = 20
ROUND = MOST_WATCHED // MOST_AT_ONCE
#: A post is not looked at again sooner than this, in milliseconds, or than the polls of one round
#: take where these follow each other faster: one question a poll is as much with one post as with
#: all. A server that gives statuses one by one is asked for each, and so has the whole rest.
_LONGEST_REST = 30_000
#: So many looks must agree that a post is gone.
_AGREEING = 2


class Mark(BaseModel):
    """How far one hashtag was read; `swept` is when its newest page was last read as a whole."""

    model_config = ConfigDict(extra="ignore")

    min_id: str | None = None
    begun: bool = False
    swept: int = 0


class Known(BaseModel):
    """A live post: as it was handed over last, and when it was last seen alive."""

    model_config = ConfigDict(extra="ignore")

    id: str
    revision: int
    made: int = 0
    tag: str = ""
    checked: int = 0
    misses: int = 0


class Memory(BaseModel):
    """A source's checkpoint; `singly` when its server only gives statuses one by one."""

    model_config = ConfigDict(extra="ignore")

    tags: dict[str, Mark] = Field(default_factory=dict[str, Mark])
    statuses: dict[str, Known] = Field(default_factory=dict[str, Known])
    singly: bool = False

    @classmethod
    def read(cls, checkpoint: Checkpoint) -> "Memory":
        """Read a checkpoint; one that makes no sense is a beginning."""
        try:
            return cls.model_validate(dict(checkpoint))
        except ValidationError:
            return cls()

    def written(self) -> dict[str, Any]:
        """Give the checkpoint as it is kept, bounded."""
        self.statuses = dict(self._newest(MOST_REMEMBERED))
        return self.model_dump(mode="json")

    def is_news(self, status: Status, tag: str, now: datetime) -> bool:
        """Note that a status is there; tells whether it was not, or differently, handed over."""
        known = self.statuses.get(status.uri)
        revision = status.revision(now)
        news = known is None or revision > known.revision
        self.statuses[status.uri] = Known(
            id=status.id,
            # One that is not finished counts as older than it is, so that it is handed over again.
            revision=-1
            if status.unfinished(now)
            else max(revision, known.revision if known else 0),
            made=status.made,
            tag=tag or (known.tag if known else ""),
            checked=milliseconds(now),
        )
        return news

    def suspect_absent(self, tag: str, page: list[Status]) -> None:
        """Put posts first in line that ought to be on a hashtag's newest page and are not."""
        present = {status.uri for status in page}
        oldest = min((status.made for status in page), default=0)
        for uri, known in self.statuses.items():
            if known.tag == tag and known.made > oldest and uri not in present:
                known.checked = 0

    def due(self, now: datetime, poll_seconds: float, most: int) -> list[tuple[str, Known]]:
        """Give the posts to look at again, longest waiting first."""
        moment, rest = milliseconds(now), self._rest(poll_seconds)
        rested = (e for e in self._newest(MOST_WATCHED) if abs(moment - e[1].checked) >= rest)
        return sorted(rested, key=lambda e: e[1].checked)[:most]

    def _rest(self, poll_seconds: float) -> float:
        return _LONGEST_REST if self.singly else min(_LONGEST_REST, ROUND * poll_seconds * 1000)

    def seen_missing(self, uri: str, now: datetime, *, for_good: bool) -> bool:
        """Note that a post was not there; tells whether it is now known to be gone."""
        known = self.statuses[uri]
        known.misses += 1
        known.checked = milliseconds(now)
        if for_good or known.misses >= _AGREEING:
            del self.statuses[uri]
            return True
        return False

    def _newest(self, most: int) -> list[tuple[str, Known]]:
        return sorted(self.statuses.items(), key=lambda e: e[1].made, reverse=True)[:most]


def milliseconds(moment: datetime) -> int:
    """Give an instant as milliseconds since 1970."""
    return int(moment.timestamp() * 1000)
