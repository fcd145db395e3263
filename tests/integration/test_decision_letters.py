"""Letters about decisions on the real parts: they tell what stands at the moment they are sent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import ItemId, SourceId
from services.contracts.moderation import ReviewDecided, ReviewReverted, ReviewStateName
from services.ingest.store.items import hand_in
from services.ingest.store.receipts import keep_receipt
from tests.builders import CAMPAIGN, a_consent, a_submission, an_item_id
from tests.installation import Installation
from tests.integration.curator_room import CuratorRoom, Invited
from tests.integration.mailbox import Mailbox
from tests.integration.processes import until
from tests.integration.receipt_room import Giver, Room, room
from tests.integration.series_scene import in_transaction

MAIL = "nour@example.org"
TOKEN = "a1" * 20
THEIRS = SourceId(f"{CAMPAIGN}/masto")
WHY = ({"nl": "Onscherp.", "en": "It is not sharp."},)


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as opened:
        yield opened


@pytest.fixture(scope="module")
def place(
    installation: Installation, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Room]:
    reachable = {
        "DICHTBIJ_SMTP_URL": mailbox.url,
        "DICHTBIJ_MAIL_FROM": "Dichtbij <post@dichtbij.example>",
    }
    folder = tmp_path_factory.mktemp("decisions")
    known = replace(installation, environment={**installation.environment, **reachable})
    with room(known, folder) as made:
        made.apply()
        yield made
        links = [str(link) for (link,) in installation.rows("select link from ingest.link")]
    logs = "".join(log.read_text() for log in folder.glob("*.log"))
    assert "message.sent" in logs
    for private in (MAIL, TOKEN, "Fireworks", *links):
        assert private not in logs


class Contributor:
    """Somebody who gave a few things, and asked to be told what becomes of them."""

    def __init__(self, place: Room, *texts: str, turn: Invited | None = None) -> None:
        self.place = place
        self.turn = turn
        self.items: dict[str, ItemId] = {text: an_item_id() for text in texts}
        for table in ("message", "receipt_item", "receipt"):
            place.installation.rows(f"delete from ingest.{table}")
        in_transaction(place.installation, self._give)
        self.page = Giver(place, TOKEN)
        until(
            lambda: self._standing() == dict.fromkeys(self.items.values(), "waiting"), "it arrived"
        )

    def _standing(self) -> dict[ItemId, str]:
        # A turn's receipt shows what other tests posted at the same source, too.
        mine = set(self.items.values())
        return {i["item"]: i["state"] for i in self.page.items if i["item"] in mine}

    async def _give(self, transaction: Transaction, journal: Journal) -> None:
        source, consent = SourceId(f"{CAMPAIGN}/upload"), a_consent(channels=("web",))
        shown = [(item, "") for item in self.items.values()]
        mandate = None
        if self.turn is not None:
            # Posted elsewhere: theirs because the source is, and on no receipt but the turn's.
            source, consent, shown, mandate = THEIRS, None, [], self.turn.mandate
        for text, item in self.items.items():
            given = a_submission(
                item=item,
                source=source,
                text=text,
                native_id=item,
                consent=consent,
                observed_at=datetime.now(UTC),
                published_at=datetime.now(UTC),
            )
            await hand_in(transaction, journal, given, Cause.by("contributor"))
        await keep_receipt(
            transaction, TOKEN, CAMPAIGN, shown, mail=MAIL, language="en", mandate=mandate
        )

    def decided(
        self,
        text: str,
        version: int,
        after: ReviewStateName,
        before: ReviewStateName = "pending",
        **more: Any,
    ) -> None:
        why: Any = WHY if after != "approved" else ()
        item = self.items[text]
        decision = ReviewDecided(
            item=item, campaign=CAMPAIGN, before=before, after=after, statements=why, **more
        )
        self._tell(item, version, decision)

    def undone(
        self, text: str, version: int, before: ReviewStateName, after: ReviewStateName
    ) -> None:
        item = self.items[text]
        undone = ReviewReverted(item=item, campaign=CAMPAIGN, before=before, after=after)
        self._tell(item, version, undone)

    def _tell(self, item: ItemId, version: int, fact: ReviewDecided | ReviewReverted) -> None:
        self.place.told((fact, item, version))
        until(
            lambda: (
                self.place.installation.rows(
                    "select review_version from ingest.standing where item = %s", item
                )
                == [(version,)]
            ),
            "it was heard",
        )

    def letters(self, mailbox: Mailbox) -> list[str]:
        """Let ten minutes pass; gives the letters that came."""
        mailbox.received.clear()
        self.place.installation.rows("update ingest.message set due_at = now()")
        until(lambda: self._states() <= {"sent", "dropped"}, "nothing waits any more")
        return [
            f"{mail['Subject']}\n{body.get_content()}".replace("\r\n", "\n")
            for mail in mailbox.to(MAIL)
            if (body := mail.get_body()) is not None
        ]

    def _states(self) -> set[str]:
        known = self.place.installation.rows("select state from ingest.message")
        return {str(state) for (state,) in known}


def test_what_is_decided_soon_after_another_goes_in_the_same_letter(
    place: Room, mailbox: Mailbox
) -> None:
    giver = Contributor(place, "Fireworks", "The harbour", "The fair")
    giver.decided("Fireworks", 2, "approved")
    giver.decided("The harbour", 2, "rejected")

    [letter] = giver.letters(mailbox)
    assert letter.startswith("News about 2 of your contributions to Bollekesfeest\n")
    assert "* Fireworks: approved\n" in letter
    assert "* The harbour: not approved\n  Why: It is not sharp.\n" in letter
    assert "The fair" not in letter
    kept = place.installation.rows("select facts->'decisions' from ingest.message")
    assert kept == [
        ([{"item": giver.items[t], "version": 2} for t in ("Fireworks", "The harbour")],)
    ]


def test_a_letter_says_where_a_photo_is_seen_that_was_published_after_its_approval(
    place: Room, mailbox: Mailbox
) -> None:
    giver = Contributor(place, "Fireworks")
    giver.decided("Fireworks", 2, "approved")
    giver.page.published()
    giver.page.until("visible")

    [letter] = giver.letters(mailbox)
    seen = f"/g/{CAMPAIGN}/i/{giver.items['Fireworks']}"
    assert f"  To be seen here: {place.installation.settings.gallery_url}{seen}\n" in letter


def test_a_decision_that_was_undone_is_not_told_beside_the_one_that_stands(
    place: Room, mailbox: Mailbox
) -> None:
    giver = Contributor(place, "Fireworks")
    giver.decided("Fireworks", 2, "rejected")
    giver.undone("Fireworks", 3, "rejected", "pending")
    giver.decided("Fireworks", 4, "approved")

    [letter] = giver.letters(mailbox)
    assert letter.startswith("News about your contribution to")
    assert "* Fireworks: approved\n" in letter
    assert "not approved" not in letter
    assert "It is not sharp." not in letter


def test_a_decision_stands_again_when_the_one_after_it_was_undone(
    place: Room, mailbox: Mailbox
) -> None:
    giver = Contributor(place, "Fireworks")
    giver.decided("Fireworks", 2, "rejected")
    giver.decided("Fireworks", 3, "approved", "rejected")
    giver.undone("Fireworks", 4, "approved", "rejected")

    [letter] = giver.letters(mailbox)
    assert letter.count("* Fireworks:") == 1
    assert "* Fireworks: not approved\n  Why: It is not sharp.\n" in letter


def test_a_letter_of_which_nothing_stands_any_more_is_dropped(
    place: Room, mailbox: Mailbox
) -> None:
    giver = Contributor(place, "Fireworks")
    giver.decided("Fireworks", 2, "rejected")
    giver.undone("Fireworks", 3, "rejected", "pending")

    assert giver.letters(mailbox) == []
    rows = place.installation.rows("select state, trouble from ingest.message")
    assert rows == [("dropped", "moot decisions")]


def test_a_photo_that_was_taken_back_meanwhile_is_in_no_letter_about_decisions(
    place: Room, mailbox: Mailbox
) -> None:
    giver = Contributor(place, "Fireworks", "The harbour")
    giver.decided("Fireworks", 2, "rejected")
    giver.decided("The harbour", 2, "approved")
    assert giver.page.do(f"withdraw/{giver.items['Fireworks']}").status_code == 204

    letters = giver.letters(mailbox)
    [decisions] = [one for one in letters if one.startswith("News about your contribution to")]
    assert "* The harbour: approved\n" in decisions
    assert "Fireworks" not in decisions
    assert len(letters) == 2


def test_a_letter_says_that_a_parents_word_is_missing(place: Room, mailbox: Mailbox) -> None:
    giver = Contributor(place, "Fireworks", "The harbour")
    giver.decided("Fireworks", 2, "approved", people="child")
    giver.decided("The harbour", 2, "approved", people="nobody")

    [letter] = giver.letters(mailbox)
    told = (
        "* Fireworks: approved\n  A child can be recognised in it: we show it as soon as you tell"
    )
    assert told in letter
    assert letter.count("A child") == 1
    assert "To be seen here" not in letter


def test_once_a_parent_agreed_no_letter_asks_for_it(place: Room, mailbox: Mailbox) -> None:
    giver = Contributor(place, "Fireworks")
    giver.decided("Fireworks", 2, "approved", people="child")
    assert giver.page.do(f"guardian/{giver.items['Fireworks']}").status_code == 204

    [letter] = giver.letters(mailbox)
    assert "* Fireworks: approved\n" in letter
    assert "A child" not in letter


def test_a_curator_is_told_what_was_decided_about_what_they_posted_elsewhere(
    place: Room, mailbox: Mailbox
) -> None:
    turn = CuratorRoom(place.installation, CAMPAIGN).invite(source=THEIRS)
    giver = Contributor(place, "Fireworks", "The harbour", turn=turn)
    giver.decided("Fireworks", 2, "approved")
    giver.decided("The harbour", 2, "rejected")

    [letter] = giver.letters(mailbox)
    assert "* Fireworks: approved\n" in letter
    assert "* The harbour: not approved\n  Why: It is not sharp.\n" in letter


def test_who_is_known_by_two_receipts_gets_one_letter(place: Room, mailbox: Mailbox) -> None:
    turn = CuratorRoom(place.installation, CAMPAIGN).invite(source=THEIRS)
    giver = Contributor(place, "Fireworks", turn=turn)
    both = [(giver.items["Fireworks"], "")]

    async def keep(transaction: Transaction, _journal: Journal) -> None:
        await keep_receipt(transaction, "b2" * 20, CAMPAIGN, both, mail=MAIL, language="en")

    in_transaction(place.installation, keep)
    giver.decided("Fireworks", 2, "approved")

    assert len(giver.letters(mailbox)) == 1
