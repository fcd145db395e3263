from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.media import Credit
from services.ingest.media.credit import packet_for


@given(st.text(st.characters()))
def test_any_text_makes_a_packet_that_can_be_read(alt: str) -> None:
    packet = packet_for(Credit(creator="An", alt=alt))

    assert packet is not None
    assert ET.fromstring(packet) is not None


def test_a_novel_as_alt_text_is_cut() -> None:
    packet = packet_for(Credit(alt="a" * 100_000))

    assert packet is not None
    assert len(packet) < 2000
    assert "".join(ET.fromstring(packet).itertext()) == "a" * 1000
