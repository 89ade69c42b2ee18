"""Telephone numbers: normalized where unambiguous, and otherwise stored as typed."""

import pytest

from domains.kernel.errors import DomainError
from domains.kernel.text.phone_numbers import phone_number, search_key, search_keys


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
def test_a_phone_number_is_normalized(typed: str | None, country: str | None, stored: str | None) -> None:
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
def test_an_ambiguous_phone_number_is_stored_as_typed(typed: str, country: str | None, stored: str) -> None:
    assert phone_number(typed, country=country) == stored


@pytest.mark.parametrize("typed", ["12", "abc", "+", "+49 30 <b>", "0123456789" * 5, "call 12345", "\0", "x" * 41])
def test_an_invalid_phone_number_is_refused_with_its_path(typed: str) -> None:
    with pytest.raises(DomainError) as refused:
        phone_number(typed, country="DE", field=("phone",))
    assert refused.value.field == ("phone",)


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        (
            ("0171 1234567", "DE"),
            ["0171 1234567", "0171/12345-67", "+49 171 1234567", "0049 (0)171 1234567", "171 1234567"],
        ),
        (("8 (912) 345-67-89", "RU"), ["89123456789", "+7 912 345 67 89", "912 345-67-89", "45-67-89"]),
        (("06 1 234 5678", "HU"), ["06 1 234 5678", "+36 1 234 5678"]),
        (("06 1234567", "IT"), ["06 1234567", "+39 06 1234567"]),
        (
            ("(555) 123-4567 x12", "US"),
            ["555.123.4567", "1-555-123-4567", "+1 555 123 4567 ext. 99", "(555) 123-4567 x12"],
        ),
        (("030/123456", None), ["030 123456", "+49 30 123456", "30123456"]),
        (("+44 20 7946 0958", None), ["020 7946 0958", "\uff10\uff12\uff10 79460958", "60958"]),
    ],
)
def test_a_phone_number_is_found_in_every_notation(stored: tuple[str, str | None], typed: list[str]) -> None:
    kept = search_keys(phone_number(stored[0], country=stored[1]) or "")
    for text in typed:
        assert is_found(text, kept), text
    assert not is_found("0171 1234568", kept)


@pytest.mark.parametrize(
    "typed", ["", "0958", "000237", "Ann", "Ann 1234567", "ann@example.com", "1" * 30, "1,2,3,4,5"]
)
def test_text_without_a_long_enough_number_yields_no_search_key(typed: str) -> None:
    assert not is_found(typed, search_keys("+442079460958"))
    assert list(search_key(typed)) == []


def is_found(typed: str, kept: list[str]) -> bool:
    return any(
        end.startswith(wanted) if is_beginning else end == wanted
        for wanted, is_beginning in search_key(typed)
        for end in kept
    )


def test_a_phone_without_digits_has_no_search_keys() -> None:
    assert search_keys("") == search_keys("x12") == []
