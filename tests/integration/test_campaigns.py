"""Campaigns as staff make them and as the world sees them, by the pages of a running process."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from services.chassis.auth import cookie_name, issue
from services.chassis.database import Database
from services.chassis.journal import Cause, ConflictError, Journal
from services.ingest.domain.campaign import read_campaign
from services.ingest.store.campaigns import apply_campaign
from services.ingest.store.sources import lease_due_sources, note_poll
from tests.installation import Installation
from tests.integration.processes import Process

LANGUAGES = ("nl", "fr", "en", "de")


@pytest.fixture(scope="module")
def server(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    log = tmp_path_factory.mktemp("campaigns") / "web.log"
    process = Process(log, installation.environment, "-m", "services", "ingest", "web")
    yield process.start().until_ready()
    assert process.stop() == 0


class Form(HTMLParser):
    """The fields of one form of a page, as a browser without script would send them."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.boxes: dict[str, list[str]] = {}
        self._wanted = action
        self._inside = False
        self._area: str | None = None
        self._select: str | None = None
        self.feed(page)
        assert self.fields, f"no form for {action}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "form":
            self._inside = (facts.get("action") or "").split("?")[0] == self._wanted
        if not self._inside:
            return
        name, value = facts.get("name") or "", facts.get("value") or ""
        if tag == "input" and facts.get("type") in {"checkbox", "radio"}:
            self.boxes.setdefault(name, []).append(value)
            if "checked" in facts:
                self.fields.setdefault(name, []).append(value)
        elif tag == "input":
            self.fields[name] = [value]
        elif tag == "textarea":
            self._area = name
            self.fields[name] = [""]
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in facts:
            self.fields[self._select] = [value]

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._inside = False

    def value(self, name: str) -> str:
        return self.fields.get(name, [""])[0]


class Maker:
    """Somebody with a browser that sends forms."""

    def __init__(self, server: Process, installation: Installation, *roles: str) -> None:
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}",
            headers={"Accept": "text/html", "Accept-Language": "en"},
            timeout=30,
        )
        if roles:
            key = installation.environment["DICHTBIJ_SESSION_PRIVATE_KEY"]
            token = issue(key, "an", "An", frozenset(roles))
            self.http.cookies.set(cookie_name(installation.settings), token)

    def form(self, path: str, action: str | None = None) -> Form:
        page = self.http.get(path).raise_for_status().text
        return Form(page, action or path.split("?", maxsplit=1)[0])

    def send(self, path: str, form: Form, **changes: str | list[str]) -> httpx.Response:
        """Send a form with some fields filled in; dots in names are written as two underscores."""
        fields = form.fields | {
            name.replace("__", "."): value if isinstance(value, list) else [value]
            for name, value in changes.items()
        }
        return self.http.post(path, data=fields)

    def make(self, name: str, template: str = "wide", then: str = "live", **changes: str) -> str:
        """Make a campaign from a template and give its address."""
        filled = self.form(f"/manage/campaigns/new?template={template}&name={name}")
        answer = self.send("/manage/campaigns/new", filled, then=then, **changes)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].split("?")[0].rsplit("/", 1)[1]

    def change_phase(self, campaign: str, to: str) -> httpx.Response:
        form = self.form(f"/manage/campaigns/{campaign}", f"/manage/campaigns/{campaign}/phase")
        return self.send(f"/manage/campaigns/{campaign}/phase", form, to=to)


@pytest.fixture
def maker(server: Process, installation: Installation) -> Iterator[Maker]:
    made = Maker(server, installation, "coordinator")
    yield made
    made.http.close()
    installation.rows("delete from ingest.source")
    installation.rows("delete from ingest.campaign")
    installation.rows("delete from ingest.event")


@pytest.fixture
def stranger(server: Process, installation: Installation) -> Iterator[httpx.Client]:
    with Maker(server, installation).http as client:
        yield client


def faults(answer: httpx.Response) -> dict[str, str]:
    """What the summary of faults says, by the field that each leads to."""
    summary = answer.text.split('id="faults"')[1].split("</ul>")[0]
    return dict(re.findall(r'<a href="#f-([\w-]+)">([^<]+)</a>', summary))


def written(installation: Installation, campaign: str) -> dict[str, object]:
    [[found]] = installation.rows(
        "select written from ingest.campaign where campaign = %s", campaign
    )
    return found  # type: ignore[return-value]


def test_a_campaign_is_made_from_a_template_in_three_pages(
    maker: Maker, installation: Installation, stranger: httpx.Client
) -> None:
    chooser = maker.form("/manage/campaigns/new")
    assert chooser.boxes["template"] == ["festival", "rotation", "wide", "blogs", "casting"]
    filled = maker.form("/manage/campaigns/new?template=festival&name=Kaaifeest")
    assert filled.value("campaign") == "kaaifeest"
    assert all(filled.value(f"brief.{code}").startswith("Kaaifeest") for code in LANGUAGES)
    draft = maker.send("/manage/campaigns/new", filled, then="draft")
    assert draft.status_code == 303
    assert written(installation, "kaaifeest")["phase"] == "draft"
    assert stranger.get("/c/kaaifeest").status_code == 404
    assert stranger.get("/campaigns/kaaifeest").status_code == 404
    assert "Only staff can see it" in maker.http.get("/c/kaaifeest").text
    assert "Kept as a draft" in maker.http.get(draft.headers["location"]).text
    assert maker.change_phase("kaaifeest", "live").status_code == 303
    assert stranger.get("/c/kaaifeest").status_code == 200
    [[announced]] = installation.rows(
        "select announcement from ingest.campaign where campaign = 'kaaifeest'"
    )
    assert announced["phase"] == "live"  # type: ignore[index]
    assert announced["series"]["places"] == 10  # type: ignore[index]


@pytest.mark.parametrize("template", ["festival", "rotation", "wide", "casting"])
def test_every_template_can_be_published_as_it_is_filled_in(
    maker: Maker, stranger: httpx.Client, template: str
) -> None:
    campaign = maker.make("Proef", template)
    for language in LANGUAGES:
        page = stranger.get(f"/c/{campaign}?lang={language}").text
        assert "Proef" in page


def test_a_form_that_is_saved_unchanged_changes_nothing(
    maker: Maker, installation: Installation
) -> None:
    campaign = maker.make("Kaaifeest", "rotation", places="Kaai\r\nPlein")
    before = written(installation, campaign)
    form = maker.form(f"/manage/campaigns/{campaign}")
    assert maker.send(f"/manage/campaigns/{campaign}", form).status_code == 303
    assert written(installation, campaign) == before
    assert before["places"] == ["Kaai", "Plein"]
    assert installation.rows("select count(*) from ingest.event") == [(1,)]


def test_what_the_form_does_not_show_stays(
    maker: Maker, installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("file") / "kaai.yaml"
    file.write_text("""
campaign: kaai
name: {nl: Kaai}
window: {from: 2026-01-01T00:00, to: 2099-01-01T00:00}
hashtags: [{tag: kaai}]
curators: [{handle: lotte, name: Lotte}]
sources:
  - {source: foto, connector: upload, title: Opladen, rights: {basis: declared, evidence: art. 7}}
  - source: stad
    connector: mastodon
    pollSeconds: 7
    settings: {server: "https://stad.example", token_env: DICHTBIJ_SOURCE_STAD, look_back: 9}
""")
    assert installation.command("campaign", "apply", str(file)).stdout == "kaai: applied\n"
    form = maker.form("/manage/campaigns/kaai")
    answer = maker.send("/manage/campaigns/kaai", form, name__nl="De Kaai")
    assert answer.status_code == 303, answer.text
    now = written(installation, "kaai")
    assert now["name"] == {"nl": "De Kaai"}
    assert now["curators"] == [{"handle": "lotte", "name": "Lotte", "bio": ""}]
    upload, stad = now["sources"]  # type: ignore[misc]
    assert upload["rights"]["evidence"] == "art. 7"
    assert stad["pollSeconds"] == 7
    assert stad["settings"] == {
        "server": "https://stad.example",
        "token_env": "DICHTBIJ_SOURCE_STAD",
        "look_back": 9,
    }
    assert installation.command("campaign", "apply", str(file)).stdout == "kaai: applied\n"


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(maker: Maker) -> None:
    filled = maker.form("/manage/campaigns/new?template=festival&name=Kaaifeest")
    answer = maker.send(
        "/manage/campaigns/new",
        filled,
        campaign="Kaai Feest!",
        timeZone="Europe/Antwerpen",
        series__places="tien",
        kinds=[],
        places="Kaai\nKaai",
        brief__fr="Un texte que personne ne veut perdre",
    )
    assert answer.status_code == 422
    assert set(faults(answer)) == {"campaign", "series-places"}
    again = Form(answer.text, "/manage/campaigns/new")
    assert again.value("brief.fr") == "Un texte que personne ne veut perdre"
    assert again.value("campaign") == "Kaai Feest!"
    assert again.value("series.places") == "tien"
    second = maker.send("/manage/campaigns/new", again, campaign="kaai", series__places="10")
    assert set(faults(second)) == {"timeZone", "kinds", "places"}
    assert faults(second)["timeZone"].startswith("The zone Europe/Antwerpen does not exist.")
    assert 'aria-invalid="true" aria-describedby="e-timeZone"' in second.text
    for language, words in {
        "nl": "De tijdzone Europe/Antwerpen",
        "fr": "Le fuseau Europe/Antwerpen",
        "de": "Die Zeitzone Europe/Antwerpen",
    }.items():
        told = maker.send(
            f"/manage/campaigns/new?lang={language}", again, campaign="kaai", series__places="10"
        ).text
        assert words in told


def test_a_blog_without_an_address_is_asked_for_it(maker: Maker) -> None:
    filled = maker.form("/manage/campaigns/new?template=blogs&name=Blogs")
    answer = maker.send("/manage/campaigns/new", filled)
    assert faults(answer) == {
        "sources-0-settings-url": "Write the address of the feed, like"
        " https://blog.example/feed.xml."
    }
    again = Form(answer.text, "/manage/campaigns/new")
    found = maker.send(
        "/manage/campaigns/new", again, sources__0__settings__url="https://griet.example/feed"
    )
    assert found.status_code == 303


def test_a_campaign_without_hashtags_says_what_that_means(maker: Maker) -> None:
    filled = maker.form("/manage/campaigns/new?template=wide&name=Breed")
    assert filled.value("hashtags.0.tag") == ""
    answer = maker.send(
        "/manage/campaigns/new",
        filled,
        sources__1__settings__server="https://stad.example",
        sources__1__title="De stad",
    )
    assert "nothing from De stad can ever match" in faults(answer)["hashtags-0-tag"]


def test_the_missing_and_the_doubled_hour_are_explained(maker: Maker) -> None:
    filled = maker.form("/manage/campaigns/new?template=wide&name=Nacht")
    missing = maker.send("/manage/campaigns/new", filled, window__from="2026-03-29T02:30")
    assert faults(missing) == {
        "window-from": "The clock skips this time. Write 2026-03-29T01:30 or 2026-03-29T03:30."
    }
    doubled = maker.send("/manage/campaigns/new", filled, window__from="2026-10-25T02:30")
    advice = faults(doubled)["window-from"]
    assert "2026-10-25T02:30+01:00" in advice
    # A date field of a browser cannot hold an offset, so it is a text field from then on.
    assert re.search(r'id="f-window-from"[^>]*type="text"', doubled.text)
    again = Form(doubled.text, "/manage/campaigns/new")
    kept = maker.send("/manage/campaigns/new", again, window__from="2026-10-25T02:30+01:00")
    assert kept.status_code == 303


def test_an_address_that_is_taken_is_refused_and_the_other_campaign_stays(
    maker: Maker, installation: Installation
) -> None:
    maker.make("Kaai", "wide")
    before = written(installation, "kaai")
    filled = maker.form("/manage/campaigns/new?template=casting&name=Kaai")
    answer = maker.send("/manage/campaigns/new", filled)
    assert answer.status_code == 409
    assert faults(answer) == {
        "campaign": "There is a campaign at this address already. Choose another one."
    }
    assert written(installation, "kaai") == before


def test_who_is_second_is_told_what_the_first_wrote_and_loses_nothing(
    maker: Maker, installation: Installation
) -> None:
    campaign = maker.make("Kaai", "wide")
    path = f"/manage/campaigns/{campaign}"
    mine, theirs = maker.form(path), maker.form(path)
    assert maker.send(path, theirs, brief__en="Theirs & theirs").status_code == 303
    answer = maker.send(path, mine, brief__en="Mine", rules__en="Mine too")
    assert answer.status_code == 409
    assert "A colleague changed this campaign" in answer.text
    assert "Theirs &amp; theirs" in answer.text
    assert written(installation, campaign)["brief"]["en"] == "Theirs & theirs"  # type: ignore[index]
    again = Form(answer.text, path)
    assert (again.value("brief.en"), again.value("rules.en")) == ("Mine", "Mine too")
    assert maker.send(path, again).status_code == 303
    assert written(installation, campaign)["brief"]["en"] == "Mine"  # type: ignore[index]


def test_a_copy_of_last_years_is_a_draft_a_year_later(
    maker: Maker, installation: Installation, stranger: httpx.Client
) -> None:
    campaign = maker.make(
        "Kaai",
        "festival",
        campaign="kaai-2026",
        window__from="2026-08-14T12:00",
        window__to="2026-08-19T12:00",
        series__deadline="2026-08-18T20:00",
        sources__1__settings__server="https://stad.example",
    )
    filled = maker.form(f"/manage/campaigns/new?copy={campaign}", "/manage/campaigns/new")
    assert installation.rows("select count(*) from ingest.campaign") == [(1,)]
    answer = maker.send("/manage/campaigns/new", filled, then="draft")
    assert answer.status_code == 303, answer.text
    before, after = written(installation, "kaai-2026"), written(installation, "kaai-2027")
    assert after["phase"] == "draft"
    assert after["window"] == {"from": "2027-08-13T12:00:00", "to": "2027-08-18T12:00:00"}
    assert after["series"] == {"places": 10, "deadline": "2027-08-17T20:00:00"}
    assert after["sources"] == before["sources"]
    assert after["rules"] == before["rules"]
    assert stranger.get("/c/kaai-2027").status_code == 404


def test_phases_move_by_buttons_and_the_public_page_says_so(
    maker: Maker, stranger: httpx.Client
) -> None:
    campaign = maker.make(
        "Kaai", "wide", window__from="2026-01-01T00:00", window__to="2099-01-01T00:00"
    )
    page = stranger.get(f"/c/{campaign}").text
    assert f"/c/{campaign}/upload" in page
    for to, words in (
        ("paused", "is paused"),
        ("live", "Send something"),
        ("closed", "is over"),
        ("archived", "kept in the archive"),
        ("closed", "is over"),
    ):
        assert maker.change_phase(campaign, to).status_code == 303
        page = stranger.get(f"/c/{campaign}").text
        assert words in page
        assert (f"/c/{campaign}/upload" in page) == (to == "live")
    assert maker.change_phase(campaign, "draft").status_code == 409
    assert stranger.get(f"/c/{campaign}").status_code == 200


def test_a_phase_that_a_colleague_moved_first_is_not_moved_again(maker: Maker) -> None:
    campaign = maker.make("Kaai", "wide")
    path = f"/manage/campaigns/{campaign}/phase"
    first = maker.form(f"/manage/campaigns/{campaign}", path)
    second = maker.form(f"/manage/campaigns/{campaign}", path)
    assert maker.send(path, first, to="paused").status_code == 303
    assert maker.send(path, second, to="closed").status_code == 409


def test_the_start_page_lists_what_runs_and_what_is_over(
    maker: Maker, stranger: httpx.Client
) -> None:
    for name in ("Loopt", "Rust", "Klaar", "Weg"):
        maker.make(name, "wide")
    maker.make("Schets", "wide", then="draft")
    maker.make("Gisteren", "wide", window__from="2020-01-01T00:00", window__to="2020-02-01T00:00")
    maker.change_phase("rust", "paused")
    for campaign in ("klaar", "weg"):
        maker.change_phase(campaign, "closed")
    maker.change_phase("weg", "archived")
    running, over = stranger.get("/").text.split("These are over")
    assert "Loopt" in running
    assert "Klaar" in over
    assert "Gisteren" in over
    for hidden in ("Rust", "Weg", "Schets"):
        assert hidden not in running + over


def test_a_file_that_does_not_say_its_phase_does_not_wake_a_paused_campaign(
    maker: Maker, installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("file") / "kaai.yaml"
    text = """
campaign: kaai
name: {nl: Kaai}
window: {from: 2026-01-01T00:00, to: 2099-01-01T00:00}
sources: [{source: upload, connector: upload}]
"""
    file.write_text(text)
    assert installation.command("campaign", "apply", str(file)).stdout == "kaai: applied\n"
    assert maker.change_phase("kaai", "paused").status_code == 303
    assert installation.command("campaign", "apply", str(file)).stdout == "kaai: unchanged\n"
    assert written(installation, "kaai")["phase"] == "paused"
    file.write_text(text + "phase: live\n")
    assert installation.command("campaign", "apply", str(file)).stdout == "kaai: applied\n"
    assert written(installation, "kaai")["phase"] == "live"


def test_only_a_coordinator_with_a_form_of_our_own_makes_campaigns(
    maker: Maker, server: Process, installation: Installation, stranger: httpx.Client
) -> None:
    campaign = maker.make("Kaai", "wide")
    pages = ("/manage", "/manage/campaigns/new", f"/manage/campaigns/{campaign}")
    posts = (
        "/manage/campaigns/new",
        f"/manage/campaigns/{campaign}",
        f"/manage/campaigns/{campaign}/phase",
    )
    moderator = Maker(server, installation, "moderator").http
    form = maker.form(f"/manage/campaigns/{campaign}")
    before = written(installation, campaign)
    for page in pages:
        assert stranger.get(page).status_code == 303
        assert "/sign-in?next=" in stranger.get(page).headers["location"]
        assert moderator.get(page).status_code == 403
        assert maker.http.get(page).status_code == 200
    for post in posts:
        assert stranger.post(post, data=form.fields).status_code == 401
        assert moderator.post(post, data=form.fields).status_code == 403
        assert maker.http.post(post, data=form.fields | {"csrf": ["x"]}).status_code == 403
        assert (
            maker.http.post(
                post, data=form.fields, headers={"Sec-Fetch-Site": "cross-site"}
            ).status_code
            == 403
        )
    moderator.close()
    assert written(installation, campaign) == before


def test_the_list_counts_what_came_in(maker: Maker, installation: Installation) -> None:
    campaign = maker.make("Kaai", "wide")
    for n, life in enumerate(("live", "live", "withdrawn")):
        installation.rows(
            """insert into ingest.item (item, campaign, source, version, life, revision, digest,
                 retracted, reason) values (%s, %s, 'x', 1, %s, 1, '', false, '')""",
            f"i{n}",
            campaign,
            life,
        )
    installation.rows(
        "insert into ingest.standing (item, visible_since) values ('i0', now()), ('i2', now())"
    )
    page = maker.http.get("/manage").text
    installation.rows("delete from ingest.item")
    installation.rows("delete from ingest.standing")
    assert "2 items · 1 shown" in page
    assert "None" not in page


def test_the_keys_of_a_hashtag_are_shown_as_each_source_compares_them(maker: Maker) -> None:
    campaign = maker.make("Kaai", "wide", hashtags__0__tag="#KÖLN", hashtags__0__aliases="köln-süd")
    page = maker.http.get(f"/manage/campaigns/{campaign}").text
    keys = page.split('class="keys"')[1].split("</table>")[0]
    assert "<code>köln</code>" in keys
    assert "Servers may call it koln" in keys
    assert "<code>#köln</code>" in keys
    assert "cannot be written as a hashtag" in keys


def put_kaai(maker: Maker, source: dict[str, Any]) -> httpx.Response:
    """Apply a campaign with one source by the API."""
    form = maker.form("/manage/campaigns/new?template=wide&name=Kaai")
    body = {
        "name": {"nl": "Kaai"},
        "window": {"from": "2026-01-01T00:00", "to": "2099-01-01T00:00"},
        "hashtags": [{"tag": "kaai"}],
        "sources": [{"source": "a", **source}],
    }
    headers = {"X-CSRF-Token": form.value("csrf"), "Accept": "application/json"}
    return maker.http.put("/campaigns/kaai", json=body, headers=headers)


def test_an_unknown_kind_of_source_is_refused_by_the_api(
    maker: Maker, installation: Installation
) -> None:
    refused = put_kaai(maker, {"connector": "fax"})
    assert refused.status_code == 422
    assert refused.json()["faults"] == [
        (
            "sources.0.connector: There is no source of the kind fax. Choose one of these:"
            " feed, mastodon, upload."
        )
    ]
    assert put_kaai(maker, {"connector": "upload"}).json()["phase"] == "live"
    assert written(installation, "kaai")["name"] == {"nl": "Kaai"}


@pytest.mark.parametrize(
    ("source", "offered"),
    [
        ({"connector": "mastodon", "settings": {"server": "https://m.invalid"}}, True),
        ({"connector": "feed", "settings": {"url": "https://blog.invalid/feed"}}, False),
    ],
)
def test_only_where_accounts_are_read_people_are_told_to_post_from_their_own(
    maker: Maker,
    source: dict[str, Any],
    offered: bool,  # noqa: FBT001 - the two answers
) -> None:
    assert put_kaai(maker, source).status_code == 200

    page = maker.http.get("/c/kaai?lang=en").text
    assert ("Or post it yourself, in public, with #kaai." in page) == offered


def test_the_page_of_sources_says_that_one_is_only_asked_for_deletions(
    maker: Maker, installation: Installation
) -> None:
    made = maker.make("Kaai")
    installation.rows(
        """insert into ingest.source
             (source, campaign, connector, settings, settings_digest, poll_seconds, health)
           values ('kaai/blog', %s, 'feed', '{}', '', 60, '{"state": "ok"}')""",
        made,
    )
    try:
        maker.change_phase(made, "closed")
        installation.rows("update ingest.source set enabled = true where source = 'kaai/blog'")
        without = maker.http.get("/sources?lang=en").text
        installation.rows(
            """insert into ingest.item
                 (item, campaign, source, version, life, revision, digest, retracted, reason)
               values ('post', %s, 'kaai/blog', 1, 'live', 1, '', false, '')""",
            made,
        )
        pages = {lang: maker.http.get(f"/sources?lang={lang}").text for lang in LANGUAGES}
    finally:
        installation.rows("delete from ingest.item where item = 'post'")
    assert "looks for deletions only" not in without
    for lang, said in (
        ("nl", "kijkt alleen naar verwijderingen"),
        ("fr", "ne cherche que les suppressions"),
        ("en", "We only look whether the posts that are here were deleted or edited."),
        ("de", "sucht nur nach Löschungen"),
    ):
        assert said in pages[lang]


async def test_only_a_live_campaigns_sources_are_asked_and_resuming_reads_on(
    fresh_installation: Installation,
) -> None:
    database, journal = Database("ingest", fresh_installation.settings), Journal("ingest")
    await database.open()

    async def go(phase: str) -> list[str]:
        campaign = read_campaign(
            {
                "campaign": "kaai",
                "phase": phase,
                "name": {"nl": "Kaai"},
                "window": {"from": "2026-01-01T00:00", "to": "2099-01-01T00:00"},
                "hashtags": [{"tag": "kaai"}],
                "sources": [
                    {
                        "source": "blog",
                        "connector": "feed",
                        "settings": {"url": "https://griet.example/feed"},
                    }
                ],
            }
        )
        async with database.transaction() as transaction:
            await apply_campaign(transaction, journal, campaign, Cause.by("test"))
        async with database.transaction() as transaction:
            due = await lease_due_sources(transaction, ["feed"], 5)
            for source in due:
                assert source.checkpoint == ({} if phase == "live" and not read else {"at": 7})
                read.append(source.source)
                await note_poll(
                    transaction,
                    source.source,
                    checkpoint={"at": 7},
                    health={"state": "ok"},
                    failures=0,
                    wait=timedelta(hours=1),
                    found=0,
                )
        return [source.source for source in due]

    read: list[str] = []
    try:
        assert await go("draft") == []
        assert await go("live") == ["kaai/blog"]
        for resting in ("paused", "closed", "archived"):
            assert await go(resting) == []
        # Nobody waits for the next poll that was planned: it is read on at once.
        assert await go("live") == ["kaai/blog"]
        campaign = read_campaign(
            {
                "campaign": "kaai",
                "name": {"nl": "Kaai"},
                "window": {"from": "2026-01-01T00:00", "to": "2099-01-01T00:00"},
                "sources": [{"source": "upload", "connector": "upload"}],
            }
        )
        with pytest.raises(ConflictError):
            async with database.transaction() as transaction:
                await apply_campaign(transaction, journal, campaign, Cause.by("test"), expected=1)
    finally:
        await database.close()
