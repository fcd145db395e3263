from services.contracts.ingest import Author, SubmittedMedia, Tag
from services.ingest.domain.amendment import amended
from tests.builders import a_submission

PHOTO = SubmittedMedia(original="a" * 64, alt="Een optocht", alt_origin="author")
GIVEN = a_submission(
    text="Kijk #bollekes",
    tags=(
        Tag(as_written="bollekes", key="bollekes", origin="text"),
        Tag(as_written="Feest", key="feest", origin="tags"),
    ),
    author=Author(name="An", handle="an"),
    media=(PHOTO, SubmittedMedia(original="b" * 64)),
)
SAME = {"text": None, "alt": None, "name": None, "photo": 0}


def test_what_is_left_out_stays() -> None:
    assert amended(GIVEN, **SAME) == GIVEN  # type: ignore[arg-type]


def test_the_same_words_again_change_nothing() -> None:
    assert amended(GIVEN, text="Kijk #bollekes", alt="Een optocht", name="An", photo=0) == GIVEN


def test_new_words_bring_their_hashtags_and_keep_those_of_the_network() -> None:
    mended = amended(GIVEN, text="Beter #reuzen", alt=None, name=None, photo=0)

    assert mended.text == "Beter #reuzen"
    assert {tag.key for tag in mended.tags} == {"feest", "reuzen"}


def test_a_description_belongs_to_one_photo() -> None:
    mended = amended(GIVEN, text=None, alt="Een reus", name=None, photo=1)

    assert [m.alt for m in mended.media] == ["Een optocht", "Een reus"]
    assert mended.media[1].alt_origin == "author"


def test_an_emptied_description_is_none_at_all() -> None:
    mended = amended(GIVEN, text=None, alt="  ", name=None, photo=0)

    assert (mended.media[0].alt, mended.media[0].alt_origin) == (None, None)


def test_a_photo_that_is_not_there_is_left_alone() -> None:
    assert amended(GIVEN, text=None, alt="Niets", name=None, photo=7) == GIVEN


def test_a_name_can_be_changed_or_taken_away_and_the_account_stays() -> None:
    assert amended(GIVEN, text=None, alt=None, name=" Bea ", photo=0).author == Author(
        name="Bea", handle="an"
    )
    assert amended(GIVEN, text=None, alt=None, name="", photo=0).author.name is None
