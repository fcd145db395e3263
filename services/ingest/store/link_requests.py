"""Requests for new links: so many an hour for one receipt, so many a minute in all.

They are counted in PostgreSQL, so that several web processes count together, and a restart forgets
nothing. Nothing is kept of who asked.
"""

from datetime import timedelta

from services.chassis.database import Transaction

#: For one receipt: enough for a person who does not find the mail, too few to bother its owner.
MOST_FOR_ONE = 3
_ONE_LASTS = timedelta(hours=1)
#: For all together: more than any festival asks, and a mail server can bear it.
MOST_FOR_ALL = 60
_ALL_LASTS = timedelta(minutes=1)
_WAITS = """select count(*) as asked, min(asked_at) + %(lasts)s - now() as free from (
              select asked_at from link_request
              where asked_at > now() - %(lasts)s and (%(receipt)s::text is null
                or receipt = %(receipt)s)
              order by asked_at desc limit %(most)s) as last"""


class TooManyRequestsError(Exception):
    """Too many links were asked for; `seconds` says when to try again."""

    def __init__(self, seconds: int) -> None:
        """Say how long to wait."""
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


async def note_link_request(transaction: Transaction, receipt: str) -> None:
    """Count a request. Raises TooManyRequestsError, and then it is not counted."""
    # Without this, many that come at once would all be the sixtieth.
    await transaction.execute("select pg_advisory_xact_lock(hashtext('link-requests'))")
    await _insist(transaction, receipt, MOST_FOR_ONE, _ONE_LASTS)
    await _insist(transaction, None, MOST_FOR_ALL, _ALL_LASTS)
    await transaction.execute(
        "delete from link_request where asked_at < now() - %s", [2 * _ONE_LASTS]
    )
    await transaction.execute("insert into link_request (receipt) values (%s)", [receipt])


async def _insist(
    transaction: Transaction, receipt: str | None, most: int, lasts: timedelta
) -> None:
    cursor = await transaction.execute(
        _WAITS.encode(), {"receipt": receipt, "most": most, "lasts": lasts}
    )
    row = await cursor.fetchone()
    if row is not None and row["asked"] >= most:
        raise TooManyRequestsError(max(1, round(row["free"].total_seconds())))
