"""Labels as PDF: 4 by 6 inches, the same bytes each time, whatever the letters of the addresses."""

import re
import zlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.shipping.carriers.requests import LabelRequest, Parcel, ParcelAddress
from domains.shipping.carriers.results import BoughtLabel
from gateway.providers.carriers.label_pdf import label_pdf, latin

ORIGIN = ParcelAddress(country="GB", company="A shop")
PARCEL = Parcel(Decimal("1.25"), Decimal(30), Decimal(20), Decimal("10.5"))


def pdf(number: str = "MOCK0123456789", service: str = "EXPRESS", **destination: Any) -> bytes:
    to = ParcelAddress(**{"country": "DE", "name": "Ada Lovelace", "line_1": "1 Way", **destination})
    request = LabelRequest(new_id(), service, ORIGIN, to, PARCEL, "EUR")
    return label_pdf(request, BoughtLabel(number, Money(Decimal(5), "EUR")))


def drawn(content: bytes) -> str:
    """What the page of a PDF draws."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL)
    return "".join(zlib.decompress(stream).decode("latin-1") for stream in streams)


def test_a_label_shows_addresses_weight_service_number_and_bars() -> None:
    content = pdf(postal_code="10115", city="Berlin")
    assert content.startswith(b"%PDF-")
    assert b"/MediaBox [0 0 288.00 432.00]" in content
    page = drawn(content)
    for text in ("A shop", "Ada Lovelace", "1 Way", "10115 Berlin", "EXPRESS", "1.25 kg", "30 x 20 x 10.5 cm"):
        assert f"({text}" in page or text in page
    assert "(MOCK0123456789)" in page
    # Start, 14 letters and the checksum have three bars each, the stop has four.
    assert len(re.findall(r" re f", page)) == 16 * 3 + 4


def test_the_same_label_is_the_same_bytes() -> None:
    assert pdf() == pdf()
    assert pdf() != pdf(number="MOCK0123456780")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Straße 7, Besançon", "Straße 7, Besançon"),
        ("Łódź", "Lódz"),
        ("Москва", "Moskva"),
        ("東京", "Dong Jing "),
        ("€ 5", "EUR 5"),
        ("😀", "?"),
        ("a\nb\tc", "a b c"),
    ],
)
def test_letters_outside_latin_1_are_transliterated(text: str, shown: str) -> None:
    assert latin(text) == shown
    latin(text).encode("latin-1")


@given(st.text(max_size=300), st.text(max_size=100))
def test_no_text_makes_a_label_fail(name: str, service: str) -> None:
    assert pdf(name=name, city=name, service=service or "S").startswith(b"%PDF-")


@given(st.text(min_size=1, max_size=64))
def test_no_tracking_number_of_a_carrier_makes_a_label_fail(number: str) -> None:
    assert pdf(number=number).startswith(b"%PDF-")
