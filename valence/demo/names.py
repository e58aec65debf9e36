"""Made-up people: names, addresses, numbers, and what they write in five languages."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FIRST = (
    "Mary", "Ines", "Tomas", "Adaeze", "Ruth", "Yusuf", "Priya", "Lars", "Chiara", "Mateo", "Amina", "Wei", "Noor",
    "Piotr", "Elif", "Kofi", "Sofia", "Hiroshi", "Leila", "Jonas", "Amara", "Diego", "Freya", "Rahul", "Zofia",
    "Samuel", "Ana", "Björn", "Chloé", "Dmitri", "Esther", "Fatima", "George", "Hana", "Ivan", "Jamila", "Kwame",
    "Lucía", "Marek", "Nadia", "Oskar", "Paula", "Quentin", "Rosa", "Sven", "Tariq", "Uma", "Vera", "Walter", "Ximena",
    "Yara", "Zeynep", "Aidan", "Beatriz", "Carlos", "Dagny", "Emeka", "Florian", "Greta", "Hugo", "Imani", "João",
    "Katarzyna", "Liam", "Mei", "Nils", "Olga", "Pedro", "Rania", "Stefan", "Thandiwe", "Viktor", "Wanjiru", "Yannick",
)  # fmt: skip
LAST = (
    "Ashdown", "Caldera", "Brandl", "Moru", "Vantongeren", "Okafor", "Lindqvist", "Ferreira", "Novak", "Haddad",
    "Nakamura", "Rossi", "Kowalski", "Mensah", "Iyer", "Dubois", "Schneider", "García", "Yilmaz", "Petrov", "Andersen",
    "Silva", "Murphy", "Chen", "Rahman", "Jensen", "Kaya", "Moreau", "Weiss", "Santos", "Bianchi", "Osei", "Larsen",
    "Fischer", "Romero", "Abebe", "Sato", "Horvat", "Vega", "Bakker", "Dlamini", "Eriksen", "Farouk", "Grant",
    "Hoffmann", "Ibarra", "Jovanović", "Keller", "Lopes", "Marchetti", "Nyström", "Ortega", "Pereira", "Quist", "Reyes",
    "Stewart", "Tanaka", "Ueda", "Varga", "Wójcik", "Xu", "Yeboah", "Zimmermann", "Achterberg", "Bello", "Cortés",
    "Delacroix", "Egan", "Fontaine", "Gupta", "Hughes", "Ivanova", "Kamau", "Lehmann", "Mbeki", "Nguyen", "Olsen",
)  # fmt: skip
_DOMAINS = ("example.com", "example.org", "example.net")

# By language and topic: the topics are those of `vocabulary.TOPICS`.
SAID: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("I took a day off and nobody came on time.", "Waited from two until eight for the technician.",
         "Third visit and it still does not work."),
        ("The installer left mud all over the hall.", "Holes in the wall and dust everywhere."),
        ("Third time I explain this from the start.", "Passed from one desk to the next and still not solved.",
         "Twenty minutes on hold for nothing."),
        ("Twice I asked if there was anything else to pay. Both times: no.", "Nobody told me about this fee.",
         "The bill is higher than what I was told."),
        ("They promised to call back. Nobody did.", "The credit I was promised never came."),
        ("The line was down for hours and nobody said why.", "Another outage, this is the third one."),
        ("Please stop sending me offers I cannot use.",),
        ("She rang exactly when she said. Thank you!", "Quick, friendly, solved at once.",
         "Great service in the shop."),
        ("All fine so far.", "It works.", "Nothing to add."),
        ("The other company is cheaper.", "Just asking when my contract ends."),
    ),
    "es": (
        ("Pedí el día libre y no vinieron a la hora.", "Tercera visita y sigue sin funcionar."),
        ("Dejaron todo el pasillo sucio.",),
        ("Lo he explicado tres veces y sigue sin resolverse.", "Veinte minutos esperando para nada."),
        ("Nadie me habló de este cargo.", "La factura es más alta de lo que me dijeron."),
        ("Prometieron llamar y nunca llamaron.", "El abono prometido no ha llegado."),
        ("Otra vez sin línea durante horas.",),
        ("Dejen de enviarme ofertas que no me sirven.",),
        ("Muy amables y rápidos, gracias.", "Lo resolvieron a la primera."),
        ("Todo bien.", "Funciona."),
        ("La competencia es más barata.",),
    ),
    "de": (
        ("Ich habe extra Urlaub genommen und der Techniker kam zu spät.",
         "Der dritte Termin, und es geht immer noch nicht."),
        ("Der Flur war danach voller Dreck.",),
        ("Ich erkläre das jetzt zum dritten Mal.", "Zwanzig Minuten in der Warteschleife."),
        ("Von dieser Gebühr war nie die Rede.", "Die Rechnung ist höher als vereinbart."),
        ("Der versprochene Rückruf kam nie.", "Die Gutschrift ist nicht angekommen."),
        ("Schon wieder stundenlang kein Netz.",),
        ("Bitte keine Werbung mehr, die nicht passt.",),
        ("Sehr freundlich und sofort gelöst.", "Danke, genau wie versprochen."),
        ("Alles in Ordnung.", "Läuft."),
        ("Anderswo ist es günstiger.",),
    ),
    "fr": (
        ("J'ai pris un jour de congé et personne n'est venu à l'heure.",
         "Troisième visite et ça ne marche toujours pas."),
        ("L'installateur a laissé de la boue partout.",),
        ("Je répète la même chose pour la troisième fois.", "Vingt minutes d'attente pour rien."),
        ("Personne ne m'a parlé de ces frais.", "La facture dépasse ce qu'on m'avait dit."),
        ("On devait me rappeler. Rien.", "L'avoir promis n'est jamais arrivé."),
        ("Encore une panne de plusieurs heures.",),
        ("Arrêtez de m'envoyer des offres inutiles.",),
        ("Rapide et aimable, merci.", "Résolu du premier coup."),
        ("Rien à signaler.", "Ça marche."),
        ("C'est moins cher ailleurs.",),
    ),
    "pt": (
        ("Tirei o dia e o técnico não veio na hora.", "Terceira visita e continua sem funcionar."),
        ("Deixaram lama no corredor todo.",),
        ("Já expliquei isto três vezes.", "Vinte minutos à espera para nada."),
        ("Ninguém me falou desta taxa.", "A fatura é mais alta do que me disseram."),
        ("Prometeram ligar e nunca ligaram.", "O crédito prometido não chegou."),
        ("Outra vez horas sem rede.",),
        ("Parem de enviar ofertas que não servem.",),
        ("Muito simpáticos, resolvido na hora.", "Obrigada, tudo como prometido."),
        ("Tudo bem.", "Funciona."),
        ("A concorrência é mais barata.",),
    ),
}  # fmt: skip


def people(*, count: int, first_number: int, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Return name, email and phone (c,) of so many people; numbers keep the addresses apart."""
    first, last = rng.integers(0, len(FIRST), count), rng.integers(0, len(LAST), count)
    domain, line = rng.integers(0, len(_DOMAINS), count), rng.integers(0, 1000, count)
    numbers = range(first_number, first_number + count)
    name = [f"{FIRST[f]} {LAST[n]}" for f, n in zip(first, last, strict=True)]
    email = [f"{_plain(FIRST[f])}.{_plain(LAST[n])}.{number}@{_DOMAINS[d]}"
             for f, n, number, d in zip(first, last, numbers, domain, strict=True)]  # fmt: skip
    phone = [f"+44 7700 900{digits:03d}" for digits in line]
    said = {"name": name, "email": email, "phone": phone}
    return {column: np.array(words, dtype=object) for column, words in said.items()}


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha())


def comments(*, language: NDArray[np.int64], topic: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.object_]:
    """Return what each writes, in their language (code), about their topic (code)."""
    languages = list(SAID)
    dice = rng.random(len(language))
    said = np.empty(len(language), dtype=object)
    for place, (tongue, about, die) in enumerate(zip(language, topic, dice, strict=True)):
        choices = SAID[languages[tongue]][about]
        said[place] = choices[int(die * len(choices))]
    return said
