"""Combining marks: long runs are normalized in linear time, and real texts keep their marks."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from domains.auth.emails import addresses
from domains.catalog.search.normalization import normalize
from domains.kernel.errors import DomainError
from domains.kernel.text.names import normalize_for_search
from domains.kernel.text.phone_numbers import phone_number
from domains.kernel.text.unicode_forms import MAX_MARKS, normalized
from domains.kernel.text.validation import TooLong, casefold_text, normalize_text, optional_text

UNORDERED = "\u0315\u0300"
RUNS = [
    pytest.param("a" + UNORDERED * 50_000, id="marks"),
    pytest.param("\u0f73\u0f75" * 50_000, id="vowels that are taken apart"),
    pytest.param("\uff9e\u0315" * 50_000, id="half-width marks"),
    pytest.param("a" + (UNORDERED * 14 + "\u200b") * 3_000, id="invisible characters between them"),
]


@pytest.fixture
def longest_run(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The longest runs of marks that were put in order: each costs the square of its length."""
    lengths: list[int] = []
    normalize = unicodedata.normalize

    def counting(form: Any, text: str) -> str:
        marks = "".join("m" if unicodedata.combining(letter) else " " for letter in normalize("NFD", text[:5_000]))
        lengths.append(max(map(len, re.findall("m+", marks)), default=0))
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", counting)
    return lengths


@pytest.mark.parametrize("work", [normalize_text, casefold_text, normalize, normalize_for_search])
@pytest.mark.parametrize("text", RUNS)
def test_a_hundred_thousand_marks_on_one_letter_are_normalized_in_linear_time(
    work: Callable[[str], str], text: str, longest_run: list[int]
) -> None:
    work(text)
    assert 0 < max(longest_run) <= 2 * MAX_MARKS  # some are two when they are taken apart


def test_marks_beyond_the_thirtieth_are_removed_and_the_result_is_stable() -> None:
    text = normalize_text("a" + UNORDERED * 40 + "b\u0301")
    assert len(unicodedata.normalize("NFD", text)) == 1 + MAX_MARKS + 2
    assert normalize_text(text) == text
    tibetan = normalize_text("\u0f40" + "\u0f73" * 40)
    assert normalize_text(tibetan) == tibetan


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("text", ["Café", "किताब", "กระเป๋า", "ﾊﾟﾝ", "a" + "\u0300\u0315" * 15, "שָׁלוֹם" * 20])
def test_ordinary_text_is_normalized_as_in_unicode(form: str, text: str) -> None:
    assert normalized(form, text) == unicodedata.normalize(form, text)  # type: ignore[arg-type]


def test_a_far_too_long_text_is_refused_before_normalization(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "domains.kernel.text.validation.normalize_text", lambda text: pytest.fail("brought into form")
    )
    with pytest.raises(TooLong, match="1000000 characters"):
        optional_text("é" * 999_999 + "\u200b", field=("name",), max_length=255)


@pytest.mark.parametrize("check", [addresses.normalize_email, phone_number])
@pytest.mark.parametrize("text", [*RUNS, pytest.param("1" * 1_000_000, id="digits")])
def test_short_fields_are_refused_before_normalization(
    check: Callable[[str], str], text: str, longest_run: list[int]
) -> None:
    with pytest.raises(DomainError, match=r"too long|characters"):
        check(text)
    assert max(longest_run, default=0) <= 2 * MAX_MARKS
