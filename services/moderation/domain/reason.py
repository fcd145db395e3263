"""The register of reasons: why an item may be refused, in four languages, on which ground."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.contracts.ids import ItemId
from services.contracts.ingest import Localised
from services.moderation.domain.errors import ReasonMissingError

#: The two grounds of the Digital Services Act, article 17: against our terms, or against the law.
Ground = Literal["incompatible-content", "illegal-content"]


@dataclass(frozen=True)
class Reason:
    """Why an item is refused, as a moderator picks it and as its giver reads it."""

    code: str
    text: Localised
    ground: Ground
    needs_note: bool = False


REASONS: tuple[Reason, ...] = (
    Reason(
        "off-topic",
        {
            "nl": "Past niet bij deze oproep",
            "fr": "Hors sujet pour cet appel",
            "en": "Not about this campaign",
            "de": "Passt nicht zu diesem Aufruf",
        },
        "incompatible-content",
    ),
    Reason(
        "quality",
        {
            "nl": "Te onscherp, te donker of te klein",
            "fr": "Trop flou, trop sombre ou trop petit",
            "en": "Too blurred, too dark or too small",
            "de": "Zu unscharf, zu dunkel oder zu klein",
        },
        "incompatible-content",
    ),
    Reason(
        "duplicate",
        {
            "nl": "Deze foto hebben we al",
            "fr": "Nous avons déjà cette photo",
            "en": "We have this photo already",
            "de": "Dieses Foto haben wir schon",
        },
        "incompatible-content",
    ),
    Reason(
        "privacy",
        {
            "nl": "Iemand staat herkenbaar in beeld zonder toestemming",
            "fr": "Une personne est reconnaissable sans son accord",
            "en": "Somebody can be recognised without their consent",
            "de": "Jemand ist ohne Zustimmung erkennbar",
        },
        "illegal-content",
    ),
    Reason(
        "minor-without-consent",
        {
            "nl": "Een kind in beeld zonder toestemming van de ouders",
            "fr": "Un enfant est visible sans l'accord des parents",
            "en": "A child is shown without their parents' consent",
            "de": "Ein Kind ist ohne Zustimmung der Eltern zu sehen",
        },
        "illegal-content",
    ),
    Reason(
        "not-own-work",
        {
            "nl": "Niet zelf gemaakt, of rechten onduidelijk",
            "fr": "Pas une œuvre personnelle, ou droits incertains",
            "en": "Not the giver's own work, or rights unclear",
            "de": "Nicht selbst gemacht oder Rechte unklar",
        },
        "illegal-content",
    ),
    Reason(
        "offensive",
        {
            "nl": "Kwetsend, haatdragend of gewelddadig",
            "fr": "Blessant, haineux ou violent",
            "en": "Hurtful, hateful or violent",
            "de": "Verletzend, hasserfüllt oder gewalttätig",
        },
        "incompatible-content",
    ),
    Reason(
        "spam-or-advertising",
        {
            "nl": "Reclame of spam",
            "fr": "Publicité ou indésirable",
            "en": "Advertising or spam",
            "de": "Werbung oder Spam",
        },
        "incompatible-content",
    ),
    Reason(
        "other",
        {
            "nl": "Iets anders (met uitleg)",
            "fr": "Autre chose (à expliquer)",
            "en": "Something else (with a note)",
            "de": "Etwas anderes (mit Erklärung)",
        },
        "incompatible-content",
        needs_note=True,
    ),
)

_BY_CODE = {reason.code: reason for reason in REASONS}


def reason_text(code: str, language: str) -> str:
    """Say a reason in a language; a code that was dropped from the register stands for itself."""
    known = _BY_CODE.get(code)
    return known.text.get(language, known.text["en"]) if known else code


def statements_of(codes: Sequence[str]) -> tuple[Localised, ...]:
    """Give what the giver is told for each reason, in every language."""
    return tuple(_BY_CODE[code].text for code in codes if code in _BY_CODE)


def insist_on_reasons(item: ItemId, codes: Sequence[str], note: str) -> tuple[str, ...]:
    """Give a refusal's reasons once each, in the register's order. Raises ReasonMissingError."""
    unknown = sorted(set(codes) - set(_BY_CODE))
    if unknown:
        raise ReasonMissingError(item, f"the register has no reason {', '.join(unknown)}")
    chosen = [reason for reason in REASONS if reason.code in codes]
    if not chosen:
        raise ReasonMissingError(item, "a refusal needs a reason")
    if any(reason.needs_note for reason in chosen) and not note.strip():
        raise ReasonMissingError(item, "this reason needs a note")
    return tuple(reason.code for reason in chosen)
