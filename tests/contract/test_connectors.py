"""The conformance suite: what every connector must do, with a server of others in small."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.ids import CampaignId, SourceId, item_id
from services.contracts.ingest import Hashtag, SubmissionReceived, SubmissionRetracted
from services.ingest.connectors import CONNECTORS
from services.ingest.domain.connector import (
    HARD_CASES,
    Batch,
    Connector,
    FetchFailedError,
    FetchRefusedError,
    Poll,
    SourceContext,
    UnreadableSourceError,
)
from services.ingest.domain.hashtag import hashtag_key, matches
from tests.contract.simulators import SIMULATORS, START, FeedSimulator, MastodonSimulator

CAMPAIGN, SOURCE = CampaignId("feest"), SourceId("feest/source")
EVERY = [pytest.param(connector, id=name) for name, connector in CONNECTORS.items()]
POLLED = [pytest.param(c, id=name) for name, c in CONNECTORS.items() if c.poll]
AnySimulator = FeedSimulator | MastodonSimulator


def hashtag(tag: str, *aliases: str) -> Hashtag:
    return Hashtag(
        tag=tag,
        aliases=aliases,
        key=hashtag_key(tag),
        alias_keys=tuple(hashtag_key(alias) for alias in aliases),
    )


def context(connector: Connector, given: Mapping[str, Any], now: datetime = START) -> SourceContext:
    read = connector.settings.model_validate(dict(given))
    return SourceContext(CAMPAIGN, SOURCE, (hashtag("Bollekesfeest"),), read, now)


@dataclass
class Reader:
    """Polls as the framework does: keeps a checkpoint as JSON, with its keys in any order."""

    connector: Connector
    simulator: AnySimulator
    checkpoint: str = "{}"
    now: datetime = START
    hashtags: tuple[Hashtag, ...] = (hashtag("Bollekesfeest"),)
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    poll_seconds: float = 60

    async def poll(self, minutes: float = 2, *, keep: bool = True) -> Batch:
        return await self._ask(self.connector.poll, minutes, keep=keep)

    async def look_again(self, minutes: float = 5) -> Batch:
        return await self._ask(self.connector.look_again, minutes)

    async def _ask(self, ask: Poll | None, minutes: float, *, keep: bool = True) -> Batch:
        self.now += timedelta(minutes=minutes)
        self.simulator.clock = self.now
        source = context(self.connector, self.simulator.settings | self.settings, self.now)
        source = replace(source, hashtags=self.hashtags, poll_seconds=self.poll_seconds)
        assert ask is not None
        batch = await ask(self.simulator, source, json.loads(self.checkpoint))
        if keep:
            self.checkpoint = json.dumps(dict(batch.checkpoint), sort_keys=True)
        return batch

    async def drain(self, polls: int = 12) -> list[SubmissionReceived | SubmissionRetracted]:
        found: list[SubmissionReceived | SubmissionRetracted] = []
        for _ in range(polls):
            found += (await self.poll()).events
        return found


@pytest.fixture
def reader(connector: Connector) -> Reader:
    return Reader(connector, SIMULATORS[connector.name]())


def texts(batch: Batch) -> list[str]:
    return [event.text for event in batch.events if isinstance(event, SubmissionReceived)]


# What a connector says of itself


@pytest.mark.parametrize("connector", EVERY)
def test_every_example_becomes_the_submissions_that_it_promises(connector: Connector) -> None:
    assert connector.examples
    for example in connector.examples:
        source = context(connector, example.settings)
        made = connector.normalise(source, example.given)
        wire = [json.loads(submission.model_dump_json(by_alias=True)) for submission in made]
        assert len(wire) == len(example.expected), example.sentence
        for found, expected in zip(wire, example.expected, strict=True):
            assert {name: found[name] for name in expected} == expected, example.sentence


@pytest.mark.parametrize("connector", EVERY)
def test_the_same_given_twice_are_the_same_items(connector: Connector) -> None:
    for example in connector.examples:
        source = context(connector, example.settings)
        later = replace(source, now=source.now + timedelta(days=1))
        once = connector.normalise(source, example.given)
        again = connector.normalise(later, example.given)
        assert [(s.item, s.native_id) for s in once] == [(s.item, s.native_id) for s in again]
        assert all(s.item == item_id(CAMPAIGN, SOURCE, s.native_id) for s in once)


@pytest.mark.parametrize("connector", EVERY)
def test_what_cannot_happen_is_declared_with_a_sentence_that_says_why(connector: Connector) -> None:
    declared = connector.capabilities.not_applicable
    assert declared.keys() <= HARD_CASES.keys()
    assert all(reason.endswith(".") and len(reason) > 20 for reason in declared.values())
    assert connector.capabilities.look_back.endswith(".")


def test_every_hard_case_is_tried_here_or_declared_not_to_happen() -> None:
    tried = {
        *("crash", "deletion-order", "edit", "outage", "throttling", "tags", "times", "doubles"),
        *("not-for-us", "not-live"),
    }
    for connector in CONNECTORS.values():
        if connector.poll:
            assert HARD_CASES.keys() - tried == connector.capabilities.not_applicable.keys()


@pytest.mark.parametrize("connector", EVERY)
@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(
                        ["version", "items", "id", "url", "tags", "account", "uri", "x"]
                    ),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=20,
        ).map(lambda value: json.dumps(value).encode()),
        st.text(max_size=100).map(lambda text: f"<rss version='2.0'>{text}</rss>".encode()),
    )
)
def test_whatever_is_given_is_read_or_refused_with_a_sentence(
    connector: Connector, given: bytes
) -> None:
    source = context(connector, connector.examples[0].settings)
    outcome: list[str] = []
    try:
        outcome += [submission.text for submission in connector.normalise(source, given)]
    except UnreadableSourceError as error:
        outcome.append(str(error))
    assert all(len(text) <= 10_000 for text in outcome)


# Reading on


@pytest.mark.parametrize("connector", POLLED)
async def test_posts_are_handed_over_once_and_oldest_first(reader: Reader) -> None:
    for _ in range(3):
        reader.simulator.post()
    first = await reader.poll()
    second = await reader.poll()
    reader.simulator.post("Later")
    third = await reader.poll()

    assert texts(first) == ["Hallo 1", "Hallo 2", "Hallo 3"]
    assert (second.events, texts(third)) == ((), ["Later 4"])
    assert [batch.health.state for batch in (first, second, third)] == ["ok"] * 3


@pytest.mark.parametrize("connector", POLLED)
async def test_a_crash_before_the_checkpoint_is_kept_loses_and_doubles_nothing(
    reader: Reader,
) -> None:
    reader.simulator.post()
    await reader.poll()
    for _ in range(3):
        reader.simulator.post()
    crashed = await reader.poll(keep=False)
    again = await reader.poll()

    assert texts(crashed) == texts(again) == ["Hallo 2", "Hallo 3", "Hallo 4"]
    crashed_ids = [(e.item, getattr(e, "revision", 0)) for e in crashed.events]
    assert crashed_ids == [(e.item, getattr(e, "revision", 0)) for e in again.events]


@pytest.mark.parametrize(
    "checkpoint",
    [
        {"entries": 7, "tags": [], "etag": {}},
        {"entries": {"x": {"hash": 1}}, "tags": {"bollekesfeest": {"min_id": 5}}},
        {"tags": {"bollekesfeest": "x"}, "entries": "x", "statuses": None},
        {"something": "else"},
    ],
)
@pytest.mark.parametrize("connector", POLLED)
async def test_a_checkpoint_that_makes_no_sense_is_a_beginning(
    reader: Reader, checkpoint: dict[str, Any]
) -> None:
    reader.simulator.post()
    reader.checkpoint = json.dumps(checkpoint)
    assert texts(await reader.poll()) == ["Hallo 1"]


@pytest.mark.parametrize("connector", POLLED)
async def test_a_checkpoint_from_the_future_stops_nothing(reader: Reader) -> None:
    post = reader.simulator.post()
    await reader.poll(minutes=60 * 24 * 365)
    reader.now = START
    reader.simulator.edit(post, "Anders")
    reader.simulator.post("Nieuw")
    seen = [e.text for e in await reader.drain() if isinstance(e, SubmissionReceived)]
    assert "Nieuw 2" in seen
    assert "Anders" in seen


@pytest.mark.parametrize("connector", POLLED)
async def test_after_an_outage_everything_that_can_still_be_read_is_read(reader: Reader) -> None:
    reader.simulator.post()
    await reader.poll()
    for _ in range(530):
        reader.simulator.post()
    outage = await reader.poll(minutes=60 * 24)
    found = texts(outage)
    while outage.more:
        outage = await reader.poll(minutes=0)
        found += texts(outage)

    reachable = 30 if isinstance(reader.simulator, FeedSimulator) else 530
    assert found == [f"Hallo {number}" for number in range(532 - reachable, 532)]


# What goes wrong


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>Maintenance</body></html>", b'{"error": "x"}', b"[1, 2", b"\xff\0"]
)
@pytest.mark.parametrize("connector", POLLED)
async def test_what_cannot_be_read_is_told_and_moves_nothing(reader: Reader, body: bytes) -> None:
    reader.simulator.post()
    await reader.poll()
    reader.simulator.post("Later")
    reader.simulator.body = body
    broken = await reader.poll()
    reader.simulator.body = None
    mended = await reader.poll()

    assert (broken.events, broken.health.state) == ((), "degraded")
    assert broken.health.detail.endswith(".")
    assert texts(mended) == ["Later 2"]


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (FetchFailedError(401), "auth-expired"),
        (FetchFailedError(403), "degraded"),
        (FetchFailedError(404), "degraded"),
        (FetchFailedError(500), "degraded"),
        (FetchFailedError(None), "degraded"),
        (FetchRefusedError("x.example", "address-not-public"), "degraded"),
        (FetchRefusedError("x.example", "too-slow"), "degraded"),
    ],
)
@pytest.mark.parametrize("connector", POLLED)
async def test_a_server_that_fails_takes_nothing_away_and_loses_nothing(
    reader: Reader, failure: Any, state: str
) -> None:
    reader.simulator.post()
    await reader.poll()
    reader.simulator.post("Later")
    reader.simulator.failure = failure
    failed = [await reader.poll() for _ in range(4)]
    reader.simulator.failure = None
    mended = await reader.poll()

    assert [(batch.events, batch.health.state) for batch in failed] == [((), state)] * 4
    assert texts(mended) == ["Later 2"]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("asked_for", "seconds"), [(120.0, 120), (None, 60)])
@pytest.mark.parametrize("connector", POLLED)
async def test_a_server_that_wants_rest_is_told_with_the_time_until_when(
    reader: Reader, status: int, asked_for: float | None, seconds: int
) -> None:
    reader.simulator.failure = FetchFailedError(status, asked_for)
    batch = await reader.poll()
    assert batch.health.state == "rate-limited"
    assert batch.health.until == reader.now + timedelta(seconds=seconds)
    assert len(reader.simulator.asked) == 1


# Edits and deletions


@pytest.mark.parametrize("connector", POLLED)
async def test_an_edit_is_a_later_revision_of_the_same_item(reader: Reader) -> None:
    post = reader.simulator.post()
    reader.simulator.post()
    [first, *_] = (await reader.poll()).events
    revisions = [getattr(first, "revision", 0)]
    for text in ("Beter", "Nog beter"):
        reader.simulator.edit(post, text)
        post.tags = ["iets-anders"]
        [edited] = await reader.drain(3)
        assert isinstance(edited, SubmissionReceived)
        assert (edited.item, edited.text) == (first.item, text)
        assert [tag.key for tag in edited.tags] == ["iets-anders"]
        revisions.append(edited.revision)
    assert revisions == sorted(set(revisions))


@pytest.mark.parametrize("connector", POLLED)
async def test_a_deleted_post_is_retracted_once(reader: Reader) -> None:
    posts = [reader.simulator.post() for _ in range(5)]
    await reader.poll()
    gone = reader.simulator.native_id(posts[2])
    reader.simulator.delete(posts[2])
    found = await reader.drain()

    assert [(type(e), e.item) for e in found] == [
        (SubmissionRetracted, item_id(CAMPAIGN, SOURCE, gone))
    ]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503])
@pytest.mark.parametrize("connector", POLLED)
async def test_a_server_that_fails_is_never_taken_for_a_deletion(
    reader: Reader, status: int
) -> None:
    posts = [reader.simulator.post() for _ in range(5)]
    await reader.poll()
    reader.simulator.delete(posts[2])
    reader.simulator.page_failure = status
    assert await reader.drain() == []


@pytest.mark.parametrize("connector", POLLED)
async def test_a_post_that_comes_back_after_a_moment_was_never_gone(reader: Reader) -> None:
    posts = [reader.simulator.post() for _ in range(5)]
    await reader.poll()
    reader.simulator.delete(posts[2])
    reader.simulator.page_failure = 502
    await reader.drain(1)
    reader.simulator.page_failure = None
    reader.simulator.posts[3] = posts[2]
    assert await reader.drain() == []


# While the campaign is not live


@pytest.mark.parametrize("connector", POLLED)
async def test_while_not_live_edits_and_deletions_come_and_nothing_new_does(
    reader: Reader,
) -> None:
    posts = [reader.simulator.post() for _ in range(5)]
    first = {event.item for event in (await reader.poll()).events}
    reader.simulator.post("Meanwhile")
    quiet = await reader.look_again()
    gone = reader.simulator.native_id(posts[2])
    reader.simulator.delete(posts[2])
    reader.simulator.edit(posts[1], "Beter")
    reader.simulator.post("Meanwhile")
    batches = [await reader.look_again() for _ in range(4)]

    assert quiet.events == ()
    found = [event for batch in batches for event in batch.events]
    assert [e.item for e in found if isinstance(e, SubmissionRetracted)] == [
        item_id(CAMPAIGN, SOURCE, gone)
    ]
    assert [e.text for e in found if isinstance(e, SubmissionReceived)] == ["Beter"]
    assert {event.item for event in found} <= first
    assert [(b.health.state, b.more) for b in (quiet, *batches)] == [("ok", False)] * 5


@pytest.mark.parametrize("connector", POLLED)
async def test_what_was_posted_meanwhile_is_read_when_the_campaign_is_live_again(
    reader: Reader,
) -> None:
    reader.simulator.post()
    await reader.poll()
    for _ in range(25):
        reader.simulator.post("Meanwhile")
        assert (await reader.look_again()).events == ()
    again = await reader.poll()

    assert texts(again) == [f"Meanwhile {number}" for number in range(2, 27)]
    assert (await reader.poll()).events == ()


@pytest.mark.parametrize("connector", POLLED)
async def test_who_remembers_nothing_is_not_looked_at(reader: Reader) -> None:
    reader.simulator.post()
    batch = await reader.look_again()
    assert (batch.events, batch.health.state, reader.simulator.asked) == ((), "ok", [])


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503])
@pytest.mark.parametrize("connector", POLLED)
async def test_while_not_live_a_server_that_fails_is_not_taken_for_a_deletion_either(
    reader: Reader, status: int
) -> None:
    posts = [reader.simulator.post() for _ in range(5)]
    await reader.poll()
    reader.simulator.delete(posts[2])
    reader.simulator.page_failure = status
    assert [(await reader.look_again()).events for _ in range(4)] == [()] * 4
    reader.simulator.page_failure = None
    # A feed's pages are asked later and later.
    found = [event for _ in range(4) for event in (await reader.look_again(60)).events]
    assert [type(event) for event in found] == [SubmissionRetracted]


@pytest.mark.parametrize("connector", POLLED)
async def test_while_not_live_a_source_that_fails_tells_what_is_wrong_with_it(
    reader: Reader,
) -> None:
    reader.simulator.post()
    await reader.poll()
    reader.simulator.failure = FetchFailedError(401)
    batch = await reader.look_again()
    assert (batch.events, batch.health.state) == ((), "auth-expired")


# What posts hold


@pytest.mark.parametrize(
    ("written", "fits"),
    [
        ("Köln", True),
        ("KÖLN", True),
        ("ko\u0308ln", True),
        ("koln", True),
        ("koeln", False),
        ("Straße", True),
        ("STRASSE", True),
        ("\uff21\uff22\uff23", True),
        ("ｶﾞ", True),
        ("東京", True),
        ("東京の秋", False),
        ("ΕΛΛΆΣ", True),
        ("İstanbul", True),
        ("istanbul", False),
        ("🍁", True),
        ("2026", False),
        ("a_b·c", True),
        ("", False),
        ("#", False),
        ("\u200b", False),
    ],
)
@pytest.mark.parametrize("connector", POLLED)
async def test_hashtags_of_every_script_match_exactly_what_the_campaign_names(
    reader: Reader, written: str, fits: object
) -> None:
    wanted = ("Straße", "abc", "ガ", "東京", "Ελλάς", "İstanbul", "🍁", "a_b·c")
    campaign = (hashtag("Köln", "koln"), *(hashtag(tag) for tag in wanted))
    reader.simulator.post(tags=("Bollekesfeest", written))
    [event] = (await reader.poll()).events
    assert isinstance(event, SubmissionReceived)
    assert matches(campaign, event.tags) is fits


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1970-01-01T00:00:00Z", None),
        ("2020-02-29T12:00:00Z", "2020-02-29T12:00:00+00:00"),
        ("2099-01-01T00:00:00Z", None),
        ("0000-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("yesterday", None),
        ("2026-08-21T12:00:00", "2026-08-21T12:00:00+00:00"),
        ("2026-10-25T02:30:00+02:00", None),
        ("2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00+00:00"),
        ("2026-08-21T20:05:00+02:00", "2026-08-21T18:05:00+00:00"),
    ],
)
@pytest.mark.parametrize("connector", POLLED)
async def test_a_time_that_nobody_can_mean_is_none_and_stops_nothing(
    reader: Reader, written: str, read: str | None
) -> None:
    reader.simulator.post().made = written
    reader.simulator.post()
    batch = await reader.poll()
    [first] = [e for e in batch.events if isinstance(e, SubmissionReceived) and e.text[-1] == "1"]
    assert (first.published_at.isoformat() if first.published_at else None) == read
    assert first.published_raw == written
    assert len(batch.events) == 2
    assert (await reader.poll()).events == ()


@pytest.mark.parametrize("connector", POLLED)
async def test_a_post_that_comes_in_many_ways_is_one_item(reader: Reader) -> None:
    reader.hashtags = (hashtag("Bollekesfeest", "bolleke"), hashtag("BOLLEKESFEEST"))
    reader.simulator.post(tags=("Bollekesfeest", "bolleke"))
    first = await reader.poll()
    assert len(first.events) == 1
    assert await reader.drain(4) == []


def test_connectors_are_known_by_the_names_of_their_files() -> None:
    assert list(CONNECTORS) == ["feed", "mastodon", "upload"]


# What only one of them can meet


@pytest.fixture
def mastodon() -> Reader:
    return Reader(CONNECTORS["mastodon"], MastodonSimulator())


async def test_what_is_not_public_is_handed_over_as_such(mastodon: Reader) -> None:
    mastodon.simulator.post().visibility = "unlisted"
    mastodon.simulator.post().visibility = "private"
    batch = await mastodon.poll()
    seen = [e.visibility for e in batch.events if isinstance(e, SubmissionReceived)]
    assert seen == ["unlisted", "followers"]


async def test_a_server_that_gives_statuses_one_by_one_is_read_as_well(mastodon: Reader) -> None:
    assert isinstance(mastodon.simulator, MastodonSimulator)
    mastodon.simulator.at_once = False
    posts = [mastodon.simulator.post() for _ in range(3)]
    await mastodon.poll()
    mastodon.simulator.delete(posts[0])
    mastodon.simulator.edit(posts[1], "Anders")
    found = await mastodon.drain(6)
    assert {type(event) for event in found} == {SubmissionReceived, SubmissionRetracted}
    assert len(found) == 2


async def test_a_post_that_arrives_late_or_gets_the_hashtag_later_is_found(
    mastodon: Reader,
) -> None:
    for tags in (("Bollekesfeest",), ("iets",), ("Bollekesfeest",)):
        mastodon.simulator.post(tags=tags)
    await mastodon.poll()
    late = mastodon.simulator.posts[2]
    late.tags.append("Bollekesfeest")
    mastodon.simulator.edit(late, "Nu wel")
    assert texts(await mastodon.poll()) == ["Nu wel"]


async def test_a_server_that_forgot_its_hashtags_is_not_believed_that_posts_are_gone(
    mastodon: Reader,
) -> None:
    mastodon.simulator.post()
    await mastodon.poll()
    mastodon.simulator.failure = FetchFailedError(404)
    found = await mastodon.drain(5)
    assert found == []


async def test_while_not_live_a_server_that_forgot_its_hashtags_is_not_believed_either(
    mastodon: Reader,
) -> None:
    mastodon.simulator.post()
    await mastodon.poll()
    mastodon.simulator.failure = FetchFailedError(404)
    batches = [await mastodon.look_again() for _ in range(5)]
    assert {(batch.events, batch.health.state) for batch in batches} == {((), "degraded")}


@pytest.mark.parametrize("at_once", [True, False])
async def test_while_not_live_old_posts_are_looked_at_as_well_as_new_ones(
    mastodon: Reader,
    at_once: bool,  # noqa: FBT001 - a fact about the server
) -> None:
    assert isinstance(mastodon.simulator, MastodonSimulator)
    mastodon.simulator.at_once = at_once
    mastodon.settings = {"look_back": 200}
    posts = [mastodon.simulator.post() for _ in range(200)]
    await mastodon.poll()
    mastodon.simulator.delete(posts[0])
    # One by one, a round takes five looks.
    looks = 2 if at_once else 11
    found = [event for _ in range(looks) for event in (await mastodon.look_again()).events]
    assert [type(event) for event in found] == [SubmissionRetracted]
    # One question for the newest page, and no more than are asked in ten polls of a live source.
    assert len(mastodon.simulator.asked) <= 5 + looks * (1 + 10 * (1 + 4))


async def test_posts_that_nobody_asked_about_are_not_taken_as_an_answer(mastodon: Reader) -> None:
    assert isinstance(mastodon.simulator, MastodonSimulator)
    gone, _ = mastodon.simulator.post(), mastodon.simulator.post()
    await mastodon.poll()
    mastodon.simulator.post("Ungefragt", tags=("iets",))
    mastodon.simulator.delete(gone)
    mastodon.simulator.tells_all = True
    found = [event for _ in range(2) for event in (await mastodon.look_again()).events]
    assert [type(event) for event in found] == [SubmissionRetracted]


@pytest.mark.parametrize(
    ("poll_seconds", "seconds"), [(1, range(10, 23)), (2, range(20, 44)), (60, range(60, 181))]
)
async def test_a_deletion_is_noticed_after_two_looks_a_round_or_half_a_minute_apart(
    mastodon: Reader, poll_seconds: int, seconds: range
) -> None:
    mastodon.poll_seconds = poll_seconds
    posts = [mastodon.simulator.post() for _ in range(3)]
    await mastodon.poll()
    mastodon.simulator.delete(posts[1])
    passed = 0
    while not (await mastodon.poll(poll_seconds / 60)).events:
        passed += poll_seconds
        assert passed < 300
    assert passed + poll_seconds in seconds


@pytest.mark.parametrize(("at_once", "most"), [(True, 7), (False, 9)])
async def test_a_server_is_not_asked_more_often_than_it_must_be(
    mastodon: Reader,
    at_once: bool,  # noqa: FBT001 - a fact about the server
    most: int,
) -> None:
    assert isinstance(mastodon.simulator, MastodonSimulator)
    mastodon.simulator.at_once = at_once
    mastodon.poll_seconds = 1
    for _ in range(3):
        mastodon.simulator.post()
    await mastodon.poll()
    mastodon.simulator.asked.clear()
    for _ in range(61):
        await mastodon.poll(1 / 60)
    again = [url for url in mastodon.simulator.asked if "/timelines/" not in url]
    assert 0 < len(again) <= most


async def test_a_token_is_only_named_by_the_settings(
    mastodon: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    mastodon.settings = {"token_env": "DICHTBIJ_SOURCE_TEST"}
    monkeypatch.delenv("DICHTBIJ_SOURCE_TEST", raising=False)
    without = await mastodon.poll()
    monkeypatch.setenv("DICHTBIJ_SOURCE_TEST", "secret")
    mastodon.simulator.post()
    with_token = await mastodon.poll()

    assert (without.health.state, len(with_token.events)) == ("auth-expired", 1)
    assert "secret" not in mastodon.checkpoint
    with pytest.raises(ValueError, match="token_env"):
        context(mastodon.connector, mastodon.simulator.settings | {"token_env": "DATABASE_URL"})


async def test_only_the_configured_server_is_asked_whatever_its_links_say(mastodon: Reader) -> None:
    for _ in range(100):
        mastodon.simulator.post()
    mastodon.settings = {"look_back": 100}
    await mastodon.poll()
    await mastodon.poll()
    assert len(mastodon.simulator.asked) > 3
    assert all(u.startswith("https://mastodon.example/api/v1/") for u in mastodon.simulator.asked)


async def test_a_feed_that_is_gone_is_not_asked_again() -> None:
    reader = Reader(CONNECTORS["feed"], FeedSimulator())
    reader.simulator.failure = FetchFailedError(410)
    states = [(await reader.poll()).health.state for _ in range(3)]
    assert (states, len(reader.simulator.asked)) == (["gone"] * 3, 1)


async def test_an_entry_that_fell_off_the_end_of_a_feed_is_not_looked_for() -> None:
    reader = Reader(CONNECTORS["feed"], FeedSimulator())
    for _ in range(30):
        reader.simulator.post()
    await reader.poll()
    for _ in range(10):
        reader.simulator.post()
    await reader.poll()
    assert set(reader.simulator.asked) == {"https://blog.example/feed"}


async def test_new_entries_that_push_old_ones_out_of_a_feed_make_nobody_look_for_these() -> None:
    reader = Reader(CONNECTORS["feed"], FeedSimulator())
    reader.simulator.post()
    await reader.poll()
    for _ in range(40):
        reader.simulator.post()
    await reader.look_again()
    assert set(reader.simulator.asked) == {"https://blog.example/feed"}


async def test_checkpoints_do_not_grow_without_end() -> None:
    for name, simulator in SIMULATORS.items():
        reader = Reader(CONNECTORS[name], simulator())
        for _ in range(8):
            for _ in range(100):
                reader.simulator.post()
            while (await reader.poll()).more:
                pass
        kept = json.loads(reader.checkpoint)
        assert len(kept.get("statuses", ())) <= 500, name
        assert len(kept.get("entries", ())) <= 2_000, name
        await asyncio.sleep(0)
