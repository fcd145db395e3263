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


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn to plan: somebody as `name; address`, from when to when in local time."""

    person: str
    starts: str
    ends: str


class Story:
    """Talks to ingest as a contributor, to the desk as a moderator, to Mastodon as a citizen."""

    def __init__(
        self, settings: SampleSettings, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._settings = settings
        # Those who give and those who decide have browsers of their own: what a moderator gives
        # themself, they may not decide about.
        accept = {"Accept": "application/json"}
        self._http = httpx.Client(timeout=30, headers=accept, transport=transport)
        self._desk = httpx.Client(timeout=30, headers=accept, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()
        self._desk.close()

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
        answer = self._desk.post(f"{desk}/sign-in", data=words)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            deed, why = "sign in at the desk", "the password it first had was changed."
            raise StoryError(deed, why)
        return str(_json(self._desk.get(f"{desk}/desk/session.json"), "sign in")["csrf"])

    def decide(self, csrf: str, verdicts: Sequence[Verdict], campaign: str = CAMPAIGN) -> int:
        """Approve and reject what is still waiting; answers how many were decided."""
        wanted = {verdict.item: verdict for verdict in verdicts}
        decided = 0
        for _ in patiently():
            if not wanted:
                break
            taken = self._queue(campaign)
            for waiting in taken:
                if verdict := wanted.pop(str(waiting["item"]), None):
                    self._judge(csrf, verdict, waiting)
                    decided += 1
            self._release(csrf, [str(waiting["lease"]) for waiting in taken])
        return decided

    def _queue(self, campaign: str) -> list[dict[str, Any]]:
        asked = {"campaign": campaign, "lease": LEASED_AT_ONCE}
        answer = self._desk.get(f"{self._settings.moderation_url}/desk/queue.json", params=asked)
        return list(_json(answer, "read the queue")["items"])

    def _judge(self, csrf: str, verdict: Verdict, waiting: dict[str, Any]) -> None:
        deed = "reject" if verdict.reasons else "approve"
        wish = {"version": waiting["version"], "lease": waiting["lease"]}
        answer = self._desk.post(
            f"{self._settings.moderation_url}/desk/items/{verdict.item}/{deed}",
            json={**wish, "reasons": list(verdict.reasons)},
            headers={"X-CSRF-Token": csrf},
        )
        # Somebody at the desk may have been quicker: theirs counts.
        if answer.status_code != HTTPStatus.CONFLICT:
            _json(answer, f"{deed} a photo")

    def _release(self, csrf: str, leases: Sequence[str]) -> None:
        """Let go of the queue, so that whoever opens the desk now finds something to decide."""
        self._desk.post(
            f"{self._settings.moderation_url}/desk/leases/release",
            data={"tokens": ",".join(leases)},
            headers={"X-CSRF-Token": csrf},
        )

    # As the campaign maker

    def plan(self, csrf: str, campaign: str, turn: Turn) -> str:
        """Put somebody on the calendar; answers the id of their mandate."""
        address = f"{self._settings.ingest_url}/manage/campaigns/{campaign}/mandates"
        form = {"csrf": csrf, "how": "together", "people": turn.person, "overlap": "yes"}
        times = {"starts": turn.starts, "ends": turn.ends}
        answer = self._desk.post(address, data={**form, **times})
        return str(_json(answer, "plan a turn")["mandates"][0])

    def invite(self, csrf: str, mandate: str) -> str:
        """Invite somebody; answers the path of their private link at ingest."""
        address = f"{self._settings.ingest_url}/manage/mandates/{mandate}/invite"
        answer = self._desk.post(address, data={"csrf": csrf})
        return httpx.URL(str(_json(answer, "invite a curator")["link"])).path

    def introduce(self, csrf: str, mandate: str, person: str, intro: str) -> None:
        """Say who somebody is, as readers see it."""
        name, mail = (part.strip() for part in person.split(";")[:2])
        address = f"{self._settings.ingest_url}/manage/mandates/{mandate}/curator"
        self._desk.post(address, data={"csrf": csrf, "name": name, "mail": mail, "intro": intro})

    def end_at(self, csrf: str, mandate: str, starts: str, ends: str) -> bool:
        """Let a mandate end at another time; says whether it could."""
        address = f"{self._settings.ingest_url}/manage/mandates/{mandate}/move"
        answer = self._desk.post(address, data={"csrf": csrf, "starts": starts, "ends": ends})
        return answer.status_code < HTTPStatus.BAD_REQUEST

    def wait_in_line(self, csrf: str, campaign: str, people: str) -> None:
        """Put people on the waiting list."""
        address = f"{self._settings.ingest_url}/manage/campaigns/{campaign}/waiting"
        self._desk.post(address, data={"csrf": csrf, "people": people})

    # As a curator, by a private link

    def accept(self, link: str, mandate: str) -> None:
        """Say yes to a turn."""
        form = {"mandate": mandate, "made": "yes", "channel": ["web", "wall"], "way": "link"}
        answer = self._http.post(f"{self._settings.ingest_url}{link}/accept", data=form)
        _json(answer, "say yes to a turn")

    def give(self, link: str, mandate: str, photos: Sequence[SamplePhoto]) -> None:
        """Give photos for a turn; one that was given before is known."""
        for photo in photos:
            form = {"mandate": mandate, "alt": photo.alt, "line": photo.caption}
            files = [("photos", (photo.filename, photo.content, "image/jpeg"))]
            address = f"{self._settings.ingest_url}{link}/photos"
            _json(self._http.post(address, data=form, files=files), "give a photo")

    def arrange(self, link: str, mandate: str, deed: str) -> None:
        """Do something about a series, such as saying that it is done."""
        version = next(
            (turn["version"] for turn in self.turns(link) if turn["mandate"] == mandate), 0
        )
        address = f"{self._settings.ingest_url}{link}/mandates/{mandate}"
        _json(self._http.post(address, data={"do": deed, "seen": version}), "arrange a series")

    def leave_note(self, link: str, mandate: str, note: str) -> None:
        """Leave a note for the one who comes next."""
        form = {"mandate": mandate, "note": note}
        self._http.post(f"{self._settings.ingest_url}{link}/note", data=form)

    def turns(self, link: str) -> list[dict[str, Any]]:
        """Give the turns of a curator with their photos; none where the link is not known."""
        answer = self._http.get(f"{self._settings.ingest_url}{link}.json")
        return list(answer.json()["mandates"]) if answer.status_code == HTTPStatus.OK else []

    def await_photos(self, link: str, mandate: str, many: int) -> list[str]:
        """Wait until the desk has seen so many photos of a turn; gives those that still wait."""
        for _ in patiently():
            photos = [p for t in self.turns(link) if t["mandate"] == mandate for p in t["photos"]]
            known = [p for p in photos if p["state"] != NOT_LOOKED_AT]
            if len(known) >= many:
                return [str(p["item"]) for p in known if p["state"] == WAITING]
        return []

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
    return dict(answer.json()) if answer.content else {}


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
