"""What a feed's checkpoint remembers: each entry's last content, and which of them vanished.

A feed says nothing of edits and deletions: an edit is another content under the same id, and a
deletion is an absence that the entry's own page confirms.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.contracts.ingest import SubmissionReceived
from services.ingest.domain.connector import Checkpoint

#: The most entries that are remembered of one feed.
MOST_REMEMBERED = 2_000
#: An entry whose page is still there so often after it vanished is no longer looked at.
MOST_LOOKS = 8
_FIRST_LOOK_AGAIN = 60_000
# What is further ahead was not written by this clock.
_LONGEST_PAUSE = _FIRST_LOOK_AGAIN * 2 ** (MOST_LOOKS + 1)


class Seen(BaseModel):
    """An entry as it was handed over last; `made` orders entries by age, in milliseconds."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    hash: str
    revision: int
    made: int
    url: str | None = None
    missing: int = 0
    again: int = 0


class Watch(BaseModel):
    """A feed's checkpoint; `looked_` is of the last document of which nothing new was taken.

    It is kept apart, since the feed must not answer that nothing has changed to who reads on.
    """

    model_config = ConfigDict(extra="ignore")

    etag: str | None = None
    modified: str | None = None
    looked_etag: str | None = None
    looked_modified: str | None = None
    moved: str | None = None
    gone: bool = False
    count: int = 0
    entries: dict[str, Seen] = Field(default_factory=dict[str, Seen])

    @classmethod
    def read(cls, checkpoint: Checkpoint) -> "Watch":
        """Read a checkpoint; one that makes no sense is a beginning."""
        try:
            return cls.model_validate(dict(checkpoint))
        except ValidationError:
            return cls()

    def written(self) -> dict[str, Any]:
        """Give the checkpoint as it is kept, bounded."""
        if len(self.entries) > MOST_REMEMBERED:
            newest = sorted(self.entries.items(), key=lambda e: e[1].made, reverse=True)
            self.entries = dict(newest[:MOST_REMEMBERED])
        return self.model_dump(mode="json")

    def changed(
        self, submission: SubmissionReceived, place: int, now: datetime
    ) -> SubmissionReceived | None:
        """Note an entry at its place in the feed; give what is new about it, or nothing."""
        known = self.entries.get(submission.native_id)
        content = content_hash(submission)
        moment = milliseconds(now)
        fresh = None
        if known is None:
            fresh = submission
        elif known.hash != content:
            stated = submission.revision if submission.edited_at else 0
            revision = stated if stated > known.revision else max(known.revision + 1, moment)
            fresh = submission.model_copy(update={"revision": revision})
        self.entries[submission.native_id] = Seen(
            hash=content,
            revision=(fresh or known or submission).revision,
            made=self.made(submission, place, now),
            url=submission.url,
        )
        return fresh

    def made(self, submission: SubmissionReceived, place: int, now: datetime) -> int:
        """Say when an entry was made, in milliseconds; by its place where it does not say."""
        known, claimed = self.entries.get(submission.native_id), submission.published_at
        if claimed:
            return milliseconds(claimed)
        return known.made if known else milliseconds(now) - place

    def compare(self, here: Mapping[str, int]) -> None:
        """Note which entries vanished, rather than fell off the end of the feed.

        `here` is when each that is in the feed was made.
        """
        oldest = min(here.values(), default=0)
        shrank = len(here) < self.count
        for native_id, seen in self.entries.items():
            if native_id not in here and not seen.missing and (shrank or seen.made > oldest):
                self.entries[native_id] = seen.model_copy(update={"missing": 1})
        self.count = len(here)

    def suspects(self, now: datetime, most: int) -> list[tuple[str, Seen]]:
        """Give vanished entries whose page should be looked at now, longest waiting first."""
        due = [
            (native_id, seen)
            for native_id, seen in self.entries.items()
            if 0 < seen.missing <= MOST_LOOKS
            and seen.url
            and not 0 < seen.again - milliseconds(now) < _LONGEST_PAUSE
        ]
        return sorted(due, key=lambda e: e[1].again)[:most]

    def still_there(self, native_id: str, now: datetime) -> None:
        """Note that a vanished entry's page is there, or cannot be asked: look again, later."""
        seen = self.entries[native_id]
        again = milliseconds(now) + _FIRST_LOOK_AGAIN * 2**seen.missing
        self.entries[native_id] = seen.model_copy(
            update={"missing": seen.missing + 1, "again": again}
        )


def milliseconds(moment: datetime) -> int:
    """Give an instant as milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def content_hash(submission: SubmissionReceived) -> str:
    """Give a digest of what people would see of a submission, whenever it was seen."""
    content = submission.model_dump_json(exclude={"observed_at", "revision", "edited_at"})
    return hashlib.sha256(content.encode()).hexdigest()[:32]
