"""A server as Mastodon is one, in small: it verifies links in the same way, and can lie.

Mastodon asks for the page of a profile link when the profile is saved, and marks the link verified
only if the page has an `a` or `link` with rel="me" to the profile's own address.
"""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx


class _Links(HTMLParser):
    """The addresses of a page that are linked to with rel="me"."""

    def __init__(self) -> None:
        super().__init__()
        self.mine: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag in {"a", "link"} and "me" in (known.get("rel") or "").split():
            self.mine.add((known.get("href") or "").lower())


class SmallMastodon:
    """What the server says: accounts by name, their posts, and whom it names by WebFinger."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.accounts: dict[str, dict[str, Any]] = {}
        self.posts: list[dict[str, Any]] = []
        self.fingers: dict[str, str] = {}
        self.signed_in = ""
        self.while_asked: Callable[[], object] = lambda: None

    def join(self, name: str, **told: object) -> None:
        """Give somebody an account; `told` is what the server says of it instead of the truth."""
        own: dict[str, Any] = {
            "id": name,
            "acct": name,
            "url": f"{self.address}/@{name}",
            "fields": [],
        }
        self.accounts[name] = own | {"uri": f"{self.address}/users/{name}"} | told

    def post(self, name: str, text: str) -> None:
        """Post something from an account."""
        made = datetime.now(UTC).isoformat()
        self.posts.append({"account": {"id": name}, "content": text, "created_at": made})

    def save_link(self, name: str, address: str) -> bool:
        """Save a link in a profile, and say whether the server then shows a tick beside it."""
        page = httpx.get(address, headers={"Accept": "text/html"}, follow_redirects=True)
        links = _Links()
        links.feed(page.text if page.status_code == 200 else "")
        ticked = self.accounts[name]["url"].lower() in links.mine
        value = f'<a href="{address}" rel="nofollow noopener me"><span>{address}</span></a>'
        verified_at = datetime.now(UTC).isoformat() if ticked else None
        self.accounts[name]["fields"] = [
            {"name": "site", "value": value, "verified_at": verified_at}
        ]
        return ticked

    def name_elsewhere(self, name: str, actor: str) -> None:
        """Say that a name of this domain is an account at another server."""
        self.fingers[f"acct:{name}@{urlsplit(self.address).netloc}"] = actor

    def answer(self, path: str) -> object:
        """Answer a question; None when there is nothing."""
        parts = urlsplit(path)
        asked = {name: value[0] for name, value in parse_qs(parts.query).items()}
        if parts.path.endswith("/accounts/lookup"):
            self.while_asked()
        actor = self.fingers.get(asked.get("resource", ""))
        link = {"rel": "self", "type": "application/activity+json", "href": actor}
        answers: dict[str, object] = {
            "webfinger": {"links": [link]} if actor else None,
            "lookup": self.accounts.get(asked.get("acct", "")),
            "verify_credentials": self.accounts.get(self.signed_in),
            "statuses": self.posts,
            "apps": {"client_id": "c", "client_secret": "s"},
            "token": {"access_token": "t"},
        }
        return answers.get(parts.path.rsplit("/", 1)[1])


@contextmanager
def a_small_mastodon() -> Generator[SmallMastodon]:
    """Start such a server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer()

        def _answer(self) -> None:
            found = small.answer(self.path)
            body = json.dumps({"error": "Record not found"} if found is None else found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        small = SmallMastodon(f"http://127.0.0.1:{listening.server_port}")
        thread = Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield small
        listening.shutdown()
        thread.join()


def the_way_back(page_address: str) -> str:
    """Give the address to which a server sends somebody who signed in there."""
    asked = {name: value[0] for name, value in parse_qs(urlsplit(page_address).query).items()}
    return f"{asked['redirect_uri']}?{urlencode({'code': 'x', 'state': asked['state']})}"
