"""What can be wrong with a campaign, as sentences for the one who writes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Sentences by what is wrong; placeholders stand as in gettext.
SENTENCES: Mapping[str, str] = {
    "missing": "Fill this in.",
    "not-readable": "This cannot be read as it stands. Write it differently.",
    "unknown-word": "There is no such word here. Take it out or check its spelling.",
    "not-a-campaign": "This is not a campaign. Write it as names with values.",
    "campaign": "Write 2 to 60 small letters, digits and hyphens, like museumnacht-27.",
    "campaign-reserved": "This address is used by the pages themselves. Choose another one.",
    "campaign-taken": "There is a campaign at this address already. Choose another one.",
    "name": "Give the campaign a name in at least one language.",
    "language": "We do not speak %(language)s. Write nl, fr, en or de.",
    "zone": "The zone %(zone)s does not exist. Write one like Europe/Brussels.",
    "moment": "Write a date and a time, like 2027-08-14T18:00.",
    "day": "Write a date, like 2027-08-14.",
    "hour": "Write a time of day, like 09:00.",
    "missing-hour": "The clock skips this time. Write %(before)s or %(after)s.",
    "doubled-hour": "This time comes twice that night. Write %(first)s or %(second)s.",
    "too-far": "This date is too far away. Write one between the years 1900 and 9000.",
    "window": "The end must be later than the start.",
    "deadline": "The deadline must lie between the start and the end of the campaign.",
    "hashtag": "Write one hashtag without spaces, at most 100 characters long.",
    "hashtag-empty": "There is no letter to compare in %(tag)s. Write another spelling.",
    "hashtag-doubled": "The hashtag %(tag)s is there twice: both spellings are compared as"
    " %(key)s.",
    "no-hashtag": "Without a hashtag nothing from %(sources)s can ever match. Name at least one, or"
    " take out these sources.",
    "no-source": "Nothing can come in. Let people send things here, or name a source.",
    "source": "Name a source with small letters, digits and hyphens, like blog-kaai.",
    "source-doubled": "Two sources have this name. Change one of them.",
    "connector": "There is no source of the kind %(connector)s. Choose one of these: %(known)s.",
    "server": "Write the address of the server, like https://mastodon.example.",
    "feed": "Write the address of the feed, like https://blog.example/feed.xml.",
    "setting": "This setting of the source cannot be used. Check it.",
    "kinds": "Choose at least one kind of thing that people may give.",
    "channels": "Choose at least one place where things may be used.",
    "choice": "Choose one of these: %(known)s.",
    "place-doubled": "The place %(place)s is there twice. Take one out.",
    "too-small": "Write a number of %(least)s or more.",
    "too-large": "Write a number of %(most)s or less.",
    "number": "Write a whole number.",
    "too-long": "This is too long. Write at most %(most)s characters.",
    "origin": "Write the address of a site without a path, like https://magazine.example.",
}

#: Places whose every fault has one sentence of its own.
_BY_PLACE: Mapping[str, str] = {
    "campaign": "campaign",
    "tag": "hashtag",
    "source": "source",
    "kinds": "kinds",
    "channels": "channels",
}
_BY_KIND: Mapping[str, str] = {
    "missing": "missing",
    "extra_forbidden": "unknown-word",
    "model_type": "not-a-campaign",
    "literal_error": "choice",
    "string_too_short": "missing",
    "string_too_long": "too-long",
    "greater_than_equal": "too-small",
    "less_than_equal": "too-large",
}


@dataclass(frozen=True)
class Fault:
    """Something to mend: its place in what was written, what is wrong, and the facts of it."""

    place: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def sentence(self) -> str:
        """Give the sentence, with its placeholders, as translations know it."""
        return SENTENCES[self.code]

    def __str__(self) -> str:
        """Say in English where it is and what to do."""
        sentence = self.sentence % self.facts if self.facts else self.sentence
        return f"{self.place or 'campaign'}: {sentence}"


def fault_at(place: str, kind: str, context: Mapping[str, object]) -> Fault:
    """Give the fault for something that cannot be read; `kind` is the checker's own word."""
    last = place.rsplit(".", 1)[-1]
    if kind.startswith("string_pattern") and last in _BY_PLACE:
        return Fault(place, _BY_PLACE[last])
    if kind in _BY_KIND:
        return Fault(place, _BY_KIND[kind], _facts(context))
    for prefix, code in (
        ("datetime", "moment"),
        ("date", "day"),
        ("time", "hour"),
        ("int", "number"),
        ("float", "number"),
    ):
        if kind.startswith(prefix):
            return Fault(place, code)
    return Fault(place, "not-readable")


def _facts(context: Mapping[str, object]) -> dict[str, object]:
    names = {"ge": "least", "le": "most", "max_length": "most", "expected": "known"}
    return {ours: context[theirs] for theirs, ours in names.items() if theirs in context}
