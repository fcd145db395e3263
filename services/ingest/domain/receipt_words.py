"""What givers are told of an item that was not taken, and what a form of theirs is lacking."""

from collections.abc import Mapping

#: Sentences by the reason for which a submission is not for its campaign.
IGNORED: Mapping[str, str] = {
    "outside-window": "It was made before the campaign began, or after it ended.",
    "no-matching-hashtag": "It does not have the hashtag of the campaign any more.",
    "not-public": "It is not public where it stands.",
    "nothing-to-show": "There was nothing in it that can be shown.",
    "no-mandate": "Only curators take part, and it counts for none of them.",
    "kind-not-taken": "The campaign does not take this kind of thing.",
    "campaign-unknown": "The campaign is not there any more.",
    "campaign-draft": "The campaign had not begun.",
    "campaign-archived": "The campaign was over.",
}
#: Why a campaign takes nothing now, by its phase or by its dates.
CLOSED: Mapping[str, str] = {
    "draft": "This campaign has not begun yet. Come back later.",
    "paused": "This campaign takes a break. What you gave is safe; come back later to give more.",
    "closed": "This campaign is over. What was given stays to be seen.",
    "archived": "This campaign is over. What was given stays to be seen.",
    "dates": "This campaign does not take photos now. See its dates.",
    "curators": "Here only invited curators take part. Use the link in your invitation.",
}


def why_ignored(reason: str) -> str:
    """Give the sentence for a reason; an unknown one has a general sentence."""
    return IGNORED.get(reason, "It is not for this campaign.")
