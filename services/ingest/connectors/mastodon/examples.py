"""Statuses as servers give them, and what must become of them."""

from services.ingest.domain.connector import Example

_SERVER = {"server": "https://mastodon.example"}

EXAMPLES = (
    Example(
        sentence="A post with a described photo; the film beside it is left out.",
        settings=_SERVER,
        given=b"""[{
  "id": "115081234567890123",
  "uri": "https://mastodon.example/users/noor/statuses/115081234567890123",
  "url": "https://mastodon.example/@noor/115081234567890123",
  "created_at": "2026-08-21T19:02:11.530Z", "edited_at": "2026-08-21T19:05:00.000Z",
  "visibility": "public", "sensitive": true, "spoiler_text": "Vuurwerk", "language": "nl",
  "in_reply_to_id": null, "reblog": null,
  "account": {"id": "7", "acct": "noor", "username": "noor", "display_name": "Noor \\ud83c\\udf86",
              "url": "https://mastodon.example/@noor",
              "uri": "https://mastodon.example/users/noor"},
  "content": "<p>Wat een <b>knal</b> &amp; licht<br>aan de Schelde</p><p><a href=\\"https://mastodon.example/tags/Bollekesfeest\\">#<span>Bollekesfeest</span></a></p>",
  "tags": [{"name": "Bollekesfeest", "url": "https://mastodon.example/tags/Bollekesfeest"}],
  "media_attachments": [
    {"id": "1", "type": "image", "url": "https://files.mastodon.example/1.jpg",
     "remote_url": null, "description": "Vuurwerk boven het Steen"},
    {"id": "2", "type": "video", "url": "https://files.mastodon.example/2.mp4"},
    {"id": "3", "type": "image", "url": null,
     "remote_url": "https://elders.example/3.png", "description": ""}
  ]
}]""",
        expected=(
            {
                "nativeId": "https://mastodon.example/users/noor/statuses/115081234567890123",
                "revision": 1787339100000,
                "url": "https://mastodon.example/@noor/115081234567890123",
                "author": {
                    "key": "https://mastodon.example/users/noor",
                    "handle": "noor@mastodon.example",
                    "name": "Noor \U0001f386",
                    "url": "https://mastodon.example/@noor",
                },
                "text": "Wat een knal & licht\naan de Schelde\n\n#Bollekesfeest",
                "contentWarning": "Vuurwerk",
                "sensitive": True,
                "lang": ["nl"],
                "tags": [{"asWritten": "Bollekesfeest", "key": "bollekesfeest", "origin": "tags"}],
                "media": [
                    {
                        "originUrl": "https://files.mastodon.example/1.jpg",
                        "original": None,
                        "alt": "Vuurwerk boven het Steen",
                        "altOrigin": "author",
                        "refused": None,
                    },
                    {
                        "originUrl": "https://elders.example/3.png",
                        "original": None,
                        "alt": None,
                        "altOrigin": None,
                        "refused": None,
                    },
                ],
                "publishedAt": "2026-08-21T19:02:11.530000Z",
                "editedAt": "2026-08-21T19:05:00Z",
                "visibility": "public",
                "licence": None,
            },
        ),
    ),
    Example(
        sentence="What is not public keeps its visibility; what nobody knows counts as direct.",
        settings=_SERVER,
        given=b"""[
  {"id": "4", "uri": "https://mastodon.example/4", "account": {}, "visibility": "mutuals_only",
   "created_at": "2026-08-21T12:00:00Z"},
  {"id": "3", "uri": "https://mastodon.example/3", "account": {}, "visibility": "direct",
   "created_at": "2026-08-21T11:00:00Z"},
  {"id": "2", "uri": "https://mastodon.example/2", "account": {}, "visibility": "private",
   "created_at": "2026-08-21T10:00:00Z"},
  {"id": "1", "uri": "https://mastodon.example/1", "account": {}, "visibility": "unlisted",
   "created_at": "2026-08-21T09:00:00Z"}
]""",
        expected=(
            {"nativeId": "https://mastodon.example/1", "visibility": "unlisted"},
            {"nativeId": "https://mastodon.example/2", "visibility": "followers"},
            {"nativeId": "https://mastodon.example/3", "visibility": "direct"},
            {"nativeId": "https://mastodon.example/4", "visibility": "direct"},
        ),
    ),
)
