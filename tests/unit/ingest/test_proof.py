from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.account import (
    CLOCKS_APART,
    Account,
    actor_in,
    codes_in,
    made_since,
    read_account,
    read_posts,
    same_server,
    server_of,
    told,
)
from services.ingest.domain.proof import (
    AccountElsewhereError,
    AccountUnclearError,
    Address,
    ServerSilentError,
    read_address,
)

PAGE = "https://ingest.example/me/Zk3q-9_w"
ASKED = datetime(2026, 8, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "server", "name"),
    [
        ("@an@stad.example", "https://stad.example", "an"),
        (" An_B@Stad.Example ", "https://stad.example", "An_B"),
        ("https://stad.example/@an", "https://stad.example", "an"),
        ("https://stad.example/users/an/", "https://stad.example", "an"),
        ("http://stad.example/@an", "https://stad.example", "an"),
        ("http://127.0.0.1:8005/@an", "http://127.0.0.1:8005", "an"),
    ],
)
def test_an_account_is_read_as_people_write_it(written: str, server: str, name: str) -> None:
    address = read_address(written)
    assert (address.server, address.name) == (server, name)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "an",
        "@an",
        "an@",
        "https://stad.example",
        "https://me:secret@stad.example/@an",
        "ftp://x/@a",
    ],
)
def test_what_names_no_account_is_refused_with_a_way_to_write_it(written: str) -> None:
    with pytest.raises(AccountUnclearError, match="Write your account like"):
        read_address(written)


@given(st.text())
def test_any_text_is_an_account_or_is_refused(written: str) -> None:
    try:
        address = read_address(written)
    except AccountUnclearError:
        return
    assert address.server.startswith(("http://", "https://"))
    assert address.name


def an_account(*fields: tuple[str, str | None]) -> Account:
    return read_account(
        {
            "id": "7",
            "acct": "an",
            "url": "https://stad.example/@an",
            "uri": "https://stad.example/users/an",
            "fields": [{"name": "site", "value": v, "verified_at": at} for v, at in fields],
        }
    )


def test_an_account_is_known_by_its_actor_uri() -> None:
    account = an_account()
    assert account.key == "https://stad.example/users/an"
    assert account.handle("https://stad.example") == "an@stad.example"


@pytest.mark.parametrize(
    "told_of",
    [
        {"uri": "https://groot.example/users/famous"},
        {"url": "https://groot.example/@famous"},
        {"uri": "https://groot.example/users/famous", "url": "https://groot.example/@famous"},
        {"acct": "famous@groot.example"},
        {"uri": "https://kwaad.example.groot.example/users/famous"},
        {"uri": "https://kwaad.example:8443/users/famous"},
        {"uri": "https://kwaad.example@groot.example/users/famous"},
        {"uri": "http://kwaad.example/users/famous"},
        {"uri": "acct:famous@kwaad.example"},
        {"uri": "https://[kwaad.example/users/famous"},
        {"uri": None, "url": None},
    ],
)
def test_a_server_is_not_believed_about_an_account_of_another(told_of: dict[str, str]) -> None:
    own = {
        "id": "7",
        "acct": "famous",
        "url": "https://kwaad.example/@famous",
        "uri": "https://kwaad.example/users/famous",
    }
    assert read_account(own).at("https://kwaad.example").key == own["uri"]

    with pytest.raises(AccountElsewhereError, match="does not answer for that account itself"):
        read_account(own | told_of).at("https://kwaad.example")


def test_a_name_never_says_another_domain_than_the_server_that_answers() -> None:
    account = an_account().model_copy(update={"acct": "famous@groot.example"})

    assert account.handle("https://stad.example") == "famous@stad.example"


@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("https://Stad.example/users/an", "https://stad.example", True),
        ("https://stad.example:443/users/an", "https://stad.example", True),
        ("https://xn--mnchen-3ya.example/@an", "https://münchen.example", True),
        ("https://stad.example./users/an", "https://stad.example", False),
        ("ftp://stad.example", "ftp://stad.example", False),
        ("", "", False),
    ],
)
def test_servers_are_compared_as_browsers_compare_them(
    address: str, other: str, *, same: bool
) -> None:
    assert same_server(address, other) is same


WRITTEN = Address("https://stad.example", "an")


@pytest.mark.parametrize(
    ("actor", "server"),
    [
        ("https://social.stad.example/users/an", "https://social.stad.example"),
        ("https://stad.example/users/an", None),
        ("http://social.stad.example/users/an", None),
        ("https://an@social.stad.example/users/an", None),
        ("nonsense", None),
    ],
)
def test_a_domain_says_only_which_other_server_to_ask(actor: str, server: str | None) -> None:
    there = server_of(actor, WRITTEN)

    assert (there.server if there else None) == server
    assert there is None or there.name == "an"


def test_the_actor_is_read_from_what_a_domain_says_of_a_name() -> None:
    actor = "https://social.stad.example/users/an"
    page = {
        "rel": "http://webfinger.net/rel/profile-page",
        "type": "text/html",
        "href": "https://x",
    }
    own = {"rel": "self", "type": "application/activity+json", "href": actor}

    assert actor_in({"subject": "acct:an@stad.example", "links": [page, own]}) == actor
    nothing: tuple[object, ...] = ({}, {"links": [page]}, {"links": "x"}, [], None)
    assert [actor_in(given_) for given_ in nothing] == [None] * 5


@pytest.mark.parametrize(
    ("value", "verified", "proves"),
    [
        (PAGE, "2026-08-01T00:00:00Z", True),
        (f'<a href="{PAGE}" rel="me nofollow">mine</a>', "2026-08-01T00:00:00Z", True),
        (PAGE, None, False),
        (PAGE.replace("ingest", "other"), "2026-08-01T00:00:00Z", False),
        (PAGE.replace("Zk3q", "zk3q"), "2026-08-01T00:00:00Z", False),
        (PAGE + "c", "2026-08-01T00:00:00Z", False),
    ],
)
def test_only_a_verified_link_to_the_page_of_this_proof_proves(
    value: str, verified: str | None, *, proves: bool
) -> None:
    assert an_account((value, verified)).links_to(PAGE) is proves


def a_post(
    content: str, account: str = "7", author: dict[str, str] | None = None, **more: object
) -> dict[str, object]:
    made = {"id": "1", "created_at": "2026-08-01T10:05:00Z", "content": content}
    return made | {"account": author or {"id": account}} | more


def test_a_code_is_found_however_it_was_typed() -> None:
    code = "dichtbij-7K4M-9QXP"
    for content in (code, code.lower(), "<p>Hallo! dichtbij 7K4M 9QXP #zot</p>", f"{code}."):
        assert told(code, read_posts([a_post(content)]), an_account(), ASKED), content


def test_a_code_that_somebody_else_posted_proves_nothing() -> None:
    code = "dichtbij-7K4M-9QXP"
    others = (
        a_post(code, account="8"),
        a_post(code, reblog={"id": "2"}),
        a_post(code, author={"id": "7", "uri": "https://groot.example/users/an"}),
        a_post(code, uri="https://groot.example/users/an/statuses/1"),
        a_post("dichtbij-7K4M-9QXQ"),
    )
    for post in others:
        assert not told(code, read_posts([post]), an_account(), ASKED)


@pytest.mark.parametrize("made", ["2026-08-01T09:00:00Z", "yesterday", None])
def test_a_post_from_before_the_code_was_asked_for_proves_nothing(made: str | None) -> None:
    code = "dichtbij-7K4M-9QXP"

    assert not told(code, read_posts([a_post(code, created_at=made)]), an_account(), ASKED)


def test_a_clock_that_is_a_little_behind_is_forgiven() -> None:
    assert made_since(ASKED - CLOCKS_APART, ASKED)
    assert not made_since(ASKED - CLOCKS_APART - timedelta(seconds=1), ASKED)


def test_a_text_without_a_code_has_none() -> None:
    assert codes_in("Dichtbij is ver weg") == frozenset()
    assert codes_in("dichtbij-7K4M-9QXPA") == frozenset()


@pytest.mark.parametrize("given_", [None, [], "x", {"id": 1}, {"acct": "an"}])
def test_an_answer_that_is_no_account_is_refused_in_words(given_: object) -> None:
    with pytest.raises(ServerSilentError, match="does not answer as expected"):
        read_account(given_)


def test_an_answer_that_is_no_list_of_posts_is_refused_in_words() -> None:
    with pytest.raises(ServerSilentError):
        read_posts({"error": "no"})
