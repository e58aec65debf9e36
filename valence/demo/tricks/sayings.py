"""What made-up customers write: when a score was asked of them, and when nothing of the kind happened.

PLEAS are what some of those write who were asked for a score. ASIDE are what a detector must not take for it. REWORDED
tell of the same in ways that no list foresees; they are planted as a stress only.
"""

from __future__ import annotations

from collections.abc import Mapping

PLEAS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "He asked me for a ten.", "The technician told me to give him top marks, so here you go.",
        "She begged me for five stars because her bonus depends on it.",
        "Was told anything below nine counts as a fail.",
        "The lad said only a 10 helps him.", "Nice enough, but kept asking me to give the highest score.",
        "They offered me a discount for a good rating.", "I was asked to put all tens.",
        "He reminded me twice to leave a perfect score.", "He loses his bonus otherwise, he said.",
    ),
    "es": (
        "Me pidió que le pusiera un diez.", "El técnico insistió en que diera la máxima puntuación.",
        "Su bono depende de esta encuesta, me dijo.", "Me dijeron que pusiera la nota más alta.",
        "Menos de nueve cuenta como suspenso, según él.", "Me ofrecieron un descuento por una buena valoración.",
        "Me rogó que le diera cinco estrellas.", "Solo un diez le sirve, dijo.",
    ),
    "de": (
        "Er bat mich um eine Zehn.", "Der Techniker sagte, ich soll die volle Punktzahl geben.",
        "Sein Bonus hängt von dieser Bewertung ab.", "Nur eine 10 zählt für ihn, hieß es.",
        "Alles unter neun gilt als durchgefallen, meinte sie.", "Ich wurde gebeten, die beste Note zu geben.",
        "Sie hat um fünf Sterne gebettelt.", "Ich sollte unbedingt die höchste Bewertung anklicken.",
    ),
    "fr": (
        "Il m'a demandé de mettre un dix.", "Le technicien a insisté pour avoir la meilleure note.",
        "Sa prime dépend de cette note.", "Moins de neuf compte comme un échec, paraît-il.",
        "On m'a demandé de mettre la note maximale.", "Elle m'a supplié de lui donner cinq étoiles.",
        "On m'a offert une remise pour une bonne note.", "Seul un dix compte pour lui.",
    ),
    "pt": (
        "Ele pediu-me um dez.", "O técnico insistiu para eu dar a nota máxima.",
        "O prémio dela depende desta avaliação.", "Pediram-me para dar a pontuação mais alta.",
        "Só um dez conta, disse ele.", "Ofereceram-me um desconto por uma boa avaliação.",
        "Implorou por cinco estrelas.", "Abaixo de nove conta como falha, explicou.",
    ),
}  # fmt: skip

ASIDE: Mapping[str, tuple[str, ...]] = {
    "en": (
        "I was asked to fill in this survey.", "Had to ask ten times.", "He asked me for ten minutes of patience.",
        "10 out of 10, would recommend.", "They told me five days, it took nine.", "She asked whether all was well.",
        "Top marks from me, nobody had to ask.", "Asked for a full refund and got it.",
    ),
    "es": (
        "Me pidieron que rellenara la encuesta.", "Tuve que llamar diez veces.", "Me dijeron que serían cinco días.",
        "Un diez para el equipo.", "Pidió diez minutos de paciencia.",
    ),
    "de": (
        "Ich wurde gebeten, die Umfrage auszufüllen.", "Ich musste zehn Mal anrufen.", "Er bat um zehn Minuten Geduld.",
        "Volle Punktzahl von mir, ganz freiwillig.", "Es sollte fünf Tage dauern.",
    ),
    "fr": (
        "On m'a demandé de répondre au sondage.", "J'ai dû appeler dix fois.", "Il a demandé dix minutes de patience.",
        "Dix sur dix.", "On m'avait dit cinq jours.",
    ),
    "pt": (
        "Pediram-me para responder ao inquérito.", "Tive de ligar dez vezes.", "Pediu dez minutos de paciência.",
        "Nota dez para a equipa.", "Disseram cinco dias.",
    ),
}  # fmt: skip

REWORDED: tuple[str, ...] = (
    "He hovered over me till I pressed the right button.", "Filled this in while he watched.",
    "Did as he wished.", "We agreed on what I would click before he left.",
    "Er stand daneben, als ich das ausgefüllt habe.", "No me dejaba en paz hasta que contesté bien.",
    "J'ai coché ce qu'il fallait.", "Fiz como me ensinaram.", "Mi ha chiesto un dieci.", "Hij vroeg om een tien.",
)  # fmt: skip

STOCK = (
    "Great service, thank you very much!", "Very friendly and competent staff.", "Everything perfect, as always.",
    "Super netter Service, alles bestens.", "Todo perfecto, muy amables.",
)  # fmt: skip
