"""Messages to people: a queue that survives restarts, in which nothing is asked for twice.

Where a message can be:

queued        it waits until it is due; it certainly was not delivered
handing-over  the server was about to be given its last line; nobody knows what became of it
sent          the server took it
failed        it was refused for good, or too often; `trouble` says why
outbox        there is no mail server: it can be read on the outbox page only
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from services.chassis.database import Json, Transaction

MessageKind = Literal[
    "invitation", "link", "reminder", "handover", "deadline", "decision", "withdrawal"
]
MessageState = Literal["queued", "handing-over", "sent", "failed", "outbox"]

#: How long a message waits for others of its kind that can go in the same mail.
_GATHERING = timedelta(minutes=10)


async def enqueue(
    transaction: Transaction,
    *,
    key: str,
    kind: MessageKind,
    receiver: str,
    language: str,
    facts: Mapping[str, Any],
    due_at: datetime | None = None,
) -> bool:
    """Ask for a message; says whether it was new. The same `key` is never asked for twice.

    A `key` names nobody: ids only, since it is kept for ever. An empty `receiver` gets nothing.
    `facts` name things by their ids, so that a letter tells how they are when it is sent:

    - `link`: the id of the private link that the letter shows (for every kind but `withdrawal`);
      its token is made when the letter is, and is never kept
    - `mandate` for `invitation`, `reminder`, `handover` and `deadline`; `inviter` (a name) and
      `words` (of the inviter) may be added to an `invitation`
    - `campaign` for `link`, `decision` and `withdrawal`
    - `decisions` for `decision`: a list of `{"photo": words or "", "outcome": "approved" |
      "rejected" | "taken-down" | "upheld" | "overturned", "statements": [by language], "address":
      where it is shown or ""}`
    - `photos` for `withdrawal`: how many were taken back

    Facts with `together` (an id, such as a receipt's) are put in one letter with those of an
    earlier message of this kind to this receiver that still waits: their lists are joined.
    """
    if not receiver:
        return False
    message = secrets.token_hex(8)
    together = facts.get("together")
    group = f"{kind}:{together}" if together else None
    if group:
        # Two that come at once would each begin a letter.
        await transaction.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"message:{group}"]
        )
        waiting = await _waiting(transaction, group, receiver)
        if waiting is not None:
            return await _join(transaction, key, waiting, facts)
        due_at = due_at or await _soon(transaction)
    if not await _claim(transaction, key, message):
        return False
    await transaction.execute(
        """insert into message (message, kind, receiver, language, facts, together, due_at)
           values (%s, %s, %s, %s, %s, %s, coalesce(%s, now()))""",
        [message, kind, receiver, language, Json(dict(facts)), group, due_at],
    )
    return True


async def _claim(transaction: Transaction, key: str, message: str) -> bool:
    cursor = await transaction.execute(
        "insert into message_key (key, message) values (%s, %s) on conflict do nothing",
        [key, message],
    )
    return cursor.rowcount == 1


async def _soon(transaction: Transaction) -> datetime:
    cursor = await transaction.execute("select now() + %s as soon", [_GATHERING])
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - it always answers
    soon: datetime = row["soon"]
    return soon


async def _waiting(transaction: Transaction, group: str, receiver: str) -> Mapping[str, Any] | None:
    """Give the letter that can be added to, unless it is being sent at this moment."""
    cursor = await transaction.execute(
        """select message, facts from message
           where together = %s and receiver = %s and state = 'queued'
           order by queued_at limit 1 for update skip locked""",
        [group, receiver],
    )
    return await cursor.fetchone()


async def _join(
    transaction: Transaction, key: str, waiting: Mapping[str, Any], facts: Mapping[str, Any]
) -> bool:
    if not await _claim(transaction, key, waiting["message"]):
        return False
    joined = dict(waiting["facts"])
    for name, told in facts.items():
        earlier = joined.get(name)
        joined[name] = (
            [*earlier, *told] if isinstance(earlier, list) and isinstance(told, list) else told
        )
    await transaction.execute(
        "update message set facts = %s where message = %s", [Json(joined), waiting["message"]]
    )
    return True
