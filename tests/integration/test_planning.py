"""Planning on the real parts: a year of turns by one form, and all that a mandate goes through."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from icalendar import Calendar

from services.chassis.auth import cookie_name, issue, verify
from tests.installation import Installation
from tests.integration.processes import Process

BRUSSELS = ZoneInfo("Europe/Brussels")
ZOT = """
campaign: zot-van-a
name: {nl: Zot van A, en: Mad about A}
window: {from: 2026-01-01T00:00, to: 2099-01-01T00:00}
hashtags: [{tag: zotvana}]
rotation: {days: 10, first: 2098-01-06, hour: "07:30"}
sources:
  - {source: upload, connector: upload, rights: {basis: declared}}
"""
SERIES = """
campaign: tien-in-tien
name: {nl: Tien in tien}
window: {from: 2026-01-01T00:00, to: 2099-01-01T00:00}
hashtags: [{tag: tienintien}]
series: {places: 10}
sources:
  - {source: upload, connector: upload, rights: {basis: declared}}
"""


@pytest.fixture(scope="module")
def server(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("planning")
    for name, text in (("zot", ZOT), ("series", SERIES)):
        file = folder / f"{name}.yaml"
        file.write_text(text)
        assert installation.command("campaign", "apply", str(file)).returncode == 0
    process = Process(
        folder / "web.log", installation.environment, "-m", "services", "ingest", "web"
    )
    yield process.start().until_ready()
    assert process.stop() == 0


class Maker:
    """A campaign maker with a browser that sends forms."""

    def __init__(self, server: Process, installation: Installation, *roles: str) -> None:
        key = installation.environment["DICHTBIJ_SESSION_PRIVATE_KEY"]
        token = issue(key, "an", "An", frozenset(roles or {"coordinator"}))
        staff = verify(installation.settings.session_public_key, token)
        assert staff is not None
        self._csrf = staff.csrf
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}",
            cookies={cookie_name(installation.settings): token},
            headers={"Accept": "text/html", "Accept-Language": "en"},
            timeout=30,
        )

    def send(self, path: str, **form: str) -> httpx.Response:
        return self.http.post(path, data={"csrf": self._csrf, **form})

    def ask(self, path: str, **form: str) -> httpx.Response:
        """Send a form as a program does, which is answered with facts."""
        accept = {"Accept": "application/json"}
        return self.http.post(path, data={"csrf": self._csrf, **form}, headers=accept)

    def calendar(self, campaign: str = "zot-van-a") -> str:
        return self.http.get(f"/manage/campaigns/{campaign}/mandates").raise_for_status().text

    def turns(self, campaign: str = "zot-van-a") -> list[tuple[str, str]]:
        """The ids and names on the calendar, in their order."""
        return re.findall(
            r'href="/manage/mandates/([\w-]+)\?lang=en">([^<]+)<', self.calendar(campaign)
        )


@pytest.fixture
def maker(server: Process, installation: Installation) -> Iterator[Maker]:
    made = Maker(server, installation)
    yield made
    for table in ("waiting", "series", "item", "mandate", "curator"):
        installation.rows(f"delete from ingest.{table}")
    made.http.close()


def a_year(maker: Maker, **changes: str) -> httpx.Response:
    names = "\n".join(f"Curator {n}; curator{n}@example.org; nl" for n in range(1, 27))
    form = {
        "how": "rotation",
        "first": "2097-01-07T09:00",
        "days": "14",
        "turns": "26",
        "people": names,
    }
    return maker.send("/manage/campaigns/zot-van-a/mandates", **{**form, **changes})


def dates(installation: Installation) -> list[tuple[datetime, datetime]]:
    rows = installation.rows("select starts_at, ends_at from ingest.mandate order by starts_at")
    return [(row[0], row[1]) for row in rows]  # type: ignore[misc]


def test_a_year_of_turns_is_planned_by_one_form(maker: Maker, installation: Installation) -> None:
    assert a_year(maker).status_code == 303

    planned = dates(installation)
    assert len(planned) == 26
    assert all(start.astimezone(BRUSSELS).hour == 9 for start, _ in planned)
    assert all(start.astimezone(BRUSSELS).weekday() == 0 for start, _ in planned)
    assert all(first[1] == second[0] for first, second in pairwise(planned))
    # The clocks change in March and October, so two turns are an hour shorter or longer.
    assert sorted({b - a for a, b in planned}) == [
        timedelta(days=14, hours=-1),
        timedelta(days=14),
        timedelta(days=14, hours=1),
    ]
    assert [name for _, name in maker.turns()] == [f"Curator {n}" for n in range(1, 27)]


def test_planning_goes_on_where_the_campaign_or_the_last_turn_says(maker: Maker) -> None:
    page = maker.calendar()
    assert 'value="2098-01-06T07:30"' in page
    assert 'name="days" type="number" min="1" max="366" required value="10"' in page

    a_year(maker, people="An", turns="1")
    assert 'value="2097-01-21T09:00"' in maker.calendar()


def test_a_turn_without_a_name_is_shown_as_a_gap(maker: Maker) -> None:
    a_year(maker, people="An\n-\nBo", turns="3")

    assert [name for _, name in maker.turns()] == ["An", "Bo"]
    assert "Nobody" in maker.calendar()


def test_overlapping_turns_are_refused_by_name_until_somebody_says_that_they_may(
    maker: Maker, installation: Installation
) -> None:
    a_year(maker, people="An", turns="1")

    refused = a_year(maker, people="Bo", turns="1", first="2097-01-14T09:00")
    assert refused.status_code == 422
    assert "An has the turn from" in refused.text
    assert ">Bo<" in refused.text.replace("\n", ""), "what was typed is still there"
    assert len(dates(installation)) == 1

    assert (
        a_year(maker, people="Bo", turns="1", first="2097-01-14T09:00", overlap="yes").status_code
        == 303
    )
    assert "Overlaps with another turn" in maker.calendar()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"first": "2097-03-31T02:30", "turns": "1", "people": "An"}, "there is no 02:30"),
        ({"first": "2097-10-27T02:30", "turns": "1", "people": "An"}, "02:30 comes twice"),
        ({"people": "An; an@example.org\nBo; not-an-address@"}, "2. This is no mail address"),
        (
            {"people": "An; an@example.org\n an ; An@example.org"},
            "2. This name stands with this address on an earlier",
        ),
        ({"people": "An\nBo\nCe", "turns": "2"}, "more names than turns"),
        ({"people": " "}, "at least one name"),
        ({"days": "0"}, "how many turns"),
        ({"first": "soon"}, "Choose a date"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_words_and_nothing_is_planned(
    maker: Maker, installation: Installation, form: dict[str, str], sentence: str
) -> None:
    answer = a_year(maker, **form)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert dates(installation) == []


@pytest.mark.parametrize(("which", "hour"), [("first", 0), ("second", 1)])
def test_either_of_a_doubled_hour_can_be_meant(
    maker: Maker, installation: Installation, which: str, hour: int
) -> None:
    turn = {
        "how": "together",
        "ends": "2097-11-11T09:00",
        "people": "An",
        "starts": "2097-10-27T02:30",
    }
    path = "/manage/campaigns/zot-van-a/mandates"
    refused = maker.send(path, **turn)
    assert refused.status_code == 422
    assert "say below which of the two you mean" in refused.text
    assert refused.text.count('name="later"') == 2, "both forms have the field that is named"
    assert maker.send(path, **turn, later=which).status_code == 303

    [(start, _)] = dates(installation)
    assert start == datetime(2097, 10, 27, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize("how", ["together", "rotation"])
@pytest.mark.parametrize(
    ("written", "hour"), [("02:30+02:00", 0), ("02:30+01:00", 1), ("01:30Z", 1), ("09:00Z", 9)]
)
def test_a_time_with_its_offset_is_that_instant(
    maker: Maker, installation: Installation, how: str, written: str, hour: int
) -> None:
    start = f"2097-10-27T{written}"
    turn = {"starts": start, "ends": "2097-11-10T09:00Z", "first": start, "days": "14"}
    path = "/manage/campaigns/zot-van-a/mandates"
    assert maker.send(path, how=how, people="An", turns="1", **turn).status_code == 303

    [(starts_at, _)] = dates(installation)
    assert starts_at == datetime(2097, 10, 27, hour, 0 if hour == 9 else 30, tzinfo=UTC)


def test_the_end_of_a_mandate_that_began_in_a_doubled_hour_can_be_moved(
    maker: Maker, installation: Installation
) -> None:
    turn = {"how": "together", "people": "An", "ends": "2097-11-10T09:00Z"}
    path = "/manage/campaigns/zot-van-a/mandates"
    [mandate] = maker.ask(path, starts="2097-10-27T01:30:00.5Z", **turn).json()["mandates"]
    page = maker.http.get(f"/manage/mandates/{mandate}").text
    assert 'value="2097-10-27T02:30:00"' in page
    assert 'name="later"' in page

    form = {"starts": "2097-10-27T02:30:00", "ends": "2097-11-11T09:00"}
    assert maker.send(f"/manage/mandates/{mandate}/move", **form).status_code == 303
    assert dates(installation)[0][0] == datetime(2097, 10, 27, 1, 30, 0, 500_000, tzinfo=UTC)
    assert maker.send(f"/manage/mandates/{mandate}/move", **form, later="first").status_code == 303
    assert dates(installation)[0][0] == datetime(2097, 10, 27, 0, 30, tzinfo=UTC)


def test_a_mandate_that_ends_before_it_starts_is_refused(
    maker: Maker, installation: Installation
) -> None:
    turn = {
        "how": "together",
        "starts": "2097-02-01T09:00",
        "ends": "2097-01-01T09:00",
        "people": "An",
    }
    answer = maker.send("/manage/campaigns/zot-van-a/mandates", **turn)

    assert answer.status_code == 422
    assert "must end after it starts" in answer.text
    assert dates(installation) == []


def running(maker: Maker) -> str:
    """A mandate that began an hour ago, of a curator who said yes."""
    now = datetime.now(UTC)
    answer = maker.ask(
        "/manage/campaigns/zot-van-a/mandates",
        how="together",
        # With their offsets, so that this can be asked in a missing or a doubled hour too.
        starts=(now - timedelta(hours=1)).isoformat(timespec="minutes"),
        ends=(now + timedelta(days=14)).isoformat(timespec="minutes"),
        people="Fatima Amrani; fatima@example.org; fr",
    )
    assert answer.status_code == 201, answer.text
    [mandate] = answer.json()["mandates"]
    return str(mandate)


def state(installation: Installation, mandate: str) -> tuple[Any, ...]:
    [row] = installation.rows(
        "select state, hidden, pauses <> '[]' from ingest.mandate where mandate = %s", mandate
    )
    return row


def path_of(address: str) -> str:
    return "/" + address.split("/", 3)[3]


def test_an_invitation_makes_a_private_link_and_one_letter(
    maker: Maker, installation: Installation
) -> None:
    mandate = running(maker)
    link = maker.ask(f"/manage/mandates/{mandate}/invite").json()["link"]

    assert "/k/" in link
    assert link in maker.http.get(f"/manage/mandates/{mandate}").text.replace("&#43;", "+")
    letters = installation.rows(
        "select kind, language from ingest.message where facts ->> 'mandate' = %s", mandate
    )
    assert letters == [("invitation", "fr")]

    fresh = maker.ask(f"/manage/mandates/{mandate}/new-link").json()["link"]
    assert fresh != link
    assert maker.http.get(path_of(link)).status_code == 410
    assert maker.http.get(path_of(fresh)).status_code == 200


def test_everybody_who_was_not_asked_yet_is_invited_at_once(
    maker: Maker, installation: Installation
) -> None:
    a_year(maker, people="An; an@example.org\nBo; bo@example.org\nCe", turns="3")
    path = "/manage/campaigns/zot-van-a/mandates/invite-all"

    assert maker.ask(path).json() == {"invited": 3}
    assert maker.ask(path).json() == {"invited": 0}
    assert {row[0] for row in installation.rows("select state from ingest.mandate")} == {"invited"}


def test_a_mandate_is_paused_resumed_stopped_in_two_taps_and_shown_again(
    maker: Maker, installation: Installation
) -> None:
    mandate = running(maker)
    maker.send(f"/manage/mandates/{mandate}/invite")
    installation.rows("update ingest.mandate set state = 'accepted' where mandate = %s", mandate)

    assert maker.send(f"/manage/mandates/{mandate}/pause").status_code == 303
    assert state(installation, mandate) == ("accepted", False, True)
    assert maker.send(f"/manage/mandates/{mandate}/resume").status_code == 303
    assert maker.send(f"/manage/mandates/{mandate}/stop", hide="yes").status_code == 303
    assert state(installation, mandate)[:2] == ("stopped", True)
    assert maker.send(f"/manage/mandates/{mandate}/show").status_code == 303
    assert state(installation, mandate)[:2] == ("stopped", False)

    refused = maker.send(f"/manage/mandates/{mandate}/pause?lang=nl")
    assert refused.status_code == 409
    assert "Deze beurt is stopgezet. Plan een nieuwe." in refused.text
    [announced] = installation.rows(
        """select data ->> 'state' from ingest.event
           where subject = %s and type = 'dichtbij.mandate.announced.v1'
           order by version desc limit 1""",
        mandate,
    )
    assert announced == ("stopped",)


def test_a_stop_is_announced_while_the_items_of_its_campaign_are_still_counted(
    maker: Maker, installation: Installation
) -> None:
    a_year(maker)
    mandate = maker.turns()[0][0]
    installation.rows("update ingest.mandate set state = 'accepted' where mandate = %s", mandate)

    def announced() -> list[tuple[object, ...]]:
        return installation.rows(
            """select 1 from ingest.event where subject = %s and data ->> 'hidden' = 'true'
               and type = 'dichtbij.mandate.announced.v1'""",
            mandate,
        )

    with (
        ThreadPoolExecutor(1) as thread,
        psycopg.connect(installation.database_url) as counting,
    ):
        counting.execute("select 1 from ingest.campaign for no key update")
        answer = thread.submit(maker.send, f"/manage/mandates/{mandate}/stop", hide="yes")
        deadline = time.monotonic() + 5
        while not announced() and time.monotonic() < deadline:
            time.sleep(0.05)
        told = announced()
        # It is counted when its turn comes.
        assert not answer.done()
        counting.rollback()
        assert answer.result(30).status_code == 303

    assert len(told) == 1


def test_a_mandate_is_moved_and_a_changed_name_is_announced(
    maker: Maker, installation: Installation
) -> None:
    mandate = running(maker)
    page = maker.http.get(f"/manage/mandates/{mandate}").text
    start = re.search(r'name="starts"[^>]*value="([^"]+)"', page)
    assert start is not None
    moved = maker.send(f"/manage/mandates/{mandate}/move", starts=start[1], ends="2098-01-01T09:00")
    assert moved.status_code == 303
    assert dates(installation)[0][1] == datetime(2098, 1, 1, 8, tzinfo=UTC)

    maker.send(f"/manage/mandates/{mandate}/curator", name="Fatima A.", staff_account="Fatima")
    [told] = installation.rows(
        """select data ->> 'name', data ->> 'staffAccount' from ingest.event
           where subject = %s order by version desc limit 1""",
        mandate,
    )
    assert told == ("Fatima A.", "fatima")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "Write the name that readers will see"),
        ({"staff_account": "Fatima Amrani"}, "This is no account of the desk"),
        ({"staff_account": "https://desk.example/fatima"}, "This is no account of the desk"),
        ({"mail": "fatima@"}, "This is no mail address"),
    ],
)
def test_a_curator_is_not_changed_to_what_cannot_be(
    maker: Maker, installation: Installation, changes: dict[str, str], sentence: str
) -> None:
    mandate = running(maker)
    form = {"name": "Fatima", "staff_account": "fatima.amrani", **changes}
    answer = maker.send(f"/manage/mandates/{mandate}/curator", **form)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert installation.rows(
        """select name, staff_account from ingest.curator
           join ingest.mandate using (curator) where mandate = %s""",
        mandate,
    ) == [("Fatima Amrani", None)]


def test_who_changes_a_curator_while_a_colleague_changes_the_mandate_is_told(
    maker: Maker, installation: Installation
) -> None:
    mandate = running(maker)
    with psycopg.connect(installation.database_url) as colleague, ThreadPoolExecutor(1) as thread:
        # What a colleague writes at this moment: the mandate's next version, not yet committed.
        colleague.execute(
            """insert into ingest.event overriding system value
               select (jsonb_populate_record(e, jsonb_build_object('seq', e.seq + 1000000,
                   'id', gen_random_uuid(), 'version', e.version + 1))).*
               from ingest.event e where subject = %s order by version desc limit 1""",
            [mandate],
        )
        answer = thread.submit(maker.send, f"/manage/mandates/{mandate}/curator", name="Fatima A.")
        with pytest.raises(TimeoutError):
            answer.result(timeout=1)
        colleague.commit()
        told = answer.result(timeout=20)

    assert told.status_code == 409
    assert "Somebody else changed this mandate just now" in told.text


NINE_WEEKS = """
campaign: jaar-rond
name: {nl: Jaar rond}
window: {from: 2097-01-07T09:00, to: 2097-03-10T12:00}
hashtags: [{tag: jaarrond}]
rotation: {days: 14, first: 2097-01-07, hour: "09:00"}
sources:
  - {source: upload, connector: upload, rights: {basis: declared}}
"""
YEAR = "/manage/campaigns/jaar-rond/mandates"


@pytest.fixture
def year(maker: Maker, installation: Installation, tmp_path: Path) -> Maker:
    """A campaign of nine weeks, so of four turns and a shorter one."""
    (tmp_path / "year.yaml").write_text(NINE_WEEKS)
    answer = installation.command("campaign", "apply", str(tmp_path / "year.yaml"))
    assert answer.returncode == 0, answer.stderr
    return maker


def gaps(maker: Maker, campaign: str = "jaar-rond") -> list[tuple[str, str]]:
    """From when to when nobody has a turn, as the calendar shows it."""
    page = maker.calendar(campaign)
    found = re.findall(
        r'gap"><strong>Nobody.*?datetime="(.*?)".*?datetime="(.*?)"', page, re.DOTALL
    )
    return [(a[:16], b[:16]) for a, b in found]


def proposed(maker: Maker) -> str:
    """The first change of mandate that the form proposes."""
    found = re.search(r'name="first"[^>]*value="([^"]+)"', maker.calendar("jaar-rond"))
    assert found is not None
    return found[1]


def test_the_first_turn_is_proposed_for_the_first_hour_of_the_campaign(
    year: Maker, installation: Installation, tmp_path: Path
) -> None:
    assert proposed(year) == "2097-01-07T09:00"
    apart = "".join(line for line in NINE_WEEKS.splitlines(keepends=True) if "rotation" not in line)
    for opens, first in (("06T00:00", "07"), ("07T09:00", "07"), ("07T09:01", "14")):
        (tmp_path / "apart.yaml").write_text(apart.replace("07T09:00", opens))
        installation.command("campaign", "apply", str(tmp_path / "apart.yaml"))
        assert proposed(year) == f"2097-01-{first}T09:00", opens


def test_a_rotation_that_has_begun_is_gone_on_with_where_it_would_change(
    year: Maker, installation: Installation, tmp_path: Path
) -> None:
    later = NINE_WEEKS.replace("from: 2097-01-07T09:00", "from: 2097-01-22T00:00")
    (tmp_path / "later.yaml").write_text(later)
    installation.command("campaign", "apply", str(tmp_path / "later.yaml"))
    assert proposed(year) == "2097-02-04T09:00"


def test_the_calendar_of_a_rotation_shows_every_turn_that_nobody_has(year: Maker) -> None:
    form = {"how": "rotation", "first": "2097-01-21T09:00", "days": "14", "turns": "2"}
    assert year.send(YEAR, people="An\nBo", **form).status_code == 303

    assert gaps(year) == [
        ("2097-01-07T09:00", "2097-01-21T09:00"),
        ("2097-02-18T09:00", "2097-03-04T09:00"),
        ("2097-03-04T09:00", "2097-03-10T12:00"),
    ]


def test_turns_outside_of_the_campaign_are_refused_with_its_dates(
    year: Maker, installation: Installation
) -> None:
    for starts, ends in (("01-01T09:00", "01-14T09:00"), ("03-04T09:00", "03-11T09:00")):
        turn = {"how": "together", "starts": f"2097-{starts}", "ends": f"2097-{ends}"}
        refused = year.send(YEAR, people="An", **turn)
        assert refused.status_code == 422
        assert "The campaign takes posts from Monday, 7 January 2097" in refused.text
    rotation = {"how": "rotation", "first": "2097-01-07T09:00", "days": "14", "turns": "26"}
    refused = year.send(YEAR, people="\n".join(f"C {n}" for n in range(6)), **rotation)
    assert refused.status_code == 422
    assert "to Sunday, 10 March 2097, 12:00" in refused.text
    assert dates(installation) == []

    assert year.ask(YEAR, people="An\nBo", **rotation).json()["shortened"] is False
    [(mandate, _), *_] = year.turns("jaar-rond")
    form = {"starts": "2097-01-07T08:59", "ends": "2097-01-21T09:00"}
    refused = year.send(f"/manage/mandates/{mandate}/move", **form)
    assert refused.status_code == 409
    assert "The campaign takes posts from" in refused.text


def test_the_last_turn_ends_with_the_campaign_and_that_is_said(
    year: Maker, installation: Installation
) -> None:
    form = {"how": "rotation", "first": "2097-01-07T09:00", "days": "14", "turns": "26"}
    answer = year.send(YEAR, people="\n".join(f"C {n}" for n in range(5)), **form)
    assert answer.headers["location"].endswith("said=planned-short")
    said = year.http.get(answer.headers["location"]).text
    assert "The last turn is shorter, since the campaign ends then" in said
    assert dates(installation)[-1][1] == datetime(2097, 3, 10, 11, tzinfo=UTC)


def test_a_turn_that_lies_outside_since_the_campaign_changed_says_so(
    year: Maker, installation: Installation, tmp_path: Path
) -> None:
    form = {"how": "rotation", "first": "2097-02-18T09:00", "days": "14", "turns": "1"}
    year.send(YEAR, people="An", **form)
    assert "Lies partly outside the campaign" not in year.calendar("jaar-rond")
    (tmp_path / "less.yaml").write_text(NINE_WEEKS.replace("2097-03-10T12", "2097-02-20T12"))
    installation.command("campaign", "apply", str(tmp_path / "less.yaml"))
    assert "Lies partly outside the campaign" in year.calendar("jaar-rond")


def test_a_turn_that_nobody_has_is_given_to_who_waits(
    year: Maker, installation: Installation
) -> None:
    waiting = "/manage/campaigns/jaar-rond/waiting"
    year.send(waiting, people="Zoë; zoe@example.org\nDirk", words="Only in February")
    page = year.calendar("jaar-rond")
    assert "Only in February" in page
    assert page.count("Give this turn to…") == 5
    [zoe, dirk] = [
        str(row[0])
        for row in installation.rows("select curator from ingest.curator order by mail desc")
    ]
    first = hidden(page.split('gap"')[1])
    give = "/manage/campaigns/jaar-rond/turns/give"
    assert year.send(give, curator=zoe, quota="3", **first).status_code == 303
    assert dates(installation) == [
        (datetime(2097, 1, 7, 8, tzinfo=UTC), datetime(2097, 1, 21, 8, tzinfo=UTC))
    ]
    assert installation.rows("select curator, quota from ingest.mandate") == [(zoe, 3)]
    assert [row[0] for row in installation.rows("select curator from ingest.waiting")] == [dirk]

    # The same time again, and somebody who waits no longer: nothing is planned, nobody is lost.
    second = hidden(year.calendar("jaar-rond").split('gap"')[1])
    for form, sentence in (
        ({"curator": dirk, **first}, "Zoë has the turn from"),
        ({"curator": zoe, **second}, "Nobody waits under this name any more"),
    ):
        refused = year.send(give, **form)
        assert refused.status_code == 422
        assert sentence in refused.text
    assert len(dates(installation)) == 1
    assert [row[0] for row in installation.rows("select curator from ingest.waiting")] == [dirk]


def test_a_turn_that_came_to_nothing_is_given_to_who_waits(
    year: Maker, installation: Installation
) -> None:
    turn = {"how": "together", "starts": "2097-01-08T10:00", "ends": "2097-01-15T10:00"}
    year.send(YEAR, people="An", quota="7", **turn)
    [(mandate, _)] = year.turns("jaar-rond")
    year.send("/manage/campaigns/jaar-rond/waiting", people="Dirk")
    line = f'href="/manage/mandates/{mandate}'
    planned = year.calendar("jaar-rond").split(line)[1].split("</li>")[0]
    assert "Give this turn to…" not in planned

    year.send(f"/manage/mandates/{mandate}/cancel")
    cancelled = year.calendar("jaar-rond").split(line)[1].split("</li>")[0]
    assert 'name="quota" type="number" min="1" max="500" value="7"' in cancelled
    [(dirk,)] = installation.rows("select curator from ingest.waiting")
    give = "/manage/campaigns/jaar-rond/turns/give"
    assert year.send(give, curator=str(dirk), **hidden(cancelled)).status_code == 303
    assert set(dates(installation)) == {
        (datetime(2097, 1, 8, 9, tzinfo=UTC), datetime(2097, 1, 15, 9, tzinfo=UTC))
    }
    assert [name for _, name in year.turns("jaar-rond")] == ["An", "Dirk"]


def hidden(form: str) -> dict[str, str]:
    """The times that a form to give a turn carries along."""
    found = re.findall(r'type="hidden" name="(starts|ends)" value="([^"]+)"', form)
    return dict(found[:2])


def test_a_quota_is_planned_and_told_to_the_curator(
    maker: Maker, installation: Installation
) -> None:
    a_year(maker, people="An", turns="1", quota="12")
    [(mandate, _)] = maker.turns()
    assert installation.rows("select quota from ingest.mandate") == [(12,)]
    assert "12 photos were agreed." in maker.http.get(f"/manage/mandates/{mandate}").text
    link = maker.ask(f"/manage/mandates/{mandate}/invite").json()["link"]
    assert "Up to 12 photos." in maker.http.get(path_of(link)).text

    for wrong in ("0", "-1", "many", "501"):
        refused = a_year(maker, people="Bo", turns="1", first="2097-02-04T09:00", quota=wrong)
        assert refused.status_code == 422
        assert "Write how many photos count at most" in refused.text


def test_what_came_late_or_during_a_pause_is_listed_by_its_lane(
    maker: Maker, installation: Installation
) -> None:
    mandate = running(maker)
    for lane in ("counted", "late", "paused"):
        installation.rows(
            """insert into ingest.item (item, campaign, source, version, life, revision, digest,
                 retracted, reason, content, mandate, lane, effective_at)
               values (%s, 'zot-van-a', 'zot-van-a/upload', 1, 'live', 1, '', false, '',
                 %s, %s, %s, now())""",
            f"item-{lane}",
            f'{{"text": "It is {lane}.", "kind": "photo"}}',
            mandate,
            lane,
        )
    page = maker.http.get(f"/manage/mandates/{mandate}").text

    assert "Does not count yet" in page
    assert re.findall(
        r'data-lane="(\w+)"><span>([^<]+) <span class="badge warn">([^<]+)<', page
    ) == [
        ("late", "It is late.", "Came late"),
        ("paused", "It is paused.", "Came during a pause"),
    ]
    assert f"/manage/mandates/{mandate}/admit/item-paused" in page


def test_who_waits_is_listed_until_they_have_a_turn(maker: Maker) -> None:
    path = "/manage/campaigns/zot-van-a/waiting"
    assert maker.send(path, people="Zoë; zoe@example.org\nDirk").status_code == 303
    assert "Zoë" in maker.calendar()

    a_year(maker, people="Zoë; zoe@example.org", turns="1")
    waiting = maker.calendar().split("Waiting list</h2>")[1]
    assert "Zoë" not in waiting
    assert "Dirk" in waiting


def test_whoever_has_a_known_address_and_another_name_is_another_curator(
    maker: Maker, installation: Installation
) -> None:
    path = "/manage/campaigns/zot-van-a/waiting"
    maker.send(path, people="Fatima  Amrani; info@school.be\nJan; info@school.be")
    a_year(maker, people="FATIMA amrani; Info@school.be\nMieke; info@school.be", turns="2")

    assert [name for _, name in maker.turns()] == ["Fatima Amrani", "Mieke"]
    waiting = installation.rows(
        "select c.name from ingest.waiting join ingest.curator c using (curator)"
    )
    assert waiting == [("Jan",)]
    links = {maker.ask(f"/manage/mandates/{m}/invite").json()["link"] for m, _ in maker.turns()}
    assert len(links) == 2


def test_the_calendar_is_read_by_a_private_link_that_can_be_replaced(maker: Maker) -> None:
    a_year(maker)
    maker.send("/manage/campaigns/zot-van-a/calendar")
    found = re.search(r'href="(/calendar/[^"?]+)', maker.calendar())
    assert found is not None

    calendar = Calendar.from_ical(maker.http.get(found[1]).text)
    assert len(calendar.events) == 26
    maker.send("/manage/campaigns/zot-van-a/calendar")
    assert maker.http.get(found[1]).status_code == 404
    assert maker.http.get("/calendar/x.y.ics").status_code == 404


def test_a_campaign_of_series_lets_all_curators_work_at_the_same_time(maker: Maker) -> None:
    names = "\n".join(f"Maker {n}" for n in range(10))
    form = {"how": "together", "starts": "2097-08-13T09:00", "ends": "2097-08-20T09:00"}
    answer = maker.send("/manage/campaigns/tien-in-tien/mandates", people=names, **form)
    assert answer.status_code == 303

    matrix = maker.http.get("/manage/campaigns/tien-in-tien/series").text
    assert matrix.count("data-mandate=") == 10
    assert matrix.count('class="place none" role="img"') == 100
    turns = maker.turns("tien-in-tien")
    assert "\n".join(name for _, name in turns) == names
    mandate = turns[0][0]
    early = maker.send(f"/manage/mandates/{mandate}/series/release")
    assert early.status_code == 409
    assert "Nothing of this series has been approved yet" in early.text


def test_only_a_coordinator_plans_and_only_by_our_own_form(
    server: Process, installation: Installation
) -> None:
    path = "/manage/campaigns/zot-van-a/mandates"
    moderator, stray = Maker(server, installation, "moderator"), Maker(server, installation)
    with moderator.http, stray.http:
        assert moderator.http.get(path).status_code == 403
        assert a_year(moderator).status_code == 403
        assert stray.http.post(path, data={"people": "An"}).status_code == 403
    assert installation.rows("select count(*) from ingest.mandate") == [(0,)]
