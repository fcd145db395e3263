"""People as a campaign maker types them: one on a line, with their address and language.

Errors: UnreadablePeopleError, with a sentence for each line to mend (`people_words`).
"""

import re
from dataclasses import dataclass
from unicodedata import normalize

from services.ingest.domain.people_words import WORDS

#: What a line may say of somebody's language; the languages of the pages.
_LANGUAGES = ("nl", "fr", "en", "de")
#: No more than this may be planned by one form: a year of weeks, and some.
MOST_PEOPLE = 60
_LONGEST_NAME = 120
#: An address as mail servers take it, as far as can be said without asking one (RFC 5321, 4.1.2).
_MAIL = re.compile(r"[^\s@;,<>\"]{1,64}@[^\s@;,<>\"]{1,190}\.[^\s@;,<>\".]{2,63}")
#: How an account at the desk can be called; the desk has the same rule.
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._@-]{0,79}")


@dataclass(frozen=True)
class Invitee:
    """Somebody to invite: the name that readers will see, the address, the language of letters."""

    name: str
    mail: str = ""
    language: str = "nl"


class UnreadablePeopleError(ValueError):
    """Lines cannot be read; `lines` are their numbers, 0 for all of them, with a sentence each."""

    def __init__(self, lines: tuple[tuple[int, str], ...]) -> None:
        """List every line to mend, so that nobody has to try twice."""
        super().__init__(" ".join(sentence for _, sentence in lines))
        self.lines = lines


def is_mail(written: str) -> bool:
    """Say whether this can be a mail address."""
    return _MAIL.fullmatch(written) is not None


def is_account(written: str) -> bool:
    """Say whether an account at the desk can be called so; whether there is one, the desk knows."""
    return _ACCOUNT.fullmatch(written) is not None


def read_people(written: str) -> tuple[Invitee, ...]:
    """Read lines such as `Fatima Amrani; fatima@example.org; fr`, address and language optional.

    A line of a single dash leaves its turn free. Raises UnreadablePeopleError.
    """
    faults: list[tuple[int, str]] = []
    people: list[Invitee] = []
    for number, line in enumerate(filter(str.strip, written.splitlines()), start=1):
        found = _read(line.strip())
        if isinstance(found, str):
            faults.append((number, found))
        elif any(_same(found, person) for person in people):
            faults.append((number, WORDS["twice"]))
        else:
            people.append(found)
    if len(people) > MOST_PEOPLE:
        faults.append((0, WORDS["too-many"]))
    if faults:
        raise UnreadablePeopleError(tuple(faults))
    return tuple(people)


def same_name(one: str, other: str) -> bool:
    """Say whether two names differ in nothing but spaces and capitals."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(normalize("NFC", name).casefold().split())


def _same(one: Invitee, other: Invitee) -> bool:
    return bool(one.mail) and one.mail == other.mail and same_name(one.name, other.name)


def _read(line: str) -> Invitee | str:
    if line == "-":
        return Invitee("")
    parts = [part.strip() for part in re.split(r"[;\t]", line)]
    if len(parts) == 1 and "," in line and "@" in line:
        parts = [part.strip() for part in line.split(",")]
    name, rest = " ".join(parts[0].split()), [part for part in parts[1:] if part]
    mails = [part for part in rest if "@" in part]
    languages = [part.lower() for part in rest if part.lower() in _LANGUAGES]
    if not name or len(name) > _LONGEST_NAME or "@" in name:
        return WORDS["name"]
    if len(rest) > len(mails[:1]) + len(languages[:1]):
        return WORDS["parts"]
    if mails and not is_mail(mails[0]):
        return WORDS["mail"]
    return Invitee(name, mails[0].lower() if mails else "", languages[0] if languages else "nl")
