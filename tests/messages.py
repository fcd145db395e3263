"""The English texts that people read, found in templates and code, and their translations."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

LANGUAGES = ("nl", "fr", "de")

#: A text, or the two that English has for one and for many.
Text = str | tuple[str, str]

_FUNCTIONS = ("_", "gettext", "ngettext")
_OPTIONS = {"extensions": "jinja2.ext.i18n,jinja2.ext.do"}
_SENTENCE = re.compile(r"[A-Z]\S* .*[.!?]", re.DOTALL)
#: What describes the API to programmers, in English only.
_FOR_PROGRAMMERS = {"description", "summary", "responses", "title"}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")


def in_template(path: Path) -> set[Text]:
    """Give the texts of a template."""
    found: set[Text] = set()
    with path.open("rb") as file:
        for _, function, message, _ in babel_extract(file, _FUNCTIONS, [], _OPTIONS):
            parts = [message] if isinstance(message, str) else [str(m) for m in message or () if m]
            if function == "ngettext":
                found.add((parts[0], parts[1]))
            else:
                found |= set(parts)
    return found


def in_code(source: str) -> set[str]:
    """Give the sentences of a module that people may read: all but docstrings and descriptions."""
    return {text for text in _constants(ast.parse(source)) if _SENTENCE.fullmatch(text)}


def in_errors(source: str) -> set[str]:
    """Give the sentences that a module's errors say: pages show them in the reader's language."""
    errors = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ClassDef))
    said = (text for error in errors if error.name.endswith("Error") for text in _constants(error))
    return {text for text in said if _SENTENCE.fullmatch(text)}


def _constants(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr() | ast.Expr(value=ast.Constant()):
            return
        case ast.keyword(arg=str(name)) if name in _FOR_PROGRAMMERS:
            return
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _constants(child)


def of_service(folder: Path) -> set[Text]:
    """Give all texts that a service's pages show: of its templates, its routes and its words."""
    found: set[Text] = set()
    for template in (folder / "templates").rglob("*.*"):
        found |= in_template(template)
    modules = [
        *(folder / "api").rglob("*.py"),
        *folder.glob("web.py"),
        *(folder / "domain").rglob("*_words.py"),
    ]
    for module in modules:
        found |= in_code(module.read_text(encoding="utf-8"))
    for module in (folder / "domain").glob("*.py"):
        found |= in_errors(module.read_text(encoding="utf-8"))
    return found


def catalogue(folder: Path, language: str) -> Catalog:
    """Read a service's texts in one language, from all files that they stand in."""
    found = Catalog(locale=language)
    for path in sorted((folder / "locale").rglob(f"{language}.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    found[message.id] = message
    return found


def faults(texts: Iterable[Text], catalogues: Iterable[Catalog]) -> list[str]:
    """List the texts that are not translated, are doubtful, or lose or gain a placeholder."""
    found: list[str] = []
    known = list(catalogues)
    for text in sorted(texts, key=str):
        ids = (text,) if isinstance(text, str) else text
        message = next((m for c in known if (m := c.get(ids[0])) is not None), None)
        forms = () if message is None else _forms(message)
        if message is None or not all(forms) or (len(ids) > 1) != message.pluralizable:
            found.append(f"missing: {ids[0]}")
        elif message.fuzzy:
            found.append(f"doubtful: {ids[0]}")
        elif not all(_has_its_places(form, ids) for form in forms):
            found.append(f"placeholders: {ids[0]}")
    return found


def texts_in(known: Catalog) -> set[Text]:
    """Give the texts that a catalogue translates."""
    return {_id_of(message) for message in known if message.id}


def _id_of(message: Message) -> Text:
    if isinstance(message.id, str):
        return message.id
    one, many = message.id
    return one, many


def _forms(message: Message) -> tuple[str, ...]:
    written = message.string or ""
    return (written,) if isinstance(written, str) else tuple(written)


def _has_its_places(form: str, ids: tuple[str, ...]) -> bool:
    """Whether a translation has the placeholders of the text; one thing may go without a number."""
    places = sorted(_PLACEHOLDER.findall(form))
    return any(places == sorted(_PLACEHOLDER.findall(text)) for text in ids)
