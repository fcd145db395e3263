"""The lease: for a few minutes an item on the queue is one moderator's, so that nobody works twice.

A lease is no state of the review: a browser that crashed leaves nothing but a time that passes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.contracts.ids import ItemId
from services.moderation.domain.errors import LeaseLostError

#: How long an item stays somebody's without a sign of life; a visible desk renews it.
LEASE_LASTS = timedelta(minutes=3)
#: A page of the queue: as many cards as one moderator may hold at once.
LARGEST_PAGE = 24


@dataclass(frozen=True)
class Lease:
    """Who holds an item, under which token, until when."""

    moderator: str
    token: str
    expires_at: datetime

    def live(self, now: datetime) -> bool:
        """Whether it still keeps others away."""
        return now < self.expires_at


def insist_free(item: ItemId, lease: Lease | None, moderator: str, now: datetime) -> None:
    """Insist that no colleague holds the item. Raises LeaseLostError.

    A lease that ran out, but that nobody took over, costs its holder nothing: the version says
    whether the item is still as it was judged.
    """
    if lease is not None and lease.live(now) and lease.moderator != moderator:
        raise LeaseLostError(item, lease.moderator)
