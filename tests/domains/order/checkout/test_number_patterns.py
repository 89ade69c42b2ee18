"""Patterns of order numbers: valid ones, and those that would repeat numbers or access Python objects."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.order.checkout.number_patterns import format_number, require_pattern
from domains.order.errors import OrderNumberPatternInvalid

AT = date(2026, 3, 7)
PATTERNS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "{year}-", "A{year}{month}{day}/", "#"]),
    st.sampled_from(["{number}", "{number:01}", "{number:06}", "{number:012}"]),
    st.sampled_from(["", "-{day}", ".x"]),
)


@pytest.mark.parametrize(
    ("pattern", "number", "shown"),
    [
        ("{year}-{number:06}", 42, "2026-000042"),
        ("{number}", 7, "7"),
        ("#{number:03}", 12345, "#12345"),
        ("SO{year}{month}{day}/{number:04}", 1, "SO20260307/0001"),
    ],
)
def test_a_pattern_formats_number_and_date(pattern: str, number: int, shown: str) -> None:
    assert format_number(require_pattern(pattern), number, AT) == shown


@given(pattern=PATTERNS, first=st.integers(1, 10**15), second=st.integers(1, 10**15))
def test_two_numbers_have_different_formatted_numbers(pattern: str, first: int, second: int) -> None:
    require_pattern(pattern)
    assert (format_number(pattern, first, AT) == format_number(pattern, second, AT)) is (first == second)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "{year}",
        "{number}{number}",
        "{number}-{number:06}",
        "{number.__class__}",
        "{number!r}",
        "{number:>10}",
        "{number:099}",
        "{number:6}",
        "{year:04}-{number}",
        "{0}{number}",
        "{{number}}",
        "{number",
        "a b{number}",
        "<b>{number}",
        "é{number}",
        "\n{number}",
        "{number}\x00",
        "x" * 40 + "{number}",
    ],
)
def test_an_invalid_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(OrderNumberPatternInvalid) as caught:
        require_pattern(pattern)
    assert caught.value.field == ("order_number_pattern",)
    assert "{year}-{number:06}" in caught.value.message
