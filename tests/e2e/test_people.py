"""Who can be singled out, answered at the desk in a real browser: by keys and without script."""

# axe ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import re
from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import photos
from tests.e2e.system import CAMPAIGN, System, until
from tests.e2e.test_accessibility import RULES
from tests.e2e.test_path import LAPTOP, PHONE, a_page, sign_in


@pytest.fixture
def contexts() -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


@pytest.fixture(scope="module")
def bram(system: System) -> str:
    """Give the password of a second moderator."""
    answer = system.installation.command(
        "staff", "add", "bram", "--name", "Bram Claes", "--role", "moderator"
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip().rsplit(" ", 1)[1]


def given(system: System, words: str, seed: int, **form: str) -> tuple[str, str]:
    """Upload a photo, and give its item and its receipt once it waits."""
    with httpx.Client(timeout=60) as client:
        photo = photos.a_photo(1200, 900, seed=seed)
        answer = system.upload(client, photo, words, **form).raise_for_status()
        receipt = str(answer.json()["receipt"])
        [told] = client.get(f"{receipt}.json").json()["items"]
        item = str(told["item"])
        waits = "select 1 from moderation.review where item = %s"
        until(lambda: system.rows(waits, item), "it waits")
        return item, receipt


def is_shown(system: System, item: str) -> bool:
    with httpx.Client() as client:
        return item in [i["id"] for i in system.published(client)]


def sign_in_as_bram(page: Page, system: System, password: str) -> None:
    page.goto(f"{system.address('moderation')}/desk?campaign={CAMPAIGN}")
    page.get_by_label(re.compile("account|naam", re.IGNORECASE)).first.fill("bram")
    page.locator("input[type=password]").fill(password)
    page.locator("input[type=password]").press("Enter")
    page.wait_for_url(lambda address: httpx.URL(address).path == "/desk")


def test_a_child_takes_two_people_with_keys_and_a_parents_word(
    system: System,
    browser: Browser,
    contexts: list[BrowserContext],
    bram: str,
) -> None:
    item, receipt = given(system, "een-kind", 91, people="")
    desk = a_page(browser, contexts, LAPTOP)
    sign_in(desk, system)
    card = desk.locator(f'.card[data-item="{item}"]')
    expect(card.locator("details.people.asked")).to_be_visible()
    card.focus()
    desk.keyboard.press("p")
    expect(card.locator("button[name=people]")).to_have_count(4)
    found = Axe().run(desk, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    desk.keyboard.press("4")
    expect(card).to_have_count(0)
    expect(desk.locator("#said")).to_contain_text("tweede persoon")
    # Undone by one key, and answered again.
    desk.keyboard.press("z")
    expect(card).to_be_visible()
    card.focus()
    desk.keyboard.press("p")
    desk.keyboard.press("4")
    expect(card).to_have_count(0)

    second = a_page(browser, contexts, LAPTOP)
    sign_in_as_bram(second, system, bram)
    mine = second.locator(f'.card[data-item="{item}"]')
    expect(mine.locator(".again")).to_contain_text("zag een kind")
    found = Axe().run(second, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    mine.focus()
    second.keyboard.press("a")
    expect(mine).to_have_count(0)

    phone = a_page(browser, contexts, PHONE)
    phone.goto(receipt)
    expect(phone.locator(".standing")).to_have_attribute("data-state", "kept-back")
    assert not is_shown(system, item)
    phone.locator('form[action*="/guardian/"] button').click()
    until(lambda: is_shown(system, item), "a parent agreed, and it is shown")


def test_a_photo_with_a_public_figure_is_approved_without_script(
    system: System, browser: Browser, contexts: list[BrowserContext]
) -> None:
    item, _ = given(system, "de-burgemeester", 92, people="")
    desk = a_page(browser, contexts, PHONE, script=False)
    sign_in(desk, system)
    card = desk.locator(f'.card[data-item="{item}"]')
    card.locator("details.people summary").click()
    card.locator('button[value="public-figure"]').click()
    until(lambda: is_shown(system, item), "it is shown")
    desk.goto(f"{system.address('moderation')}/desk/items/{item}")
    expect(desk.locator(".history")).to_contain_text("een publiek figuur")


def test_nobody_asks_for_more_than_one_key_in_the_ordinary_case(
    system: System, browser: Browser, contexts: list[BrowserContext]
) -> None:
    item, _ = given(system, "gewoon-een-plein", 93)
    desk = a_page(browser, contexts, LAPTOP)
    sign_in(desk, system)
    card = desk.locator(f'.card[data-item="{item}"]')
    card.focus()
    desk.keyboard.press("a")
    until(lambda: is_shown(system, item), "it is shown")
    answer = """select data->>'people' from moderation.event
                where subject = %s and type like '%%review.decided%%'"""
    assert system.rows(answer, item) == [("nobody",)]
