"""Everything the sample says to the running services: the only place that knows their addresses."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from deploy.sample.photos import SamplePhoto
    from deploy.sample.settings import SampleSettings

CAMPAIGN = "bollekesfeest"
#: Sent with every photo: the same one is the same submission, however often it is handed in.
SUBMISSION = "sample-bollekesfeest-{number:04d}"

PATIENCE = 90.0
STEP = 0.3
LEASED_AT_ONCE = 24
NOT_LOOKED_AT = "received"
WAITING = "waiting"


class StoryError(RuntimeError):
    """The services did not do what the story needs."""

    def __init__(self, deed: str, why: str) -> None:
        super().__init__(f"Could not {deed}: {why}")
        self.deed = deed
        self.why = why


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A photo that ingest has taken: its number, its receipt and the item it became."""

    number: int
    receipt: str
    item: str
    state: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the story wants decided about an item."""

    item: str
    reasons: tuple[str, ...] = ()


class Story:
    """Talks to ingest as a contributor, to the desk as a moderator, to Mastodon as a citizen."""

    def __init__(
        self, settings: SampleSettings, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._settings = settings
        self._http = httpx.Client(
            timeout=30, headers={"Accept": "application/json"}, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    # As a contributor

    def hand_in(self, number: int, photo: SamplePhoto) -> str:
        """Send one photo through the upload form; answers its receipt, a path at ingest."""
        address = f"{self._settings.ingest_url}/c/{CAMPAIGN}/upload"
        boxes = dict.fromkeys(("made", "licence", "people"), "yes")
        words = {"alt": photo.alt, "caption": photo.caption, "name": photo.author}
        token = {"submission": SUBMISSION.format(number=number)}
        files = [("photos", (photo.filename, photo.content, "image/jpeg"))]
        for _ in patiently():
            answer = self._http.post(address, data={**boxes, **words, **token}, files=files)
            # Just after it is applied, a campaign is not known everywhere yet.
            if answer.status_code != HTTPStatus.NOT_FOUND:
                receipt = str(_json(answer, "hand a photo in")["receipt"])
                # Kept without its host: the next run may find ingest on another port.
                return httpx.URL(receipt).path
        deed = "hand a photo in"
        raise StoryError(deed, f"{address} is not there.")

    def look_up(self, number: int, receipt: str) -> HandedIn | None:
        """Ask what became of a photo; nothing where its receipt is not known."""
        answer = self._http.get(f"{self._settings.ingest_url}{receipt}.json")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        [item] = _json(answer, "read a receipt")["items"]
        return HandedIn(number, receipt, str(item["item"]), str(item["state"]))

    def await_queue(self, receipts: dict[int, str]) -> list[HandedIn]:
        """Wait until the desk has seen all photos, or nearly: what takes too long is left out."""
        seen: dict[int, HandedIn] = {}
        for _ in patiently():
            for number in receipts.keys() - seen.keys():
                found = self.look_up(number, receipts[number])
                if found and found.state != NOT_LOOKED_AT:
                    seen[number] = found
            if len(seen) == len(receipts):
                break
        return [seen[number] for number in sorted(seen)]

    # As a moderator

    def sign_in(self) -> str:
        """Sign in at the desk; answers the token that decisions must carry."""
        desk = self._settings.moderation_url
        words = {"account": self._settings.desk_user, "password": self._settings.desk_password}
        answer = self._http.post(f"{desk}/sign-in", data=words)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            deed, why = "sign in at the desk", "the password it first had was changed."
            raise StoryError(deed, why)
        return str(_json(self._http.get(f"{desk}/desk/session.json"), "sign in")["csrf"])

    def decide(self, csrf: str, verdicts: Sequence[Verdict]) -> int:
        """Approve and reject what is still waiting; answers how many were decided."""
        wanted = {verdict.item: verdict for verdict in verdicts}
        decided = 0
        for _ in patiently():
            if not wanted:
                break
            taken = self._queue()
            for waiting in taken:
                if verdict := wanted.pop(str(waiting["item"]), None):
                    self._judge(csrf, verdict, waiting)
                    decided += 1
            self._release(csrf, [str(waiting["lease"]) for waiting in taken])
        return decided

    def _queue(self) -> list[dict[str, Any]]:
        asked = {"campaign": CAMPAIGN, "lease": LEASED_AT_ONCE}
        answer = self._http.get(f"{self._settings.moderation_url}/desk/queue.json", params=asked)
        return list(_json(answer, "read the queue")["items"])

    def _judge(self, csrf: str, verdict: Verdict, waiting: dict[str, Any]) -> None:
        deed = "reject" if verdict.reasons else "approve"
        wish = {"version": waiting["version"], "lease": waiting["lease"]}
        answer = self._http.post(
            f"{self._settings.moderation_url}/desk/items/{verdict.item}/{deed}",
            json={**wish, "reasons": list(verdict.reasons)},
            headers={"X-CSRF-Token": csrf},
        )
        # Somebody at the desk may have been quicker: theirs counts.
        if answer.status_code != HTTPStatus.CONFLICT:
            _json(answer, f"{deed} a photo")

    def _release(self, csrf: str, leases: Sequence[str]) -> None:
        """Let go of the queue, so that whoever opens the desk now finds something to decide."""
        self._http.post(
            f"{self._settings.moderation_url}/desk/leases/release",
            data={"tokens": ",".join(leases)},
            headers={"X-CSRF-Token": csrf},
        )

    # As a citizen on a Mastodon-compatible server

    def post_status(self, text: str, photo: SamplePhoto, key: str, token: str) -> str:
        """Post a photo with its description; the same key is the same post."""
        server = self._settings.mastodon_url
        signed = {"Authorization": f"Bearer {token}"}
        files = {"file": (photo.filename, photo.content, "image/jpeg")}
        answer = self._http.post(
            f"{server}/api/v2/media", headers=signed, files=files, data={"description": photo.alt}
        )
        media = str(_json(answer, "send a photo to Mastodon")["id"])
        answer = self._http.post(
            f"{server}/api/v1/statuses",
            headers={**signed, "Idempotency-Key": key},
            json={"status": text, "media_ids": [media], "visibility": "public", "language": "nl"},
        )
        return str(_json(answer, "post on Mastodon")["id"])


def _json(answer: httpx.Response, deed: str) -> dict[str, Any]:
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        text = answer.text[:300].strip()
        raise StoryError(deed, f"{answer.status_code} from {answer.url}. {text}")
    return dict(answer.json())


def patiently(
    patience: float = PATIENCE,
    *,
    clock: Callable[[], float] = time.monotonic,
    rest: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Try now and then, for so long and no longer."""
    until = clock() + patience
    while True:
        yield
        if clock() >= until:
            return
        rest(STEP)
