"""The JSON of a gallery keeps its shape: others build on it."""

import json

from services.contracts.moderation import Credit
from services.gallery.api.listing import gallery_document
from services.gallery.domain.card import card_of
from services.gallery.domain.gallery import Gallery
from tests.builders import CAMPAIGN, a_cleared_item, an_attachment

GALLERY = Gallery(CAMPAIGN, CAMPAIGN, version=7, title={"nl": "Bollekesfeest"})
ITEM = a_cleared_item(
    item="0b0e",
    kind="photo",
    attachments=(an_attachment(),),
    credit=Credit(name="An", url="https://social.example/@an", licence="CC-BY-4.0"),
    lang=("nl",),
)


def document(total: int = 1, page: int = 1) -> dict[str, object]:
    cards = [card_of(ITEM, CAMPAIGN, GALLERY.zone)]
    made = gallery_document(
        GALLERY, cards, language="nl", page=page, total=total, site="https://foto.example"
    )
    return json.loads(made.model_dump_json())


def test_a_document_has_exactly_these_members() -> None:
    assert document() == {
        "id": "bollekesfeest",
        "version": 7,
        "title": "Bollekesfeest",
        "brief": "",
        "url": "https://foto.example/g/bollekesfeest",
        "total": 1,
        "page": 1,
        "next": None,
        "items": [
            {
                "id": "0b0e",
                "url": "https://foto.example/g/bollekesfeest/i/0b0e",
                "kind": "photo",
                "text": "Vuurwerk!",
                "lang": "nl",
                "contentWarning": "",
                "credit": {"name": "An", "url": "https://social.example/@an"},
                "licence": {
                    "name": "CC BY 4.0",
                    "url": "https://creativecommons.org/licenses/by/4.0/",
                },
                "at": "2026-11-20T13:00:00+01:00",
                "place": "",
                "link": None,
                "series": None,
                "term": None,
                "curator": None,
                "photos": [
                    {
                        "alt": "Vuurwerk boven de Schelde",
                        "width": 1600,
                        "height": 1200,
                        "dominantColour": "#203040",
                        "placeholder": "",
                        "renditions": [
                            {
                                "url": f"https://foto.example/media/0b0e/{'b' * 64}.jpg",
                                "mediaType": "image/jpeg",
                                "width": 640,
                                "height": 480,
                            }
                        ],
                    }
                ],
            }
        ],
    }


def test_a_document_leads_to_the_next_while_there_is_one() -> None:
    assert document(total=101)["next"] == "https://foto.example/g/bollekesfeest.json?page=2"
    assert document(total=101, page=2)["next"] is None
