"""Stories: each photo that has a place is a plate of its own, also the third of an album."""

from typing import Any
from zoneinfo import ZoneInfo

from services.contracts.ids import CuratorId, ItemId, MandateId
from services.contracts.ingest import Crop, SeriesAnnounced, SeriesPhoto
from services.gallery.domain.card import Card, card_of
from services.gallery.domain.story import Story
from tests.builders import CAMPAIGN, a_cleared_item, an_attachment

A, B = ItemId("a"), ItemId("b")
WIDE = Crop(x=0, y=0.2, width=1, height=0.5)
BRUSSELS = ZoneInfo("Europe/Brussels")


def said(*photos: SeriesPhoto, **changes: Any) -> SeriesAnnounced:
    return SeriesAnnounced(
        mandate=MandateId("m1"),
        campaign=CAMPAIGN,
        curator=CuratorId("fatima"),
        name="Fatima",
        places=3,
        photos=photos,
        released=True,
        **changes,
    )


def a_card(item: ItemId, photos: int = 1, **changes: Any) -> Card:
    attachments = tuple(an_attachment(alt=f"{item} {n}") for n in range(photos))
    cleared = a_cleared_item(item=item, kind="album", attachments=attachments, **changes)
    return card_of(cleared, "bollekesfeest", BRUSSELS)


def alts(story: Story) -> list[str]:
    return [plate.photo.alt if plate.photo else "" for plate in story.plates]


def test_each_photo_of_an_album_that_has_a_place_is_a_plate_in_the_curators_order() -> None:
    named = [SeriesPhoto(item=A, attachment=2), SeriesPhoto(item=B), SeriesPhoto(item=A)]
    story = Story(said(*named), (a_card(A, 3), a_card(B)))

    assert alts(story) == ["a 2", "b 0", "a 0"]
    assert len({plate.mark for plate in story.plates}) == 3


def test_what_was_taken_back_has_no_plate_and_what_is_not_named_yet_comes_last() -> None:
    story = Story(
        said(SeriesPhoto(item=A), SeriesPhoto(item=ItemId("gone"))), (a_card(B), a_card(A))
    )

    assert alts(story) == ["a 0", "b 0"]


def test_the_cover_is_the_chosen_photo_while_it_is_in_view() -> None:
    named = (SeriesPhoto(item=A), SeriesPhoto(item=B), SeriesPhoto(item=B, attachment=1, wide=WIDE))
    chosen = said(*named, cover=B, cover_attachment=1)

    cover = Story(chosen, (a_card(A), a_card(B, 2))).cover
    assert cover
    assert cover.photo
    assert (cover.photo.alt, cover.wide) == ("b 1", WIDE)
    # It was taken back, or is covered by a warning: the first stands in for it.
    for cards in ((a_card(A),), (a_card(A), a_card(B, 2, content_warning="bloed"))):
        cover = Story(chosen, cards).cover
        assert cover
        assert (cover.card.item, cover.wide) == (A, None)
    assert Story(chosen, (a_card(A, 0),)).cover is None
