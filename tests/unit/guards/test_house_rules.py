import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house_rules import (
    built_log_calls,
    domain_words,
    foreign_places,
    impurities,
    inline_code,
    junk_names,
    missing_sentences,
)

ROOT = Path(__file__).parents[3]
SERVICES = ROOT / "services"
CODE = [path for top in ("services", "deploy", "docs") for path in (ROOT / top).rglob("*.py")]
#: Migrations and Alembic's own script are run by name, not read as a part of the program.
MIGRATIONS = {"migrations", "versions", "alembic"}

#: Words of the glossary that the chassis may use, with the reason.
ALLOWED_WORDS = {
    # The three buckets and the three public addresses are configured once for all services.
    "settings.py": {"embed", "gallery", "galleries", "moderation", "original", "rendition"},
    "objects.py": {"original", "rendition"},
    # Who is not signed in is sent to the desk's address.
    "web.py": {"moderation"},
}

Rule = Callable[[str], list[str]]


def broken(rule: Rule, paths: list[Path]) -> dict[str, list[str]]:
    """Give each path that breaks a rule with its faults, so that a failure names them all."""
    found = {str(p.relative_to(ROOT)): rule(p.read_text(encoding="utf-8")) for p in paths}
    return {path: faults for path, faults in found.items() if faults}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, check=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    return path.read_bytes().decode(errors="replace")


def test_domains_get_time_chance_and_names_as_arguments() -> None:
    domains = [path for folder in SERVICES.glob("*/domain") for path in folder.rglob("*.py")]

    assert domains
    assert broken(impurities, domains) == {}


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "date.today()",
        "time.time()",
        "uuid4()",
        "uuid.uuid4()",
        "os.urandom(8)",
        "import random",
        "from secrets import token_hex",
        "import time",
    ],
)
def test_a_domain_that_asks_for_itself_is_found(line: str) -> None:
    assert impurities(f"def decide():\n    {line}\n")


def test_a_log_call_has_a_constant_name_and_fields() -> None:
    assert broken(built_log_calls, CODE) == {}


@pytest.mark.parametrize(
    "call",
    [
        'log.info(f"item {item} received")',
        "log.info(message)",
        'log.warning("Item received")',
        'log.error("item.failed: %s", error)',
        'log.info("item.received", who=f"{name} <{mail}>")',
        "log.info()",
    ],
)
def test_a_log_call_that_builds_a_sentence_is_found(call: str) -> None:
    assert built_log_calls(call)


def test_a_log_call_with_fields_is_no_fault() -> None:
    assert built_log_calls('log.info("item.received", item=item, source=source.name)') == []


def test_the_chassis_knows_nothing_of_what_the_services_work_on() -> None:
    chassis = SERVICES / "chassis"
    found = {
        path.name: domain_words(
            path.read_text(encoding="utf-8"), frozenset(ALLOWED_WORDS.get(path.name, ()))
        )
        for path in [*chassis.glob("*.py"), *chassis.glob("templates/*.html")]
    }

    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "text",
    [
        "# The moderator waits for this.",
        "def publish_item(): ...",
        "class CampaignStore: ...",
        '"""Galleries ask here."""',
        "reviews = {}",
    ],
)
def test_a_word_of_the_domain_is_found_in_code_and_prose(text: str) -> None:
    assert domain_words(text)


def test_the_items_of_a_dictionary_are_no_word_of_the_domain() -> None:
    assert domain_words("for name, value in facts.items():") == []


def test_every_allowed_word_is_used() -> None:
    unused = {
        name: sorted(
            word
            for word in words
            if domain_words((SERVICES / "chassis" / name).read_text(encoding="utf-8"))
            == domain_words(
                (SERVICES / "chassis" / name).read_text(encoding="utf-8"), frozenset({word})
            )
        )
        for name, words in ALLOWED_WORDS.items()
    }

    assert {name: words for name, words in unused.items() if words} == {}


def test_no_name_says_nothing_of_what_it_is_for() -> None:
    found = {
        str(path.relative_to(ROOT)): junk_names(path.read_text(encoding="utf-8"), path.stem)
        for path in CODE
    }

    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("", "utils"),
        ("", "string_helpers"),
        ("class ReviewManager: ...", "review"),
        ("class Data: ...", "review"),
        ("def process_common(): ...", "review"),
        ("async def base(): ...", "review"),
    ],
)
def test_a_name_that_says_nothing_is_found(source: str, module: str) -> None:
    assert junk_names(source, module)


def test_every_public_name_begins_with_a_sentence() -> None:
    read = [path for path in CODE if not MIGRATIONS & {part.name for part in path.parents}]

    assert broken(missing_sentences, read) == {}


@pytest.mark.parametrize(
    "source",
    [
        "",
        '"""Store module"""',
        '"""Reviews, kept."""\ndef find(): ...',
        '"""Reviews, kept."""\nclass Review:\n    """the item."""',
        '"""Reviews, kept."""\nasync def find():\n    """Finds."""',
    ],
)
def test_a_missing_sentence_is_found(source: str) -> None:
    assert missing_sentences(source)


def test_no_template_holds_code_that_the_policy_refuses() -> None:
    templates = [path for top in ("services", "deploy") for path in (ROOT / top).rglob("*.html")]

    assert templates
    assert broken(inline_code, templates) == {}


@pytest.mark.parametrize(
    "template",
    [
        '<p style="color: red">',
        '<a class="x"\n   onclick="go()">',
        "<script>go()</script>",
        '<script type="module">go()</script>',
        '<a href="javascript:go()">',
        '<li {% if x > 1 %}class="y"{% endif %} style="--n: {{ n }}">',
    ],
)
def test_inline_code_is_found(template: str) -> None:
    assert inline_code(template)


def test_a_script_of_its_own_file_and_a_comment_are_no_fault() -> None:
    template = """{# no onclick="" here #}<script type="module" src="{{ static('a.js') }}"></script>
        <style nonce="{{ nonce }}">p { color: red }</style><a href="/on?once=1">once</a>"""

    assert inline_code(template) == []


def test_no_tracked_file_names_a_registry_or_somebodys_machine() -> None:
    found = {str(path.relative_to(ROOT)): foreign_places(text_of(path)) for path in tracked()}

    assert {path: places for path, places in found.items() if places} == {}


@pytest.mark.parametrize(
    "text",
    [
        "--index-url https://" + "pypi" + ".org/simple",
        "cd " + "/home" + "/inge/dichtbij",
        'open("' + "/root" + '/notes.txt")',
        "see " + "/work" + "/shared/notes.md",
    ],
)
def test_a_foreign_place_is_found(text: str) -> None:
    assert foreign_places(text)


def test_an_address_below_a_slash_of_our_own_is_no_fault() -> None:
    assert foreign_places("GET https://dichtbij.example/c/work/upload, services/work/x") == []
