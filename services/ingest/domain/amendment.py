"""What a giver can mend of a submission: its words, a photo's description, the name under it."""

from typing import Any

from services.contracts.ingest import SubmissionReceived
from services.ingest.domain.hashtag import distinct, tags_in
from services.ingest.domain.markup import tidy

#: The longest name that is shown under a photo.
_LONGEST_NAME = 200


def amended(
    submission: SubmissionReceived,
    *,
    text: str | None,
    alt: str | None,
    name: str | None,
    photo: int,
) -> SubmissionReceived:
    """Give a submission with what its giver mended; what is None stays as it is.

    Hashtags that did not come from the words stay: mending a line must not end the match.
    """
    changes: dict[str, Any] = {}
    if text is not None and tidy(text) != submission.text:
        kept = [t for t in submission.tags if t.origin != "text"]
        changes |= {"text": tidy(text), "tags": distinct([*kept, *tags_in(tidy(text))])}
    if name is not None:
        author = submission.author.model_copy(update={"name": tidy(name)[:_LONGEST_NAME] or None})
        changes |= {"author": author}
    if alt is not None and photo < len(submission.media):
        media = list(submission.media)
        shown = tidy(alt) or None
        if shown != media[photo].alt:
            origin = "author" if shown else None
            media[photo] = media[photo].model_copy(update={"alt": shown, "alt_origin": origin})
            changes |= {"media": tuple(media)}
    return submission.model_copy(update=changes)
