"""The queue: open reviews in the order they should be seen, each leased to one moderator."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.chassis.database import Transaction
from services.contracts.ids import CampaignId, ItemId
from services.contracts.ingest import MandateAnnounced
from services.contracts.moderation import ReviewStateName
from services.moderation.domain.lease import LEASE_LASTS, Lease
from services.moderation.domain.review import Review
from services.moderation.store.reviews import lease_of, review_of


@dataclass(frozen=True)
class Card:
    """A review as the desk shows it: with its lease, who decided, and since when it is seen.

    `mandate` is the one that its item came for; `words` are those of the giver who asked for a
    second look, at the decision of `looked_at_by`.
    """

    review: Review
    lease: Lease | None
    decided_by: str | None
    visible_since: datetime | None
    path: str | None
    mandate: MandateAnnounced | None = None
    words: str = ""
    looked_at_by: str | None = None


#: What a queue can be narrowed to: how its items count for a mandate, or second looks only.
Lane = Literal["", "counted", "late", "paused", "second-look"]

_CARD = """select r.*, coalesce(a.name, r.decided_by) as decided_by_name, v.since, v.path,
             m.announcement as of_mandate, p.words,
             coalesce(b.name, r.second_look->>'decided_by') as looked_at_by
           from review r
           left join account a on a.account = r.decided_by
           left join account b on b.account = r.second_look->>'decided_by'
           left join mandate m on m.mandate = r.mandate
           left join appeal p on p.item = r.item
           left join lateral (select since, path from visibility
                              where item = r.item and path is not null
                              order by since limit 1) v on true"""


def _card(row: dict[str, Any]) -> Card:
    mandate = row["of_mandate"]
    return Card(
        review_of(row),
        lease_of(row),
        row["decided_by_name"],
        row["since"],
        row["path"],
        MandateAnnounced.model_validate(mandate) if mandate else None,
        row["words"] or "",
        row["looked_at_by"],
    )


_TAKE = """
    with chosen as (
      select item from review r
      where campaign = %(campaign)s and state = 'pending' and life = 'live'
        and (moderator is null or lease_expires_at <= now()
             or (moderator = %(moderator)s and not %(more)s))
        and (%(lane)s = '' or lane = %(lane)s
             or (%(lane)s = 'second-look' and second_look is not null))
        and giver_account is distinct from %(moderator)s
        and second_look->>'decided_by' is distinct from %(moderator)s
        and decided_by is distinct from %(moderator)s
        and not exists (select 1 from mandate m
                        where m.mandate = r.mandate and m.staff_account = %(moderator)s)
      order by (moderator = %(moderator)s and lease_expires_at > now()) is true desc,
               observed_at, item
      limit %(most)s for update skip locked)
    update review set moderator = %(moderator)s, lease_token = gen_random_uuid(),
      lease_expires_at = now() + %(lasts)s
    from chosen where review.item = chosen.item
    returning review.item"""


async def take(
    transaction: Transaction,
    campaign: CampaignId,
    moderator: str,
    most: int,
    *,
    more: bool = False,
    lane: Lane = "",
) -> list[Card]:
    """Lease the first open reviews to a moderator, his own first, under new tokens.

    With `more`, only such as he does not hold yet. What a colleague holds or is deciding on is
    passed over, so that two moderators never get the same item; and so is what only a colleague may
    decide on: what the moderator gave, second looks at the moderator's own decisions, and what
    the moderator approved first where a second person must.
    """
    # Two requests of one moderator would pass over each other's rows and take twice as many.
    await transaction.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"take:{moderator}"]
    )
    cursor = await transaction.execute(
        _TAKE,
        {
            "campaign": campaign,
            "moderator": moderator,
            "most": most,
            "more": more,
            "lane": lane,
            "lasts": LEASE_LASTS,
        },
    )
    items = [row["item"] for row in await cursor.fetchall()]
    cursor = await transaction.execute(
        f"{_CARD} where r.item = any(%s) order by r.observed_at, r.item",
        [items],
    )
    return [_card(row) for row in await cursor.fetchall()]


async def lease_one(transaction: Transaction, item: ItemId, moderator: str) -> Lease:
    """Lease one review to a moderator who has just brought it back."""
    cursor = await transaction.execute(
        """update review set moderator = %s, lease_token = gen_random_uuid(),
             lease_expires_at = now() + %s where item = %s
           returning moderator, lease_token, lease_expires_at""",
        [moderator, LEASE_LASTS, item],
    )
    row = await cursor.fetchone()
    if row is None:
        raise LookupError(item)
    return Lease(row["moderator"], str(row["lease_token"]), row["lease_expires_at"])


async def renew(transaction: Transaction, moderator: str, tokens: list[str]) -> list[str]:
    """Prolong a moderator's leases; answers the tokens of those that are still his."""
    cursor = await transaction.execute(
        """update review set lease_expires_at = now() + %s
           where moderator = %s and lease_token = any(%s::uuid[])
             and state = 'pending' and life = 'live'
           returning lease_token""",
        [LEASE_LASTS, moderator, tokens],
    )
    return [str(row["lease_token"]) for row in await cursor.fetchall()]


async def release(transaction: Transaction, moderator: str, tokens: list[str]) -> int:
    """Let go of leases, so that colleagues need not wait; says how many were let go."""
    cursor = await transaction.execute(
        """update review set moderator = null, lease_token = null, lease_expires_at = null
           where moderator = %s and lease_token = any(%s::uuid[])""",
        [moderator, tokens],
    )
    return cursor.rowcount


async def decided(
    transaction: Transaction,
    campaign: CampaignId,
    states: tuple[ReviewStateName, ...],
    most: int,
    *,
    skip: int = 0,
    lane: Lane = "",
) -> list[Card]:
    """List decided reviews, the latest decision first."""
    cursor = await transaction.execute(
        f"""{_CARD} where r.campaign = %(campaign)s and r.state = any(%(states)s)
              and r.life = 'live'
              and (%(lane)s = '' or r.lane = %(lane)s
                   or (%(lane)s = 'second-look' and r.second_look is not null))
            order by r.decided_at desc, r.item limit %(most)s offset %(skip)s""",
        {"campaign": campaign, "states": list(states), "most": most, "skip": skip, "lane": lane},
    )
    return [_card(row) for row in await cursor.fetchall()]


async def find_card(transaction: Transaction, item: ItemId) -> Card | None:
    """Find one review as the desk shows it."""
    cursor = await transaction.execute(
        f"{_CARD} where r.item = %s",
        [item],
    )
    row = await cursor.fetchone()
    return _card(row) if row else None


@dataclass(frozen=True)
class Counts:
    """How many items of a campaign stand where; `held` are those that colleagues hold now.

    `own` wait for a colleague, since the moderator gave them or decided on them; `late`,
    `paused` and `second_looks` are those that wait in these lanes.
    """

    waiting: int = 0
    held: int = 0
    approved: int = 0
    rejected: int = 0
    own: int = 0
    late: int = 0
    paused: int = 0
    second_looks: int = 0


_COUNTS = """
    select campaign, count(*) filter (where waits) as waiting,
      count(*) filter (where waits and held) as held,
      count(*) filter (where waits and own and not held) as own,
      count(*) filter (where waits and lane = 'late') as late,
      count(*) filter (where waits and lane = 'paused') as paused,
      count(*) filter (where waits and second_look is not null) as second_looks,
      count(*) filter (where state = 'approved') as approved,
      count(*) filter (where state in ('rejected', 'taken-down')) as rejected
    from (
      select r.campaign, r.state, r.lane, r.second_look, r.state = 'pending' as waits,
        (r.moderator <> %(moderator)s and r.lease_expires_at > now()) is true as held,
        (%(moderator)s in (r.giver_account, r.second_look->>'decided_by', m.staff_account,
                           r.decided_by)) is true as own
      from review r left join mandate m on m.mandate = r.mandate
      where r.life = 'live') as standing
    group by campaign"""


async def counts(transaction: Transaction, moderator: str) -> dict[CampaignId, Counts]:
    """Count the live reviews of every campaign that has any."""
    cursor = await transaction.execute(_COUNTS, {"moderator": moderator})
    return {CampaignId(row.pop("campaign")): Counts(**row) for row in await cursor.fetchall()}
