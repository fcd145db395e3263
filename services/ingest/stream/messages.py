"""The clock that sends messages: each once, as far as SMTP lets anybody know.

Before the last line of a message goes out it is written down that it does (`handing-over`). Whoever
finds such a message after a crash knows that it may have arrived, and leaves it to a person; a
message that is still `queued` certainly did not arrive, and is sent.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from services.chassis.database import TRANSIENT, Transaction
from services.chassis.telemetry import log
from services.ingest.store.letters import (
    Letter,
    MootLetterError,
    address_of,
    told_by,
    write_letter,
)
from services.ingest.store.messages import (
    Message,
    anything_due,
    hold_handing_over,
    leave_in_outbox,
    note_end,
    note_handing_over,
    note_sent,
    note_server_trouble,
    note_trouble,
    put_back,
    take_due,
)
from services.ingest.stream.deps import Deps
from services.ingest.stream.post import (
    Connection,
    MailServer,
    NoAnswerError,
    PostError,
    PutOffError,
    ServerAwayError,
    connect,
)

#: Seconds between two looks for messages that are due.
_TICK = 0.4
#: Longest pause after trouble that concerns every message.
_LONGEST_BACK_OFF = 60.0
#: Seconds that a message under way gets when the process is told to stop.
_LAST_SECONDS = 8.0
#: Attempts to write down what the server answered, once it has.
_WRITING_DOWN = 5


async def send_messages(deps: Deps) -> None:
    """Send every message when it is due, until cancelled."""
    post = _Sender(deps)
    trouble = 0
    try:
        while True:
            try:
                await post.send_due()
                trouble = 0
            except ServerAwayError as error:
                trouble += 1
                log.warning("messages.wait", error=str(error))
            except TRANSIENT as error:
                trouble += 1
                log.warning("messages.wait", error=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - a traceback could name people
                trouble += 1
                log.error("messages.failed", error=type(error).__name__)
            if trouble:
                post.drop()
            await asyncio.sleep(min(_TICK * 2**trouble, _LONGEST_BACK_OFF) if trouble else _TICK)
    finally:
        post.drop()


class _Sender:
    """Sends what is due, on one connection for as long as there is something to send."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._connection: Connection | None = None

    async def send_due(self) -> None:
        """Send all that is due now."""
        server = self._deps.mail
        if server is None:
            await self._leave()
            return
        while await self._due():
            await self._connect(server)
            sending = asyncio.create_task(self._send_next(server), name="message")
            try:
                more = await asyncio.shield(sending)
            except asyncio.CancelledError:
                await asyncio.wait([sending], timeout=_LAST_SECONDS)
                sending.cancel()
                raise
            if not more:
                break
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    def drop(self) -> None:
        """Give up the connection."""
        if self._connection is not None:
            self._connection.drop()
            self._connection = None

    async def _due(self) -> bool:
        async with self._deps.database.transaction() as transaction:
            return await anything_due(transaction)

    async def _leave(self) -> None:
        async with self._deps.database.transaction() as transaction:
            if count := await leave_in_outbox(transaction):
                log.info("messages.left", count=count)

    async def _connect(self, server: MailServer) -> None:
        if self._connection is not None and self._connection.open:
            return
        try:
            self._connection = await connect(server)
        except ServerAwayError as error:
            await self._note_server(error)
            raise

    async def _note_server(self, error: ServerAwayError) -> None:
        async with self._deps.database.transaction() as transaction:
            await note_server_trouble(transaction, error.trouble)

    async def _send_next(self, server: MailServer) -> bool:
        """Send the next message; says whether there was one."""
        connection = self._connection
        if connection is None:
            return False
        try:
            async with self._deps.database.transaction() as transaction:
                message = await take_due(transaction)
                if message is None:
                    return False
                if not await self._offer(transaction, message, server, connection):
                    return True
        except ServerAwayError as error:
            await self._note_server(error)
            raise
        except BaseException:
            # What was offered is forgotten with the connection, whatever was written down.
            connection.drop()
            raise
        await self._hand_over(message, server, connection)
        return True

    async def _offer(
        self,
        transaction: Transaction,
        message: Message,
        server: MailServer,
        connection: Connection,
    ) -> bool:
        """Bring a message up to its last line; says whether that line may follow."""
        try:
            # A statement that fails spoils its transaction, and the message must be set aside.
            async with transaction.transaction():
                mail, told = await self._write(transaction, message, server)
        except TRANSIENT:
            raise
        except MootLetterError as moot:
            await note_end(transaction, message.message, "dropped", f"moot {moot}")
            log.info("message.dropped", message=message.message, kind=message.kind)
            return False
        except Exception as error:  # noqa: BLE001 - one bad letter must not stop all others
            await note_end(transaction, message.message, "failed", "unwritable")
            log.error("message.unwritable", message=message.message, error=type(error).__name__)
            return False
        try:
            await connection.offer(message.receiver, mail)
        except ServerAwayError:
            raise
        except PostError as error:
            await _note_failure(transaction, message, server, error)
            return False
        await note_handing_over(transaction, message.message, told)
        return True

    async def _write(
        self, transaction: Transaction, message: Message, server: MailServer
    ) -> tuple[EmailMessage, Mapping[str, Any]]:
        pen = self._deps.pen
        told = await told_by(transaction, message, pen, datetime.now(UTC))
        link = message.facts.get("link")
        address = await address_of(transaction, pen, link) if link else ""
        letter = write_letter(message, told, pen, address)
        return mail_of(message, letter, server), told

    async def _hand_over(
        self, message: Message, server: MailServer, connection: Connection
    ) -> None:
        """Send the last line, and write down what came of it."""
        answer: PostError | None = None
        answered = False
        for attempt in range(_WRITING_DOWN):
            try:
                async with self._deps.database.transaction() as transaction:
                    if not await hold_handing_over(transaction, message.message):
                        connection.drop()
                        return
                    if not answered:
                        answer = await _finish(connection)
                        answered = True
                    await _note_answer(transaction, message, server, answer)
                    return
            except TRANSIENT:
                if not answered:
                    # The last line was not sent, and is not going to be.
                    connection.drop()
                    answer, answered = PutOffError("broken database"), True
                await asyncio.sleep(0.2 * 2**attempt)
        log.warning("message.unsure", message=message.message)


async def _finish(connection: Connection) -> PostError | None:
    try:
        await connection.finish()
    except PostError as error:
        return error
    return None


async def _note_answer(
    transaction: Transaction, message: Message, server: MailServer, answer: PostError | None
) -> None:
    if answer is None:
        await note_sent(transaction, message.message)
        log.info("message.sent", message=message.message, kind=message.kind)
    elif isinstance(answer, NoAnswerError):
        await note_trouble(transaction, message.message, answer.trouble)
        log.warning("message.unsure", message=message.message, kind=message.kind)
    else:
        await _note_failure(transaction, message, server, answer)


async def _note_failure(
    transaction: Transaction, message: Message, server: MailServer, error: PostError
) -> None:
    """Let a message that was put off wait, and one that was refused be."""
    if isinstance(error, PutOffError):
        state = await put_back(transaction, message, server.pause, error.trouble)
    else:
        await note_end(transaction, message.message, "failed", error.trouble)
        state = "failed"
    log.warning("message.turned_away", message=message.message, state=state, error=str(error))


def mail_of(message: Message, letter: Letter, server: MailServer) -> EmailMessage:
    """Put a letter in its envelope; the same message always has the same Message-ID."""
    mail = EmailMessage()
    mail["From"] = server.sender
    mail["To"] = message.receiver
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{message.message}@{server.address.partition('@')[2]}>"
    # RFC 3834: so that no absence notice answers it.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text, cte="quoted-printable")
    if letter.calendar:
        mail.add_attachment(
            letter.calendar.encode(),
            maintype="text",
            subtype="calendar",
            filename="dichtbij.ics",
            params={"method": "PUBLISH", "charset": "utf-8"},
        )
    # Last, since an attachment takes all headers of the content along to the first part.
    mail["Content-Language"] = message.language
    return mail
