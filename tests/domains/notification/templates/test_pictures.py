"""Each built-in template as a browser shows it: on a phone and on a desk, with long words, in light and in dark."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from domains.notification.renderer import texts_of
from domains.notification.templates.colors import text_on
from domains.notification.templates.library import LANGUAGES, built_in, kinds
from domains.notification.templates.samples import SAMPLES, SHOP
from tests.domains.notification.templates.browser import needs_chromium, pictures

pytestmark = needs_chromium
PHONE: Final = 375
DESK: Final = 640
READABLE: Final = 4.5
"""The least contrast of a text (WCAG 2.2, 1.4.3)."""
LONG: Final = ("Donaudampfschifffahrtsgesellschaftskapitänsmütze" * 6)[:255]
KEPT: Final = {"destination", "kind", "language", "time_zone", "currency", "placed_at", "last_day"}
AMOUNTS: Final = {
    "subtotal",
    "discount",
    "shipping",
    "tax",
    "total",
    "amount_due",
    "amount",
    "old_price",
    "new_price",
}
NUMBERS: Final = {"quantity", "available", "threshold"}


def extreme(value: Any, name: str = "") -> Any:
    """A sample with 50 elements in each list, words of 255 characters, and the largest amounts in dinars."""
    match value:
        case Mapping():
            return {key: extreme(each, key) for key, each in value.items()}
        case list():
            return [extreme(value[0], name)] * 50
    if name in AMOUNTS:
        return "123456789012.345"
    if name in NUMBERS:
        return 1_234_567
    if name == "currency":
        return "KWD"
    is_kept = name in KEPT or name.endswith(("url", "color", "date"))
    return LONG if isinstance(value, str) and not is_kept else value


def documents(variables: Any, **look: Any) -> dict[str, str]:
    """The HTML of each template in each language, with variables made from its sample."""
    made = {}
    for kind in kinds():
        for language in LANGUAGES:
            given = variables({**SHOP, **SAMPLES[kind], "look": {**SHOP["look"], **look}}) | {"language": language}
            made[f"{kind} {language}"] = texts_of(built_in(kind, language), given).html
    assert len(made) == len(SAMPLES) * 3
    return made


@pytest.mark.parametrize(("variables", "width"), [(dict, PHONE), (extreme, PHONE), (extreme, DESK)])
def test_no_template_is_wider_than_the_screen(tmp_path: Path, variables: Any, width: int) -> None:
    seen = pictures(documents(variables), width, tmp_path)
    assert len(seen) == len(SAMPLES) * 3
    assert {title: each for title, each in seen.items() if each.right > width} == {}


@pytest.mark.parametrize(("brand", "is_dark"), [("#1f2937", True), ("#fde047", False), ("#777777", True)])
def test_all_text_can_be_read(tmp_path: Path, brand: str, is_dark: bool) -> None:
    """In the colours of the company and of the recipient's screen, also instead of a logo that is not loaded."""
    look = {"brand_color": brand, "text_color": text_on(brand)}
    shown = {title: html for title, html in documents(dict, **look).items() if title.endswith(" de")}
    seen = pictures(shown, PHONE, tmp_path, is_dark=is_dark)
    assert {title: each for title, each in seen.items() if each.contrast < READABLE} == {}


def test_what_is_too_wide_or_too_pale_is_seen(tmp_path: Path) -> None:
    """The measurements of the tests above, in pages where each fault is there."""
    pages = {
        "word": f"<p>{'x' * 200}</p>",
        "box": "<div style='width: 500px; height: 10px'></div>",
        "picture": "<body style='color: #eee'><img src='https://shop.example.com/logo.png' alt='Shop'>",
        "text": "<div style='background: #eee'><span style='color: #ddd'>Shop</span></div>",
        "good": "<p>Shop</p>",
    }
    seen = pictures(pages, PHONE, tmp_path)
    assert {title for title, each in seen.items() if each.right > PHONE} == {"word", "box"}
    assert {title for title, each in seen.items() if each.contrast < READABLE} == {"picture", "text"}
