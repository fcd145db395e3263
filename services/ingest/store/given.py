"""What a curator gave: every photo with when and how it came, what was decided, where it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.chassis.database import Transaction
from services.contracts.ids import CuratorId, ItemId, MandateId, item_id
from services.contracts.ingest import Item, Link, SubmissionReceived, SubmissionRetracted
from services.ingest.store.standings import ReceivedItem, standings_of

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Picture:
    """One photo of what was given: its bytes' hash and size, and its glance until it is ready."""

    original: str
    alt: str
    width: int
    height: int
    placeholder: str


@dataclass(frozen=True)
class Given:
    """Something that a curator gave, as they may see it.

    `mandate` is None while it counts for nobody; the words are those of its last version, also
    before that is settled. `wordy` is what came without a photo: words, or a link.
    """

    item: ItemId
    mandate: MandateId | None
    lane: str
    standing: ReceivedItem
    connector: str
    url: str | None
    line: str
    name: str
    pictures: tuple[Picture, ...]
    wordy: bool = False
    link: Link | None = None

    @property
    def gone(self) -> bool:
        """Whether it was taken back, here or at its source."""
        return self.standing.life == "withdrawn"

    @property
    def ready(self) -> int:
        """Count its photos that can be shown in their own colours, and no longer as a glance."""
        return len(self.standing.content.attachments) if self.standing.content else 0


_SELECT = b"""
select m.item, i.mandate, coalesce(i.lane, 'open') as lane, last.data as last
from (select item from item where mandate = any(%(mandates)s) or giver = %(curator)s
      union select unnest(%(items)s::text[])) m
left join item i using (item)
join lateral (select e.data from event e
              where e.subject = 'submission-' || m.item and e.type = %(received)s
              order by (e.data->>'revision')::bigint desc, e.version desc limit 1) last on true
"""


async def given_by(
    transaction: Transaction,
    curator: CuratorId,
    mandates: Sequence[MandateId],
    receipts: Sequence[str] = (),
) -> list[Given]:
    """Give all that counts for these mandates, came by the curator's link, or is on a receipt.

    What was handed in a moment ago and is still being prepared is on its receipt already.
    """
    cursor = await transaction.execute(
        "select item from receipt_item where token = any(%s)", [list(receipts)]
    )
    cursor = await transaction.execute(
        _SELECT,
        {
            "mandates": list(mandates),
            "curator": curator,
            "items": [row["item"] for row in await cursor.fetchall()],
            "received": SubmissionReceived.TYPE,
        },
    )
    rows = await cursor.fetchall()
    last = [SubmissionReceived.model_validate(row["last"]) for row in rows]
    facts = await _facts(transaction, [m.original for s in last for m in s.media if m.original])
    standings = await standings_of(transaction, [ItemId(row["item"]) for row in rows])
    found = [
        _given(row, said, standings[ItemId(row["item"])], facts)
        for row, said in zip(rows, last, strict=True)
    ]
    return sorted(found, key=lambda g: (g.standing.received_at or _LATEST, g.item))


async def _facts(transaction: Transaction, originals: Sequence[str]) -> Mapping[str, Any]:
    cursor = await transaction.execute(
        "select sha256, facts from original where sha256 = any(%s)", [list(originals)]
    )
    return {row["sha256"]: row["facts"] for row in await cursor.fetchall()}


def _given(
    row: Mapping[str, Any],
    last: SubmissionReceived,
    standing: ReceivedItem,
    facts: Mapping[str, Any],
) -> Given:
    gone = standing.life == "withdrawn"
    pictures = tuple(
        Picture(original, medium.alt or "", known["width"], known["height"], known["placeholder"])
        for medium in last.media
        if (original := medium.original or "") in facts and (known := facts[original]) and not gone
    )
    return Given(
        item=ItemId(row["item"]),
        mandate=MandateId(row["mandate"]) if row["mandate"] else _named_by(last),
        lane=row["lane"],
        standing=standing,
        connector=last.connector,
        url=last.url,
        line="" if gone else last.text,
        name="" if gone else last.author.name or "",
        pictures=pictures,
        wordy=not last.media,
        link=None if gone else last.link,
    )


def _named_by(submission: SubmissionReceived) -> MandateId | None:
    """Say for which mandate an upload was meant: its link wrote that down."""
    if submission.curator is None or "#" not in submission.native_id:
        return None
    return MandateId(submission.native_id.partition("#")[0].partition(".")[0])


async def free_native_id(
    transaction: Transaction, submission: SubmissionReceived
) -> SubmissionReceived | None:
    """Give a submission under an id that is free; None when the photo is there already.

    A photo that was taken back can be given again, so each time has an id of its own.
    """
    for turn in range(1, 51):
        native_id = submission.native_id if turn == 1 else f"{submission.native_id}#{turn}"
        item = item_id(submission.campaign, submission.source, native_id)
        cursor = await transaction.execute(
            "select bool_or(type = %s) as gone from event where subject = %s",
            [SubmissionRetracted.TYPE, f"submission-{item}"],
        )
        row = await cursor.fetchone()
        if row is None or row["gone"] is None:
            return submission.model_copy(update={"item": item, "native_id": native_id})
        if not row["gone"]:
            return None
    return None


async def devices_of(transaction: Transaction, link: str) -> int:
    """Count the devices that opened a link."""
    cursor = await transaction.execute(
        "select count(*) as devices from link_device where link = %s", [link]
    )
    row = await cursor.fetchone()
    return int(row["devices"]) if row else 0


async def note_of(transaction: Transaction, mandate: MandateId) -> str:
    """Give what a curator wants to tell the one who comes after."""
    cursor = await transaction.execute(
        "select note_to_next from mandate where mandate = %s", [mandate]
    )
    row = await cursor.fetchone()
    return str(row["note_to_next"]) if row else ""


async def content_of(
    transaction: Transaction, curator: CuratorId, mandates: Sequence[MandateId], item: ItemId
) -> Item | None:
    """Give an item that a curator gave, as it now is; None when it is not theirs, or gone."""
    cursor = await transaction.execute(
        "select content from item where item = %s and (giver = %s or mandate = any(%s))",
        [item, curator, list(mandates)],
    )
    row = await cursor.fetchone()
    return None if row is None or row["content"] is None else Item.model_validate(row["content"])


async def codes_of(transaction: Transaction, receipts: Sequence[str]) -> Mapping[str, str]:
    """Give the codes of receipts by their ids, for naming them on the telephone."""
    cursor = await transaction.execute(
        "select token, code from receipt where token = any(%s) and code is not null",
        [list(receipts)],
    )
    return {row["token"]: row["code"] for row in await cursor.fetchall()}
