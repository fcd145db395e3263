"""Stories of curators' photos as they are told to the services, and the matrix that must follow.

The matrix is found here by another way than by the services: what shows the same is known by the
number of its picture, and each place is given away one by one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, CuratorId, ItemId, MandateId, SourceId
from services.contracts.ingest import (
    Author,
    SubmissionReceived,
    SubmissionRetracted,
    SubmittedMedia,
    Tag,
)
from services.contracts.moderation import ReviewDecided, ReviewOpened
from tests.builders import CAMPAIGN, a_consent, a_submission, an_item_id

UPLOAD = SourceId("bollekesfeest/upload")
HASHTAG = SourceId("bollekesfeest/hashtag")
MATCHING = (Tag(as_written="bollekesfeest", key="bollekesfeest", origin="tags"),)
PLACES = 10
#: Pictures that differ, and of how many of them there is a copy with other bytes.
PICTURES, COPIED = 17, 2

#: An event to be delivered with its subject and version, and what it changes of the story.
Fact = tuple[EventData, str, int, Callable[[], None]]


@dataclass
class Sent:
    """An item as the story has it: `pictures` are the numbers of what its photos show."""

    item: ItemId
    curator: CuratorId
    effective_at: datetime
    pictures: tuple[int, ...]
    alt: bool
    late: bool = False
    copy: bool = False
    known: bool = False
    gone: bool = False
    version: int = 0
    review: str = "received"

    def decide(self, version: int, review: str) -> None:
        """Take over what the desk says, unless it said something later before."""
        if version > self.version:
            self.version, self.review = version, review

    def take_back(self) -> None:
        """Let it go, whether it came already or not."""
        self.gone = True

    def arrive(self) -> None:
        """Let it come; what was taken back before it came never was."""
        self.known = self.known or not self.gone


@dataclass(frozen=True)
class Photo:
    """One photo of an item."""

    sent: Sent
    number: int

    @property
    def key(self) -> str:
        return f"{self.sent.item}#{self.number}" if self.number else self.sent.item

    @property
    def picture(self) -> int:
        return self.sent.pictures[self.number]

    @property
    def time(self) -> tuple[datetime, str, int]:
        return self.sent.effective_at, self.sent.item, self.number


@dataclass
class Line:
    """A curator's line of the matrix, with the story that leads to it."""

    curator: CuratorId
    mandate: MandateId
    sent: list[Sent] = field(default_factory=list[Sent])
    order: list[str] = field(default_factory=list[str])
    version: int = 0
    done: bool = False
    released: bool = False
    shown: list[str] = field(default_factory=list[str])

    def _waiting_for_a_place(self) -> list[Photo]:
        return [
            Photo(sent, number)
            for sent in self.sent
            if sent.known and not sent.gone and not sent.late and sent.review != "refused"
            for number in range(len(sent.pictures))
        ]

    def _best(self, photos: list[Photo]) -> Photo:
        """Find who is next: after the release what is approved, then as named, then as shown."""
        if self.released:
            photos = [p for p in photos if p.sent.review == "approved"] or photos
        named = [p for p in photos if p.key in self.order]
        if named:
            return min(named, key=lambda p: self.order.index(p.key))
        if self.released:
            photos = [p for p in photos if p.key in self.shown] or photos
        return min(photos, key=lambda p: p.time)

    def chosen(self) -> tuple[list[Photo], dict[str, str]]:
        """Give away the places one by one; says who has none, and why."""
        left, placed, standings = self._waiting_for_a_place(), list[Photo](), dict[str, str]()
        while left:
            best = self._best(left)
            for twin in [p for p in left if p.picture == best.picture and p.key != best.key]:
                standings[twin.key] = "double"
                left.remove(twin)
            left.remove(best)
            if len(placed) < PLACES:
                placed.append(best)
            else:
                standings[best.key] = "spare"
        return placed, standings

    def matrix(self) -> dict[str, Any]:
        """Give the line as it must be."""
        placed, others = self.chosen()
        full = len(placed) == PLACES and all(p.sent.review == "approved" for p in placed)
        self.released = self.released or (full and self.done)
        last = len(self.order)
        placed.sort(
            key=lambda p: (self.order.index(p.key) if p.key in self.order else last, p.time)
        )
        for sent in self.sent:
            if sent.known and sent.gone:
                others[sent.item] = "withdrawn"
            elif sent.known and (sent.review == "refused" or sent.late):
                standing = "refused" if sent.review == "refused" else "late"
                others |= {Photo(sent, n).key: standing for n in range(len(sent.pictures))}
        places = [(p.key, p.sent.review) for p in placed]
        approved = [key for key, review in places if review == "approved"]
        if self.released:
            self.shown = approved
        return {
            "places": places + [(None, None)] * (PLACES - len(places)),
            "others": others,
            "missing alt": sum(not p.sent.alt for p in placed),
            "done": self.done,
            "released": self.released,
            "told": approved,
        }


@dataclass
class Teller:
    """Tells what happens to the photos of one curator; `originals` are the stored pictures."""

    line: Line
    begins: datetime
    originals: list[str]
    copies: list[str]
    random: Random

    def send(
        self, *pictures: int, late: bool = False, copy: bool = False, first: bool = False
    ) -> tuple[Sent, Fact]:
        """Give photos by one of two ways: the curator's link, or a proven account."""
        minutes = 0 if first else self.random.randrange(1, 13_000)
        at = self.begins + timedelta(days=11 if late else 0, minutes=minutes)
        alt = self.random.random() < 0.7
        sent = Sent(an_item_id(), self.line.curator, at, pictures, alt, late, copy)
        self.line.sent.append(sent)
        return sent, self.told(sent, 1)

    def told(self, sent: Sent, revision: int) -> Fact:
        """Hand in a version of it."""
        originals = self.copies if sent.copy else self.originals
        by_link = len(sent.pictures) == 1 and int(sent.item[0], 16) % 2 == 0
        who = self.line.curator
        way: dict[str, Any] = (
            {"source": UPLOAD, "curator": who, "consent": a_consent()}
            if by_link
            else {
                "source": HASHTAG,
                "connector": "mastodon",
                "author": Author(key=f"https://own.example/{who}"),
            }
        )
        submission = a_submission(
            **way,
            item=sent.item,
            native_id=f"photo#{sent.item}",
            revision=revision,
            text=f"versie {revision}",
            tags=MATCHING,
            published_at=sent.effective_at,
            observed_at=sent.effective_at + timedelta(seconds=2),
            media=tuple(
                SubmittedMedia(original=originals[n], alt="Een optocht" if sent.alt else None)
                for n in sent.pictures
            ),
        )
        assert isinstance(submission, SubmissionReceived)
        return submission, f"submission-{sent.item}", revision, sent.arrive

    def opened(self, sent: Sent, version: int) -> Fact:
        event = ReviewOpened(item=sent.item, campaign=CAMPAIGN, revision=1)
        return event, sent.item, version, lambda: sent.decide(version, "waiting")

    def appealed(self, sent: Sent, version: int) -> Fact:
        event = ReviewOpened(item=sent.item, campaign=CAMPAIGN, revision=1, second_look=True)
        return event, sent.item, version, lambda: None

    def approved(self, sent: Sent, version: int, **more: Any) -> Fact:
        event = ReviewDecided(
            item=sent.item, campaign=CAMPAIGN, before="pending", after="approved", **more
        )
        return event, sent.item, version, lambda: sent.decide(version, "approved")

    def refused(self, sent: Sent, version: int, after: Any = "rejected") -> Fact:
        event = ReviewDecided(
            item=sent.item,
            campaign=CAMPAIGN,
            before="pending",
            after=after,
            reasons=("off-topic",),
        )
        return event, sent.item, version, lambda: sent.decide(version, "refused")

    def retracted(self, sent: Sent) -> Fact:
        event = SubmissionRetracted(
            item=sent.item,
            campaign=CampaignId(CAMPAIGN),
            source=UPLOAD,
            reason="source",
            observed_at=self.begins,
        )
        return event, f"submission-{sent.item}", 9, sent.take_back

    def everything(self) -> tuple[list[Fact], Fact]:
        """Tell all that happens before the series is ready; the last approval is kept back."""
        held, told = self.send(2, first=True)
        facts = [told, self.opened(held, 1)]
        for pictures in ((0,), (1,), (3, 4), (5,), (6,), (9,), (16,)):
            sent, told = self.send(*pictures)
            facts += [told, self.opened(sent, 1), self.approved(sent, 2)]
        edited, told = self.send(7)
        facts += [told, self.told(edited, 2), self.opened(edited, 1), self.approved(edited, 2)]
        facts += [self.opened(edited, 3), self.approved(edited, 4)]
        appealed, told = self.send(8)
        facts += [told, self.opened(appealed, 1), self.refused(appealed, 2)]
        facts += [self.appealed(appealed, 3), self.approved(appealed, 4, appeal="overturned")]
        refused, told = self.send(10)
        facts += [told, self.opened(refused, 1), self.refused(refused, 2)]
        for revision in (1, 2):
            withdrawn, told = self.send(11 + revision)
            facts += [told, self.retracted(withdrawn), self.approved(withdrawn, 2)]
            facts += [self.told(withdrawn, revision)]
        for copy in (False, True):
            double, told = self.send(int(copy), copy=copy)
            facts += [told, self.approved(double, 2)]
        late, told = self.send(14, late=True)
        facts += [told, self.approved(late, 2)]
        spare, told = self.send(15)
        facts += [told, self.opened(spare, 1), self.approved(spare, 2)]
        return facts, self.approved(held, 2)
