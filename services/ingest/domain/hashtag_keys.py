"""What each kind of source makes of a hashtag's spelling, so that a person can choose aliases."""

import unicodedata
from dataclasses import dataclass

from services.ingest.domain.hashtag import hashtag_key, tags_in

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe"})


@dataclass(frozen=True)
class ComparedSpelling:
    """A spelling and what is compared of it.

    `key` is what our own comparison uses, for every source. `asked` is what a Mastodon server is
    asked for, and `plain` what such a server may call it, where that is another key. `in_text` says
    whether one can write it after a # in a text; a category of a feed can be any words.
    """

    spelling: str
    key: str
    asked: str
    plain: str
    in_text: bool


def compared(spelling: str) -> ComparedSpelling:
    """Say what each kind of source makes of a spelling."""
    bare = spelling.strip().lstrip("#")
    key = hashtag_key(bare)
    in_text = [tag.key for tag in tags_in(f"#{bare}")] == [key]
    plain = plain_letters(key) if in_text else key
    return ComparedSpelling(
        spelling=bare,
        key=key,
        asked=bare,
        plain="" if plain == key else plain,
        in_text=in_text,
    )


def plain_letters(key: str) -> str:
    """Give Latin letters without their accents, as Mastodon servers name a hashtag."""
    parts = unicodedata.normalize("NFKD", key.translate(_LETTERS))
    bare = "".join(c for c in parts if not unicodedata.combining(c))
    # Only where plain letters are left: the marks of other scripts are no accents.
    return bare if bare.isascii() else key
