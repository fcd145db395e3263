"""Accounts that curators show to be theirs, against a server that others wrote."""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.ingest.store.links import Links
from tests.installation import Installation
from tests.integration.mastodon import TOKEN, a_mastodon_server
from tests.integration.processes import Process, a_free_port, until

CAMPAIGN = """
campaign: zot-van-a
name: {nl: Zot van A, en: Mad about A}
window: {from: 2026-01-01T00:00, to: 2099-01-01T00:00}
hashtags: [{tag: zotvana}]
sources:
  - {source: upload, connector: upload, rights: {basis: declared}}
  - source: stad
    connector: mastodon
    settings: {server: "%s"}
    pollSeconds: 1
    rights: {basis: agreement, evidence: terms}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_mastodon_server() as address:
        yield address


class Profile(BaseHTTPRequestHandler):
    """A server whose accounts have one link, which is verified when `ticked` says so."""

    ticked: str | None = None
    page = ""

    def do_GET(self) -> None:
        name = parse_qs(urlsplit(self.path).query).get("acct", [""])[0]
        found = name == "an"
        link = {"name": "site", "value": self.page, "verified_at": self.ticked}
        about = {"id": "1", "acct": name, "url": f"http://an.test/@{name}", "fields": [link]}
        body = json.dumps(about if found else {"error": "Record not found"}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


@pytest.fixture(scope="module")
def profiles() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Profile) as listening:
        thread = Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def web(
    installation: Installation,
    server: str,
    profiles: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("proofs")
    file = folder / "zot.yaml"
    file.write_text(CAMPAIGN % server)
    assert installation.command("campaign", "apply", str(file)).returncode == 0
    allowed = ",".join(address.removeprefix("http://") for address in (server, profiles))
    port = a_free_port()
    environment = {
        **installation.environment,
        "DICHTBIJ_FETCH_ALLOW": allowed,
        "DICHTBIJ_INGEST_URL": f"http://127.0.0.1:{port}",
    }
    process = Process(folder / "web.log", environment, "-m", "services", "ingest", "web", port=port)
    stream = Process(folder / "stream.log", environment, "-m", "services", "ingest", "stream")
    for part in (process, stream):
        part.start().until_ready()
    yield f"http://127.0.0.1:{port}"
    assert process.stop() == 0
    assert stream.stop() == 0


class Curator:
    """A curator with a running mandate, their link and a browser."""

    def __init__(self, installation: Installation, web: str, name: str) -> None:
        self.id = f"k-{name}"
        self.installation = installation
        link = f"link-{name}"
        installation.rows(
            "insert into ingest.curator (curator, name) values (%s, %s)", self.id, name
        )
        installation.rows(
            """insert into ingest.mandate (mandate, campaign, curator, version, state, starts_at,
                 ends_at, time_zone)
               values (%s, 'zot-van-a', %s, 0, 'accepted', now() - interval '1 day',
                 now() + interval '1 day', 'Europe/Brussels')""",
            f"m-{name}",
            self.id,
        )
        installation.rows(
            "insert into ingest.link (link, kind, opens) values (%s, 'curator', %s)", link, self.id
        )
        key = installation.environment.get("DICHTBIJ_RECEIPT_KEY", "00" * 32)
        self.path = f"/k/{Links(key).token(link)}"
        self.http = httpx.Client(
            base_url=web,
            headers={"Accept": "text/html", "Accept-Language": "en"},
            timeout=30,
        )
        self.http.get(self.path).raise_for_status()

    def add(self, account: str, way: str) -> httpx.Response:
        return self.http.post(
            f"{self.path}/accounts", data={"account": account, "way": way}, follow_redirects=True
        )

    def press(self, page: str, deed: str) -> httpx.Response:
        """Press the first button of the accounts page that does this."""
        found = re.search(rf'action="(/k/[^"]+/{deed})\?', page)
        assert found is not None, page
        return self.http.post(found[1], follow_redirects=True)

    def proven(self) -> list[str]:
        rows = self.installation.rows(
            """select author_key from ingest.account_proof
               where curator = %s and state = 'proven'""",
            self.id,
        )
        return [str(row[0]) for row in rows]


@pytest.fixture
def curator(
    installation: Installation, web: str, request: pytest.FixtureRequest
) -> Iterator[Curator]:
    made = Curator(installation, web, f"c{abs(hash(request.node.name)) % 10**6}")
    yield made
    made.http.close()
    installation.rows("delete from ingest.account_proof where curator = %s", made.id)


@pytest.fixture(scope="module")
def account(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


def me(account: httpx.Client) -> dict[str, Any]:
    return account.get("/api/v1/accounts/verify_credentials").raise_for_status().json()


def post(account: httpx.Client, text: str) -> dict[str, Any]:
    return account.post("/api/v1/statuses", json={"status": text}).raise_for_status().json()


def key_of(known: dict[str, Any]) -> str:
    return str(known.get("uri") or known["url"])


def test_a_code_in_a_post_proves_an_account_when_asked_to_look(
    curator: Curator, account: httpx.Client, server: str
) -> None:
    name = me(account)["acct"]
    page = curator.add(f"{server}/@{name}", "code").text
    code = re.search(r"dichtbij-[0-9A-Z-]{9}", page)
    assert code is not None

    assert "none of your newest posts" in curator.press(page, "check").text
    assert curator.proven() == []
    post(account, f"Ik ben het: {code[0]}")
    assert "This account is yours" in curator.press(page, "check").text
    assert curator.proven() == [key_of(me(account))]

    [told] = curator.installation.rows(
        """select data -> 'accounts' from ingest.event
           where subject = %s and type = 'dichtbij.mandate.announced.v1'
           order by version desc limit 1""",
        f"m-{curator.id.removeprefix('k-')}",
    )
    assert told[0] == [me(account)["url"]]


def test_a_code_in_a_post_with_the_hashtag_proves_it_without_asking(
    curator: Curator, account: httpx.Client, server: str
) -> None:
    page = curator.add(f"{server}/@{me(account)['acct']}", "code").text
    code = re.search(r"dichtbij-[0-9A-Z-]{9}", page)
    assert code is not None
    said = post(account, f"Mijn eerste! {code[0]} #zotvana")

    until(lambda: curator.proven() == [key_of(me(account))], "the post proves the account")

    def counted() -> bool:
        rows = curator.installation.rows(
            """select i.lane from ingest.item i
               where i.content ->> 'url' = %s and i.mandate = %s""",
            said["url"],
            f"m-{curator.id.removeprefix('k-')}",
        )
        return rows == [("counted",)]

    until(counted, "the same post counts for the curator")
    revoked = curator.press(curator.http.get(f"{curator.path}/accounts").text, "revoke")
    assert "no longer counts" in revoked.text
    assert curator.proven() == []
    assert not counted()


def test_signing_in_at_the_server_proves_an_account_and_keeps_no_token(
    curator: Curator, account: httpx.Client, server: str
) -> None:
    name = me(account)["acct"]
    page = curator.add(f"{server}/@{name}", "oauth").text
    go_on = re.search(r'href="(http[^"]+/oauth/authorize[^"]+)"', page)
    assert go_on is not None
    asked = {k: v[0] for k, v in parse_qs(urlsplit(go_on[1].replace("&amp;", "&")).query).items()}
    assert asked["code_challenge_method"] == "S256"
    back = httpx.post(
        f"{server}/oauth/authorize",
        data={"username": name, "redirect_uri": asked["redirect_uri"], "state": asked["state"]},
    ).headers["location"]

    stranger = httpx.get(back, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert stranger.status_code == 400
    assert "not begun in this browser" in stranger.text
    assert curator.proven() == []

    assert "This account is yours" in curator.http.get(back, follow_redirects=True).text
    assert curator.proven() == [key_of(me(account))]
    [(secret,)] = curator.installation.rows(
        "select secret from ingest.account_proof where curator = %s and state = 'proven'",
        curator.id,
    )
    assert secret == {"server": server}


def test_another_account_than_the_one_that_was_named_proves_nothing(
    curator: Curator, account: httpx.Client, server: str
) -> None:
    form = {"username": "bo", "email": "bo@example.org", "password": "x" * 20, "agreement": "true"}
    account.post("/api/v1/accounts", data=form).raise_for_status()
    page = curator.add(f"{server}/@bo", "oauth").text
    go_on = re.search(r'href="(http[^"]+/oauth/authorize[^"]+)"', page)
    assert go_on is not None
    asked = {k: v[0] for k, v in parse_qs(urlsplit(go_on[1].replace("&amp;", "&")).query).items()}
    back = httpx.post(
        f"{server}/oauth/authorize",
        data={
            "username": me(account)["acct"],
            "redirect_uri": asked["redirect_uri"],
            "state": asked["state"],
        },
    ).headers["location"]
    assert "did not let us see" in curator.http.get(back, follow_redirects=True).text
    assert curator.proven() == []


def test_a_verified_link_in_the_profile_proves_an_account(curator: Curator, profiles: str) -> None:
    page = curator.add(f"{profiles}/@an", "rel-me").text
    address = re.search(r"<code>(http[^<]+)</code>", page)
    assert address is not None
    Profile.page, Profile.ticked = address[1], None
    assert "does not show the verified link" in curator.press(page, "check").text
    Profile.ticked = "2026-08-01T10:00:00Z"
    assert "This account is yours" in curator.press(page, "check").text
    assert curator.proven() == ["http://an.test/@an"]

    again = curator.press(curator.http.get(f"{curator.path}/accounts").text, "renew")
    assert "look now" in again.text
    assert curator.proven() == ["http://an.test/@an"], (
        "the old proof counts until the new one is made"
    )


@pytest.mark.parametrize(
    ("account", "sentence"),
    [
        ("an", "Write your account like"),
        ("http://127.0.0.1:1/@an", "does not answer as expected"),
        ("{profiles}/@nobody", "knows no such account"),
        ("@an@localhost", "does not answer as expected|Write your account like"),
    ],
)
def test_an_account_that_cannot_be_asked_for_is_refused_in_words(
    curator: Curator, profiles: str, account: str, sentence: str
) -> None:
    answer = curator.add(account.format(profiles=profiles), "code")

    assert answer.status_code == 422
    assert re.search(sentence, answer.text)
    assert curator.proven() == []


def test_a_code_is_good_for_a_quarter_of_an_hour(
    curator: Curator, account: httpx.Client, server: str
) -> None:
    page = curator.add(f"{server}/@{me(account)['acct']}", "code").text
    code = re.search(r"dichtbij-[0-9A-Z-]{9}", page)
    assert code is not None
    curator.installation.rows(
        "update ingest.account_proof set expires_at = now() - interval '1 second'"
        " where curator = %s",
        curator.id,
    )
    post(account, code[0])

    assert "The time for this proof is over" in curator.press(page, "check").text
    assert curator.proven() == []
