"""Telephone numbers as people write them: in one form where it can be told, and none stops a sale for its looks."""

import pytest

from domains.auth.phones import phone_number
from domains.kernel.errors import DomainError


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("(555) 123-4567", "US", "+15551234567"),
        ("(555)\u00a0123-4567", "US", "+15551234567"),
        ("555.123.4567", "US", "+15551234567"),
        ("555\u2013123\u20134567", "US", "+15551234567"),
        ("+1 555 123 4567", "DE", "+15551234567"),
        ("555-123-4567 x12", "US", "+15551234567 x12"),
        ("(555) 123-4567 ext. 12", "US", "+15551234567 x12"),
        ("+1 555 123 4567;ext=12", None, "+15551234567 x12"),
        ("555 1234567 extension 12", "US", "+15551234567 x12"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("030/123456", "DE", "+4930123456"),
        ("0049 30 123456", "DE", "+4930123456"),
        ("+49 (30) 123-456", None, "+4930123456"),
        ("tel:+49-30-123456", None, "+4930123456"),
        ("\uff10\uff13\uff10\u3000\uff11\uff12\uff13\uff14\uff15\uff16", "DE", "+4930123456"),
        ("\u202a+49 30 123456\u202c", None, "+4930123456"),
        ("06 1234567", "IT", "+39061234567"),
        ("044 123 456", "XK", "+38344123456"),
        (" ", "DE", None),
        (None, "DE", None),
    ],
)
def test_a_number_has_one_form(typed: str | None, country: str | None, stored: str | None) -> None:
    assert phone_number(typed, country=country) == stored
    assert phone_number(stored, country=country) == stored


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("(555)\u00a0123-4567", None, "(555) 123-4567"),
        (" 030/123456 ", None, "030/123456"),
        ("0171 1234567", "US", "0171 1234567"),
        ("123-4567", "US", "123-4567"),
        ("1-800-FLOWERS", None, "1-800-FLOWERS"),
        ("030 1234567 or 030 7654321", "DE", "030 1234567 or 030 7654321"),
        ("0612345678 poste 12", "FR", "0612345678 poste 12"),
    ],
)
def test_a_number_in_doubt_stays_as_it_was_typed(typed: str, country: str | None, stored: str) -> None:
    assert phone_number(typed, country=country) == stored


@pytest.mark.parametrize("typed", ["12", "abc", "+", "+49 30 <b>", "0123456789" * 5, "call 12345", "\0", "x" * 41])
def test_what_is_no_telephone_number_is_refused_with_its_path(typed: str) -> None:
    with pytest.raises(DomainError) as refused:
        phone_number(typed, country="DE", path=("input", "phone"))
    assert refused.value.path == ("input", "phone")
