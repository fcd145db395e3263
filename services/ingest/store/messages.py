"""Messages to people: a queue that survives restarts, in which nothing is asked for twice.

Where a message can be:

queued        it waits until it is due; it certainly was not delivered
handing-over  the server was about to be given its last line; nobody knows what became of it
sent          the server took it
failed        it was refused for good, or too often; `trouble` says why
dropped       what it was about had changed before it could be sent
outbox        there is no mail server: it can be read on the outbox page only
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from services.chassis.database import Json, Transaction
from services.contracts.ids import MandateId
from services.ingest.domain.reminders import BEFORE

MessageKind = Literal[
    "invitation", "link", "reminder", "handover", "deadline", "decision", "withdrawal"
]
MessageState = Literal["queued", "handing-over", "sent", "failed", "dropped", "outbox"]

#: How long a message waits for others of its kind that can go in the same mail.
_GATHERING = timedelta(minutes=10)
#: How often a message is tried before it is given up, and the longest pause in between: with the
#: usual first pause of half a minute that is two days.
_ATTEMPTS = 20
_LONGEST_PAUSE = timedelta(hours=4)
#: After how many days it is forgotten who got a message, and what it said.
KEPT_DAYS = 30


@dataclass(frozen=True)
class Message:
    """A message as it is kept; `receiver` and `facts` are empty once they are forgotten."""

    message: str
    kind: MessageKind
    receiver: str
    language: str
    facts: Mapping[str, Any]
    state: MessageState
    due_at: datetime
    attempts: int
    trouble: str
    queued_at: datetime
    handed_over_at: datetime | None
    sent_at: datetime | None
    forgotten_at: datetime | None


_COLUMNS = b"""message, kind, receiver, language, facts, state, due_at, attempts, trouble,
               queued_at, handed_over_at, sent_at, forgotten_at"""


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

    - `link`: the id of the private link that the letter shows (a `withdrawal` can do without); its
      token is made when the letter is, and is never kept
    - `mandate` for `invitation`, `reminder`, `handover` and `deadline`; `about` says whether a
      `reminder` is of the `start` or of the `end`
    - `campaign` for `decision` and `withdrawal`; `campaign` or `mandate` for `link`
    - `decisions` for `decision`: a list of `{"item": id, "version": of the review}`; those that no
      longer stand when the letter is sent are left out
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
    if not await _claim(transaction, key, message):
        return False
    await transaction.execute(
        """insert into message (message, kind, receiver, language, facts, together, due_at)
           values (%s, %s, %s, %s, %s, %s, coalesce(%s, now() + %s))""",
        [
            *(message, kind, receiver, language, Json(dict(facts)), group, due_at),
            _GATHERING if group else timedelta(0),
        ],
    )
    return True


async def enqueue_link(
    transaction: Transaction,
    link: str,
    receiver: str,
    language: str,
    *,
    again: str = "",
    **about: str,
) -> bool:
    """Ask for a letter with a link, of a `campaign` or a `mandate`: one for each link.

    Whoever asks for the same link once more gives a word of their own with `again`.
    """
    key = f"link:{link}:{again}" if again else f"link:{link}"
    facts = {"link": link, **about}
    return await enqueue(
        transaction, key=key, kind="link", receiver=receiver, language=language, facts=facts
    )


async def _claim(transaction: Transaction, key: str, message: str) -> bool:
    cursor = await transaction.execute(
        "insert into message_key (key, message) values (%s, %s) on conflict do nothing",
        [key, message],
    )
    return cursor.rowcount == 1


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


async def anything_due(transaction: Transaction) -> bool:
    """Whether a message waits to be sent now."""
    cursor = await transaction.execute(
        "select 1 from message where state = 'queued' and due_at <= now() limit 1"
    )
    return await cursor.fetchone() is not None


async def take_due(transaction: Transaction) -> Message | None:
    """Take the next message that is due; nobody else can, until the transaction ends."""
    cursor = await transaction.execute(
        b"select "
        + _COLUMNS
        + b""" from message where state = 'queued' and due_at <= now()
           order by due_at, queued_at limit 1 for update skip locked"""
    )
    row = await cursor.fetchone()
    return Message(**row) if row else None


async def note_handing_over(
    transaction: Transaction, message: str, told: Mapping[str, Any]
) -> None:
    """Note that from here on nobody can know whether the message arrived; keep what it tells."""
    await transaction.execute(
        """update message set state = 'handing-over', handed_over_at = now(), trouble = '',
             attempts = attempts + 1, facts = facts || jsonb_build_object('told', %s::jsonb)
           where message = %s""",
        [Json(dict(told)), message],
    )


async def hold_handing_over(transaction: Transaction, message: str) -> bool:
    """Keep others from asking for a message again while it is handed over."""
    cursor = await transaction.execute(
        "select 1 from message where message = %s and state = 'handing-over' for update", [message]
    )
    return await cursor.fetchone() is not None


async def note_sent(transaction: Transaction, message: str) -> None:
    """Note that the server took the message."""
    await transaction.execute(
        "update message set state = 'sent', sent_at = now(), trouble = '' where message = %s",
        [message],
    )


async def note_trouble(transaction: Transaction, message: str, trouble: str) -> None:
    """Note what is wrong with a message that stays where it is."""
    await transaction.execute(
        "update message set trouble = %s where message = %s", [trouble, message]
    )


async def note_server_trouble(transaction: Transaction, trouble: str) -> None:
    """Note what keeps every message that is due from being sent."""
    await transaction.execute(
        """update message set trouble = %s
           where message in (select message from message where state = 'queued'
             and due_at <= now() and trouble <> %s for update skip locked)""",
        [trouble, trouble],
    )


async def put_back(
    transaction: Transaction, message: Message, pause: float, trouble: str
) -> MessageState:
    """Let a message that certainly was not delivered wait for its next attempt, or give it up."""
    attempts = message.attempts + 1
    if attempts >= _ATTEMPTS:
        await note_end(transaction, message.message, "failed", f"gave-up {trouble}")
        return "failed"
    wait = min(timedelta(seconds=pause * 2 ** min(attempts - 1, 30)), _LONGEST_PAUSE)
    await transaction.execute(
        """update message set state = 'queued', handed_over_at = null, attempts = %s,
             due_at = now() + %s, trouble = %s where message = %s""",
        [attempts, wait, trouble, message.message],
    )
    return "queued"


async def note_end(
    transaction: Transaction, message: str, state: Literal["failed", "dropped"], trouble: str
) -> None:
    """Note that a message is not tried again by itself."""
    await transaction.execute(
        "update message set state = %s, trouble = %s where message = %s", [state, trouble, message]
    )


async def leave_in_outbox(transaction: Transaction) -> int:
    """Lay what is due on the outbox page, since there is no mail server; says how many."""
    cursor = await transaction.execute(
        """update message set state = 'outbox'
           where message in (select message from message where state = 'queued'
             and due_at <= now() for update skip locked)"""
    )
    return cursor.rowcount


async def ask_again(transaction: Transaction, message: str) -> bool:
    """Queue a message once more, because a person wants it; False while it is being sent."""
    cursor = await transaction.execute(
        """update message set state = 'queued', due_at = now(), attempts = 0, trouble = '',
             handed_over_at = null
           where message in (select message from message where message = %s and receiver <> ''
             and state in ('handing-over', 'failed', 'dropped', 'outbox')
             for update skip locked)""",
        [message],
    )
    return cursor.rowcount == 1


async def find_message(transaction: Transaction, message: str) -> Message | None:
    """Give a message."""
    cursor = await transaction.execute(
        b"select " + _COLUMNS + b" from message where message = %s", [message]
    )
    row = await cursor.fetchone()
    return Message(**row) if row else None


async def list_messages(transaction: Transaction, count: int = 200) -> list[Message]:
    """Give the last messages, newest first."""
    cursor = await transaction.execute(
        b"select " + _COLUMNS + b" from message order by queued_at desc, message limit %s", [count]
    )
    return [Message(**row) for row in await cursor.fetchall()]


async def forget_old(transaction: Transaction) -> int:
    """Forget who got messages long ago, and what these said; says how many."""
    cursor = await transaction.execute(
        """update message set receiver = '', facts = '{}', together = null, trouble = '',
             forgotten_at = now()
           where forgotten_at is null and state <> 'queued'
             and coalesce(sent_at, handed_over_at, due_at) < now() - make_interval(days => %s)""",
        [KEPT_DAYS],
    )
    return cursor.rowcount


async def is_asked(transaction: Transaction, key: str) -> bool:
    """Whether a message was asked for by this key already."""
    cursor = await transaction.execute("select 1 from message_key where key = %s", [key])
    return await cursor.fetchone() is not None


async def mandates_near(transaction: Transaction, now: datetime) -> list[MandateId]:
    """Give the accepted mandates that have a date near enough to tell their holders something."""
    cursor = await transaction.execute(
        """select mandate from mandate where state = 'accepted'
             and (starts_at between %(now)s - %(near)s and %(now)s + %(near)s
               or ends_at between %(now)s and %(now)s + %(near)s
               or (series->>'deadline')::timestamptz between %(now)s and %(now)s + %(near)s)
           order by mandate""",
        {"now": now, "near": BEFORE},
    )
    return [MandateId(row["mandate"]) for row in await cursor.fetchall()]
