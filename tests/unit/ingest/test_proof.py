import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.ids import CuratorId
from services.ingest.domain.proof import (
    Account,
    AccountUnclearError,
    ServerSilentError,
    codes_in,
    read_account,
    read_address,
    read_posts,
    told,
)

CURATOR = CuratorId("k-1a2b")
SITE = "https://gallery.example"
PAGE = f"{SITE}/g/bollekesfeest/curators/{CURATOR}"


@pytest.mark.parametrize(
    ("written", "server", "name"),
    [
        ("@an@stad.example", "https://stad.example", "an"),
        (" An_B@Stad.Example ", "https://stad.example", "An_B"),
        ("https://stad.example/@an", "https://stad.example", "an"),
        ("https://stad.example/users/an/", "https://stad.example", "an"),
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
    ("value", "verified", "proves"),
    [
        (PAGE, "2026-08-01T00:00:00Z", True),
        (f'<a href="{PAGE}" rel="me nofollow">mine</a>', "2026-08-01T00:00:00Z", True),
        (PAGE, None, False),
        (PAGE.replace("gallery", "other"), "2026-08-01T00:00:00Z", False),
        (PAGE.replace("k-1a2b", "k-9z9z"), "2026-08-01T00:00:00Z", False),
        (PAGE + "c", "2026-08-01T00:00:00Z", False),
    ],
)
def test_only_a_verified_link_to_the_curators_own_page_proves(
    value: str, verified: str | None, *, proves: bool
) -> None:
    assert an_account((value, verified)).links_to(CURATOR, SITE) is proves


def a_post(content: str, account: str = "7", **more: object) -> dict[str, object]:
    return {"id": "1", "account": {"id": account}, "content": content, **more}


def test_a_code_is_found_however_it_was_typed() -> None:
    code = "dichtbij-7K4M-9QXP"
    for content in (code, code.lower(), "<p>Hallo! dichtbij 7K4M 9QXP #zot</p>", f"{code}."):
        assert told(code, read_posts([a_post(content)]), an_account()), content


def test_a_code_that_somebody_else_posted_proves_nothing() -> None:
    code = "dichtbij-7K4M-9QXP"
    others = (
        a_post(code, account="8"),
        a_post(code, reblog={"id": "2"}),
        a_post("dichtbij-7K4M-9QXQ"),
    )
    for post in others:
        assert not told(code, read_posts([post]), an_account())


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
