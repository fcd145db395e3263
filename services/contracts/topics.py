"""The catalogue of topics: which events travel where, who says and hears them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from services.contracts import gallery, ingest, moderation
from services.contracts.envelope import EventData

ServiceName = Literal["ingest", "moderation", "gallery"]


@dataclass(frozen=True)
class Topic:
    """A named log with one producer and declared consumers; the key is always the event's subject.

    `compacted` topics may hold personal data: the last event of a subject stays, a tombstone clears
    it. The others hold ids only, for `retention`.
    """

    subject: str
    sentence: str
    producer: ServiceName
    consumers: tuple[ServiceName, ...]
    events: tuple[type[EventData], ...]
    partitions: int = 6
    retention: timedelta | None = None

    @property
    def compacted(self) -> bool:
        """Whether the log keeps the last event of each subject instead of a time span."""
        return self.retention is None

    def name(self, tenant: str) -> str:
        """Give the topic's name at one installation, as the city's rules for events ask."""
        return f"dichtbij-{tenant}.{self.subject}.json"

    def dead_name(self, tenant: str, consumer: str) -> str:
        """Give the name of the dead-letter topic of one consumer."""
        return f"dichtbij-{tenant}.{self.subject}.dead-{consumer}.json"


#: How long logs without personal data are kept.
_KEPT = timedelta(days=400)
#: How long a dead letter waits for somebody to mend its cause.
DEAD_LETTERS_KEPT = timedelta(days=30)

CAMPAIGNS = Topic(
    "campaigns",
    "Every campaign as it now is.",
    "ingest",
    ("ingest", "moderation", "gallery"),
    (ingest.CampaignAnnounced,),
    partitions=1,
)
SUBMISSIONS = Topic(
    "submissions",
    "Posts as connectors and the upload page handed them over.",
    "ingest",
    ("ingest",),
    (ingest.SubmissionReceived, ingest.SubmissionRetracted),
)
ITEMS = Topic(
    "items",
    "Items that match a campaign, with their renditions, and their withdrawal.",
    "ingest",
    ("moderation",),
    (ingest.ItemReceived, ingest.ItemChanged, ingest.ItemAttributed, ingest.ItemWithdrawn),
)
MANDATES = Topic(
    "mandates",
    "Every curator's right to post, as it now is.",
    "ingest",
    ("moderation", "gallery"),
    (ingest.MandateAnnounced,),
    partitions=1,
)
SERIES = Topic(
    "series",
    "Every curator's series as it now is: its photos in order, and whether it may be shown.",
    "ingest",
    ("gallery",),
    (ingest.SeriesAnnounced,),
)
CONSENTS = Topic(
    "consents",
    "What the giver of each item agrees to now, by channel.",
    "ingest",
    ("moderation",),
    (ingest.ConsentRecorded,),
)
APPEALS = Topic(
    "appeals",
    "Second looks that givers ask for.",
    "ingest",
    ("moderation",),
    (ingest.AppealLodged,),
)
DECISIONS = Topic(
    "decisions",
    "Which reviews wait, what moderators decided and reverted, and what a withdrawal closed.",
    "moderation",
    ("ingest",),
    (
        moderation.ReviewOpened,
        moderation.ReviewDecided,
        moderation.ReviewReverted,
        moderation.ReviewClosed,
    ),
    retention=_KEPT,
)
PUBLICATIONS = Topic(
    "publications",
    "Items that may be shown, and those that no longer may.",
    "moderation",
    ("gallery",),
    (moderation.ItemCleared, moderation.ItemRevoked),
)
GALLERIES = Topic(
    "galleries",
    "What became visible, what disappeared, and the proof that its files are gone.",
    "gallery",
    ("ingest", "moderation", "gallery"),
    (
        gallery.ItemPublished,
        gallery.SeriesPublished,
        gallery.ItemUnpublished,
        gallery.ItemPurged,
    ),
    retention=_KEPT,
)
SHOWINGS = Topic(
    "showings",
    "How often items were shown, now and then: totals, and nothing of who saw them.",
    "gallery",
    ("ingest",),
    (gallery.ShowingsCounted,),
    partitions=1,
    retention=_KEPT,
)

CATALOGUE: tuple[Topic, ...] = (
    CAMPAIGNS,
    MANDATES,
    SUBMISSIONS,
    ITEMS,
    SERIES,
    CONSENTS,
    APPEALS,
    DECISIONS,
    PUBLICATIONS,
    GALLERIES,
    SHOWINGS,
)

#: Facts that a service keeps to itself: in its event table, never on Kafka.
PRIVATE_EVENTS: tuple[type[EventData], ...] = (
    ingest.ItemIgnored,
    ingest.MandatePlanned,
    ingest.MandateMoved,
    ingest.MandateInvited,
    ingest.MandateAccepted,
    ingest.MandateNarrowed,
    ingest.MandateDeclined,
    ingest.MandatePaused,
    ingest.MandateResumed,
    ingest.MandateEnded,
    ingest.MandateStopped,
    ingest.MandateShown,
    ingest.MandateCancelled,
)

EVENT_CLASSES: dict[str, type[EventData]] = {
    event.TYPE: event for topic in CATALOGUE for event in topic.events
} | {event.TYPE: event for event in PRIVATE_EVENTS}

TOPIC_OF: dict[str, Topic] = {event.TYPE: topic for topic in CATALOGUE for event in topic.events}
