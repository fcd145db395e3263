"""One photo, from a phone to the magazine page and away again, in a real browser."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from services.chassis.objects import ObjectStore
from tests import photos
from tests.e2e.system import CAMPAIGN, Desk, System, until

PHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 800}


@pytest.fixture
def contexts() -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def a_page(
    browser: Browser, contexts: list[BrowserContext], size: dict[str, int], *, script: bool = True
) -> Page:
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        locale="nl-BE",
        java_script_enabled=script,
    )
    contexts.append(context)
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page


def sign_in(page: Page, system: System, campaign: str = CAMPAIGN) -> None:
    """Sign in at a campaign's desk: with several campaigns, the bare desk asks for which."""
    page.goto(f"{system.address('moderation')}/desk?campaign={campaign}")
    page.get_by_label(re.compile("account|naam", re.IGNORECASE)).first.fill("coordinator")
    page.locator("input[type=password]").fill(system.stack.desk_password)
    page.locator("input[type=password]").press("Enter")
    page.wait_for_url(lambda address: httpx.URL(address).path == "/desk")


def a_photo_file(folder: Path, seed: int) -> Path:
    file = folder / f"photo-{seed}.jpg"
    file.write_bytes(photos.a_photo(1600, 1200, seed=seed))
    return file


def public_objects(system: System, item: str) -> list[str]:
    """What the public bucket holds of an item; asked in a thread, the browser owns this one."""

    async def ask() -> list[str]:
        objects = ObjectStore(system.installation.settings)
        try:
            return await objects.keys("public", f"i/{item}/")
        finally:
            objects.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, ask()).result()


def send_from_phone(page: Page, system: System, photo: Path, words: str) -> None:
    page.goto(f"{system.address('ingest')}/c/{CAMPAIGN}/upload")
    page.set_input_files("#photos", str(photo))
    described = page.locator("#chosen textarea, #one-alt:visible textarea").first
    described.fill(f"Wat te zien is: {words}")
    page.fill("#caption", words)
    page.fill("#name", "An Peeters")
    for box in ("made", "licence", "people"):
        page.check(f"input[name={box}]")
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/r/**")


def test_a_photo_goes_from_a_phone_to_the_open_magazine_page_and_is_taken_down(
    system: System, browser: Browser, contexts: list[BrowserContext], tmp_path: Path
) -> None:
    reader = a_page(browser, contexts, LAPTOP)
    reader.goto(system.address("magazine"))
    frame = reader.frame_locator("iframe").first
    expect(frame.locator("main")).to_be_visible()

    phone = a_page(browser, contexts, PHONE)
    send_from_phone(phone, system, a_photo_file(tmp_path, 1), "Vuurwerk boven de kaai")
    expect(phone.locator(".standing")).to_have_attribute("data-state", "waiting")

    desk = a_page(browser, contexts, LAPTOP)
    sign_in(desk, system)
    card = desk.locator(".card", has_text="Vuurwerk boven de kaai")
    expect(card).to_be_visible()
    item = str(card.get_attribute("data-item"))
    card.focus()
    desk.keyboard.press("a")

    shown = frame.locator(f'[data-item="{item}"]')
    expect(shown).to_be_visible()
    expect(shown.locator("img")).to_have_attribute("alt", re.compile("Vuurwerk"))
    expect(phone.locator(".standing")).to_have_attribute("data-state", "visible")
    assert public_objects(system, item)

    desk.goto(f"{system.address('moderation')}/desk/items/{item}")
    desk.locator("details.refuse summary").click()
    desk.locator(".reasons button").first.click()

    expect(shown).to_have_count(0)
    until(lambda: not public_objects(system, item), "the public files are gone")
    with httpx.Client() as client:
        assert item not in [i["id"] for i in system.published(client)]
        page = client.get(f"{system.address('gallery')}/g/{CAMPAIGN}")
        assert item not in page.text
        gone = client.get(f"{system.address('gallery')}/g/{CAMPAIGN}/i/{item}")
        assert gone.status_code == 410
    expect(phone.locator(".standing")).to_have_attribute("data-state", "taken-down")


def test_one_trace_runs_from_the_upload_to_the_gallery(system: System) -> None:
    with httpx.Client(timeout=60) as client:
        answer = system.upload(client, photos.a_photo(800, 600, seed=9), "a-trace")
        receipt = answer.json()["receipt"] + ".json"
        item = client.get(receipt).json()["items"][0]["item"]
        desk = Desk(system, client)
        desk.sign_in()

        def mine() -> list[dict[str, Any]]:
            return [i for i in desk.waiting() if i["item"] == item]

        [found] = until(mine, "it waits")
        desk.decide(item, "approve", found["version"], found["lease"]).raise_for_status()
        until(lambda: item in [i["id"] for i in system.published(client)], "it is visible")
    traces = {
        row[0].split("-")[1]
        for service, subject in (
            ("ingest", f"submission-{item}"),
            ("ingest", item),
            ("moderation", item),
            ("gallery", item),
        )
        for row in system.rows(
            f"select traceparent from {service}.event where subject = %s", subject
        )
    }
    assert len(traces) == 1


def test_undo_by_one_key_takes_the_photo_out_of_the_open_gallery(
    system: System, browser: Browser, contexts: list[BrowserContext], tmp_path: Path
) -> None:
    gallery = a_page(browser, contexts, PHONE)
    gallery.goto(f"{system.address('gallery')}/g/{CAMPAIGN}")
    phone = a_page(browser, contexts, PHONE)
    send_from_phone(phone, system, a_photo_file(tmp_path, 2), "Even maar")
    desk = a_page(browser, contexts, LAPTOP)
    sign_in(desk, system)
    card = desk.locator(".card", has_text="Even maar")
    item = str(card.get_attribute("data-item"))
    card.focus()
    desk.keyboard.press("a")
    expect(gallery.locator(f'[data-item="{item}"]')).to_be_visible()
    desk.keyboard.press("z")
    expect(gallery.locator(f'[data-item="{item}"]')).to_have_count(0)
    expect(desk.locator(f'.card[data-item="{item}"]')).to_be_visible()


def test_everything_works_without_script(
    system: System, browser: Browser, contexts: list[BrowserContext], tmp_path: Path
) -> None:
    phone = a_page(browser, contexts, PHONE, script=False)
    send_from_phone(phone, system, a_photo_file(tmp_path, 3), "Zonder script")

    def waits() -> bool:
        phone.reload()
        return phone.locator('.standing[data-state="waiting"]').count() == 1

    until(waits, "the receipt tells that it waits")
    desk = a_page(browser, contexts, PHONE, script=False)
    sign_in(desk, system)
    card = desk.locator(".card", has_text="Zonder script")
    item = str(card.get_attribute("data-item"))
    card.locator("button.approve").click()
    reader = a_page(browser, contexts, PHONE, script=False)

    def visible() -> bool:
        reader.goto(f"{system.address('gallery')}/g/{CAMPAIGN}")
        return reader.locator(f'[data-item="{item}"]').count() == 1

    until(visible, "the gallery shows it")
    phone.reload()
    taking_back = phone.locator("details", has=phone.locator("button.danger"))
    taking_back.locator("summary").click()
    taking_back.locator("button.danger").click()
    until(lambda: not visible(), "taken back by its giver, it is gone")
    assert not public_objects(system, item)
    address = phone.url.split("?")[0]

    def confirmed() -> dict[str, str | None]:
        [told] = httpx.get(f"{address}.json").json()["items"]
        return {one["who"]: one["at"] for one in told["confirmed"]}

    until(lambda: confirmed() and all(confirmed().values()), "everybody has confirmed it")
    assert len(confirmed()) >= 3
    phone.reload()
    shown = phone.locator(".confirmed li")
    assert shown.count() >= len(confirmed())


def test_a_blog_post_and_a_hashtag_arrive_at_the_desk_and_in_the_gallery(
    system: System,
) -> None:
    server = system.address("mastodon")
    token = {"Authorization": "Bearer mock_token"}
    with httpx.Client(timeout=30) as client:
        media = client.post(
            f"{server}/api/v2/media",
            headers=token,
            files={"file": ("kaai.jpg", photos.a_photo(1200, 900, seed=4))},
            data={"description": "De kaai bij valavond"},
        ).json()
        status = client.post(
            f"{server}/api/v1/statuses",
            headers=token,
            data={"status": "Vanavond op de kaai #Bollekes", "media_ids[]": media["id"]},
        ).json()
        desk = Desk(system, client)
        desk.sign_in()

        def both() -> list[dict[str, object]]:
            mine = [i for i in desk.waiting() if i["connector"] in {"mastodon", "feed"}]
            kinds = {i["connector"] for i in mine}
            return mine if kinds == {"mastodon", "feed"} else []

        for found in until(both, "a post of the blog and one with the hashtag wait"):
            answer = desk.decide(found["item"], "approve", found["version"], found["lease"])
            assert answer.status_code == 200, answer.text
            until(
                lambda item=found["item"]: item in [i["id"] for i in system.published(client)],
                "the gallery shows it",
            )
        posted = [i["item"] for i in until(lambda: _of(system, "mastodon"), "it is live")]
        client.delete(f"{server}/api/v1/statuses/{status['id']}", headers=token)
        until(
            lambda: not {i["id"] for i in system.published(client)} & set(posted),
            "deleted at its source, it leaves the gallery",
            # Two looks must miss it, ten polls apart: some 20 s. The rest is for a busy machine.
            120,
        )


def _of(system: System, connector: str) -> list[dict[str, str]]:
    found = system.rows(
        "select item from ingest.item where life = 'live' and content->>'connector' = %s", connector
    )
    return [{"item": row[0]} for row in found]


def test_public_pages_set_no_cookie_and_ask_no_other_host(
    system: System, browser: Browser, contexts: list[BrowserContext]
) -> None:
    page = a_page(browser, contexts, PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    for address in (
        f"{system.address('gallery')}/g/{CAMPAIGN}",
        f"{system.address('gallery')}/embed/{CAMPAIGN}",
        f"{system.address('ingest')}/c/{CAMPAIGN}/upload",
    ):
        page.goto(address)
    assert page.context.cookies() == []
    hosts = {httpx.URL(url).host for url in asked if url.startswith("http")}
    assert hosts == {"localhost"}
    assert errors == []
