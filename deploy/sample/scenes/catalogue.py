# ruff: noqa: E501 (a description stands whole, to be read)
"""All compositions in the order in which the sample numbers its photos, with their words."""

from __future__ import annotations

from deploy.sample.scenes import above, boats, close, fair, river, square, stage, street
from deploy.sample.scenes.scene import Scene

SCENES: tuple[Scene, ...] = (
    Scene(
        "vuurwerk-boven-de-schelde", "Noorderkaai",
        "Vier vuurpijlen spatten open boven de donkere skyline en weerspiegelen in de rivier; onderaan een rij toeschouwers op de rug gezien.",
        ("Twintig minuten met het hoofd in de nek. De Schelde deed gewoon mee. #bollekesfeest",
         "Elk jaar zeggen we dat we vroeger gaan slapen. Elk jaar staan we hier. #bollekesfeest"),
        (22, 45), river.fireworks_river),
    Scene(
        "bolleke-op-tafel", "Café De Loodsen",
        "Een bol, gesteeld glas met amberkleurig bier en een dikke witte schuimkraag op een houten tafel; daarachter onscherpe, gekleurde lichtjes.",
        ("De eerste van het weekend smaakt altijd het best.",
         "Zo hoort het: een bolleke, een tafel in de zon en niemand die haast heeft. #bollekesfeest"),
        (21, 10), close.bolleke_close),
    Scene(
        "gouden-uur-aan-de-kaai", "Zuiderkaai",
        "Vier mensen staan als silhouet aan de reling van de kaai; aan de overkant gaat de zon onder achter de kerktoren, huizen en havenkranen.",
        ("Even niets zeggen en kijken. Zuiderkaai, kwart voor negen. #bollekesfeest",
         "We kwamen voor de muziek en bleven hangen aan de reling."),
        (20, 44), river.golden_quay),
    Scene(
        "lampjes-boven-het-plein", "Lindeplein",
        "Snoeren met lampjes kruisen elkaar in de schemering boven een geplaveid plein met oude gevels; overal staan mensen.",
        ("Het plein heeft zijn kerstverlichting vervroegd en niemand klaagt. #bollekesfeest",
         "Zodra de lampjes aangaan praat iedereen ineens wat stiller."),
        (21, 32), square.bulbs_square),
    Scene(
        "reuzenrad-bij-valavond", "Foor op de Gedempte Dok",
        "Een verlicht reuzenrad tegen een paarse avondhemel, met kermistenten en een menigte eronder.",
        ("Helemaal boven kun je ons dak zien. Zegt mijn dochter. #bollekesfeest",
         "Drie rondjes, hoogtevrees vergeten bij het tweede."),
        (21, 48), fair.ferris_night),
    Scene(
        "zeilen-op-de-stroom", "Linkeroever",
        "Drie zeilbootjes varen op kabbelend water, met kleinere in de verte; daarachter de bleke skyline met kerktoren onder een blauwe hemel.",
        ("Windkracht drie en alle zeilen erop. Mooiste parade van de dag.",
         "Van deze kant lijkt de stad op een decor. #bollekesfeest"),
        (14, 5), boats.sails),
    Scene(
        "fanfare-in-tegenlicht", "Podium Kraanstraat",
        "Zes muzikanten van een fanfare spelen naast elkaar als silhouet op een podium tegen oranje licht, met tuba, trombone, trompetten en grote trom.",
        ("De sousafoon won. Met voorsprong. #bollekesfeest",
         "Onze fanfare op haar best: luid, een tikje te snel en heel gelukkig. #bollekesfeest"),
        (20, 20), stage.brass_band),
    Scene(
        "parasols-van-boven", "Lindeplein",
        "Gekleurde en witte parasols op een plein met kasseien, recht van boven gezien, met lange schaduwen en enkele wandelaars ertussen.",
        ("Vanuit de toren is het plein een doos snoep. #bollekesfeest",
         "Schaduw was vandaag het kostbaarste goed van de stad."),
        (15, 20), square.parasols),
    Scene(
        "blauw-uur", "Noorderkaai",
        "De stad bij het blauwe uur: kerktoren, gevels met verlichte ramen en havenkranen, weerspiegeld in een stille rivier.",
        ("Tien minuten per dag is alles hier blauw. Dit was minuut zes.",
         "Het blauwe uur, met de lampen al aan. #bollekesfeest"),
        (21, 38), river.blue_hour),
    Scene(
        "confetti", "Lindeplein",
        "Gekleurde confetti dwarrelt neer boven een menigte met opgestoken handen; daarachter onscherpe gevels in roze en oranje licht.",
        ("Ik vind nog altijd confetti in mijn schoenen. #bollekesfeest",
         "Het moment waarop niemand nog op zijn telefoon keek. Bijna niemand."),
        (22, 5), stage.confetti),
    Scene(
        "driemaster-bij-zonsondergang", "Zuiderkaai",
        "Het silhouet van een driemaster met opgedoekte zeilen ligt op de rivier voor een ondergaande zon; enkele meeuwen vliegen voorbij.",
        ("Ze vertrekt morgen met het tij. Vanavond mocht iedereen nog kijken. #bollekesfeest",
         "Oud schip, nieuwe avond."),
        (20, 50), boats.tall_ship_sunset),
    Scene(
        "na-de-bui", "Vlashoek",
        "Iemand staat met een paraplu op natte kasseien die het licht van straatlampen en verlichte gevels weerspiegelen.",
        ("Natuurlijk regende het. Natuurlijk bleef het mooi. #bollekesfeest",
         "Vijf minuten bui, een uur lang spiegels op straat."),
        (22, 18), street.rain_cobbles),
    Scene(
        "stad-in-een-lijn", "Linkeroever",
        "Breed zicht op de hele stad bij zonsondergang: een rij gevels, de kerktoren en havenkranen boven een roze rivier.",
        ("Heel de stad op één lijn. Past niet op mijn telefoon, wel op de voorpagina. #bollekesfeest",
         "Breedbeeld is uitgevonden voor deze rivier."),
        (20, 58), river.panorama),
    Scene(
        "tros-ballonnen", "Kinderdorp",
        "Een tros gekleurde ballonnen stijgt op in een blauwe zomerhemel; enkele kleine ballonnen zweven verder weg.",
        ("Er is er één ontsnapt. Goed, zestien. #bollekesfeest",
         "Kinderdorp, vier uur: de lucht hangt vol."),
        (16, 2), above.balloons),
    Scene(
        "kraampjes", "Avondmarkt Vlashoek",
        "Een rij marktkramen met gestreepte luifels en warm licht bij avond; bezoekers staan er als silhouet voor.",
        ("Avondmarkt: je komt voor kaas en gaat naar huis met confituur. #bollekesfeest",
         "Zeven kramen ver en nog altijd honger."),
        (21, 20), square.stalls),
    Scene(
        "fiets-aan-de-reling", "Zuiderkaai",
        "Een fiets met een mandje staat als silhouet tegen een kaaireling; achter het water gaat de zon onder bij een kerktoren.",
        ("Parkeerplaats met zicht. #bollekesfeest",
         "Te voet is sneller vandaag, maar zij wilde ook mee."),
        (20, 40), close.bicycle_quay),
    Scene(
        "gouden-regen", "Torenplein",
        "Een grote goudkleurige vuurpijl waaiert open boven de spits van een gotische kerktoren; onderaan staan toeschouwers.",
        ("De toren droeg even een kroon. #bollekesfeest",
         "De laatste pijl was de mooiste, zoals altijd."),
        (22, 58), river.fireworks_tower),
    Scene(
        "gevels-en-vlaggetjes", "Torenplein",
        "Slingers met gekleurde vlaggetjes hangen voor een rij oude gevels in de middagzon; enkele mensen staan op de kasseien.",
        ("De gevels hebben hun zondagse vlaggen aan. #bollekesfeest",
         "Zelfs de trapgevels staan er vandaag wat rechter bij."),
        (15, 45), street.gables_day),
    Scene(
        "handen-in-de-lucht", "Hoofdpodium Houtdok",
        "Een menigte met opgestoken handen en oplichtende telefoons voor een podium met drie artiesten en gekruiste lichtbundels.",
        ("Iedereen kende het refrein. Iedereen. #bollekesfeest",
         "Derde bis en nog altijd handen tekort."),
        (22, 30), stage.concert),
    Scene(
        "lampionnen-op-het-dok", "Houtdok",
        "Tientallen oplichtende papieren lampionnen drijven op het donkere water van een dok, met de stad als silhouet op de achtergrond.",
        ("Op elke lampion staat een wens. De onze blijft geheim. #bollekesfeest",
         "Stilste moment van het weekend."),
        (22, 10), fair.lanterns),
    Scene(
        "schol", "Zuiderkaai",
        "Twee bolle glazen amberkleurig bier staan naast elkaar op een houten tafel voor een onscherpe rivier bij laag zonlicht.",
        ("Schol! Op nog eens tien jaar buren. #bollekesfeest",
         "Twee bollekes, één zonsondergang."),
        (20, 25), close.toast),
    Scene(
        "luchtballonnen-bij-ochtend", "Linkeroever",
        "Zes luchtballonnen zweven bij het eerste licht boven een nevelige rivier en een bleke skyline.",
        ("Zes uur 's ochtends en toch niet alleen wakker.",
         "De stad slaapt nog, de ballonnen niet. #bollekesfeest"),
        (6, 32), above.hot_air),
    Scene(
        "maan-achter-de-toren", "Torenplein",
        "Een volle maan staat achter de spits van een gotische kerktoren; onderaan kijken enkele mensen toe.",
        ("Precies op tijd achter de spits. Ik stond er al een uur. #bollekesfeest",
         "De maan is ook komen kijken."),
        (22, 50), above.moon_tower),
    Scene(
        "vlaggetjes-in-de-straat", "Kraanstraat",
        "Slingers met gekleurde vlaggetjes hangen tussen twee gevelrijen boven een smalle straat vol mensen, onder een blauwe hemel.",
        ("Onze straat won de prijs voor meeste vlaggetjes. Er deed maar één straat mee. #bollekesfeest",
         "Hoofd omhoog in de Kraanstraat."),
        (14, 40), street.bunting_street),
    Scene(
        "draaiend-reuzenrad", "Foor op de Gedempte Dok",
        "Een draaiend reuzenrad is door de lange sluitertijd een reeks lichtende cirkels, weerspiegeld in het water van een dok.",
        ("Vier seconden stilstaan terwijl de rest draait. #bollekesfeest",
         "Statief op de kaai, adem inhouden."),
        (22, 40), fair.ferris_trails),
    Scene(
        "kranen-in-de-mist", "Oude haven",
        "Breed beeld van oude havenkranen die in lichte ochtendmist aan het water staan, met meeuwen in de lucht.",
        ("De nachtploeg van vroeger, nu gepensioneerd.",
         "Voor het feest begint, is de haven van de meeuwen."),
        (6, 58), boats.cranes_mist),
    Scene(
        "steiger", "Houtdok",
        "Twee mensen staan op het einde van een houten steiger en kijken uit over een stille rivier met pastelkleurige hemel en skyline.",
        ("Einde van de steiger, begin van de avond.",
         "Wij tweeën, en een stad die zich omkleedt. #bollekesfeest"),
        (20, 55), boats.jetty),
    Scene(
        "sterretje", "Noorderkaai",
        "Een brandend sterretje met gouden vonken tegen een donkere achtergrond met onscherpe lichtjes.",
        ("Eén sterretje, dertig seconden, elf foto's. Dit is de goede. #bollekesfeest",
         "Klein vuurwerk telt ook."),
        (22, 25), close.sparkler),
    Scene(
        "dansen-op-de-kaai", "Zuiderkaai",
        "Zeven mensen dansen als silhouet op de kaai bij een oranje avondhemel, onder snoeren met lampjes.",
        ("Niemand kende de passen, iedereen danste. #bollekesfeest",
         "Bal populaire aan het water, tot de lampjes doofden."),
        (21, 5), stage.dancers),
    Scene(
        "puntzak-friet", "Frituur aan de foor",
        "Een rood-wit gestreepte puntzak met frieten en een toef mayonaise voor onscherpe kermislichtjes.",
        ("Ontbijt, als je om zes uur 's avonds opstaat. #bollekesfeest",
         "Grote met mayonaise, en nee, ik deel niet."),
        (21, 40), close.chips),
    Scene(
        "voetgangerstunnel", "Voetgangerstunnel",
        "Enkele wandelaars als silhouet diep in een ronde, betegelde tunnel met een lange rij lampen in het plafond.",
        ("Onder de rivier door naar het feest, 572 meter lang vooruitkijken.",
         "De kortste weg naar de overkant. #bollekesfeest"),
        (19, 15), fair.tunnel),
    Scene(
        "onscherpe-foor", "Foor op de Gedempte Dok",
        "Grote, onscherpe gekleurde lichtcirkels van de kermis, met vooraan de silhouetten van enkele mensen op de rug gezien.",
        ("Bril vergeten. Zo ziet de foor eruit. #bollekesfeest",
         "Scherp stellen is overschat."),
        (22, 15), fair.glimmer),
)  # fmt: skip
