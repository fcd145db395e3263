"""The text that somebody agrees to: shown whole, in their language, and kept by its digest."""

from dataclasses import dataclass

from fastapi import Request

from services.chassis.database import Transaction
from services.chassis.web import pages_of
from services.contracts.ingest import CampaignAnnounced, Channel
from services.ingest.domain import consent_words
from services.ingest.domain.consent import text_digest
from services.ingest.store.consents import keep_text


@dataclass(frozen=True)
class Wording:
    """What is shown before somebody agrees: the campaign's own words, and one line for each box."""

    version: str
    language: str
    intro: str
    term: str
    made: str
    channels: tuple[tuple[Channel, str], ...]
    people: str
    minor: str
    guardian: str

    @property
    def words(self) -> str:
        """Give the whole of it as one text."""
        boxes = (self.made, *(said for _, said in self.channels))
        lines = (self.intro, *boxes, self.people, self.minor, self.guardian, self.term)
        return "\n".join(line for line in lines if line)

    @property
    def digest(self) -> str:
        """Give the digest of the whole of it."""
        return text_digest(self.words)

    @staticmethod
    def mark(sentence: str) -> str:
        """Give what tells the sentence of one box from any other."""
        return text_digest(sentence)[:16]


def wording_of(request: Request, campaign: CampaignAnnounced) -> Wording:
    """Give what this reader is shown before they agree; the web comes first, and always."""
    pages = pages_of(request)
    language = pages.language(request)

    def said(sentence: str) -> str:
        return pages.text(request, sentence)

    months = campaign.consent_months
    own = campaign.consent_text
    return Wording(
        version=campaign.consent_version,
        language=language,
        intro=own.get(language) or own.get("nl") or own.get("en") or next(iter(own.values()), ""),
        term=said(consent_words.NO_TERM)
        if months is None
        else pages.text(request, consent_words.TERM, months=months),
        made=said(consent_words.MADE),
        channels=tuple((c, said(consent_words.CHANNELS[c])) for c in channels_of(campaign)),
        people=said(consent_words.PEOPLE),
        minor=said(consent_words.MINOR),
        guardian=said(consent_words.GUARDIAN),
    )


def channels_of(campaign: CampaignAnnounced) -> tuple[Channel, ...]:
    """Give the channels that a campaign asks for; without the web nobody can take part."""
    return ("web", *(c for c in campaign.channels if c != "web"))


async def keep_wording(
    transaction: Transaction, campaign: CampaignAnnounced, wording: Wording
) -> str:
    """Keep what was shown, so that it can be read again later; answers its digest."""
    return await keep_text(
        transaction, campaign.campaign, wording.version, wording.language, wording.words
    )
