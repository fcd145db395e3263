"""What givers are asked to agree to, sentence by sentence, and how each channel is called."""

from collections.abc import Mapping

from services.contracts.ingest import Channel

#: The sentence beside the box of each channel; none is ticked beforehand.
CHANNELS: Mapping[Channel, str] = {
    "web": "You may show it in the galleries of this campaign, with my name.",
    "wall": "You may show it on big screens in the city.",
    "print": "You may print it, in the magazine of the city or on posters.",
    "tv": "You may show it on television.",
    "staff-paper": "You may print it in the paper for the staff of the city.",
}
#: How a channel is called where consents are listed.
NAMES: Mapping[Channel, str] = {
    "web": "In the galleries on the web",
    "wall": "On big screens",
    "print": "In print",
    "tv": "On television",
    "staff-paper": "In the staff paper",
}
MADE = "I made this myself."
PEOPLE = "People who can be recognised agreed to be shown."
MINOR = "Someone under 18 can be recognised."
GUARDIAN = "Then their parents agreed too."
#: How long it holds; the number is that of months.
TERM = "This holds for %(months)s months, or until I take it back."
NO_TERM = "This holds until I take it back."
