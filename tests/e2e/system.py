"""The running system as a person or a program meets it: addresses, a desk, uploads, posts."""

import string
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from deploy.local.stack import Stack
from tests.installation import Installation

#: Everything that `make run` starts, but not its sample story: tests tell their own.
PARTS = (
    "kafka",
    "postgres",
    "s3",
    "migrate",
    "ingest-stream",
    "ingest-web",
    "moderation-stream",
    "moderation-web",
    "gallery-stream",
    "gallery-web",
    "mastodon",
    "sample",
)
CAMPAIGN = "bollekesfeest"
TICKED = {"made": "yes", "licence": "yes", "people": "yes"}


class System:
    """A running stack with everything that tests do to it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.installation = Installation(stack.environment())

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Generator["System"]:
        with Stack(folder, only=PARTS) as stack:
            yield cls(stack)

    def address(self, name: str) -> str:
        return self.installation.environment[f"DICHTBIJ_{name.upper()}_URL"]

    def apply(self, file: Path) -> None:
        written = string.Template(file.read_text()).substitute(self.installation.environment)
        kept = self.stack.root / file.name
        kept.write_text(written)
        answer = self.installation.command("campaign", "apply", str(kept))
        assert answer.returncode == 0, answer.stderr

    def upload(self, client: httpx.Client, photo: bytes, token: str, **form: str) -> httpx.Response:
        request = client.build_request(
            "POST",
            f"{self.address('ingest')}/c/{CAMPAIGN}/upload",
            data={**TICKED, "submission": token, "caption": token, "alt": token, **form},
            files=[("photos", (f"{token}.jpg", photo))],
            headers={"Accept": "application/json"},
        )
        # What staff give themselves, they may not decide about.
        request.headers.pop("cookie", None)
        return client.send(request)

    def published(self, client: httpx.Client) -> list[dict[str, Any]]:
        """All items of the gallery's JSON, page by page."""
        found: list[dict[str, Any]] = []
        address: str | None = f"{self.address('gallery')}/g/{CAMPAIGN}.json"
        while address:
            page = client.get(address).raise_for_status().json()
            found += page["items"]
            address = page["next"]
        return found

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.installation.database_url, autocommit=True) as connection:
            cursor = connection.execute(sql.encode(), parameters)
            return cursor.fetchall() if cursor.description else []


class Desk:
    """A moderator's program: signs in, takes items, decides; tries again while parts restart."""

    def __init__(self, system: System, client: httpx.Client) -> None:
        self._system = system
        self._client = client
        self._csrf = ""

    @property
    def address(self) -> str:
        return self._system.address("moderation")

    @property
    def csrf(self) -> str:
        """What the forms of staff carry."""
        return self._csrf

    def sign_in(self) -> None:
        answer = self._client.post(
            f"{self.address}/sign-in",
            data={"account": "coordinator", "password": self._system.stack.desk_password},
        )
        assert answer.status_code == 303, answer.text
        self._csrf = self._client.get(f"{self.address}/desk/session.json").json()["csrf"]

    def waiting(self, most: int = 24, campaign: str = CAMPAIGN) -> list[dict[str, Any]]:
        answer = self._client.get(
            f"{self.address}/desk/queue.json", params={"campaign": campaign, "lease": most}
        )
        return answer.raise_for_status().json()["items"]

    def decide(
        self, item: str, verb: str, version: int, lease: str | None = None, *reasons: str
    ) -> httpx.Response:
        return self._client.post(
            f"{self.address}/desk/items/{item}/{verb}",
            json={"version": version, "lease": lease, "reasons": list(reasons)},
            headers={"X-CSRF-Token": self._csrf},
        )


def until(question: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Wait for an outcome and give it; says what did not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.1)
    message = f"waited {seconds:.0f} s in vain: {what}"
    raise AssertionError(message)


def waiting(system: System, items: set[str]) -> list[dict[str, Any]]:
    """Those that wait; other tests' photos may fill the first page of the queue."""
    rows = system.rows(
        """select item, version from moderation.review
           where item = any(%s) and state = 'pending' and life = 'live'""",
        list(items),
    )
    return [{"item": item, "version": version, "lease": None} for item, version in rows]


#: Items whose last words ingest or the desk have not seen yet.
_UNSETTLED = """
select i.item from ingest.item i
where i.item = any(%s) and exists (
  select 1 from ingest.event e
  where (e.subject = 'submission-' || i.item and e.type like '%%submission.received%%'
         and (e.data->>'revision')::bigint > i.revision)
     or (e.subject = i.item and e.type like '%%dichtbij.item.%%'
         and not exists (select 1 from moderation.inbox m where m.event_id = e.id::text)))
"""


def approve(system: System, desk: Desk, items: set[str], *, but: int = 0) -> None:
    """Approve all of these but so many, once all that was typed has arrived at the desk."""
    until(lambda: system.rows(_UNSETTLED, list(items)) == [], "all words have arrived", 120)
    done: set[str] = set()
    answers: list[str] = []

    def all_but_some() -> bool:
        for found in waiting(system, items):
            if len(done | {found["item"]}) > len(items) - but:
                break
            answer = desk.decide(found["item"], "approve", found["version"], found["lease"])
            answers.append(f"{answer.status_code} {answer.text[:200]}")
            if answer.status_code == 200:
                done.add(found["item"])
        return len(done) >= len(items) - but

    try:
        until(all_but_some, "the photos are approved", 60)
    except AssertionError as error:
        message = f"{error}; the desk said: {answers[-3:]}"
        raise AssertionError(message) from None
