"""The guarded fetch: the only way from ingest to servers of others, and no way to our own.

A name is resolved once, every address that it resolves to must be public, and the connection goes
to an address that was checked: a second answer of the name server cannot move it. Redirects are
checked like first requests. Cookies, proxies and passwords in addresses do not exist here.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import httpx

from services.ingest.domain.connector import (
    FOUND_OR_UNCHANGED,
    LARGEST_ANSWER,
    Fetch,
    Fetched,
    FetchFailedError,
    FetchRefusedError,
)
from services.ingest.domain.throttling import seconds_to_wait

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_MOST_REDIRECTS = 3
_MOST_ADDRESSES = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_PORTS = {"http": 80, "https": 443}
_NO_HEADERS: Mapping[str, str] = {}
_HOST = re.compile(r"[\w.:-]+")
# 127.1, 0x7f000001, 2130706433 and 0177.0.0.1 are addresses to some programs and names to others.
_AMBIGUOUS = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$", re.IGNORECASE)

# Written out, so that they do not depend on what the running Python thinks is global.
_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
# Protocol assignments with Teredo, documentation, 6to4. Mapped addresses and NAT64 are outside
# of the global unicast range anyway.
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to a machine that anybody may ask."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _NOT_PUBLIC_4)
    return ip in _UNICAST_6 and not any(ip in network for network in _NOT_PUBLIC_6)


async def resolve(host: str, port: int) -> list[str]:
    """Ask the system for all addresses of a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class _Step:
    """One request: where to, at which checked addresses, and what may be read of its answer."""

    url: httpx.URL
    addresses: tuple[str, ...]
    headers: Mapping[str, str]
    largest: int
    form: Mapping[str, str] | None = None


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes


class GuardedFetch(Fetch):
    """Gets what is at a public address, within limits of size and time.

    `allow` names servers as "host:port" that may be asked although they are private or listen on
    an unusual port.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow: frozenset[str] = frozenset(),
        seconds: float = 20.0,
        resolver: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Prepare; nothing is connected before the first request."""
        self._user_agent = user_agent
        self._allow = frozenset(entry.lower() for entry in allow)
        self._seconds = seconds
        self._resolve = resolver
        # A kept connection would outlive the check of its address, so none is kept.
        self._transport = transport or httpx.AsyncHTTPTransport(
            verify=True if tls is None else tls,
            trust_env=False,
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of all connections."""
        await self._transport.aclose()

    async def __call__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        largest: int = LARGEST_ANSWER,
        accept_status: frozenset[int] = FOUND_OR_UNCHANGED,
    ) -> Fetched:
        """Get what is at an address. Raises FetchRefusedError and FetchFailedError."""
        target = _read_url(url)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(target, headers, largest, accept_status)
        except TimeoutError:
            raise FetchRefusedError(target.host, "too-slow") from None

    async def post(
        self,
        url: str,
        form: Mapping[str, str],
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        largest: int = 100_000,
    ) -> Fetched:
        """Send a form, which is never sent on elsewhere. Raises as a call does."""
        target = _read_url(url)
        try:
            async with asyncio.timeout(self._seconds):
                addresses = await self._checked(target)
                # Only one address is tried: what arrived once must not arrive twice.
                step = _Step(target, addresses[:1], headers, largest, form)
                answer = await self._ask(step, frozenset({200}))
        except TimeoutError:
            raise FetchRefusedError(target.host, "too-slow") from None
        if answer.status != 200:  # noqa: PLR2004 - the one good answer to a form
            raise FetchFailedError(
                answer.status, seconds_to_wait(answer.headers, datetime.now(UTC))
            )
        return Fetched(str(target), answer.status, answer.headers, answer.content)

    async def _follow(
        self, url: httpx.URL, headers: Mapping[str, str], largest: int, accept: frozenset[int]
    ) -> Fetched:
        moved_to: str | None = None
        for_good = True
        for _ in range(_MOST_REDIRECTS + 1):
            addresses = await self._checked(url)
            answer = await self._ask(_Step(url, addresses, headers, largest), accept)
            if answer.status in accept:
                return Fetched(str(url), answer.status, answer.headers, answer.content, moved_to)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or location is None:
                wait = seconds_to_wait(answer.headers, datetime.now(UTC))
                raise FetchFailedError(answer.status, wait)
            following = _read_url(location, url)
            for_good = for_good and answer.status in _FOR_GOOD
            moved_to = str(following) if for_good else moved_to
            headers = _for_next(headers, url, following)
            url = following
        raise FetchRefusedError(url.host, "too-many-redirects")

    async def _checked(self, url: httpx.URL) -> tuple[str, ...]:
        """Give the addresses of a host that may be asked, all of which were looked at."""
        allowed = _authority(url) in self._allow
        port = _port(url)
        if not allowed and port != _PORTS[url.scheme]:
            raise FetchRefusedError(url.host, "port-not-allowed")
        addresses = await self._addresses(url.raw_host.decode("ascii"), port)
        if not addresses:
            raise FetchRefusedError(url.host, "name-not-found")
        if not allowed and not all(is_public(address) for address in addresses):
            raise FetchRefusedError(url.host, "address-not-public")
        return addresses[:_MOST_ADDRESSES]

    async def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            pass
        if _AMBIGUOUS.search(host):
            raise FetchRefusedError(host, "address-not-public")
        try:
            return tuple(await self._resolve(host, port))
        except UnicodeError:
            raise FetchRefusedError(host, "url-not-readable") from None
        except OSError:
            # It may come back, as it does when a name server restarts.
            raise FetchFailedError(None) from None

    async def _ask(self, step: _Step, accept: frozenset[int]) -> _Answer:
        for address in step.addresses[:-1]:
            try:
                return await self._ask_at(address, step, accept)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        try:
            return await self._ask_at(step.addresses[-1], step, accept)
        except httpx.HTTPError:
            raise FetchFailedError(None) from None

    async def _ask_at(self, address: str, step: _Step, accept: frozenset[int]) -> _Answer:
        request = httpx.Request(
            "GET" if step.form is None else "POST",
            step.url.copy_with(host=address),
            headers=_encoded(
                {"User-Agent": self._user_agent, "Accept": "*/*"}
                | dict(step.headers)
                | {
                    "Accept-Encoding": "gzip",
                    "Host": step.url.netloc.decode("ascii"),
                    "Connection": "close",
                }
            ),
            data=None if step.form is None else dict(step.form),
            extensions={
                "timeout": httpx.Timeout(self._seconds, connect=self._seconds / 4).as_dict(),
                # The certificate is checked against the name, not against the address.
                "sni_hostname": step.url.raw_host.decode("ascii"),
            },
        )
        response = await self._transport.handle_async_request(request)
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            wanted = response.status_code in accept
            content = await _content(response, headers, step) if wanted else b""
        finally:
            await response.aclose()
        return _Answer(response.status_code, headers, content)


def _read_url(url: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        target = httpx.URL(url) if base is None else base.join(url)
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError):
        raise FetchRefusedError(base.host if base else "", "url-not-readable") from None
    if target.scheme not in _PORTS:
        raise FetchRefusedError(target.host, "scheme-not-allowed")
    if target.userinfo:
        raise FetchRefusedError(target.host, "userinfo-not-allowed")
    if not _HOST.fullmatch(target.host):
        raise FetchRefusedError(target.host, "url-not-readable")
    return target.copy_with(fragment=None)


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    # A validator that a server once sent may hold any byte, and must not keep us from asking.
    return [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]


def _port(url: httpx.URL) -> int:
    return _PORTS[url.scheme] if url.port is None else url.port


def _authority(url: httpx.URL) -> str:
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{host}:{_port(url)}".lower()


def _for_next(headers: Mapping[str, str], before: httpx.URL, after: httpx.URL) -> Mapping[str, str]:
    """Keep a credential from following a redirect to somebody else."""
    if (before.scheme, _authority(before)) == (after.scheme, _authority(after)):
        return headers
    return {name: value for name, value in headers.items() if name.lower() != "authorization"}


async def _content(response: httpx.Response, headers: Mapping[str, str], step: _Step) -> bytes:
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip", "x-gzip"}:
        raise FetchRefusedError(step.url.host, "not-decodable")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > step.largest:
        raise FetchRefusedError(step.url.host, "too-large")
    pieces = response.aiter_raw()
    if "gzip" in encoding:
        pieces = _inflated(pieces, step)
    content = bytearray()
    async for piece in pieces:
        content += piece
        if len(content) > step.largest:
            raise FetchRefusedError(step.url.host, "too-large")
    return bytes(content)


async def _inflated(pieces: AsyncIterator[bytes], step: _Step) -> AsyncIterator[bytes]:
    """Unpack gzip in bounded steps: a small answer must not become a large one unseen."""
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        async for piece in pieces:
            left = piece
            while left and not unpack.eof:
                yield unpack.decompress(left, 65_536)
                left = unpack.unconsumed_tail
        yield unpack.flush()
    except zlib.error:
        raise FetchRefusedError(step.url.host, "not-decodable") from None
    if not unpack.eof:
        raise FetchRefusedError(step.url.host, "not-decodable")
