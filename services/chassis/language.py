"""The four languages of the pages: chosen by address or browser, kept in gettext catalogues."""

import gettext
import io
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

#: In the order in which pages offer them; English is what the templates are written in.
LANGUAGES: dict[str, str] = {"nl": "Nederlands", "fr": "Français", "en": "English", "de": "Deutsch"}
DEFAULT_LANGUAGE = "nl"


def choose_language(wanted: str | None, accepted: str) -> str:
    """Choose by the address (`?lang=`), else by the browser's list, else Dutch."""
    if wanted in LANGUAGES:
        return wanted
    weighed: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((float(weight or 1), tag[:2].lower()))
        except ValueError:
            continue
    for weight, tag in sorted(weighed, key=lambda pair: -pair[0]):
        if weight > 0 and tag in LANGUAGES:
            return tag
    return DEFAULT_LANGUAGE


@cache
def translations(language: str, folders: tuple[Path, ...]) -> gettext.NullTranslations:
    """Read every `<language>.po` in each folder, however deep; the later fall back on the earlier.

    So the texts of a part of a service can stand in a file of their own.
    """
    found: gettext.NullTranslations = gettext.NullTranslations()
    for folder in folders:
        for path in sorted(folder.rglob(f"{language}.po")):
            compiled = io.BytesIO()
            with path.open("rb") as text:
                write_mo(compiled, read_po(text, locale=language))
            compiled.seek(0)
            catalogue = gettext.GNUTranslations(compiled)
            catalogue.add_fallback(found)
            found = catalogue
    return found


def moment_in_words(moment: datetime, zone: str, language: str) -> str:
    """Write an instant as people of a language read it, in the local time of a zone."""
    local = moment.astimezone(ZoneInfo(zone))
    locale = "en_GB" if language == "en" else language
    return f"{format_date(local, 'full', locale)}, {local:%H:%M}"


def moment_in_short(moment: datetime, zone: str, language: str) -> str:
    """Write an instant shortly with its day of the week, such as "ma 4 jan 2027 09:00"."""
    locale = "en_GB" if language == "en" else language
    return format_datetime(moment, "EEE d MMM y HH:mm", ZoneInfo(zone), locale)


def moment_to_the_second(moment: datetime, zone: str, language: str) -> str:
    """Write an instant to the second with a short date, such as "4 jan 14:03:12"."""
    locale = "en_GB" if language == "en" else language
    return format_datetime(moment, "d MMM HH:mm:ss", ZoneInfo(zone), locale)


def span_in_words(span: timedelta, language: str) -> str:
    """Write how long ago something was, or in how long it will be."""
    locale = "en_GB" if language == "en" else language
    return format_timedelta(span, add_direction=True, locale=locale)
