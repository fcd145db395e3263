"""The photos that came for mandates, one for each attachment, as their series count them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.chassis.database import Transaction
from services.contracts.ids import ItemId, MandateId, SourceId
from services.contracts.ingest import Attachment, Item, Localised
from services.ingest.domain.consent import ConsentState, lapses_at, may_be_shown
from services.ingest.domain.series import Candidate
from services.ingest.store.consents import consents_of

#: What a moderator's word is called in a series. A photo that was taken down has no place either.
_REVIEWS: Mapping[str, Literal["waiting", "approved", "refused"]] = {
    "pending": "waiting",
    "approved": "approved",
    "rejected": "refused",
    "taken-down": "refused",
}


@dataclass(frozen=True)
class GivenPhoto:
    """A photo that came for a mandate, with what its curator and staff may know of it.

    `content` and `attachment` are None once it is withdrawn. `reasons` and `statements` are those
    of the last decision; `path` is where it is shown on its own, if it is. `lapses_at` is when its
    giver's consent for the web ends by itself.
    """

    candidate: Candidate
    source: SourceId
    life: str
    life_reason: str
    content: Item | None
    attachment: Attachment | None
    review: str
    reasons: tuple[str, ...]
    statements: tuple[Localised, ...]
    decided_at: datetime | None
    path: str | None
    visible_since: datetime | None
    purged_at: datetime | None
    lapses_at: datetime | None

    @property
    def key(self) -> str:
        """Name the photo as the series does."""
        return self.candidate.key

    @property
    def item(self) -> ItemId:
        """Give the item that it is of."""
        return self.candidate.item


async def photos_of(
    transaction: Transaction, mandates: Iterable[MandateId]
) -> Mapping[MandateId, Mapping[str, GivenPhoto]]:
    """Give the photos of mandates by their keys; a text is none, a withdrawn item still one."""
    wanted = list(mandates)
    cursor = await transaction.execute(
        """select i.item, i.mandate, i.source, i.lane, i.life, i.reason, i.content,
                  coalesce(i.effective_at, i.updated_at) as effective_at,
                  coalesce(s.review, 'pending') as review,
                  coalesce(s.review_version, 0) as review_version,
                  coalesce(s.reasons, '[]') as reasons,
                  coalesce(s.statements, '[]') as statements,
                  s.decided_at, s.path, s.visible_since, s.purged_at, now() as moment,
                  coalesce(s.child, false) as child
           from item i left join standing s using (item)
           where i.mandate = any(%s) and i.lane in ('counted', 'late', 'paused')""",
        [wanted],
    )
    rows = await cursor.fetchall()
    contents = {r["item"]: Item.model_validate(r["content"]) for r in rows if r["content"]}
    marks = await _marks(transaction, contents.values())
    consents = await consents_of(transaction, [ItemId(row["item"]) for row in rows])
    found: dict[MandateId, dict[str, GivenPhoto]] = {mandate: {} for mandate in wanted}
    for row in rows:
        agreed = consents.get(ItemId(row["item"]))
        for photo in _given(row, contents.get(row["item"]), marks, agreed):
            found[row["mandate"]][photo.key] = photo
    return found


async def _marks(transaction: Transaction, items: Iterable[Item]) -> Mapping[str, str]:
    """Give a hash of what each original shows; one kept before there were any has none."""
    originals = list({a.original for item in items for a in item.attachments})
    cursor = await transaction.execute(
        """select sha256, facts->>'mark' as mark from original
           where sha256 = any(%s) and facts->>'mark' is not null""",
        [originals],
    )
    return {row["sha256"]: row["mark"] for row in await cursor.fetchall()}


def _given(
    row: Mapping[str, Any],
    content: Item | None,
    marks: Mapping[str, str],
    agreed: ConsentState | None,
) -> Iterator[GivenPhoto]:
    attachments = content.attachments if content is not None else (None,)
    for number, attachment in enumerate(attachments):
        yield GivenPhoto(
            _candidate(row, number, attachment, marks, agreed),
            SourceId(row["source"]),
            row["life"],
            row["reason"],
            content,
            attachment,
            row["review"],
            tuple(row["reasons"]),
            tuple(row["statements"]),
            row["decided_at"],
            row["path"],
            row["visible_since"],
            row["purged_at"],
            lapses_at(agreed),
        )


def _candidate(
    row: Mapping[str, Any],
    number: int,
    attachment: Attachment | None,
    marks: Mapping[str, str],
    agreed: ConsentState | None,
) -> Candidate:
    review = _REVIEWS[row["review"]]
    # The desk says when it has opened a review; until then a photo has only arrived.
    unseen = review == "waiting" and not row["review_version"]
    return Candidate(
        ItemId(row["item"]),
        attachment.original if attachment else "",
        row["effective_at"],
        "received" if unseen else review,
        withdrawn=row["life"] != "live",
        late=row["lane"] == "late",
        alt=bool(attachment and attachment.alt),
        mark=marks.get(attachment.original, "") if attachment else "",
        attachment=number,
        paused=row["lane"] == "paused",
        shape=attachment.width / attachment.height if attachment else 0.0,
        kept_back=not may_be_shown(agreed, row["moment"], child=row["child"]),
    )
