"""What a giver can do by their receipt: take back, mend, ask for a second look, be forgotten."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, get_args

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.chassis.database import Transaction
from services.chassis.journal import Cause, ConflictError
from services.chassis.web import Problem, pages_of, wants_page
from services.contracts.ids import ItemId
from services.contracts.ingest import Channel
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.receipts.opening import opened, the_item
from services.ingest.store.amendments import amend
from services.ingest.store.appeals import lodge
from services.ingest.store.messages import enqueue
from services.ingest.store.permissions import hear_parents, take_back_use
from services.ingest.store.receipts import Receipt, forget_mail, link_for_letters
from services.ingest.store.standings import standing_of
from services.ingest.store.turn_consents import take_back_for_turn
from services.ingest.store.withdrawals import withdraw_item

router = APIRouter()

#: Every form of a receipt comes back to it, for people; programs get an empty answer.
_Work = Callable[[Transaction], Awaitable[bool]]
_ATTEMPTS = 5
_CHANNELS: tuple[Channel, ...] = get_args(Channel)
_LONGEST_TEXT = 10_000
_LONGEST_ALT = 2_000
_LONGEST_NAME = 120
Words = Annotated[str | None, Form()]


async def _written(needs: Parts, work: _Work) -> bool:
    """Do something in one transaction, again when another change of the same item was faster."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with needs.database.transaction() as transaction:
                return await work(transaction)
        except ConflictError:
            if attempt == _ATTEMPTS:
                detail = "Somebody else changed this at the same moment. Look, then try again."
                raise Problem(409, "changed-meanwhile", detail) from None
    raise AssertionError


def _answer(token: str, request: Request, done: str) -> Response:
    if not wants_page(request):
        return Response(status_code=204)
    language = pages_of(request).language(request)
    return RedirectResponse(f"/r/{token}?lang={language}&done={done}", 303)


@router.post("/r/{token}/withdraw", status_code=204)
async def withdraw_all(token: str, request: Request, needs: Needs) -> Response:
    """Take everything of a receipt back. Twice is harmless."""
    found = await opened(token, needs)
    items = [i.item for i in found.items if i.life != "withdrawn"]
    await _take_back(found, items, needs)
    return _answer(token, request, "withdrawn")


@router.post("/r/{token}/withdraw/{item}", status_code=204)
async def withdraw(token: str, item: str, request: Request, needs: Needs) -> Response:
    """Take one item back: it goes from every gallery, and its files with it. Twice is harmless."""
    found = await opened(token, needs)
    received = the_item(found, item)
    if received.life != "withdrawn":
        await _take_back(found, [received.item], needs)
    return _answer(token, request, "withdrawn")


async def _take_back(receipt: Receipt, items: list[ItemId], needs: Parts) -> None:
    cause = Cause.by("contributor")

    async def work(transaction: Transaction) -> bool:
        taken = [
            await withdraw_item(transaction, needs.journal, item, cause) for item in sorted(items)
        ]
        if any(taken):
            await _confirm(transaction, receipt, items)
        return any(taken)

    if await _written(needs, work):
        await _settled(items, needs)


async def _confirm(transaction: Transaction, receipt: Receipt, items: list[ItemId]) -> None:
    """Put a letter on its way that says what was taken back, to whoever left an address."""
    gone = {i.item for i in receipt.items if i.life == "withdrawn"} | set(items)
    await enqueue(
        transaction,
        key=f"withdrawal:{receipt.id}:{','.join(sorted(items))}",
        kind="withdrawal",
        receiver=receipt.mail,
        language=receipt.language,
        facts={
            "campaign": receipt.campaign,
            "photos": len(gone),
            "together": receipt.id,
            "link": await link_for_letters(transaction, receipt.id),
        },
    )


async def _settled(items: list[ItemId], needs: Parts) -> None:
    """Wait a moment for the stream, so that the next page already tells the truth; bounded."""
    for _ in range(10):
        async with needs.database.transaction() as transaction:
            cursor = await transaction.execute(
                "select count(*) as open from item where item = any(%s) and life = 'live'", [items]
            )
            row = await cursor.fetchone()
        if row is None or not row["open"]:
            return
        await asyncio.sleep(0.1)


@router.post("/r/{token}/channel/{item}/{channel}/withdraw", status_code=204)
async def withdraw_use(
    token: str, item: str, channel: str, request: Request, needs: Needs
) -> Response:
    """Take the consent for one channel back; the web's makes it go from every gallery."""
    received = the_item(await opened(token, needs), item)
    wanted = _the_channel(channel)

    async def work(transaction: Transaction) -> bool:
        return await take_back_use(
            transaction,
            needs.journal,
            received.item,
            wanted,
            datetime.now(UTC),
            Cause.by("contributor"),
        )

    await _written(needs, work)
    return _answer(token, request, "use-withdrawn")


@router.post("/r/{token}/turn/{channel}/withdraw", status_code=204)
async def withdraw_use_of_turn(
    token: str, channel: str, request: Request, needs: Needs
) -> Response:
    """Take the consent for one channel back for a whole turn, and for what will come for it."""
    mandate = (await opened(token, needs)).mandate
    if mandate is None:
        raise Problem(404, "turn-unknown", "Your link does not show this turn. Reload the page.")
    wanted = _the_channel(channel)

    async def work(transaction: Transaction) -> bool:
        return await take_back_for_turn(
            transaction,
            needs.journal,
            mandate,
            wanted,
            datetime.now(UTC),
            Cause.by("contributor"),
        )

    await _written(needs, work)
    return _answer(token, request, "use-withdrawn")


def _the_channel(written: str) -> Channel:
    for channel in _CHANNELS:
        if channel == written:
            return channel
    raise Problem(404, "channel-unknown", "There is no such use. Reload the page.")


@router.post("/r/{token}/guardian/{item}", status_code=204)
async def guardian(token: str, item: str, request: Request, needs: Needs) -> Response:
    """Say that a parent of somebody under 18 who is shown agrees."""
    received = the_item(await opened(token, needs), item)

    async def work(transaction: Transaction) -> bool:
        cause = Cause.by("contributor")
        return await hear_parents(transaction, needs.journal, received.item, cause)

    await _written(needs, work)
    return _answer(token, request, "guardian")


@router.post("/r/{token}/amend/{item}", status_code=204)
async def amend_item(
    token: str,
    item: str,
    request: Request,
    needs: Needs,
    text: Words = None,
    alt: Words = None,
    name: Words = None,
) -> Response:
    """Mend the words, the description or the name; what was approved is looked at again."""
    received = the_item(await opened(token, needs), item)
    if received.life == "withdrawn":
        raise Problem(409, "item-withdrawn", "You took this back, so it cannot be changed.")

    async def work(transaction: Transaction) -> bool:
        return await amend(
            transaction,
            needs.journal,
            received.item,
            text=None if text is None else text[:_LONGEST_TEXT],
            alt=None if alt is None else alt[:_LONGEST_ALT],
            name=None if name is None else name[:_LONGEST_NAME],
            cause=Cause.by("contributor"),
        )

    changed = await _written(needs, work)
    if changed:
        await _changed(received.item, received.changed_at, needs)
    return _answer(token, request, "amended" if changed else "same")


async def _changed(item: ItemId, before: datetime | None, needs: Parts) -> None:
    """Wait a moment for the stream, so that the next page shows the new words; bounded."""
    for _ in range(20):
        async with needs.database.transaction() as transaction:
            now = await standing_of(transaction, item)
        if now.changed_at != before:
            return
        await asyncio.sleep(0.1)


@router.post("/r/{token}/appeal/{item}", status_code=204)
async def appeal(
    token: str, item: str, request: Request, needs: Needs, words: Words = None
) -> Response:
    """Ask somebody else to look at a decision again; once for each decision."""
    received = the_item(await opened(token, needs), item)

    async def work(transaction: Transaction) -> bool:
        return await lodge(
            transaction,
            needs.journal,
            received.item,
            words or "",
            datetime.now(UTC),
            Cause.by("contributor"),
        )

    if not await _written(needs, work) and not received.appeals:
        raise Problem(409, "nothing-to-appeal", "There is no decision to look at again.")
    return _answer(token, request, "appealed")


@router.post("/r/{token}/mail/erase", status_code=204)
async def erase_mail(token: str, request: Request, needs: Needs) -> Response:
    """Erase the mail address that the giver left."""
    found = await opened(token, needs)
    async with needs.database.transaction() as transaction:
        await forget_mail(transaction, found.id)
    return _answer(token, request, "mail-erased")
