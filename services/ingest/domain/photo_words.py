"""What people are told when a photo cannot be taken: what is the matter, and what to do."""

#: The English sentences, which are also the keys of their translations.
SENTENCES: dict[str, str] = {
    "empty": "This file is empty. Choose the photo again.",
    "too-many-bytes": "This file is larger than 40 MB. Send a smaller version of it.",
    "not-an-image": "This file is not a photo. Choose a JPEG, PNG, WebP, AVIF or HEIC photo.",
    "type-not-accepted": "We cannot show this kind of file. Choose a JPEG, PNG or HEIC photo.",
    "too-many-pixels": "This photo has more than 50 million pixels. Send a smaller version of it.",
    "too-small": "This photo is too small to show. Choose one at least 320 px wide.",
    "truncated": "A part of this photo is missing. Choose it again.",
    "damaged": "This photo is damaged and cannot be opened. Choose it again.",
    "decoder-failed": "This photo could not be opened. Save it as JPEG and send that.",
}


def sentence_for(reason: str) -> str:
    """Give the English sentence for a reason; an unknown reason has a general one."""
    return SENTENCES.get(reason, "This photo could not be taken. Choose another one.")
