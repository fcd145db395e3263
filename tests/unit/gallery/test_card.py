"""Cards: what people wrote can neither break a page nor lead anywhere but to the web."""

from zoneinfo import ZoneInfo

import pytest

from services.contracts.ingest import Link, Rendition
from services.contracts.moderation import Credit
from services.gallery.domain.card import Card, card_of
from tests.builders import a_cleared_item, an_attachment

BRUSSELS = ZoneInfo("Europe/Brussels")


def a_card(**changes: object) -> Card:
    return card_of(a_cleared_item(**changes), "bollekesfeest", BRUSSELS)


def renditions(*widths: int) -> tuple[Rendition, ...]:
    return tuple(
        Rendition(
            key=f"{w}.{end}",
            sha256=f"{w:064x}",
            media_type=media_type,
            width=w,
            height=w // 2,
            size=9,
        )
        for w in widths
        for media_type, end in (("image/avif", "avif"), ("image/jpeg", "jpg"))
    )


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "https://a.example/ onclick=x", "//a.example"],
)
def test_a_credit_that_is_no_web_address_is_not_linked(url: str) -> None:
    assert a_card(credit=Credit(name="An", url=url)).credit_url is None


def test_a_credit_without_an_address_links_to_the_post_itself() -> None:
    card = a_card(credit=Credit(name="An"), url="https://social.example/@an/1")

    assert card.credit_url == "https://social.example/@an/1"


def test_a_colour_or_placeholder_that_could_end_its_rule_is_left_out() -> None:
    hostile = an_attachment(dominant_colour="red}body{x", placeholder="AAAA);}*{display:none}")

    [photo] = a_card(kind="photo", attachments=(hostile,)).photos

    assert photo.colour == "#888888"
    assert photo.placeholder == ""
    assert photo.style.count("{") == photo.style.count("}") == 1


def test_an_item_id_cannot_leave_its_class_name() -> None:
    assert a_card(item="x}y{<script>").mark == "cxyscript"


def test_sizes_are_listed_narrowest_first_and_up_to_what_the_page_can_show() -> None:
    photo = an_attachment(renditions=renditions(1280, 320, 640))

    [shown] = a_card(kind="photo", attachments=(photo,)).photos

    assert [s.width for s in shown.sized("image/avif")] == [320, 640, 1280]
    assert shown.srcset("image/avif", 700).split()[1::2] == ["320w,", "640w"]
    assert shown.srcset("image/avif", 100).split()[1] == "320w"
    assert shown.nearest(600).media_type == "image/jpeg"


def test_a_format_that_we_do_not_serve_is_not_offered() -> None:
    odd = an_attachment(
        renditions=(
            Rendition(
                key="k", sha256="c" * 64, media_type="image/svg+xml", width=9, height=9, size=9
            ),
        )
    )

    assert a_card(kind="photo", attachments=(odd,)).photo is None


@pytest.mark.parametrize(
    ("width", "height", "ratio"), [(9000, 1000, 2.2), (1000, 9000, 0.75), (3, 2, 1.5)]
)
def test_rows_stay_calm_whatever_the_shape_of_a_photo(
    width: int, height: int, ratio: float
) -> None:
    [photo] = a_card(kind="photo", attachments=(an_attachment(width=width, height=height),)).photos

    assert photo.ratio == ratio


def test_times_are_told_in_the_zone_of_the_campaign() -> None:
    assert a_card().at.isoformat() == "2026-11-20T13:00:00+01:00"


def test_a_known_licence_has_a_name_and_an_address() -> None:
    licence = a_card(credit=Credit(name="An", licence="cc-by-4.0")).licence

    assert licence is not None
    assert (licence.name, licence.url) == (
        "CC BY 4.0",
        "https://creativecommons.org/licenses/by/4.0/",
    )


def test_what_stands_elsewhere_is_named_by_the_host_of_its_address() -> None:
    written = Link(url="https://www.blog.example/a", host="bank.example", title=" Een\n avond ")
    card = a_card(kind="link", link=written, place=" Grote  Markt ")

    assert card.link is not None
    assert (card.link.host, card.link.title) == ("blog.example", "Een avond")
    assert card.place == "Grote Markt"


def test_a_link_without_a_title_is_called_by_its_host() -> None:
    card = a_card(kind="video", link=Link(url="https://video.example/w/9", host="", title=""))

    assert card.link is not None
    assert card.link.title == "video.example"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://[", "https://", "ftp://a.example"])
def test_a_link_that_leads_nowhere_on_the_web_is_left_out(url: str) -> None:
    assert a_card(kind="link", link=Link(url=url, host="a.example")).link is None
