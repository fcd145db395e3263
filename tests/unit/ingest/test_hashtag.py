"""Hashtags of every script: which are the same, which a text holds, which are a campaign's."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.ingest import Hashtag, Tag
from services.ingest.domain.hashtag import distinct, hashtag_key, matches, tag_of, tags_in


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("Köln", "KÖLN"),
        ("Köln", "ko\u0308ln"),
        ("Köln", "#köln"),
        ("Köln", "\uff03köln"),
        ("Köln", "\ufe5fköln"),
        ("Straße", "STRASSE"),
        ("\uff21\uff22\uff23", "abc"),
        ("\uff76\uff9e", "ガ"),
        ("Ελλάς", "ΕΛΛΆΣ"),
        ("🍁\ufe0f", "🍁"),
        ("Bolle\u200bkes\u00adfeest", "bollekesfeest"),
        ("👩\u200d🚒", "👩🚒"),
        ("\ufeffAntwerpen", "antwerpen"),
        (" Antwerpen ", "antwerpen"),
        ("o\u200b\u0308", "ö"),
    ],
)
def test_spellings_that_mean_the_same_have_one_key(written: str, other: str) -> None:
    assert hashtag_key(written) == hashtag_key(other) != ""


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("Köln", "Koln"),
        ("Köln", "Koeln"),
        ("Łódź", "Lodz"),
        ("café", "cafe"),
        ("İstanbul", "Istanbul"),
        ("東京", "東京の秋"),
        ("feest2025", "feest2026"),
        ("a_b", "ab"),
    ],
)
def test_spellings_that_are_different_words_have_different_keys(written: str, other: str) -> None:
    assert hashtag_key(written) != hashtag_key(other)


@given(st.text(max_size=40))
def test_a_key_is_its_own_key(written: str) -> None:
    key = hashtag_key(written)
    assert hashtag_key(key) == key


@given(st.text(max_size=40))
def test_the_form_in_which_a_text_is_written_makes_no_difference(written: str) -> None:
    composed = unicodedata.normalize("NFC", written)
    assert hashtag_key(unicodedata.normalize("NFD", written)) == hashtag_key(composed)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Köln #KÖLN #koln", ["Köln", "koln"]),
        ("Wat een #Bollekesfeest!", ["Bollekesfeest"]),
        ("(#Straße), #STRASSE.", ["Straße"]),
        ("\uff03\uff21\uff22\uff23 #\uff76\uff9e", ["\uff21\uff22\uff23", "\uff76\uff9e"]),
        ("#東京の秋です #Ελλάς #İstanbul", ["東京の秋です", "Ελλάς", "İstanbul"]),
        ("#ไทย้ #हिन्दी", ["ไทย้", "हिन्दी"]),
        ("#🍁 #👩\u200d🚒", ["🍁", "👩\u200d🚒"]),
        ("#feest2026 #2026 #20_26", ["feest2026"]),
        ("#a_b·c #tag· #tag.", ["a_b·c", "tag"]),
        ("#een#twee", ["een", "twee"]),
        ("x#nee C#nee &#39;s ##nee ?#nee", []),
        ("https://x.example/a#nee https://x.example/(#nee) x.example/#nee", []),
        ("#\ufe0f\u20e3 # #! #_ #-", []),
        ("#\n#ja", ["ja"]),
        ("#" + "a" * 100, ["a" * 100]),
        ("#" + "a" * 101, []),
        ("", []),
    ],
)
def test_a_text_holds_these_hashtags(text: str, tags: list[str]) -> None:
    assert [tag.as_written for tag in tags_in(text)] == tags
    assert all(tag.origin == "text" for tag in tags_in(text))


@given(st.text(alphabet=st.characters() | st.sampled_from("#\uff03 a1_·\u200d"), max_size=60))
def test_whatever_a_text_holds_its_hashtags_have_keys(text: str) -> None:
    tags = tags_in(text)
    assert len({tag.key for tag in tags}) == len(tags)
    assert all(tag.key == hashtag_key(tag.as_written) != "" for tag in tags)


def test_a_text_of_nothing_but_hashtags_is_bounded() -> None:
    assert len(tags_in(" ".join(f"#t{number}" for number in range(5_000)))) == 100


def test_the_first_spelling_is_kept_and_nothing_empty() -> None:
    tags = distinct(tag_of(name, "tags") for name in ("#Feest", "FEEST", "", "\u200b", "Ander"))
    assert [(tag.as_written, tag.key) for tag in tags] == [("Feest", "feest"), ("Ander", "ander")]


def a_hashtag(tag: str, *aliases: str) -> Hashtag:
    keys = tuple(hashtag_key(alias) for alias in aliases)
    return Hashtag(tag=tag, aliases=aliases, key=hashtag_key(tag), alias_keys=keys)


def tagged(*names: str) -> tuple[Tag, ...]:
    return tuple(tag_of(name, "tags") for name in names)


def test_a_campaign_listens_to_its_hashtag_and_to_its_aliases() -> None:
    campaign = (a_hashtag("Köln", "Koeln"), a_hashtag("Dom"))
    assert matches(campaign, tagged("köln"))
    assert matches(campaign, tagged("iets", "KOELN"))
    assert matches(campaign, tagged("dom"))


def test_a_campaign_does_not_listen_to_what_merely_resembles() -> None:
    campaign = (a_hashtag("Köln", "Koeln"),)
    assert not matches(campaign, tagged("koln", "kölner", "köl"))
    assert not matches(campaign, ())
    assert not matches((), tagged("köln"))


def test_an_empty_key_matches_nothing() -> None:
    assert not matches((a_hashtag("\u200b"),), (Tag(as_written="", key="", origin="tags"),))


def test_a_hashtag_without_stated_keys_is_compared_by_its_spelling() -> None:
    assert matches((Hashtag(tag="Köln", aliases=("Koeln",)),), tagged("KÖLN"))
    assert matches((Hashtag(tag="Köln", aliases=("Koeln",)),), tagged("koeln"))
