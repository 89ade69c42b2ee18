"""Text from outside: what is kept is in one form, bounded and storable; what is not is refused by name."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import (
    NAME_LENGTH,
    Required,
    TooLong,
    casefold_text,
    normalize_key,
    normalize_search,
    normalize_text,
    optional_text,
    require_text,
)

PATH = ("name",)
storable = st.text(st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"]), max_size=NAME_LENGTH // 4)
# What the rules of the form are about, thicker than chance would have it.
awkward = st.text(
    st.sampled_from(
        [
            *"aé漢אक्ᄀ\u115f\u1160\u200b\u200c\u200d\u200e\u00ad\ufe0f\u2800\u3164\u0301 \u00a0❤🏴🔥",
            "\U000e0067",
            "\U000e007f",
        ]
    )
)
visible = st.text(st.sampled_from([*"aB1-_éñ漢字カกหक़ा한 🎁"]), max_size=40)


@given(value=visible)
def test_text_is_normalized_and_stripped(value: str) -> None:
    assert optional_text(value, field=PATH) == (unicodedata.normalize("NFC", value).strip() or None)


@given(value=storable | awkward)
@example(value="A\u00ad\u115f")
@example(value="\u061cA\u200eB")
@example(value="\uac00\u0301\u200b\u094d\u200c")
@example(value="\u2800\u094d\u200d")
def test_accepted_text_is_accepted_again_unchanged(value: str) -> None:
    kept = optional_text(value, field=PATH, max_length=10 * NAME_LENGTH)
    assert optional_text(kept, field=PATH, max_length=10 * NAME_LENGTH) == kept


@given(value=storable | awkward)
def test_normalization_is_idempotent(value: str) -> None:
    assert normalize_key(normalize_key(value)) == normalize_key(value)
    assert casefold_text(casefold_text(value)) == casefold_text(value)
    assert casefold_text(normalize_text(value)) == casefold_text(value)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("E\u0301 1", "\u00c9 1"),
        ("\ufeffCaf\u200b\u00e9\u2060", "Café"),
        ("\u00a0Caf\u00e9\u2003\u2800", "Café"),
        ("Caf\u200d\u00e9", "Café"),
        ("a\x07b\tc", "ab\tc"),
        ("e\u200b\u0301", "é"),
        ("a\u202eb", "ab"),
        ("a\U000e0041b", "ab"),
    ],
)
def test_invisible_characters_are_removed(given_: str, kept: str) -> None:
    assert normalize_text(given_) == kept


@pytest.mark.parametrize(
    "text",
    [
        "نیم\u200cبوت",
        "ന്\u200d",
        "क्\u200dष",
        "👩\u200d👩\u200d👧",
        "❤\ufe0f\u200d🔥",
        "1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "שלום C++\u200e!",
        "Winter\u00adjacke",
    ],
)
def test_invisible_characters_that_scripts_and_emoji_need_are_kept(text: str) -> None:
    assert normalize_text(text) == text


def test_a_key_contains_no_invisible_character() -> None:
    assert normalize_key(" A\u200b-\u00ad1\ufe0f\u200d ") == "A-1"


@pytest.mark.parametrize(
    "other", ["Cafe\u0301", "CAFÉ", "café", " café ", "ca\u200bfé", "\uff23\uff21\uff26\uff25\u0301"]
)
def test_texts_are_compared_without_case_and_unicode_form(other: str) -> None:
    assert casefold_text(other) == casefold_text("Café")


@pytest.mark.parametrize(("one", "other"), [("Rosé", "Rose"), ("ano", "año"), ("a b", "ab")])
def test_accents_and_spaces_are_significant_in_comparisons(one: str, other: str) -> None:
    assert casefold_text(one) != casefold_text(other)


@given(
    before=st.text(max_size=20),
    letter=st.sampled_from(["\x00", "\ud800", "\udbff", "\udfff"]),
    after=st.text(max_size=20),
)
def test_a_character_that_cannot_be_stored_is_refused_at_any_position(before: str, letter: str, after: str) -> None:
    with pytest.raises(InvalidInput, match="not text") as caught:
        optional_text(before + letter + after, field=PATH)
    assert caught.value.field == PATH


@pytest.mark.parametrize(
    "blank",
    [
        "",
        " ",
        "\t\r\n",
        "\u00a0\u2003",
        "\u200b",
        "\u2800",
        "\u3164",
        "\uffa0\u115f",
        "\u00ad",
        "\u200d",
        "\ufe0f",
        "\x07",
    ],
)
def test_text_of_invisible_characters_is_empty(blank: str) -> None:
    assert optional_text(blank, field=PATH) is None
    with pytest.raises(Required, match="`name` must not be empty") as caught:
        require_text(blank, field=PATH)
    assert (caught.value.code, caught.value.field) == ("REQUIRED", PATH)


def test_null_text_stays_null() -> None:
    assert optional_text(None, field=PATH) is None


def test_a_null_or_empty_search_is_no_search() -> None:
    assert [normalize_search(value) for value in (None, "", " ", "\u200b", " a ")] == [None, None, "", "", "a"]


def test_the_maximum_length_applies_after_stripping() -> None:
    assert require_text(" " + "é" * NAME_LENGTH + " ", field=PATH) == "é" * NAME_LENGTH
    with pytest.raises(TooLong, match="has 256 characters; at most 255"):
        require_text("é" * (NAME_LENGTH + 1), field=PATH)


def test_an_error_without_a_path_has_a_complete_message() -> None:
    with pytest.raises(Required, match="The text must not be empty"):
        require_text("", field=())
