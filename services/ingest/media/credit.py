"""A photo's credit as an XMP packet, the only metadata that a rendition carries."""

import re
from typing import Final
from xml.sax.saxutils import escape

from services.ingest.media.photo import Credit

#: Characters that XML has no way to write.
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: A JPEG segment holds 64 KB and a reader waits for every byte of it.
_MAX_LENGTH: Final = 1000

_PACKET: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
    ' xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"'
    ' xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">'
    "{}"
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)


def packet_for(credit: Credit) -> bytes | None:
    """Write what is known of creator, credit line, alt text and licence page, if anything is."""
    statements = (
        ("dc:creator", "<rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq>", credit.creator),
        ("photoshop:Credit", "{}", credit.credit),
        (
            "Iptc4xmpCore:AltTextAccessibility",
            '<rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt>',
            credit.alt,
        ),
        ("xmpRights:WebStatement", "{}", credit.web_statement),
    )
    written = "".join(
        f"<{name}>{shape.format(_text(value))}</{name}>"
        for name, shape, value in statements
        if value
    )
    return _PACKET.format(written).encode() if written else None


def _text(value: str) -> str:
    return escape(_UNWRITABLE.sub("", value)[:_MAX_LENGTH])
