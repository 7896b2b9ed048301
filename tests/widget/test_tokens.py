"""The design tokens: every text can be read on every surface that it is meant for."""

import re
from importlib.resources import files

import pytest

TEXT = (files("config") / "static" / "tokens.css").read_text("utf-8")
LIGHT_PART, DARK_PART = TEXT.split("@media (prefers-color-scheme: dark)")


def colours(part: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part))


SCHEMES = {"light": colours(LIGHT_PART), "dark": {**colours(LIGHT_PART), **colours(DARK_PART)}}
SURFACES = ("page", "surface", "surface-sunken", "surface-hover", "brand-soft")
PAIRS = [
    *((ink, surface) for ink in ("ink", "ink-soft", "ink-faint", "brand-ink") for surface in SURFACES),
    *((meaning, surface) for meaning in ("good", "warn", "bad") for surface in ("surface", f"{meaning}-soft")),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("on-bad", "bad"),
    ("on-bubble-customer", "bubble-customer"),
    ("on-bubble", "bubble-bot"),
    ("on-bubble", "bubble-agent"),
]


def luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "surface"), PAIRS, ids=lambda name: name)
def test_contrast_meets_wcag_aa(scheme, text, surface):
    dark, light = sorted(luminance(SCHEMES[scheme][name]) for name in (text, surface))
    assert (light + 0.05) / (dark + 0.05) >= 4.5
