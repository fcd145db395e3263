import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.messages import LANGUAGES, catalogue, faults, in_code, in_template, of_service, texts_in

SERVICES = Path(__file__).parents[2] / "services"
CHASSIS = SERVICES / "chassis"
NAMES = ("chassis", "ingest", "moderation", "gallery")


def texts_in_dutch(written: str) -> Catalog:
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return read_po(io.BytesIO((head + written).encode()), locale="nl")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_translated(name: str, language: str) -> None:
    texts = of_service(SERVICES / name)
    folders = [SERVICES / name, CHASSIS]

    assert texts
    assert faults(texts, [catalogue(folder, language) for folder in folders]) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_no_translation_is_empty_or_doubtful(name: str, language: str) -> None:
    known = catalogue(SERVICES / name, language)

    assert faults(texts_in(known), [known]) == []


def test_the_languages_of_a_service_translate_the_same_texts() -> None:
    for name in NAMES:
        texts = [texts_in(catalogue(SERVICES / name, x)) for x in LANGUAGES]

        assert texts[0] == texts[1] == texts[2], name


def test_a_missing_translation_is_named() -> None:
    known = texts_in_dutch('msgid "Send"\nmsgstr "Versturen"\n')

    assert faults({"Send", "Wave"}, [known]) == ["missing: Wave"]


def test_a_missing_plural_is_named() -> None:
    texts = {("%(num)s photo", "%(num)s photos")}
    single = texts_in_dutch('msgid "%(num)s photo"\nmsgstr "%(num)s foto"\n')
    half = texts_in_dutch(
        'msgid "%(num)s photo"\nmsgid_plural "%(num)s photos"\n'
        'msgstr[0] "%(num)s foto"\nmsgstr[1] ""\n'
    )

    assert faults(texts, [single]) == faults(texts, [half]) == ["missing: %(num)s photo"]


def test_an_empty_translation_is_missing() -> None:
    assert faults({"Send"}, [texts_in_dutch('msgid "Send"\nmsgstr ""\n')]) == ["missing: Send"]


def test_a_doubtful_translation_is_named() -> None:
    known = texts_in_dutch('#, fuzzy\nmsgid "Send"\nmsgstr "Versturen"\n')

    assert faults({"Send"}, [known]) == ["doubtful: Send"]


@pytest.mark.parametrize(
    ("text", "translated"),
    [("%(n)s s ago", "%(m)s s geleden"), ("Show {n} more", "Toon er meer"), ("All", "Alle {n}")],
)
def test_another_placeholder_is_named(text: str, translated: str) -> None:
    known = texts_in_dutch(f'msgid "{text}"\nmsgstr "{translated}"\n')

    assert faults({text}, [known]) == [f"placeholders: {text}"]


def test_a_text_may_be_translated_by_the_chassis() -> None:
    own, shared = texts_in_dutch(""), texts_in_dutch('msgid "yes"\nmsgstr "ja"\n')

    assert faults({"yes"}, [own, shared]) == []


def test_the_texts_of_a_template_are_found(tmp_path: Path) -> None:
    template = tmp_path / "page.html"
    template.write_text(
        "{% extends 'x.html' %}{{ _('Send') }} {{ _('%(n)s s ago', n=3) }} {{ _(told) }}"
        "{{ ngettext('one photo', '%(num)s photos', 2) }}"
    )

    assert in_template(template) == {"Send", "%(n)s s ago", ("one photo", "%(num)s photos")}


def test_the_sentences_of_code_are_found_and_descriptions_are_not() -> None:
    source = '''
"""A module says what it is for."""

SENTENCES = {"empty": "This file is empty."}


@router.get("/", responses={404: {"description": "There is none."}})
def read():
    """A function does, too."""
    detail = "Choose another one."
    raise Problem(404, "unknown-photo", detail, said=f"That was {n}.")
'''

    assert in_code(source) == {"This file is empty.", "Choose another one."}
