"""Apply the sample: its campaign, photos handed in, some of them decided, two posts elsewhere.

Doing it again does nothing twice: ingest knows a submission by its token, the desk tells what is
decided, and what was posted elsewhere is written down.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from deploy.sample.album import album, one
from deploy.sample.campaign import NAMES, campaign_text
from deploy.sample.curators import Given, tell_of_curators
from deploy.sample.settings import CHECKOUT
from deploy.sample.story import WAITING, HandedIn, Story, StoryError, Verdict, patiently

if TYPE_CHECKING:
    from deploy.sample.settings import SampleSettings

HANDED_IN = 18
APPROVED = frozenset(range(1, 13))
#: One is kept out, for a reason of the desk's register.
REJECTED = {15: ("quality",)}

MASTODON_TOKEN = "mock_token"  # noqa: S105 (the local test server's own, known to everybody)
POSTED = {
    20: "Stilste moment van het weekend: een wens op elke lampion. #bollekesfeest",
    19: "Derde bis, nog altijd handen tekort. Wat een avond op het Houtdok! #bollekesfeest",
}


@dataclass(slots=True)
class Progress:
    """What an earlier run did already."""

    path: Path
    receipts: dict[int, str] = field(default_factory=dict[int, str])
    posted: dict[int, str] = field(default_factory=dict[int, str])
    turns: list[Given] = field(default_factory=list[Given])

    @classmethod
    def read(cls, path: Path) -> Progress:
        """Read what was written down; a damaged note is as good as none."""
        try:
            written = json.loads(path.read_text(encoding="utf-8"))
            receipts = {int(number): str(r) for number, r in written["receipts"].items()}
            posted = {int(number): str(p) for number, p in written["posted"].items()}
            turns = [Given(**turn) for turn in written.get("turns", [])]
        except (OSError, ValueError, LookupError, AttributeError, TypeError):
            return cls(path)
        return cls(path, receipts, posted, turns)

    def write(self) -> None:
        """Write it down."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        turns = [asdict(turn) for turn in self.turns]
        known = {"receipts": self.receipts, "posted": self.posted, "turns": turns}
        text = json.dumps(known, indent=2)
        half = self.path.with_suffix(".half")
        half.write_text(text, encoding="utf-8")
        half.replace(self.path)


def apply(settings: SampleSettings) -> int:
    """Apply everything; says in a sentence what could not be done."""
    if code := apply_campaign(settings):
        return code
    trouble: Exception | None = None
    for _ in patiently():
        try:
            return tell(settings)
        except httpx.TransportError as error:
            # A service that was just restarted is worth waiting for; what was done stays done.
            trouble = error
        except StoryError as error:
            trouble = error
            break
    print(f"The sample is not complete: {trouble}", file=sys.stderr)
    return 1


def tell(settings: SampleSettings) -> int:
    """Tell the whole story, as far as it was not told yet."""
    progress = Progress.read(settings.folder / "sample" / "applied.json")
    with Story(settings) as story:
        post_elsewhere(story, settings, progress)
        hand_in(story, settings, progress)
        decided = decide(story, settings, story.await_queue(progress.receipts))
        if settings.desk_password:
            tell_of_curators(story, settings, progress.turns, progress.write)
    print(f"The sample is in place: {len(progress.receipts)} photos, {decided} decided just now.")
    return 0


def apply_campaign(settings: SampleSettings) -> int:
    """Apply the campaigns as anybody would, by the command."""
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            path = Path(folder) / f"{name}.yaml"
            path.write_text(campaign_text(settings, name), encoding="utf-8")
            command = (sys.executable, "-m", "services", "campaign", "apply", str(path))
            if code := subprocess.run(command, cwd=CHECKOUT, check=False).returncode:
                return code
    return 0


def hand_in(story: Story, settings: SampleSettings, progress: Progress) -> None:
    """Hand in every photo that ingest does not have yet."""
    known = progress.receipts
    if len(known) == HANDED_IN and all(story.look_up(n, r) for n, r in known.items()):
        return
    progress.receipts = {}
    for number, photo in enumerate(album(HANDED_IN, settings.photos), start=1):
        progress.receipts[number] = story.hand_in(number, photo)
    progress.write()


def decide(story: Story, settings: SampleSettings, photos: list[HandedIn]) -> int:
    """Decide on the photos that the story decides on, as far as they still wait."""
    verdicts = [
        Verdict(photo.item, REJECTED.get(photo.number, ()))
        for photo in photos
        if photo.state == WAITING and photo.number in APPROVED | REJECTED.keys()
    ]
    if not verdicts:
        return 0
    if not settings.desk_password:
        print("No desk password is known, so all photos of the sample wait at the desk.")
        return 0
    return story.decide(story.sign_in(), verdicts)


def post_elsewhere(story: Story, settings: SampleSettings, progress: Progress) -> None:
    """Post to the local Mastodon-compatible server, where there is one."""
    if not settings.mastodon_url:
        return
    for number, text in POSTED.items():
        if number not in progress.posted:
            photo = one(number, settings.photos)
            key = f"dichtbij-sample-{number}"
            progress.posted[number] = story.post_status(text, photo, key, MASTODON_TOKEN)
            progress.write()
