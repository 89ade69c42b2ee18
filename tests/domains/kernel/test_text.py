"""Text from outside: what is kept is trimmed, bounded and storable; what is not is refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.errors import ErrorCode, InvalidInput
from domains.kernel.text import NAME_LENGTH, Required, TooLong, optional_text, require_text

PATH = ("input", "name")
storable = st.text(st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"]), max_size=NAME_LENGTH)


@given(value=storable)
def test_storable_text_comes_back_trimmed(value: str) -> None:
    assert optional_text(value, path=PATH) == (value.strip() or None)


@given(value=storable)
def test_text_that_was_accepted_is_accepted_again_unchanged(value: str) -> None:
    kept = optional_text(value, path=PATH)
    assert optional_text(kept, path=PATH) == kept


@given(
    before=st.text(max_size=20),
    letter=st.sampled_from(["\x00", "\ud800", "\udbff", "\udfff"]),
    after=st.text(max_size=20),
)
def test_a_character_that_cannot_be_stored_is_refused_wherever_it_stands(
    before: str, letter: str, after: str
) -> None:
    with pytest.raises(InvalidInput, match="not text") as caught:
        optional_text(before + letter + after, path=PATH)
    assert caught.value.path == PATH


@pytest.mark.parametrize("blank", ["", " ", "\t\r\n", "\u00a0\u2003"])
def test_blank_text_is_nothing(blank: str) -> None:
    assert optional_text(blank, path=PATH) is None
    with pytest.raises(Required, match="`name` must not be empty") as caught:
        require_text(blank, path=PATH)
    assert (caught.value.code, caught.value.path) == (ErrorCode.REQUIRED, PATH)


def test_text_without_a_value_stays_without() -> None:
    assert optional_text(None, path=PATH) is None


def test_the_limit_counts_what_is_left_after_trimming() -> None:
    assert require_text(" " + "é" * NAME_LENGTH + " ", path=PATH) == "é" * NAME_LENGTH
    with pytest.raises(TooLong, match="has 256 characters; at most 255"):
        require_text("é" * (NAME_LENGTH + 1), path=PATH)


def test_a_text_without_a_path_still_gets_a_sentence() -> None:
    with pytest.raises(Required, match="The text must not be empty"):
        require_text("", path=())
