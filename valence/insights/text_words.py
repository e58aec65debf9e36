"""What was read in texts, as people say it: tones, intents, emotions. Pure."""

from __future__ import annotations

from collections.abc import Mapping

TONES: Mapping[str, str] = {
    "negative": "Negative",
    "mixed": "Mixed",
    "neutral": "Neutral",
    "positive": "Positive",
    "cannot_tell": "Cannot tell",
}
INTENTS: Mapping[str, str] = {
    "leaving": "Wants to leave",
    "urgent": "Urgent or unsafe",
    "complaint": "Complains",
    "praise": "Praises",
    "request": "Asks for something",
    "question": "Asks a question",
    "promise": "Speaks of a promise",
    "competitor": "Names a competitor",
    "score_plea": "Begged for a score",
}
ROLES: Mapping[str, str] = {
    "technician": "Technician or installer",
    "seller": "Seller",
    "billing_clerk": "Billing",
    "agent": "Agent or hotline",
    "shop_staff": "Shop staff",
    "manager": "Manager",
    "driver": "Driver or courier",
    "waiter": "Waiter",
    "cook": "Cook",
    "adviser": "Adviser",
    "crew": "Crew or reception",
    "handed_on": "Sent from one to the next",
}
LANGUAGES: Mapping[str, str] = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "ar": "Arabic", "pt": "Portuguese",
    "it": "Italian", "nl": "Dutch", "pl": "Polish", "ru": "Russian", "tr": "Turkish", "zh": "Chinese",
    "ja": "Japanese", "ko": "Korean", "sv": "Swedish", "da": "Danish", "fi": "Finnish", "no": "Norwegian",
    "cannot_tell": "Cannot tell",
}  # fmt: skip
RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur"})


def intent(name: str) -> str:
    """Return an intent as people say it."""
    return INTENTS.get(name, plain(name))


def role(name: str) -> str:
    """Return somebody of the company by their role, as people say it."""
    return ROLES.get(name, plain(name))


def tone(name: str) -> str:
    """Return a tone as people say it."""
    return TONES.get(name, plain(name))


def language(code: str) -> str:
    """Return a language as people say it."""
    return LANGUAGES.get(code, code)


def plain(name: str) -> str:
    """Return a name of the code as words."""
    return name.replace("_", " ").capitalize()
