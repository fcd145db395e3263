"""Signing in: with a password, by an identity provider, and all that must not let anybody in."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.auth import SESSION_LASTS, Staff, cookie_name, verify
from services.moderation import app
from services.moderation.domain.account import InvalidAccountError
from services.moderation.store.accounts import FAILURES_OF_ACCOUNT
from tests.installation import Installation, environment

HTML = {"accept": "text/html"}
DESK = "http://localhost:8002"


@asynccontextmanager
async def opened(given: Mapping[str, str]) -> AsyncGenerator[FastAPI]:
    with environment(given):
        site = app.desk_app(app.settings())
    async with site.router.lifespan_context(site):
        yield site


def browser(site: FastAPI, address: str = "192.0.2.1", url: str = DESK) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(site, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url=url, headers=HTML)


def settings_of(installation: Installation) -> app.Settings:
    with environment(installation.environment):
        return app.settings()


def signed_in(client: httpx.AsyncClient, installation: Installation) -> Staff | None:
    settings = settings_of(installation)
    token = client.cookies.get(cookie_name(settings))
    return verify(settings.session_public_key, token) if token else None


async def add(installation: Installation, name: str, *roles: str) -> str:
    with environment(installation.environment):
        return await app.add_staff(name, name.title(), roles or ("moderator",))


@pytest.fixture
async def site(unheard_installation: Installation) -> AsyncIterator[FastAPI]:
    async with opened(
        {**unheard_installation.environment, "DICHTBIJ_MODERATION_URL": DESK}
    ) as site:
        yield site


async def sign_in(
    client: httpx.AsyncClient, account: str, password: str, target: str = "/desk"
) -> httpx.Response:
    form = {"account": account, "password": password, "next": target}
    return await client.post("/sign-in", data=form)


async def test_who_is_not_signed_in_is_led_to_the_form_and_back(
    unheard_installation: Installation, site: FastAPI
) -> None:
    password = await add(unheard_installation, "anna")
    async with browser(site) as anna:
        led = await anna.get("/desk?campaign=x")
        address = urlsplit(led.headers["location"])
        target = parse_qs(address.query)["next"][0]
        form = await anna.get(f"{address.path}?{address.query}")
        back = await sign_in(anna, "anna", password, target)
    assert (led.status_code, form.status_code, back.status_code) == (303, 200, 303)
    assert back.headers["location"] == target == f"{DESK}/desk?campaign=x"
    staff = signed_in(anna, unheard_installation)
    assert staff is not None
    assert (staff.account, staff.name, staff.roles) == ("anna", "Anna", frozenset({"moderator"}))


async def test_the_session_cookie_is_out_of_reach_of_script_and_of_other_sites(
    unheard_installation: Installation, site: FastAPI
) -> None:
    password = await add(unheard_installation, "anna")
    async with browser(site) as anna:
        cookie = (await sign_in(anna, "anna", password)).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    https = {"DICHTBIJ_MODERATION_URL": "https://desk.example"}
    async with (
        opened({**unheard_installation.environment, **https}) as safe,
        browser(safe, url="https://desk.example") as anna,
    ):
        cookie = (await sign_in(anna, "anna", password)).headers["set-cookie"]
    assert cookie.startswith("__Host-dichtbij-staff=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


async def test_ingest_with_a_host_name_of_its_own_gets_the_session_of_the_desk(
    unheard_installation: Installation,
) -> None:
    password = await add(unheard_installation, "anna")
    shared = {
        "DICHTBIJ_MODERATION_URL": "https://desk.stad.example",
        "DICHTBIJ_INGEST_URL": "https://give.stad.example",
        "DICHTBIJ_SESSION_DOMAIN": "stad.example",
    }
    async with (
        opened({**unheard_installation.environment, **shared}) as site,
        browser(site, url="https://desk.stad.example") as anna,
    ):
        target = "https://give.stad.example/manage"
        answer = await sign_in(anna, "anna", password, target)
        assert answer.headers["location"] == target
        sent = anna.build_request("GET", target).headers["cookie"]
        assert sent.startswith("__Secure-dichtbij-staff=")
        assert "cookie" not in anna.build_request("GET", "https://elsewhere.example/").headers
        csrf = (await anna.get("/desk/session.json")).json()["csrf"]
        await anna.post("/sign-out", data={"csrf": csrf})
        assert "cookie" not in anna.build_request("GET", target).headers


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/desk",
        "//elsewhere.example/desk",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "http://localhost:8002.elsewhere.example/",
        "http://localhost:8002@elsewhere.example/",
        "/%0d%0aset-cookie:x".replace("%0d%0a", "\r\n"),
    ],
)
async def test_a_sign_in_leads_to_our_own_sites_only(
    unheard_installation: Installation, site: FastAPI, target: str
) -> None:
    password = await add(unheard_installation, "anna")
    async with browser(site) as anna:
        answer = await sign_in(anna, "anna", password, target)
    assert answer.headers["location"] == "/desk"


async def test_a_sign_in_leads_back_to_ingest(
    unheard_installation: Installation, site: FastAPI
) -> None:
    password = await add(unheard_installation, "anna")
    target = f"{settings_of(unheard_installation).ingest_url}/sources"
    async with browser(site) as anna:
        answer = await sign_in(anna, "anna", password, target)
    assert answer.headers["location"] == target


async def test_who_only_coordinates_is_led_to_the_campaigns(
    unheard_installation: Installation, site: FastAPI
) -> None:
    password = await add(unheard_installation, "carla", "coordinator")
    both = await add(unheard_installation, "bo", "coordinator", "moderator")
    manage = f"{settings_of(unheard_installation).ingest_url}/manage"
    async with browser(site) as carla, browser(site) as bo:
        for target in ("/desk", f"{DESK}/desk?lang=fr"):
            led = await sign_in(carla, "carla", password, target)
            assert led.headers["location"] == manage
        assert (await carla.get("/sign-in")).headers["location"] == manage
        elsewhere = await sign_in(carla, "carla", password, "/desk/items/x")
        desk = await sign_in(bo, "bo", both)
    assert elsewhere.headers["location"] == "/desk/items/x"
    assert desk.headers["location"] == "/desk"


async def test_neither_a_wrong_password_nor_an_unknown_name_lets_anybody_in(
    unheard_installation: Installation, site: FastAPI
) -> None:
    password = await add(unheard_installation, "anna")
    async with browser(site) as anna:
        wrong = await sign_in(anna, "anna", password + "x")
        unknown = await sign_in(anna, "nobody", password)
        huge = await sign_in(anna, "anna", "x" * 900)
    assert [a.status_code for a in (wrong, unknown, huge)] == [401, 401, 401]
    # The same words for both: the form must not tell which names exist.
    words = [
        re.sub(r'nonce-?"?[^"]*|value="[^"]*"| autofocus', "", a.text) for a in (wrong, unknown)
    ]
    assert words[0] == words[1]
    assert signed_in(anna, unheard_installation) is None


async def test_after_many_failures_even_the_right_password_must_wait(
    unheard_installation: Installation, site: FastAPI
) -> None:
    password = await add(unheard_installation, "anna")
    other = await add(unheard_installation, "bram")
    async with browser(site) as anna:
        for _ in range(FAILURES_OF_ACCOUNT):
            assert (await sign_in(anna, "anna", "wrong")).status_code == 401
        assert (await sign_in(anna, "anna", password)).status_code == 429
        # Another account is not locked out by it, and time heals.
        assert (await sign_in(anna, "bram", other)).status_code == 303
    unheard_installation.rows(
        "update moderation.failed_sign_in set at = at - make_interval(mins => 16)"
    )
    async with browser(site) as anna:
        assert (await sign_in(anna, "anna", password)).status_code == 303


async def test_an_address_that_tries_many_names_must_wait(
    unheard_installation: Installation, site: FastAPI
) -> None:
    password = await add(unheard_installation, "anna")
    unheard_installation.rows(
        "insert into moderation.failed_sign_in (key)"
        " select 'address:192.0.2.66' from generate_series(1, 40)"
    )
    async with browser(site, "192.0.2.66") as stranger, browser(site) as anna:
        assert (await sign_in(stranger, "anna", password)).status_code == 429
        assert (await sign_in(anna, "anna", password)).status_code == 303


async def test_signing_out_needs_our_own_form_and_takes_the_cookie_away(
    unheard_installation: Installation, site: FastAPI
) -> None:
    password = await add(unheard_installation, "anna")
    async with browser(site) as anna:
        await sign_in(anna, "anna", password)
        assert (await anna.post("/sign-out", data={"csrf": "guessed"})).status_code == 403
        staff = signed_in(anna, unheard_installation)
        assert staff is not None
        await anna.post("/sign-out", data={"csrf": staff.csrf})
        assert signed_in(anna, unheard_installation) is None


async def test_a_sign_in_form_of_another_site_is_refused(
    unheard_installation: Installation, site: FastAPI
) -> None:
    password = await add(unheard_installation, "anna")
    async with browser(site) as anna:
        anna.headers["sec-fetch-site"] = "cross-site"
        assert (await sign_in(anna, "anna", password)).status_code == 403
    assert signed_in(anna, unheard_installation) is None


async def test_working_renews_the_session_with_the_roles_of_today(
    unheard_installation: Installation, site: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = await add(unheard_installation, "anna")
    async with browser(site) as anna:
        await sign_in(anna, "anna", password)
        before = signed_in(anna, unheard_installation)
        assert "set-cookie" not in (await anna.get("/desk")).headers
        monkeypatch.setattr("services.moderation.api.session.RENEW_AFTER", timedelta(-1))
        unheard_installation.rows(
            "update moderation.account set roles = '{moderator,editor}' where account = 'anna'"
        )
        await anna.get("/desk")
        after = signed_in(anna, unheard_installation)
        assert before is not None
        assert after is not None
        assert after.roles == frozenset({"moderator", "editor"})
        # Forms on pages that are open stay good.
        assert after.csrf == before.csrf
        with environment(unheard_installation.environment):
            assert await app.end_staff("anna")
        await anna.get("/desk")
        assert signed_in(anna, unheard_installation) is None
        assert (await sign_in(anna, "anna", password)).status_code == 401


async def test_a_session_ends_after_an_hour_without_work(
    unheard_installation: Installation,
    site: FastAPI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    password = await add(unheard_installation, "anna")
    long_ago = datetime.now(UTC) - SESSION_LASTS - timedelta(minutes=2)

    class _Then(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "datetime":
            del tz
            return long_ago

    with monkeypatch.context() as patched:
        patched.setattr("services.chassis.auth.datetime", _Then)
        async with browser(site) as anna:
            cookie = (await sign_in(anna, "anna", password)).headers["set-cookie"]
    async with browser(site) as anna:
        anna.headers["cookie"] = cookie.partition(";")[0]
        assert (await anna.get("/desk")).status_code == 303


async def test_the_first_password_is_printed_exactly_once(
    unheard_installation: Installation, site: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    unheard_installation.rows("delete from moderation.account")
    with environment(unheard_installation.environment):
        for _ in range(2):
            # The second run of the migration finds the account that the first one made.
            await _first_run()
    printed = capsys.readouterr().out
    [password] = re.findall(r"^first-run password for coordinator: (\S+)$", printed, re.MULTILINE)
    async with browser(site) as first:
        assert (await sign_in(first, "Coordinator ", password)).status_code == 303
    staff = signed_in(first, unheard_installation)
    assert staff is not None
    assert staff.roles == frozenset({"moderator", "editor", "coordinator"})
    assert password not in str(unheard_installation.rows("select * from moderation.account"))


async def _first_run() -> None:
    import asyncio

    await asyncio.to_thread(app.migrate)


async def test_accounts_are_listed_ended_and_given_new_passwords(
    unheard_installation: Installation, site: FastAPI
) -> None:
    old = await add(unheard_installation, "anna", "moderator", "editor")
    with environment(unheard_installation.environment):
        with pytest.raises(InvalidAccountError):
            await app.add_staff("anna", "Anna", ["moderator"])
        with pytest.raises(InvalidAccountError):
            await app.add_staff("bram", "Bram", ["emperor"])
        new = await app.reset_password("anna")
        with pytest.raises(InvalidAccountError):
            await app.reset_password("nobody")
        listed = {account.account: account for account in await app.list_staff()}
    assert listed["anna"].roles == frozenset({"moderator", "editor"})
    async with browser(site) as anna:
        assert (await sign_in(anna, "anna", old)).status_code == 401
        assert (await sign_in(anna, "anna", new)).status_code == 303


# By an identity provider.


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A real, small identity provider in a process of its own; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known = [
        {"sub": "1", "preferred_username": "Chloë", "name": "Chloë Maes", "groups": ["mods", "x"]},
        {"sub": "2", "preferred_username": "dries", "name": "Dries", "groups": ["others"]},
    ]
    arguments = [part for user in known for part in ("--user-claims", json.dumps(user))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(
        [*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    transport = httpx.HTTPTransport(retries=8)
    with httpx.Client(transport=transport, timeout=20) as client:
        client.get(f"http://127.0.0.1:{port}/.well-known/openid-configuration").raise_for_status()
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


@pytest.fixture
async def federated(unheard_installation: Installation, provider: str) -> AsyncIterator[FastAPI]:
    given = {
        "DICHTBIJ_MODERATION_URL": DESK,
        "DICHTBIJ_OIDC_ISSUER": provider,
        "DICHTBIJ_OIDC_CLIENT_ID": "desk",
        "DICHTBIJ_OIDC_CLIENT_SECRET": "secret",
        "DICHTBIJ_OIDC_NAME": "Stad",
        "DICHTBIJ_OIDC_ROLES": "mods=moderator,chiefs=editor",
    }
    async with opened({**unheard_installation.environment, **given}) as site:
        yield site


async def _at_provider(departure: httpx.Response, subject: str) -> str:
    """Say yes at the provider as a person would, and give the address it sends back to."""
    async with httpx.AsyncClient() as person:
        answer = await person.post(departure.headers["location"], data={"sub": subject})
    return answer.headers["location"]


async def test_who_is_in_the_right_group_signs_in_by_the_provider(
    unheard_installation: Installation, federated: FastAPI
) -> None:
    async with browser(federated) as chloe:
        form = await chloe.get("/sign-in?lang=en")
        departure = await chloe.get("/sign-in/elsewhere?next=/desk?tab=approved")
        asked = parse_qs(urlsplit(departure.headers["location"]).query)
        arrived = await chloe.get(await _at_provider(departure, "1"))
        again = await chloe.get("/sign-in/elsewhere")
        await chloe.get(await _at_provider(again, "1"))
    assert "Sign in with Stad" in form.text
    assert asked["code_challenge_method"] == ["S256"]
    assert arrived.headers["location"] == "/desk?tab=approved"
    staff = signed_in(chloe, unheard_installation)
    assert staff is not None
    assert (staff.name, staff.roles) == ("Chloë Maes", frozenset({"moderator"}))
    rows = unheard_installation.rows(
        "select account, password_hash from moderation.account where issuer is not null"
    )
    assert rows == [(staff.account, None)]


async def test_who_is_in_no_group_of_ours_is_told_so(federated: FastAPI) -> None:
    async with browser(federated) as dries:
        departure = await dries.get("/sign-in/elsewhere")
        arrived = await dries.get(await _at_provider(departure, "2"))
    assert arrived.status_code == 403
    assert "set-cookie" not in arrived.headers


async def test_an_answer_for_another_browser_or_another_departure_is_refused(
    unheard_installation: Installation, federated: FastAPI
) -> None:
    async with browser(federated) as chloe, browser(federated) as thief:
        departure = await chloe.get("/sign-in/elsewhere")
        back = await _at_provider(departure, "1")
        assert (await thief.get(back)).status_code == 400
        # A later departure has another state and nonce.
        await chloe.get("/sign-in/elsewhere")
        assert (await chloe.get(back)).status_code == 400
        assert signed_in(chloe, unheard_installation) is None


async def test_an_identity_for_another_departure_is_refused_by_its_nonce(
    unheard_installation: Installation, federated: FastAPI
) -> None:
    async with browser(federated) as chloe:
        departure = await chloe.get("/sign-in/elsewhere")
        address = departure.headers["location"]
        nonce = parse_qs(urlsplit(address).query)["nonce"][0]
        departure.headers["location"] = address.replace(nonce, "another")
        arrived = await chloe.get(await _at_provider(departure, "1"))
    assert arrived.status_code == 502
    assert signed_in(chloe, unheard_installation) is None


async def test_a_provider_that_is_away_leaves_the_password_form_working(
    unheard_installation: Installation,
) -> None:
    password = await add(unheard_installation, "anna")
    given = {"DICHTBIJ_OIDC_ISSUER": "http://127.0.0.1:9", "DICHTBIJ_OIDC_CLIENT_ID": "desk"}
    async with (
        opened({**unheard_installation.environment, **given}) as site,
        browser(site) as anna,
    ):
        assert (await anna.get("/sign-in/elsewhere")).status_code == 502
        assert (await sign_in(anna, "anna", password)).status_code == 303
