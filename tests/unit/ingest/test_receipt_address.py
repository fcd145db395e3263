import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.given_address import InvalidReferenceError, reference_to


def test_an_address_is_kept_with_its_host_and_the_givers_title() -> None:
    link = reference_to("  https://www.example.org/song?a=1#t ", "  Een\nlied ")

    assert (link.url, link.host) == ("https://www.example.org/song?a=1#t", "example.org")
    assert link.title == "Een lied"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.org/song",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "ftp://example.org/song",
        "https://",
        "https:///song",
        "https://user:secret@example.org/",
        "https://example.org@evil.example/",
        "https://localhost/song",
        "https://127.0.0.1/song",
        "https://[::1]/song",
        "https://[/song",
        "https://example.org:99999/",
        "https://example.org/a b",
        "https://example.org/\u202egnp.exe",
        "https://example.org/" + "a" * 2_000,
    ],
)
def test_what_cannot_be_shown_safely_is_refused(written: str) -> None:
    with pytest.raises(InvalidReferenceError, match="whole address"):
        reference_to(written, "")


@given(st.text(max_size=60))
def test_what_is_taken_is_always_http(written: str) -> None:
    try:
        link = reference_to(written, "")
    except InvalidReferenceError:
        return
    assert link.url.lower().startswith(("http://", "https://"))
    assert link.host


@given(st.text(max_size=400))
def test_a_title_is_one_short_line(title: str) -> None:
    shown = reference_to("https://example.org/", title).title

    assert "\n" not in shown
    assert len(shown) <= 200
