"""HTML of others: what it says, what it shows, and that no page of it can hold us up."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.markup import images_in, plain_text, tidy, web_address


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Een &amp; twee<br>drie</p><p>vier</p>", "Een & twee\ndrie\n\nvier"),
        ("<b>vet</b>gedrukt <i>en</i>\n  schuin", "vetgedrukt en schuin"),
        ("<ul><li>een<li>twee</ul>na", "een\ntwee\n\nna"),
        ("a<script>alert('<p>x')</script>b<style>p{}</style>c", "abc"),
        ("a<SCRIPT>x</ScRiPt>b", "ab"),
        ("a<!-- <p>x</p> -->b<!DOCTYPE x>c<?php x ?>d", "abcd"),
        ("1 < 2 en 3 > 2", "1 < 2 en 3 > 2"),
        ("<a href='x>y' title=\"a > b\">link</a>", "link"),
        (
            '<span class="invisible">https://</span>x.be<span class="invisible">/y</span>',
            "https://x.be/y",
        ),
        ("voor<svg><text>x</text></svg>na", "voorna"),
        ("&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"),
        ("a&nbsp;b&#8364;&#x20ac;", "a b€€"),
        ("a<p", "a"),
        ("a<script>weg", "a"),
        ("a<!-- weg", "a"),
        ("a</>b</ c>d", "abd"),
        ("een\x00\x07twee", "eentwee"),
        ("&#" + "9" * 5_000 + ";x", "\ufffdx"),
        ("", ""),
    ],
)
def test_html_says_this_in_plain_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    "piece",
    [
        *("<div>", "<a ", "<!--", "<![CDATA[", "<", "&", "</", "<a b='", '<a b="x', "<?", "<!"),
        *("<script>", "&#", "<a a=b", "<a a= ", "<p>", "&#9", " ", "\n ", "<b><table>", "<svg>"),
    ],
)
def test_a_page_of_nothing_but_beginnings_is_read_like_any_other(piece: str) -> None:
    assert len(plain_text(piece * (200_000 // len(piece)))) <= 10_000


@given(st.text(alphabet=st.sampled_from("<>/!-?&#;='\" abpimgscrt\n\x00\u0308é"), max_size=300))
def test_whatever_the_markup_the_text_is_tidy(markup: str) -> None:
    text = plain_text(markup)
    assert tidy(text) == text
    assert not re.search(r"\n{3,}|[\x00-\x08]", text)


def test_a_text_is_composed_and_bounded() -> None:
    assert tidy("  e\u0301\r\nx\ry ") == "é\nx\ny"
    assert len(tidy("a" * 20_000)) == 10_000


def test_images_are_given_with_their_whole_address_and_their_alt_text() -> None:
    markup = """<img src="/reus.jpg" alt="Een &quot;reus&quot;"><IMG alt='' SRC=twee.png >
        <img src="data:image/png;base64,x"><img src="javascript:x"><img alt="zonder">
        <img src="//pixel.example/p.gif" width="1" height=1><img src="/reus.jpg" alt="nog eens">
        <noscript><img src="https://elders.example/lui.jpg"></noscript>
        <template><img src="/nooit.jpg"></template>"""
    found = [(image.url, image.alt) for image in images_in(markup, "https://blog.example/a/b")]
    assert found == [
        ("https://blog.example/reus.jpg", 'Een "reus"'),
        ("https://blog.example/a/twee.png", None),
        ("https://elders.example/lui.jpg", None),
    ]


@pytest.mark.parametrize(
    "written",
    [
        *("javascript:alert(1)", "ftp://x.be/y", "/relative", "http://", "http://[::1", "", None),
        *("http://x.be/\x00", "http://x.be/a b", "https://x.be/" + "a" * 2_000),
    ],
)
def test_what_is_no_address_on_the_web_is_none(written: str | None) -> None:
    assert web_address(written) is None
