"""The rules of the house that no tool knows: each lists the places where a text breaks it."""

import ast
import re
from collections.abc import Iterator

#: What a decision may not ask for itself: it gets the time, chance and new names as arguments.
_IMPURE = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "sleep"},
    "uuid": {"uuid1", "uuid4"},
    "os": {"urandom", "getenv"},
}
_IMPURE_NAMES = {"uuid1", "uuid4", "urandom", "token_hex", "token_urlsafe", "perf_counter"}
_IMPURE_MODULES = {"random", "secrets", "time"}

_LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
_EVENT_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)+")

_JUNK = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "processor"}
#: Too vague to be a whole name, though it says something as a part of one.
_VAGUE = _JUNK | {"base", "data", "stuff", "tools", "handler"}

#: Words of the glossary that name what the services work on, never what they stand on.
_DOMAIN_WORDS = {
    *("appeal", "attachment", "author", "campaign", "connector", "curator", "embed", "gallery"),
    *("galleries", "hashtag", "item", "moderation", "moderator", "original", "photo", "placement"),
    *("rendition", "retraction", "review", "submission", "takedown"),
}

_INLINE = (
    (re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE), "an inline style"),
    (re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE), "an inline event handler"),
    (re.compile(r"<script(?![^>]*\ssrc\s*=)[^>]*>", re.IGNORECASE), "an inline script"),
    (re.compile(r"[\"']\s*javascript:", re.IGNORECASE), "a javascript: address"),
)
_COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)

# Put together here, so that this file does not hold what it looks for.
_REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("detsohnohtyp"[::-1], "org"),
        ("npmjs", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("proxy", "golang", "org"),
        ("registry-1", "docker", "io"),
        ("deb", "debian", "org"),
    )
)
_HOMES = "home|Users|root|work|mnt"
_MACHINE_PATH = re.compile(rf"(?<![\w./~-])/(?:{_HOMES})/[\w.-]+")


def impurities(source: str) -> list[str]:
    """List where code asks the clock, chance or its surroundings by itself."""
    return [f"line {node.lineno}: {said}" for node, said in _impure_nodes(ast.parse(source))]


def _impure_nodes(tree: ast.Module) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for name in names:
                    if name.name in _IMPURE_MODULES:
                        yield node, f"imports {name.name}"
            case ast.ImportFrom(module=str(module)) if module in _IMPURE_MODULES:
                yield node, f"imports from {module}"
            case ast.Call(func=ast.Attribute(value=value, attr=name)):
                owner = ast.unparse(value).rpartition(".")[2]
                if name in _IMPURE.get(owner, ()):
                    yield node, f"calls {owner}.{name}()"
            case ast.Call(func=ast.Name(id=name)) if name in _IMPURE_NAMES:
                yield node, f"calls {name}()"
            case _:
                pass


def built_log_calls(source: str) -> list[str]:
    """List log calls whose event is not a constant dotted name, or that build a sentence."""
    faults: list[str] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level), args=args):
                if level in _LEVELS and not _is_event_name(args):
                    faults.append(f"line {node.lineno}: {ast.unparse(node)[:80]}")
                elif any(isinstance(k.value, ast.JoinedStr) for k in node.keywords):
                    faults.append(f"line {node.lineno}: a field is built by hand")
            case _:
                pass
    return faults


def _is_event_name(args: list[ast.expr]) -> bool:
    match args:
        case [ast.Constant(value=str(name))]:
            return _EVENT_NAME.fullmatch(name) is not None
        case _:
            return False


def domain_words(text: str, allowed: frozenset[str] = frozenset()) -> list[str]:
    """List the words of the glossary that a text of the chassis uses, in code and in prose."""
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        # A dictionary's items are Python's word, not ours.
        spelled = re.sub(r"\.items\(", "(", line)
        words = re.findall(r"[A-Z]?[a-z]+", spelled)
        found = {w.lower() for w in words} | {w.lower().removesuffix("s") for w in words}
        faults += [f"line {number}: {word}" for word in sorted((found & _DOMAIN_WORDS) - allowed)]
    return faults


def junk_names(source: str, module: str) -> list[str]:
    """List a module's name, and those in it, that say nothing of what they are for."""
    names = [module]
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                names.append(name)
            case ast.AsyncFunctionDef(name=name):
                names.append(name)
            case _:
                pass
    return [name for name in names if _is_junk(name)]


def _is_junk(name: str) -> bool:
    parts = [part.lower() for part in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)]
    return any(part in _JUNK for part in parts) or (len(parts) == 1 and parts[0] in _VAGUE)


def missing_sentences(source: str) -> list[str]:
    """List the module, public classes and public functions that do not begin with a sentence."""
    tree = ast.parse(source)
    found: list[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]] = [
        ("the module", tree)
    ]
    found += [
        (node.name, node)
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
    ]
    return [name for name, node in found if not _is_sentence(ast.get_docstring(node) or "")]


def _is_sentence(docstring: str) -> bool:
    first = " ".join(docstring.split("\n\n", maxsplit=1)[0].split())
    return bool(re.match(r"[A-Z`0-9]\S*( \S+)+[.]$", first))


def inline_code(template: str) -> list[str]:
    """List the inline styles, handlers and scripts that the content security policy refuses."""
    bare = _EXPRESSION.sub("x", _COMMENT.sub("", template))
    return [said for pattern, said in _INLINE if pattern.search(bare)]


def foreign_places(text: str) -> list[str]:
    """List the hosts of package registries and the paths of somebody's machine in a text."""
    return [
        *(host for host in _REGISTRIES if host in text),
        *(found.group() for found in _MACHINE_PATH.finditer(text)),
    ]
