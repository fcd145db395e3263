"""A mail server that the tests start: it keeps what arrives, and is as bad as a test wants."""

import asyncio
import gc
import ssl
import warnings
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from random import Random
from typing import Any, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.integration.processes import a_free_port


@dataclass
class Temper:
    """How a mail server behaves: chances of trouble at each message, and how slow it is."""

    slow: float = 0.0
    put_off: float = 0.0
    lost_before: float = 0.0
    lost_after: float = 0.0
    refuse: str = ""


@dataclass
class Mailbox:
    """Keeps every mail that it answered for, and those whose answer it lost on purpose."""

    temper: Temper = field(default_factory=Temper)
    random: Random = field(default_factory=Random)
    received: list[EmailMessage] = field(default_factory=list[EmailMessage])
    login: tuple[str, str] | None = None
    encryption: ssl.SSLContext | None = None
    port: int = field(default_factory=a_free_port)
    offered: int = 0
    known: list[bool] = field(default_factory=list[bool])
    encrypted: list[bool] = field(default_factory=list[bool])
    controller: Controller = field(init=False)

    def __enter__(self) -> Self:
        options: dict[str, Any] = {"tls_context": self.encryption} if self.encryption else {}
        if self.login:
            options |= {"authenticator": self._authenticate, "auth_require_tls": False}
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()
        # The server leaves connections to the garbage, where they would trouble some later test.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()

    @property
    def url(self) -> str:
        name = f"{self.login[0]}:{self.login[1]}@" if self.login else ""
        return f"smtp://{name}127.0.0.1:{self.port}"

    @property
    def times(self) -> Counter[str]:
        """How often each mail arrived, by its Message-ID."""
        return Counter(str(mail["Message-ID"]) for mail in self.received)

    def to(self, receiver: str) -> list[EmailMessage]:
        return [mail for mail in self.received if mail["To"] == receiver]

    def _authenticate(self, _server: SMTP, *rest: Any) -> AuthResult:
        known = rest[-1]
        told = (known.login.decode(), known.password.decode())
        return AuthResult(success=told == self.login, handled=False)

    async def _pause(self) -> None:
        if self.temper.slow:
            await asyncio.sleep(self.random.uniform(0, self.temper.slow))

    async def handle_RCPT(  # noqa: N802 - the library's own names
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        del session, rcpt_options
        await self._pause()
        if self.temper.refuse and self.temper.refuse in address:
            return f"550 5.1.1 <{address}>: no such mailbox"
        if self.random.random() < self.temper.put_off:
            return "451 4.7.1 greylisted, try again later"
        if self.random.random() < self.temper.lost_before:
            _hang_up(server)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.offered += 1
        await self._pause()
        if self.random.random() < self.temper.put_off:
            return "451 4.3.0 the disk is full for a moment"
        if self.random.random() < self.temper.lost_before:
            _hang_up(server)
            return "451 4.3.0 nobody hears this"
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        self.received.append(mail)
        self.known.append(bool(session.authenticated))
        self.encrypted.append(session.ssl is not None)
        if self.random.random() < self.temper.lost_after:
            _hang_up(server)
        await self._pause()
        return "250 2.0.0 kept"


def _hang_up(server: SMTP) -> None:
    transport = cast("asyncio.Transport | None", server.transport)
    if transport is not None:
        transport.abort()
