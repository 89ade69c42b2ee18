"""Combining marks: long runs of them cost no time, and texts that people write keep theirs."""

import time
import unicodedata
from collections.abc import Callable

import pytest

from domains.auth import emails
from domains.auth.names import folded
from domains.auth.phones import phone_number
from domains.catalog.folding import fold
from domains.kernel.errors import DomainError
from domains.kernel.marks import MOST, normalized
from domains.kernel.text import TooLong, caseless, normal, optional_text

UNORDERED = "\u0315\u0300"
RUNS = [
    pytest.param("a" + UNORDERED * 50_000, id="marks"),
    pytest.param("\u0f73\u0f75" * 50_000, id="vowels that are taken apart"),
    pytest.param("\uff9e\u0315" * 50_000, id="half-width marks"),
    pytest.param("a" + (UNORDERED * 14 + "\u200b") * 3_000, id="invisible characters between them"),
]


@pytest.mark.parametrize("work", [normal, caseless, fold, folded])
@pytest.mark.parametrize("text", RUNS)
def test_a_hundred_thousand_marks_on_one_letter_cost_no_seconds(work: Callable[[str], str], text: str) -> None:
    """Ten seconds and more each, when all were put in order."""
    started = time.process_time()
    work(text)
    assert time.process_time() - started < 1


def test_marks_beyond_the_thirtieth_are_left_out_and_the_form_is_stable() -> None:
    text = normal("a" + UNORDERED * 40 + "b\u0301")
    assert len(unicodedata.normalize("NFD", text)) == 1 + MOST + 2
    assert normal(text) == text
    tibetan = normal("\u0f40" + "\u0f73" * 40)
    assert normal(tibetan) == tibetan


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("text", ["Café", "किताब", "กระเป๋า", "ﾊﾟﾝ", "a" + "\u0300\u0315" * 15, "שָׁלוֹם" * 20])
def test_what_people_write_has_the_form_of_unicode(form: str, text: str) -> None:
    assert normalized(form, text) == unicodedata.normalize(form, text)  # type: ignore[arg-type]


def test_a_text_far_too_long_is_refused_before_it_is_brought_into_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domains.kernel.text.normal", lambda text: pytest.fail("brought into form"))
    with pytest.raises(TooLong, match="1000000 characters"):
        optional_text("é" * 999_999 + "\u200b", path=("input", "name"), most=255)


@pytest.mark.parametrize("check", [emails.normalised, phone_number])
@pytest.mark.parametrize("text", [*RUNS, pytest.param("1" * 1_000_000, id="digits")])
def test_what_must_be_short_is_refused_before_it_is_looked_at(check: Callable[[str], str], text: str) -> None:
    started = time.process_time()
    with pytest.raises(DomainError, match=r"too long|characters"):
        check(text)
    assert time.process_time() - started < 0.05
