"""Hashtags: when two spellings are the same, which ones a text holds, which are a campaign's.

Accents are never stripped: `#Köln` and `#Koln` are different words until a person makes one an
alias of the other.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from services.contracts.ingest import Hashtag, Tag

#: The longest hashtag that any network gives; what is longer is noise.
LONGEST = 100
#: The most hashtags that are read from one text.
MOST = 100

_SIGNS = "#\N{FULLWIDTH NUMBER SIGN}"
# Soft hyphen, zero-width spaces and joiners, direction marks, text and emoji presentation marks.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069"
    "\ufe0e\ufe0f\ufeff]"
)
_WEB_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://\S+")
_INSIDE = "_·・\u200c\u200d\ufe0f"
_NEVER_BEFORE = "/&=?.-_"
_KEYCAP = "\ufe0f"


def hashtag_key(tag: str) -> str:
    """Give the key by which a hashtag is compared: equal keys mean the same hashtag."""
    bare = unicodedata.normalize("NFKC", _UNSEEN.sub("", tag)).strip().lstrip(_SIGNS)
    key = bare.casefold()
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", key)).strip()


def tag_of(written: str, origin: Literal["facet", "tags", "category", "text"]) -> Tag:
    """Give a hashtag as it was written, with its key."""
    bare = written.strip().lstrip(_SIGNS).strip()
    return Tag(as_written=bare, key=hashtag_key(bare), origin=origin)


def distinct(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """Keep the first spelling of every hashtag, and none that is empty."""
    kept: dict[str, Tag] = {}
    for tag in tags:
        if tag.key:
            kept.setdefault(tag.key, tag)
        if len(kept) == MOST:
            break
    return tuple(kept.values())


def tags_in(text: str) -> tuple[Tag, ...]:
    """Read the hashtags that a plain text holds; a web address may hold a # but no hashtag."""
    readable = _WEB_ADDRESS.sub(" ", unicodedata.normalize("NFC", text))
    return distinct(tag_of(word, "text") for word in _words(readable))


def matches(hashtags: tuple[Hashtag, ...], tags: tuple[Tag, ...]) -> bool:
    """Tell whether an item with these tags is for a campaign that listens to these hashtags."""
    wanted = {
        key or hashtag_key(spelling)
        for hashtag in hashtags
        for spelling, key in _spellings(hashtag)
    }
    return any(tag.key in wanted for tag in tags if tag.key)


def _spellings(hashtag: Hashtag) -> Iterable[tuple[str, str]]:
    yield hashtag.tag, hashtag.key
    keys = hashtag.alias_keys + ("",) * (len(hashtag.aliases) - len(hashtag.alias_keys))
    yield from zip(hashtag.aliases, keys, strict=False)


def _words(text: str) -> Iterable[str]:
    end = -1
    for sign in re.finditer(f"[{_SIGNS}]", text):
        start = sign.start()
        # Two tags may touch, as in #a#b; other than that a tag never begins inside a word.
        if start != end and start and _joins(text[start - 1]):
            continue
        word = _word_at(text, start + 1)
        if word:
            end = start + 1 + len(word)
            yield word


def _joins(before: str) -> bool:
    return before in _NEVER_BEFORE or before in _SIGNS or before.isalnum()


def _word_at(text: str, start: int) -> str:
    if text[start : start + 1] == _KEYCAP:
        return ""
    end = start
    while end < len(text) and end - start <= LONGEST and _belongs(text[end]):
        end += 1
    word = text[start:end].rstrip("·・\u200c\u200d")
    meant = any(unicodedata.category(c)[0] in "LS" for c in word)
    return word if meant and len(word) <= LONGEST else ""


def _belongs(character: str) -> bool:
    kind = unicodedata.category(character)
    # So is emoji; Sk beyond the first plane is their skin tones, before it the backtick and such.
    tone = kind == "Sk" and character > "\uffff"
    return kind[0] in "LMN" or kind == "So" or tone or character in _INSIDE
