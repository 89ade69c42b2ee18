"""Colours that can be read on the company's. Pure."""

from typing import Final

LIGHT: Final = "#ffffff"
DARK: Final = "#000000"


def text_on(background: str) -> str:
    """The one of LIGHT and DARK with more contrast on a colour of six hexadecimal digits (WCAG 2.2, 1.4.3)."""
    own = _luminance(background)
    return LIGHT if _contrast(own, _luminance(LIGHT)) >= _contrast(own, _luminance(DARK)) else DARK


def _luminance(color: str) -> float:
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
