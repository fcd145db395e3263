"""The fold of submissions: any order, any repetition, the same item."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.ids import CuratorId, MandateId
from services.contracts.ingest import (
    Attribution,
    Author,
    Item,
    ItemAttributed,
    ItemChanged,
    ItemIgnored,
    ItemReceived,
    ItemWithdrawn,
    Link,
    RightsBasis,
    SubmittedMedia,
)
from services.ingest.domain.item import (
    Accept,
    Attribute,
    Command,
    Exclude,
    Ignore,
    ItemState,
    Origin,
    Retract,
    Verdict,
    compose,
    credited,
    decide,
    digest_of,
    evolve,
    kind_of,
    origin_of,
    refusal,
)
from services.ingest.domain.reference import kind_of_link
from tests.builders import (
    CAMPAIGN,
    MOMENT,
    a_campaign,
    a_consent,
    a_submission,
    an_attachment,
    an_item,
    an_item_id,
)

ITEM = an_item_id()
UNSEEN = ItemState(ITEM, CAMPAIGN)
FATIMAS = Attribution(mandate=MandateId("m-1"), curator=CuratorId("k-1"), lane="counted")
AGREED = a_consent(evidence="mandate", channels=("web", "wall"))
FOR_FATIMA = Verdict(FATIMAS, AGREED, RightsBasis(basis="agreement"))
FOR_NOBODY = Verdict(rights=RightsBasis(basis="agreement"))


def after(*commands: Command, state: ItemState = UNSEEN) -> ItemState:
    for command in commands:
        for event in decide(state, command):
            state = evolve(state, event)
    return state


def accepted(revision: int, text: str = "Vuurwerk!") -> Accept:
    return Accept(an_item(item=ITEM, revision=revision, text=text))


def outcome(state: ItemState) -> ItemState:
    """What counts of a state: how many events led there does not."""
    return replace(state, version=0)


HISTORIES = st.lists(
    st.one_of(
        st.builds(accepted, st.integers(1, 4), st.sampled_from(["a", "b"])),
        st.builds(Ignore, st.integers(1, 4), st.just("no-matching-hashtag")),
        st.just(Retract("author")),
    ),
    min_size=1,
    max_size=6,
)


@given(HISTORIES, st.randoms(use_true_random=False))
def test_five_deliveries_in_any_order_end_as_one_delivery_in_order(
    history: list[Command], shuffle: Random
) -> None:
    once = outcome(after(*sorted(history, key=_source_order)))
    many = history * 5
    shuffle.shuffle(many)
    assert outcome(after(*many)) == once


def _source_order(command: Command) -> tuple[int, int, str]:
    match command:
        case Ignore(revision, reason):
            return (0, revision, reason)
        case Accept(item):
            return (0, item.revision, item.text)
        case _:
            return (1, 0, "")


@pytest.mark.parametrize("late", [accepted(1), accepted(9), Ignore(9, "not-public")])
def test_what_was_retracted_never_comes_back(late: Command) -> None:
    assert outcome(after(Retract("author"), late)) == outcome(after(Retract("author")))
    assert after(accepted(1), Retract("source"), late).life == "withdrawn"


def test_a_withdrawn_item_keeps_nothing_of_its_content() -> None:
    state = after(accepted(1), Retract("author"))
    assert state.content is None
    assert state.digest == ""


def test_an_edit_that_comes_before_the_post_wins() -> None:
    assert after(accepted(2, "edit"), accepted(1, "post")).content == accepted(2, "edit").item


def test_an_edit_that_drops_the_hashtag_withdraws_and_one_that_adds_it_brings_back() -> None:
    [gone] = decide(after(accepted(1)), Ignore(2, "no-matching-hashtag"))
    assert isinstance(gone, ItemWithdrawn)
    assert gone.reason == "no-longer-matches"
    [back] = decide(after(accepted(1), Ignore(2, "no-matching-hashtag")), accepted(3))
    assert isinstance(back, ItemReceived)


def test_an_edit_of_a_live_item_is_a_change() -> None:
    [event] = decide(after(accepted(1)), accepted(2))
    assert isinstance(event, ItemChanged)


def test_a_delete_of_something_unseen_is_remembered_but_not_announced() -> None:
    [event] = decide(UNSEEN, Retract("source"))
    assert isinstance(event, ItemIgnored)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"visibility": "unlisted"}, "not-public"),
        ({"text": " ", "media": ()}, "nothing-to-show"),
        ({"connector": "feed"}, "no-matching-hashtag"),
    ],
)
def test_a_submission_that_is_not_for_the_campaign_says_why(
    changes: dict[str, object], reason: str | None
) -> None:
    assert refusal(a_submission(**changes), a_campaign(), 0) == reason


def test_a_post_outside_the_campaigns_dates_is_ignored() -> None:
    campaign = a_campaign(closes_at=MOMENT)
    assert refusal(a_submission(), campaign, 1) == "outside-window"


def test_a_post_for_a_campaign_that_does_not_exist_is_ignored() -> None:
    assert refusal(a_submission(), None, 1) == "campaign-unknown"


def test_the_same_version_seen_again_later_is_no_news() -> None:
    again = an_item(item=ITEM, revision=1, observed_at=MOMENT.replace(year=2027))
    assert decide(after(Accept(an_item(item=ITEM, revision=1))), Accept(again)) == []


def test_counting_for_somebody_else_is_told_and_is_no_new_version() -> None:
    state = after(accepted(3))
    [event] = decide(state, Attribute(FOR_FATIMA))
    assert isinstance(event, ItemAttributed)
    assert event.item.attribution == FATIMAS
    counted = evolve(state, event)
    assert counted.mandate == "m-1"
    assert (counted.revision, counted.digest) == (state.revision, state.digest)
    assert decide(counted, Attribute(FOR_FATIMA)) == []
    assert decide(counted, accepted(3)) == []
    assert outcome(after(Attribute(FOR_NOBODY), state=counted)) == outcome(state)


def test_a_withdrawn_or_ignored_item_is_never_attributed_anew() -> None:
    for state in (
        UNSEEN,
        after(Ignore(1, "no-matching-hashtag")),
        after(accepted(1), Retract("author")),
        after(accepted(1), Exclude("no-mandate")),
    ):
        assert decide(state, Attribute(FOR_FATIMA)) == []


@pytest.mark.parametrize("edit", [accepted(2, "edit"), Exclude("no-mandate")])
def test_a_withdrawn_photo_that_is_edited_at_its_source_stays_withdrawn(edit: Command) -> None:
    gone = after(accepted(1), Attribute(FOR_FATIMA), Retract("author"))
    assert decide(gone, edit) == []
    assert (gone.life, gone.content, gone.origin.author_key) == ("withdrawn", None, None)


def test_what_no_longer_counts_where_only_curators_may_post_goes_and_can_come_back() -> None:
    state = after(accepted(3))
    [gone] = decide(state, Exclude("no-mandate"))
    assert isinstance(gone, ItemWithdrawn)
    assert (gone.reason, gone.detail, gone.revision) == ("no-longer-matches", "no-mandate", 3)
    out = evolve(state, gone)
    assert decide(out, Exclude("no-mandate")) == []
    assert decide(out, Ignore(3, "no-mandate")) == []
    assert decide(out, accepted(2)) == []
    [back] = decide(out, accepted(3))
    assert isinstance(back, ItemReceived)
    assert outcome(evolve(out, back)) == outcome(state)


def unagreed(**changes: object) -> Accept:
    fields = {"item": ITEM, "consent": None, "rights": RightsBasis(basis="agreement")}
    return Accept(an_item(**(fields | changes)))


def test_the_consent_for_a_mandate_is_lent_while_the_item_counts_and_goes_with_it() -> None:
    alone = after(unagreed())
    counted = after(Attribute(FOR_FATIMA), state=alone)
    assert counted.content is not None
    assert counted.content.consent == AGREED
    assert counted.content.rights == RightsBasis(basis="declared", evidence="mandate m-1")
    assert decide(counted, unagreed()) == []
    assert outcome(after(Attribute(FOR_NOBODY), state=counted)) == outcome(alone)


def test_a_consent_of_its_own_is_never_replaced_by_that_of_a_mandate() -> None:
    own = after(unagreed(consent=a_consent()))
    counted = after(Attribute(FOR_FATIMA), state=own)
    assert counted.content is not None
    assert counted.content.consent == a_consent()
    by_link = ItemState(
        ITEM, CAMPAIGN, life="live", revision=1, origin=Origin(giver=CuratorId("k-1")),
        content=unagreed(consent=AGREED, attribution=FATIMAS).item,
    )  # fmt: skip
    after_all = after(Attribute(FOR_NOBODY), state=by_link)
    assert after_all.content is not None
    assert after_all.content.consent == AGREED


def test_what_was_taken_back_for_a_mandate_is_left_out_of_what_was_on_its_way() -> None:
    everywhere = AGREED.model_copy(update={"channels": ("web", "wall", "print")})
    narrowed = Verdict(FATIMAS, AGREED)
    given = unagreed(consent=everywhere, attribution=FATIMAS).item
    assert credited(given, narrowed, CuratorId("k-1")).consent == AGREED

    newer = everywhere.model_copy(update={"given_at": MOMENT + timedelta(days=1)})
    own = everywhere.model_copy(update={"evidence": "upload"})
    for kept in (newer, own):
        item = given.model_copy(update={"consent": kept})
        assert credited(item, narrowed, CuratorId("k-1")).consent == kept


def test_an_item_is_composed_with_all_that_its_giver_said() -> None:
    submission = a_submission(
        place="Grote Markt",
        giver_account="an",
        curator=CuratorId("k-1"),
        author=Author(key="https://own.example/an"),
        link=Link(url="https://blog.example/1", host="blog.example"),
        consent=AGREED,
    )
    item = compose(submission, FOR_FATIMA, (), ())
    assert (item.place, item.giver_account, item.link) == ("Grote Markt", "an", submission.link)
    assert (item.kind, item.consent, item.attribution) == ("link", AGREED, FATIMAS)
    assert origin_of(submission) == Origin("https://own.example/an", CuratorId("k-1"), MOMENT)
    assert kind_of(submission, 1) == "photo"
    assert kind_of(submission, 2) == "album"


def test_an_old_item_without_place_link_or_attribution_can_still_be_read() -> None:
    old = an_item().model_dump(mode="json", by_alias=True)
    for name in ("attribution", "giverAccount", "link", "place"):
        del old[name]
    for name in ("guardian", "channels", "until", "textDigest", "language", "evidence"):
        del old["consent"][name]
    read = Item.model_validate(old)
    assert (read.attribution.lane, read.place, read.link) == ("open", None, None)
    kept = ItemState(read.item, CAMPAIGN, 1, "live", read.revision, " of long ago", content=read)
    assert decide(kept, Accept(read)) == []


@pytest.mark.parametrize(
    ("changes", "versions"),
    [
        ({"attribution": FATIMAS}, 1),
        ({"rights": RightsBasis(basis="unknown")}, 1),
        ({"text": "Anders"}, 2),
        ({"place": "Grote Markt"}, 2),
        ({"consent": a_consent(channels=("web", "print"))}, 2),
    ],
)
def test_versions_are_told_apart_by_their_content_only(
    changes: dict[str, object], versions: int
) -> None:
    either = {digest_of(an_item(item=ITEM, **changes)), digest_of(an_item(item=ITEM))}
    assert len(either) == versions


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://open.spotify.com/track/1", "song"),
        ("https://soundcloud.com/a/b", "song"),
        ("https://band.bandcamp.com/album/x", "song"),
        ("https://www.deezer.com/track/1", "song"),
        ("https://music.apple.com/be/album/x", "song"),
        ("https://music.youtube.com/watch?v=1", "song"),
        ("https://www.youtube.com/watch?v=1", "video"),
        ("https://YOUTU.BE/1", "video"),
        ("https://vimeo.com/1", "video"),
        ("https://www.dailymotion.com/video/1", "video"),
        ("https://tube.example/w/kkGMgK9ZtnKfYAgnEtQxbv", "video"),
        ("https://tube.example/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d", "video"),
        ("https://blog.example/w/short", "link"),
        ("https://notspotify.com/track/1", "link"),
        ("https://spotify.com.evil.example/", "link"),
        ("https://[broken/", "link"),
        ("", "link"),
    ],
)
def test_what_stands_elsewhere_is_known_by_its_host(url: str, kind: str) -> None:
    assert kind_of_link(url) == kind


@pytest.mark.parametrize(
    ("phase", "reason"),
    [
        ("live", None),
        ("paused", None),
        ("closed", None),
        ("draft", "campaign-draft"),
        ("archived", "campaign-archived"),
    ],
)
def test_only_a_draft_and_an_archive_take_nothing_that_was_made_in_their_window(
    phase: str, reason: str | None
) -> None:
    assert refusal(a_submission(), a_campaign(phase=phase), 0) == reason


@pytest.mark.parametrize("phase", ["draft", "archived"])
def test_what_is_live_already_can_be_mended_in_a_draft_and_an_archive(phase: str) -> None:
    campaign = a_campaign(phase=phase)
    assert refusal(a_submission(), campaign, 0, live=True) is None
    hidden = a_submission(visibility="direct")
    assert refusal(hidden, campaign, 0, live=True) == "not-public"


@pytest.mark.parametrize(
    ("kinds", "photos", "changes", "reason"),
    [
        (("photo",), 1, {}, None),
        (("photo",), 3, {}, None),
        (("photo",), 0, {}, "kind-not-taken"),
        (("text",), 2, {}, "kind-not-taken"),
        (
            ("song",),
            0,
            {"link": Link(url="https://vimeo.com/1", host="vimeo.com")},
            "kind-not-taken",
        ),
        (("video",), 0, {"link": Link(url="https://vimeo.com/1", host="vimeo.com")}, None),
        (
            ("link",),
            0,
            {"text": "", "link": Link(url="https://a.example/", host="a.example")},
            None,
        ),
    ],
)
def test_a_campaign_takes_the_kinds_that_it_asks_for(
    kinds: tuple[str, ...], photos: int, changes: dict[str, object], reason: str | None
) -> None:
    assert refusal(a_submission(**changes), a_campaign(kinds=kinds), photos) == reason


@pytest.mark.parametrize("lane", ["counted", "late", "paused"])
def test_where_only_curators_may_post_an_item_that_counts_for_nobody_is_ignored(lane: str) -> None:
    campaign = a_campaign(contributors="curators")
    theirs = FATIMAS.model_copy(update={"lane": lane})
    assert refusal(a_submission(), campaign, 0) == "no-mandate"
    assert refusal(a_submission(), campaign, 0, theirs) is None
    assert refusal(a_submission(), a_campaign(), 0) is None


def test_photos_that_cannot_be_shown_leave_nothing_to_show() -> None:
    broken = a_submission(text="", media=(SubmittedMedia(refused="truncated"),))
    assert refusal(broken, a_campaign(), 0) == "nothing-to-show"
    assert compose(broken, FOR_NOBODY, (an_attachment(),), ("truncated",)).refused_media == (
        "truncated",
    )
