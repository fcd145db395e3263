# ruff: noqa: E501, RUF001 (sentences stand whole, to be read)
"""What the invented city blogger wrote about the feast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

BLOG = "Kaaipraat"
BLOGGER = "Griet Van Loock"
TAGLINE = "Notities van een buur aan het water"

#: Blog photos are of another series than the uploads, so that none is seen twice.
BLOG_SEED = 7


@dataclass(frozen=True, slots=True)
class Post:
    """One post of the blog, with one photo."""

    slug: str
    title: str
    published: datetime
    updated: datetime
    photo: int
    categories: tuple[str, ...]
    paragraphs: tuple[str, ...]

    @property
    def id(self) -> str:
        """Give the id that stays the same wherever the blog moves."""
        return f"tag:kaaipraat.example,{self.published:%Y-%m-%d}:{self.slug}"


POSTS: tuple[Post, ...] = (
    Post(
        slug="lege-glazen-volle-kaai",
        title="Lege glazen, volle kaai",
        published=datetime(2026, 8, 16, 9, 12, tzinfo=UTC),
        updated=datetime(2026, 8, 16, 9, 12, tzinfo=UTC),
        photo=17,
        categories=("bollekesfeest", "zomer", "kaaien"),
        paragraphs=(
            "Zondagochtend, tien over elf. De straatvegers zijn al klaar, de meeuwen nog niet. Op de Zuiderkaai ruikt het naar koffie en een beetje naar gisteren, en op elke bank zit iemand die eigenlijk nog in bed hoorde te liggen.",
            "Gisteravond stonden we met z’n allen onder de toren. Ik had me voorgenomen om niet naar het vuurwerk te kijken maar naar de gezichten. Dat heb ik precies vier pijlen lang volgehouden. Daarna ging er één open die zo traag neerdwarrelde dat het hele plein vergat te juichen.",
            "Naast mij stond een man met een kind op de schouders. ‘Is het nu gedaan?’ vroeg het. ‘Nee,’ zei hij, ‘nu begint het opruimen.’ Hij had gelijk. Maar eerst nog een laatste bolleke, voor de weg van driehonderd meter naar huis.",
        ),
    ),
    Post(
        slug="de-fanfare-komt-voorbij",
        title="De fanfare komt voorbij, zet het raam open",
        published=datetime(2026, 8, 15, 7, 40, tzinfo=UTC),
        updated=datetime(2026, 8, 15, 16, 5, tzinfo=UTC),
        photo=7,
        categories=("bollekesfeest", "muziek"),
        paragraphs=(
            "Je hoort ze altijd eerst aan de grote trom: drie straten ver, net uit de maat met de kerkklok. Dan de tuba, als een schip dat aanmeert. En dan pas, om de hoek van de Kraanstraat, de hele bende.",
            "Onze fanfare repeteert op dinsdag boven de oude brandweerkazerne. De jongste is elf en speelt trompet alsof ze iemand wil wekken. De oudste is eenentachtig en blaast de sousafoon van zijn vader. Samen kennen ze veertien nummers, waarvan er vier op elkaar lijken.",
            "Vrijdagavond speelden ze in het laatste licht op het podium. Niemand danste, iedereen wiegde. Pas bij het bisnummer ging het plein los: de bakker met de apotheker, twee agenten met elkaar, en ik met mijn fototoestel.",
        ),
    ),
    Post(
        slug="acht-soorten-schaduw",
        title="Acht soorten schaduw op het Lindeplein",
        published=datetime(2026, 8, 14, 14, 25, tzinfo=UTC),
        updated=datetime(2026, 8, 14, 14, 25, tzinfo=UTC),
        photo=8,
        categories=("bollekesfeest", "stad"),
        paragraphs=(
            "Wie op het heetste uur van de dag het plein over moet, leert vanzelf kaartlezen. Van parasol naar parasol, langs de linde, dan achter de kiosk door. Er zijn acht soorten schaduw op dit plein en ik heb ze allemaal getest.",
            "De beste is die van de gele parasol bij de fontein: er waait altijd een zuchtje en je hoort het water. De slechtste is je eigen schaduw, want die verhuist mee.",
            "Van bovenaf, vanuit de toren, zie je pas hoe het plein in elkaar zit. Honderd mensen die elkaar niet kennen en toch even ver uit elkaar gaan zitten. Tot iemand een bolleke bestelt, en dan schuift iedereen een stoel op.",
        ),
    ),
    Post(
        slug="voor-het-feest-begint",
        title="Voor het feest begint",
        published=datetime(2026, 8, 13, 5, 55, tzinfo=UTC),
        updated=datetime(2026, 8, 13, 5, 55, tzinfo=UTC),
        photo=26,
        categories=("bollekesfeest", "haven"),
        paragraphs=(
            "Kwart voor zeven en de haven is van niemand. De kranen staan in de mist als reigers die op iets wachten. Over een uur rijden de eerste vrachtwagens met podiumdelen de kaai op, tegen de middag hangen er lampjes, en vanavond is het hier te klein.",
            "Ik kom elk jaar op deze ochtend kijken. Niet omdat er iets te zien is, maar omdat er nog niets te zien is. Een stad die straks feest viert, ademt anders.",
            "Rik, die hier veertig jaar op kraan zeven zat, gaat naast me staan. ‘Mooi hè,’ zegt hij, ‘als ze stilstaan.’ Dan gaat hij zijn goede hemd aandoen.",
        ),
    ),
)  # fmt: skip
