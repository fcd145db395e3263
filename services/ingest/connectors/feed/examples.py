"""Feeds as they are served, and what must become of them."""

from services.ingest.domain.connector import Example

_ADDRESS = {"url": "https://blog.example/feed"}

EXAMPLES = (
    Example(
        sentence="An RSS feed of a blog, with its image described in the text only.",
        settings=_ADDRESS,
        given=b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Stadsblog</title><link>https://blog.example/</link><language>nl-BE</language>
<item>
  <title>De reuzen &amp; de Schelde</title>
  <link>https://blog.example/reuzen</link>
  <guid isPermaLink="false">https://blog.example/?p=7</guid>
  <dc:creator>Lotte</dc:creator>
  <pubDate>Fri, 21 Aug 2026 20:15:00 +0200</pubDate>
  <category>Bollekesfeest</category><category>K\xc3\xb6ln</category>
  <enclosure url="https://blog.example/reus.jpg" type="image/jpeg" length="12345"/>
  <content:encoded><![CDATA[<p>Ze dansten de hele <b>nacht</b>.</p>
    <img src="/reus.jpg" alt="Een reus van dichtbij"><script>alert(1)</script>]]></content:encoded>
</item>
</channel></rss>""",
        expected=(
            {
                "nativeId": "https://blog.example/?p=7",
                "revision": 1787336100000,
                "url": "https://blog.example/reuzen",
                "author": {"key": "Lotte", "handle": None, "name": "Lotte", "url": None},
                "text": "De reuzen & de Schelde\n\nZe dansten de hele nacht.",
                "lang": ["nl-BE"],
                "tags": [
                    {"asWritten": "Bollekesfeest", "key": "bollekesfeest", "origin": "category"},
                    {"asWritten": "K\u00f6ln", "key": "k\u00f6ln", "origin": "category"},
                ],
                "media": [
                    {
                        "originUrl": "https://blog.example/reus.jpg",
                        "original": None,
                        "alt": "Een reus van dichtbij",
                        "altOrigin": "author",
                        "refused": None,
                    }
                ],
                "publishedRaw": "Fri, 21 Aug 2026 20:15:00 +0200",
                "publishedAt": "2026-08-21T18:15:00Z",
                "visibility": "public",
                "licence": None,
            },
        ),
    ),
    Example(
        sentence="An Atom feed says when an entry was edited, and under which licence it stands.",
        settings=_ADDRESS,
        given=b"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="nl">
<title>Stadsblog</title><id>urn:blog</id><updated>2026-08-22T08:00:00Z</updated>
<entry>
  <id>urn:blog:8</id><title>Vuurwerk</title>
  <link rel="alternate" href="https://blog.example/vuurwerk"/>
  <link rel="license" href="https://creativecommons.org/licenses/by/4.0/"/>
  <author><name>Amir</name><uri>https://blog.example/amir</uri></author>
  <published>2026-08-21T23:00:00+02:00</published><updated>2026-08-22T08:00:00Z</updated>
  <content type="html">Boven het Steen. #Bollekesfeest</content>
</entry>
</feed>""",
        expected=(
            {
                "nativeId": "urn:blog:8",
                "revision": 1787385600000,
                "editedAt": "2026-08-22T08:00:00Z",
                "publishedAt": "2026-08-21T21:00:00Z",
                "author": {
                    "key": "https://blog.example/amir",
                    "handle": None,
                    "name": "Amir",
                    "url": "https://blog.example/amir",
                },
                "tags": [{"asWritten": "Bollekesfeest", "key": "bollekesfeest", "origin": "text"}],
                "licence": "https://creativecommons.org/licenses/by/4.0/",
                "media": [],
            },
        ),
    ),
    Example(
        sentence="A JSON Feed: the older entry comes first, a date that nobody means is none.",
        settings=_ADDRESS,
        given=b"""{
  "version": "https://jsonfeed.org/version/1.1", "title": "Stadsblog", "language": "nl",
  "authors": [{"name": "Noor", "url": "https://blog.example/noor"}],
  "items": [
    {"id": "2", "url": "https://blog.example/2", "content_text": "Twee",
     "date_published": "2099-01-01T00:00:00Z", "tags": ["bollekesfeest"],
     "attachments": [{"url": "https://blog.example/2.png", "mime_type": "image/png"}]},
    {"id": "1", "url": "https://blog.example/1", "content_html": "<p>E\xc3\xa9n</p>",
     "date_published": "2026-08-21T10:00:00+02:00"}
  ]
}""",
        expected=(
            {"nativeId": "1", "text": "E\u00e9n", "publishedAt": "2026-08-21T08:00:00Z"},
            {
                "nativeId": "2",
                "publishedAt": None,
                "publishedRaw": "2099-01-01T00:00:00Z",
                "media": [
                    {
                        "originUrl": "https://blog.example/2.png",
                        "original": None,
                        "alt": None,
                        "altOrigin": None,
                        "refused": None,
                    }
                ],
            },
        ),
    ),
)
