"""Accounts that curators show to be theirs, against a server that others wrote."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ingest import Author
from services.ingest.store.links import Links
from services.ingest.store.proving import prove_by_post
from tests.builders import a_submission
from tests.installation import Installation
from tests.integration.mastodon import TOKEN, a_mastodon_server
from tests.integration.processes import Process, a_free_port, until
from tests.integration.series_scene import in_transaction
from tests.integration.small_mastodon import SmallMastodon, a_small_mastodon, the_way_back

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


@pytest.fixture(scope="module")
def profiles() -> Iterator[SmallMastodon]:
    with a_small_mastodon() as small:
        small.join("an")
        yield small


@pytest.fixture(scope="module")
def domain() -> Iterator[SmallMastodon]:
    with a_small_mastodon() as small:
        yield small


@pytest.fixture(scope="module")
def web(
    installation: Installation,
    server: str,
    profiles: SmallMastodon,
    domain: SmallMastodon,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("proofs")
    file = folder / "zot.yaml"
    file.write_text(CAMPAIGN % server)
    assert installation.command("campaign", "apply", str(file)).returncode == 0
    servers = (server, profiles.address, domain.address)
    allowed = ",".join(address.removeprefix("http://") for address in servers)
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


def page_in(text: str) -> str:
    found = re.search(r"<code>(http[^<]+/me/[^<]+)</code>", text)
    assert found is not None, text
    return found[1]


def test_a_link_that_the_server_verifies_itself_proves_an_account(
    curator: Curator, profiles: SmallMastodon
) -> None:
    page = curator.add(f"{profiles.address}/@an", "rel-me").text
    address = page_in(page)
    assert "does not show the verified link" in curator.press(page, "check").text
    assert not profiles.save_link("an", f"{curator.http.base_url}/")
    assert "does not show the verified link" in curator.press(page, "check").text

    assert profiles.save_link("an", address)
    assert "This account is yours" in curator.press(page, "check").text
    assert curator.proven() == [f"{profiles.address}/users/an"]

    again = curator.press(curator.http.get(f"{curator.path}/accounts").text, "renew")
    assert page_in(again.text) == address, "the profile need not be changed to renew a proof"
    assert curator.proven() == [f"{profiles.address}/users/an"], (
        "the old proof counts until the new one is made"
    )
    assert "This account is yours" in curator.press(again.text, "check").text
    assert profiles.save_link("an", address), "the page stays for as long as the proof stands"
    curator.press(curator.http.get(f"{curator.path}/accounts").text, "revoke")
    assert not profiles.save_link("an", address)
    assert httpx.get(address).status_code == 404


def test_the_page_that_a_profile_links_to_says_nothing_but_the_account(
    curator: Curator, profiles: SmallMastodon
) -> None:
    page = curator.add(f"{profiles.address}/@an", "rel-me").text
    address = page_in(page)
    shown = httpx.get(address, headers={"Accept": "text/html", "Accept-Language": "nl"})

    assert shown.status_code == 200
    assert f'<link rel="me" href="{profiles.address}/@an">' in shown.text
    assert f'<a rel="me noopener" href="{profiles.address}/@an">' in shown.text
    assert 'name="robots" content="noindex' in shown.text
    assert shown.headers["X-Robots-Tag"].startswith("noindex")
    assert shown.headers["Cache-Control"] == "no-store"
    assert "set-cookie" not in shown.headers
    names = (curator.id, curator.id.removeprefix("k-"), curator.path, "zot-van-a")
    assert [name for name in names if name in shown.text.replace(address, "")] == []
    opened = address.rsplit("/", 1)[1]
    assert curator.http.get(f"/k/{opened}").status_code == 404
    assert curator.http.post(f"{curator.path}/accounts/{opened}/revoke").status_code == 404

    assert curator.press(page, "revoke").status_code == 200
    assert httpx.get(address, headers={"Accept": "text/html"}).status_code == 404


@pytest.mark.parametrize("way", ["code", "rel-me", "oauth"])
@pytest.mark.parametrize(
    "told",
    [
        {"uri": "https://groot.example/users/famous"},
        {"url": "https://groot.example/@famous"},
        {"acct": "famous@groot.example"},
    ],
)
def test_a_server_of_ones_own_proves_nobody_elses_account(
    curator: Curator, domain: SmallMastodon, told: dict[str, str], way: str
) -> None:
    domain.join("famous", **told)
    answer = curator.add(f"{domain.address}/@famous", way)

    assert answer.status_code == 422
    assert "does not answer for that account itself" in answer.text
    rows = "select count(*) from ingest.account_proof where curator = %s"
    assert curator.installation.rows(rows, curator.id) == [(0,)]


def test_what_was_begun_before_a_server_lied_is_not_proven_by_the_lie(
    curator: Curator, domain: SmallMastodon
) -> None:
    domain.join("famous")
    domain.signed_in = "famous"
    code_page = curator.add(f"{domain.address}/@famous", "code").text
    code = re.search(r"dichtbij-[0-9A-Z-]{9}", code_page)
    assert code is not None
    domain.join("famous", uri="https://groot.example/users/famous")
    curator.installation.rows(
        "update ingest.account_proof set author_key = 'https://groot.example/users/famous'"
        " where curator = %s",
        curator.id,
    )
    domain.post("famous", code[0])
    refused = "does not answer for that account itself"
    assert refused in curator.press(code_page, "check").text

    domain.join("famous")
    page = curator.add(f"{domain.address}/@famous", "oauth").text
    go_on = re.search(r'href="(http[^"]+/oauth/authorize[^"]+)"', page)
    assert go_on is not None
    domain.join("famous", url="https://groot.example/@famous")
    back = the_way_back(go_on[1].replace("&amp;", "&"))
    assert refused in curator.http.get(back, follow_redirects=True).text
    assert curator.proven() == []


def test_an_account_whose_server_has_another_address_than_its_domain_is_found(
    curator: Curator, domain: SmallMastodon, profiles: SmallMastodon
) -> None:
    domain.name_elsewhere("an", f"{profiles.address}/users/an")
    page = curator.add(f"{domain.address}/@an", "rel-me").text

    assert f"@an@{urlsplit(profiles.address).netloc}" in page
    assert profiles.save_link("an", page_in(page))
    assert "This account is yours" in curator.press(page, "check").text
    assert curator.proven() == [f"{profiles.address}/users/an"]


def test_a_domain_that_names_another_account_than_its_server_knows_is_refused(
    curator: Curator, domain: SmallMastodon, profiles: SmallMastodon
) -> None:
    domain.name_elsewhere("an", f"{profiles.address}/users/someone-else")
    answer = curator.add(f"{domain.address}/@an", "code")

    assert answer.status_code == 422
    assert "does not answer for that account itself" in answer.text


def test_an_account_that_was_left_while_its_server_was_slow_is_not_proven(
    curator: Curator, profiles: SmallMastodon
) -> None:
    page = curator.add(f"{profiles.address}/@an", "rel-me").text
    assert profiles.save_link("an", page_in(page))
    profiles.while_asked = lambda: curator.press(page, "revoke")
    try:
        answer = curator.press(page, "check")
    finally:
        profiles.while_asked = lambda: None

    assert "The time for this proof is over" in answer.text
    assert curator.proven() == []


def test_two_looks_at_once_prove_an_account_once(curator: Curator, profiles: SmallMastodon) -> None:
    page = curator.add(f"{profiles.address}/@an", "rel-me").text
    assert profiles.save_link("an", page_in(page))
    inner: list[str] = []

    def look_too() -> None:
        profiles.while_asked = lambda: None
        inner.append(curator.press(page, "check").text)

    profiles.while_asked = look_too
    outer = curator.press(page, "check").text

    assert all("This account is yours" in text for text in (outer, *inner))
    assert curator.proven() == [f"{profiles.address}/users/an"]


@pytest.mark.parametrize(
    ("told", "proves"),
    [
        ({}, True),
        ({"published_at": datetime.now(UTC) - timedelta(days=1)}, False),
        ({"published_at": None}, False),
        ({"native_id": "https://groot.example/users/an/statuses/1"}, False),
        ({"connector": "feed"}, False),
        ({"author": Author(key="https://groot.example/users/an")}, False),
    ],
)
def test_only_a_new_post_of_the_account_itself_proves_by_its_hashtag(
    curator: Curator, profiles: SmallMastodon, told: dict[str, Any], *, proves: bool
) -> None:
    page = curator.add(f"{profiles.address}/@an", "code").text
    code = re.search(r"dichtbij-[0-9A-Z-]{9}", page)
    assert code is not None
    now = datetime.now(UTC)
    post = {
        "connector": "mastodon",
        "native_id": f"{profiles.address}/users/an/statuses/1",
        "author": Author(key=f"{profiles.address}/users/an"),
        "text": f"Ik ben het: {code[0]}",
        "observed_at": now,
        "published_at": now,
    }

    async def heard(transaction: Transaction, journal: Journal) -> bool:
        cause = Cause.by("system:ingest")
        return await prove_by_post(transaction, journal, a_submission(**(post | told)), cause)

    assert in_transaction(curator.installation, heard) is proves
    assert bool(curator.proven()) is proves


def test_a_code_that_was_edited_into_an_older_post_proves_nothing(
    curator: Curator, account: httpx.Client, server: str
) -> None:
    page = curator.add(f"{server}/@{me(account)['acct']}", "code").text
    code = re.search(r"dichtbij-[0-9A-Z-]{9}", page)
    assert code is not None
    post(account, code[0])
    curator.installation.rows(
        "update ingest.account_proof set asked_at = now() + interval '5 minutes'"
        " where curator = %s",
        curator.id,
    )

    assert "none of your newest posts" in curator.press(page, "check").text
    assert curator.proven() == []


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
    curator: Curator, profiles: SmallMastodon, account: str, sentence: str
) -> None:
    answer = curator.add(account.format(profiles=profiles.address), "code")

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
