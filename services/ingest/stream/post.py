"""The mail server: where it is, and one message at a time up to, and with, its last line.

SMTP answers for a message once, after the line with the dot (RFC 5321, 4.2.5). Until that line is
sent the server must forget all of it; once it is sent only the answer tells what became of it. If
the connection breaks in between, sending again may double the message (RFC 1047). So the two halves
are two steps here, and the caller writes down in between that the second one begins.
"""

import contextlib
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

#: Seconds that the server has for each answer, and for the last one, for which it may check a lot.
_ANSWER = 30.0
_LAST_ANSWER = 120.0
_SCHEMES = {"smtp": 587, "smtps": 465}
_GO_AHEAD = 354
_ADDRESS, _LOGIN, _LOST = "address", "server-login", "connection lost"
_TAKEN = range(200, 300)
_FOR_NOW = range(400, 500)


class PostError(Exception):
    """A message was not delivered; `trouble` says why, without anything personal but the answer."""

    def __init__(self, trouble: str) -> None:
        """Keep what the page of messages tells."""
        super().__init__(trouble.partition(" ")[0])
        self.trouble = trouble


class ServerAwayError(PostError):
    """The server cannot be used at all now, whatever the message."""


class PutOffError(PostError):
    """The message was turned away for now."""


class RefusedError(PostError):
    """The message was refused for good."""


class NoAnswerError(PostError):
    """The last line was sent, and no answer came: nobody knows whether it was delivered."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, and from whom it comes; `pause` comes before a second attempt."""

    host: str
    port: int
    sender: str
    pause: float
    tls: bool = False
    user: str | None = None
    password: str | None = None

    @property
    def address(self) -> str:
        """Give the bare address that mail comes from."""
        return parseaddr(self.sender)[1]

    @property
    def near(self) -> bool:
        """Whether it runs on this machine, so that nobody can listen on the way."""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"


def mail_server(url: str, sender: str, pause: float) -> MailServer | None:
    """Read where the mail server is; None for an empty address. Raises ValueError."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        message = "DICHTBIJ_SMTP_URL must look like smtp://user:password@host:port."
        raise ValueError(message)
    if "@" not in parseaddr(sender)[1]:
        message = "DICHTBIJ_MAIL_FROM must be a mail address, since DICHTBIJ_SMTP_URL is set."
        raise ValueError(message)
    return MailServer(
        host=parts.hostname,
        port=parts.port or _SCHEMES[parts.scheme],
        sender=sender,
        pause=pause,
        tls=parts.scheme == "smtps",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


class Connection:
    """A connection to the mail server, on which one message after the other is handed over."""

    def __init__(self, server: MailServer, smtp: aiosmtplib.SMTP) -> None:
        """Take a connection that is open; `connect` makes one."""
        self._server = server
        self._smtp = smtp

    @property
    def open(self) -> bool:
        """Whether another message can be handed over on it."""
        return self._smtp.is_connected

    async def offer(self, receiver: str, message: EmailMessage) -> None:
        """Bring a message up to its last line, which is not sent.

        Raises ServerAwayError, PutOffError and RefusedError; none of them leaves a doubt.
        """
        try:
            await self._envelope(receiver)
            self._write(message)
        except PostError:
            await self._start_over()
            raise
        except (aiosmtplib.SMTPException, OSError) as error:
            self.drop()
            trouble = f"broken {type(error).__name__}"
            raise PutOffError(trouble) from None

    async def _envelope(self, receiver: str) -> None:
        try:
            await self._smtp.mail(self._server.address)
        except aiosmtplib.SMTPResponseException as error:
            # It is about us, not about this message: none of them would go.
            trouble = f"sender-refused {error.code} {error.message}"[:300]
            raise ServerAwayError(trouble) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            # A server may end a connection after some messages, and takes the next on another.
            trouble = f"server-away {type(error).__name__}"
            raise ServerAwayError(trouble) from None
        try:
            await self._smtp.rcpt(_in_ascii(receiver))
        except aiosmtplib.SMTPResponseException as error:
            raise _turned_away(error.code, error.message) from None
        except ValueError:
            raise RefusedError(_ADDRESS) from None
        begun = await self._smtp.execute_command(b"DATA")
        if begun.code != _GO_AHEAD:
            raise _turned_away(begun.code, begun.message)

    def _write(self, message: EmailMessage) -> None:
        protocol = self._smtp.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected(_LOST)
        protocol.write(re.sub(rb"(?m)^\.", b"..", message.as_bytes(policy=WIRE)))

    async def finish(self) -> None:
        """Send the last line of the message that was offered, and hear what became of it.

        Raises PutOffError, RefusedError and NoAnswerError.
        """
        try:
            answer = await self._smtp.execute_command(b".", timeout=_LAST_ANSWER)
        except (aiosmtplib.SMTPException, OSError) as error:
            self.drop()
            trouble = f"no-answer {type(error).__name__}"
            raise NoAnswerError(trouble) from None
        if answer.code in _TAKEN:
            return
        raise _turned_away(answer.code, answer.message)

    async def _start_over(self) -> None:
        """Make the connection ready for another message, or give it up."""
        try:
            await self._smtp.rset()
        except (aiosmtplib.SMTPException, OSError):
            self.drop()

    async def close(self) -> None:
        """Say goodbye where the other side still listens."""
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await self._smtp.quit(timeout=2)
        self.drop()

    def drop(self) -> None:
        """End the connection; the server forgets a message whose last line it has not seen."""
        self._smtp.close()


async def connect(server: MailServer) -> Connection:
    """Open a connection: encrypted where the server offers it, and always before a password.

    Raises ServerAwayError.
    """
    smtp = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        timeout=_ANSWER,
        use_tls=server.tls,
        start_tls=True if server.user and not server.near and not server.tls else None,
        local_hostname=server.address.partition("@")[2],
    )
    try:
        await smtp.connect()
    except (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPNotSupported):
        smtp.close()
        raise ServerAwayError(_LOGIN) from None
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        smtp.close()
        trouble = f"server-away {type(error).__name__}"
        raise ServerAwayError(trouble) from None
    return Connection(server, smtp)


def _in_ascii(receiver: str) -> str:
    """Write an address as every server can take it. Raises ValueError."""
    local, _, host = receiver.rpartition("@")
    address = f"{local}@{host.encode('idna').decode()}"
    if not local or not host or not local.isascii():
        message = "no such address"
        raise ValueError(message)
    return address


def _turned_away(code: int, said: str) -> PostError:
    kind: Callable[[str], PostError] = PutOffError if code in _FOR_NOW else RefusedError
    return kind(f"{'put-off' if kind is PutOffError else 'refused'} {code} {said}"[:300])
