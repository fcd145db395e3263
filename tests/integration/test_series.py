"""Series on the real parts: the matrix is right after every step, whatever is killed meanwhile."""

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.installation import Installation
from tests.integration.processes import Process, until
from tests.integration.series_scene import CAMPAIGN_FILE, Scene, a_scene, announced
from tests.integration.series_story import PLACES, Fact

CURATORS = 10
STEPS = 6


@pytest.fixture
def place(fresh_installation: Installation, tmp_path: Path) -> Installation:
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN_FILE)
    answer = fresh_installation.command("campaign", "apply", str(tmp_path / "campaign.yaml"))
    assert answer.returncode == 0, answer.stderr
    return fresh_installation


@pytest.fixture
def processes(place: Installation, tmp_path: Path) -> Iterator[list[Process]]:
    started = [
        Process(tmp_path / f"{kind}.log", place.environment, "-m", "services", "ingest", kind)
        for kind in ("stream", "web")
    ]
    for process in started:
        process.start()
    yield [process.until_ready() for process in started]
    for process in started:
        process.kill()


@pytest.mark.timeout(600)
def test_ten_curators_with_ten_photos_each_have_a_matrix_that_is_right_after_every_step(
    place: Installation, processes: list[Process]
) -> None:
    seed = Random().randrange(1_000_000)
    print(f"seed {seed}")
    scene = a_scene(place, processes, CURATORS, seed)
    facts: list[Fact] = []
    last: list[Fact] = []
    for teller in scene.tellers:
        told, held = teller.everything()
        facts += told
        last.append(held)
    scene.random.shuffle(facts)

    size = -(-len(facts) // STEPS)
    kills = set(scene.random.sample(range(STEPS), 2))
    for step in range(STEPS):
        some = facts[step * size : (step + 1) * size]
        scene.tell(some, kill=step in kills)
        scene.check(f"step {step}")
        scene.tell_again(some)
        line = scene.random.choice(scene.lines)
        scene.raise_one(line, kill=step == 4)
        scene.check(f"arranged in step {step}")

    for line in scene.lines:
        scene.press(line, do="done")
        line.done = True
    scene.check("all are done")
    waiting = [line for line in scene.lines if not line.released]
    assert waiting, "somebody waits for the last approval"
    scene.tell(last)
    began = time.monotonic()
    until(
        lambda: all(announced(place, line.mandate).get("released") for line in waiting),
        "every series is let out",
    )
    took = time.monotonic() - began
    print(f"{len(waiting)} series whole {took:.2f} s after the last approval")
    scene.check("all are approved")
    assert all(line.released for line in scene.lines)
    assert all(len(line.shown) == PLACES for line in scene.lines)
    _after_the_release(scene)


def _after_the_release(scene: Scene) -> None:
    """One thing happens to each series at a time: what is shown then follows from that alone."""
    for line in scene.lines:
        shown = next(sent for sent in line.sent if sent.item == line.shown[0].split("#")[0])
        shown.take_back()
        scene.withdraw(line, shown.item)
    scene.check("one was withdrawn")
    down: list[Fact] = []
    for teller in scene.tellers:
        sent = next(s for s in teller.line.sent if s.item == teller.line.shown[1].split("#")[0])
        down.append(teller.refused(sent, 20, "taken-down"))
    scene.tell(down, kill=True)
    scene.check("one was taken down")
    edited: list[Fact] = []
    for teller in scene.tellers:
        sent = next(s for s in teller.line.sent if s.item == teller.line.shown[2].split("#")[0])
        edited.append(teller.opened(sent, 30))
    scene.tell(edited)
    scene.check("one waits again")
    fresh = [teller.send(10)[1] for teller in scene.tellers]
    scene.tell(fresh)
    scene.check("another came")
    scene.tell([teller.approved(teller.line.sent[-1], 2) for teller in scene.tellers])
    scene.check("it was approved")
