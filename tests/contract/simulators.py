"""Servers of others in small, whose posts come, change and go, and which can be out of order."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from services.ingest.domain.connector import Fetched, FetchFailedError

START = datetime(2026, 8, 21, 18, 0, tzinfo=UTC)


@dataclass
class Post:
    number: int
    text: str
    tags: list[str]
    made: str
    edited: str | None = None
    visibility: str = "public"
    photo: str | None = None


@dataclass
class Simulator:
    """What all of them can do; `failure` and `body` replace every answer, `page_failure` some."""

    posts: dict[int, Post] = field(default_factory=dict[int, Post])
    failure: FetchFailedError | None = None
    body: bytes | None = None
    page_failure: int | None = None
    asked: list[str] = field(default_factory=list[str])
    clock: datetime = START

    def post(self, text: str = "Hallo", tags: tuple[str, ...] = ("Bollekesfeest",)) -> Post:
        number = max(self.posts, default=0) + 1
        made = (START - timedelta(hours=5) + timedelta(minutes=number)).isoformat()
        self.posts[number] = Post(number, f"{text} {number}", list(tags), made)
        return self.posts[number]

    def edit(self, post: Post, text: str) -> None:
        post.text = text
        post.edited = self.clock.isoformat()

    def delete(self, post: Post) -> None:
        del self.posts[post.number]

    async def __call__(self, url: str, **options: Any) -> Fetched:
        self.asked.append(url)
        if self.failure:
            raise self.failure
        if self.body is not None:
            return Fetched(url, 200, {}, self.body)
        return self.answer(url, options.get("headers", {}))

    def answer(self, url: str, _: dict[str, str], /) -> Fetched:
        raise NotImplementedError

    def native_id(self, post: Post) -> str:
        raise NotImplementedError


class FeedSimulator(Simulator):
    """A blog with an RSS feed of its newest 30 posts, newest first."""

    settings: dict[str, Any] = {"url": "https://blog.example/feed"}  # noqa: RUF012
    longest = 30

    def native_id(self, post: Post) -> str:
        return f"urn:post:{post.number}"

    def answer(self, url: str, headers: dict[str, str], /) -> Fetched:
        path = urlsplit(url).path
        if path != "/feed":
            number = int(path.removeprefix("/posts/"))
            if self.page_failure:
                raise FetchFailedError(self.page_failure)
            if number not in self.posts:
                raise FetchFailedError(404)
            return Fetched(url, 200, {}, b"<html></html>")
        content = self._document().encode()
        etag = f'"{hash(content)}"'
        if headers.get("If-None-Match") == etag:
            return Fetched(url, 304, {"etag": etag}, b"")
        return Fetched(url, 200, {"etag": etag}, content)

    def _document(self) -> str:
        newest = sorted(self.posts.values(), key=lambda p: p.number, reverse=True)
        items = "".join(self._item(post) for post in newest[: self.longest])
        return f'<rss version="2.0"><channel><title>B</title>{items}</channel></rss>'

    def _item(self, post: Post) -> str:
        categories = "".join(f"<category>{escape(tag)}</category>" for tag in post.tags)
        return (
            f"<item><guid isPermaLink='false'>{self.native_id(post)}</guid>"
            f"<link>https://blog.example/posts/{post.number}</link>{categories}"
            f"<description>{escape(post.text)}</description>"
            f"<pubDate>{escape(post.made)}</pubDate></item>"
        )


class MastodonSimulator(Simulator):
    """A server with one account, that can do without the question for many statuses.

    `tells_all` answers that question with everything there is.
    """

    settings: dict[str, Any] = {"server": "https://mastodon.example"}  # noqa: RUF012
    at_once = True
    tells_all = False

    def native_id(self, post: Post) -> str:
        return f"https://mastodon.example/users/noor/statuses/{post.number}"

    def answer(self, url: str, _: dict[str, str], /) -> Fetched:
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/api/v1/timelines/tag/"):
            return self._timeline(url, unquote(parts.path.rsplit("/", 1)[1]), query)
        if parts.path == "/api/v1/statuses":
            if not self.at_once:
                raise FetchFailedError(404)
            asked = [int(number) for number in parse_qs(parts.query)["id[]"]]
            numbers = list(self.posts) if self.tells_all else asked
            found = [self._status(self.posts[n]) for n in numbers if n in self.posts]
            return Fetched(url, 200, {}, json.dumps(found).encode())
        number = int(parts.path.rsplit("/", 1)[1])
        if self.page_failure:
            raise FetchFailedError(self.page_failure)
        if number not in self.posts:
            raise FetchFailedError(404)
        return Fetched(url, 200, {}, json.dumps(self._status(self.posts[number])).encode())

    def _timeline(self, url: str, tag: str, query: dict[str, str]) -> Fetched:
        limit = int(query["limit"])
        wanted = [
            post
            for post in sorted(self.posts.values(), key=lambda p: p.number)
            if tag.casefold() in {t.casefold() for t in post.tags}
        ]
        if "min_id" in query:
            page = [post for post in wanted if post.number > int(query["min_id"])][:limit]
        else:
            below = int(query.get("max_id", 10**9))
            page = [post for post in wanted if post.number < below][-limit:]
        headers: dict[str, str] = {}
        if page:
            # The host is a trap: only the mark may be taken from it.
            base = "https://elsewhere.example/api"
            headers["link"] = (
                f'<{base}?limit=40&max_id={page[0].number}>; rel="next", '
                f'<{base}?limit=40&min_id={page[-1].number}>; rel="prev"'
            )
        body = json.dumps([self._status(post) for post in reversed(page)])
        return Fetched(url, 200, headers, body.encode())

    def _status(self, post: Post) -> dict[str, Any]:
        return {
            "id": str(post.number),
            "uri": self.native_id(post),
            "url": f"https://mastodon.example/@noor/{post.number}",
            "created_at": post.made,
            "edited_at": post.edited,
            "visibility": post.visibility,
            "account": {"acct": "noor", "url": "https://mastodon.example/@noor"},
            "content": f"<p>{escape(post.text)}</p>",
            "tags": [{"name": tag} for tag in post.tags],
            "media_attachments": [{"type": "image", "url": post.photo}] if post.photo else [],
        }


SIMULATORS: dict[str, type[FeedSimulator] | type[MastodonSimulator]] = {
    "feed": FeedSimulator,
    "mastodon": MastodonSimulator,
}
