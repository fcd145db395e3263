"""A curator's journeys on a phone: yes, a hashtag, ten photos, and the change of turns."""

# axe ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from services.ingest.domain.mandate import PauseMandate, Resume
from tests import photos
from tests.e2e.system import Desk, System, approve, until
from tests.e2e.test_accessibility import RULES, SIZES
from tests.e2e.test_path import PHONE, a_page
from tests.integration.curator_room import DAY, CuratorRoom, Invited

CAMPAIGN = "tienfotos"
TEN = 10
#: What a busy machine may take, in milliseconds.
PATIENT = 60_000


@pytest.fixture(scope="module")
def room(system: System) -> CuratorRoom:
    system.apply(Path(__file__).parent / "curators.yaml")
    return CuratorRoom(system.installation, CAMPAIGN)


@pytest.fixture
def contexts() -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


class Thumb:
    """Somebody with one thumb: every tap counts, typing does not."""

    def __init__(self, page: Page, system: System) -> None:
        self.page = page
        self.taps = 0
        self._address = system.address("ingest")

    def open(self, who: Invited) -> None:
        self.page.goto(f"{self._address}/k/{who.token}?lang=nl")

    def tap(self, what: Locator) -> None:
        self.taps += 1
        what.click()

    def type(self, where: Locator, words: str) -> None:
        self.tap(where)
        where.fill(words)

    def choose(self, files: list[Path]) -> None:
        """Tap the picker and choose photos in it, as a phone offers them."""
        with self.page.expect_file_chooser() as opened:
            self.tap(self.page.locator("input[type=file]").first)
        opened.value.set_files([str(file) for file in files])


def files_in(folder: Path, count: int, *, seed: int) -> list[Path]:
    found: list[Path] = []
    for n in range(count):
        file = folder / f"foto-{seed + n}.jpg"
        file.write_bytes(photos.a_photo(1600, 1200, seed=seed + n))
        found.append(file)
    return found


def standings(system: System, client: httpx.Client, who: Invited) -> list[dict[str, Any]]:
    address = f"{system.address('ingest')}/k/{who.token}.json"
    told = client.get(address).raise_for_status().json()
    return [photo for mandate in told["mandates"] for photo in mandate["photos"]]


def published(system: System, client: httpx.Client) -> list[str]:
    address = f"{system.address('gallery')}/g/{CAMPAIGN}.json"
    page = client.get(address)
    return [item["id"] for item in page.json()["items"]] if page.status_code == 200 else []


@pytest.mark.parametrize("script", [True, False])
def test_a_curator_says_yes_with_four_taps(
    system: System,
    room: CuratorRoom,
    browser: Browser,
    contexts: list[BrowserContext],
    script: bool,  # noqa: FBT001 - the two ways
) -> None:
    who = room.invite("Fatima", accept=False, places=TEN)
    thumb = Thumb(a_page(browser, contexts, PHONE, script=script), system)
    thumb.open(who)
    page = thumb.page
    expect(page.get_by_text("één verhaal.").first).to_be_visible()
    assert page.locator("input[name=channel]:checked, input[name=made]:checked").count() == 0
    thumb.tap(page.locator("input[name=made]"))
    thumb.tap(page.locator("input[name=channel][value=web]"))
    thumb.tap(page.get_by_role("button", name="Ik doe mee"))
    expect(page.locator(".empty li")).to_have_count(TEN)
    assert thumb.taps <= 4
    assert page.locator("input[type=password]").count() == 0
    consent = "select accepted->>'evidence' from ingest.mandate where mandate = %s"
    assert system.rows(consent, who.mandate) == [("mandate",)]


@pytest.mark.parametrize("script", [True, False])
def test_a_post_with_the_hashtag_is_seen_on_the_page_with_what_was_decided(
    system: System,
    room: CuratorRoom,
    browser: Browser,
    contexts: list[BrowserContext],
    script: bool,  # noqa: FBT001 - the two ways
) -> None:
    # The account is handed over to whoever's turn began last, and this one begins just now.
    who = room.invite("Zot van A", -timedelta(seconds=1), source=f"{CAMPAIGN}/mastodon")
    thumb = Thumb(a_page(browser, contexts, PHONE, script=script), system)
    thumb.open(who)
    server, token = system.address("mastodon"), {"Authorization": "Bearer mock_token"}
    with httpx.Client(timeout=60) as client:
        media = client.post(
            f"{server}/api/v2/media",
            headers=token,
            files={"file": ("kaai.jpg", photos.a_photo(1200, 900, seed=600 + script))},
            data={"description": "De kaai bij valavond"},
        ).json()
        client.post(
            f"{server}/api/v1/statuses",
            headers=token,
            data={"status": "Op de kaai #bollekes10", "media_ids[]": media["id"]},
        )
        told = thumb.page.locator(".told")
        comes(thumb.page, told.filter(has_text="met hashtag op Mastodon"), script=script)
        expect(told).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))
        waiting = thumb.page.locator(".told[data-state=waiting]")
        comes(thumb.page, waiting, script=script)
        desk = Desk(system, client)
        desk.sign_in()
        [photo] = standings(system, client, who)
        approve(system, desk, {photo["item"]})
        comes(thumb.page, thumb.page.locator(".told[data-state=visible]"), script=script)
        expect(told.get_by_role("link", name="Bekijk waar ze te zien is")).to_be_visible()
    assert thumb.taps == 0


def comes(page: Page, what: Locator, *, script: bool) -> None:
    """Wait until a page shows something: by itself, or without script whenever it is loaded."""
    if script:
        expect(what).to_have_count(1, timeout=PATIENT)
        return

    def loaded() -> bool:
        page.reload()
        return what.count() == 1

    until(loaded, "the page shows it once it is loaded again")


def test_what_is_ticked_counts_and_a_device_that_keeps_nothing_loses_nothing(
    system: System,
    room: CuratorRoom,
    browser: Browser,
    contexts: list[BrowserContext],
    tmp_path: Path,
) -> None:
    who = room.invite("Kato", places=3)
    thumb = Thumb(a_page(browser, contexts, PHONE), system)
    page = thumb.page
    page.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); }"
    )
    thumb.open(who)
    thumb.tap(page.locator("details.people summary"))
    thumb.tap(page.locator("input[name=minor]"))
    thumb.choose(files_in(tmp_path, 2, seed=840))
    # Without a parent's word they have no place, once they are prepared.
    expect(page.locator(".place[data-key]")).to_have_count(2, timeout=PATIENT)
    expect(page.locator("input[name=minor]")).not_to_be_checked()
    page.locator("input[name=minor]").set_checked(False)
    thumb.choose(files_in(tmp_path, 1, seed=845))
    expect(page.locator(".place[data-key]")).to_have_count(3, timeout=PATIENT)
    minors = """select e.data->'consent'->>'minor' from ingest.event e
        where e.type like '%%submission.received%%' and e.data->>'curator' = %s
        order by e.data->>'revision'"""
    assert system.rows(minors, who.curator) == [("true",), ("true",), ("false",)]


def test_photos_that_wait_for_a_paused_turn_are_shown_and_go_on_after_it(
    system: System,
    room: CuratorRoom,
    browser: Browser,
    contexts: list[BrowserContext],
    tmp_path: Path,
) -> None:
    who = room.invite("Sien", places=2)
    thumb = Thumb(a_page(browser, contexts, PHONE), system)
    page = thumb.page
    thumb.open(who)
    page.context.set_offline(True)
    thumb.choose(files_in(tmp_path, 2, seed=850))
    expect(page.locator(".give .queue li")).to_have_count(2)
    room.change(who.mandate, PauseMandate())
    page.context.set_offline(False)
    expect(page.locator(".stranded .queue li")).to_have_count(2, timeout=PATIENT)
    room.change(who.mandate, Resume())
    page.reload()
    for again in page.locator(".give .queue button", has_text="Probeer").all():
        again.click()
    expect(page.locator(".places > .place")).to_have_count(2, timeout=PATIENT)


def send_over_a_bad_network(thumb: Thumb, files: list[Path]) -> None:
    """Choose photos, lose the network for a while, reload; in the end each was taken once."""
    page = thumb.page
    answered: list[int] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.split("?")[0].endswith("/photos"):
            answer = request.response()
            answered.append(answer.status if answer else 0)

    page.on("requestfinished", note)
    thumb.choose(files)
    until_on(page, lambda: len(answered) >= 2)
    page.context.set_offline(True)
    expect(page.locator(".queue li").first).to_contain_text(re.compile("netwerk|verbinding"))
    page.wait_for_timeout(5_000)
    page.context.set_offline(False)
    until_on(page, lambda: len(answered) >= 4)
    # The photos wait in the browser's own store, so a reload loses none.
    page.reload()
    expect(page.locator(".places > .place")).to_have_count(len(files), timeout=2 * PATIENT)
    # One whose answer was on its way while the page was loaded anew is sent twice, and is known.
    assert set(answered) == {201}


def test_ten_photos_make_one_story_with_at_most_25_taps(
    system: System,
    room: CuratorRoom,
    browser: Browser,
    contexts: list[BrowserContext],
    tmp_path: Path,
) -> None:
    who = room.invite("Jef", places=TEN)
    thumb = Thumb(a_page(browser, contexts, PHONE), system)
    page = thumb.page
    thumb.open(who)
    send_over_a_bad_network(thumb, files_in(tmp_path, TEN, seed=700))

    cards = page.locator(".places > .place")
    for n in range(TEN):
        thumb.type(cards.nth(n).locator("[name^=line-]"), f"Regel {n}")
        thumb.type(cards.nth(n).locator("[name^=alt-]"), f"Wat foto {n} toont")
    keys = [str(cards.nth(n).get_attribute("data-key")) for n in range(TEN)]
    drag(thumb, cards.nth(1), cards.nth(0))
    thumb.tap(page.locator(f'input[name=cover][value="{keys[1]}"]'))
    thumb.tap(page.get_by_role("button", name="Klaar"))
    expect(page.get_by_text("Je zei dat je reeks klaar is").first).to_be_visible(timeout=PATIENT)
    assert thumb.taps <= 25, thumb.taps
    shown = [str(cards.nth(n).get_attribute("data-key")) for n in range(TEN)]
    assert shown == [keys[1], keys[0], *keys[2:]]

    with httpx.Client(timeout=60) as client:
        desk = Desk(system, client)
        desk.sign_in()
        approve(system, desk, set(keys), but=1)
        assert not set(published(system, client)) & set(keys)
        expect(page.locator(".told[data-state=in-series]")).to_have_count(TEN - 1, timeout=PATIENT)
        left = {p["item"] for p in standings(system, client, who) if p["state"] == "waiting"}
        assert len(left) == 1
        approve(system, desk, left)
        appears_as_one(system, client, set(keys))
    expect(page.locator(".told[data-state=visible]")).to_have_count(TEN, timeout=PATIENT)

    # Two taps take one back, and what is typed elsewhere meanwhile stays.
    before = thumb.taps
    thumb.tap(cards.nth(4).locator("details.take-back summary"))
    thumb.tap(cards.nth(4).locator("details.take-back button"))
    expect(page.locator(".other .told")).to_have_attribute(
        "data-state", re.compile("withdrawn|purged"), timeout=PATIENT
    )
    assert thumb.taps - before == 2
    with httpx.Client() as client:
        until(lambda: keys[4] not in published(system, client), "it left the gallery")


def appears_as_one(system: System, client: httpx.Client, items: set[str]) -> None:
    """See a series come: nothing of it, then all of it, and never a part."""
    seen: list[int] = []

    def whole() -> bool:
        seen.append(len(set(published(system, client)) & items))
        return seen[-1] == len(items)

    until(whole, "the series is in the gallery")
    assert set(seen) <= {0, len(items)}


def until_on(page: Page, question: Callable[[], bool]) -> None:
    """Wait for an outcome while the browser's own events go on."""
    for _ in range(1200):
        if question():
            return
        page.wait_for_timeout(50)
    message = "waited 60 s in vain"
    raise AssertionError(message)


def drag(thumb: Thumb, card: Locator, onto: Locator) -> None:
    """Drag one card by its handle onto another; one press of the thumb."""
    thumb.taps += 1
    handle = card.locator("[data-handle]")
    handle.evaluate("h => h.scrollIntoView({ block: 'center', behavior: 'instant' })")
    start, end = handle.bounding_box(), onto.bounding_box()
    assert start
    assert end
    mouse = thumb.page.mouse
    mouse.move(start["x"] + 5, start["y"] + 5)
    mouse.down()
    mouse.move(end["x"] + 20, max(80, end["y"] + end["height"] - 60), steps=10)
    mouse.up()


def test_the_order_can_be_given_by_the_keyboard(
    system: System,
    room: CuratorRoom,
    browser: Browser,
    contexts: list[BrowserContext],
    tmp_path: Path,
) -> None:
    who = room.invite("Els", places=3)
    thumb = Thumb(a_page(browser, contexts, PHONE), system)
    page = thumb.page
    thumb.open(who)
    thumb.choose(files_in(tmp_path, 3, seed=740))
    cards = page.locator(".places > .place")
    expect(page.locator(".told[data-state=waiting]")).to_have_count(3, timeout=PATIENT)
    keys = [str(cards.nth(n).get_attribute("data-key")) for n in range(3)]
    down = cards.nth(0).locator('[data-move="1"]')
    down.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("output[data-saved]")).to_contain_text("Bewaard", timeout=PATIENT)
    with httpx.Client() as client:
        until(
            lambda: by_place(standings(system, client, who)) == [keys[1], keys[2], keys[0]],
            "the order is kept",
        )
    focused = page.evaluate("document.activeElement.closest('.place').dataset.key")
    assert focused == keys[0]


def by_place(told: list[dict[str, Any]]) -> list[str]:
    placed = [photo for photo in told if photo["place"]]
    return [str(photo["key"]) for photo in sorted(placed, key=lambda p: p["place"])]


def test_a_turn_ends_by_itself_and_the_next_curator_reads_the_note(
    system: System,
    room: CuratorRoom,
    browser: Browser,
    contexts: list[BrowserContext],
    tmp_path: Path,
) -> None:
    changes = timedelta(seconds=45)
    leaving = room.invite("Amina", -13 * DAY, changes)
    coming = room.invite("Tuur", changes + timedelta(milliseconds=500), 14 * DAY)
    amina = Thumb(a_page(browser, contexts, PHONE, script=False), system)
    amina.open(leaving)
    amina.type(amina.page.locator("textarea[name=note]"), "Vraag naar Marleen.")
    amina.tap(amina.page.get_by_role("button", name="Bewaar het woordje"))
    expect(amina.page.locator("textarea[name=note]")).to_have_value("Vraag naar Marleen.")
    amina.choose(files_in(tmp_path, 1, seed=760))
    amina.tap(amina.page.get_by_role("button", name="Versturen"))
    reader = a_page(browser, contexts, PHONE)
    with httpx.Client(timeout=60) as client:
        until(
            lambda: [p["state"] for p in standings(system, client, leaving)] == ["waiting"],
            "it waits at the desk",
        )
        desk = Desk(system, client)
        desk.sign_in()
        approve(system, desk, {p["item"] for p in standings(system, client, leaving)})
        until(
            lambda: [p["state"] for p in standings(system, client, leaving)] == ["visible"],
            "it is shown",
        )
        [shown] = standings(system, client, leaving)
        reader.goto(system.address("gallery") + shown["address"])
    tuur = Thumb(a_page(browser, contexts, PHONE), system)
    tuur.open(coming)
    expect(tuur.page.locator(".hand-over")).to_contain_text("Vraag naar Marleen.")
    # Nobody does anything: the open page turns by itself.
    expect(tuur.page.locator(".turn.running input[type=file]")).to_be_visible(timeout=90_000)

    amina.open(leaving)
    expect(amina.page.locator("details.turn.over")).to_be_visible()
    comes(amina.page, amina.page.locator(".score", has_text="keer getoond"), script=False)
    amina.choose(files_in(tmp_path, 1, seed=761))
    amina.tap(amina.page.get_by_role("button", name="Versturen"))
    expect(amina.page.locator(".notice.good")).to_contain_text("te laat")
    with httpx.Client() as client:
        until(
            lambda: (
                sorted(p["state"] for p in standings(system, client, leaving))
                == ["late", "visible"]
            ),
            "it stands in the late lane",
        )
    amina.tap(amina.page.get_by_role("link", name="Je beurt zoals lezers die zien"))
    expect(amina.page.get_by_role("heading", level=1)).to_contain_text("Amina")
    expect(amina.page.locator(".wall img")).to_have_count(1)


def test_everything_works_on_the_page_without_script(
    system: System,
    room: CuratorRoom,
    browser: Browser,
    contexts: list[BrowserContext],
    tmp_path: Path,
) -> None:
    who = room.invite("Nour", places=2)
    thumb = Thumb(a_page(browser, contexts, PHONE, script=False), system)
    page = thumb.page
    thumb.open(who)
    thumb.choose(files_in(tmp_path, 2, seed=780))
    thumb.tap(page.get_by_role("button", name="Versturen"))
    expect(page.locator(".places > .place")).to_have_count(2)
    with httpx.Client() as client:
        until(
            lambda: [p["state"] for p in standings(system, client, who)] == ["waiting"] * 2,
            "both wait",
        )
        first, second = by_place(standings(system, client, who))
        thumb.open(who)
        thumb.type(page.locator(f'[name="line-{first}"]'), "Zonder script")
        thumb.tap(page.locator(f'button[value="up:{second}"]'))
        assert by_place(standings(system, client, who)) == [second, first]
    expect(page.locator(f'[name="line-{first}"]')).to_have_value("Zonder script")
    thumb.tap(page.get_by_role("button", name="Klaar"))
    expect(page.get_by_text("Je zei dat je reeks klaar is").first).to_be_visible()
    card = page.locator(f'.place[data-key="{first}"]')
    before = thumb.taps
    thumb.tap(card.locator("details.take-back summary"))
    thumb.tap(card.locator("details.take-back button"))
    expect(page.locator(".notice.good").first).to_contain_text("Teruggenomen")
    assert thumb.taps - before == 2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_finding_in_any_state(
    system: System, room: CuratorRoom, browser: Browser, scheme: Any, size: str
) -> None:
    width, height = SIZES[size]
    running = room.invite("Saar", places=3)
    with httpx.Client(timeout=60) as client:
        address = f"{system.address('ingest')}/k/{running.token}/photos"
        for seed in range(800, 804):
            client.post(
                address,
                data={"mandate": running.mandate},
                files=[("photos", ("a.jpg", photos.a_photo(640, 480, seed=seed)))],
                headers={"Accept": "application/json"},
            ).raise_for_status()
    states = {
        "invited": room.invite(accept=False, starts=DAY),
        "running": running,
        "coming": room.invite(starts=DAY, places=TEN),
        "over": room.invite(starts=-5 * DAY, ends=-DAY),
        "expired": room.invite(mail="saar@example.org", link_lasts=-DAY),
    }
    page = browser.new_page(
        color_scheme=scheme, locale="nl-BE", viewport={"width": width, "height": height}
    )
    for name, who in states.items():
        page.goto(f"{system.address('ingest')}/k/{who.token}?lang=nl")
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{name} is {overflow} px wider than the screen"
    page.close()
