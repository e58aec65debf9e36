"""Whether a brand's colour can be read: contrast as WCAG 2.2 measures it, and the nearest colour that can. Pure."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator

from valence.surveys.survey import Brand

WHITE = (255, 255, 255)
INK = (23, 21, 31)
PAPER = (247, 246, 243)
NIGHT = (27, 26, 32)
"""The grounds on which the page writes in the brand's colour: of its light ones the darker, of its dark the lighter."""

LEAST = 4.5
"""Least contrast of text (WCAG 2.2, 1.4.3)."""

HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
LOGO = re.compile(r"data:image/(png|webp|jpeg);base64,[A-Za-z0-9+/=]+")
LARGEST_LOGO = 8_000

Colour = tuple[int, int, int]


def faults(brand: Brand) -> Iterator[str]:
    """Yield what is wrong with a brand."""
    if brand.colour and not HEX.fullmatch(brand.colour):
        yield f"brand: {brand.colour!r} is not a colour such as #4a3fb5"
    if brand.logo and not LOGO.fullmatch(brand.logo):
        yield "brand: the logo is not a PNG, WebP or JPEG image"
    if len(brand.logo) > LARGEST_LOGO:
        yield f"brand: the logo is larger than {LARGEST_LOGO * 3 // 4:,} bytes; the page has to stay small"


def ratio(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, *, on_dark: bool) -> str:
    """Return the colour, made darker (lighter on a dark page) until text in it can be read on the page."""
    page = NIGHT if on_dark else PAPER
    red, green, blue = _parsed(colour)
    hue, light, strength = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    while ratio(_rgb(hue, light, strength), page) < LEAST and 0 <= light <= 1:
        light += 0.01 if on_dark else -0.01
    return "#{:02x}{:02x}{:02x}".format(*_rgb(hue, min(max(light, 0), 1), strength))


def text_on(colour: str) -> str:
    """Return white or a near black, whichever is read better on a colour."""
    ground = _parsed(colour)
    return "#ffffff" if ratio(ground, WHITE) >= ratio(ground, INK) else "#17151f"


def _parsed(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _rgb(hue: float, light: float, strength: float) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(hue, min(max(light, 0), 1), strength)
    return round(red * 255), round(green * 255), round(blue * 255)


def _luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
