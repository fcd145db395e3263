# ruff: noqa: RUF001 - these are sentences with the signs that their languages use
"""The texts of the campaign templates, by language; `{name}` becomes the campaign's own name."""

from services.contracts.ingest import Localised

MODERATED_BY: Localised = {
    "nl": "De redactie van de stad bekijkt alles wat binnenkomt, meestal dezelfde dag.",
    "fr": "La rédaction de la ville regarde tout ce qui arrive, le plus souvent le jour même.",
    "en": "The city's editors look at everything that comes in, mostly on the same day.",
    "de": "Die Redaktion der Stadt sieht sich alles an, meistens noch am selben Tag.",
}
AFTERWARDS: Localised = {
    "nl": "Wat goedgekeurd is, komt met je naam in de galerij. Je krijgt een privélink waarmee je"
    " volgt wat ermee gebeurt en het altijd kunt terugnemen; dan verdwijnt het overal.",
    "fr": "Ce qui est approuvé paraît dans la galerie avec votre nom. Vous recevez un lien privé"
    " pour suivre ce que cela devient et le reprendre à tout moment ; il disparaît alors partout.",
    "en": "What is approved appears in the gallery with your name. You get a private link to follow"
    " what becomes of it and to take it back at any time; then it goes from everywhere.",
    "de": "Was freigegeben ist, erscheint mit Ihrem Namen in der Galerie. Über einen privaten Link"
    " sehen Sie, was daraus wird, und können es jederzeit zurückziehen; dann verschwindet es"
    " überall.",
}
CONSENT: Localised = {
    "nl": "Je mag tonen wat ik stuur, met mijn naam, op de plaatsen die ik aanvink, tot de termijn"
    " om is of tot ik het terugneem.",
    "fr": "Vous pouvez montrer ce que j’envoie, avec mon nom, aux endroits que je coche, jusqu’à la"
    " fin du délai ou jusqu’à ce que je le reprenne.",
    "en": "You may show what I send, with my name, in the places that I tick, until the term ends"
    " or until I take it back.",
    "de": "Sie dürfen zeigen, was ich schicke, mit meinem Namen, an den Orten, die ich ankreuze,"
    " bis die Frist endet oder bis ich es zurückziehe.",
}

FESTIVAL_TITLE: Localised = {
    "nl": "Festival in 10 × 10",
    "fr": "Un festival en 10 × 10",
    "en": "Festival in 10 × 10",
    "de": "Festival in 10 × 10",
}
FESTIVAL_SUMMARY: Localised = {
    "nl": "Tien gasten tonen een evenement in tien foto’s elk. Iedereen kan meedoen met de"
    " hashtag.",
    "fr": "Dix invités montrent un événement en dix photos chacun. Tout le monde participe avec le"
    " hashtag.",
    "en": "Ten guests show an event in ten photos each. Everybody can join with the hashtag.",
    "de": "Zehn Gäste zeigen ein Ereignis in je zehn Fotos. Alle können mit dem Hashtag mitmachen.",
}
FESTIVAL_BRIEF: Localised = {
    "nl": "{name}, door de ogen van wie erbij is. Deel je foto’s met de hashtag of laad ze hier"
    " op.",
    "fr": "{name}, vu par celles et ceux qui y sont. Partagez vos photos avec le hashtag ou"
    " déposez-les ici.",
    "en": "{name}, through the eyes of those who are there. Share your photos with the hashtag or"
    " upload them here.",
    "de": "{name}, gesehen von denen, die dabei sind. Teilen Sie Ihre Fotos mit dem Hashtag oder"
    " laden Sie sie hier hoch.",
}
FESTIVAL_RULES: Localised = {
    "nl": "Stuur alleen foto’s die je zelf maakte. Vraag het aan wie herkenbaar in beeld komt. Geen"
    " reclame. Voor een reeks: tien foto’s, samen één verhaal, vóór de uiterste datum.",
    "fr": "N’envoyez que des photos que vous avez prises. Demandez leur accord aux personnes"
    " reconnaissables. Pas de publicité. Pour une série : dix photos, une seule histoire, avant la"
    " date limite.",
    "en": "Send only photos that you made yourself. Ask people who can be recognised. No"
    " advertising. For a series: ten photos, one story together, before the deadline.",
    "de": "Schicken Sie nur Fotos, die Sie selbst gemacht haben. Fragen Sie Menschen, die erkennbar"
    " sind. Keine Werbung. Für eine Serie: zehn Fotos, zusammen eine Geschichte, vor dem Stichtag.",
}

ROTATION_TITLE: Localised = {
    "nl": "Vaste pagina met wisselende gast",
    "fr": "Page permanente, invité changeant",
    "en": "Permanent page with a rotating guest",
    "de": "Dauerhafte Seite mit wechselndem Gast",
}
ROTATION_SUMMARY: Localised = {
    "nl": "Een jaar lang neemt om de twee weken iemand anders de pagina over, op maandag om 9 uur.",
    "fr": "Pendant un an, toutes les deux semaines, quelqu’un d’autre reprend la page, le lundi à"
    " 9 h.",
    "en": "For a year, somebody else takes over the page every two weeks, on Monday at 9.",
    "de": "Ein Jahr lang übernimmt alle zwei Wochen jemand anderes die Seite, montags um 9 Uhr.",
}
ROTATION_BRIEF: Localised = {
    "nl": "{name}: elke twee weken laat iemand anders zien hoe die de stad beleeft.",
    "fr": "{name} : toutes les deux semaines, quelqu’un d’autre montre sa ville.",
    "en": "{name}: every two weeks somebody else shows how they live the city.",
    "de": "{name}: Alle zwei Wochen zeigt jemand anderes, wie er oder sie die Stadt erlebt.",
}
ROTATION_RULES: Localised = {
    "nl": "Vertel in je eigen woorden. Respecteer wie je in beeld brengt. Geen reclame en geen"
    " partijpolitiek. Geef na twee weken door met een woordje voor wie na jou komt.",
    "fr": "Racontez avec vos mots. Respectez les personnes que vous montrez. Ni publicité, ni"
    " politique partisane. Après deux semaines, laissez un mot à la personne suivante.",
    "en": "Tell it in your own words. Respect the people you show. No advertising and no party"
    " politics. After two weeks, hand over with a word to the one who comes next.",
    "de": "Erzählen Sie mit Ihren eigenen Worten. Achten Sie die Menschen, die Sie zeigen. Keine"
    " Werbung, keine Parteipolitik. Nach zwei Wochen übergeben Sie mit einem Wort an den Nächsten.",
}

WIDE_TITLE: Localised = {
    "nl": "Oproep voor brede foto’s",
    "fr": "Appel à photos panoramiques",
    "en": "Call for wide photos",
    "de": "Aufruf für Breitbildfotos",
}
WIDE_SUMMARY: Localised = {
    "nl": "Foto’s voor de startpagina en grote schermen, opgeladen door iedereen die wil.",
    "fr": "Des photos pour la page d’accueil et les grands écrans, déposées par qui le souhaite.",
    "en": "Photos for the front page and large screens, uploaded by anybody who wants to.",
    "de": "Fotos für die Startseite und große Bildschirme, hochgeladen von allen, die mögen.",
}
WIDE_BRIEF: Localised = {
    "nl": "{name}: toon ons de stad op haar breedst. Een liggende foto, met ruimte links en"
    " rechts.",
    "fr": "{name} : montrez-nous la ville en grand. Une photo horizontale, avec de l’espace à"
    " gauche et à droite.",
    "en": "{name}: show us the city at its widest. A photo in landscape, with room left and right.",
    "de": "{name}: Zeigen Sie uns die Stadt in ihrer ganzen Breite. Ein Querformat mit Platz links"
    " und rechts.",
}
WIDE_RULES: Localised = {
    "nl": "Een liggende foto van minstens 1920 punten breed, zelf gemaakt, zonder tekst of logo in"
    " beeld. Vraag het aan wie herkenbaar is.",
    "fr": "Une photo horizontale d’au moins 1920 points de large, prise par vous, sans texte ni"
    " logo. Demandez leur accord aux personnes reconnaissables.",
    "en": "A photo in landscape, at least 1920 points wide, made by yourself, without text or"
    " logo in it. Ask people who can be recognised.",
    "de": "Ein Querformat von mindestens 1920 Punkten Breite, selbst gemacht, ohne Text oder Logo."
    " Fragen Sie Menschen, die erkennbar sind.",
}

BLOGS_TITLE: Localised = {
    "nl": "Blogs uit de stad",
    "fr": "Les blogs de la ville",
    "en": "Blog round-up",
    "de": "Blogs aus der Stadt",
}
BLOGS_SUMMARY: Localised = {
    "nl": "Stukken van bloggers, uit hun eigen feed, met wat je met elk van hen afsprak.",
    "fr": "Des billets de blogueurs, tirés de leur propre flux, selon ce que vous avez convenu.",
    "en": "Pieces by bloggers, from their own feeds, under what you agreed with each of them.",
    "de": "Texte von Bloggern aus ihren eigenen Feeds, so wie Sie es mit ihnen vereinbart haben.",
}
BLOGS_BRIEF: Localised = {
    "nl": "{name}: wat bloggers over de stad schrijven, op één plek.",
    "fr": "{name} : ce que les blogueurs écrivent sur la ville, réuni ici.",
    "en": "{name}: what bloggers write about the city, in one place.",
    "de": "{name}: was Blogger über die Stadt schreiben, an einem Ort.",
}
BLOGS_RULES: Localised = {
    "nl": "We tonen een stuk met de naam van wie het schreef en een link naar de blog. We nemen"
    " enkel over van bloggers met wie we dat afspraken.",
    "fr": "Nous montrons un billet avec le nom de son auteur et un lien vers le blog. Nous ne"
    " reprenons que les blogueurs avec qui nous l’avons convenu.",
    "en": "We show a piece with its writer's name and a link to the blog. We only take from"
    " bloggers with whom we agreed so.",
    "de": "Wir zeigen einen Text mit dem Namen seiner Autorin oder seines Autors und einem Link zum"
    " Blog. Wir übernehmen nur von Bloggern, mit denen wir das vereinbart haben.",
}

CASTING_TITLE: Localised = {
    "nl": "Oproep voor figuranten",
    "fr": "Appel à figurants",
    "en": "Casting call",
    "de": "Aufruf für Statisten",
}
CASTING_SUMMARY: Localised = {
    "nl": "Een korte oproep: mensen antwoorden met enkele regels en, als ze willen, een foto.",
    "fr": "Un court appel : les gens répondent en quelques lignes et, s’ils veulent, une photo.",
    "en": "A short call: people answer with a few lines and, if they like, a photo.",
    "de": "Ein kurzer Aufruf: Wer mag, antwortet mit ein paar Zeilen und vielleicht einem Foto.",
}
CASTING_BRIEF: Localised = {
    "nl": "{name}: we zoeken mensen om mee te doen. Vertel in enkele regels wie je bent en"
    " waarom je erbij wilt zijn.",
    "fr": "{name} : nous cherchons des personnes pour participer. Dites en quelques lignes qui vous"
    " êtes et pourquoi vous voulez en être.",
    "en": "{name}: we are looking for people to take part. Tell us in a few lines who you are"
    " and why you want to be there.",
    "de": "{name}: Wir suchen Menschen, die mitmachen. Schreiben Sie in ein paar Zeilen, wer Sie"
    " sind und warum Sie dabei sein möchten.",
}
CASTING_RULES: Localised = {
    "nl": "Zet geen telefoonnummer of adres in je tekst: wat goedgekeurd is, kan iedereen lezen."
    " Ben je jonger dan 18, vraag het dan eerst aan je ouders.",
    "fr": "N’indiquez ni téléphone ni adresse : tout le monde peut lire ce qui est approuvé. Si"
    " vous avez moins de 18 ans, demandez d’abord à vos parents.",
    "en": "Put no phone number or address in your text: anybody can read what is approved. If"
    " you are under 18, ask your parents first.",
    "de": "Schreiben Sie keine Telefonnummer oder Adresse: Was freigegeben ist, können alle lesen."
    " Wenn Sie unter 18 sind, fragen Sie zuerst Ihre Eltern.",
}
