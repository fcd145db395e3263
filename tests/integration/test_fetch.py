"""The guarded fetch against real servers on loopback, one of which must never be asked."""

import asyncio
import gzip
import ssl
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.ingest.domain.connector import FetchFailedError, FetchRefusedError
from services.ingest.store.fetch import GuardedFetch, is_public

AGENT = "Dichtbij/test (+https://dichtbij.example/about)"


def plain(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    return plain(b"", status, Location=to)


@dataclass
class Server:
    port: int = 0
    answers: dict[str, bytes] = field(default_factory=dict[str, bytes])
    asked: list[tuple[str, dict[str, str]]] = field(
        default_factory=list[tuple[str, dict[str, str]]]
    )

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = head[0].split(" ")[1]
            pairs = (line.split(": ", 1) for line in head[1:] if line)
            self.asked.append((path, {name.lower(): value for name, value in pairs}))
            if path == "/slow":
                await self._drip(writer)
            elif path == "/endless":
                await self._endless(writer)
            else:
                writer.write(self.answers.get(path, plain(b"", "404 Not Found")))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _drip(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def _endless(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(1600):
            writer.write(b"x" * 65_536)
            await writer.drain()


@asynccontextmanager
async def serving(
    host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[Server]:
    server = Server()
    listening = await asyncio.start_server(server.serve, host, port, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()
        await asyncio.sleep(0)


@pytest.fixture
async def allowed() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


@pytest.fixture
async def canary() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server
        assert server.asked == [], "something reached a server that must never be asked"


class Names:
    """Answers like a name server, a different one each time when it is told to."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers = {name.replace("_", "."): list(rounds) for name, rounds in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, _: int) -> Sequence[str]:
        self.asked.append(host)
        rounds = self.answers.get(host)
        if rounds is None:
            message = "no such name"
            raise OSError(message)
        return rounds.pop(0) if len(rounds) > 1 else rounds[0]


@asynccontextmanager
async def fetching(
    allow: Sequence[str] = (),
    names: Names | None = None,
    *,
    seconds: float = 5.0,
    tls: ssl.SSLContext | None = None,
) -> AsyncGenerator[GuardedFetch]:
    async with GuardedFetch(
        user_agent=AGENT,
        allow=frozenset(allow),
        seconds=seconds,
        resolver=names or Names(),
        tls=tls,
    ) as fetch:
        yield fetch


def never_asked(request: httpx.Request) -> httpx.Response:
    message = f"{request.url} was asked"
    raise AssertionError(message)


def asking_nobody(names: Names) -> GuardedFetch:
    return GuardedFetch(
        user_agent=AGENT, resolver=names, transport=httpx.MockTransport(never_asked)
    )


async def refusal(fetch: GuardedFetch, url: str) -> str:
    with pytest.raises(FetchRefusedError) as refused:
        await fetch(url)
    return refused.value.reason


async def test_an_allowed_server_is_asked_politely_and_its_answer_is_given(allowed: Server) -> None:
    allowed.answers["/a?b=1"] = plain(b"hello", ETag='"1"', Content_Type="text/plain")
    async with fetching([allowed.address]) as fetch:
        fetched = await fetch(
            f"http://{allowed.address}/a?b=1#part", headers={"If-None-Match": '"0"'}
        )

    assert (fetched.status, fetched.content, fetched.headers["etag"]) == (200, b"hello", '"1"')
    assert fetched.url == f"http://{allowed.address}/a?b=1"
    [(_, headers)] = allowed.asked
    assert headers["user-agent"] == AGENT
    assert headers["host"] == allowed.address
    assert headers["if-none-match"] == '"0"'


async def test_cookies_are_not_kept_and_proxies_of_the_environment_not_used(
    allowed: Server, canary: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://{canary.address}")
    allowed.answers["/"] = plain(b"x", Set_Cookie="follow=me")
    async with fetching([allowed.address]) as fetch:
        await fetch(f"http://{allowed.address}/")
        await fetch(f"http://{allowed.address}/")

    assert [headers.get("cookie") for _, headers in allowed.asked] == [None, None]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.20.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.7",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[2001:db8::1]",
        "[fc00::1]",
        "[fd12:3456::1]",
        "[fe80::1]",
        "[ff02::1]",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "127.0.0.1.",
    ],
)
async def test_an_address_that_is_not_public_is_refused_however_it_is_written(
    host: str,
) -> None:
    names = Names()
    async with asking_nobody(names) as fetch:
        reason = await refusal(fetch, f"http://{host}/")
    # Some of them are no addresses at all to a strict reader, which is as good.
    assert reason in {"address-not-public", "url-not-readable"}
    assert names.asked == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["93.184.216.34", "10.0.0.1"],
        ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::1"],
        ["::ffff:169.254.169.254"],
        ["fe80::1%2"],
        ["no address at all"],
    ],
)
async def test_a_name_is_refused_when_any_of_its_addresses_is_not_public(
    addresses: list[str],
) -> None:
    names = Names(photos_example=[addresses])
    async with asking_nobody(names) as fetch:
        assert await refusal(fetch, "http://photos.example/") == "address-not-public"


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
)
def test_addresses_of_everyday_servers_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://photos.example:22/", "port-not-allowed"),
        ("http://photos.example:0/", "port-not-allowed"),
        ("http://photos.example:443/", "port-not-allowed"),
        ("https://photos.example:80/", "port-not-allowed"),
        ("gopher://photos.example/", "scheme-not-allowed"),
        ("file:///etc/passwd", "scheme-not-allowed"),
        ("ftp://photos.example/x", "scheme-not-allowed"),
        ("data:text/plain,x", "scheme-not-allowed"),
        ("//photos.example/x", "scheme-not-allowed"),
        ("photos.example", "scheme-not-allowed"),
        ("http://someone:secret@photos.example/", "userinfo-not-allowed"),
        ("http://photos.example@127.0.0.1/", "userinfo-not-allowed"),
        ("http:///x", "url-not-readable"),
        ("http://photos.exa mple/", "url-not-readable"),
        ("http://photos.example\r\nHost: other/", "url-not-readable"),
        ("http://[::1/", "url-not-readable"),
        ("", "scheme-not-allowed"),
    ],
)
async def test_an_address_that_asks_for_something_else_than_the_web_is_refused(
    url: str, reason: str
) -> None:
    names = Names(photos_example=[["93.184.216.34"]])
    async with asking_nobody(names) as fetch:
        assert await refusal(fetch, url) == reason


async def test_only_the_exact_host_and_port_are_allowed(allowed: Server, canary: Server) -> None:
    async with fetching([allowed.address]) as fetch:
        assert await refusal(fetch, f"http://{canary.address}/") == "port-not-allowed"
        other = await refusal(fetch, f"http://localhost.:{allowed.port}/")
        assert other == "port-not-allowed"
    assert allowed.asked == []


async def test_a_redirect_is_checked_like_a_first_request(allowed: Server, canary: Server) -> None:
    targets = {
        f"http://{canary.address}/": "port-not-allowed",
        "http://169.254.169.254/latest/meta-data/": "address-not-public",
        "http://[::ffff:127.0.0.1]/": "address-not-public",
        "http://inside.example/": "address-not-public",
        "file:///etc/passwd": "scheme-not-allowed",
        f"http://someone@{allowed.address}/": "userinfo-not-allowed",
        f"//{canary.address}/": "port-not-allowed",
    }
    names = Names(inside_example=[["127.0.0.1"]])
    async with fetching([allowed.address], names) as fetch:
        for target, reason in targets.items():
            allowed.answers["/away"] = redirect(target)
            assert await refusal(fetch, f"http://{allowed.address}/away") == reason, target


async def test_three_redirects_are_followed_and_a_fourth_is_not(allowed: Server) -> None:
    for step in range(4):
        allowed.answers[f"/{step}"] = redirect(f"/{step + 1}")
    allowed.answers["/4"] = plain(b"here")
    async with fetching([allowed.address]) as fetch:
        assert (await fetch(f"http://{allowed.address}/1")).content == b"here"
        assert await refusal(fetch, f"http://{allowed.address}/0") == "too-many-redirects"


async def test_a_move_for_good_is_told_and_one_for_now_is_not(allowed: Server) -> None:
    allowed.answers["/old"] = redirect("/new", "301 Moved Permanently")
    allowed.answers["/now"] = redirect("/old", "302 Found")
    allowed.answers["/new"] = plain(b"here")
    async with fetching([allowed.address]) as fetch:
        moved = await fetch(f"http://{allowed.address}/old")
        passing = await fetch(f"http://{allowed.address}/now")

    assert moved.moved_to == moved.url == f"http://{allowed.address}/new"
    assert (passing.moved_to, passing.url) == (None, f"http://{allowed.address}/new")


async def test_a_credential_does_not_follow_a_redirect_to_another_server(allowed: Server) -> None:
    async with serving() as other, fetching([allowed.address, other.address]) as fetch:
        other.answers["/there"] = plain(b"x")
        allowed.answers["/away"] = redirect(f"http://{other.address}/there")
        allowed.answers["/near"] = redirect("/here")
        allowed.answers["/here"] = plain(b"x")
        for path in ("/away", "/near"):
            await fetch(
                f"http://{allowed.address}{path}", headers={"Authorization": "Bearer secret"}
            )

    assert "authorization" not in other.asked[0][1]
    assert [path for path, headers in allowed.asked if "authorization" in headers] == [
        "/away",
        "/near",
        "/here",
    ]


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    asked: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"x"))

    names = Names(rebinding_example=[["93.184.216.34"], ["127.0.0.1"]])
    async with GuardedFetch(
        user_agent=AGENT, resolver=names, transport=httpx.MockTransport(note)
    ) as fetch:
        await fetch("https://rebinding.example/a")
        assert await refusal(fetch, "https://rebinding.example/a") == "address-not-public"

    [request] = asked
    assert str(request.url) == "https://93.184.216.34/a"
    assert request.headers["host"] == "rebinding.example"
    assert request.extensions["sni_hostname"] == "rebinding.example"
    assert names.asked == ["rebinding.example"] * 2


async def test_a_name_that_changes_its_address_is_asked_once_for_one_request() -> None:
    async with serving("127.0.0.1") as first, serving("127.0.0.2", first.port) as second:
        first.answers["/"] = second.answers["/"] = plain(b"x")
        names = Names(rebinding_example=[["127.0.0.1"], ["127.0.0.2"]])
        async with fetching([f"rebinding.example:{first.port}"], names) as fetch:
            await fetch(f"http://rebinding.example:{first.port}/")

        assert (len(first.asked), len(second.asked), len(names.asked)) == (1, 0, 1)
        assert first.asked[0][1]["host"] == f"rebinding.example:{first.port}"


async def test_the_next_address_is_tried_when_one_does_not_answer(allowed: Server) -> None:
    allowed.answers["/"] = plain(b"x")
    names = Names(two_example=[["127.0.0.3", "127.0.0.1"]])
    async with fetching([f"two.example:{allowed.port}"], names) as fetch:
        assert (await fetch(f"http://two.example:{allowed.port}/")).content == b"x"


def certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    both = folder / "server.pem"
    both.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(both)
    return server, ssl.create_default_context(
        cadata=signed.public_bytes(serialization.Encoding.PEM).decode()
    )


async def test_a_certificate_is_checked_against_the_name_that_was_asked_for(tmp_path: Path) -> None:
    ours, theirs = certificate("city.example", tmp_path)
    async with serving(tls=ours) as server:
        server.answers["/"] = plain(b"secure")
        allow = [f"city.example:{server.port}", f"other.example:{server.port}"]
        names = Names(city_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
        async with fetching(allow, names, tls=theirs) as fetch:
            secure = await fetch(f"https://city.example:{server.port}/")
            with pytest.raises(FetchFailedError):
                await fetch(f"https://other.example:{server.port}/")

    assert secure.content == b"secure"


async def test_a_body_that_is_too_large_is_not_read_to_its_end(allowed: Server) -> None:
    allowed.answers["/stated"] = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n" + b"x" * 1000
    )
    async with fetching([allowed.address]) as fetch:
        for path in ("/stated", "/endless"):
            assert await refusal(fetch, f"http://{allowed.address}{path}") == "too-large"


async def test_a_body_may_be_exactly_as_large_as_is_allowed(allowed: Server) -> None:
    allowed.answers["/"] = plain(b"x" * 1000)
    async with fetching([allowed.address]) as fetch:
        exact = await fetch(f"http://{allowed.address}/", largest=1000)
        with pytest.raises(FetchRefusedError):
            await fetch(f"http://{allowed.address}/", largest=999)
    assert len(exact.content) == 1000


async def test_gzip_is_unpacked_within_the_limit(allowed: Server) -> None:
    page = b"photos of the river " * 1000
    allowed.answers["/page"] = plain(gzip.compress(page), Content_Encoding="gzip")
    allowed.answers["/bomb"] = plain(gzip.compress(b"\0" * 100_000_000), Content_Encoding="gzip")
    async with fetching([allowed.address]) as fetch:
        assert (await fetch(f"http://{allowed.address}/page")).content == page
        assert await refusal(fetch, f"http://{allowed.address}/bomb") == "too-large"


async def test_a_bomb_is_given_up_before_it_fills_the_memory(allowed: Server) -> None:
    allowed.answers["/"] = plain(gzip.compress(b"\0" * 100_000_000), Content_Encoding="gzip")
    async with fetching([allowed.address]) as fetch:
        tracemalloc.start()
        try:
            with pytest.raises(FetchRefusedError):
                await fetch(f"http://{allowed.address}/", largest=1_000_000)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize(
    "answer",
    [
        plain(b"this is no gzip", Content_Encoding="gzip"),
        plain(gzip.compress(b"hello " * 100)[:-12], Content_Encoding="gzip"),
        plain(b"x", Content_Encoding="br"),
        plain(b"x", Content_Encoding="gzip, gzip"),
    ],
)
async def test_a_body_that_cannot_be_unpacked_is_refused(allowed: Server, answer: bytes) -> None:
    allowed.answers["/"] = answer
    async with fetching([allowed.address]) as fetch:
        assert await refusal(fetch, f"http://{allowed.address}/") == "not-decodable"


async def test_a_server_that_drips_is_left(allowed: Server) -> None:
    async with fetching([allowed.address], seconds=0.4) as fetch:
        assert await refusal(fetch, f"http://{allowed.address}/slow") == "too-slow"


async def test_a_body_that_ends_too_early_is_no_answer(allowed: Server) -> None:
    allowed.answers["/"] = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this"
    async with fetching([allowed.address]) as fetch:
        with pytest.raises(FetchFailedError) as failed:
            await fetch(f"http://{allowed.address}/")
    assert failed.value.status is None


@pytest.mark.parametrize("answer", [b"", b"not HTTP at all\r\n\r\n", b"HTTP/1.1 200 OK\r\n"])
async def test_what_does_not_speak_http_gives_no_answer(allowed: Server, answer: bytes) -> None:
    allowed.answers["/"] = answer
    async with fetching([allowed.address]) as fetch:
        with pytest.raises(FetchFailedError):
            await fetch(f"http://{allowed.address}/")


async def test_a_name_that_does_not_exist_and_a_closed_port_give_no_answer() -> None:
    async with serving() as closed:
        port = closed.port
    async with fetching([f"127.0.0.1:{port}"]) as fetch:
        for url in ("http://nowhere.example/", f"http://127.0.0.1:{port}/"):
            with pytest.raises(FetchFailedError) as failed:
                await fetch(url)
            assert failed.value.status is None


_LATER = timedelta(hours=20)


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry_After": "120"}, 120, 120),
        # The times are those of the collection; the test may run long after it.
        ({"Retry_After": format_datetime(datetime.now(UTC) + _LATER)}, 60_000, 72_001),
        ({"X_RateLimit_Reset": str(int((datetime.now(UTC) + _LATER).timestamp()))}, 60_000, 72_001),
        ({"X_Ratelimit_Reset": (datetime.now(UTC) + _LATER).isoformat()}, 60_000, 72_001),
        ({"Retry_After": "-5"}, 0, 0),
        ({"Retry_After": "1e99"}, 86_400, 86_400),
    ],
)
async def test_a_server_that_wants_to_be_left_alone_is_understood(
    allowed: Server, headers: Mapping[str, str], least: float, most: float
) -> None:
    allowed.answers["/"] = plain(b"", "429 Too Many Requests", **headers)
    async with fetching([allowed.address]) as fetch:
        with pytest.raises(FetchFailedError) as failed:
            await fetch(f"http://{allowed.address}/")
    assert failed.value.status == 429
    assert least <= (failed.value.retry_after or 0) <= most


@pytest.mark.parametrize("written", ["soon", "", "nan", "inf", "0000-00-00", "9" * 400])
async def test_a_wait_that_makes_no_sense_is_no_wait(allowed: Server, written: str) -> None:
    allowed.answers["/"] = plain(b"", "503 Service Unavailable", Retry_After=written)
    async with fetching([allowed.address]) as fetch:
        with pytest.raises(FetchFailedError) as failed:
            await fetch(f"http://{allowed.address}/")
    assert (failed.value.status, failed.value.retry_after) == (503, None)


async def test_a_validator_of_any_bytes_is_sent_back_without_harm(allowed: Server) -> None:
    allowed.answers["/"] = plain(b"x", ETag='"é"')
    async with fetching([allowed.address]) as fetch:
        etag = (await fetch(f"http://{allowed.address}/")).headers["etag"]
        await fetch(f"http://{allowed.address}/", headers={"If-None-Match": etag + "\u20ac"})
    assert len(allowed.asked) == 2


def test_what_went_wrong_names_the_host_and_nothing_more_of_an_address() -> None:
    assert str(FetchRefusedError("photos.example", "too-large")) == "too-large: photos.example"
