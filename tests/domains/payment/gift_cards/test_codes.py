"""Codes of gift cards: random, found in any spelling, and strong when staff choose them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.values.secret import Secret
from domains.payment.errors import CardNumberRefused
from domains.payment.gift_cards.codes import (
    ALPHABET,
    LENGTH,
    code_hash,
    last_characters,
    new_code,
    normalized_code,
    require_strong,
)
from domains.payment.gift_cards.errors import GiftCardCodeWeak


def test_a_new_code_has_100_random_bits_in_five_groups() -> None:
    code = new_code().reveal()
    assert [len(group) for group in code.split("-")] == [4] * 5
    assert len(ALPHABET) ** LENGTH == 2**100
    assert set(code) <= {*ALPHABET, "-"}
    assert len({new_code().reveal() for _ in range(100)}) == 100


def test_a_code_is_not_printed() -> None:
    code = new_code()
    assert code.reveal() not in f"{code} {code!r}"


@pytest.mark.parametrize(
    "typed",
    [
        "0123-4567-89AB-CDEF-GHJK",
        " 0123 4567 89ab cdef ghjk ",
        "o123_4567.89ab\u2013cdef\u2014ghjk",
        "0I23456789ABCDEFGHJK",
        "ol23456789abcdefghjk",
        "\uff10\uff11\uff12\uff134567\u30fc89AB\u200bCDEFGHJK",
    ],
)
def test_a_code_is_read_in_any_spelling(typed: str) -> None:
    assert normalized_code(typed) == "0123456789ABCDEFGHJK"
    assert last_characters(typed) == "GHJK"


@pytest.mark.parametrize("typed", ["", "-", "1234!", "ÄÖÜ", "0" * 65, "0" * 101, "a\x00b", "\ud800"])
def test_other_texts_are_no_codes(typed: str) -> None:
    assert (normalized_code(typed), code_hash(typed), last_characters(typed)) == (None, None, None)


@given(st.text(max_size=120))
def test_the_normal_form_is_its_own(text: str) -> None:
    form = normalized_code(text)
    assert form is None or normalized_code(form) == form


def test_a_new_code_is_strong_and_in_normal_form() -> None:
    code = new_code()
    assert require_strong(code) == code.reveal().replace("-", "")


@pytest.mark.parametrize(
    "weak", ["SUMMER2026", "AAAA-AAAA-AAAA-AAAA", "1212121212121212121", "", "ABCDEFGH-!!!!-IJKL"]
)
def test_a_code_that_can_be_guessed_is_refused(weak: str) -> None:
    with pytest.raises(GiftCardCodeWeak) as refused:
        require_strong(Secret(weak))
    assert refused.value.field == ("code",)
    assert not weak or weak not in refused.value.message


def test_the_number_of_a_card_is_refused() -> None:
    with pytest.raises(CardNumberRefused):
        require_strong(Secret("4539 5787 6362 1486"))
