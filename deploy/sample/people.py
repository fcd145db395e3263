# ruff: noqa: E501, RUF001 (names and lines stand as people write them)
"""Who took the sample's photos: ten invented curators, and a few visitors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Curator:
    """A city instagrammer who was invited to show the feast."""

    handle: str
    name: str
    bio: str


CURATORS: tuple[Curator, ...] = (
    Curator("lotte.langs.de.kaai", "Lotte Verhaegen", "Fietst elke ochtend langs het water en stopt te vaak voor foto's."),
    Curator("yassin_in_t_stad", "Yassin El Amrani", "Straatfotograaf met een zwak voor natte kasseien en neonlicht."),
    Curator("joke.kijkt.omhoog", "Joke Peeters", "Verzamelt trapgevels, torens en alles wat boven de winkelruiten gebeurt."),
    Curator("blauwuur.bram", "Bram De Wachter", "Slaapt overdag; leeft op tussen zonsondergang en middernacht."),
    Curator("amina.proeft", "Amina Diallo", "Schrijft over eten op straat en de mensen achter de kraam."),
    Curator("dokzicht", "Wout Segers", "Havenarbeider op rust, nu met camera in plaats van kraan."),
    Curator("nele.en.de.fanfare", "Nele Claes", "Speelt bugel en fotografeert tussen twee nummers door."),
    Curator("thuy.ziet.kleur", "Thuy Nguyen", "Grafisch ontwerper op zoek naar patronen in de stad."),
    Curator("opa.rik", "Rik Janssens", "Drieëntachtig, één toestel, geen enkele filter."),
    Curator("elif.op.t.plein", "Elif Yıldız", "Buurtwerker die vooral fotografeert wie mee op de foto wil."),
)  # fmt: skip

#: Visitors without an invitation, by the name they filled in on the form.
VISITORS: tuple[str, ...] = (
    "Marijke Op de Beeck",
    "Samuel Okafor",
    "Tine Goossens",
    "Kobe Vermeulen",
    "Fatima Benali",
    "Luc en Greet",
)
