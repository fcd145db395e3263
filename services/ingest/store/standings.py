"""What became of items, as their givers may know it: one reading of all that was noted."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from services.chassis.database import Transaction
from services.contracts.ids import CampaignId, ItemId, SourceId
from services.contracts.ingest import (
    ChannelGrant,
    Consent,
    Item,
    ItemChanged,
    ItemReceived,
    Localised,
    Rendition,
    SubmissionRetracted,
)
from services.ingest.domain.consent import ConsentState, may_be_shown
from services.ingest.store.acknowledgements import (
    Acknowledgement,
    Who,
    acknowledgements_of,
)
from services.ingest.store.appeals import Appeal, appeals_of, may_appeal
from services.ingest.store.consents import consents_of

#: About as wide as a giver's own photos are shown to them.
_SMALL = 640


@dataclass(frozen=True)
class Decision:
    """What moderators decided about an item: its outcome, why, and the review's version."""

    version: int
    outcome: str
    statements: tuple[Localised, ...] = ()


@dataclass(frozen=True)
class ReceivedItem:
    """What a giver may know of one of their photos.

    `life` is `withdrawn` from the moment at which they took it back. `changed_at` is when its
    content was last settled. `child`: a moderator found one in it. `showings`: how often it was
    shown at least, for what others keep is not counted.
    """

    item: ItemId
    campaign: CampaignId | None
    source: SourceId | None
    life: str
    reason: str
    review: str
    review_version: int
    reasons: tuple[str, ...]
    statements: tuple[Localised, ...]
    path: str | None
    content: Item | None
    received_at: datetime | None
    changed_at: datetime | None
    decided_at: datetime | None
    visible_since: datetime | None
    purged_at: datetime | None
    withdrawn_at: datetime | None
    original: str = ""
    child: bool = False
    showings: int = 0
    consent: ConsentState | None = None
    appeals: tuple[Appeal, ...] = ()
    said: tuple[Acknowledgement, ...] = ()

    @property
    def decided(self) -> bool:
        """Whether a moderator decided on it as it now is; the desk says when it waits again."""
        return self.decided_at is not None and self.review != "pending"

    @property
    def decision(self) -> Decision | None:
        """Give the decision that stands: never one that was undone, but the one before it."""
        if self.life != "live" or not self.decided:
            return None
        said = [a for a in self.said if a.who == "desk" and "version" in a.facts]
        standing: list[Decision] = []
        for one in sorted(said, key=lambda a: int(a.facts["version"])):
            if one.what == "reverted":
                standing = standing[:-1]
            else:
                facts = one.facts
                outcome = facts.get("appeal") or one.what
                why = tuple(facts.get("statements", ()))
                standing.append(Decision(int(facts["version"]), outcome, why))
        return standing[-1] if standing else None

    @property
    def appealable(self) -> bool:
        """Whether a second look can be asked for."""
        refused = self.review in {"rejected", "taken-down"}
        live = self.life == "live" and self.decided
        return refused and live and may_appeal(self.appeals, self.review_version)

    @property
    def appeal(self) -> Appeal | None:
        """Give the last second look that was asked for."""
        return self.appeals[-1] if self.appeals else None

    @property
    def needs_guardian(self) -> bool:
        """Whether it waits for a parent's word."""
        consent = self.consent.consent if self.consent else self._said_consent
        if consent is None or consent.guardian:
            return False
        return consent.minor or self.child

    @property
    def _said_consent(self) -> Consent | None:
        return self.content.consent if self.content else None

    def may_be_shown(self, now: datetime) -> bool:
        """Whether its giver lets it be on the web; True where no consent was asked."""
        return may_be_shown(self.consent, now, child=self.child)

    @property
    def grants(self) -> tuple[ChannelGrant, ...]:
        """Give the consents by channel, as far as there are any."""
        return self.consent.grants if self.consent else ()

    @property
    def was_shown(self) -> bool:
        """Whether it was on a page at any time."""
        return self.path is not None or any(a.what == "published" for a in self.said)

    def small_photo(self, original: str) -> Rendition | None:
        """Give a small picture of one of its photos, None when it shows no such photo."""
        attachments = self.content.attachments if self.content else ()
        pictures = (
            r
            for a in attachments
            if a.original == original
            for r in a.renditions
            if r.media_type == "image/jpeg"
        )
        return min(pictures, key=lambda r: abs(r.width - _SMALL), default=None)

    @property
    def stamp(self) -> str:
        """Give a digest of all that can be seen of it, by which a page knows that it is old."""
        content = self.content and self.content.revision
        # How often it is shown changes all the time: no page is old for that.
        told = asdict(self) | {"content": content, "showings": None}
        written = json.dumps(told, default=str, sort_keys=True)
        return hashlib.sha256(written.encode()).hexdigest()[:12]


def state_of(item: ReceivedItem, now: datetime) -> str:  # noqa: PLR0911 - one for each word
    """Say in one word how an item stands: the words of the receipt and of a curator's page."""
    if item.life == "withdrawn":
        return "purged" if item.purged_at else "withdrawn"
    if item.life == "ignored":
        return "ignored"
    if item.life == "unseen":
        return "received"
    if not item.may_be_shown(now):
        refused = item.decided and item.review != "approved"
        return item.review if refused else "kept-back"
    if item.path:
        return "visible"
    if not item.decided:
        return "waiting"
    if item.review == "approved" and item.content and item.content.attribution.in_series:
        return "in-series"
    return item.review


@dataclass(frozen=True)
class Confirmation:
    """Who has confirmed that an item is gone, and when; `at` is None while they have not."""

    who: Who
    at: datetime | None
    files: int | None = None


def confirmations(item: ReceivedItem, now: datetime) -> tuple[Confirmation, ...]:
    """Say who must confirm that an item is gone, and who has; nobody, while it may be shown.

    What was said before it was last shown is about another time.
    """
    gone = item.life == "withdrawn"
    if not gone and item.review != "taken-down" and item.may_be_shown(now):
        return ()
    shown = max((a.at for a in item.said if a.what == "published"), default=None)
    since = [a for a in item.said if shown is None or a.at >= shown]

    def last(what: str) -> Acknowledgement | None:
        return next((a for a in reversed(since) if a.what == what), None)

    found: list[Confirmation] = []
    if gone:
        closed = last("closed")
        found.append(Confirmation("desk", closed.at if closed else None))
    if item.was_shown:
        unpublished, purged = last("unpublished"), last("purged")
        files = purged.facts.get("deleted") if purged else None
        found += [
            Confirmation("pages", unpublished.at if unpublished else None),
            Confirmation("files", purged.at if purged else None, files),
        ]
    return tuple(found)


async def standing_of(transaction: Transaction, item: ItemId) -> ReceivedItem:
    """Give what became of an item; one that was never seen is `unseen`."""
    return (await standings_of(transaction, [item]))[item]


async def standings_of(
    transaction: Transaction, items: Sequence[ItemId]
) -> dict[ItemId, ReceivedItem]:
    """Give what became of some items, in the order in which they are asked for."""
    cursor = await transaction.execute(
        """select w.item, i.campaign, i.source, i.life, i.reason, i.content,
                  s.review, s.review_version, s.reasons, s.statements, s.child, s.showings,
                  s.path, s.decided_at, s.visible_since, s.purged_at, i.updated_at,
                  (select min(time) from event where subject = 'submission-' || w.item)
                    as received_at,
                  (select max(time) from event where subject = w.item and type = any(%s))
                    as changed_at,
                  (select min(time) from event where subject = 'submission-' || w.item
                     and type = %s) as withdrawn_at
           from unnest(%s::text[]) with ordinality as w (item, place)
           left join item i using (item) left join standing s using (item) order by w.place""",
        [[ItemReceived.TYPE, ItemChanged.TYPE], SubmissionRetracted.TYPE, list(items)],
    )
    rows = await cursor.fetchall()
    consents = await consents_of(transaction, items)
    appeals = await appeals_of(transaction, items)
    said = await acknowledgements_of(transaction, items)
    found: dict[ItemId, ReceivedItem] = {}
    for row in rows:
        item = ItemId(row["item"])
        found[item] = _received(row, consents.get(item), appeals.get(item, ()), said.get(item, ()))
    return found


def _received(
    row: Mapping[str, Any],
    consent: ConsentState | None,
    appeals: tuple[Appeal, ...],
    said: tuple[Acknowledgement, ...],
) -> ReceivedItem:
    gone = row["life"] == "withdrawn" or row["withdrawn_at"] is not None
    content = None if gone or row["content"] is None else Item.model_validate(row["content"])
    return ReceivedItem(
        item=ItemId(row["item"]),
        campaign=row["campaign"],
        source=row["source"],
        life="withdrawn" if gone else row["life"] or "unseen",
        # It may be on its way still: then its giver did it just now.
        reason=row["reason"] if row["life"] == "withdrawn" or not gone else "author",
        review=row["review"] or "pending",
        review_version=row["review_version"] or 0,
        reasons=tuple(row["reasons"] or ()),
        statements=tuple(row["statements"] or ()),
        path=row["path"],
        content=content,
        received_at=row["received_at"],
        changed_at=row["changed_at"],
        decided_at=row["decided_at"],
        visible_since=row["visible_since"],
        purged_at=row["purged_at"],
        withdrawn_at=(row["withdrawn_at"] or row["updated_at"]) if gone else None,
        child=bool(row["child"]),
        showings=row["showings"] or 0,
        consent=consent,
        appeals=appeals,
        said=said,
    )
